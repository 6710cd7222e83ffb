# SPDX-License-Identifier: Apache-2.0
"""Bodies octet for octet through curl, poplib, mpop and fetchmail: in clear, by STLS and on the TLS port."""

import os
import poplib
import ssl
import subprocess
import unittest

from support import PASSWORD, as_sent, family, main, need, varied_messages

USERS = ["reader", "mpopper", "fetcher", "leaver"]


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = family(USERS)
        cls.addClassCleanup(cls.instance.stop)
        cls.messages = varied_messages()
        for user in USERS:
            for text in cls.messages:
                cls.instance.deliver(user, text)
        cls.expected = {user: [as_sent(user, text) for text in cls.messages] for user in USERS}

    def curl(self, url: str, *options: str) -> bytes:
        done = subprocess.run(
            [need("curl"), "-sS", "--max-time", "60", "--cacert", str(self.instance.certificate),
             "-u", f"reader:{PASSWORD}", *options, url],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def check_curl(self, scheme: str, port: int, *options: str):
        base = f"{scheme}://127.0.0.1:{port}/"
        self.assertEqual(len(self.curl(base, *options).splitlines()), len(self.messages))
        for number, text in enumerate(self.expected["reader"], 1):
            self.assertEqual(self.curl(f"{base}{number}", *options), text, f"message {number}")

    def test_curl_in_clear(self):
        self.check_curl("pop3", self.instance.port("pop", False), "-4")

    def test_curl_stls(self):
        self.check_curl("pop3", self.instance.port("pop", False), "-4", "--ssl-reqd")

    def test_curl_tls(self):
        self.check_curl("pop3s", self.instance.port("pop", True), "-4")

    def check_poplib(self, client: poplib.POP3):
        poplib._MAXLINE = 1 << 20  # its own limit of 2048 is below what mail may have
        capabilities = client.capa()
        self.assertIn("UIDL", capabilities)
        client.user("reader")
        client.pass_(PASSWORD)
        self.assertIn("IMPLEMENTATION", client.capa())
        count, octets = client.stat()
        self.assertEqual(count, len(self.messages))
        self.assertEqual(octets, sum(len(text) for text in self.expected["reader"]))
        self.assertEqual(len(client.list()[1]), count)
        uids = [line.split()[1] for line in client.uidl()[1]]
        self.assertEqual(len(set(uids)), count)
        self.assertEqual(client.uidl(2).split()[2], uids[1])
        self.assertTrue(client.list(1).startswith(b"+OK 1 "))
        self.assertIn(b"Subject: plain", client.top(1, 0)[1])
        for number, text in enumerate(self.expected["reader"], 1):
            got = b"".join(line + b"\r\n" for line in client.retr(number)[1])
            self.assertEqual(got, text, f"message {number}")
        client.dele(1)
        self.assertEqual(client.stat()[0], count - 1)
        client.rset()
        self.assertEqual(client.stat()[0], count)
        client.noop()
        client.quit()

    def test_poplib_in_clear(self):
        self.check_poplib(poplib.POP3("127.0.0.1", self.instance.port("pop", False), timeout=60))

    def test_poplib_utf8_and_stls(self):
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        client = poplib.POP3("127.0.0.1", self.instance.port("pop", False), timeout=60)
        client.stls(context)
        client.utf8()
        self.check_poplib(client)

    def test_poplib_tls(self):
        context = ssl.create_default_context(cafile=str(self.instance.certificate))
        self.check_poplib(poplib.POP3_SSL("127.0.0.1", self.instance.port("pop", True), timeout=60, context=context))


    def test_mpop_takes_all_and_deletes(self):
        folder = self.instance.directory / "mpop"
        maildir = folder / "mail"
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True)
        config = folder / "mpoprc"
        config.write_text(
            f"account default\nhost 127.0.0.1\nport {self.instance.port('pop', True)}\nuser mpopper\n"
            f"password \"{PASSWORD}\"\ntls on\ntls_starttls off\ntls_trust_file {self.instance.certificate}\n"
            f"uidls_file {folder}/uidls\nkeep off\nreceived_header off\ndelivery maildir {maildir}\n")
        config.chmod(0o600)
        done = subprocess.run([need("mpop"), "-C", str(config), "-q"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, timeout=120,
                              env=dict(os.environ, HOME=str(folder)))
        self.assertEqual(done.returncode, 0, done.stderr)
        got = sorted((maildir / "new" / name).read_bytes() for name in os.listdir(maildir / "new"))
        # A maildir has lines of the machine; mpop drops the CR of every CRLF.
        wanted = sorted(text.replace(b"\r\n", b"\n") for text in self.expected["mpopper"])
        self.assertEqual([len(t) for t in got], [len(t) for t in wanted])
        self.assertEqual(got, wanted)
        client = poplib.POP3("127.0.0.1", self.instance.port("pop", False), timeout=60)
        client.user("mpopper")
        client.pass_(PASSWORD)
        self.assertEqual(client.stat(), (0, 0))
        client.quit()

    def test_fetchmail_takes_all_over_stls(self):
        folder = self.instance.directory / "fetchmail"
        folder.mkdir()
        got = folder / "got"
        config = folder / "fetchmailrc"
        config.write_text(
            f"poll 127.0.0.1 protocol pop3 port {self.instance.port('pop', False)} uidl\n"
            f"  user fetcher password \"{PASSWORD}\" sslproto \"auto\" sslcertck sslcommonname localhost\n"
            f"  sslcertfile {self.instance.certificate}\n"
            f"  keep no rewrite mda \"cat >> {got}\"\n")
        config.chmod(0o600)
        done = subprocess.run([need("fetchmail"), "-f", str(config), "--nosyslog", "--invisible", "-i", str(folder / "ids"),
                               "--pidfile", str(folder / "pid")], stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, timeout=120, env=dict(os.environ, HOME=str(folder), FETCHMAILHOME=str(folder)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        text = got.read_bytes()
        for subject in (b"plain", b"dots", b"eight bit", b"long line", b"30 MB"):
            self.assertIn(b"Subject: " + subject, text)
        self.assertIn(b"\n.dot\n", text)


if __name__ == "__main__":
    main()
