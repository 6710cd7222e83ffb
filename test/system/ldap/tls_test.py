# SPDX-License-Identifier: Apache-2.0
"""Encrypted LDAP: StartTLS and ldaps with our CA; a wrong name, an expired and a stranger's certificate are refused
before anything is said."""

import contextlib
import sys

import support
from support import GOOD_NAMES, Authority, Slapd, accept, answer, configured, explain, folder, refuse, running, until

with contextlib.ExitStack() as stack:
    place = stack.enter_context(folder())
    ours, strangers = Authority(place, "ours"), Authority(place, "strangers")
    good = ours.issue("good", GOOD_NAMES)
    BAD = {"wrong name": ours.issue("wrong", "DNS:ldap.elsewhere.example"),
           "expired": ours.issue("expired", GOOD_NAMES, expired=True),
           "unknown authority": strangers.issue("foreign", GOOD_NAMES)}
    server, bare = Slapd("schema2", pair=good), Slapd("schema2")
    ways = {}

    def shown(pair) -> None:
        """The server has this certificate, and no connection that was made with another."""
        server.certify(pair)
        server.stop()
        server.start()

    def start_tls() -> None:
        since = server.mark()
        accept(ways["StartTLS"], "anna", "secret-anna", "anna")
        accept(ways["StartTLS"], "anna", "secret-anna", "anna", service="imap")
        assert server.lines("STARTTLS", since) and server.lines("TLS established", since)
        in_clear = [line for line in server.lines(r"BIND dn=.* mech=SIMPLE", since) if " ssf=0" in line]
        assert not in_clear, f"sent in clear: {in_clear}"

    def ldaps() -> None:
        since = server.mark()
        accept(ways["ldaps"], "anna", "secret-anna", "anna")
        accept(ways["ldaps"], "anna", "secret-anna", "anna", service="imap")
        assert not server.lines("STARTTLS", since) and server.lines("TLS established", since)

    def bad_certificates() -> None:
        """Nobody's password goes to such a server, and the log names what is wrong with it."""
        for name, pair in BAD.items():
            shown(pair)
            since = server.mark()
            for way, instance in ways.items():
                for service in ("pop", "imap"):
                    refuse(instance, "anna", "secret-anna", "temporary", service=service)
                assert support.events(instance, 0, "ldap-server-gone"), f"{way}, {name}: the operator is not told"
            assert not server.lines(" BIND | SRCH ", since), f"{name}: {server.lines(' BIND | SRCH ', since)}"

    def recovers_when_the_certificate_is_good() -> None:
        shown(good)
        for instance in ways.values():
            for service in ("pop", "imap"):
                until(lambda i=instance, s=service: support.is_ok(answer(i, "anna", "secret-anna", s)), "a login")

    def each_fault_is_named() -> None:
        """By msconfig explain login, and so by the log: the operator can tell them apart."""
        said = {}
        for name, pair in BAD.items():
            shown(pair)
            with configured([server], base__ugldapstarttls="yes", base__ugldapcafile=str(ours.certificate)) as tools:
                said[name] = explain(tools, "anna", status=75).splitlines()[-1]
        shown(good)
        assert len(set(said.values())) == len(BAD), said
        assert "expired" in said["expired"], said["expired"]
        assert "name" in said["wrong name"] or "127.0.0.1" in said["wrong name"], said["wrong name"]

    def unchecked_when_told_so() -> None:
        shown(BAD["unknown authority"])
        with configured([server], base__ugldapstarttls="yes", base__ldapcheckcert="no",
                        base__ugldapcafile=str(ours.certificate)) as tools:
            explain(tools, "anna", password="secret-anna", status=0)
        shown(good)

    def no_fall_back_to_clear_text() -> None:
        """A server that cannot StartTLS is not spoken to."""
        since = bare.mark()
        with configured([bare], base__ugldapstarttls="yes", base__ugldapcafile=str(ours.certificate)) as tools:
            assert "reason=temporary" in explain(tools, "anna", password="secret-anna", status=75)
        assert not bare.lines(" BIND | SRCH ", since), bare.lines(" BIND | SRCH ", since)

    if __name__ == "__main__":
        stack.enter_context(support.slapds(server, bare))
        authority = {"base.ugldapcafile": str(ours.certificate)}
        ways["StartTLS"] = stack.enter_context(running([server], base__ugldapstarttls="yes", **authority))
        ways["ldaps"] = stack.enter_context(running(
            [server], base__ugldaphost=f"127.0.0.1:{server.tls_port}", base__ugldapusessl="yes", **authority))
        status = support.main(start_tls, ldaps, bad_certificates, recovers_when_the_certificate_is_good,
                              each_fault_is_named, unchecked_when_told_so, no_fall_back_to_clear_text)
        stack.close()
        sys.exit(status)
