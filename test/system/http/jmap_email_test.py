# SPDX-License-Identifier: Apache-2.0
"""RFC 8621 4 by the letter: the forms of header fields, the bodies of its example, every sort, window and condition of
Email/query, and Email/queryChanges that lead from one result to the next."""

import time
import unittest

from mail_case import MailCase, letter


class Email(MailCase):
    def test_texts_of_header_fields_by_the_letter(self):
        (mail,) = self.deliver(letter(
            1, "a=?utf-8?q?b?=c =?utf-8?q?x=0D=0A=09=00y?= =?utf-8?q?A=CC=8A?= =?x-none?q?z?= =?utf-8?q?in ner?= =?utf-8?b?/w==?=",
            "To: \"  J\\\"ay\r\n Smythe \" <j@example.org>, Friends: k@example.org, =?utf-8?q?J=C3=B6?= <l@example.org>;,\r\n"
            " m@example.org (Mia), half\r\nResent-Date: junk\r\nList-Post: <mailto:a@b> (x <y>), <http://c.d/e>\r\n"
            "X-A: a\r\n b\r\n"))
        friends = [{"name": None, "email": "k@example.org"}, {"name": "Jö", "email": "l@example.org"}]
        others = [{"name": "Mia", "email": "m@example.org"}, {"name": None, "email": "half"}]
        jay = {"name": "J\"ay Smythe", "email": "j@example.org"}
        wanted = {"subject": "a=?utf-8?q?b?=c xyÅ =?x-none?q?z?= =?utf-8?q?in ner?= \ufffd",
                  "header:to:asAddresses": [jay, *friends, *others],
                  "header:To:asGroupedAddresses": [{"name": None, "addresses": [jay]}, {"name": "Friends", "addresses": friends},
                                                   {"name": None, "addresses": others}],
                  "header:Resent-Date:asDate": None, "header:List-POST:asURLs": ["mailto:a@b", "http://c.d/e"],
                  "header:X-A": " a\r\n b", "header:X-a:asText": "a b", "header:X-A:asMessageIds:all": [None]}
        email = self.call("Email/get", {"ids": [mail], "properties": list(wanted)})["list"][0]
        self.assertEqual({name: email[name] for name in wanted}, wanted)
        for form in ("header:From:asText", "header:Subject:asAddresses", "header:Date:asMessageIds", "header:Received:asDate",
                     "header:List-Post:asText", "header:Message-ID:asURLs", "header:X:asraw", "header:X:all:asText", "header:",
                     "header:a b"):
            with self.subTest(form=form):
                self.assertEqual(self.refused("Email/get", {"ids": [], "properties": [form]}), "invalidArguments")
                self.assertEqual(self.refused("Email/parse", {"blobIds": [], "properties": [form]}), "invalidArguments")

    def test_the_bodies_of_the_list_server_in_rfc_8621(self):
        def part(kind: str, text: str) -> str:
            return f"Content-Type: {kind.replace(' ', chr(13) + chr(10) + 'Content-Disposition: ', 1)}\r\n\r\n{text}"

        def multi(kind: str, boundary: str, *parts: str) -> str:
            lines = "".join(f"--{boundary}\r\n{one}\r\n" for one in parts)
            return f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n{lines}--{boundary}--"
        body = multi("mixed", "a", part("text/plain inline", "A"), multi(
            "mixed", "b", multi("alternative", "c",
                                multi("mixed", "d", part("text/plain inline", "B"), part("image/jpeg inline", "C"),
                                      part("text/plain inline", "D")),
                                multi("related", "e", part("text/html", "E"), part("image/jpeg", "F"))),
            part("image/jpeg attachment", "G"), part("application/x-excel", "H"),
            part("message/rfc822", "Subject: J\r\n\r\nJ")), part("text/plain inline", "K"))
        (mail,) = self.deliver(b"Message-ID: <x@y>\r\n" + body.encode() + b"\r\n")
        email = self.call("Email/get", {"ids": [mail], "properties": ["textBody", "htmlBody", "attachments", "hasAttachment"],
                                        "bodyProperties": ["blobId"]})["list"][0]
        shown = {name: "".join(self.client.download(one["blobId"]).decode()[-1] for one in email[name])
                 for name in ("textBody", "htmlBody", "attachments")}
        self.assertEqual(shown, {"textBody": "ABCDK", "htmlBody": "AEK", "attachments": "CFGHJ"})
        self.assertTrue(email["hasAttachment"])

    def test_an_attached_message_that_was_encoded_is_read(self):
        (mail,) = self.deliver(
            b"Message-ID: <x@y>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogYjY0DQoNCmJvZHkNCg==\r\n--b\r\n"
            b"Content-Type: message/global\r\n\r\nSubject: gr\xc3\xbc\xc3\x9f\r\n\r\nx\r\n--b--\r\n")
        parts = self.call("Email/get", {"ids": [mail], "properties": ["attachments"]})["list"][0]["attachments"]
        self.assertEqual([(one["type"], one["size"]) for one in parts], [("message/rfc822", 22), ("message/global", 20)])
        blobs = [one["blobId"] for one in parts]
        self.assertEqual(self.client.download(blobs[0]), b"Subject: b64\r\n\r\nbody\r\n")
        parsed = self.call("Email/parse", {"blobIds": blobs, "properties": ["subject", "preview"]})["parsed"]
        self.assertEqual([parsed[blob]["subject"] for blob in blobs], ["b64", "grüß"])

    def imported(self, message: bytes, day: int, keywords: tuple[str, ...] = ()) -> str:
        """The id of a message that came on that day of a month."""
        blob = self.client.upload(message, "message/rfc822")["blobId"]
        done = self.call("Email/import", {"emails": {"m": {
            "blobId": blob, "mailboxIds": {self.inbox(): True}, "receivedAt": f"2026-01-{day:02}T00:00:00Z",
            "keywords": {keyword: True for keyword in keywords}}}})
        return done["created"]["m"]["id"]

    def five(self) -> dict[str, str]:
        """Name by id: 1 and 2 are a thread; 1 and 3 are flagged, 1 and 2 are seen; 4 has an attachment; 5 has next to
        nothing."""
        return {self.imported(message, day, keywords): str(day) for day, (message, keywords) in enumerate((
            (letter(1, "apple", "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"), ("$flagged", "$seen")),
            (letter(2, "Re: apple", "In-Reply-To: <1@example.org>\r\nDate: Thu, 1 Jan 2025 00:00:00 +0000\r\n"), ("$seen",)),
            (letter(3, "Zebra", "Date: Thu, 1 Jan 2024 00:00:00 +0000\r\nContent-Type: text/html\r\n",
                    "<head><title>headword</title><style>css</style></head><p class=markup>green <b>nee</b>dle"
                    "<img alt='shown' title='titled'>"), ("$flagged",)),
            (letter(4, "banana", "Content-Type: multipart/mixed; boundary=x\r\n",
                    "--x\r\n\r\nhi\r\n--x\r\nContent-Type: application/pdf; name=d.pdf\r\n\r\nPDF\r\n--x--"), ()),
            (b"Subject: [list] Fwd: apple\r\n\r\na 'quo\"ted' \\ text\r\n", ())), 1)}

    def test_every_sort_and_window(self):
        names = self.five()
        id_of = {name: email for email, name in names.items()}

        def query(arguments: dict) -> str:
            return "".join(names[email] for email in self.call("Email/query", arguments)["ids"])

        for key, expected in (("receivedAt", "12345"), ("sentAt", "32145"), ("from", "51234"), ("subject", "-4-3")):
            for ascending in (True, False):
                with self.subTest(key=key, ascending=ascending):
                    got = query({"sort": [{"property": key, "isAscending": ascending}]})
                    if key == "subject":  # 1, 2 and 5 have one base subject
                        got = "".join("-" if name in "125" else name for name in got).replace("---", "-") + "-"
                        self.assertEqual(got, "-43-" if ascending else "34--")
                    else:
                        self.assertEqual(got, expected if ascending else expected[::-1])
        sizes = {email["id"]: email["size"] for email in self.call("Email/get", {"ids": list(names), "properties": ["size"]})["list"]}
        self.assertEqual(query({"sort": [{"property": "size"}]}), "".join(names[one] for one in sorted(sizes, key=sizes.get)))
        self.assertEqual(query({"sort": [{"property": "to"}]})[0], "5")
        by_day = {"property": "receivedAt"}
        for key, expected in (("hasKeyword", "13245"), ("allInThreadHaveKeyword", "31245"), ("someInThreadHaveKeyword", "12345")):
            sort = [{"property": key, "keyword": "$FLAGGED", "isAscending": False}, by_day]
            self.assertEqual(query({"sort": sort}), expected, key)
            self.assertEqual(self.refused("Email/query", {"sort": [{"property": key}]}), "invalidArguments")
        for window, position, expected in (
                ({"position": 1, "limit": 2}, 1, "23"), ({"position": -2}, 3, "45"), ({"position": -100}, 0, "12345"),
                ({"position": 100}, 100, ""), ({"limit": 0}, 0, ""), ({"anchorOffset": 3}, 0, "12345"),
                ({"anchor": id_of["3"]}, 2, "345"), ({"anchor": id_of["3"], "anchorOffset": -1, "limit": 2}, 1, "23"),
                ({"anchor": id_of["3"], "anchorOffset": -10, "limit": 2}, 0, "12"),
                ({"anchor": id_of["3"], "anchorOffset": 2, "position": 1}, 4, "5"),
                ({"collapseThreads": True, "anchor": id_of["3"]}, 1, "345"),
                ({"collapseThreads": True, "filter": {"notKeyword": "$flagged"}}, 0, "245")):
            with self.subTest(window=window):
                answer = self.call("Email/query", {"sort": [by_day], "calculateTotal": True, **window})
                self.assertEqual((answer["position"], "".join(names[email] for email in answer["ids"])), (position, expected))
                self.assertEqual(answer["total"], 3 if "filter" in window else 4 if "collapseThreads" in window else 5)
                self.assertNotIn("limit", answer)
        self.assertEqual(self.call("Email/query", {"limit": 20_000})["limit"], 10_000)
        hidden = {"collapseThreads": True, "sort": [by_day], "anchor": id_of["2"]}
        self.assertEqual(self.refused("Email/query", hidden), "anchorNotFound")

    def test_conditions_at_their_edges(self):
        names = self.five()
        size = self.call("Email/get", {"ids": [next(one for one in names if names[one] == "3")],
                                       "properties": ["size"]})["list"][0]["size"]
        rows = [({"before": "2026-01-02T00:00:00Z"}, "1"), ({"after": "2026-01-02T00:00:00Z"}, "2345"),
                ({"after": "2026-01-02T00:00:00.5Z"}, "345"), ({"before": "2026-01-02T00:00:00.5Z"}, "12"),
                ({"minSize": size, "maxSize": size + 1}, "3"), ({"minSize": size + 1, "subject": "zebra"}, ""),
                ({"maxSize": size, "subject": "zebra"}, ""), ({"hasAttachment": True}, "4"), ({"hasAttachment": False}, "1235"),
                ({"inMailboxOtherThan": []}, "12345"), ({"inMailboxOtherThan": ["nothing"]}, "12345"),
                ({"allInThreadHaveKeyword": "$seen"}, "12"), ({"noneInThreadHaveKeyword": "$seen"}, "345"),
                ({"text": "green needle"}, "3"), ({"body": "'green needle'"}, "3"), ({"text": "shown titled"}, "3"),
                ({"text": "headword"}, ""), ({"text": "css"}, ""), ({"text": "markup"}, ""), ({"text": ""}, "12345"),
                ({"subject": '"Re: apple"'}, "2"), ({"subject": "apple re"}, "2"), ({"body": "'\\'quo\\\"ted\\''"}, "5"),
                ({"header": ["Date"]}, "123"), ({"header": ["date", "2025"]}, "2"), ({"header": ["x-none", ""]}, ""),
                ({"operator": "OR", "conditions": []}, ""), ({"operator": "NOT", "conditions": []}, "12345"),
                ({"operator": "NOT", "conditions": [{"subject": "apple"}, {"hasKeyword": "$flagged"}]}, "4"),
                ({"operator": "AND", "conditions": [
                    {"operator": "OR", "conditions": [{"subject": "apple"}, {"subject": "zebra"}]},
                    {"operator": "NOT", "conditions": [{"hasKeyword": "$seen"}]}]}, "35")]
        for where, expected in rows:
            with self.subTest(filter=where):
                ids = self.call("Email/query", {"filter": where, "sort": [{"property": "receivedAt"}]})["ids"]
                self.assertEqual("".join(names[email] for email in ids), expected)
        for where in ({"header": []}, {"header": ["a", "b", "c"]}, {"header": "x"}, {"minSize": -1}, {"text": None},
                      {"hasKeyword": "a b"}, {"inMailbox": 1}, {"hasAttachment": "yes"}, {"operator": "AND"}):
            with self.subTest(filter=where):
                self.assertEqual(self.refused("Email/query", {"filter": where}), "invalidArguments")

    def test_query_changes_lead_to_what_a_query_finds(self):
        names = self.five()
        by_day = [{"property": "receivedAt"}]
        queries = [{"sort": by_day}, {"sort": by_day, "collapseThreads": True}, {"sort": [{"property": "subject"}, *by_day]},
                   {"sort": [{"property": "receivedAt", "isAscending": False}], "collapseThreads": True},
                   {"sort": by_day, "filter": {"hasKeyword": "$flagged"}},
                   {"sort": by_day, "filter": {"someInThreadHaveKeyword": "$flagged"}},
                   {"sort": [{"property": "allInThreadHaveKeyword", "keyword": "$flagged"}, *by_day]}]
        before = [self.call("Email/query", query) for query in queries]
        new = self.imported(letter(6, "Re: apple", "References: <1@example.org>\r\n"), 6)
        self.call("Email/set", {"update": {one: {"keywords/$flagged": None} for one in names if names[one] == "3"},
                                "destroy": [one for one in names if names[one] == "4"]})
        for query, old in zip(queries, before):
            with self.subTest(query=query):
                now = self.call("Email/query", {**query, "calculateTotal": True})
                changes = self.call("Email/queryChanges", {**query, "sinceQueryState": old["queryState"], "calculateTotal": True})
                ids = [email for email in old["ids"] if email not in changes["removed"]]
                for item in changes["added"]:
                    ids.insert(item["index"], item["id"])
                self.assertEqual((ids, changes["total"]), (now["ids"], now["total"]))
        # Nothing is told of what comes behind the last one that the client knows, when only that can come.
        known = {"sort": by_day, "sinceQueryState": before[0]["queryState"], "upToId": before[0]["ids"][1]}
        self.assertEqual(self.call("Email/queryChanges", known)["added"], [])
        self.assertNotIn(new, self.call("Email/queryChanges", known)["removed"])

    # ---- Email/set, import and copy

    def email(self, one: str, properties: list[str]) -> dict:
        got = self.call("Email/get", {"ids": [one], "properties": properties})["list"][0]
        return {name: value for name, value in got.items() if name != "id"}

    def test_keywords_and_mailboxes_by_patch(self):
        one = self.imported(letter(1, "one"), 1, ("$seen",))
        other = self.call("Mailbox/set", {"create": {"o": {"name": "Other"}}})["created"]["o"]["id"]
        inbox = self.inbox()
        for patch, keywords, boxes in (
                ({"keywords/$FLAGGED": True, "keywords/a~1b": True}, {"$seen", "$flagged", "a/b"}, {inbox}),
                ({"keywords/$flagged": None, f"mailboxIds/{other}": True}, {"$seen", "a/b"}, {inbox, other}),
                ({"keywords": {"$Seen": True, "x~y": True}, f"mailboxIds/{inbox}": None}, {"$seen", "x~y"}, {other}),
                ({"keywords": None, "mailboxIds": {inbox: True}}, set(), {inbox}),
                # What cannot change may be sent as it is.
                ({"subject": "one", "id": one, "receivedAt": "2026-01-01T00:00:00Z", "keywords/z": True}, {"z"}, {inbox})):
            with self.subTest(patch=patch):
                done = self.call("Email/set", {"update": {one: patch}})
                self.assertEqual(done["updated"], {one: None}, done)
                self.assertEqual(self.email(one, ["keywords", "mailboxIds"]), {
                    "keywords": {name: True for name in keywords}, "mailboxIds": {box: True for box in boxes}})
        for patch, kind, properties in (
                ({f"mailboxIds/{inbox}": None}, "invalidProperties", ["mailboxIds"]),
                ({"mailboxIds/nothing": True}, "invalidProperties", ["mailboxIds"]),
                ({"keywords/z": False}, "invalidProperties", ["keywords"]), ({"keywords/a b": True}, "invalidProperties", ["keywords"]),
                ({"keywords": {"z": False}}, "invalidProperties", ["keywords"]), ({"size": 1}, "invalidProperties", ["size"]),
                ({"from": [], "subject": "one"}, "invalidProperties", ["from"]), ({"keywords/a/b": True}, "invalidPatch", None),
                ({"from/0": {}}, "invalidPatch", None), ({"keywords": {}, "keywords/a": True}, "invalidPatch", None),
                ({"keywords": {f"k{n}": True for n in range(65)}}, "tooManyKeywords", None)):
            with self.subTest(patch=patch):
                error = self.call("Email/set", {"update": {one: patch}})["notUpdated"][one]
                self.assertEqual((error["type"], error.get("properties")), (kind, properties))
                self.assertEqual(self.email(one, ["keywords", "mailboxIds"]), {"keywords": {"z": True}, "mailboxIds": {inbox: True}})

    def test_creations_are_named_within_a_request(self):
        account = {"accountId": self.client.own_account}
        answers = self.client.request([
            ["Mailbox/set", {**account, "create": {"box": {"name": "New"}}}, "a"],
            ["Email/set", {**account, "create": {"mail": {"mailboxIds": {"#box": True}, "subject": "x"}}}, "b"],
            ["Email/set", {**account, "update": {"#mail": {"keywords/$seen": True}}}, "c"],
            ["Email/set", {**account, "destroy": ["#mail", "#nothing"]}, "d"]])
        made = answers[1][1]["created"]["mail"]
        self.assertEqual(sorted(made), ["blobId", "id", "size", "threadId"])
        self.assertEqual(answers[2][1]["updated"], {made["id"]: None})
        self.assertEqual(answers[3][1]["destroyed"], [made["id"]])
        self.assertEqual(answers[3][1]["notDestroyed"]["#nothing"]["type"], "notFound")

    def test_a_message_is_imported_as_often_as_one_likes(self):
        raw = b"Received: x; Thu, 30 Oct 2014 14:12:00 +0800\r\nSubject: gr\xc3\xbc\xc3\x9f\r\n\r\nbody\r\n"
        blob = self.client.upload(raw, "message/rfc822")["blobId"]
        box = {self.inbox(): True}
        done = self.call("Email/import", {"emails": {
            "a": {"blobId": blob, "mailboxIds": box}, "b": {"blobId": blob, "mailboxIds": box, "keywords": {"$seen": True},
                                                            "receivedAt": "2020-01-01T00:00:00Z"}}})
        one, two = (done["created"][name] for name in "ab")
        self.assertNotEqual(one["id"], two["id"])
        self.assertEqual(self.email(one["id"], ["receivedAt", "subject", "keywords"]),
                         {"receivedAt": "2014-10-30T06:12:00Z", "subject": "grüß", "keywords": {}})
        self.assertEqual(self.email(two["id"], ["receivedAt", "keywords"]),
                         {"receivedAt": "2020-01-01T00:00:00Z", "keywords": {"$seen": True}})
        again = self.call("Email/import", {"emails": {"c": {"blobId": one["blobId"], "mailboxIds": box}}})["created"]["c"]
        self.assertEqual(self.client.download(again["blobId"]), raw)

    def test_an_account_that_is_full(self):
        self.user = self.next_user()
        self.instance.run("msuser", "set", self.user, "mailQuota=40000")
        time.sleep(1.1)  # services look at the user file once a second; a login keeps the quota that it found
        self.client = self.client_of(self.user)
        rich = self.client_of(self.next_user())
        made = rich.call("Mailbox/set", {"create": {"s": {"name": "S", "shareWith": {self.user: {"mayReadItems": True}}}}})
        message = letter(1, "large", body="x" * 50_000)
        theirs = rich.call("Email/import", {"emails": {"a": {
            "blobId": rich.upload(message)["blobId"], "mailboxIds": {made["created"]["s"]["id"]: True}}}})["created"]["a"]
        box = {self.inbox(): True}
        blob = self.client.upload(message)["blobId"]
        refused = {
            "create": self.call("Email/set", {"create": {"a": {"mailboxIds": box, "textBody": [{"partId": "1"}],
                                                               "bodyValues": {"1": {"value": "x" * 50_000}}}}}),
            "import": self.call("Email/import", {"emails": {"a": {"blobId": blob, "mailboxIds": box}}}),
            "copy": self.call("Email/copy", {"fromAccountId": rich.own_account, "create": {
                "a": {"id": theirs["id"], "mailboxIds": box}}})}
        self.assertEqual({how: answer["notCreated"]["a"]["type"] for how, answer in refused.items()},
                         {how: "overQuota" for how in refused})
        self.assertEqual(self.call("Email/query")["ids"], [])

    def test_emails_are_copied_between_accounts(self):
        friend = self.client_of(self.next_user())
        made = friend.call("Mailbox/set", {"create": {"s": {"name": "Shared", "shareWith": {self.user: {
            right: True for right in ("mayReadItems", "mayRemoveItems", "maySetSeen", "maySetKeywords")}}}}})
        shared = made["created"]["s"]["id"]
        blob = friend.upload(letter(1, "to be copied"), "message/rfc822")["blobId"]
        given = friend.call("Email/import", {"emails": {name: {
            "blobId": blob, "mailboxIds": {shared: True}, "keywords": {"$flagged": True}, "receivedAt": "2020-01-01T00:00:00Z"}
            for name in "ab"}})["created"]
        first, second = (given[name]["id"] for name in "ab")
        inbox = self.inbox()
        accounts = {"fromAccountId": friend.own_account, "accountId": self.client.own_account}
        state = friend.call("Email/get", {"ids": []})["state"]
        done = self.call("Email/copy", {**accounts, "ifFromInState": state, "create": {
            "c": {"id": first, "mailboxIds": {inbox: True}}, "d": {"id": "nothing", "mailboxIds": {inbox: True}},
            "e": {"id": first}, "f": {"id": first, "mailboxIds": {inbox: True}, "subject": "x"}}})
        self.assertEqual({name: (error["type"], error.get("properties")) for name, error in done["notCreated"].items()},
                         {"d": ("notFound", None), "e": ("invalidProperties", ["mailboxIds"]),
                          "f": ("invalidProperties", ["subject"])})
        copy = done["created"]["c"]
        self.assertEqual(self.email(copy["id"], ["keywords", "receivedAt", "mailboxIds"]), {
            "keywords": {"$flagged": True}, "receivedAt": "2020-01-01T00:00:00Z", "mailboxIds": {inbox: True}})
        self.assertEqual(self.client.download(copy["blobId"]), letter(1, "to be copied"))
        move = {"create": {"m": {"id": second, "mailboxIds": {inbox: True}, "keywords": {}}}, "onSuccessDestroyOriginal": True}
        answers = self.client.request([["Email/copy", {**accounts, **move, "destroyFromIfInState": "nonsense"}, "x"]])
        self.assertEqual([(name, call) for name, _, call in answers], [("Email/copy", "x"), ("error", "x")])
        self.assertEqual(answers[1][1]["type"], "stateMismatch")
        answers = self.client.request([["Email/copy", {**accounts, **move}, "x"]])
        self.assertEqual([(name, call) for name, _, call in answers], [("Email/copy", "x"), ("Email/set", "x")])
        self.assertEqual(answers[1][1]["destroyed"], [second])
        self.assertEqual(friend.call("Email/get", {"ids": [first, second]})["notFound"], [second])
        moved = answers[0][1]["created"]["m"]
        self.assertEqual(sorted(moved), ["blobId", "id", "size", "threadId"])
        self.assertEqual(self.email(moved["id"], ["keywords"]), {"keywords": {}})


if __name__ == "__main__":
    unittest.main(verbosity=2)
