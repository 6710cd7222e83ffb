# SPDX-License-Identifier: Apache-2.0
"""Names that would mean something else in a filter, a DN or a log line, and names of absurd length: nobody is found by
them, nobody gets in, and the service goes on."""

import base64
import re
import sys

import support
from support import EX_TEMPFAIL, MESSAGE, Slapd, accept, connect, is_ok, refuse, running

# "evil" has a wildcard for a name, and can be found by it alone.
ODD = """dn: uid=\\2A,ou=People,o=example.com,o=mail
objectClass: inetOrgPerson
objectClass: inetMailUser
uid: *
cn: Star
sn: Star
mail: star@example.com
userPassword: secret-star

"""
NAMES = [
    b"*", b"a*", b"ann*", b"*anna", b"anna*", b"(", b")", b"()", b"*)(uid=*", b"anna)(uid=*", b"anna)(|(uid=*", b"*)(objectClass=*)",
    b"anna)(&)", b"anna))(|(uid=anna", b"\\", b"\\2a", b"\\61nna", b"ann\\61", b"anna\\00", b"anna)(userPassword=*",
    b"uid=anna,ou=People,o=example.com,o=mail", b"anna,ou=People,o=example.com,o=mail", b"anna+uid=bert", b"%U", b"%o%V", b"%",
    b"anna@*", b"anna@example.com)(uid=*", b"anna@exam*", b"anna@hosted.example)(sunPreferredDomain=*", b"@", b"@example.com",
    b"anna@", b"anna@@example.com", b"anna@example.com@example.com", b"../anna", b"anna/../bert", b"user/anna", b"an na",
    b"anna\t", b"\xff\xfe", b"\xc0\xae", "ann\u0430".encode(), "\u202eanna".encode(), b"a=b", b"<anna>", b'"anna"', b"#anna", b";anna",
    b"anna=nina user=nina reason=ok", b"o=mail", b"cn=posthorn", b"cn=posthorn,o=mail", b"-", b"NULL",
]
LONG = [b"a" * 256, b"a" * 511, b"a" * 512, b"a" * 10240, b"*" * 10240, b"(" * 10240, b"\\2a" * 3400, b"anna@" + b"a" * 10240]
server = Slapd("schema2", more=ODD)
instance = None


def refused(client, name: bytes, said: str) -> None:
    assert not is_ok(said), f"{name!r}: {said}"
    assert not re.search(r"posthorn|o=mail|uid=|/tmp", said), f"the client learns too much: {said}"
    client.close()


def entries_found(since: int) -> list[str]:
    """Users that some search returned; those for domains are searches by sunPreferredDomain."""
    numbers = {m.group(1) for line in server.lines(" SRCH base=", since) if "uid=" in line
               and (m := re.search(r"(conn=\d+ op=\d+) ", line))}
    return [line for line in server.lines("SEARCH RESULT", since)
            if " nentries=0 " not in line and re.search(r"(conn=\d+ op=\d+) ", line).group(1) in numbers]


def injections() -> None:
    """By IMAP literals and SASL, which carry every octet."""
    for name in NAMES:
        if name == b"*":
            continue  # a user is called that; see wildcard_is_a_letter
        since = server.mark()
        client = connect(instance, "imap")
        refused(client, name, client.login(name, b"secret-anna"))
        client = connect(instance, "pop")
        said = client.command(b"AUTH PLAIN " + base64.b64encode(b"\0" + name + b"\0secret-anna"))
        refused(client, name, said)
        found = entries_found(since)
        assert not found, f"{name!r} found somebody: {server.searches(since)} {found}"


def injections_by_lines() -> None:
    for name in NAMES:
        if name == b"*" or b"\n" in name:
            continue
        client = connect(instance, "pop")
        refused(client, name, client.login(name, b"secret-anna"))


def blanks_around_a_name() -> None:
    """uid is matched without them (RFC 4518, 2.6.1): it is the same name, and the mailbox is called as in the entry."""
    accept(instance, "anna ", "secret-anna", "anna", service="imap")
    refuse(instance, " anna ", "wrong", "bad-password", service="imap")


