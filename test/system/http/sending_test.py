# SPDX-License-Identifier: Apache-2.0
"""Mail composed by JMAP goes through a real Postfix, which delivers it back by LMTP: what arrives is what was written,
and who waits for it hears of it at once. What the MTA refuses, and an MTA that is gone, is told."""

import contextlib
import datetime
import email
import email.policy
import os
import random
import sys
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ["POSTHORN_SOURCE"])
sys.path.insert(0, str(SOURCE / "test" / "support"))
sys.path.insert(0, str(SOURCE / "test" / "system" / "lmtp"))

import jmap  # noqa: E402  (found by the lines above)
import postfix  # noqa: E402
from instance import Instance  # noqa: E402
from ports import free_port  # noqa: E402

DOMAIN = "test.example"
PASSWORD = "secret"
USERS = ["anna", "bert", "carl"]


class Sending(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        smtp = free_port()
        # The second host is Postfix; at the first one nobody is.
        cls.instance = Instance(Path(os.environ["POSTHORN_BIN"]), {
            "auth.failuredelay": "0", "http.smtphost": f"127.0.0.1:{smtp},127.0.0.1", "http.webdir": "nowhere",
            "http.maxmessagesize": "2M", "log.level": "Information"}, services=["lmtp", "imap", "http", "ens"])
        cls.stack.callback(cls.instance.stop)
        cls.postfix = postfix.Postfix(f"inet:127.0.0.1:{cls.instance.port('lmtp', False)}", DOMAIN)
        cls.stack.callback(cls.postfix.close)
        jmap.prepare_webmail(cls.instance, {"http.smtpport": str(cls.postfix.port)})
        cls.instance.add_users([(user, PASSWORD) for user in [*USERS, "dora"]])
        for user in USERS:
            cls.instance.run("msuser", "set", user, f"mail={user}@{DOMAIN}", f"name={user.title()} Example")
        cls.instance.start()
        cls.postfix.start()
        cls.anna, cls.bert = (jmap.Client(cls.instance.port("http", False), user, PASSWORD) for user in ("anna", "bert"))
        cls.boxes = {}
        for name, role in (("Drafts", "drafts"), ("Sent", "sent")):
            made = cls.anna.call("Mailbox/set", {"create": {"m": {"name": name, "role": role}}})
            cls.boxes[role] = (cls.anna.mailboxes().get(role) or {"id": (made["created"] or {}).get("m", {}).get("id")})["id"]
        cls.identity = cls.anna.call("Identity/get", {"ids": None})["list"][0]["id"]

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def draft(self, users: list[str], subject: str, **more) -> str:
        made = self.anna.call("Email/set", {"create": {"d": {
            "mailboxIds": {self.boxes["drafts"]: True}, "keywords": {"$draft": True},
            "from": [{"name": "Änna", "email": f"anna@{DOMAIN}"}],
            "to": [{"email": f"{user}@{DOMAIN}"} for user in users], "subject": subject,
            "textBody": [{"partId": "1", "type": "text/plain"}], "bodyValues": {"1": {"value": "Grüße\n\n.\nFrom me\n"}}} | more}})
        self.assertIn("d", made["created"] or {}, made)
        return made["created"]["d"]["id"]

    def submit(self, draft: str, **more) -> list:
        return self.anna.request([["EmailSubmission/set", {
            "accountId": self.anna.own_account, "create": {"s": {"identityId": self.identity, "emailId": draft, **more}},
            "onSuccessUpdateEmail": {"#s": {"mailboxIds": {self.boxes["sent"]: True}, "keywords/$draft": None}}}, "s"]])

    def arrived(self, client: jmap.Client, subject: str) -> email.message.EmailMessage:
        inbox = client.mailboxes()["inbox"]["id"]
        found = client.wait_for_email(inbox, lambda one: one["subject"] == subject, 60)
        raw = client.download(found["blobId"], "m.eml", "message/rfc822")
        for line in raw.split(b"\r\n"):
            self.assertLessEqual(len(line), 998)
            self.assertNotIn(b"\n", line)
        return email.message_from_bytes(raw, policy=email.policy.default)

    def delivered(self, user: str) -> float:
        """When the service says that it has put the last message into the mailbox."""
        lines = [line for line in self.instance.log().splitlines() if " event=delivered " in line and f" user={user} " in line]
        return datetime.datetime.fromisoformat(lines[-1].split("time=")[1].split(" ")[0]).timestamp()

    def place(self, draft: str) -> dict:
        return self.anna.call("Email/get", {"ids": [draft], "properties": ["mailboxIds", "keywords"]})["list"][0]

    def test_an_attachment_arrives_as_it_was_and_the_reader_hears_of_it(self):
        content = random.Random(7).randbytes(700_001)
        blob = self.anna.upload(content, "application/x-thing")
        draft = self.draft(["bert"], "mit Anhang", attachments=[
            {"blobId": blob["blobId"], "type": "application/x-thing", "name": "Übersicht.bin"}],
            cc=[{"name": "Carl, \"C\"", "email": f"carl@{DOMAIN}"}])
        stream = self.bert.events("EmailDelivery,Email", ping=0)
        try:
            submitted = time.time()
            answers = self.submit(draft)
            self.assertEqual([answer[0] for answer in answers], ["EmailSubmission/set", "Email/set"], answers)
            made = answers[0][1]["created"]["s"]
            self.assertEqual(made["undoStatus"], "final")
            self.assertEqual({to: status["delivered"] for to, status in made["deliveryStatus"].items()},
                             {f"bert@{DOMAIN}": "unknown", f"carl@{DOMAIN}": "unknown"})
            self.assertTrue(made["deliveryStatus"][f"bert@{DOMAIN}"]["smtpReply"].startswith("250 "), made)
            stream.state_change(self.bert.own_account, "EmailDelivery", 60)
            heard = time.time()
        finally:
            stream.close()
        message = self.arrived(self.bert, "mit Anhang")
        delivered = self.delivered("bert")
        print(f"the event stream told of the message {(heard - delivered) * 1000:.0f} ms after it was in the mailbox, "
              f"{(heard - submitted) * 1000:.0f} ms after it was submitted")
        self.assertLess(heard - delivered, 1.0)
        self.assertEqual(message["From"], f"Änna <anna@{DOMAIN}>")
        self.assertEqual(message["Cc"], f"\"Carl, \\\"C\\\"\" <carl@{DOMAIN}>")
        attachment = list(message.iter_attachments())[0]
        self.assertEqual(attachment.get_content(), content)
        self.assertEqual(attachment.get_filename(), "Übersicht.bin")
        self.assertEqual(message.get_body().get_content().replace("\r\n", "\n"), "Grüße\n\n.\nFrom me\n")
        self.assertEqual(self.place(draft), {"id": draft, "mailboxIds": {self.boxes["sent"]: True}, "keywords": {}})

    def test_all_of_it_is_seven_bit(self):
        draft = self.draft(["bert"], "Ünïcödé 📯" * 20, attachments=[
            {"blobId": self.anna.upload("Grüße\n".encode(), "text/plain")["blobId"], "type": "text/plain", "name": "ü" * 200}])
        blob = self.anna.call("Email/get", {"ids": [draft], "properties": ["blobId"]})["list"][0]["blobId"]
        raw = self.anna.download(blob, "m.eml", "message/rfc822")
        self.assertTrue(raw.isascii())
        self.assertLessEqual(max(len(line) for line in raw.split(b"\r\n")), 78)
        self.submit(draft)
        message = self.arrived(self.bert, "Ünïcödé 📯" * 20)
        self.assertEqual(list(message.iter_attachments())[0].get_filename(), "ü" * 200)

    def test_nobody_sees_bcc(self):
        draft = self.draft(["bert"], "hidden", bcc=[{"email": f"carl@{DOMAIN}"}])
        self.submit(draft)
        carl = jmap.Client(self.instance.port("http", False), "carl", PASSWORD)
        for client in (self.bert, carl):
            message = self.arrived(client, "hidden")
            self.assertIsNone(message["Bcc"])
            self.assertNotIn("carl", str(message["To"]) + str(message["Cc"]))
        self.assertEqual(self.anna.call("Email/get", {"ids": [draft], "properties": ["bcc"]})["list"][0]["bcc"],
                         [{"name": None, "email": f"carl@{DOMAIN}"}])

    def test_each_refused_recipient_is_told(self):
        draft = self.draft(["bert"], "partly")
        envelope = {"mailFrom": {"email": f"anna@{DOMAIN}"},
                    "rcptTo": [{"email": f"bert@{DOMAIN}"}, {"email": "x@elsewhere.invalid."}]}
        refused = self.submit(draft, envelope=envelope)[0][1]["notCreated"]["s"]
        self.assertEqual((refused["type"], refused["invalidRecipients"]), ("invalidRecipients", ["x@elsewhere.invalid."]))
        # Postfix is told to refuse one of them.
        main = self.postfix._config / "main.cf"
        text = main.read_text()
        main.write_text(text.replace("smtpd_recipient_restrictions = permit_mynetworks",
                                     f"smtpd_recipient_restrictions = check_recipient_access inline:{{{{carl@{DOMAIN} = 550 5.1.1 not him}}}}, permit_mynetworks"))
        self.postfix.stop()
        self.postfix.start()
        try:
            envelope["rcptTo"][1]["email"] = f"carl@{DOMAIN}"
            jmap.eventually(lambda: self.answers_smtp(), 30)
            status = self.submit(draft, envelope=envelope)[0][1]["created"]["s"]["deliveryStatus"]
            self.assertEqual(status[f"bert@{DOMAIN}"]["delivered"], "unknown")
            self.assertEqual(status[f"carl@{DOMAIN}"]["delivered"], "no")
            self.assertIn("550 5.1.1", status[f"carl@{DOMAIN}"]["smtpReply"])
            self.assertIn("not him", status[f"carl@{DOMAIN}"]["smtpReply"])
            self.arrived(self.bert, "partly")
            draft = self.draft(["carl"], "not at all")
            refused = self.submit(draft)
            self.assertEqual(len(refused), 1)
            error = refused[0][1]["notCreated"]["s"]
            self.assertEqual((error["type"], error["invalidRecipients"]), ("invalidRecipients", [f"carl@{DOMAIN}"]))
            self.assertIn("not him", error["description"])
            self.assertEqual(self.place(draft)["mailboxIds"], {self.boxes["drafts"]: True})
        finally:
            main.write_text(text)
            self.postfix.stop()
            self.postfix.start()
            jmap.eventually(lambda: self.answers_smtp(), 30)

    def answers_smtp(self) -> bool:
        import socket
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.postfix.port), timeout=5) as line:
            return line.recv(3) == b"220"
        return False

    def test_without_an_mta_the_draft_stays_and_goes_later(self):
        draft = self.draft(["bert"], "patience")
        self.postfix.stop()
        try:
            answers = self.submit(draft)
            self.assertEqual(len(answers), 1, answers)
            error = answers[0][1]["notCreated"]["s"]
            self.assertEqual(error["type"], "serverUnavailable")
            self.assertIn("not sent; try again", error["description"])
            self.assertEqual(self.place(draft), {"id": draft, "mailboxIds": {self.boxes["drafts"]: True}, "keywords": {"$draft": True}})
        finally:
            self.postfix.start()
            jmap.eventually(self.answers_smtp, 30)
        answers = self.submit(draft)
        self.assertIn("s", answers[0][1]["created"] or {}, answers)
        self.arrived(self.bert, "patience")
        self.assertEqual(self.place(draft)["mailboxIds"], {self.boxes["sent"]: True})
        inbox = self.bert.mailboxes()["inbox"]["id"]
        self.assertEqual([one["subject"] for one in self.bert.emails(inbox)].count("patience"), 1)

    def test_what_may_not_be_sent(self):
        for more, kind in (({"from": [{"email": f"bert@{DOMAIN}"}]}, "forbiddenFrom"), ({"to": None}, "noRecipients"),
                           ({"from": None}, "invalidEmail"), ({"to": [{"email": "half"}]}, "invalidEmail")):
            draft = self.draft(["bert"], "never", **more)
            self.assertEqual(self.submit(draft)[0][1]["notCreated"]["s"]["type"], kind)
        draft = self.draft(["bert"], "never")
        for envelope, kind in ((({"mailFrom": {"email": f"bert@{DOMAIN}"}, "rcptTo": [{"email": f"bert@{DOMAIN}"}]}), "forbiddenMailFrom"),
                               (({"mailFrom": {"email": f"anna@{DOMAIN}"}, "rcptTo": [{"email": "a@b>\r\nDATA\r\n"}]}), "invalidRecipients"),
                               (({"mailFrom": {"email": f"anna@{DOMAIN}"}, "rcptTo": []}), "noRecipients")):
            self.assertEqual(self.submit(draft, envelope=envelope)[0][1]["notCreated"]["s"]["type"], kind)
        inbox = self.bert.mailboxes()["inbox"]["id"]
        self.assertNotIn("never", [one["subject"] for one in self.bert.emails(inbox)])

    def test_headers_cannot_be_smuggled_in(self):
        for more in ({"subject": "a\r\nBcc: carl@test.example"}, {"header:X-A": "a\r\nBcc: carl@test.example"},
                     {"header:X-A\r\nBcc": "a"}, {"inReplyTo": ["a>\r\nBcc: <b"]},
                     {"to": [{"name": "a\r\nBcc: b", "email": "a@b.example"}]}, {"to": [{"email": "a@b.example\r\nBcc: c"}]}):
            made = self.anna.call("Email/set", {"create": {"d": {"mailboxIds": {self.boxes["drafts"]: True}, **more}}})
            self.assertEqual(made["notCreated"]["d"]["type"], "invalidProperties", made)

    def test_set_errors_of_emails(self):
        box = {self.boxes["drafts"]: True}
        create = {
            "blob": {"mailboxIds": box, "attachments": [{"blobId": "Unothing"}, {"blobId": "Mnothing"}]},
            "large": {"mailboxIds": box, "textBody": [{"partId": "1"}], "bodyValues": {"1": {"value": "x" * 2_200_000}}},
            "nobox": {}, "badbox": {"mailboxIds": {"nothing": True}}, "key": {"mailboxIds": box, "keywords": {"a b": True}},
            "many": {"mailboxIds": box, "keywords": {f"k{n}": True for n in range(65)}}}
        made = self.anna.call("Email/set", {"create": create})
        kinds = {name: error["type"] for name, error in made["notCreated"].items()}
        self.assertEqual(kinds, {"blob": "blobNotFound", "large": "tooLarge", "nobox": "invalidProperties",
                                 "badbox": "invalidProperties", "key": "invalidProperties", "many": "tooManyKeywords"})
        self.assertEqual(made["notCreated"]["blob"]["notFound"], ["Unothing", "Mnothing"])
        draft = self.draft(["bert"], "changes")
        done = self.anna.call("Email/set", {"update": {draft: {"keywords": {}, "keywords/a": True}, "nothing": {"keywords/a": True}}})
        self.assertEqual({name: error["type"] for name, error in done["notUpdated"].items()},
                         {draft: "invalidPatch", "nothing": "notFound"})
        done = self.anna.call("Email/set", {"update": {draft: {f"mailboxIds/{self.boxes['drafts']}": None}}})
        self.assertEqual(done["notUpdated"][draft]["type"], "invalidProperties")
        with self.assertRaises(jmap.MethodError) as caught:
            self.anna.call("Email/set", {"ifInState": "nothing", "destroy": [draft]})
        self.assertEqual(caught.exception.type, "stateMismatch")
        done = self.anna.call("Email/set", {"update": {draft: {"keywords/a": True}}, "destroy": [draft, "nothing"]})
        self.assertEqual(done["notUpdated"][draft]["type"], "willDestroy")
        self.assertEqual((done["destroyed"], done["notDestroyed"]["nothing"]["type"]), ([draft], "notFound"))

    def test_import(self):
        text = b"Received: x; Thu, 30 Oct 2014 14:12:00 +0800\nSubject: imported\n\nbody\n"
        good, bad = (self.anna.upload(content, "message/rfc822")["blobId"] for content in (text, b"no message"))
        box = {self.boxes["drafts"]: True}
        done = self.anna.call("Email/import", {"emails": {
            "a": {"blobId": good, "mailboxIds": box, "keywords": {"$seen": True}}, "b": {"blobId": bad, "mailboxIds": box},
            "c": {"blobId": "Unothing", "mailboxIds": box}}})
        self.assertEqual({name: error["type"] for name, error in done["notCreated"].items()},
                         {"b": "invalidEmail", "c": "invalidProperties"})
        made = done["created"]["a"]
        got = self.anna.call("Email/get", {"ids": [made["id"]], "properties": ["receivedAt", "keywords", "size", "blobId", "threadId"]})["list"][0]
        self.assertEqual(got, made | {"receivedAt": "2014-10-30T06:12:00Z", "keywords": {"$seen": True}})
        self.assertEqual(self.anna.download(made["blobId"]), text.replace(b"\n", b"\r\n"))

    def test_identities_live_at_the_back_end(self):
        made = self.anna.call("Identity/set", {"create": {"i": {"email": f"anna@{DOMAIN}", "name": "Änna", "textSignature": "-- \nÄ"},
                                                          "x": {"email": f"bert@{DOMAIN}"}}})
        self.assertEqual(made["notCreated"]["x"]["type"], "forbiddenFrom")
        one = made["created"]["i"]["id"]
        for pid in self.instance.workers("mshttpd"):
            os.kill(pid, 15)
        again = jmap.Client(self.instance.port("http", False), "anna", PASSWORD)
        got = {identity["id"]: identity for identity in again.call("Identity/get", {"ids": None})["list"]}
        self.assertEqual((got[one]["textSignature"], got[one]["mayDelete"]), ("-- \nÄ", True))
        self.assertEqual((got[self.identity]["mayDelete"], got[self.identity]["name"]), (False, "Anna Example"))
        self.assertEqual(again.call("Identity/set", {"destroy": [one]})["destroyed"], [one])
        self.assertEqual(again.call("Identity/set", {"destroy": [self.identity]})["notDestroyed"][self.identity]["type"], "forbidden")

    def test_whom_the_directory_gives_no_address_sends_from_the_one_that_reaches_him(self):
        for way in ("cookie", "basic"):
            dora = jmap.Client(self.instance.port("http", False), "dora", PASSWORD, way=way)
            identities = dora.call("Identity/get", {"ids": None})["list"]
            self.assertEqual([one["email"] for one in identities], [f"dora@{DOMAIN}"])

    def test_submissions_are_remembered(self):
        before = self.anna.call("EmailSubmission/get", {"ids": []})["state"]
        draft = self.draft(["bert"], "remembered")
        one = self.submit(draft)[0][1]["created"]["s"]["id"]
        got = self.anna.call("EmailSubmission/get", {"ids": [one]})["list"][0]
        self.assertEqual((got["emailId"], got["undoStatus"], got["envelope"]["mailFrom"]["email"]), (draft, "final", f"anna@{DOMAIN}"))
        self.assertIn(one, self.anna.call("EmailSubmission/changes", {"sinceState": before})["created"])
        self.assertEqual(self.anna.call("EmailSubmission/query", {"filter": {"emailIds": [draft]}})["ids"], [one])
        refused = self.anna.call("EmailSubmission/set", {"update": {one: {"undoStatus": "canceled"}}})
        self.assertEqual(refused["notUpdated"][one]["type"], "cannotUnsend")
        self.assertEqual(self.anna.call("EmailSubmission/set", {"destroy": [one]})["destroyed"], [one])

    def test_people(self):
        ids = self.anna.call("Principal/query", {"filter": {"text": "example"}, "sort": [{"property": "name"}]})["ids"]
        self.assertEqual(ids[:3], USERS)
        got = self.anna.call("Principal/get", {"ids": ["bert", "nobody"], "properties": ["name", "email", "accounts"]})
        self.assertEqual((got["list"], got["notFound"]),
                         ([{"id": "bert", "name": "Bert Example", "email": f"bert@{DOMAIN}", "accounts": None}], ["nobody"]))

    def test_what_is_not_offered(self):
        session = self.anna.session()
        self.assertNotIn("urn:ietf:params:jmap:vacationresponse", session["capabilities"])
        for method in ("VacationResponse/get", "VacationResponse/set", "PushSubscription/get", "PushSubscription/set"):
            self.assertEqual(self.anna.request([[method, {"accountId": self.anna.own_account}, "x"]])[0][1]["type"], "unknownMethod")
        status, _, content = self.anna.raw("POST", "/jmap/api", b'{"using":["urn:ietf:params:jmap:vacationresponse"],"methodCalls":[]}',
                                           {"Content-Type": "application/json"})
        self.assertEqual(status, 400, content)
        self.assertIn(b"unknownCapability", content)


if __name__ == "__main__":
    if why := postfix.missing():
        print(f"SKIPPED: {why}")
        sys.exit(77)
    unittest.main(verbosity=2)
