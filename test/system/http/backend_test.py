# SPDX-License-Identifier: Apache-2.0
"""mshttpd's way to our own stores: an account's whole life, whom it believes, turns on few connections, stores that are
away, and the options that say where mail is."""

import threading
import time
import unittest

from probe import Account, Failed, Probe, message
from support import BINARIES, PASSWORD, SOURCE

from instance import Instance, make_certificate  # noqa: E402  (test/support, found by support.py)

assert SOURCE
ADMIN = "proxy"
UNAVAILABLE = "Mail server unavailable. Administrator, check server log for details"
AGAIN = "The mail server does not answer now; try again."


def store(users: list[str], options: dict[str, str] | None = None) -> Instance:
    """An instance with imapd alone."""
    instance = Instance(BINARIES, {"store.admins": ADMIN, "base.proxyadmin": ADMIN, "auth.failuredelay": "0",
                                   **(options or {})}, services=["imap"])
    instance.add_users([(user, PASSWORD) for user in [*users, ADMIN]])
    instance.start()
    return instance


def reaching(instance: Instance, **more: str) -> dict[str, str]:
    """What mshttpd has to be told; `more` has __ for dots."""
    return {"base.proxyadmin": ADMIN, "base.proxyadminpass": PASSWORD,
            "base.proxyimapport": instance.options["imap.port"],
            **{name.replace("__", "."): value for name, value in more.items()}}


class Connections(threading.Thread):
    """The most connections to a port at a time, by the kernel's table."""

    def __init__(self, port: int):
        super().__init__()
        self.most = 0
        self._wanted = f":{port:04X}"
        self._over = threading.Event()

    def run(self) -> None:
        before: set[str] = set()
        while not self._over.is_set():
            now = set()
            for table in ("/proc/net/tcp", "/proc/net/tcp6"):
                with open(table) as lines:
                    for line in lines:
                        words = line.split()
                        if words[1].endswith(self._wanted) and words[3] == "01":
                            now.add(words[2])
            # The table changes while it is read: what stands in it twice in a row was there in between.
            self.most = max(self.most, len(before & now))
            before = now

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.most


