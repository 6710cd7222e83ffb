# SPDX-License-Identifier: Apache-2.0
"""msconfig explain login: the pipeline told step by step, with a refusal at every step, for users in LDAP and in a
file; what it says is what a login then gets."""

import base64
import re
import sys

import support
from support import CLASSES, Instance, Slapd, answer, explain, is_ok, running

LET_IN, REFUSED, UNKNOWN, USAGE = 0, 1, 75, 64
server = Slapd("schema2")
ldap = files = None


def steps(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith(" ") and not line.startswith("verdict")]


def has(text: str, *parts: str) -> None:
    for part in parts:
        assert part in text, f"{part!r} is missing:\n{text}"


def verdict(text: str) -> str:
    last = text.splitlines()[-1]
    assert last.startswith("verdict: "), text
    return m.group(1) if (m := re.search(r" reason=([a-z-]+)", last)) else last.removeprefix("verdict: ")


def agrees(instance: Instance, user: str, password: str, expected: str, service: str = "pop", tls: bool = False) -> str:
    """explain with the password, explain without, and the login itself: one judgement."""
    words = ["--tls"] if tls else []
    status = LET_IN if expected not in CLASSES else REFUSED
    with_password = explain(instance, user, *words, service=service, password=password, status=status)
    assert verdict(with_password) == expected, with_password
    said = answer(instance, user, password, service, tls)
    assert is_ok(said) == (status == LET_IN), f"{user}: explained as {expected}, but a client reads {said}"
    if expected != "bad-password":
        without = explain(instance, user, *words, service=service)
        assert verdict(without).startswith(expected), without
    return with_password


def whole_way_in_ldap() -> None:
    said = agrees(ldap, "anna@alias.example", "secret-hosted", "let in as anna@hosted.example", tls=True)
    assert steps(said) == ["connection", "name", "domain", "search", "entry", "password", "status", "host", "service", "account"], said
    has(said, "  service: pop over TLS", "  from: 192.0.2.1", "  typed: anna@alias.example", "  user: anna\n",
        "  domain: alias.example", "  base: o=mail\n", "sunPreferredDomain=alias.example", "  entry: o=hosted.example,o=mail",
        "  canonical name: hosted.example", "  base: o=hosted.example,o=mail", "(uid=anna)", f"127.0.0.1:{server.port}",
        "  dn: uid=anna,ou=People,o=hosted.example,o=mail", "  mailDomainStatus: active", "  deciding: active",
        "  this host: mail.example.com", "mailDomainAllowedServiceAccess: +imap,pop,http:*", "  mailbox: user/anna@hosted.example/INBOX",
        "  preferredLanguage: da")
    assert "secret" not in said, "no password is shown"


def whole_way_in_a_file() -> None:
    said = agrees(files, "anna", "secret-anna", "let in as anna")
    assert steps(said) == ["connection", "name", "entry", "password", "status", "host", "service", "account"], said
    has(said, "  domain (the default one): example.com", "  account: anna", "  mailQuota: 104857600", "rules: none")
    assert "$5$" not in said, "no hash is shown"


def without_a_password() -> None:
    for instance in (ldap, files):
        said = explain(instance, "anna", status=LET_IN)
        has(said, "left out", "verdict: let in as anna, if the password is right")


def refused_by_the_connection() -> None:
    for instance in (ldap, files):
        before = instance.options.get("imap.plaintextmincipher")
        instance.options["imap.plaintextmincipher"] = "128"
        instance.write_config()
        try:
            said = explain(instance, "anna", service="imap", status=REFUSED)
            assert verdict(said) == "mechanism-denied", said
            explain(instance, "anna", "--tls", service="imap", status=LET_IN)
            explain(instance, "anna", service="imaps", status=LET_IN)
        finally:
            instance.options["imap.plaintextmincipher"] = before or "0"
            instance.write_config()


def refused_by_the_name() -> None:
    for instance in (ldap, files):
        assert verdict(explain(instance, "an\x01na", status=REFUSED)) == "bad-name"
        agrees(instance, "nobody", "x", "no-such-user")


def refused_by_the_domain() -> None:
    agrees(ldap, "anna@nowhere.example", "x", "no-such-user")
    has(agrees(ldap, "anton@twice.example", "x", "ambiguous"), "sunPreferredDomain=twice.example")


def refused_by_the_search() -> None:
    said = agrees(ldap, "555 0103@staff.example", "secret-vera", "ambiguous")
    has(said, "  inetDomainSearchFilter: ", "(telephoneNumber=555 0103)")


def refused_by_the_password() -> None:
    has(agrees(ldap, "anna", "wrong", "bad-password"), "  bind as: uid=anna,ou=People,o=example.com,o=mail")
    agrees(files, "anna", "wrong", "bad-password")


def refused_by_the_status() -> None:
    has(agrees(ldap, "dora", "secret-dora", "on-hold"), "  mailUserStatus: hold", "  deciding: hold")
    has(agrees(ldap, "xaver@nomail.example", "secret-xaver", "disabled"), "  mailDomainStatus: disabled")
    has(agrees(files, "dora", "secret-dora", "on-hold"), "  mailUserStatus: hold")


