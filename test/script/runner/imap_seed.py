# SPDX-License-Identifier: Apache-2.0
"""Makes the mailboxes that an IMAP script begins with, over the wire, so that every server has the same octets."""

import re

from runner.connection import Connection
from runner.imap_client import Client
from runner.messages import messages_of, with_crlf
from runner.skipped import Skipped

_SEED = re.compile(r'(?P<name>"[^"]*"|[^"(\s]\S*)?\s*(?P<flags>\([^)]*\))?\s*(?P<date>"[^"]*")?\Z')


def client_of(server, user: str, password: str, source: str | None) -> Client:
    return Client(Connection(server.host, server.port("imap", False), source, False, False), user, password)


def prepare(play) -> None:
    """An account elsewhere has seen other scripts; ours are new and taken as they are where a script needs nothing."""
    script, server = play.script, play.server
    users = [(play.bound["user" + s], play.bound["password" + s]) for s in _suffixes(script.users)]
    if server.local and not (script.mailboxes or script.creates or script.needs):
        return
    for number, (user, password) in enumerate(users):
        client = client_of(server, user, password, play.source)
        try:
            if number == 0:
                _check_needs(script, server, client)
            if not server.local:
                server.clean(client)
            if number == 0:
                _seed(play, client)
        finally:
            client.end()


def tidy(play) -> None:
    if play.server.local:
        return
    for suffix in _suffixes(play.script.users):
        client = client_of(play.server, play.bound["user" + suffix], play.bound["password" + suffix], play.source)
        try:
            play.server.clean(client)
        finally:
            client.end()


def _suffixes(users: int) -> list[str]:
    return [""] + [str(n) for n in range(2, users + 1)]


def _check_needs(script, server, client: Client) -> None:
    """Elsewhere a script that does not fit is skipped; ours must have what it is not known to lack."""
    if not script.needs:
        return
    missing = [name for name in script.needs if name not in client.capabilities()]
    if missing and not server.local:
        raise Skipped(f"the server lacks {' '.join(missing)}")
    unknown = [name for name in missing if name not in script.lacks]
    if unknown:
        raise AssertionError(f"the server lacks {' '.join(unknown)}, and no `lacks:` says so")
    if missing:
        raise Skipped(f"not built yet: {' '.join(missing)}")
    if script.lacks:
        raise AssertionError(f"the server has {' '.join(script.lacks)}: take the `lacks:` away")


def _seed(play, client: Client) -> None:
    for name in play.script.creates:
        client.command("CREATE", f'"{name}"')
    for file, rest in play.script.mailboxes:
        found = _SEED.match(rest)
        if not found:
            raise ValueError(f"{play.script.path}: mailbox: FILE [NAME] [(flags)] [\"date\"], not {rest!r}")
        name = (found["name"] or "INBOX").strip('"')
        for message in messages_of(play.root / file):
            client.append(name, with_crlf(message), found["flags"] or "()", (found["date"] or "").strip('"'))
