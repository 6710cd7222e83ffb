#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The browser client in headless Chromium against a running family: IMAP, the web server, LMTP, and a Postfix of its own
between sending and delivery. Arguments: the .mjs files to run. Status 77 and a line SKIPPED: when it cannot run."""

import argparse
import base64
import contextlib
import imaplib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = Path(os.environ["POSTHORN_SOURCE"])
sys.path[:0] = [str(SOURCE / "test" / "support"), str(SOURCE / "test" / "system" / "lmtp")]

from instance import Instance  # noqa: E402  (found by the line above)
from jmap import prepare_webmail  # noqa: E402
from postfix import Postfix, missing  # noqa: E402

PASSWORD = "secret"
DOMAIN = "test.example"
USERS = ("anna", "bert", "clara")
CHROMIUM = os.environ.get("POSTHORN_CHROMIUM", "/usr/bin/chromium")
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def message(sender: str, subject: str, text: str, day: int, html: str = "", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = sender
    made["To"] = f"Anna Example <anna@{DOMAIN}>"
    made["Subject"] = subject
    made["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(1_767_000_000 + day * 86_400))
    made["Message-ID"] = f"<{abs(hash((subject, day)))}@{DOMAIN}>"
    for name, value in headers.items():
        if name.replace("_", "-") in made:
            del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def samples() -> list[tuple[str, EmailMessage]]:
    """(folder, message), the oldest first."""
    bert, clara = f"Bert Example <bert@{DOMAIN}>", f"Clara Novak <clara@{DOMAIN}>"
    found = []
    subjects = ("Minutes of the week", "Lunch on Friday", "Invoice", "Question about the release", "A new chair")
    for day in range(30):
        sender = (bert, clara)[day % 2] if day % 5 else bert
        found.append(("INBOX", message(sender, f"{subjects[day % 5]} {day}", f"Hello Anna,\n\nthis is number {day}.\n", day)))
    found.append(("INBOX", message(
        clara, "Newsletter", "Text", 31, '<style>.claim{color:rgb(10,110,60)}</style><p class="claim">Great news</p>'
        '<img src="https://pictures.invalid/a.png" alt="far"><script>top.pwned=1</script><p onclick="top.pwned=1">Bye</p>')))
    photos = message(bert, "Photos", "See the picture", 32, '<p>Look: <img src="cid:pixel@x"></p>')
    photos.get_payload()[1].add_related(PIXEL, "image", "png", cid="<pixel@x>")
    photos.add_attachment("Notes of the trip\n", filename="notes.txt")
    found.append(("INBOX", photos))
    found.append(("INBOX", message(
        bert, "Quoting", "New words.\n\nOn Monday, Anna wrote:\n> these are\n> the old words\n", 33)))
    long_words = "Many words stand in these lines, and they go on for a while, so that they wrap. " * 60
    found.append(("INBOX", message(bert, "Long words", long_words + "\n\nEnd\n", 33)))
    rows = "".join(f"<tr><td>Row {n}</td><td style='padding:12px'>{long_words[:200]}</td></tr>" for n in range(8))
    found.append(("INBOX", message(clara, "A table", "Text", 33, f"<h2>Numbers</h2><table width='500' border=1>{rows}</table><p>End</p>")))
    found.append(("INBOX", message(clara, "Own sheet", "Text", 33, "<style>p{margin:40px 0;font-size:22px;line-height:2}.no{display:none}</style>"
                                   + "<p>Large words with room between them</p>" * 5 + "<p class='no'>Unseen</p>" * 20)))
    papers = message(bert, "Papers", "Three papers", 33)
    papers.add_attachment(PIXEL, "image", "png", filename="dot.png")
    papers.add_attachment(b"%PDF-1.4\n", "application", "pdf", filename="paper.pdf")
    papers.add_attachment("<script>top.pwned=1</script>", subtype="html", filename="page.html")
    found.append(("INBOX", papers))
    party = message(clara, "Garden party", "Will you come and meet the hedgehog?\n", 34, Message_ID=f"<p1@{DOMAIN}>")
    mine = message(f"Anna Example <anna@{DOMAIN}>", "Re: Garden party", "May I bring Bert?\n", 35, To=clara,
                   Message_ID=f"<p2@{DOMAIN}>", In_Reply_To=f"<p1@{DOMAIN}>", References=f"<p1@{DOMAIN}>")
    last = message(clara, "Re: Garden party", "Of course, the hedgehog likes company.\n", 36, Message_ID=f"<p3@{DOMAIN}>",
                   In_Reply_To=f"<p2@{DOMAIN}>", References=f"<p1@{DOMAIN}> <p2@{DOMAIN}>")
    return [*found, ("INBOX", party), ("Sent", mine), ("INBOX", last)]


def fill(instance: Instance) -> None:
    client = imaplib.IMAP4("127.0.0.1", instance.port("imap", False))
    client.login("anna", PASSWORD)
    for name in ("Projects", "Sent"):
        client.create(name)
    for number, (folder, made) in enumerate(samples()):
        date = imaplib.Time2Internaldate(1_767_000_000 + number * 86_400)
        flags = "(\\Seen)" if folder == "Sent" or number < 25 else None
        status, answer = client.append(folder, flags, date, made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        if status != "OK":
            raise RuntimeError(f"APPEND to {folder}: {answer}")
    client.logout()


def obstacle(web: Path) -> str | None:
    if not Path(CHROMIUM).exists():
        return "there is no Chromium (Debian package chromium)"
    if not shutil.which("node"):
        return "there is no node (Debian package nodejs)"
    if not (web / "dist" / "index.html").exists():
        return "the browser client is not built (target posthorn_web)"
    return missing()


def run(scripts: list[str], web: Path, pictures: str, more: dict[str, str], messages: int) -> int:
    with contextlib.ExitStack() as stack:
        options = {"auth.failuredelay": "0", "http.smtphost": "127.0.0.1", "store.defaultmailboxquota": "50000000"} | more
        instance = Instance(Path(os.environ["POSTHORN_BIN"]), options, ["imap", "http", "lmtp", "ens"])
        stack.callback(instance.stop)
        instance.serve_web_client(web / "dist")
        server = Postfix(f"inet:127.0.0.1:{instance.port('lmtp', False)}", DOMAIN)
        stack.callback(server.close)
        instance.options["http.smtpport"] = str(server.port)
        prepare_webmail(instance)
        instance.add_users([(user, PASSWORD) for user in USERS])
        for user in USERS:
            instance.run("msuser", "set", user, f"mail={user}@{DOMAIN}", f"name={user.title()} Example")
        instance.start()
        server.start()
        fill(instance)
        if messages:
            instance.run("load_mailbox", "clara", str(messages), "300")
        facts = {"url": f"http://127.0.0.1:{instance.port('http', False)}/", "password": PASSWORD, "domain": DOMAIN, "web": str(web),
                 "chromium": CHROMIUM, "pictures": pictures, "messages": messages}
        environment = os.environ | {"POSTHORN_BROWSER": json.dumps(facts)}
        if os.environ.get("POSTHORN_WAIT"):  # to look about by hand
            print(json.dumps(facts), flush=True)
            input()
            return 0
        # One after the other: they share a family.
        return max(subprocess.run(["node", "--test", str(HERE / script)], env=environment, check=False).returncode for script in scripts)


def main() -> int:
    # Asked to end, it takes down what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", default="", help="folder for screenshots")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the family")
    parser.add_argument("--messages", type=int, default=0, help="so many in the inbox of clara")
    parser.add_argument("scripts", nargs="+")
    given = parser.parse_args()
    web = Path(os.environ["POSTHORN_BUILD"]) / "web"
    if why := obstacle(web):
        print(f"SKIPPED: {why}")
        return 77
    return run(given.scripts, web, given.pictures, dict(one.split("=", 1) for one in given.option), given.messages)


if __name__ == "__main__":
    sys.exit(main())
