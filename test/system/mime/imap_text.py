# SPDX-License-Identifier: Apache-2.0
"""IMAP's parenthesised lists as Python values: list, bytes (a string), str (an atom), None (NIL)."""


class Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def value(self):
        return self._list() if self.data[self.at:self.at + 1] == b"(" else self.string()

    def _list(self):
        """Iterative, as messages nest deeper than Python likes to recurse."""
        stack, top = [], None
        while True:
            one = self.data[self.at:self.at + 1]
            if one == b"(":
                self.at += 1
                stack.append([])
                continue
            if one == b")":
                self.at += 1
                done = stack.pop()
                if not stack:
                    return done
                stack[-1].append(done)
            elif one == b" ":
                self.at += 1
            elif one == b"":
                raise ValueError("the list does not end")
            else:
                stack[-1].append(self.string())
        return top

    def string(self):
        one = self.data[self.at:self.at + 1]
        if one == b'"':
            return self._quoted()
        if one == b"{":
            end = self.data.index(b"}\r\n", self.at)
            size = int(self.data[self.at + 1:end])
            self.at = end + 3 + size
            return self.data[end + 3:self.at]
        start = self.at
        while self.data[self.at:self.at + 1] not in (b"", b" ", b")", b"("):
            if self.data[self.at:self.at + 1] == b"[":
                self.at = self.data.index(b"]", self.at)
            self.at += 1
        atom = self.data[start:self.at].decode("latin-1")
        return None if atom.upper() == "NIL" else atom

    def _quoted(self):
        out = bytearray()
        self.at += 1
        while self.data[self.at] != 0x22:
            if self.data[self.at] == 0x5C:
                self.at += 1
            out.append(self.data[self.at])
            self.at += 1
        self.at += 1
        return bytes(out)


def parse(data: bytes):
    reader = Reader(data)
    value = reader.value()
    if reader.at != len(data):
        raise ValueError(f"text behind the value: {data[reader.at:][:40]!r}")
    return value


def part_paths(structure, limit: int):
    """(number, is a message) of each part of a parsed BODYSTRUCTURE, outermost first."""
    found, queue = [], [("", structure)]
    while queue and len(found) < limit:
        prefix, body = queue.pop(0)
        if isinstance(body[0], list):
            children = [(str(number), child) for number, child in
                        enumerate((item for item in body if isinstance(item, list) and item and is_body(item)), 1)]
        else:
            children = [("1", body)]
        for number, child in children:
            path = f"{prefix}.{number}" if prefix else number
            message = not isinstance(child[0], list) and child[0].lower() == b"message" and len(child) > 8 \
                and isinstance(child[7], list)
            found.append((path, message))
            if message:
                queue.append((path, child[8]))
            elif isinstance(child[0], list):
                queue.append((path, child))
    return found[:limit]


def is_body(item) -> bool:
    """A body among the members of a multipart, as against its parameters and disposition."""
    if isinstance(item[0], list):
        return True
    return len(item) >= 7 and isinstance(item[0], bytes) and isinstance(item[1], bytes) and isinstance(item[6], str)
