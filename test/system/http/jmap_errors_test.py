# SPDX-License-Identifier: Apache-2.0
"""Every JMAP method and every error that it can give, provoked over HTTP. `--table` prints what is covered.

Errors of sending that an MTA decides about are in sending_test.py; what else a whole request is refused for
(its size, a dribbling client) in limits_test.py and upload_test.py."""

import re
import sys
import threading
import unittest

from support import PASSWORD, SOURCE, family

import jmap

MANY = [f"n{number}" for number in range(1001)]
ERROR = "urn:ietf:params:jmap:error:"
DRAFT = b"From: user0@test.example\r\nTo: user1@test.example\r\nSubject: never sent\r\n\r\ntext\r\n"


def table() -> dict[str, str]:
    """Method -> capability, as the server's own table has them."""
    text = (SOURCE / "mshttpd" / "jmap" / "method_table.cc").read_text()
    names = {"kCore": jmap.CORE, "kMail": jmap.MAIL, "kSubmission": jmap.SUBMISSION, "kQuota": jmap.QUOTA,
             "kBlob": jmap.BLOB, "kPrincipals": jmap.PRINCIPALS}
    return {method: names[capability] for method, capability in re.findall(r'\{"(\w+/\w+)", (k\w+),', text)}


METHODS = table()
OWN_ACCOUNT_ONLY = ("Identity/", "EmailSubmission/", "Principal/", "ShareNotification/")


def of(*verbs: str) -> list[str]:
    return [method for method in METHODS if method.split("/")[1] in verbs]


# What a method needs beyond accountId so that nothing else is wrong with it.
NEEDED = {
    "Blob/copy": {"fromAccountId": "{own}", "blobIds": []}, "Blob/get": {"ids": []},
    "Blob/lookup": {"ids": [], "typeNames": ["Email"]}, "Blob/upload": {"create": {}},
    "Email/copy": {"fromAccountId": "{friend}", "create": {}}, "Email/import": {"emails": {}},
    "Email/parse": {"blobIds": []}, "SearchSnippet/get": {"filter": {"text": "x"}, "emailIds": []},
} | {method: {"ids": []} for method in of("get") if method not in ("Blob/get", "SearchSnippet/get")} \
  | {method: {"sinceState": "0"} for method in of("changes")} \
  | {method: {"sinceQueryState": "0"} for method in of("queryChanges")}

# (method, arguments, the error): each method's own. What is common to them is made below.
ROWS = [
    ("Blob/copy", {"fromAccountId": "nobody", "blobIds": []}, "fromAccountNotFound"),
    ("Blob/copy", {"blobIds": []}, "invalidArguments"),
    ("Blob/copy", {"fromAccountId": "{own}"}, "invalidArguments"),
    ("Blob/copy", {"fromAccountId": "{own}", "blobIds": MANY}, "requestTooLarge"),
    ("Blob/get", {}, "invalidArguments"),
    ("Blob/get", {"ids": [], "offset": -1}, "invalidArguments"),
    ("Blob/get", {"ids": [], "properties": ["digest:md5"]}, "invalidArguments"),
    ("Blob/get", {"ids": MANY}, "requestTooLarge"),
    ("Blob/lookup", {"ids": []}, "invalidArguments"),
    ("Blob/lookup", {"ids": [], "typeNames": ["Nothing"]}, "unknownDataType"),
    ("Blob/lookup", {"ids": MANY, "typeNames": []}, "requestTooLarge"),
    ("Blob/upload", {}, "invalidArguments"),
    ("Blob/upload", {"create": {"no id": {"data": []}}}, "invalidArguments"),
    ("Blob/upload", {"create": {name: {"data": []} for name in MANY}}, "requestTooLarge"),
    ("Email/copy", {"fromAccountId": "nobody", "create": {}}, "fromAccountNotFound"),
    ("Email/copy", {"fromAccountId": "{own}", "create": {}}, "invalidArguments"),
    ("Email/copy", {"fromAccountId": "{friend}", "create": {}, "ifInState": "nonsense"}, "stateMismatch"),
    ("Email/copy", {"fromAccountId": "{friend}", "create": {}, "ifFromInState": "nonsense"}, "stateMismatch"),
    ("Email/copy", {"fromAccountId": "{friend}", "create": {name: {"id": "x"} for name in MANY}}, "requestTooLarge"),
    ("Email/import", {}, "invalidArguments"),
    ("Email/import", {"emails": {}, "ifInState": "nonsense"}, "stateMismatch"),
    ("Email/import", {"emails": {name: {"blobId": "x"} for name in MANY}}, "requestTooLarge"),
    ("Email/get", {"ids": [], "properties": ["header:From:asDate"]}, "invalidArguments"),
    ("Email/get", {"ids": [], "bodyProperties": ["subject"]}, "invalidArguments"),
    ("Email/parse", {}, "invalidArguments"),
    ("Email/parse", {"blobIds": MANY}, "requestTooLarge"),
    ("Email/query", {"filter": {"before": "yesterday"}}, "invalidArguments"),
    ("Email/query", {"sort": [{"property": "from", "collation": "i;none"}]}, "unsupportedSort"),
    ("Mailbox/query", {"sort": [{"property": "name", "collation": "i;none"}]}, "unsupportedSort"),
    ("Mailbox/query", {"sortAsTree": "yes"}, "invalidArguments"),
    ("Mailbox/set", {"onDestroyRemoveEmails": "yes"}, "invalidArguments"),
    ("EmailSubmission/set", {"onSuccessUpdateEmail": []}, "invalidArguments"),
    ("EmailSubmission/set", {"onSuccessDestroyEmail": "x"}, "invalidArguments"),
    ("SearchSnippet/get", {"filter": {"text": "x"}}, "invalidArguments"),
    ("SearchSnippet/get", {"filter": {"nonsense": 1}, "emailIds": []}, "unsupportedFilter"),
    ("SearchSnippet/get", {"filter": {"text": "x"}, "emailIds": MANY}, "requestTooLarge"),
]
ROWS += [(method, {"ids": ids}, error) for method in NEEDED if method.endswith("/get") and method not in
         ("Blob/get", "SearchSnippet/get") for ids, error in (("x", "invalidArguments"), (MANY, "requestTooLarge"))]
