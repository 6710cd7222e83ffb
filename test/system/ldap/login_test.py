# SPDX-License-Identifier: Apache-2.0
"""Logins and deliveries with users in a Schema 2 tree: who becomes whom, and what his entry and his domain allow."""

import sys

import support
from support import EX_NOUSER, EX_TEMPFAIL, MESSAGE, Slapd, accept, connect, explain, is_ok, mailboxes, refuse, running

PEOPLE = "ou=People,o=example.com,o=mail"
server = Slapd("schema2")
instance = None


def smallest_login() -> None:
    accept(instance, "anna", "secret-anna", "anna")
    accept(instance, "anna", "secret-anna", "anna", service="imap")
    refuse(instance, "anna", "wrong", "bad-password")
    refuse(instance, "anna", "wrong", "bad-password", service="imap")
    refuse(instance, "nobody", "wrong", "no-such-user")
    refuse(instance, "nobody", "wrong", "no-such-user", service="imap")


def default_domain() -> None:
    """Its users need not say it, and their mailboxes do not have it."""
    accept(instance, "anna@example.com", "secret-anna", "anna")
    accept(instance, "ANNA@Example.COM", "secret-anna", "anna", service="imap")


def hosted_domain() -> None:
    accept(instance, "anna@hosted.example", "secret-hosted", "anna@hosted.example")
    accept(instance, "sven@hosted.example", "secret-sven", "sven@hosted.example", service="imap")
    refuse(instance, "anna@hosted.example", "secret-anna", "bad-password")
    refuse(instance, "sven", "secret-sven", "no-such-user")
    refuse(instance, "anna@nowhere.example", "secret-anna", "no-such-user")


def alias_becomes_canonical_domain() -> None:
    accept(instance, "sven@alias.example", "secret-sven", "sven@hosted.example")
    accept(instance, "anna@example.net", "secret-anna", "anna", service="imap")


def domain_that_two_nodes_claim() -> None:
    refuse(instance, "anton@twice.example", "secret-anton", "ambiguous")
    accept_nobody = explain(instance, "anton@again.example", status=1)
    assert "no-such-user" in accept_nobody, accept_nobody


def index_node_with_base_dn() -> None:
    accept(instance, "zita@moved.example", "secret-zita", "zita@moved.example")


def login_separators() -> None:
    accept(instance, "sven+hosted.example", "secret-sven", "sven@hosted.example")
    accept(instance, "sven+alias.example", "secret-sven", "sven@hosted.example", service="imap")
    refuse(instance, "sven%hosted.example", "secret-sven", "no-such-user")


def uid_mail_telephone_and_employee_number() -> None:
    """A domain's own filter, inetDomainSearchFilter."""
    for name in ("ulla", "ursula.uhl", "555 0102", "5550102", "1002"):
        accept(instance, f"{name}@staff.example", "secret-ulla", "ulla@staff.example")
    accept(instance, "1002+staff.example", "secret-ulla", "ulla@staff.example", service="imap")


def two_entries_that_fit_are_refused() -> None:
    refuse(instance, "555 0103@staff.example", "secret-vera", "ambiguous")
    refuse(instance, "555 0103@staff.example", "secret-willi", "ambiguous", service="imap")
    accept(instance, "vera@staff.example", "secret-vera", "vera@staff.example")


def mail_host() -> None:
    accept(instance, "anna", "secret-anna", "anna")  # mailHost is this host
    accept(instance, "nina", "secret-nina", "nina")  # no mailHost at all
    refuse(instance, "bert", "secret-bert", "wrong-host")
    refuse(instance, "bert", "secret-bert", "wrong-host", service="imap")
    assert instance.run("deliver", "bert", stdin=MESSAGE, check=False).returncode == EX_TEMPFAIL


def user_status() -> None:
    for user, reason in (("carl", "inactive"), ("dora", "on-hold"), ("frida", "deleted"), ("gerd", "disabled"),
                         ("hanna", "deleted"), ("ida", "inactive")):
        refuse(instance, user, f"secret-{user}", reason)
        refuse(instance, user, f"secret-{user}", reason, service="imap")
        refuse(instance, user, "wrong", "bad-password")  # who does not know the password learns nothing
    accept(instance, "emil", "secret-emil", "emil")  # over quota: he must be able to clean up


