# SPDX-License-Identifier: Apache-2.0
"""curl as the client of one host's web server, for a user whose mail is at the other host: Basic, JMAP, uploads, sending,
downloads, the event stream, and a session by form and cookie."""

import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import jmap
from two_hosts import DOMAIN, ONE, TWO, Family, password

DELIVERIES = 5
WITHIN = 1.0  # seconds from the last line of a message until an event stream at the other host tells of it
SUBMISSION = "urn:ietf:params:jmap:submission"


class Curl:
    """Runs of curl in a folder of its own, with the same options in front."""

    def __init__(self, folder: Path, origin: str, *options: str):
        self.folder, self.origin = folder, origin
        self.options = ["--silent", "--show-error", "--max-time", "60", *options]

    def command(self, *arguments: str) -> list[str]:
        return ["curl", *self.options, *arguments]

    def ask(self, path: str, *arguments: str) -> tuple[int, str, bytes]:
        """(status, head, body)"""
        where = path if path.startswith("http") else self.origin + path
        done = subprocess.run(self.command("--dump-header", "head", "--output", "body", "--write-out", "%{http_code}", *arguments, where),
                              cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        body = self.folder / "body"
        content = body.read_bytes() if body.exists() else b""
        body.unlink(missing_ok=True)
        return int(done.stdout), (self.folder / "head").read_text(), content

    def json(self, path: str, *arguments: str):
        status, head, body = self.ask(path, *arguments)
        assert status in (200, 201), (head, body)
        return json.loads(body)

    def api(self, url: str, calls: list, *arguments: str) -> list:
        (self.folder / "request.json").write_text(json.dumps({"using": [jmap.CORE, jmap.MAIL, SUBMISSION], "methodCalls": calls}))
        return self.json(url, "--header", "Content-Type: application/json", "--data-binary", "@request.json", *arguments)["methodResponses"]


class Stream:
    """`curl --no-buffer` of an event stream; each line with the time at which it came."""

    def __init__(self, curl: Curl, url: str):
        self.lines: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._curl = subprocess.Popen(curl.command("--no-buffer", "--max-time", "120", url), stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._curl.stdout:
            with self._news:
                self.lines.append((time.monotonic(), line))
                self._news.notify_all()

    def told(self, account: str, after: float, within: float) -> float | None:
        """When a delivery to the account was told of after this moment."""
        def found() -> float | None:
            return next((when for when, line in self.lines if when > after and line.startswith("data:")
                         and "EmailDelivery" in json.loads(line[5:])["changed"].get(account, {})), None)
        with self._news:
            self._news.wait_for(lambda: found() is not None, within)
            return found()

    def close(self) -> None:
        self._curl.terminate()
        self._curl.wait()
        self._reader.join()


def check_session_and_mail(family: Family, curl: Curl) -> dict:
    session = curl.json("/.well-known/jmap")
    assert session["apiUrl"].startswith(family.origin(TWO)), session["apiUrl"]
    account = session["primaryAccounts"][jmap.MAIL]
    family.deliver("anna", "for curl")
    answers = curl.api(session["apiUrl"], [
        ["Email/query", {"accountId": account, "filter": {"subject": "for curl"}}, "q"],
        ["Email/get", {"accountId": account, "properties": ["subject", "preview"],
                       "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"}}, "g"]])
    assert [(one["subject"], one["preview"]) for one in answers[1][1]["list"]] == [("for curl", "body of for curl")], answers
    status, head, _ = Curl(curl.folder, curl.origin, "--user", "anna:wrong").ask("/.well-known/jmap")
    assert status == 401, head
    return session


def check_push(family: Family, curl: Curl, session: dict) -> None:
    account = session["primaryAccounts"][jmap.MAIL]
    url = session["eventSourceUrl"].replace("{types}", "EmailDelivery").replace("{closeafter}", "no").replace("{ping}", "0")
    stream = Stream(curl, url)
    try:
        # The other host is listened to once the first change was told.
        for attempt in range(20):
            if stream.told(account, family.deliver("anna", f"warm {attempt}"), 1.0):
                break
        took = []
        for number in range(DELIVERIES):
            began = family.deliver("anna", f"push {number}")
            heard = stream.told(account, began, 30.0)
            assert heard, "a delivery was not told of"
            took.append(heard - began)
        print(f"curl at host two was told of {DELIVERIES} deliveries to host one after "
              f"{', '.join(f'{one * 1000:.0f}' for one in took)} ms (load {os.getloadavg()[0]:.1f})")
        assert max(took) < WITHIN, took
    finally:
        stream.close()


def check_sending(family: Family, curl: Curl, session: dict) -> None:
    """A message with an attachment to both hosts; what reached the other host is taken from there."""
    if family.postfix is None:
        print("SKIPPED: curl sends nothing, there can be no Postfix")
        return
    account = session["primaryAccounts"][jmap.MAIL]
    content = os.urandom(300_001)
    (curl.folder / "plan.bin").write_bytes(content)
    blob = curl.json(session["uploadUrl"].replace("{accountId}", account), "--header", "Content-Type: application/x-plan",
                     "--data-binary", "@plan.bin")
    assert blob["size"] == len(content), blob
    boxes = curl.api(session["apiUrl"], [["Mailbox/get", {"accountId": account, "ids": None}, "m"],
                                         ["Identity/get", {"accountId": account, "ids": None}, "i"]])
    inbox = next(box["id"] for box in boxes[0][1]["list"] if box["role"] == "inbox")
    answers = curl.api(session["apiUrl"], [
        ["Email/set", {"accountId": account, "create": {"d": {
            "mailboxIds": {inbox: True}, "keywords": {"$draft": True}, "from": [{"email": f"anna@{DOMAIN}"}],
            "to": [{"email": f"anna@{DOMAIN}"}, {"email": f"bert@{DOMAIN}"}], "subject": "sent by curl",
            "textBody": [{"partId": "1", "type": "text/plain"}], "bodyValues": {"1": {"value": "see the plan"}},
            "attachments": [{"blobId": blob["blobId"], "type": "application/x-plan", "name": "plan of the house.bin"}]}}}, "e"],
        ["EmailSubmission/set", {"accountId": account, "create": {"s": {"emailId": "#d", "identityId": boxes[1][1]["list"][0]["id"]}},
                                 "onSuccessDestroyEmail": ["#s"]}, "s"]])
    assert answers[1][1].get("created"), answers
    for user in ("anna", "bert"):
        curl_of = Curl(curl.folder, curl.origin, "--user", f"{user}:{password(user)}")
        download_attachment(curl_of, session, content)


def download_attachment(curl: Curl, session: dict, content: bytes) -> None:
    account = curl.json("/.well-known/jmap")["primaryAccounts"][jmap.MAIL]
    query = [["Email/query", {"accountId": account, "filter": {"subject": "sent by curl", "notKeyword": "$draft"}}, "q"],
             ["Email/get", {"accountId": account, "properties": ["attachments"],
                            "#ids": {"resultOf": "q", "name": "Email/query", "path": "/ids"}}, "g"]]
    found: list = []

    def arrived() -> bool:
        found[:] = curl.api(session["apiUrl"], query)[1][1]["list"]
        return bool(found)
    jmap.eventually(arrived, 60.0)
    attachment = found[0]["attachments"][0]
    url = session["downloadUrl"]
    for name, value in (("accountId", account), ("blobId", attachment["blobId"]), ("name", "plan%20of%20the%20house.bin"),
                        ("type", "application%2Fx-plan")):
        url = url.replace(f"{{{name}}}", value)
    subprocess.run(curl.command("--fail", "--remote-name", "--remote-header-name", url), cwd=curl.folder, check=True)
    saved = curl.folder / "plan of the house.bin"
    assert saved.read_bytes() == content
    saved.unlink()


def check_form_and_cookie(family: Family, folder: Path) -> None:
    curl = Curl(folder, family.origin(TWO), "--cookie", "jar", "--cookie-jar", "jar")
    status, head, _ = curl.ask("/login", "--data-urlencode", "user=anna", "--data-urlencode", f"password={password('anna')}")
    assert status == 303, head
    jar = next(line.split("\t") for line in (folder / "jar").read_text().splitlines() if line.startswith("#HttpOnly_"))
    assert jar[-1] not in head.split("ocation:")[1].splitlines()[0], "no session id in a URL"
    status, _, page = curl.ask("/plain/")
    assert status == 200 and b"for curl" in page, page
    csrf = curl.json("/session")["csrf"]
    body = ["--header", "Content-Type: application/json", "--data", '{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{},"e"]]}']
    status, _, refused = curl.ask("/jmap/api", *body)
    assert status == 403, refused
    assert curl.json("/jmap/api", "--header", f"X-CSRF-Token: {csrf}", *body)["methodResponses"] == [["Core/echo", {}, "e"]]
    # The other host does not know this session.
    status, _, _ = Curl(folder, family.origin(ONE), "--cookie", f"{jar[-2]}={jar[-1]}").ask("/session")
    assert status == 401
    assert curl.json("/logout", "--header", f"X-CSRF-Token: {csrf}", "--header", "Content-Type: application/json", "--data", "{}")["ok"]
    status, _, _ = Curl(folder, family.origin(TWO), "--cookie", f"{jar[-2]}={jar[-1]}").ask("/session")
    assert status == 401, "the session has ended"


def check_curl(family: Family) -> None:
    with tempfile.TemporaryDirectory(prefix="posthorn-curl-") as name:
        folder = Path(name)
        curl = Curl(folder, family.origin(TWO), "--user", f"anna:{password('anna')}")
        session = check_session_and_mail(family, curl)
        check_push(family, curl, session)
        check_sending(family, curl, session)
        check_form_and_cookie(family, folder)
