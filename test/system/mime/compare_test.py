# SPDX-License-Identifier: Apache-2.0
"""Our answers against the recorded ones of Dovecot. Every difference must be explained by a row of README.md and be
exactly the one that was looked at (test/data/mime/ours.jsonl). --accept writes that file anew, --show CASE prints."""

import fnmatch
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from cases import CASES, stored  # noqa: E402
from imap_text import parse  # noqa: E402

DATA = HERE.parents[1] / "data" / "mime"
LISTS = ("ENVELOPE", "BODY", "BODYSTRUCTURE")


def ask(questions: dict[str, list[str]]) -> dict[str, dict]:
    """name -> item -> octets or None, from the program."""
    program = Path(os.environ["POSTHORN_BIN"]) / "mime_answers"
    text = bytearray()
    for name, items in questions.items():
        message = stored(CASES[name])
        text += b"MESSAGE %d\n" % len(message) + message + "".join(f"{item}\n" for item in items).encode()
    done = subprocess.run([program], input=bytes(text), capture_output=True, check=True).stdout
    answers, at = {}, 0
    for name, items in questions.items():
        answers[name] = {}
        for item in items:
            end = done.index(b"\n", at)
            count = done[at:end]
            at = end + 1
            answers[name][item] = None
            if count != b"NIL":
                answers[name][item] = done[at:at + int(count)]
                at += int(count) + 1
    return answers


def comparable(item: str, octets, recorded: bool):
    """Lists as values; sections as octets, with NUL as Dovecot sends it, long ones as their hash."""
    if item in LISTS:
        return parse(octets.encode("latin-1") if recorded else octets)
    if recorded or octets is None:
        return octets
    octets = octets.replace(b"\0", b"\x80")
    if len(octets) <= 300:
        return octets.decode("latin-1")
    return {"size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}


def readable(value) -> str:
    return json.dumps(value, default=lambda octets: octets.decode("latin-1"))


def differences():
    entries = [json.loads(line) for line in (DATA / "dovecot.jsonl").read_text().splitlines()[1:]]
    unknown = {entry["name"] for entry in entries} ^ set(CASES)
    assert not unknown, f"recorded and made messages differ, record anew: {sorted(unknown)[:5]}"
    wanted = {}
    for entry in entries:
        wanted[entry["name"]] = {item: entry[item] for item in LISTS}
        wanted[entry["name"]] |= {f"BODY[{name}]": octets for name, octets in entry["sections"].items()}
    answers = ask({name: list(items) for name, items in wanted.items()})
    count, found = 0, {}
    for name, items in wanted.items():
        for item, octets in items.items():
            count += 1
            theirs = comparable(item, octets, True)
            ours = comparable(item, answers[name][item], False)
            if theirs != ours:
                found[name, item] = (readable(theirs), readable(ours))
    return len(wanted), count, found


def explanations() -> list[tuple[str, list[str], list[str]]]:
    """Rows of README.md: | id | items | cases | why |, items and cases as patterns between blanks."""
    rows = []
    for line in (HERE / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| D") and len(cells) == 4:
            rows.append((cells[0], cells[1].strip("`").split(", "), cells[2].strip("`").split(" ")))
    return rows


def matches(name: str, patterns: list[str]) -> bool:
    # Sections have brackets, which a pattern must not take for a set.
    return any(fnmatch.fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in patterns)


def main() -> int:
    messages, count, found = differences()
    rows = explanations()
    used, unexplained = set(), []
    for (name, item) in found:
        row = next((row for row in rows if matches(item, row[1]) and matches(name, row[2])), None)
        if row:
            used.add(row[0])
        else:
            unexplained.append((name, item))
    if "--accept" in sys.argv:
        lines = [json.dumps({"name": name, "item": item, "ours": ours}) for (name, item), (_, ours) in sorted(found.items())]
        (DATA / "ours.jsonl").write_text("\n".join(lines) + "\n")
    if "--show" in sys.argv:
        for (name, item), (theirs, ours) in found.items():
            if matches(name, sys.argv[sys.argv.index("--show") + 1:]):
                print(f"{name} {item}\n  {CASES[name][:300]!r}\n  dovecot {theirs[:1500]}\n  ours    {ours[:1500]}")
    if "--unexplained" in sys.argv:
        for key in unexplained:
            print(f"{key[0]} {key[1]}\n  {CASES[key[0]][:260]!r}\n  dovecot {found[key][0][:700]}\n  ours    {found[key][1][:700]}")
    accepted = {}
    if (DATA / "ours.jsonl").exists():
        for line in (DATA / "ours.jsonl").read_text().splitlines():
            entry = json.loads(line)
            accepted[entry["name"], entry["item"]] = entry["ours"]
    changed = [key for key in found if key in accepted and accepted[key] != found[key][1]]
    fresh = [key for key in found if key not in accepted]
    gone = [key for key in accepted if key not in found]
    stale = [row[0] for row in rows if row[0] not in used]
    print(f"{messages} messages, {count} answers compared, {len(found)} differ ({len(unexplained)} unexplained)")
    for title, keys in (("unexplained", unexplained), ("changed", changed), ("not looked at", fresh), ("no longer there", gone), ("explains nothing", stale)):
        if keys:
            print(f"{title}: {keys[:10]}{' ...' if len(keys) > 10 else ''}")
    return 1 if unexplained or changed or fresh or gone or stale else 0


if __name__ == "__main__":
    sys.exit(main())
