# SPDX-License-Identifier: Apache-2.0
"""The JMAP methods that read mail, and Mailbox/set, from a client's request to the stores and back."""

import imaplib
import unittest
from pathlib import Path

from mail_case import MailCase, letter
from support import PASSWORD, SOURCE

import jmap

SAMPLES = sorted((SOURCE / "test" / "data" / "samples").glob("*.eml"))
ATTACHED = (b"From: Bert <bert@example.org>\r\nTo: anna@example.org\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
            b"Message-ID: <inside@example.org>\r\nDate: Fri, 06 Nov 2026 10:00:00 +0130\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
            b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            b"Sch=F6ne needle\r\nzweite Zeile\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
            b"Subject: forwarded\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ndeep\r\n--i\r\n"
            b"Content-Type: application/x-y; name=f\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--i--\r\n--o--\r\n")


class Mail(MailCase):
    # ---- Mailbox

    def test_mailboxes_come_with_their_numbers(self):
        self.deliver(letter(1, "one"), letter(2, "Re: one", "In-Reply-To: <1@example.org>\r\n"), letter(3, "other"))
        box = self.client.mailboxes()["inbox"]
        self.assertEqual((box["name"], box["parentId"], box["role"]), ("Inbox", None, "inbox"))
        self.assertEqual((box["totalEmails"], box["unreadEmails"]), (3, 3))
        self.assertEqual((box["totalThreads"], box["unreadThreads"]), (2, 2))
        self.assertTrue(box["isSubscribed"])
        self.assertTrue(box["myRights"]["mayReadItems"] and box["myRights"]["mayAddItems"])
        self.assertFalse(any(box["myRights"][right] for right in ("mayRename", "mayDelete", "mayCreateChild")))
        refused = self.call("Mailbox/set", {"create": {"k": {"name": "n", "parentId": box["id"]}}})
        self.assertIn(refused["notCreated"]["k"]["type"], ("forbidden", "invalidProperties"))

    def test_an_unread_reply_in_the_trash_makes_no_other_mailbox_unread(self):
        """RFC 8621 2: what lies in the trash is a thread of its own as far as unreadThreads goes."""
        boxes = {role: box["id"] for role, box in self.client.mailboxes().items()}
        reply = "In-Reply-To: <{0}@example.org>\r\nReferences: <{0}@example.org>\r\n"
        read, unread = self.deliver(letter(1, "one"), letter(2, "Re: one", reply.format(1)))
        self.call("Email/set", {"update": {read: {"keywords/$seen": True}, unread: {"mailboxIds": {boxes["trash"]: True}}}})

        def counts(role: str) -> tuple[int, int]:
            box = self.call("Mailbox/get", {"ids": [boxes[role]]})["list"][0]
            return box["totalThreads"], box["unreadThreads"]

        self.assertEqual((counts("inbox"), counts("trash")), ((1, 0), (1, 1)))
        self.call("Email/set", {"update": {unread: {"mailboxIds": {boxes["sent"]: True}}}})
        self.assertEqual((counts("inbox"), counts("sent"), counts("trash")), ((1, 1), (1, 1), (0, 0)))
        self.call("Email/set", {"update": {unread: {"keywords/$draft": True}}})
        self.assertEqual((counts("inbox"), counts("sent")), ((1, 0), (1, 0)))

    def test_a_mailbox_stands_where_its_user_puts_it(self):
        made = self.call("Mailbox/set", {"create": {"a": {"name": "Last", "sortOrder": 2 ** 31 - 1}, "b": {"name": "Zoo"}}})
        last, zoo = (made["created"][name]["id"] for name in "ab")
        self.assertNotIn("sortOrder", made["created"]["a"])
        state = made["newState"]
        done = self.call("Mailbox/set", {"update": {zoo: {"sortOrder": 0}}})
        self.assertEqual(done["updated"], {zoo: None})
        changes = self.call("Mailbox/changes", {"sinceState": state})
        self.assertIn(zoo, changes["updated"])  # others may be told as well: a change could be that of the trash
        self.assertIsNone(changes["updatedProperties"])
        orders = {box["id"]: box["sortOrder"] for box in self.client.call("Mailbox/get", {"ids": None})["list"]}
        self.assertEqual((orders[last], orders[zoo], orders[self.inbox()]), (2 ** 31 - 1, 0, 1))
        ids = self.call("Mailbox/query", {"sort": [{"property": "sortOrder"}]})["ids"]
        self.assertEqual((ids[0], ids[1], ids[-1]), (zoo, self.inbox(), last))
        self.call("Mailbox/set", {"update": {zoo: {"name": "Zebra", "sortOrder": 7}}})
        self.assertEqual(self.call("Mailbox/get", {"ids": [zoo]})["list"][0]["sortOrder"], 7)
        self.assertEqual(self.call("Mailbox/set", {"update": {zoo: {"sortOrder": None}}})["updated"][zoo], {"sortOrder": 10})

    def test_who_loses_the_mailbox_above_him_is_told_as_changed(self):
        made = self.call("Mailbox/set", {"create": {"p": {"name": "above"}, "k": {"name": "below", "parentId": "#p"}}})
        above, below = (made["created"][name]["id"] for name in "pk")
        with imaplib.IMAP4("127.0.0.1", self.instance.port("imap", False)) as imap:
            imap.login(self.user, PASSWORD)
            self.assertEqual(imap.delete("above")[0], "OK")
            changes = self.call("Mailbox/changes", {"sinceState": made["newState"]})
            self.assertEqual((changes["destroyed"], changes["updated"], changes["updatedProperties"]), ([above], [below], None))
            box = self.call("Mailbox/get", {"ids": [below]})["list"][0]
            self.assertEqual((box["name"], box["parentId"]), ("above/below", None))
            self.assertEqual(imap.create("above")[0], "OK")
        changes = self.call("Mailbox/changes", {"sinceState": changes["newState"]})
        self.assertEqual((len(changes["created"]), changes["updated"]), (1, [below]))

    def test_mailboxes_are_made_moved_and_removed(self):
        made = self.call("Mailbox/set", {"create": {
            "child": {"name": "Kind", "parentId": "#top"}, "top": {"name": "Größe", "role": "archive"},
            "zoo": {"name": "Zoo", "isSubscribed": False}, "bad": {"name": "a/b"}}})
        self.assertEqual(made["notCreated"]["bad"]["properties"], ["name"])
        top, child, zoo = (made["created"][name]["id"] for name in ("top", "child", "zoo"))
        boxes = {box["id"]: box for box in self.call("Mailbox/get", {"ids": None})["list"]}
        self.assertEqual((boxes[top]["role"], boxes[child]["parentId"]), ("archive", top))
        self.assertFalse(boxes[zoo]["isSubscribed"])
        self.assertEqual(made["newState"], self.call("Mailbox/get", {"ids": []})["state"])
        done = self.call("Mailbox/set", {"update": {
            top: {"name": "Zoo"}, zoo: {"name": "Größe", "isSubscribed": True}, child: {"parentId": zoo}}})
        self.assertIsNone(done["notUpdated"], done)
        boxes = {box["id"]: box for box in self.call("Mailbox/get", {"ids": [top, child, zoo]})["list"]}
        self.assertEqual([boxes[box]["name"] for box in (top, child, zoo)], ["Zoo", "Kind", "Größe"])
        self.assertEqual(boxes[child]["parentId"], zoo)
        done = self.call("Mailbox/set", {"destroy": [zoo, self.inbox(), "nothing"]})
        self.assertEqual([done["notDestroyed"][box]["type"] for box in (zoo, self.inbox(), "nothing")],
                         ["mailboxHasChild", "forbidden", "notFound"])
        self.assertEqual(sorted(self.call("Mailbox/set", {"destroy": [zoo, child]})["destroyed"]), sorted([zoo, child]))

    def test_a_mailbox_with_messages_goes_only_when_it_is_meant(self):
        box = self.call("Mailbox/set", {"create": {"b": {"name": "Box"}}})["created"]["b"]["id"]
        (mail,) = self.deliver(letter(1, "one"))
        self.call("Email/set", {"update": {mail: {"mailboxIds": {box: True}}}})
        done = self.call("Mailbox/set", {"destroy": [box]})
        self.assertEqual(done["notDestroyed"][box]["type"], "mailboxHasEmail")
        done = self.call("Mailbox/set", {"destroy": [box], "onDestroyRemoveEmails": True})
        self.assertEqual(done["destroyed"], [box])
        self.assertEqual(self.call("Email/get", {"ids": [mail]})["notFound"], [mail])

    def test_mailboxes_are_queried(self):
        self.call("Mailbox/set", {"create": {"a": {"name": "Aal"}, "b": {"name": "Bär", "parentId": "#a"}}})
        answer = self.call("Mailbox/query", {"filter": {"role": None}, "sort": [{"property": "name", "isAscending": False}],
                                             "calculateTotal": True})
        names = {box["id"]: box["name"] for box in self.call("Mailbox/get", {"ids": None})["list"]}
        self.assertEqual([names[box] for box in answer["ids"] if names[box] in ("Aal", "Bär")], ["Bär", "Aal"])
        self.assertEqual(answer["total"], len(answer["ids"]))
        tree = self.call("Mailbox/query", {"filter": {"name": "bär"}, "filterAsTree": True})
        self.assertEqual(tree["ids"], [])
        state = answer["queryState"]
        self.call("Mailbox/set", {"create": {"c": {"name": "Chamäleon"}}})
        changes = self.call("Mailbox/queryChanges", {"filter": {"role": None}, "sort": [{"property": "name"}],
                                                     "sinceQueryState": state})
        self.assertEqual(len(changes["added"]), 1)

    def test_a_shared_mailbox_is_seen_by_whom_it_is_shared_with(self):
        # The web server remembers for a while who shares with whom: the other one asks after it is done.
        other = self.next_user()
        made = self.call("Mailbox/set", {"create": {"s": {"name": "Shared", "shareWith": {
            other: {"mayReadItems": True, "maySetSeen": True}}}}})
        self.assertIsNone(made["notCreated"], made)
        box = made["created"]["s"]["id"]
        shared_mail, own_mail = self.deliver(letter(1, "for both"), letter(2, "for one"))
        self.call("Email/set", {"update": {shared_mail: {"mailboxIds": {box: True}}}})
        shared = self.call("Mailbox/get", {"ids": [box], "properties": ["shareWith"]})["list"][0]["shareWith"]
        self.assertTrue(shared[other]["mayReadItems"])
        self.assertFalse(shared[other]["mayAddItems"])
        friend = self.client_of(other)
        account = {"accountId": self.client.own_account}
        theirs = friend.call("Mailbox/get", account | {"ids": None})["list"]
        self.assertEqual([(one["name"], one["myRights"]["mayReadItems"], one["myRights"]["mayDelete"]) for one in theirs],
                         [("Shared", True, False)])
        notices = friend.call("ShareNotification/get", {"ids": None})["list"]
        self.assertEqual([(one["objectId"], one["name"], one["changedBy"]["principalId"], one["oldRights"]) for one in notices],
                         [(box, "Shared", self.user, None)])
        self.assertTrue(notices[0]["newRights"]["maySetSeen"])
        self.assertFalse(theirs[0]["isSubscribed"])
        friend.call("Mailbox/set", account | {"update": {box: {"isSubscribed": True, "sortOrder": 3}}})
        mine = friend.call("Mailbox/get", account | {"ids": [box]})["list"][0]
        self.assertEqual((mine["isSubscribed"], mine["sortOrder"]), (True, 3))
        self.assertEqual(self.call("Mailbox/get", {"ids": [box]})["list"][0]["sortOrder"], 10)
        self.assertEqual(friend.call("ShareNotification/get", {"ids": None})["list"], [])
        seen = friend.call("Email/get", account | {"ids": [shared_mail, own_mail], "properties": ["subject"]})
        self.assertEqual([email["subject"] for email in seen["list"]], ["for both"])
        self.assertEqual(seen["notFound"], [own_mail])
        self.assertEqual(friend.call("Email/query", account)["ids"], [shared_mail])
        done = friend.call("Mailbox/set", account | {"destroy": [box], "create": {"n": {"name": "n"}}})
        self.assertEqual((done["notDestroyed"][box]["type"], done["notCreated"]["n"]["type"]), ("forbidden", "forbidden"))
        self.call("Mailbox/set", {"update": {box: {"shareWith/" + other: None}}})
        try:
            gone = friend.call("Email/get", account | {"ids": [shared_mail]})
            self.assertEqual((gone["list"], gone["notFound"]), ([], [shared_mail]))
            self.assertEqual(friend.call("Mailbox/get", account | {"ids": None})["list"], [])
        except jmap.MethodError as error:
            self.assertEqual(error.type, "accountNotFound")

    # ---- Email/get, Email/parse, blobs

    def test_an_email_is_told_in_all_its_properties(self):
        (mail,) = self.deliver(ATTACHED)
        email = self.call("Email/get", {"ids": [mail], "fetchTextBodyValues": True})["list"][0]
        self.assertEqual(email["subject"], "Grüße")
        self.assertEqual(email["from"], [{"name": "Bert", "email": "bert@example.org"}])
        self.assertEqual(email["sentAt"], "2026-11-06T10:00:00+01:30")
        self.assertEqual((email["sender"], email["references"]), (None, None))
        self.assertEqual(email["mailboxIds"], {self.inbox(): True})
        self.assertEqual(email["keywords"], {})
        self.assertEqual(email["bodyValues"], {"1": {"value": "Schöne needle\nzweite Zeile", "isEncodingProblem": False,
                                                     "isTruncated": False}})
        self.assertEqual(email["textBody"][0]["size"], len("Schöne needle\r\nzweite Zeile"))
        self.assertIn("Schöne needle", email["preview"])
        self.assertEqual(email["attachments"][0]["type"], "message/rfc822")
        whole = self.client.download(email["blobId"], "mail.eml")
        self.assertEqual(len(whole), email["size"])
        self.assertTrue(whole.endswith(ATTACHED))
        self.assertEqual(self.client.download(email["textBody"][0]["blobId"]),
                         "Schöne needle\r\nzweite Zeile".encode("iso-8859-1"))

    def test_header_fields_in_every_form(self):
        (mail,) = self.deliver(ATTACHED)
        wanted = {"header:X-Twice": " 2", "header:x-twice:all": [" 1", " 2"], "header:Subject:asText": "Grüße",
                  "header:From:asAddresses": [{"name": "Bert", "email": "bert@example.org"}],
                  "header:To:asGroupedAddresses": [{"name": None, "addresses": [{"name": None,
                                                                                 "email": "anna@example.org"}]}],
                  "header:Message-ID:asMessageIds": ["inside@example.org"],
                  "header:Date:asDate": "2026-11-06T10:00:00+01:30", "header:X-None": None, "header:X-None:all": [],
                  "header:List-Post:asURLs": None}
        email = self.call("Email/get", {"ids": [mail], "properties": list(wanted)})["list"][0]
        self.assertEqual({name: email[name] for name in wanted}, wanted)
        headers = self.call("Email/get", {"ids": [mail], "properties": ["headers"]})["list"][0]["headers"]
        self.assertIn({"name": "X-Twice", "value": " 1"}, headers)

    def test_parts_of_the_samples_can_be_fetched(self):
        ids = self.deliver(*[sample.read_bytes() for sample in SAMPLES])
        emails = self.call("Email/get", {"ids": ids, "properties": ["bodyStructure", "bodyValues", "headers"],
                                         "bodyProperties": ["partId", "blobId", "size", "type", "headers", "subParts"],
                                         "fetchAllBodyValues": True, "maxBodyValueBytes": 100})["list"]
        self.assertEqual(len(emails), len(SAMPLES))
        parts = [email["bodyStructure"] for email in emails]
        leaves = 0
        for part in parts:
            parts.extend(part["subParts"] or [])
            if part["subParts"] is None:
                leaves += 1
                self.assertEqual(len(self.client.download(part["blobId"])), part["size"], part)
        self.assertGreater(leaves, len(SAMPLES))
        for email in emails:
            for value in email["bodyValues"].values():
                self.assertLessEqual(len(value["value"].encode()), 100)

    def test_attached_messages_are_parsed_and_their_attachments_fetched(self):
        (mail,) = self.deliver(ATTACHED)
        attached = f"P{mail}_2"
        uploaded = self.client.upload(ATTACHED, "message/rfc822")["blobId"]
        junk = self.client.upload(b"\x00\x01", "image/png")["blobId"]
        answer = self.call("Email/parse", {"blobIds": [attached, uploaded, junk, "Unothing"], "fetchTextBodyValues": True})
        self.assertEqual((answer["notParsable"], answer["notFound"]), ([junk], ["Unothing"]))
        inner = answer["parsed"][attached]
        self.assertEqual((inner["subject"], inner["bodyValues"]["1"]["value"]), ("forwarded", "deep"))
        self.assertEqual(self.client.download(inner["attachments"][0]["blobId"]), b"\0\1\2")
        again = self.call("Email/parse", {"blobIds": [answer["parsed"][uploaded]["attachments"][0]["blobId"]]})
        (name,) = again["parsed"]
        self.assertEqual(self.client.download(again["parsed"][name]["attachments"][0]["blobId"]), b"\0\1\2")

    # ---- Email/query, changes, threads, snippets, quotas

    def test_emails_are_found_by_every_condition(self):
        one, two, three = self.deliver(
            letter(1, "apple", "Cc: carl@example.com\r\n", "green needle"),
            letter(2, "Re: apple", "In-Reply-To: <1@example.org>\r\nX-Mark: blue sky\r\n", "red"), ATTACHED)
        self.call("Email/set", {"update": {one: {"keywords/$flagged": True}, three: {"keywords/work": True}}})
        inbox = self.inbox()
        names = {one: "1", two: "2", three: "3"}
        rows = [({"inMailbox": inbox}, "123"), ({"inMailbox": "nowhere"}, ""), ({"inMailboxOtherThan": [inbox]}, ""),
                ({"before": "2000-01-01T00:00:00Z"}, ""), ({"after": "2000-01-01T00:00:00Z"}, "123"),
                ({"minSize": 500}, "3"), ({"maxSize": 500}, "12"), ({"hasKeyword": "$flagged"}, "1"),
                ({"notKeyword": "work"}, "12"), ({"someInThreadHaveKeyword": "$flagged"}, "12"),
                ({"allInThreadHaveKeyword": "$flagged"}, ""), ({"noneInThreadHaveKeyword": "$flagged"}, "3"),
                ({"text": "NEEDLE"}, "13"), ({"text": "'green needle'"}, "1"), ({"from": "sender"}, "12"),
                ({"to": "anna"}, "123"), ({"cc": "carl"}, "1"), ({"subject": "apple"}, "12"), ({"subject": "grüße"}, "3"),
                ({"body": "schöne"}, "3"), ({"header": ["X-Mark"]}, "2"), ({"header": ["x-mark", "SKY"]}, "2"),
                ({"operator": "NOT", "conditions": [{"subject": "apple"}]}, "3"),
                ({"operator": "OR", "conditions": [{"body": "red"}, {"hasKeyword": "work"}]}, "23"),
                ({"operator": "AND", "conditions": [{"subject": "apple"}, {"body": "red"}]}, "2"), ({}, "123")]
        for where, expected in rows:
            with self.subTest(filter=where):
                ids = self.call("Email/query", {"filter": where})["ids"]
                self.assertEqual("".join(sorted(names[email] for email in ids)), expected)

    def test_emails_are_sorted_windowed_and_collapsed(self):
        one, two, three = self.deliver(
            letter(1, "b", "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n", "x" * 3000),
            letter(2, "Re: b", "In-Reply-To: <1@example.org>\r\nDate: Thu, 1 Jan 2025 00:00:00 +0000\r\n"),
            letter(3, "a", "Date: Thu, 1 Jan 2024 00:00:00 +0000\r\n"))
        names = {one: "1", two: "2", three: "3"}

        def order(arguments: dict) -> str:
            return "".join(names[email] for email in self.call("Email/query", arguments)["ids"])

        for key, expected in (("sentAt", "321"), ("from", "123"), ("subject", "3")):
            self.assertTrue(order({"sort": [{"property": key}]}).startswith(expected), key)
        self.assertTrue(order({"sort": [{"property": "size", "isAscending": False}]}).startswith("1"))
        by_sent = [{"property": "sentAt"}]
        self.assertEqual(order({"sort": by_sent, "collapseThreads": True}), "32")
        self.assertEqual(order({"sort": by_sent, "position": 1, "limit": 1}), "2")
        self.assertEqual(order({"sort": by_sent, "position": -1}), "1")
        window = self.call("Email/query", {"sort": by_sent, "anchor": two, "anchorOffset": -1, "limit": 2,
                                           "calculateTotal": True})
        self.assertEqual((window["ids"], window["position"], window["total"]), ([three, two], 0, 3))

    def test_changes_are_exact(self):
        one, two = self.deliver(letter(1, "one"), letter(2, "two"))
        answer = self.call("Email/query", {"sort": [{"property": "receivedAt"}]})
        self.assertTrue(answer["canCalculateChanges"], "the back end keeps no history")
        state = self.call("Email/get", {"ids": []})["state"]
        boxes = self.call("Mailbox/get", {"ids": []})["state"]
        (three,) = self.deliver(letter(3, "three"))
        self.call("Email/set", {"update": {one: {"keywords/$seen": True}}, "destroy": [two]})
        changes = self.call("Email/changes", {"sinceState": state})
        self.assertEqual((changes["created"], changes["updated"], changes["destroyed"], changes["hasMoreChanges"]),
                         ([three], [one], [two], False))
        self.assertEqual(changes["newState"], self.call("Email/get", {"ids": []})["state"])
        counts = self.call("Mailbox/changes", {"sinceState": boxes})
        self.assertEqual(counts["updated"], [self.inbox()])
        self.assertEqual(counts["updatedProperties"], ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"])
        threads = self.call("Thread/changes", {"sinceState": state})
        self.assertEqual((len(threads["created"]), len(threads["destroyed"])), (1, 1))
        query = self.call("Email/queryChanges", {"sort": [{"property": "receivedAt"}], "sinceQueryState":
                                                 answer["queryState"], "calculateTotal": True})
        ids = [email for email in answer["ids"] if email not in query["removed"]]
        for item in query["added"]:
            ids.insert(item["index"], item["id"])
        self.assertEqual(ids, self.call("Email/query", {"sort": [{"property": "receivedAt"}]})["ids"])
        self.assertEqual(query["total"], 2)

    def test_threads_hold_their_emails(self):
        one, two = self.deliver(letter(1, "one"), letter(2, "Re: one", "In-Reply-To: <1@example.org>\r\n"))
        thread = self.call("Email/get", {"ids": [one], "properties": ["threadId"]})["list"][0]["threadId"]
        answer = self.call("Thread/get", {"ids": [thread, "nothing"]})
        # Oldest first; messages of one second stand in the order of their ids (RFC 8621 3).
        got = self.call("Email/get", {"ids": [one, two], "properties": ["receivedAt"]})["list"]
        ordered = [email["id"] for email in sorted(got, key=lambda email: (email["receivedAt"], email["id"]))]
        self.assertEqual(answer["list"], [{"id": thread, "emailIds": ordered}])
        self.assertEqual(answer["notFound"], ["nothing"])

    def test_snippets_mark_what_was_searched_for(self):
        (mail,) = self.deliver(letter(1, "a < needle & more", body="<b>this</b> NEEDLE here"))
        answer = self.call("SearchSnippet/get", {"filter": {"text": "needle"}, "emailIds": [mail, "nothing"]})
        self.assertEqual(answer["list"], [{"emailId": mail, "subject": "a &lt; <mark>needle</mark> &amp; more",
                                           "preview": "&lt;b&gt;this&lt;/b&gt; <mark>NEEDLE</mark> here"}])
        self.assertEqual(answer["notFound"], ["nothing"])

    def test_quotas_are_told(self):
        before = self.call("Quota/get", {"ids": None})
        octets = next(quota for quota in before["list"] if quota["resourceType"] == "octets")
        self.assertEqual((octets["hardLimit"], octets["scope"], octets["types"]), (100 * 1024 * 1024, "account", ["Email"]))
        self.deliver(letter(1, "one", body="x" * 20_000))
        changes = self.call("Quota/changes", {"sinceState": before["state"]})
        self.assertIn(octets["id"], changes["updated"])
        self.assertEqual(changes["updatedProperties"], ["used"])
        found = self.call("Quota/query", {"filter": {"resourceType": "octets"}})
        self.assertEqual(found["ids"], [octets["id"]])
        after = self.call("Quota/get", {"ids": found["ids"], "properties": ["used"]})["list"]
        self.assertGreaterEqual(after[0]["used"], octets["used"] + 20_000)
        moved = self.call("Quota/queryChanges", {"sinceQueryState": before["state"], "filter": {"resourceType": "octets"}})
        self.assertEqual(moved["added"], [{"id": octets["id"], "index": 0}])

    # ---- errors

    def test_every_method_says_what_is_wrong(self):
        rows = [
            ("Mailbox/get", {"ids": "x"}, "invalidArguments"),
            ("Mailbox/get", {"ids": None, "properties": ["nonsense"]}, "invalidArguments"),
            ("Mailbox/get", {"ids": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("Mailbox/changes", {"sinceState": "nonsense"}, "cannotCalculateChanges"),
            ("Mailbox/changes", {}, "invalidArguments"),
            ("Mailbox/query", {"filter": {"nonsense": 1}}, "unsupportedFilter"),
            ("Mailbox/query", {"sort": [{"property": "totalEmails"}]}, "unsupportedSort"),
            ("Mailbox/query", {"anchor": "nothing"}, "anchorNotFound"),
            ("Mailbox/queryChanges", {"sinceQueryState": "nonsense"}, "cannotCalculateChanges"),
            ("Mailbox/set", {"create": []}, "invalidArguments"),
            ("Mailbox/set", {"ifInState": "nonsense"}, "stateMismatch"),
            ("Mailbox/set", {"destroy": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("Thread/get", {"ids": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("Thread/get", {"ids": [], "properties": ["x"]}, "invalidArguments"),
            ("Thread/changes", {"sinceState": "nonsense"}, "cannotCalculateChanges"),
            ("Email/get", {"ids": [], "properties": ["header:From:asDate"]}, "invalidArguments"),
            ("Email/get", {"ids": [], "bodyProperties": ["subject"]}, "invalidArguments"),
            ("Email/get", {"ids": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("Email/changes", {"sinceState": "nonsense"}, "cannotCalculateChanges"),
            ("Email/changes", {"sinceState": "1", "maxChanges": 0}, "invalidArguments"),
            ("Email/query", {"filter": {"before": "yesterday"}}, "invalidArguments"),
            ("Email/query", {"filter": {"nonsense": 1}}, "unsupportedFilter"),
            ("Email/query", {"sort": [{"property": "color"}]}, "unsupportedSort"),
            ("Email/query", {"sort": [{"property": "from", "collation": "i;none"}]}, "unsupportedSort"),
            ("Email/query", {"anchor": "nothing"}, "anchorNotFound"),
            ("Email/query", {"limit": -1}, "invalidArguments"),
            ("Email/queryChanges", {"sinceQueryState": "nonsense"}, "cannotCalculateChanges"),
            ("Email/parse", {}, "invalidArguments"),
            ("Email/parse", {"blobIds": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("SearchSnippet/get", {"filter": None}, "invalidArguments"),
            ("SearchSnippet/get", {"filter": {"nonsense": 1}, "emailIds": []}, "unsupportedFilter"),
            ("SearchSnippet/get", {"emailIds": [str(i) for i in range(1001)]}, "requestTooLarge"),
            ("Quota/get", {"ids": None, "properties": ["x"]}, "invalidArguments"),
            ("Quota/changes", {"sinceState": "nonsense"}, "cannotCalculateChanges"),
            ("Quota/query", {"filter": {"nonsense": 1}}, "unsupportedFilter"),
            ("Quota/query", {"sort": [{"property": "hardLimit"}]}, "unsupportedSort"),
            ("Quota/queryChanges", {"sinceQueryState": "nonsense"}, "cannotCalculateChanges"),
        ]
        for method, arguments, error in rows:
            with self.subTest(method=method, arguments=str(arguments)[:80]):
                self.assertEqual(self.refused(method, arguments), error)
        for method in sorted({method for method, _, _ in rows}):
            with self.subTest(method=method, account="another's"):
                self.assertEqual(self.refused(method, {"accountId": "nobody"}), "accountNotFound")
        state = self.call("Email/query")["queryState"]
        self.deliver(letter(1, "one"), letter(2, "two"))
        self.assertEqual(self.refused("Email/queryChanges", {"sinceQueryState": state, "maxChanges": 1}),
                         "tooManyChanges")


if __name__ == "__main__":
    unittest.main(verbosity=2)