class AccountTest(unittest.TestCase):
    """One store, one probe."""

    @classmethod
    def setUpClass(cls):
        cls.instance = store(["anna", "bert"])
        cls.addClassCleanup(cls.instance.stop)
        cls.probe = Probe(reaching(cls.instance), {"anna": "", "bert": ""})
        cls.addClassCleanup(cls.probe.stop)

    def setUp(self):
        self.anna = Account(self.probe, "anna")
        self.inbox = self.anna.boxes()["INBOX"]["id"]

    def test_our_own_server_can_do_everything(self):
        self.assertEqual([name for name, can in self.anna.abilities().items() if not can and name != "binary"], [])
        self.assertNotIn("backend-less", self.probe.log())

    def test_a_message_comes_goes_and_is_told_exactly(self):
        since = self.anna.state()["state"]
        whole = message("alone", "x" * 70 + "\r\n" + "y" * 1_500_000)
        done = self.anna.append([self.inbox], ["\\Seen"], whole)
        self.assertEqual(done["octets"], len(whole))
        got = self.anna.messages([done["id"], "Mnone"])
        self.assertEqual(got["unknown"], ["Mnone"])
        self.assertEqual(got["list"][0]["mailboxIds"], [self.inbox])
        self.assertEqual(got["list"][0]["flags"], ["\\Seen"])
        self.assertIn("Subject: alone", got["list"][0]["subject"])
        self.assertEqual(self.anna.text(done["id"], [], False)["text"], whole)
        changes = self.anna.changes(since)
        self.assertEqual((changes["created"], changes["updated"], changes["destroyed"]), ([done["id"]], [], []))
        before = changes["newState"]
        result = self.anna.update({"id": done["id"], "addFlags": ["$Work"]}, before)
        self.assertEqual((result["outcome"], result["oldState"]), (0, before))
        with self.assertRaises(Failed) as failed:
            self.anna.update({"id": done["id"], "addFlags": ["$Late"]}, before)
        self.assertEqual(failed.exception.code, "conflict")
        self.assertEqual(self.anna.changes(before)["updated"], [done["id"]])
        self.assertEqual(self.anna.update({"id": done["id"], "destroy": True})["outcome"], 1)
        self.assertEqual(self.anna.changes(before)["destroyed"], [done["id"]])

    def test_a_message_keeps_its_id_in_every_mailbox(self):
        box = self.anna.create("Filed/2026")["id"]
        one = self.anna.append([self.inbox, box], [], message("both"))["id"]
        self.assertEqual(sorted(self.anna.messages([one])["list"][0]["mailboxIds"]), sorted([self.inbox, box]))
        self.anna.update({"id": one, "setMailboxes": [box]})
        self.assertEqual(self.anna.messages([one])["list"][0]["mailboxIds"], [box])
        self.assertEqual(self.anna.query(box, "", True)["ids"], [one])
        with self.assertRaises(Failed) as failed:
            self.anna.remove("Filed/2026", False)
        self.assertEqual(failed.exception.code, "conflict")
        self.anna.rename("Filed/2026", "Filed/2027")
        self.assertEqual(self.anna.boxes()["Filed/2027"]["id"], box)
        self.anna.remove("Filed/2027", True)
        self.assertEqual(self.anna.messages([one])["unknown"], [one])

    def test_parts_come_decoded(self):
        one = self.anna.append([self.inbox], [], message("soft", "Gr=C3=BC=C3=9Fe", "quoted-printable"))["id"]
        self.assertEqual(self.anna.text(one, [1], True)["text"].strip(), "Grüße")
        self.assertEqual(self.anna.text(one, [1], False)["text"].strip(), "Gr=C3=BC=C3=9Fe")

    def test_settings_last_with_the_account(self):
        entry = "/private/vendor/posthorn/test"
        self.assertEqual(self.anna.get(entry)["value"], "")
        self.anna.set(entry, '{"name":"Größe"}')
        self.assertEqual(self.anna.get(entry)["value"], '{"name":"Größe"}')
        self.assertEqual(Account(self.probe, "bert").get(entry)["value"], "")

    def test_what_is_shared_is_seen_and_nothing_else(self):
        bert = Account(self.probe, "bert")
        box = bert.create("Common")["id"]
        bert.create("Secret")
        one = bert.append([box], [], message("for anna"))["id"]
        self.assertEqual(Account(self.probe, "anna", "bert").messages([one])["unknown"], [one])
        bert.grant("Common", "anna", "lrs")
        shared = Account(self.probe, "anna", "bert")
        self.assertEqual(list(shared.boxes()), ["Common"])
        self.assertEqual(shared.query(box, "", True)["ids"], [one])
        self.assertEqual(shared.messages([one])["list"][0]["mailboxIds"], [box])
        self.assertEqual(shared.update({"id": one, "destroy": True})["outcome"], 3)
        self.assertEqual(self.probe.ask("shared", "anna"), {"owners": ["bert"]})
        bert.grant("Common", "anna", "")
        self.assertEqual(list(shared.boxes()), [])

    def test_the_store_logs_the_browsers_address(self):
        self.anna.state()
        self.assertIn("192.0.2.77", self.instance.log())


