# SPDX-License-Identifier: Apache-2.0
"""One family with web access for the tests of a file, and a user of its own for each of them."""

import unittest

from support import PASSWORD, family

import jmap


def letter(number: int, subject: str, more: str = "", body: str = "some text") -> bytes:
    return (f"From: Sender {number} <s{number}@example.org>\r\nTo: anna@example.org\r\nSubject: {subject}\r\n"
            f"Message-ID: <{number}@example.org>\r\n{more}\r\n{body}\r\n").encode()


class MailCase(unittest.TestCase):
    options = {"store.defaultmailboxquota": "100M"}
    users = 0

    @classmethod
    def setUpClass(cls):
        cls.instance = family([f"user{i}" for i in range(40)], cls.options, ("imap", "http"))
        cls.addClassCleanup(cls.instance.stop)

    def setUp(self):
        self.user = self.next_user()
        self.client = self.client_of(self.user)

    @classmethod
    def next_user(cls) -> str:
        MailCase.users += 1
        return f"user{MailCase.users - 1}"

    def client_of(self, user: str) -> jmap.Client:
        return jmap.Client(self.instance.port("http", False), user, PASSWORD, way="basic")

    def deliver(self, *messages: bytes) -> list[str]:
        """Their ids, in the order in which they came."""
        for message in messages:
            self.instance.deliver(self.user, message)
        query = self.call("Email/query", {"sort": [{"property": "receivedAt"}]})["ids"]
        found = self.call("Email/get", {"ids": query, "properties": ["messageId", "subject"]})["list"]
        by_message = {(email["messageId"] or [email["subject"]])[0]: email["id"] for email in found}
        ids = []
        for message in messages:
            line = next(line for line in message.split(b"\n") if line.lower().startswith(b"message-id:"))
            ids.append(by_message[line.split(b"<")[1].split(b">")[0].decode()])
        return ids

    def call(self, method: str, arguments: dict | None = None, **more) -> dict:
        return self.client.call(method, arguments or {}, **more)

    def refused(self, method: str, arguments: dict) -> str:
        with self.assertRaises(jmap.MethodError, msg=f"{method} {arguments}") as caught:
            self.call(method, arguments)
        return caught.exception.type

    def inbox(self) -> str:
        return self.client.mailboxes()["inbox"]["id"]
