# SPDX-License-Identifier: Apache-2.0
"""RFC 8621 7 by the letter: the envelope that is made of a message, what goes out, what becomes of the drafts, and the
records of it."""

import email
import unittest

from sending_case import SendingCase

BERT, CARL, DORA = (f"{name}@test.example" for name in ("bert", "carl", "dora"))


class Submissions(SendingCase):
    def create(self, **drafts: dict) -> dict[str, str]:
        made = self.anna.call("Email/set", {"create": {name: self.mail(**more) for name, more in drafts.items()}})
        self.assertIsNone(made["notCreated"], made)
        return {name: made["created"][name]["id"] for name in drafts}

    def submit(self, drafts: dict[str, str], offers: tuple[str, ...] = ("8BITMIME",), **more) -> list:
        server = self.server(connections=len(drafts), offers=offers)
        self.use({}, server)
        try:
            return self.anna.request([["EmailSubmission/set", {
                "accountId": self.anna.own_account, **more,
                "create": {name: {"emailId": draft, "identityId": self.identity} for name, draft in drafts.items()}}, "x"]])
        finally:
            server.close()
            self.heard = server

    def test_the_envelope_is_made_of_the_header_and_bcc_stays_at_home(self):
        drafts = self.create(a={
            "sender": [{"email": "anna@test.example"}], "from": [{"name": "A", "email": "anna@test.example"}],
            "to": [{"email": BERT}, {"email": "BERT@test.example"}], "cc": [{"email": CARL}], "bcc": [{"email": DORA}],
            "header:Resent-Bcc": "Secret <dora@test.example>"})
        answer = self.submit(drafts)[0][1]["created"]["a"]
        self.assertEqual(answer["envelope"], {
            "mailFrom": {"email": "anna@test.example", "parameters": None},
            "rcptTo": [{"email": address, "parameters": None} for address in (BERT, CARL, DORA)]})
        self.assertEqual((answer["undoStatus"], answer["dsnBlobIds"], answer["mdnBlobIds"]), ("final", [], []))
        self.assertEqual(answer["deliveryStatus"], {address: {"smtpReply": "250 ok", "delivered": "unknown",
                                                              "displayed": "unknown"} for address in (BERT, CARL, DORA)})
        commands = [command for command in self.heard.commands if command.startswith(("MAIL", "RCPT"))]
        self.assertEqual(commands, ["MAIL FROM:<anna@test.example>", *(f"RCPT TO:<{one}>" for one in (BERT, CARL, DORA))])
        sent = email.message_from_bytes(self.heard.messages[0])
        self.assertEqual((sent["Bcc"], sent["Resent-Bcc"], sent["Cc"]), (None, None, CARL))
        kept = self.anna.call("Email/get", {"ids": [drafts["a"]], "properties": ["bcc"]})["list"][0]
        self.assertEqual(kept["bcc"], [{"name": None, "email": DORA}])

    def test_dots_and_long_lines_arrive_as_they_were_written(self):
        text = "." * 3 + "\n.\nFrom here\n" + "x" * 2000 + "\n..\nEnd ü"
        self.submit(self.create(a={"bodyValues": {"1": {"value": text}}}))
        raw = self.heard.messages[0]
        self.assertLessEqual(max(len(line) for line in raw.split(b"\r\n")), 79)  # a dot may be doubled
        plain = b"\r\n".join(line.removeprefix(b".") for line in raw.split(b"\r\n"))
        body = email.message_from_bytes(plain).get_payload(decode=True).decode().replace("\r\n", "\n")
        self.assertEqual(body.removesuffix("\n"), text)

    def test_an_attached_message_of_eight_bit_goes_where_it_is_taken(self):
        inside = "Subject: grüß\r\n\r\nGrüße\r\n".encode()
        blob = self.anna.upload(inside, "message/rfc822")["blobId"]
        drafts = self.create(a={"attachments": [{"blobId": blob, "type": "message/rfc822"}]})
        error = self.submit(drafts, offers=())[0][1]["notCreated"]["a"]
        self.assertEqual((error["type"], self.heard.messages), ("invalidEmail", []))
        self.assertIn("7 bit", error["description"])
        self.assertIn("a", self.submit(drafts)[0][1]["created"])
        self.assertIn("MAIL FROM:<anna@test.example> BODY=8BITMIME", self.heard.commands)
        self.assertIn(inside, self.heard.messages[0])

    def test_what_becomes_of_the_drafts_is_one_call_for_all(self):
        drafts = self.create(a={}, b={}, c={"to": None})
        answers = self.submit(drafts, onSuccessUpdateEmail={"#a": {"keywords/$draft": None, "keywords/sent": True},
                                                            "#c": {"keywords/sent": True}, "#d": {"keywords/sent": True}},
                              onSuccessDestroyEmail=["#b", "#c"])
        self.assertEqual([(name, call) for name, _, call in answers], [("EmailSubmission/set", "x"), ("Email/set", "x")])
        self.assertEqual(answers[0][1]["notCreated"]["c"]["type"], "noRecipients")
        self.assertEqual((answers[1][1]["updated"], answers[1][1]["destroyed"]), ({drafts["a"]: None}, [drafts["b"]]))
        found = self.anna.call("Email/get", {"ids": list(drafts.values()), "properties": ["keywords"]})
        self.assertEqual({one["id"]: one["keywords"] for one in found["list"]}, {drafts["a"]: {"sent": True}, drafts["c"]: {}})
        # The record is another thing than the message.
        gone = answers[0][1]["created"]["b"]["id"]
        record = self.anna.call("EmailSubmission/get", {"ids": [gone]})["list"][0]
        self.assertEqual((record["emailId"], record["identityId"]), (drafts["b"], self.identity))
        # Records name messages later, too: here by the ids of the records.
        kept = answers[0][1]["created"]["a"]["id"]
        later = self.anna.request([["EmailSubmission/set", {
            "accountId": self.anna.own_account, "update": {kept: {}}, "destroy": [gone],
            "onSuccessUpdateEmail": {kept: {"keywords/later": True}, gone: {"keywords/later": True}}}, "y"]])
        self.assertEqual(later[0][1]["updated"], {kept: None})
        self.assertEqual(later[1][1]["updated"], {drafts["a"]: None})
        self.assertEqual(list(later[1][1]["notUpdated"]), [drafts["b"]])

    def test_records_are_found_compared_and_destroyed(self):
        for one in self.anna.call("EmailSubmission/get", {"ids": None})["list"]:
            self.anna.call("EmailSubmission/set", {"destroy": [one["id"]]})
        drafts = self.create(a={}, b={"inReplyTo": ["none@nowhere"]})
        before = self.anna.call("EmailSubmission/query", {"sort": [{"property": "emailId"}]})
        self.assertEqual((before["ids"], before["canCalculateChanges"]), ([], True))
        made = self.submit(drafts)[0][1]
        ids = {name: made["created"][name]["id"] for name in drafts}
        threads = {one["emailId"]: one["threadId"] for one in self.anna.call("EmailSubmission/get", {
            "ids": None, "properties": ["emailId", "threadId"]})["list"]}
        by_email = sorted(drafts, key=drafts.get)
        self.assertEqual(made["newState"], self.anna.call("EmailSubmission/get", {"ids": []})["state"])

        def query(arguments: dict) -> list[str]:
            found = self.anna.call("EmailSubmission/query", {"sort": [{"property": "emailId"}], **arguments})["ids"]
            return [name for one in found for name in ids if ids[name] == one]
        every = [name for name in by_email]
        for where, expected in (
                ({}, every), ({"emailIds": [drafts["a"]]}, ["a"]), ({"emailIds": []}, []),
                ({"threadIds": [threads[drafts["b"]]]}, ["b"]), ({"identityIds": [self.identity]}, every),
                ({"identityIds": ["nothing"]}, []), ({"undoStatus": "final"}, every), ({"undoStatus": "pending"}, []),
                ({"before": "2000-01-01T00:00:00Z"}, []), ({"after": "2000-01-01T00:00:00Z"}, every),
                ({"operator": "NOT", "conditions": [{"emailIds": [drafts["a"]]}]}, ["b"])):
            with self.subTest(filter=where):
                self.assertEqual(query({"filter": where}), expected)
        for key in ("emailId", "threadId", "sentAt"):
            self.assertEqual(sorted(query({"sort": [{"property": key, "isAscending": False}]})), ["a", "b"])
        self.assertEqual(query({"sort": [{"property": "emailId", "isAscending": False}]}), every[::-1])
        self.assertEqual(query({"anchor": ids[every[1]], "anchorOffset": -1, "limit": 1}), every[:1])
        self.assertEqual(query({"position": -1}), every[1:])
        changes = self.anna.call("EmailSubmission/changes", {"sinceState": before["queryState"]})
        self.assertEqual((sorted(changes["created"]), changes["updated"], changes["destroyed"]), (sorted(ids.values()), [], []))
        moved = self.anna.call("EmailSubmission/queryChanges", {
            "sinceQueryState": before["queryState"], "sort": [{"property": "emailId"}], "calculateTotal": True})
        self.assertEqual([item["id"] for item in moved["added"]], [ids[name] for name in every])
        self.assertEqual(moved["total"], 2)
        for patch, kind in (({"undoStatus": "canceled"}, "cannotUnsend"), ({"sendAt": "2000-01-01T00:00:00Z"}, "invalidProperties"),
                            ({"envelope/mailFrom": {}}, "invalidPatch"), ({"undoStatus": "pending"}, "invalidProperties")):
            with self.subTest(patch=patch):
                done = self.anna.call("EmailSubmission/set", {"update": {ids["a"]: patch}})
                self.assertEqual(done["notUpdated"][ids["a"]]["type"], kind)
        done = self.anna.call("EmailSubmission/set", {"ifInState": made["newState"], "destroy": [ids["a"]]})
        self.assertEqual(done["destroyed"], [ids["a"]])
        changes = self.anna.call("EmailSubmission/changes", {"sinceState": made["newState"]})
        self.assertEqual((changes["created"], changes["destroyed"]), ([], [ids["a"]]))

    def test_what_may_not_go_out(self):
        far = [{"email": f"u{number}@test.example"} for number in range(1001)]
        mine, bert = {"email": "anna@test.example"}, [{"email": BERT}]
        drafts = self.create(plain={}, other={"from": [{"email": BERT}]}, none={"to": None}, half={"to": [{"email": "half"}]},
                             nobody={"from": None}, two={"from": [mine, {"email": CARL}]},
                             reply={"replyTo": [{"email": "half"}]})
        rows = {
            "other": ({}, "forbiddenFrom", {}), "none": ({}, "noRecipients", {}),
            "half": ({}, "invalidEmail", {"properties": ["to"]}), "nobody": ({}, "invalidEmail", {"properties": ["from"]}),
            "two": ({}, "invalidEmail", {"properties": ["sender"]}),
            "reply": ({}, "invalidEmail", {"properties": ["replyTo"]}),
            "many": ({"envelope": {"mailFrom": mine, "rcptTo": far}}, "tooManyRecipients", {"maxRecipients": 1000}),
            "empty": ({"envelope": {"mailFrom": mine, "rcptTo": []}}, "noRecipients", {}),
            "bad": ({"envelope": {"mailFrom": mine, "rcptTo": [*bert, {"email": "no"}, {"email": "a@b>\r\nDATA"},
                                                               {"email": "ü@b.example"}]}},
                    "invalidRecipients", {"invalidRecipients": ["no", "a@b>\r\nDATA", "ü@b.example"]}),
            "from": ({"envelope": {"mailFrom": {"email": CARL}, "rcptTo": bert}}, "forbiddenMailFrom", {}),
            "identity": ({"identityId": "nothing"}, "invalidProperties", {"properties": ["identityId"]}),
            "email": ({"emailId": "nothing"}, "invalidProperties", {"properties": ["emailId"]}),
            "server": ({"sendAt": "2000-01-01T00:00:00Z", "undoStatus": "final"}, "invalidProperties",
                       {"properties": ["sendAt", "undoStatus"]}),
            "envelope": ({"envelope": {"mailFrom": mine}}, "invalidProperties", {"properties": ["envelope"]})}
        server = self.server()
        self.use({}, server)
        try:
            answers = self.anna.request([["EmailSubmission/set", {"accountId": self.anna.own_account, "create": {
                name: {"emailId": drafts.get(name, drafts["plain"]), "identityId": self.identity, **more}
                for name, (more, _, _) in rows.items()}, "onSuccessDestroyEmail": [f"#{name}" for name in rows]}, "x"]])
        finally:
            server.close()
        self.assertEqual(len(answers), 1, answers)
        for name, (_, kind, more) in rows.items():
            with self.subTest(name=name):
                error = answers[0][1]["notCreated"][name]
                self.assertEqual((error["type"], {key: error.get(key) for key in more}), (kind, more))
        self.assertEqual(server.commands, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
