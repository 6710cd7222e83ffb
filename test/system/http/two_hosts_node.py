# SPDX-License-Identifier: Apache-2.0
"""Clients that run in node against host two, for Anna, whose mail is at host one: the one from npm, and the browser client
in headless Chromium. A script asks for what it cannot do itself by a line `do {"what": ...}` and reads a line when it is done."""

import json
import os
import shutil
import subprocess

import npm_client_test
from two_hosts import DOMAIN, SOURCE, TWO, WEB, Family, Share, password
from two_hosts_dead import check_dead, check_healed, heal, kill_imap

CHROMIUM = os.environ.get("POSTHORN_CHROMIUM", "/usr/bin/chromium")
TIMEOUT = 150


def check_npm(family: Family) -> None:
    folder = npm_client_test.client_folder() if shutil.which("node") and shutil.which("npm") else None
    if folder is None or family.postfix is None:
        print("SKIPPED: the client of npm needs node, npm, its packages and a Postfix")
        return
    status = npm_client_test.session(folder, family.hosts[TWO].port("http", False), {user: password(user) for user in ("anna", "bert")})
    assert status == 0, "the session of the npm client"


def obstacle() -> str | None:
    if not os.path.exists(CHROMIUM):
        return "there is no Chromium (Debian package chromium)"
    if not shutil.which("node"):
        return "there is no node (Debian package nodejs)"
    if not (WEB / "dist" / "index.html").exists():
        return "the browser client is not built (target posthorn_web)"
    return None


def check_chromium(family: Family, team: Share) -> None:
    """`team` is over at the end."""
    if why := obstacle():
        print(f"SKIPPED: the browser client at two hosts: {why}")
        return
    actions = {
        "deliver": lambda subject: family.deliver("anna", subject),
        "put": team.put,
        "keywords": team.keywords,
        "withdraw": lambda _: team.withdraw(),
        "kill": lambda _: (kill_imap(family), check_dead(family)),
        "heal": lambda _: (heal(family), check_healed(family)),
    }
    facts = {"url": f"{family.origin(TWO)}/", "password": password("anna"), "domain": DOMAIN, "web": str(WEB), "chromium": CHROMIUM}
    node = subprocess.Popen(["node", str(SOURCE / "test" / "browser" / "two_hosts.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, bufsize=1, env=os.environ | {"POSTHORN_BROWSER": json.dumps(facts)})
    try:
        for line in node.stdout:
            if not line.startswith("do "):
                print(line, end="")
                continue
            wanted = json.loads(line[3:])
            answer = actions[wanted["what"]](wanted.get("with"))
            node.stdin.write(json.dumps(answer) + "\n")
            node.stdin.flush()
        assert node.wait(TIMEOUT) == 0, "the browser client at two hosts"
    finally:
        if node.poll() is None:
            node.terminate()
            node.wait()