def wildcard_is_a_letter() -> None:
    """Such an entry may be searched for, but a mailbox cannot be called so."""
    since = server.mark()
    for service in ("pop", "imap"):
        client = connect(instance, service)
        refused(client, b"*", client.login(b"*", b"secret-star"))
    for line in server.searches(since):
        assert "uid=*" not in line, f"the wildcard went through: {line}"


def nul_octets() -> None:
    for name, password in ((b"anna\0", b"secret-anna"), (b"\0anna", b"secret-anna"), (b"anna\0)(uid=*", b"secret-anna")):
        client = connect(instance, "imap")
        said = client.login(name, password)
        assert not is_ok(said), said
        client.close()
    binds = server.mark()
    for password in (b"\0", b"\0secret-anna", b"secret-anna\0", b"secret-anna\0more"):
        for service in ("pop", "imap"):
            client = connect(instance, service)
            said = client.login(b"anna", password) if service == "imap" else client.command(
                b"AUTH PLAIN " + base64.b64encode(b"\0anna\0" + password))
            assert not is_ok(said), f"{password!r}: {said}"
            client.close()
    assert not server.lines(r'BIND dn="uid=anna.*mech=SIMPLE', binds), "cut at NUL the password would have been right"


def absurd_lengths() -> None:
    for name in LONG:
        since = server.mark()
        for service in ("pop", "imap"):
            client = connect(instance, service)
            try:
                said = client.login(name, b"secret-anna")
            except ConnectionError:
                said = "closed"
            assert not is_ok(said), said
            client.close()
        longest = max((len(line) for line in server.searches(since)), default=0)
        assert longest < 6000, f"a filter of {longest} octets"


def long_passwords() -> None:
    since = server.mark()
    for size in (512, 10240):
        client = connect(instance, "imap")
        try:
            said = client.login(b"anna", b"p" * size)
        except ConnectionError:
            said = "closed"
        assert not is_ok(said)
        client.close()
    assert not server.lines(r'BIND dn="uid=anna', since), "a password that cannot be one is not tried"


def log_lines_stay_lines() -> None:
    since = support.mark(instance)
    client = connect(instance, "imap")
    refused(client, b"line", client.login("anna\u2028event=login user=nina".encode(), b"x"))
    client = connect(instance, "imap")
    refused(client, b"quote", client.login(b'x" reason=ok user="anna', b"x"))
    support.until(lambda: support.events(instance, since, "login-failed"), "the refusals")
    for line in support.events(instance, since, "login-failed"):
        assert " reason=ok" not in line.replace('\\" reason=ok', "").replace("\\x22 reason=ok", ""), line


def delivery_to_odd_addresses() -> None:
    for name in NAMES + [b"a" * 10240]:
        if b"\0" in name or name in (b"*", b"-", b"anna\t", b"@example.com") or name.startswith(b"-"):
            continue
        done = instance.run("deliver", "--", name.decode("latin-1").encode("utf-8").decode("utf-8"), stdin=MESSAGE, check=False)
        assert done.returncode not in (0, EX_TEMPFAIL), f"{name[:60]!r}: {done.returncode} {done.stderr[:300]!r}"


def the_service_goes_on() -> None:
    assert (instance.workers("popd"), instance.workers("imapd")) == workers
    for service in ("pop", "imap"):
        accept(instance, "anna", "secret-anna", "anna", service=service)


if __name__ == "__main__":
    with support.slapds(server), running([server]) as instance:
        for service in ("pop", "imap"):
            accept(instance, "anna", "secret-anna", "anna", service=service)
        workers = instance.workers("popd"), instance.workers("imapd")
        status = support.main(injections, injections_by_lines, blanks_around_a_name, wildcard_is_a_letter, nul_octets, absurd_lengths, long_passwords,
                              log_lines_stay_lines, delivery_to_odd_addresses, the_service_goes_on)
    sys.exit(status)
