# SPDX-License-Identifier: Apache-2.0
"""msuser from the command line: users come, change and go; a bad file changes nothing; ten thousand in a moment."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ["POSTHORN_BIN"])
HASH = "$5$rounds=1000$saltsalt$t5OWBmTL2yuzJ0yAqzyVXQNZ4RKKZ9SHQbuFz.5LdC4"


class Users:
    def __init__(self, folder: Path):
        self.file = folder / "users"
        self.config = folder / "posthorn.yaml"
        self.config.write_text(f"server: {{user: {os.environ.get('USER') or 'root'}, directory: {folder}}}\n"
                               f"auth: {{userfile: {self.file}}}\n")

    def run(self, *words: str, stdin: str = "", expect: int = 0) -> str:
        done = subprocess.run([str(BIN / "msuser"), "--userfile", str(self.file), *words], input=stdin, text=True,
                              capture_output=True, check=False, env=dict(os.environ, POSTHORN_CONFIG=str(self.config)))
        assert done.returncode == expect, f"{words}: status {done.returncode}, not {expect}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr


def sanitized() -> bool:
    cache = (Path(os.environ["POSTHORN_BUILD"]) / "CMakeCache.txt").read_text()
    return any(line.startswith("POSTHORN_SANITIZE:") and line.split("=", 1)[1] for line in cache.splitlines())


def one_user(users: Users) -> None:
    users.run("add", "anna", "quota=100M", "mail=anna@example.com", "--stdin", stdin="first secret\n")
    shown = json.loads(users.run("show", "anna", "--json"))
    assert "first secret" not in json.dumps(shown) and "$" not in json.dumps(shown), shown
    line = users.file.read_text()
    assert "$y$" in line, "the default scheme is yescrypt"
    assert users.file.stat().st_mode & 0o077 in (0, 0o040), oct(users.file.stat().st_mode)
    users.run("passwd", "anna", "--stdin", stdin="second secret\n")
    assert users.file.read_text() != line
    users.run("set", "anna", "status=inactive", "services=pop")
    assert "inactive" in users.run("show", "anna")
    assert users.run("add", "bert", "--random").strip(), "a password is printed"
    assert set(users.run("list").split()) >= {"anna", "bert"}
    users.run("delete", "bert")
    assert "bert" not in users.run("list").split()


def refusals(users: Users) -> None:
    before = users.file.read_text()
    for words, stdin in (
            (("add", "anna", "--stdin"), "again\n"),             # exists
            (("add", "a/b", "--stdin"), "x\n"),                  # not a name
            (("add", "a:b", "--stdin"), "x\n"),
            (("add", "..", "--stdin"), "x\n"),
            (("add", "empty", "--stdin"), "\n"),                 # no password
            (("set", "anna", "quota=lots"), ""),
            (("set", "anna", "colour=red"), ""),
            (("set", "anna", "services=pop@nowhere"), ""),       # not understood: refused, never ignored
            (("set", "nobody-here", "quota=1M"), ""),
            (("delete", "nobody-here"), ""),
            (("import", "-"), "carl:{NOSUCH}xyz\n"),
            (("import", "-"), "dora:good\nno colon here\n"),
            (("import", "-"), "dora:one\ndora:two\n")):
        done = subprocess.run([str(BIN / "msuser"), "--userfile", str(users.file), *words], input=stdin, text=True,
                              capture_output=True, check=False,
                              env=dict(os.environ, POSTHORN_CONFIG=str(users.config)))
        assert done.returncode != 0, f"{words} was taken"
        assert done.stderr.strip(), f"{words} was refused without a word"
        assert users.file.read_text() == before, f"{words} changed the file"
    said = subprocess.run([str(BIN / "msuser"), "--userfile", str(users.file), "import", "-"],
                          input="dora:good\nno colon here\n", text=True, capture_output=True, check=False,
                          env=dict(os.environ, POSTHORN_CONFIG=str(users.config))).stderr
    assert "2" in said, f"the line is named: {said}"


def many(users: Users) -> None:
    lines = "".join(f"user{n}:{{crypt}}{HASH}\n" for n in range(10000))
    start = time.monotonic()
    users.run("import", "-", stdin=lines)
    took = time.monotonic() - start
    print(f"10,000 hashed users imported in {took:.2f} s")
    assert sum(name.startswith("user") for name in users.run("list").split()) == 10000
    if not sanitized():
        assert took < 1.0, f"{took:.2f} s"


def users_in_ldap(users: Users) -> None:
    """Where nobody reads the file, it is not changed; another one may still be prepared."""
    before = users.file.read_text()
    config = users.config.with_name("ldap.yaml")
    config.write_text(users.config.read_text() + "auth.directory: ldap\nbase: {ugldaphost: 127.0.0.1, ugldapbasedn: o=mail}\n")
    for words, stdin in ((("list",), ""), (("show", "anna"), ""), (("add", "emil", "--stdin"), "x\n"), (("delete", "anna"), "")):
        done = subprocess.run([str(BIN / "msuser"), "--config", str(config), *words], input=stdin, text=True,
                              capture_output=True, check=False)
        assert done.returncode != 0, f"{words} was taken"
        assert "LDAP" in done.stderr and "auth.directory" in done.stderr, done.stderr
        assert users.file.read_text() == before, f"{words} changed the file"
    done = subprocess.run([str(BIN / "msuser"), "--config", str(config), "--userfile", str(users.file), "show", "anna"],
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        users = Users(Path(folder))
        one_user(users)
        refusals(users)
        users_in_ldap(users)
        many(users)


main()
sys.exit(0)
