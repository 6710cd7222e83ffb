# SPDX-License-Identifier: Apache-2.0
"""set and unset over files that people write: whatever the file looks like, one option changes or nothing does."""

import random
import unittest

import yaml

from sandbox import Sandbox

HEADS = ["", "# head\n", "---\n", "\n\n   \n", "# ümläut — ok\n"]
BLOCKS = [
    "pop.port: 1110  # keep me\n",
    "pop:\n  port: 1110  # keep me\n  # between\n  banner: \"a # b: {c}\"   # tail\n",
    "pop: {port: 1110, banner: 'it''s, # not a comment'}  # flow\n",
    "\"pop.port\": '1110'\n",
    "imap:\n    port: 2143 # four blanks\n\n    # in the middle\n    capability: {idle: yes, move: off}\n",
    "imap:\n  banner: >-\n    folded\n    text\n  port: 2143\n",
    "imap:\n  banner: |\n    block # no comment\n",
    "store.admins:   # who\n  - anna   # the first\n  - bob\n",
    "store:\n  admins:\n  - anna\n  - bob\n  defaultpartition: primary\n",
    "store: {admins: [anna,\n  bob], defaultpartition: primary}\n",
    "service.http.port: 2080   # old name\n",
    "http:\n",
    "http: # nothing yet\n",
    "tls:\n  main: {cert: c.pem, key: c.key}\n  # second\n  web.example.com:\n    cert: d.pem\n    key: d.key # x\n",
    "base.hostname: mail.example.com  # ünïcode — comment\n",
    "? base.hostname\n: mail.example.com\n",
    "base:\n  hostname:   \"mail.example.com\"   \n",
]
REFUSED = [
    "pop: &all\n  port: 1110\n",
    "pop.port: &p 1110\nimap.port: *p\n",
    "pop.port: !!int 1110\n",
    "pop.port: 1110\n---\nimap.port: 2143\n",
    "pop:\n\tport: 1110\n",
    "\ufeffpop.port: 1110\n",
    "pop.port: 1110\npop.port: 1111\n",
    "- pop.port\n",
    "pop.port: [1110\n",
    b"pop.port: 1110 # \xff\n",
]
CHANGES = [("pop.port", "3110"), ("imap.port", "3143"), ("http.port", "3080"), ("pop.banner", "it's \"new\" # x: {y}"),
           ("store.admins", "carl dora"), ("store.admins", ""), ("tls:main.cert", "new.pem"), ("tls:third.cert", "t.pem"),
           ("base.hostname", "other.example.com"), ("imap.capability.idle", "no"), ("imap.banner", "plain"),
           ("base.loginseparator", "@+"), ("pop.banner", "grüße")]


def flat(text: str) -> dict:
    """What a file says, by a reader of YAML that is not ours: keys joined by dots, lists and words as texts."""
    said = {}

    def walk(node, path):
        if isinstance(node, dict):
            for key, value in node.items():
                walk(value, f"{path}.{key}" if path else str(key))
        elif node not in (None, ""):
            said[path] = [str(item) for item in node] if isinstance(node, list) else str(node)

    walk(yaml.load(text, Loader=yaml.BaseLoader), "")
    return said


def comments(text: str, without: str) -> list:
    """Comments that stand on lines of their own."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#") and without not in line]


def keys_of(name: str) -> set:
    """The spellings under which an option may stand in a file."""
    old = {"pop.port": "service.pop.port", "imap.port": "service.imap.port", "http.port": "service.http.port",
           "pop.banner": "service.pop.banner", "imap.banner": "service.imap.banner", "base.hostname": "local.hostname",
           "base.loginseparator": "service.loginseparator",
           "imap.capability.idle": "service.imap.capability.idle"}.get(name, name)
    return {name, name.replace(":", "."), old}


class OddYaml(Sandbox):
    def check_change(self, before: str, name: str, value) -> None:
        """Sets, or takes out where value is None; then everything else must be as it was."""
        self.write(before)
        words = ("unset", name) if value is None else ("set", name, value)
        done = self.run_program("msconfig", *words)
        after = self.file.read_bytes().decode()
        context = f"{words} over {before!r} gave {after!r}: {done.err}"
        if done.returncode != 0:
            self.assertEqual(after, before, context)
            self.assertTrue("by hand" in done.err or "nothing was changed" in done.err or "is not set" in done.err,
                            context)
            return
        own = keys_of(name)
        keep = {key: said for key, said in flat(before).items() if key not in own}
        self.assertEqual({key: said for key, said in flat(after).items() if key not in own}, keep, context)
        said = [said for key, said in flat(after).items() if key in own]
        if value is None:
            self.assertEqual(said, [], context)
        elif name == "store.admins":
            self.assertEqual(said, [value.split()], context)
        else:
            self.assertEqual(said, [value], context)
        inner = "# the first" if name == "store.admins" else "\0"
        self.assertEqual(comments(after, inner), comments(before, inner), context)
        if "\r\n" in before:
            self.assertNotRegex(after.replace("\r\n", ""), "\n", context)

    def test_each_change_over_each_shape(self):
        for block in BLOCKS:
            for name, value in CHANGES[:6]:
                self.check_change(block, name, value)

    def test_random_files(self):
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        for _ in range(100):
            chosen = dice.sample(BLOCKS, dice.randrange(1, 4))
            sections = [block.split(":")[0].split(".")[0].strip('"? ') for block in chosen]
            if len(set(sections)) != len(sections):
                continue
            text = dice.choice(HEADS) + "\n".join(chosen)
            if dice.random() < 0.3:
                text = text.rstrip("\n")
            if dice.random() < 0.3:
                text = text.replace("\n", "\r\n")
            name, value = dice.choice(CHANGES)
            self.check_change(text, name, None if dice.random() < 0.25 else value)

    def test_what_is_refused_stays_as_it_is(self):
        for text in REFUSED:
            self.write(text)
            before = self.file.read_bytes()
            done = self.run_program("msconfig", "set", "http.port", "3080")
            self.assertNotEqual(done.returncode, 0, text)
            self.assertEqual(self.file.read_bytes(), before)
            self.assertFalse(self.history.exists())

    def test_long_and_deep(self):
        self.write("# " + "x" * 1_100_000 + "\n")
        self.msconfig("set", "pop.port", "3110", status=64)
        self.write("".join(f"{' ' * i}a{i}:\n" for i in range(40)))
        self.msconfig("set", "pop.port", "3110", status=64)
        self.write("pop.port: 1110\n")
        self.msconfig("set", "pop.banner", "x" * 5000, status=64)
        self.msconfig("set", "pop.banner", "two\nlines", status=64)
        self.assertEqual(self.text(), "pop.port: 1110\n")


if __name__ == "__main__":
    unittest.main()