def status_attributes_in_their_order() -> None:
    dn = f"uid=nina,{PEOPLE}"
    try:
        server.set(dn, "mailUserStatus", "hold")
        refuse(instance, "nina", "secret-nina", "on-hold")
        server.set(dn, "inetUserStatus", "disabled")
        refuse(instance, "nina", "secret-nina", "disabled")
        server.set("o=example.com,o=mail", "mailDomainStatus", "deleted")
        refuse(instance, "nina", "secret-nina", "deleted")
        server.set("o=example.com,o=mail", "inetDomainStatus", "inactive")
        refuse(instance, "nina", "secret-nina", "inactive")
        server.set(dn, "mailUserStatus", "active")
        server.set(dn, "inetUserStatus", "ACTIVE")
        server.set("o=example.com,o=mail", "mailDomainStatus", "overquota")
        server.set("o=example.com,o=mail", "inetDomainStatus")
        accept(instance, "nina", "secret-nina", "nina")
    finally:
        server.set(dn, "mailUserStatus")
        server.set(dn, "inetUserStatus")
        server.set("o=example.com,o=mail", "mailDomainStatus", "active")
        server.set("o=example.com,o=mail", "inetDomainStatus", "active")


def domain_status() -> None:
    refuse(instance, "xaver@closed.example", "secret-xaver", "inactive")
    refuse(instance, "xaver@nomail.example", "secret-xaver", "disabled", service="imap")
    accept(instance, "xaver@full.example", "secret-xaver", "xaver@full.example")


def delivery_by_status() -> None:
    for user, status in (("carl", EX_TEMPFAIL), ("dora", EX_TEMPFAIL), ("frida", EX_NOUSER), ("gerd", EX_NOUSER),
                         ("emil", EX_TEMPFAIL), ("xaver@closed.example", EX_TEMPFAIL), ("xaver@nomail.example", EX_NOUSER),
                         ("nobody@example.com", EX_NOUSER), ("x@nowhere.example", EX_NOUSER)):
        done = instance.run("deliver", user, stdin=MESSAGE, check=False)
        assert done.returncode == status, f"{user}: {done.returncode}, not {status}: {done.stderr.decode()}"


def delivery_by_every_address() -> None:
    for address in ("sven@hosted.example", "sven@alias.example", "SVEN@Hosted.Example"):
        instance.run("deliver", address, stdin=MESSAGE)
    assert mailboxes(instance, "sven@hosted.example")["user/sven@hosted.example/INBOX"]["messages"] == 3
    for address in ("anna@example.com", "anna.ander@example.com", "postmaster@example.com", "anna"):
        instance.run("deliver", address, stdin=MESSAGE)
    assert mailboxes(instance, "anna")["user/anna/INBOX"]["messages"] == 4
    client = connect(instance, "pop")
    assert is_ok(client.login("anna@example.net", "secret-anna"))
    assert "Subject: hello" in client.body(1)
    client.close()


def service_access_by_name() -> None:
    accept(instance, "jan", "secret-jan", "jan")
    refuse(instance, "jan", "secret-jan", "service-denied", service="imap")
    for service in ("pop", "imap"):
        refuse(instance, "lena", "secret-lena", "service-denied", service=service)
        refuse(instance, "mona", "secret-mona", "bad-service-filter", service=service)


def service_access_by_tls() -> None:
    for service in ("pop", "imap"):
        refuse(instance, "karl", "secret-karl", "service-denied", service=service)
        accept(instance, "karl", "secret-karl", "karl", service=service, tls=True)


def service_access_of_the_domain() -> None:
    for service in ("pop", "imap"):
        refuse(instance, "yves@tls.example", "secret-yves", "service-denied", service=service)
        accept(instance, "yves@tls.example", "secret-yves", "yves@tls.example", service=service, tls=True)
    # What the user has takes the place of what the domain has.
    accept(instance, "tina@hosted.example", "secret-tina", "tina@hosted.example", service="imap")
    refuse(instance, "tina@hosted.example", "secret-tina", "service-denied")


def partition_of_the_entry() -> None:
    accept(instance, "nina", "secret-nina", "nina")
    instance.run("deliver", "nina", stdin=MESSAGE)
    archive = instance.directory / "data" / "archive"
    found = [path.name for path in archive.rglob("*") if path.name.startswith("nina")]
    assert found, f"nothing of nina's below the partition archive: {sorted(archive.rglob('*'))[:10]}"


