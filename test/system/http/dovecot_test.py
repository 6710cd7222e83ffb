# SPDX-License-Identifier: Apache-2.0
"""Debian's Dovecot behind mshttpd: mail is there, and what cannot be had is said."""

import base64
import sys
import unittest

from probe import Account, Failed, Probe, message

import dovecot  # noqa: E402  (test/support, found by probe's imports)


class DovecotTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = dovecot.Dovecot(["anna", "bert"])
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        cls.probe = Probe({"base.proxyimapport": str(cls.server.port), "base.proxyadmin": dovecot.MASTER,
                           "base.proxyadminpass": dovecot.MASTER_PASSWORD}, {"anna": "", "bert": ""})
        cls.addClassCleanup(cls.probe.stop)

    def setUp(self):
        self.anna = Account(self.probe, "anna")

    def inbox(self) -> str:
        return self.anna.boxes()["INBOX"]["id"]

    def put(self, subject: str, **more) -> str:
        return self.anna.append([self.inbox()], [], message(subject, **more))["id"]

    def test_what_is_missing_is_said(self):
        abilities = self.anna.abilities()
        for name in ("changes", "threads", "stableIds", "atomicUpdate"):
            self.assertFalse(abilities[name], name)
        with self.assertRaises(Failed) as failed:
            self.anna.changes("s1")
        self.assertEqual(failed.exception.code, "unsupported")
        self.assertEqual(self.probe.log().count("backend-less"), 1)

    def test_mailboxes_have_one_spelling_whatever_the_delimiter(self):
        made = self.anna.create("Projects/2026 Ä")["id"]
        boxes = self.anna.boxes()
        self.assertEqual(boxes["Projects/2026 Ä"]["id"], made)
        self.assertTrue(boxes["Projects/2026 Ä"]["subscribed"])
        self.assertIn("Projects", boxes)
        self.assertEqual(boxes["Sent"]["uses"], ["\\Sent"])
        names = [box["name"] for box in self.anna.mailboxes()["list"]]
        self.assertLess(names.index("Projects"), names.index("Projects/2026 Ä"))
        self.anna.rename("Projects/2026 Ä", "Projects/2027")
        self.assertIn("Projects/2027", self.anna.boxes())
        self.anna.append([self.anna.boxes()["Projects/2027"]["id"]], [], message("kept"))
        with self.assertRaises(Failed) as failed:
            self.anna.remove("Projects/2027", False)
        self.assertEqual(failed.exception.code, "conflict")
        self.anna.remove("Projects/2027", True)
        self.assertNotIn("Projects/2027", self.anna.boxes())

    def test_a_message_comes_back_as_it_was(self):
        content = "Grüße, " * 60_000
        whole = message("big", base64.encodebytes(content.encode()).decode().replace("\n", "\r\n"), "base64")
        done = self.anna.append([self.inbox()], ["\\Seen", "$Forwarded"], whole)
        self.assertEqual(done["octets"], len(whole))
        got = self.anna.messages([done["id"], "nonsense", done["id"] + "0"])
        self.assertEqual(got["unknown"], ["nonsense", done["id"] + "0"])
        (one,) = got["list"]
        self.assertEqual((one["id"], one["octets"], one["received"]), (done["id"], len(whole), 1_700_000_000))
        self.assertEqual(sorted(one["flags"]), ["$Forwarded", "\\Seen"])
        self.assertIn("Subject: big", one["subject"])
        self.assertTrue(one["structured"])
        self.assertEqual(self.anna.text(done["id"], [], False)["text"], whole)
        self.assertEqual(self.anna.text(done["id"], [1], True)["text"].strip(), content.strip())
        with self.assertRaises(Failed) as failed:
            self.anna.text("nonsense", [], False)
        self.assertEqual(failed.exception.code, "not-found")

    def test_search_and_sort(self):
        box = self.anna.create("Search")["id"]
        ids = {name: self.anna.append([box], [], message(name, body))["id"]
               for name, body in (("pear", "a red fox"), ("apple", "a blue fox"), ("cherry", "nothing"))}
        found = self.anna.query(box, "", True)
        self.assertEqual(found["ids"], [ids["apple"], ids["cherry"], ids["pear"]])
        self.assertEqual(found["total"], 3)
        self.assertEqual(self.anna.query(box, "fox", False)["ids"], [ids["pear"], ids["apple"]])
        self.assertEqual(self.anna.query("", "blue fox", False)["ids"], [ids["apple"]])

    def test_flags_and_mailboxes_change(self):
        box = self.anna.create("Filed")["id"]
        one = self.put("movable")
        before = self.anna.state()["state"]
        self.assertEqual(self.anna.update({"id": one, "addFlags": ["\\Flagged", "$Work"]})["outcome"], 0)
        self.assertEqual(sorted(self.anna.messages([one])["list"][0]["flags"]), ["$Work", "\\Flagged"])
        self.anna.update({"id": one, "dropFlags": ["$Work"], "addFlags": ["\\Seen"]})
        self.assertEqual(sorted(self.anna.messages([one])["list"][0]["flags"]), ["\\Flagged", "\\Seen"])
        with self.assertRaises(Failed) as failed:
            self.anna.update({"id": one, "addFlags": ["\\Seen"]}, before)
        self.assertEqual(failed.exception.code, "conflict")
        self.assertEqual(self.anna.update({"id": one, "setMailboxes": []})["outcome"], 7)
        self.assertEqual(self.anna.update({"id": one, "addMailboxes": ["none"]})["outcome"], 4)
        self.assertEqual(self.anna.update({"id": one, "setMailboxes": [box]})["outcome"], 0)
        self.assertEqual(self.anna.messages([one])["unknown"], [one], "ids of this server change with a move")
        (moved,) = self.anna.query(box, "", True)["ids"]
        self.assertEqual(sorted(self.anna.messages([moved])["list"][0]["flags"]), ["\\Flagged", "\\Seen"])
        self.assertEqual(self.anna.update({"id": moved, "destroy": True})["outcome"], 1)
        self.assertEqual(self.anna.query(box, "", True)["ids"], [])

    def test_the_state_follows_every_change(self):
        states = [self.anna.state()["state"]]
        one = self.put("counted")
        states.append(self.anna.state()["state"])
        self.anna.update({"id": one, "addFlags": ["\\Flagged"]})
        states.append(self.anna.state()["state"])
        self.anna.update({"id": one, "destroy": True})
        states.append(self.anna.state()["state"])
        self.assertEqual(len(set(states)), 4, states)
        self.assertEqual(self.anna.state()["state"], states[-1])

    def test_each_user_sees_his_own(self):
        one = self.put("private")
        bert = Account(self.probe, "bert")
        self.assertEqual(bert.boxes()["INBOX"]["messages"], 0)
        self.assertEqual(bert.messages([one])["unknown"], [one])


if __name__ == "__main__":
    if reason := dovecot.unavailable():
        print(f"SKIPPED: {reason}", file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