ROWS += [(method, {"ids": [], "properties": ["nonsense"]}, "invalidArguments") for method in of("get")
         if method != "SearchSnippet/get"]
for one in of("changes"):
    ROWS += [(one, {}, "invalidArguments"), (one, {"sinceState": "nonsense"}, "cannotCalculateChanges"),
             (one, {"sinceState": "0", "maxChanges": -1}, "invalidArguments")]
    if one != "Principal/changes":
        ROWS += [(one, {"sinceState": "0", "maxChanges": 0}, "invalidArguments")]
for one in of("set"):
    ROWS += [(one, {"create": []}, "invalidArguments"), (one, {"update": {"x": 1}}, "invalidArguments"),
             (one, {"create": {"no id": {}}}, "invalidArguments"), (one, {"destroy": "x"}, "invalidArguments"),
             (one, {"ifInState": "nonsense"}, "stateMismatch"), (one, {"destroy": MANY}, "requestTooLarge")]
for one in of("query", "queryChanges"):
    state = {"sinceQueryState": "0"} if one.endswith("Changes") else {}
    ROWS += [(one, state | {"filter": {"nonsense": 1}}, "unsupportedFilter"),
             (one, state | {"filter": {"operator": "XOR", "conditions": []}}, "invalidArguments"),
             (one, state | {"filter": 1}, "invalidArguments"),
             (one, state | {"sort": [{"property": "nonsense"}]}, "unsupportedSort"),
             (one, state | {"sort": [{}]}, "invalidArguments"),
             (one, state | {"calculateTotal": 1}, "invalidArguments")]
for one in of("query"):
    ROWS += [(one, {"anchor": "nothing"}, "anchorNotFound"), (one, {"limit": -1}, "invalidArguments"),
             (one, {"position": 1.5}, "invalidArguments")]
for one in of("queryChanges"):
    ROWS += [(one, {}, "invalidArguments"), (one, {"sinceQueryState": "nonsense"}, "cannotCalculateChanges")]


