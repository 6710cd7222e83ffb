# SPDX-License-Identifier: Apache-2.0
"""The options of http.smtp*, each seen by the mail server that mshttpd speaks to; all of them act in running workers."""

import base64
import os
import socket
import ssl
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import jmap  # noqa: E402
from instance import Instance  # noqa: E402

USUAL = {"http.smtphost": "127.0.0.1", "http.smtpauthuser": "", "http.smtpauthpassword": "", "http.smtplmtp": "no",
         "http.smtptls": "no", "http.smtptlsca": ""}


class MailServer:
    """Takes one message over one connection and keeps the commands."""

    def __init__(self, tls: ssl.SSLContext | None = None):
        self.commands: list[str] = []
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        try:
            peer, _ = self._listener.accept()
            peer.settimeout(30)
            with (self._tls.wrap_socket(peer, server_side=True) if self._tls else peer) as peer:
                with peer.makefile("rwb") as file:
                    self._talk(file)
        except OSError:
            pass

    def _talk(self, file) -> None:
        def say(text: str) -> None:
            file.write(text.encode() + b"\r\n")
            file.flush()
        say("220 test")
        for line in file:
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            if verb in ("EHLO", "LHLO"):
                say("250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN")
            elif verb == "DATA":
                say("354 go")
                while file.readline() != b".\r\n":
                    pass
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("235 in" if verb == "AUTH" else "250 ok")


class SmtpOptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = Instance(Path(os.environ["POSTHORN_BIN"]), {"http.webdir": "nowhere"}, ["imap", "http"])
        jmap.prepare_webmail(cls.instance)
        cls.instance.add_users([("anna", "secret")])
        cls.instance.run("msuser", "set", "anna", "mail=anna@test.example")
        cls.instance.start()
        cls.anna = jmap.Client(cls.instance.port("http", False), "anna", "secret")
        cls.drafts = cls.anna.mailboxes()["drafts"]["id"]
        cls.identity = cls.anna.call("Identity/get", {"ids": None})["list"][0]["id"]

    @classmethod
    def tearDownClass(cls):
        cls.instance.stop()

    def send(self, options: dict[str, str], server: MailServer) -> dict:
        """EmailSubmission/set's answer, with these options in force."""
        self.instance.options |= USUAL | {"http.smtpport": str(server.port)} | options
        self.instance.write_config()
        self.instance.refresh()
        mail = {"mailboxIds": {self.drafts: True}, "from": [{"email": "anna@test.example"}],
                "to": [{"email": "bert@test.example"}], "subject": "x",
                "bodyValues": {"1": {"value": "hello"}}, "textBody": [{"partId": "1", "type": "text/plain"}]}
        try:
            return self.anna.request([
                ["Email/set", {"accountId": self.anna.own_account, "create": {"m": mail}}, "e"],
                ["EmailSubmission/set", {"accountId": self.anna.own_account, "create": {
                    "s": {"emailId": "#m", "identityId": self.identity}}}, "s"]])[1][1]
        finally:
            server.close()

    def test_host_and_port(self):
        server = MailServer()
        self.assertIn("s", self.send({"http.smtphost": f"localhost:{server.port}", "http.smtpport": "1"}, server)["created"])
        server = MailServer()
        self.assertIn("s", self.send({}, server)["created"])
        self.assertIn("MAIL FROM:<anna@test.example>", server.commands)

    def test_login(self):
        server = MailServer()
        self.assertIn("s", self.send({"http.smtpauthuser": "web", "http.smtpauthpassword": "a word"}, server)["created"])
        shown = [command for command in server.commands if command.startswith("AUTH PLAIN ")]
        self.assertEqual(base64.b64decode(shown[0].split(" ")[2]), b"\0web\0a word")

    def test_lmtp(self):
        server = MailServer()
        self.assertIn("s", self.send({"http.smtplmtp": "yes"}, server)["created"])
        self.assertTrue(server.commands[0].startswith("LHLO "), server.commands)

    def test_tls_is_required(self):
        server = MailServer()
        refused = self.send({"http.smtptls": "required"}, server)["notCreated"]["s"]
        self.assertEqual(refused["type"], "serverUnavailable")
        self.assertNotIn("MAIL FROM:<anna@test.example>", server.commands)

    def test_tls_from_the_first_byte_by_a_known_authority(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.instance.certificate, self.instance.certificate.with_suffix(".key"))
        server = MailServer(context)
        self.assertEqual(self.send({"http.smtptls": "ssl"}, server)["notCreated"]["s"]["type"], "serverUnavailable")
        server = MailServer(context)
        made = self.send({"http.smtptls": "ssl", "http.smtptlsca": str(self.instance.certificate)}, server)
        self.assertIn("s", made["created"], made)
        self.assertIn("MAIL FROM:<anna@test.example>", server.commands)


if __name__ == "__main__":
    unittest.main(verbosity=2)