class WayTest(unittest.TestCase):
    """Options and trouble: each test has its own probe, the store is shared."""

    @classmethod
    def setUpClass(cls):
        cls.users = [f"user{number}" for number in range(40)]
        cls.instance = store(["anna", *cls.users])
        cls.addClassCleanup(cls.instance.stop)

    def probe(self, options: dict[str, str], users: dict[str, str] | None = None) -> Probe:
        probe = Probe(options, users or {"anna": ""})
        self.addCleanup(probe.stop)
        return probe

    def fails(self, probe: Probe, user: str = "anna") -> Failed:
        with self.assertRaises(Failed) as failed:
            Account(probe, user).state()
        return failed.exception

    def test_missing_credentials_are_named_in_the_log_alone(self):
        options = reaching(self.instance)
        for missing in ("base.proxyadmin", "base.proxyadminpass"):
            probe = self.probe({name: value for name, value in options.items() if name != missing})
            failed = self.fails(probe)
            self.assertEqual((failed.code, failed.client), ("unavailable", UNAVAILABLE))
            self.assertIn(f"not set are {missing} (or proxy:web.test.example.imapadmin", probe.log())

    def test_a_wrong_password_is_for_the_administrator_to_mend(self):
        probe = self.probe(reaching(self.instance, base__proxyadminpass="wrong word"))
        failed = self.fails(probe)
        self.assertEqual((failed.code, failed.client), ("unavailable", UNAVAILABLE))
        self.assertIn("backend-refuses", probe.log())
        self.assertNotIn("wrong word", probe.log())

    def test_each_host_has_options_of_its_own(self):
        host = "back.test.example"
        options = {"base.proxyadmin": "nobody", "base.proxyadminpass": "nothing", "base.proxyimapport": "1",
                   f"proxy:{host}.imaphost": "127.0.0.1", f"proxy:{host}.imapport": self.instance.options["imap.port"],
                   f"proxy:{host}.imapadmin": ADMIN, f"proxy:{host}.imapadminpass": PASSWORD}
        Account(self.probe(options, {"anna": host}), "anna").boxes()
        self.assertEqual(self.fails(self.probe(options)).client, AGAIN)  # this host has only the others' port
        legacy = {name: value for name, value in options.items() if ".imapadmin" not in name}
        legacy |= {f"local.service.proxy.admin.{host}": ADMIN, f"local.service.proxy.adminpass.{host}": PASSWORD}
        Account(self.probe(legacy, {"anna": host}), "anna").boxes()

    def tls(self, **more: str) -> dict[str, str]:
        return reaching(self.instance, **({
            "base__proxyimapport": self.instance.options["imap.sslport"], "base__proxyimapssl": "yes",
            "base__hostname": self.instance.hostname, "base__proxyimapcafile": str(self.instance.certificate)} | more))

    def test_tls_to_a_store_that_is_trusted(self):
        Account(self.probe(self.tls()), "anna").boxes()
        host = "back.test.example"  # by options of its own, under the name in the certificate
        own = self.tls(base__proxyimapssl="no") | {
            f"proxy:{self.instance.hostname}.imapssl": "yes", f"proxy:{host}.imapssl": "yes",
            f"proxy:{host}.imaphost": "127.0.0.1"}
        probe = self.probe(own, {"anna": "", "bert": host})
        Account(probe, "anna").boxes()
        self.assertEqual(self.fails(probe, "bert").client, AGAIN)
        self.assertIn("hostname mismatch", probe.log())

    def test_a_store_that_is_not_trusted_is_refused(self):
        make_certificate(self.instance.directory, "stranger", self.instance.hostname)
        for file, reason in ((str(self.instance.directory / "stranger.crt"), "self-signed certificate"),
                             ("", "self-signed certificate")):
            probe = self.probe(self.tls() | {"base.proxyimapcafile": file})
            failed = self.fails(probe)
            self.assertEqual((failed.code, failed.client), ("unavailable", AGAIN))
            self.assertIn("its certificate is refused", probe.log())
            self.assertIn(reason, probe.log())

    def test_many_users_take_turns_on_few_connections(self):
        probe = self.probe(reaching(self.instance) | {"http.maxbackendconnections": "5"},
                           {user: "" for user in self.users})
        watch = Connections(int(self.instance.options["imap.port"]))
        watch.start()
        try:
            good = probe.ask("everybody", self.users, 3)["good"]
        finally:
            # Both ends are on this host: the kernel counts each connection of the server's port once.
            most = watch.stop()
        self.assertEqual(good, 120)
        self.assertLessEqual(most, 5)
        self.assertGreaterEqual(most, 2)

    def test_a_store_that_is_away_is_told_at_once_and_comes_back(self):
        probe = self.probe(reaching(self.instance))
        anna = Account(probe, "anna")
        anna.state()
        self.instance.run("stop-msg", "imap")
        try:
            self.assertEqual(self.fails(probe).client, AGAIN)
            began = time.monotonic()
            for _ in range(20):
                self.assertEqual(self.fails(probe).code, "unavailable")
            self.assertLess(time.monotonic() - began, 5)
        finally:
            self.instance.run("start-msg", "imap")
        deadline = time.monotonic() + 30
        while True:
            try:
                anna.state()
                break
            except Failed:
                self.assertLess(time.monotonic(), deadline)
        self.assertEqual((probe.log().count("backend-gone"), probe.log().count("backend-back")), (1, 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
