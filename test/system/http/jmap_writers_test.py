# SPDX-License-Identifier: Apache-2.0
"""Who writes at the same moment as others over two web workers: nothing is lost, of those who name the same state one wins,
and who follows knows all of it."""

import threading
import unittest

from mail_case import MailCase

import jmap

WRITERS, ROUNDS, MESSAGES = 6, 5, 40


def at_once(count: int, work) -> None:
    """Runs work(0), work(1) ... at the same time; the first error is ours."""
    gate, errors = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            gate.wait(60)
            work(number)
        except BaseException as error:  # told below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]


class Writers(MailCase):
    options = {"http.numprocesses": "2", "imap.numprocesses": "2"}

    def setUp(self):
        super().setUp()
        self.clients = [self.client_of(self.user) for _ in range(WRITERS)]

    def letters(self, count: int) -> list[str]:
        made = self.call("Email/set", {"create": {
            f"k{number}": {"mailboxIds": {self.inbox(): True}, "subject": str(number)} for number in range(count)}})
        return [made["created"][f"k{number}"]["id"] for number in range(count)]

    def test_every_identity_is_there_in_the_end(self):
        using = jmap.ALL
        before = {one["id"] for one in self.call("Identity/get", {"ids": None}, using=using)["list"]}
        address = self.call("Identity/get", {"ids": None}, using=using)["list"][0]["email"]
        made: list[str] = []

        def write(number: int) -> None:
            for turn in range(ROUNDS):
                answer = self.clients[number].call("Identity/set", {"create": {
                    "k": {"email": address, "name": f"{number} {turn}"}}}, using=using)
                made.append(answer["created"]["k"]["id"])

        at_once(WRITERS, write)
        now = self.call("Identity/get", {"ids": None}, using=using)["list"]
        self.assertEqual(len(set(made)), WRITERS * ROUNDS)
        self.assertEqual({one["id"] for one in now} - before, set(made))
        self.assertEqual({one["name"] for one in now if one["id"] in set(made)},
                         {f"{number} {turn}" for number in range(WRITERS) for turn in range(ROUNDS)})

    def test_of_those_in_the_same_state_one_wins_with_all_it_asked_for(self):
        ids = self.letters(MESSAGES)
        made = self.call("Mailbox/set", {"create": {"a": {"name": "A"}, "b": {"name": "B"}}})["created"]
        both = {self.inbox(): True, made["a"]["id"]: True, made["b"]["id"]: True}
        self.assertIsNone(self.call("Email/set", {"update": {one: {"mailboxIds": both} for one in ids}})["notUpdated"])
        for turn in range(ROUNDS):
            state = self.call("Email/get", {"ids": []})["state"]
            winners: list[int] = []

            def write(number: int) -> None:
                try:
                    answer = self.clients[number].call("Email/set", {"ifInState": state, "update": {
                        one: {"keywords": {f"w{turn}x{number}": True}} for one in ids}})
                    self.assertEqual((answer["oldState"], answer["notUpdated"]), (state, None))
                    winners.append(number)
                except jmap.MethodError as error:
                    self.assertEqual(error.type, "stateMismatch")

            at_once(WRITERS, write)
            self.assertEqual(len(winners), 1)
            found = self.call("Email/get", {"ids": ids, "properties": ["keywords"]})["list"]
            self.assertEqual({tuple(email["keywords"]) for email in found}, {(f"w{turn}x{winners[0]}",)})

    def test_what_one_commit_does_is_told_in_parts(self):
        ids = self.letters(MESSAGES)
        state = self.call("Email/get", {"ids": []})["state"]
        self.call("Email/set", {"update": {one: {"keywords/$seen": True} for one in ids}})
        now, told, parts = self.call("Email/get", {"ids": []})["state"], [], 0
        while True:
            changes = self.call("Email/changes", {"sinceState": state, "maxChanges": 7})
            self.assertEqual(changes["oldState"], state)
            self.assertLessEqual(len(changes["updated"]), 7)
            self.assertEqual((changes["created"], changes["destroyed"]), ([], []))
            told += changes["updated"]
            parts, state = parts + 1, changes["newState"]
            if not changes["hasMoreChanges"]:
                break
            # A state in the middle is one that nobody can be in.
            self.assertEqual(self.refused("Email/set", {"ifInState": state, "destroy": []}), "stateMismatch")
        self.assertEqual((sorted(told), state, parts), (sorted(ids), now, -(-MESSAGES // 7)))

    def test_what_others_do_in_between_is_not_skipped(self):
        """Writers that go from oldState to newState without a question, as RFC 8620 5.3 allows, miss nothing."""
        known: list[dict[str, bool]] = [{} for _ in range(WRITERS)]

        def write(number: int) -> None:
            client, mine = self.clients[number], known[number]
            box = client.mailboxes()["inbox"]["id"]
            state = client.call("Email/get", {"ids": []})["state"]
            mine.update(dict.fromkeys(client.call("Email/query", {})["ids"], True))

            def follow(state: str) -> str:
                while True:
                    changes = client.call("Email/changes", {"sinceState": state, "maxChanges": 3})
                    mine.update(dict.fromkeys(changes["created"], True))
                    for gone in changes["destroyed"]:
                        mine.pop(gone, None)
                    state = changes["newState"]
                    if not changes["hasMoreChanges"]:
                        return state

            state = follow(state)
            for turn in range(ROUNDS):
                done = client.call("Email/set", {"create": {
                    f"k{n}": {"mailboxIds": {box: True}, "subject": f"{number} {turn} {n}"} for n in range(2)}})
                mine.update({one["id"]: True for one in done["created"].values()})
                state = done["newState"] if done["oldState"] == state else follow(state)
            finished.wait(60)
            follow(state)

        finished = threading.Barrier(WRITERS)
        at_once(WRITERS, write)
        there = set(self.call("Email/query", {"limit": 500})["ids"])
        self.assertEqual(len(there), WRITERS * ROUNDS * 2)
        for mine in known:
            self.assertEqual(set(mine), there)

    def test_a_subscription_is_each_ones_own(self):
        other = self.next_user()
        made = self.call("Mailbox/set", {"create": {"s": {"name": "Ours", "isSubscribed": True, "shareWith": {
            other: {"mayReadItems": True}}}}})
        box = made["created"]["s"]["id"]
        friend, account = self.client_of(other), {"accountId": self.client.own_account}

        def subscribed() -> tuple[bool, bool]:
            wanted = {"ids": [box], "properties": ["isSubscribed"]}
            return (self.call("Mailbox/get", wanted)["list"][0]["isSubscribed"],
                    friend.call("Mailbox/get", account | wanted)["list"][0]["isSubscribed"])

        self.assertEqual(subscribed(), (True, False))
        done = friend.call("Mailbox/set", account | {"update": {box: {"isSubscribed": True}}})
        self.assertIsNone(done["notUpdated"], done)
        self.assertEqual(subscribed(), (True, True))
        self.call("Mailbox/set", {"update": {box: {"isSubscribed": False}}})
        self.assertEqual(subscribed(), (False, True))
        friend.call("Mailbox/set", account | {"update": {box: {"isSubscribed": False}}})
        self.assertEqual(subscribed(), (False, False))


if __name__ == "__main__":
    unittest.main()
