# SPDX-License-Identifier: Apache-2.0
"""The options of http.smtp*, each seen by the mail server that mshttpd speaks to; all of them act in running workers.
STARTTLS and whom a password is told, what a server offers, and a server that goes in the midst of it."""

import base64
import ssl
import subprocess
import unittest

from mail_server import MailServer
from sending_case import SendingCase


class SmtpOptions(SendingCase):
    def test_host_and_port(self):
        server = self.server()
        self.assertIn("s", self.send({"http.smtphost": f"localhost:{server.port}", "http.smtpport": "1"}, server)["created"])
        server = self.server()
        self.assertIn("s", self.send({}, server)["created"])
        self.assertIn("MAIL FROM:<anna@test.example>", server.commands)

    def test_login(self):
        server = self.server()
        self.assertIn("s", self.send({"http.smtpauthuser": "web", "http.smtpauthpassword": "a word"}, server)["created"])
        shown = [command for command in server.commands if command.startswith("AUTH PLAIN ")]
        self.assertEqual(base64.b64decode(shown[0].split(" ")[2]), b"\0web\0a word")

    def test_lmtp(self):
        server = self.server()
        self.assertIn("s", self.send({"http.smtplmtp": "yes"}, server)["created"])
        self.assertTrue(server.commands[0].startswith("LHLO "), server.commands)

    def test_tls_is_required(self):
        server = self.server()
        refused = self.send({"http.smtptls": "required"}, server)["notCreated"]["s"]
        self.assertEqual(refused["type"], "serverUnavailable")
        self.assertNotIn("MAIL FROM:<anna@test.example>", server.commands)

    def test_tls_from_the_first_byte_by_a_known_authority(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.instance.certificate, self.instance.certificate.with_suffix(".key"))
        server = self.server(context)
        self.assertEqual(self.send({"http.smtptls": "ssl"}, server)["notCreated"]["s"]["type"], "serverUnavailable")
        server = self.server(context)
        made = self.send({"http.smtptls": "ssl", "http.smtptlsca": str(self.instance.certificate)}, server)
        self.assertIn("s", made["created"], made)
        self.assertIn("MAIL FROM:<anna@test.example>", server.commands)

    def context(self, name: str = "") -> ssl.SSLContext:
        """The instance's own certificate, or one for `name` alone."""
        certificate = self.instance.certificate
        if name:
            certificate = certificate.with_name(f"{name}.crt")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "30", "-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate),
                            "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            certificate.chmod(0o644)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return context

    def unsent(self, answer: dict, server: MailServer, kind: str = "serverUnavailable") -> dict:
        """Nothing has gone out, and the draft is what it was."""
        error = answer["notCreated"]["s"]
        self.assertEqual((error["type"], server.messages), (kind, []))
        self.assertFalse(self.told_sent())
        return error

    def test_starttls_with_a_known_authority(self):
        server = self.server(starttls=self.context())
        made = self.send({"http.smtptls": "required", "http.smtptlsca": str(self.instance.certificate),
                          "http.smtpauthuser": "web", "http.smtpauthpassword": "a word"}, server)
        self.assertIn("s", made["created"] or {}, made)
        verbs = [command.split(" ")[0] for command in server.commands]
        self.assertEqual(verbs, ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"])
        self.assertEqual(server.encrypted, server.commands[2:])
        self.assertIn(b"hello", server.messages[0])
        self.assertTrue(self.told_sent())

    def test_starttls_with_an_unknown_authority_or_for_another_name(self):
        for context, trusted in ((self.context(), ""), (self.context("other.example"), "other.example.crt")):
            server = self.server(starttls=context)
            refused = self.send({"http.smtptls": "required", "http.smtptlsca": trusted and str(
                self.instance.certificate.with_name(trusted))}, server)
            self.unsent(refused, server)
            self.assertEqual([command.split(" ")[0] for command in server.commands], ["EHLO", "STARTTLS"])

    def test_starttls_where_it_is_offered_asks_for_no_authority(self):
        server = self.server(starttls=self.context("other.example"))
        self.assertIn("s", self.send({"http.smtptls": "offered"}, server)["created"])
        self.assertIn("MAIL FROM:<anna@test.example>", server.encrypted)
        server = self.server()
        self.assertIn("s", self.send({"http.smtptls": "offered"}, server)["created"])
        self.assertEqual(server.encrypted, [])

    def test_what_is_said_in_front_of_tls_is_not_believed(self):
        server = self.server(starttls=self.context(), behind_220=b"250-test\r\n250 AUTH PLAIN\r\n")
        refused = self.send({"http.smtptls": "required", "http.smtptlsca": str(self.instance.certificate)}, server)
        self.unsent(refused, server)
        self.assertEqual([command.split(" ")[0] for command in server.commands], ["EHLO", "STARTTLS"])

    def test_a_password_is_told_to_this_host_or_to_a_host_that_has_shown_who_it_is(self):
        login = {"http.smtpauthuser": "web", "http.smtpauthpassword": "a word"}
        # A name that is not this host's for all that the server knows.
        for options, context in (({}, None), ({"http.smtptls": "offered"}, None),
                                 ({"http.smtptls": "offered"}, self.context())):
            server = self.server(starttls=context)
            refused = self.send({"http.smtphost": "LOCALHOST", **login, **options}, server)
            self.unsent(refused, server)
            self.assertFalse([command for command in server.commands if command.startswith("AUTH")], server.commands)
        server = self.server(starttls=self.context())
        made = self.send({"http.smtphost": "LOCALHOST", "http.smtptls": "offered", **login,
                          "http.smtptlsca": str(self.instance.certificate)}, server)
        self.assertIn("s", made["created"] or {}, made)
        self.assertTrue([command for command in server.encrypted if command.startswith("AUTH PLAIN ")])

    def test_a_server_that_goes_before_it_confirms(self):
        server = self.server(says={".": None})
        error = self.send({}, server)["notCreated"]["s"]
        self.assertEqual((error["type"], len(server.messages)), ("serverFail", 1))
        self.assertIn("may have gone out", error["description"])
        self.assertFalse(self.told_sent())
        server = self.server(says={"DATA": None})
        self.assertIn("not sent", self.unsent(self.send({}, server), server)["description"])

    def test_what_the_server_says_of_the_message(self):
        for says, kind in (({"MAIL": "550 5.7.1 not you"}, "forbiddenMailFrom"),
                           ({"MAIL": "451 later"}, "serverUnavailable"), ({"RCPT": "550-5.1.1 no\n550 5.1.1 such user"}, "invalidRecipients"),
                           ({"RCPT": "450 later"}, "serverUnavailable"), ({"DATA": "250 what"}, "serverUnavailable"),
                           ({"DATA": "554 no"}, "forbiddenToSend"), ({"DATA": "451 no"}, "serverUnavailable")):
            with self.subTest(says=says):
                server = self.server(says=says)
                self.unsent(self.send({}, server), server, kind)
        for reply, kind in (("554 5.7.1 spam", "forbiddenToSend"), ("451 4.3.0 full", "serverUnavailable")):
            error = self.send({}, self.server(says={".": reply}))["notCreated"]["s"]
            self.assertEqual(error["type"], kind)
            self.assertIn(reply, error["description"])

    def test_a_message_too_large_for_the_server(self):
        server = self.server(offers=("SIZE 100",))
        self.assertEqual(self.unsent(self.send({}, server), server, "tooLarge")["maxSize"], 100)

    def test_delivery_status_notifications_go_where_they_are_offered(self):
        envelope = {"mailFrom": {"email": "anna@test.example", "parameters": {"RET": "hdrs", "ENVID": "a+b"}},
                    "rcptTo": [{"email": "bert@test.example", "parameters": {"NOTIFY": "SUCCESS,DELAY"}}]}
        server = self.server(offers=("DSN",))
        made = self.send({}, server, envelope=envelope)["created"]["s"]
        self.assertIn("MAIL FROM:<anna@test.example> RET=HDRS ENVID=a+2Bb", server.commands)
        self.assertIn("RCPT TO:<bert@test.example> NOTIFY=SUCCESS,DELAY", server.commands)
        got = self.anna.call("EmailSubmission/get", {"ids": [made["id"]]})["list"][0]["envelope"]
        self.assertEqual(got["mailFrom"]["parameters"], {"RET": "HDRS", "ENVID": "a+b"})
        server = self.server(offers=())
        error = self.unsent(self.send({}, server, envelope=envelope), server, "invalidProperties")
        self.assertEqual(error["properties"], ["envelope"])
        server = self.server()
        try:
            for parameters in ({"SIZE": "1"}, {"BODY": "8BITMIME"}, {"SMTPUTF8": None}, {"HOLDFOR": "60"},
                               {"NOTIFY": "NEVER"}):
                refused = self.send({}, server, envelope={**envelope, "mailFrom": {
                    "email": "anna@test.example", "parameters": parameters}})["notCreated"]["s"]
                self.assertEqual((refused["type"], refused["properties"]), ("invalidProperties", ["envelope"]))
        finally:
            self.assertEqual(server.commands, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
