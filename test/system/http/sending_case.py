# SPDX-License-Identifier: Apache-2.0
"""A family that sends to a mail server of the test."""

import os
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import jmap  # noqa: E402
from instance import Instance  # noqa: E402
from mail_server import MailServer  # noqa: E402

USUAL = {"http.smtphost": "127.0.0.1", "http.smtpauthuser": "", "http.smtpauthpassword": "", "http.smtplmtp": "no",
         "http.smtptls": "no", "http.smtptlsca": ""}


class SendingCase(unittest.TestCase):
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
        cls.listener = socket.create_server(("127.0.0.1", 0))

    @classmethod
    def tearDownClass(cls):
        cls.listener.close()
        cls.instance.stop()

    def server(self, *arguments, **more) -> MailServer:
        return MailServer(*arguments, listener=self.listener, **more)

    def use(self, options: dict[str, str], server: MailServer) -> None:
        """Puts these options in force."""
        wanted = USUAL | {"http.smtpport": str(server.port)} | options
        if not wanted.items() <= self.instance.options.items():
            self.instance.options |= wanted
            self.instance.write_config()
            self.instance.refresh()

    def send(self, options: dict[str, str], server: MailServer, **more) -> dict:
        """EmailSubmission/set's answer to one draft, with these options in force; `more` goes into the submission."""
        self.use(options, server)
        try:
            answers = self.anna.request([
                ["Email/set", {"accountId": self.anna.own_account, "create": {"m": self.mail()}}, "e"],
                ["EmailSubmission/set", {"accountId": self.anna.own_account, "create": {
                    "s": {"emailId": "#m", "identityId": self.identity, **more}},
                    "onSuccessUpdateEmail": {"#s": {"keywords/sent": True}}}, "s"]])
            self.draft = answers[0][1]["created"]["m"]["id"]
            return answers[1][1]
        finally:
            server.close()

    def mail(self, **more) -> dict:
        return {"mailboxIds": {self.drafts: True}, "from": [{"email": "anna@test.example"}],
                "to": [{"email": "bert@test.example"}], "subject": "x", "bodyValues": {"1": {"value": "hello"}},
                "textBody": [{"partId": "1", "type": "text/plain"}], **more}

    def told_sent(self) -> bool:
        """Whether the last draft was changed as it is when it has gone out."""
        got = self.anna.call("Email/get", {"ids": [self.draft], "properties": ["keywords", "mailboxIds"]})["list"][0]
        self.assertEqual(got["mailboxIds"], {self.drafts: True})
        return "sent" in got["keywords"]