def quota_of_bytes_in_effect() -> None:
    big = MESSAGE + b"x" * 70 * 1024
    done = instance.run("deliver", "otto", stdin=big, check=False)
    assert done.returncode == EX_TEMPFAIL, f"over his 10K: {done.returncode} {done.stderr.decode()}"
    instance.run("deliver", "quentin", stdin=big)  # unlimited
    client = connect(instance, "imap")
    assert is_ok(client.login("otto", "secret-otto"))
    untagged, said = client.command(b"GETQUOTAROOT INBOX")
    client.close()
    assert is_ok(said) and any("STORAGE" in line and line.rstrip(")").endswith(" 10") for line in untagged), untagged


def quota_of_messages_in_effect() -> None:
    for status in (0, 0, EX_TEMPFAIL):
        done = instance.run("deliver", "paul", stdin=MESSAGE, check=False)
        assert done.returncode == status, f"{done.returncode}, not {status}: {done.stderr.decode()}"


def quota_of_the_domain() -> None:
    """For its users who have none of their own."""
    assert "  mailQuota: 52428800\n" in explain(instance, "sven@hosted.example", status=0)
    dn = "uid=sven,ou=People,o=hosted.example,o=mail"
    server.set(dn, "mailQuota", "1G")
    try:
        assert "  mailQuota: 1073741824\n" in explain(instance, "sven@hosted.example", status=0)
    finally:
        server.set(dn, "mailQuota")


def damaged_entries() -> None:
    """What cannot be understood might have been a restriction."""
    dn = f"uid=quentin,{PEOPLE}"
    for attribute, value in (("mailQuota", "lots"), ("mailMsgQuota", "-7")):
        server.set(dn, attribute, value)
        try:
            refuse(instance, "quentin", "secret-quentin", "damaged-entry")
            assert instance.run("deliver", "quentin", stdin=MESSAGE, check=False).returncode == EX_TEMPFAIL
        finally:
            server.set(dn, attribute, "-1")
    accept(instance, "quentin", "secret-quentin", "quentin")


def language_and_display_name() -> None:
    """What the account carries with it; the user's language stands before the domain's."""
    for user, language, name in (("anna", "de", "Anna Ander"), ("anna@hosted.example", "da", "Anna Andersen"),
                                 ("sven@hosted.example", "fr", "Sven Sand")):
        said = explain(instance, user, status=0)
        assert f"  preferredLanguage: {language}\n" in said, said
        assert f"  displayName: {name}\n" in said, said


def account_without_a_password() -> None:
    for service in ("pop", "imap"):
        refuse(instance, "rita", "anything", "bad-password", service=service)


def schema_and_sample_load_as_the_readme_says() -> None:
    """ldapadd into a server that runs, as an operator would."""
    readme = (support.SOURCE / "etc/ldap/README.md").read_text()
    suffix = "".join(line[4:] + "\n" for line in readme[readme.index("    dn: olcDatabase"):].split("\n\n", 1)[0].splitlines())
    plain = Slapd("schema2", bare=True)
    with support.slapds(plain):
        plain.add_folder("mail")
        plain.modify((support.SOURCE / "etc/ldap/posthorn-schema.ldif").read_text(), add=True)
        plain.modify(suffix.replace("/var/lib/ldap/mail", str(plain.directory / "mail")), add=True)
        sample = (support.SOURCE / "etc/ldap/sample-schema2.ldif").read_text()
        plain.modify(sample, add=True, who=("cn=admin,o=mail", "choose-one"))
        with support.configured([plain]) as tools:
            explain(tools, "anna@alias.example", password="secret-hosted", status=0)
            explain(tools, "anna", password="secret-anna", status=0)


def the_search_identity_alone_reads() -> None:
    """Nothing is found by somebody who did not bind: so it was the configured identity that searched."""
    assert f'BIND dn="cn=posthorn,{server.base}"' in server.log()


if __name__ == "__main__":
    with support.slapds(server), running([server], base__loginseparator="@+", **{"partition:archive.path": "archive"}) as instance:
        status = support.main(
            smallest_login, default_domain, hosted_domain, alias_becomes_canonical_domain, domain_that_two_nodes_claim,
            index_node_with_base_dn, login_separators, uid_mail_telephone_and_employee_number,
            two_entries_that_fit_are_refused, mail_host, user_status, status_attributes_in_their_order, domain_status,
            delivery_by_status, delivery_by_every_address, service_access_by_name, service_access_by_tls,
            service_access_of_the_domain, partition_of_the_entry, quota_of_bytes_in_effect, quota_of_messages_in_effect,
            quota_of_the_domain, damaged_entries, language_and_display_name, account_without_a_password,
            schema_and_sample_load_as_the_readme_says, the_search_identity_alone_reads)
    sys.exit(status)
