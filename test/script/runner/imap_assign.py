# SPDX-License-Identifier: Apache-2.0
"""Which response answers which expectation of a script."""

from runner import imap_match
from runner.imap_wire import Response
from runner.transcript import Step

MOST_TRIES = 50_000


class Mismatch(Exception):
    """The server said something else; the text says what was expected and what came."""


def report(wanted: list[tuple[Step, Response]], seen: list[tuple[Response, bool]], bound: dict[str, str]) -> str:
    for step, pattern in wanted:
        if step.kind in ("S", "S+") and not any(imap_match.response(pattern, r, bound) is not None for r, _ in seen):
            missing = f"line {step.line}: {step.text!r} did not come"
            break
    else:
        missing = f"these did not come together: {[step.text for step, _ in wanted if step.kind != 'S!']}"
    return missing + ", but " + (" | ".join(str(r) for r, _ in seen) or "nothing")


class Assignment:
    """Gives each expectation a response of its own; S+ ones in their order, S? ones if there is any."""

    def __init__(self, wanted: list[tuple[Step, Response]], seen: list[tuple[Response, bool]], bound: dict[str, str]):
        order = {"S": 0, "S+": 0, "S?": 1}
        self._wanted = sorted((w for w in wanted if w[0].kind in order), key=lambda w: order[w[0].kind])
        self._seen = [response for response, _ in seen]
        self._bound = bound
        self._tries = 0

    def found(self) -> tuple[dict[str, str], set[int]] | None:
        """The bindings and which responses are spoken for."""
        return self._from(0, self._bound, frozenset(), -1)

    def _from(self, at: int, bound: dict[str, str], used: frozenset[int], last: int):
        if at == len(self._wanted):
            return bound, set(used)
        step, pattern = self._wanted[at]
        for index, response in enumerate(self._seen):
            if index in used or (step.kind == "S+" and index <= last):
                continue
            self._tries += 1
            if self._tries > MOST_TRIES:
                raise Mismatch("too many ways to match: make the script's expectations more definite")
            after = imap_match.response(pattern, response, bound)
            if after is not None:
                done = self._from(at + 1, after, used | {index}, index if step.kind == "S+" else last)
                if done is not None:
                    return done
        return self._from(at + 1, bound, used, last) if step.kind == "S?" else None