def refused_by_the_host() -> None:
    has(agrees(ldap, "bert", "secret-bert", "wrong-host"), "  mailHost: store2.example.com", "  this host: mail.example.com")
    has(agrees(files, "bert", "secret-bert", "wrong-host"), "  mailHost: store2.example.com")


def refused_by_the_service() -> None:
    has(agrees(ldap, "karl", "secret-karl", "service-denied"), "  mailAllowedServiceAccess: +imaps,pops:*")
    agrees(ldap, "karl", "secret-karl", "let in as karl", tls=True)
    has(agrees(ldap, "yves@tls.example", "secret-yves", "service-denied"), "mailDomainAllowedServiceAccess")
    has(agrees(ldap, "tina@hosted.example", "secret-tina", "service-denied"), "passed over: the user has his own")
    agrees(ldap, "mona", "secret-mona", "bad-service-filter")
    agrees(files, "jan", "secret-jan", "service-denied", service="imap")


def directory_that_does_not_answer() -> None:
    server.stop()
    try:
        assert verdict(explain(ldap, "anna", status=UNKNOWN)) == "temporary"
    finally:
        server.start()
    users = files.directory / "data" / "users"
    users.rename(users.with_suffix(".away"))
    try:
        assert verdict(explain(files, "anna", status=UNKNOWN)) == "temporary"
    finally:
        users.with_suffix(".away").rename(users)


def limits_and_throttle_are_told() -> None:
    said = explain(ldap, "anna", status=LET_IN)
    has(said, "  throttle: none: auth.failuredelay is 0", "pop.connlimits: no row fits", "  cache: not asked here", "maxsessions")
    ldap.options |= {"auth.failuredelay": "2s", "pop.connlimits": "192.0.2.0/24:7 0.0.0.0/0:20", "base.trustedproxies": "192.0.2.1"}
    ldap.write_config()
    has(explain(ldap, "anna", status=LET_IN), "at most 7 at a time", "one of base.trustedproxies")
    ldap.options |= {"base.trustedproxies": "192.0.2.9"}
    ldap.write_config()
    has(explain(ldap, "anna", status=LET_IN), "after wrong passwords 2 s, doubling to 15 s")


def hostile_values_stay_on_their_line() -> None:
    """The directory's contents cannot forge a verdict or steer the terminal."""
    dn = "uid=quentin,ou=People,o=example.com,o=mail"
    server.modify(f"dn: {dn}\nchangetype: modify\nreplace: displayName\ndisplayName:: "
                  + base64.b64encode("Q\nverdict: let in as root\x1b[2J".encode()).decode() + "\n")
    said = explain(ldap, "quentin", status=LET_IN)
    assert len([line for line in said.splitlines() if line.startswith("verdict")]) == 1 and "\x1b" not in said, said


def in_the_shell() -> None:
    """With the edits that are not written yet; and root is root again behind it, so that they can be written."""
    ask = "explain login bert --from ::1 --service pop\n"
    done = ldap.run("msconfig", stdin=f"{ask}set base.hostname store2.example.com\n{ask}set base.hostname mail.example.com\n"
                    "set pop.idletimeout 20\nwrite\nexit\n".encode(), check=False)
    verdicts = [line for line in done.stdout.decode().splitlines() if line.startswith("verdict")]
    assert len(verdicts) == 2 and "wrong-host" in verdicts[0] and "let in as bert" in verdicts[1], verdicts
    assert ldap.run("msconfig", "get", "pop.idletimeout").stdout.split() == [b"20m"]


def wrong_usage() -> None:
    for words in ((), ("anna",), ("anna", "--from", "192.0.2.1"), ("anna", "--from", "x", "--service", "pop"),
                  ("anna", "--from", "192.0.2.1", "--service", "gopher"), ("anna", "b", "--from", "::1", "--service", "pop"),
                  ("anna", "--from", "::1", "--service", "pop", "--password", "x")):
        done = ldap.run("msconfig", "explain", "login", *words, check=False)
        assert done.returncode == USAGE and done.stderr and not done.stdout, f"{words}: {done}"
    done = ldap.run("msconfig", "explain", "login", "anna", "--from", "::1", "--service", "pop", "--password-from-stdin", check=False)
    assert done.returncode == USAGE, "no password came"


if __name__ == "__main__":
    in_a_file = {"auth.directory": "file", "base.hostname": "mail.example.com", "base.defaultdomain": "example.com",
                 "auth.failuredelay": "0"}
    with support.slapds(server), running([server]) as ldap, running([server], services=("pop", "imap"), **in_a_file) as files:
        files.add_users([(user, f"secret-{user}") for user in ("anna", "bert", "dora", "jan")])
        for user, change in (("anna", "quota=100M"), ("bert", "host=store2.example.com"), ("dora", "status=hold"),
                             ("jan", "services=pop")):
            files.run("msuser", "set", user, change)
        status = support.main(
            whole_way_in_ldap, whole_way_in_a_file, without_a_password, refused_by_the_connection, refused_by_the_name,
            refused_by_the_domain, refused_by_the_search, refused_by_the_password, refused_by_the_status, refused_by_the_host,
            refused_by_the_service, directory_that_does_not_answer, limits_and_throttle_are_told,
            hostile_values_stay_on_their_line, in_the_shell, wrong_usage)
    sys.exit(status)