class Errors(unittest.TestCase):
    maxDiff = None
    seen: set[tuple[str, str]] = set()

    @classmethod
    def setUpClass(cls):
        cls.instance = family([f"user{number}" for number in range(4)],
                              {"http.numprocesses": "1", "store.defaultmailboxquota": "100M",
                               "store.defaultmessagequota": "1000"}, ("imap", "http"))
        cls.addClassCleanup(cls.instance.stop)
        port = cls.instance.port("http", False)
        cls.anna, cls.bert = (jmap.Client(port, f"user{number}", PASSWORD) for number in range(2))
        # Bert shares one mailbox with Anna, to read.
        made = cls.bert.call("Mailbox/set", {"create": {"s": {"name": "Shared", "shareWith": {"user0": {"mayReadItems": True}}}}})
        cls.shared = made["created"]["s"]["id"]
        cls.boxes = {role: box["id"] for role, box in cls.anna.mailboxes().items()}
        upload = cls.anna.upload(DRAFT, "message/rfc822")["blobId"]
        cls.mail = cls.anna.call("Email/import", {"emails": {"a": {
            "blobId": upload, "mailboxIds": {cls.boxes["drafts"]: True}}}})["created"]["a"]["id"]

    def filled(self, value):
        if isinstance(value, str):
            return value.replace("{own}", self.anna.own_account).replace("{friend}", self.bert.own_account)
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        return value

    def errors(self, calls: list[tuple[str, dict]], using: list[str] | None = None) -> list[str]:
        """What becomes of each call: its error, or "none"."""
        kinds = []
        for begin in range(0, len(calls), 30):
            part = calls[begin:begin + 30]
            answers = self.anna.request([[method, {"accountId": self.anna.own_account} | self.filled(arguments), f"r{number}"]
                                         for number, (method, arguments) in enumerate(part)], using)
            answers = {call: answer["type"] if name == "error" else "none" for name, answer, call in reversed(answers)}
            kinds += [answers[f"r{number}"] for number in range(len(part))]
        self.seen.update((method, kind) for (method, _), kind in zip(calls, kinds))
        return kinds

    def provoke(self, rows, using: list[str] | None = None) -> None:
        kinds = self.errors([(method, arguments) for method, arguments, _ in rows], using)
        for (method, arguments, error), kind in zip(rows, kinds):
            with self.subTest(method=method, arguments=str(arguments)[:120]):
                self.assertEqual(kind, error)

    # ---- methods

    def test_nothing_is_wrong_with_what_is_needed(self):
        """Else an error further down could be another's."""
        for method, kind in zip(NEEDED, self.errors(list(NEEDED.items()))):
            with self.subTest(method=method):
                self.assertIn(kind, ("none", "cannotCalculateChanges"))

    def test_each_error_of_each_method(self):
        self.provoke(ROWS)

    def test_a_method_of_what_is_not_used_is_unknown(self):
        for capability in jmap.ALL:
            using = [one for one in jmap.ALL if one != capability]
            self.provoke([(method, NEEDED.get(method, {}), "unknownMethod")
                          for method, needs in METHODS.items() if needs == capability], using)
        self.provoke([(method, {}, "unknownMethod") for method in (
            "Nothing/get", "VacationResponse/get", "VacationResponse/set", "PushSubscription/get",
            "PushSubscription/set", "Thread/set", "Quota/set", "Core/Echo", "Identity/query", "Blob/set")])
        self.provoke([("Blob/lookup", {"ids": [], "typeNames": ["Email"]}, "unknownDataType")], [jmap.CORE, jmap.BLOB])

    def test_the_account(self):
        rows = []
        for method in METHODS:
            if method == "Core/echo":
                continue
            needed = NEEDED.get(method, {})
            rows += [(method, needed | {"accountId": account}, error) for account, error in (
                ("nobody", "accountNotFound"), ("user2", "accountNotFound"), ("", "accountNotFound"),
                ("no id", "accountNotFound"), (7, "invalidArguments"), (None, "invalidArguments"))]
            if method.startswith(OWN_ACCOUNT_ONLY):
                rows.append((method, needed | {"accountId": "{friend}"}, "accountNotSupportedByMethod"))
        self.provoke(rows)

    def test_results_that_are_referred_to(self):
        for reference in ({"resultOf": "none", "name": "Core/echo", "path": "/a"}, {"resultOf": "e"}, 7,
                          {"resultOf": "e", "name": "Mailbox/get", "path": "/a"},
                          {"resultOf": "e", "name": "Core/echo", "path": "/b"},
                          {"resultOf": "e", "name": "Core/echo", "path": "a"},
                          {"resultOf": "e", "name": "Core/echo", "path": "/a/2"},
                          {"resultOf": "e", "name": "Core/echo", "path": "/a/*/b"},
                          {"resultOf": "e", "name": "Core/echo", "path": "/~2"}):
            with self.subTest(reference=reference):
                answer = self.anna.request([["Core/echo", {"a": [1, 2]}, "e"], ["Core/echo", {"#x": reference}, "f"]])
                self.assertEqual(answer[1][1]["type"], "invalidResultReference")
        nowhere = {"resultOf": "c", "name": "Core/echo", "path": "/y"}
        self.provoke([(method, NEEDED.get(method, {}) | {"#x": nowhere}, "invalidResultReference") for method in METHODS])
        self.provoke([(method, NEEDED.get(method, {}) | {"a": 1, "#a": nowhere}, "invalidArguments") for method in METHODS])
        inner = {"a": [{"b": [1, [2]], "x/y": {"m~n": 3}}, {"b": [[4, 5]]}]}
        for path, result in (("/a/*/b", [1, [2], [4, 5]]), ("/a/0/x~1y/m~0n", 3), ("/a/1/b/0/*", [4, 5]),
                             ("/a/*/b/*", [1, 2, 4, 5]), ("", inner)):
            with self.subTest(path=path):
                answer = self.anna.request([["Core/echo", inner, "e"], ["Core/echo", {
                    "#r": {"resultOf": "e", "name": "Core/echo", "path": path}}, "f"]])
                self.assertEqual(answer[1][1], {"r": result})

    def test_more_has_changed_than_is_taken(self):
        quota = self.anna.call("Quota/query")["queryState"]
        state = self.anna.call("Email/query")["queryState"]
        upload = self.anna.upload(DRAFT.replace(b"never", b"too"), "message/rfc822")["blobId"]
        self.anna.call("Email/import", {"emails": {name: {"blobId": upload, "mailboxIds": {self.boxes["drafts"]: True}}
                                                   for name in "ab"}})
        self.anna.call("Mailbox/set", {"create": {name: {"name": f"many {name}"} for name in "ab"}})
        self.provoke([("Email/queryChanges", {"sinceQueryState": state, "maxChanges": 1}, "tooManyChanges"),
                      ("Mailbox/queryChanges", {"sinceQueryState": state, "maxChanges": 1}, "tooManyChanges"),
                      ("Quota/queryChanges", {"sinceQueryState": quota, "maxChanges": 0}, "tooManyChanges"),
                      # Of what Bert shares.
                      ("ShareNotification/queryChanges", {"sinceQueryState": "0", "maxChanges": 0}, "tooManyChanges")])

    def test_ids_that_are_none_are_not_found(self):
        for method in of("get"):
            if method == "SearchSnippet/get":
                continue
            with self.subTest(method=method):
                answer = self.anna.call(method, {"ids": ["nothing", "no id", "nothing", "#nothing"]})
                self.assertEqual((answer["list"], sorted(answer["notFound"])), ([], ["#nothing", "no id", "nothing"]))

    def test_an_object_has_its_id_whatever_is_asked_for(self):
        asked = {"Blob/get": [self.anna.upload(b"x")["blobId"]], "Email/get": [self.mail], "Quota/get": None,
                 "Mailbox/get": None, "Identity/get": None, "Principal/get": None, "Thread/get": None}
        for method, ids in asked.items():
            with self.subTest(method=method):
                answer = self.anna.call(method, {"ids": ids, "properties": []})
                self.assertTrue(answer["list"])
                self.assertEqual([list(one) for one in answer["list"]], [["id"]] * len(answer["list"]))

    # ---- objects of a /set

    def refused(self, method: str, how: str, value, **more) -> dict:
        """The SetErrors by creation id or id."""
        answer = self.anna.call(method, {how: value} | more)
        key = {"create": "notCreated", "emails": "notCreated", "update": "notUpdated", "destroy": "notDestroyed",
               "blobIds": "notCopied"}[how]
        errors = answer[key] or {}
        for error in errors.values():
            self.seen.add((method, f"{how}: {error['type']}"))
        return errors

    def check(self, errors: dict, expected: dict) -> None:
        """Each SetError's type and, where it is invalidProperties, its properties."""
        got = {name: (error["type"], *sorted(error.get("properties", []))) for name, error in errors.items()}
        self.assertEqual(got, expected)

    def test_mailboxes_that_may_not_be(self):
        inbox, drafts = self.boxes["inbox"], self.boxes["drafts"]
        deep = {"t0": {"name": "t0"}} | {f"t{n}": {"name": f"t{n}", "parentId": f"#t{n - 1}"} for n in range(1, 33)}
        self.check(self.refused("Mailbox/set", "create", {
            "none": {}, "empty": {"name": " "}, "slash": {"name": "a/b"}, "control": {"name": "a\tb"},
            "long": {"name": "x" * 256}, "number": {"name": 7}, "twice": {"name": "Drafts"}, "inbox": {"name": "inbox"},
            "role": {"name": "r", "role": "nonsense"}, "taken": {"name": "r", "role": "drafts"},
            "parent": {"name": "r", "parentId": "nothing"}, "later": {"name": "r", "parentId": "#nobody"},
            "circle1": {"name": "r", "parentId": "#circle2"}, "circle2": {"name": "r", "parentId": "#circle1"},
            "order": {"name": "r", "sortOrder": -1}, "huge": {"name": "r", "sortOrder": 2 ** 31},
            "server": {"name": "r", "totalEmails": 1, "id": "x"}, "unknown": {"name": "r", "color": "red"},
            "below": {"name": "r", "parentId": inbox}, "owner": {"name": "r", "shareWith": {"user0": {}}},
            "rights": {"name": "r", "shareWith": {"user2": {"mayFly": True}}}} | deep), {
            "none": ("invalidProperties", "name"), "empty": ("invalidProperties", "name"),
            "slash": ("invalidProperties", "name"), "control": ("invalidProperties", "name"),
            "long": ("invalidProperties", "name"), "number": ("invalidProperties", "name"),
            "twice": ("invalidProperties", "name"), "inbox": ("invalidProperties", "name"),
            "role": ("invalidProperties", "role"), "taken": ("invalidProperties", "role"),
            "parent": ("invalidProperties", "parentId"), "later": ("invalidProperties", "parentId"),
            "circle1": ("invalidProperties", "parentId"), "circle2": ("invalidProperties", "parentId"),
            "order": ("invalidProperties", "sortOrder"), "huge": ("invalidProperties", "sortOrder"),
            "server": ("invalidProperties", "id", "totalEmails"), "unknown": ("invalidProperties", "color"),
            "below": ("forbidden",), "owner": ("invalidProperties", "shareWith"),
            "rights": ("invalidProperties", "shareWith"), "t32": ("invalidProperties", "parentId")})
        made = self.anna.call("Mailbox/set", {"create": {"a": {"name": "A"}, "b": {"name": "B", "parentId": "#a"}}})
        a, b = (made["created"][name]["id"] for name in "ab")
        self.check(self.refused("Mailbox/set", "update", {
            "nothing": {"name": "x"}, inbox: {"name": "x"}, a: {"parentId": b}, b: {"name": "c", "name/x": "d"}}), {
            "nothing": ("notFound",), inbox: ("forbidden",), a: ("invalidProperties", "parentId"), b: ("invalidPatch",)})
        for patch, error in (({"role": "drafts"}, ("invalidProperties", "role")),
                             ({"myRights": {}}, ("invalidProperties", "myRights")),
                             ({"parentId": a, "id": "x"}, ("invalidProperties", "id")),
                             ({"name": None}, ("invalidProperties", "name")), ({"name~2": "x"}, ("invalidPatch",)),
                             ({"/name": "x"}, ("invalidPatch",)), ({"role/x": 1}, ("invalidPatch",)),
                             ({"shareWith/user2/mayReadItems": True}, ("invalidPatch",)),
                             ({"parentId": None, "name": "Drafts"}, ("invalidProperties", "name"))):
            with self.subTest(patch=patch):
                self.check(self.refused("Mailbox/set", "update", {b: patch}), {b: error})
        self.check(self.refused("Mailbox/set", "destroy", [a, inbox, drafts, "nothing"]), {
            a: ("mailboxHasChild",), inbox: ("forbidden",), drafts: ("mailboxHasEmail",), "nothing": ("notFound",)})
        self.check(self.refused("Mailbox/set", "update", {b: {"name": "x"}}, destroy=[b]), {b: ("willDestroy",)})

    def test_mailboxes_of_others(self):
        friend = {"accountId": self.bert.own_account}
        self.check(self.refused("Mailbox/set", "create", {"n": {"name": "n"}, "c": {"name": "n", "parentId": self.shared}},
                                **friend), {"n": ("forbidden",), "c": ("forbidden",)})
        self.check(self.refused("Mailbox/set", "update", {self.shared: {"name": "Mine"}}, **friend),
                   {self.shared: ("forbidden",)})
        self.check(self.refused("Mailbox/set", "update", {self.shared: {"shareWith/user2": {"mayReadItems": True}}}, **friend),
                   {self.shared: ("forbidden",)})
        self.check(self.refused("Mailbox/set", "destroy", [self.shared], **friend), {self.shared: ("forbidden",)})

    def test_emails_that_may_not_be(self):
        box = {self.boxes["drafts"]: True}
        self.check(self.refused("Email/set", "create", {
            "nobox": {}, "badbox": {"mailboxIds": {"nothing": True}}, "key": {"mailboxIds": box, "keywords": {"a b": True}},
            "many": {"mailboxIds": box, "keywords": {f"k{number}": True for number in range(65)}},
            "blob": {"mailboxIds": box, "attachments": [{"blobId": "Unothing"}]},
            "subject": {"mailboxIds": box, "subject": 7}}), {
            "nobox": ("invalidProperties", "mailboxIds"), "badbox": ("invalidProperties", "mailboxIds"),
            "key": ("invalidProperties", "keywords"), "many": ("tooManyKeywords",), "blob": ("blobNotFound",),
            "subject": ("invalidProperties", "subject")})
        for patch, error in (({"keywords": {}, "keywords/a": True}, ("invalidPatch",)),
                             ({"mailboxIds": {}}, ("invalidProperties", "mailboxIds")),
                             ({"mailboxIds": {"nothing": True}}, ("invalidProperties", "mailboxIds")),
                             ({"subject": "other"}, ("invalidProperties", "subject"))):
            with self.subTest(patch=patch):
                self.check(self.refused("Email/set", "update", {self.mail: patch}), {self.mail: error})
        self.check(self.refused("Email/set", "update", {"nothing": {"keywords/a": True}}), {"nothing": ("notFound",)})
        self.check(self.refused("Email/set", "destroy", ["nothing"]), {"nothing": ("notFound",)})
        bad = self.anna.upload(b"no message")["blobId"]
        good = self.anna.upload(DRAFT)["blobId"]
        self.check(self.refused("Email/import", "emails", {
            "a": {"blobId": bad, "mailboxIds": box}, "b": {"blobId": "Unothing", "mailboxIds": box},
            "c": {"blobId": good}, "d": {"blobId": good, "mailboxIds": {"nothing": True}}}), {
            "a": ("invalidEmail",), "b": ("invalidProperties", "blobId"), "c": ("invalidProperties", "mailboxIds"),
            "d": ("invalidProperties", "mailboxIds")})
        copy = {"fromAccountId": self.bert.own_account}
        self.check(self.refused("Email/copy", "create", {"a": {"id": "nothing", "mailboxIds": box}, "b": {"mailboxIds": box}},
                                **copy), {"a": ("notFound",), "b": ("invalidProperties", "id")})

    def test_identities_and_submissions_that_may_not_be(self):
        identity = self.anna.call("Identity/get", {"ids": None})["list"][0]["id"]
        mine = self.anna.call("Identity/get", {"ids": None})["list"][0]["email"]
        self.check(self.refused("Identity/set", "create", {
            "none": {}, "other": {"email": "user1@test.example"}, "line": {"email": mine, "name": "a\nb"},
            "bcc": {"email": mine, "bcc": [{"email": "x\ny"}]}, "long": {"email": mine, "textSignature": "x" * 20_000},
            "server": {"email": mine, "mayDelete": False}}), {
            "none": ("invalidProperties", "email"), "other": ("forbiddenFrom",), "line": ("invalidProperties", "name"),
            "bcc": ("invalidProperties", "bcc"), "long": ("tooLarge", "textSignature"),
            "server": ("invalidProperties", "mayDelete")})
        for patch, error in (({"email": "new@test.example"}, ("invalidProperties", "email")),
                             ({"bcc/0/name": "x"}, ("invalidPatch",)), ({"name": 7}, ("invalidProperties", "name"))):
            with self.subTest(patch=patch):
                self.check(self.refused("Identity/set", "update", {identity: patch}), {identity: error})
        self.check(self.refused("Identity/set", "update", {"nothing": {"name": "x"}}), {"nothing": ("notFound",)})
        self.check(self.refused("Identity/set", "destroy", [identity, "nothing"]),
                   {identity: ("forbidden",), "nothing": ("notFound",)})
        self.check(self.refused("Identity/set", "update", {identity: {"textSignature": "x" * 20_000}}),
                   {identity: ("tooLarge", "textSignature")})
        room = self.refused("Identity/set", "create", {
            f"i{number}": {"email": mine, "textSignature": "x" * 15_000} for number in range(100)})
        self.assertEqual({error["type"] for error in room.values()}, {"overQuota"})
        many = [one["id"] for one in self.anna.call("Identity/get", {"ids": None})["list"] if one["mayDelete"]]
        self.assertEqual(sorted(self.anna.call("Identity/set", {"destroy": many})["destroyed"]), sorted(many))
        self.check(self.refused("EmailSubmission/set", "create", {
            "none": {}, "identity": {"identityId": "nothing", "emailId": self.mail},
            "email": {"identityId": identity, "emailId": "nothing"}}), {
            "none": ("invalidProperties", "emailId", "identityId"), "identity": ("invalidProperties", "identityId"),
            "email": ("invalidProperties", "emailId")})
        self.check(self.refused("EmailSubmission/set", "update", {"nothing": {"undoStatus": "canceled"}}), {"nothing": ("notFound",)})
        self.check(self.refused("EmailSubmission/set", "destroy", ["nothing"]), {"nothing": ("notFound",)})

    def test_blobs_that_may_not_be(self):
        good = self.anna.upload(b"12345")["blobId"]
        text = {"data:asText": "x"}
        self.check(self.refused("Blob/upload", "create", {
            "none": {}, "list": {"data": text}, "two": {"data": [text | {"data:asBase64": "eA=="}]}, "empty": {"data": [{}]},
            "base64": {"data": [{"data:asBase64": "x"}]}, "nothing": {"data": [{"blobId": "Unothing"}]},
            "beyond": {"data": [{"blobId": good, "offset": 3, "length": 3}]}, "behind": {"data": [{"blobId": good, "offset": 6}]},
            "type": {"data": [], "type": 7}, "unknown": {"data": [], "size": 7}, "many": {"data": [text] * 65}}), {
            "none": ("invalidProperties", "data"), "list": ("invalidProperties", "data"),
            "two": ("invalidProperties", "data"), "empty": ("invalidProperties", "data"),
            "base64": ("invalidProperties", "data"), "nothing": ("blobNotFound",), "beyond": ("invalidProperties", "data"),
            "behind": ("invalidProperties", "data"), "type": ("invalidProperties", "type"),
            "unknown": ("invalidProperties", "size"), "many": ("tooLarge",)})
        self.check(self.refused("Blob/copy", "blobIds", ["Unothing", "Mnothing"], fromAccountId=self.anna.own_account),
                   {"Unothing": ("notFound",), "Mnothing": ("notFound",)})

    def test_people_and_notices_are_the_servers(self):
        for method in ("Principal/set", "ShareNotification/set"):
            self.check(self.refused(method, "create", {"n": {"name": "x"}}), {"n": ("forbidden",)})
            self.check(self.refused(method, "update", {"user1": {"name": "x"}}),
                       {"user1": ("forbidden",)})
        self.check(self.refused("Principal/set", "destroy", ["user1"]), {"user1": ("forbidden",)})
        self.check(self.refused("ShareNotification/set", "destroy", ["nothing"]), {"nothing": ("notFound",)})

    # ---- whole requests

    def problem(self, body: bytes, content_type: str = "application/json") -> tuple:
        status, headers, content = self.anna.raw("POST", "/jmap/api", body, {"Content-Type": content_type})
        self.assertIn("application/problem+json", headers["content-type"], content)
        said = jmap.json.loads(content)
        self.assertEqual(said["status"], status)
        self.seen.add(("request", said["type"].removeprefix(ERROR)))
        return status, said["type"].removeprefix(ERROR), said.get("limit")

    def test_whole_requests(self):
        call = b'["Core/echo",{},"c"]'
        for body, error in (
                (b"", "notJSON"), (b"{", "notJSON"), (b'{"using":[],"using":[],"methodCalls":[]}', "notJSON"),
                (b'{"using":["\xff"],"methodCalls":[]}', "notJSON"), (b'{"using":["\\ud800"],"methodCalls":[]}', "notJSON"),
                (b'{"using":[],"methodCalls":[]} x', "notJSON"), (b'{"using":[],"methodCalls":[],"x":1e999}', "notJSON"),
                (b"[]", "notRequest"), (b'{"using":[]}', "notRequest"), (b'{"methodCalls":[]}', "notRequest"),
                (b'{"using":"x","methodCalls":[]}', "notRequest"), (b'{"using":[1],"methodCalls":[]}', "notRequest"),
                (b'{"using":[],"methodCalls":[["Core/echo",{}]]}', "notRequest"),
                (b'{"using":[],"methodCalls":[["Core/echo",[],"c"]]}', "notRequest"),
                (b'{"using":[],"methodCalls":[[1,{},"c"]]}', "notRequest"),
                (b'{"using":[],"methodCalls":[],"createdIds":[]}', "notRequest"),
                (b'{"using":[],"methodCalls":[],"createdIds":{"a":7}}', "notRequest"),
                (b'{"using":["urn:ietf:params:jmap:vacationresponse"],"methodCalls":[]}', "unknownCapability"),
                (b'{"using":["urn:ietf:params:jmap:websocket"],"methodCalls":[]}', "unknownCapability"),
                (b'{"using":["urn:x"],"methodCalls":[]}', "unknownCapability")):
            with self.subTest(body=body):
                self.assertEqual(self.problem(body), (400, error, None))
        self.assertEqual(self.problem(b'{"using":[],"methodCalls":[]}', "text/plain"), (400, "notJSON", None))
        many = b'{"using":[],"methodCalls":[' + b",".join([call] * 33) + b"]}"
        self.assertEqual(self.problem(many), (400, "limit", "maxCallsInRequest"))
        most = self.anna.session()["capabilities"][jmap.CORE]["maxSizeRequest"]
        self.assertEqual(self.problem(b" " * (most + 1)), (413, "limit", "maxSizeRequest"))

    def test_too_many_requests_at_a_time(self):
        upload = self.anna.upload(b"x" * 3_000_000)["blobId"]
        calls = [["Blob/get", {"accountId": self.anna.own_account, "ids": [upload], "properties": ["digest:sha-256"]}, "c"]]
        body = jmap.json.dumps({"using": jmap.ALL, "methodCalls": calls * 32}).encode()
        answers: list[tuple] = []

        def ask():
            status, _, content = self.anna.raw("POST", "/jmap/api", body, {"Content-Type": "application/json"})
            answers.append((status, jmap.json.loads(content).get("limit")))

        threads = [threading.Thread(target=ask) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(answers), {(200, None), (400, "maxConcurrentRequests")})
        self.seen.add(("request", "limit"))

    def test_created_ids(self):
        junk = self.boxes["junk"]
        body = {"using": jmap.ALL, "createdIds": {"old": junk}, "methodCalls": [
            ["Mailbox/set", {"accountId": self.anna.own_account,
                             "create": {"child": {"name": "Ids", "parentId": "#parent"},
                                        "parent": {"name": "of", "parentId": "#old"}},
                             "update": {"#parent": {"name": "From"}}}, "a"],
            ["Mailbox/set", {"accountId": self.anna.own_account, "update": {"#child": {"name": "Later"}}}, "b"]]}
        answer = self.anna.json("POST", "/jmap/api", body)
        made = answer["methodResponses"][0][1]
        self.assertIsNone(made["notCreated"], made)
        self.assertIsNone(made["notUpdated"], made)
        ids = {name: made["created"][name]["id"] for name in ("child", "parent")}
        self.assertEqual(answer["createdIds"], ids | {"old": junk})
        self.assertEqual(answer["sessionState"], self.anna.session()["state"])
        boxes = {box["id"]: (box["name"], box["parentId"]) for box in
                 self.anna.call("Mailbox/get", {"ids": list(ids.values())})["list"]}
        self.assertEqual(boxes, {ids["parent"]: ("From", junk), ids["child"]: ("Later", ids["parent"])})
        done = self.anna.call("Mailbox/set", {"create": {"x": {"name": "short-lived"}}, "destroy": ["#x"]})
        self.assertEqual(done["destroyed"], [done["created"]["x"]["id"]])

    # ---- what goes away

    def test_z1_a_share_that_ends(self):
        """At once, although the web server remembers for a while who shares with whom."""
        box = self.bert.call("Mailbox/set", {"create": {"w": {"name": "Withdrawn", "shareWith": {
            "user0": {right: True for right in ("mayReadItems", "mayAddItems", "mayRemoveItems", "maySetSeen")}}}}})["created"]["w"]["id"]
        upload = self.bert.upload(DRAFT)["blobId"]
        mail = self.bert.call("Email/import", {"emails": {"a": {"blobId": upload, "mailboxIds": {box: True}}}})["created"]["a"]
        friend = {"accountId": self.bert.own_account}
        got = self.anna.call("Email/get", friend | {"ids": [mail["id"]], "properties": ["threadId", "blobId"]})["list"]
        self.assertEqual([one["blobId"] for one in got], [mail["blobId"]])
        self.assertEqual(self.anna.download(mail["blobId"], account=self.bert.own_account)[-6:], b"text\r\n")
        self.assertEqual(len(self.anna.call("Quota/get", friend | {"ids": None})["list"]), 2)
        self.bert.call("Mailbox/set", {"update": {box: {"shareWith": None}, self.shared: {"shareWith": None}}})
        secrets = (mail["id"], mail["threadId"], box, "never sent")
        calls = [("Mailbox/get", {"ids": None}), ("Mailbox/get", {"ids": [box]}), ("Mailbox/query", {}),
                 ("Email/get", {"ids": [mail["id"]]}), ("Email/query", {}), ("Thread/get", {"ids": [mail["threadId"]]}),
                 ("Thread/get", {"ids": None}), ("Email/parse", {"blobIds": [mail["blobId"]]}),
                 ("SearchSnippet/get", {"filter": {"text": "never"}, "emailIds": [mail["id"]]}),
                 ("Blob/get", {"ids": [mail["blobId"]]}), ("Quota/get", {"ids": None}),
                 ("Blob/lookup", {"ids": [mail["blobId"]], "typeNames": ["Email", "Thread", "Mailbox"]}),
                 ("Email/set", {"destroy": [mail["id"]]}), ("Email/set", {"update": {mail["id"]: {"keywords/$seen": True}}}),
                 ("Mailbox/set", {"destroy": [box], "onDestroyRemoveEmails": True})]
        for method, arguments in calls:
            with self.subTest(method=method, arguments=arguments):
                name, answer, _ = self.anna.request([[method, friend | arguments, "c"]])[0]
                if name == "error":
                    self.assertEqual(answer["type"], "accountNotFound")
                    continue
                given = jmap.json.dumps(arguments)
                for found in ("list", "ids", "parsed", "destroyed", "updated"):
                    for secret in secrets:
                        self.assertNotIn(f'"{secret}"', jmap.json.dumps(answer.get(found)).replace(given, "") if method != "Blob/lookup"
                                         else jmap.json.dumps([one["matchedIds"] for one in answer["list"]]), answer)
                if method == "Quota/get":
                    self.assertEqual(answer["list"], [])
        status, _, _ = self.anna.raw("GET", f"/jmap/download/{self.bert.own_account}/{mail['blobId']}/x?accept=text/plain")
        self.assertEqual(status, 404)
        name, answer, _ = self.anna.request([["Email/copy", {"accountId": self.anna.own_account, "fromAccountId": self.bert.own_account,
                                              "create": {"c": {"id": mail["id"], "mailboxIds": {self.boxes["drafts"]: True}}}}, "c"]])[0]
        self.assertIn(answer.get("type") or answer["notCreated"]["c"]["type"], ("fromAccountNotFound", "notFound"))
        self.assertEqual(len(self.bert.call("Email/get", {"ids": [mail["id"]]})["list"]), 1)

    def test_z2_a_mail_server_that_is_away(self):
        self.instance.run("stop-msg", "imap")
        blob = {"Blob/get": "ids", "Blob/lookup": "ids", "Blob/copy": "blobIds"}
        self.provoke([(method, NEEDED.get(method, {}) | ({blob[method]: ["M" + self.mail]} if method in blob else {}),
                       "serverUnavailable") for method in METHODS
                      if method != "Core/echo" and not method.startswith("Principal/")])
        status, _, _ = self.anna.raw("GET", f"/jmap/download/{self.anna.own_account}/M{self.mail}/x?accept=text/plain")
        self.assertEqual(status, 503)

    def test_z3_every_method_is_here(self):
        methods = {method for method, _ in self.seen}
        self.assertEqual(sorted(set(METHODS) - methods), [])


def print_table() -> None:
    rows: dict[str, set[str]] = {}
    for method, error in Errors.seen:
        if error != "none":
            rows.setdefault(method, set()).add(error)
    print("| method | errors provoked |\n|---|---|")
    for method in sorted(rows):
        print(f"| {method} | {', '.join(sorted(rows[method]))} |")


if __name__ == "__main__":
    wanted = "--table" in sys.argv
    program = unittest.main(argv=[one for one in sys.argv if one != "--table"], verbosity=2, exit=False)
    if wanted:
        print_table()
    sys.exit(0 if program.result.wasSuccessful() else 1)
