# SPDX-License-Identifier: Apache-2.0
"""A JMAP client from npm, which knows nothing of this server, drives a whole session of two people: composing, uploads,
sending through a real Postfix, hearing of it, reading, moving, sharing, changes, errors."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = Path(os.environ["POSTHORN_SOURCE"])
sys.path.insert(0, str(SOURCE / "test" / "support"))
sys.path.insert(0, str(SOURCE / "test" / "system" / "lmtp"))

import jmap  # noqa: E402  (found by the lines above)
import postfix  # noqa: E402
from instance import Instance  # noqa: E402

DOMAIN = "test.example"
PASSWORD = "secret"


def client_folder() -> Path | None:
    """Where the locked packages and the session are, installed once for each build; nothing when npm cannot."""
    folder = Path(os.environ["POSTHORN_BUILD"]) / "npm-client"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "npm" / "package-lock.json").read_text()
    known = folder / "installed-lock.json"
    if not known.exists() or known.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "npm" / name, folder)
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True,
                              text=True, check=False, timeout=200)
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            return None
        known.write_text(lock)
    shutil.copy(HERE / "npm" / "session.mjs", folder)
    return folder


def session(folder: Path, port: int, passwords: dict[str, str]) -> int:
    """Anna's and Bert's session at this web server; node's status."""
    tokens = [jmap.Client(port, user, passwords[user], way="bearer").token for user in ("anna", "bert")]
    return subprocess.run(["node", "session.mjs", f"http://127.0.0.1:{port}", *tokens, f"bert@{DOMAIN}"], cwd=folder,
                          check=False, timeout=200).returncode


def main() -> int:
    if why := postfix.missing():
        print(f"SKIPPED: {why}")
        return 77
    if not shutil.which("node") or not shutil.which("npm"):
        print("SKIPPED: there is no nodejs with npm")
        return 77
    folder = client_folder()
    if folder is None:
        print("SKIPPED: npm could not install the client")
        return 77
    with contextlib.ExitStack() as stack:
        instance = Instance(Path(os.environ["POSTHORN_BIN"]), {"auth.failuredelay": "0", "http.webdir": "nowhere"},
                            services=["lmtp", "imap", "http", "ens"])
        stack.callback(instance.stop)
        server = postfix.Postfix(f"inet:127.0.0.1:{instance.port('lmtp', False)}", DOMAIN)
        stack.callback(server.close)
        jmap.prepare_webmail(instance, {"http.smtpport": str(server.port)})
        instance.add_users([(user, PASSWORD) for user in ("anna", "bert")])
        for user in ("anna", "bert"):
            instance.run("msuser", "set", user, f"mail={user}@{DOMAIN}")
        instance.start()
        server.start()
        status = session(folder, instance.port("http", False), {user: PASSWORD for user in ("anna", "bert")})
        if status != 0:
            print(instance.log()[-5000:], server.log()[-3000:], file=sys.stderr)
        return status


if __name__ == "__main__":
    sys.exit(main())
