# SPDX-License-Identifier: Apache-2.0
"""Every fence is shown to hold: a tree with one violating file fails by that fence, the same tree without it does not."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from check import findings  # noqa: E402
from includes import ROOMS  # noqa: E402
from tree import bare  # noqa: E402

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"


def clean_tree():
    files = {
        f"common/{room}/CMakeLists.txt":
            f"# SPDX-License-Identifier: Apache-2.0\nposthorn_room({room} DEPS {' '.join(deps)} LIBS fmt::fmt)\n"
        for room, deps in ROOMS.items()
    }
    files["common/base/error.h"] = HEAD + "#pragma once\n"
    files["popd/command_table.cc"] = HEAD + 'constexpr CommandSpec kCommands[] = {\n  {"STAT", kTransaction},\n};\n'
    files["test/script/pop/stat.imt"] = "C: stat\n"
    files["tools/packages"] = "# comment\ncmake build posthorn_room\n"
    return files


class Fences(unittest.TestCase):
    def found(self, extra):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**clean_tree(), **extra}.items():
                if text is None:
                    continue
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return [(one.fence, one.path) for one in findings(root) if not one.warning]

    def code(self, path, text):
        found = self.found({path: HEAD + text})
        return [fence for fence, where in found if where == path]

    def test_clean_tree_passes(self):
        self.assertEqual(self.found({}), [])

    def test_upward_include(self):
        self.assertEqual(self.code("common/base/x.h", '#include "common/net/loop.h"\n'), ["rooms"])
        self.assertEqual(self.code("common/imap/x.h", '#include "common/store/account.h"\n'), ["rooms"])

    def test_downward_include_is_transitive(self):
        self.assertEqual(self.code("common/tls/x.h", '#include "common/base/error.h"\n'), [])
        self.assertEqual(self.code("common/proc/x.h", '#include "common/config/snapshot.h"\n'), [])

    def test_include_of_what_is_not_linked(self):
        narrow = {"common/tls/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nposthorn_room(tls DEPS base)\n",
                  "common/tls/x.h": HEAD + '#include "common/net/loop.h"\n'}
        self.assertEqual(self.found(narrow), [("rooms", "common/tls/x.h")])

    def test_link_upward(self):
        wide = {"common/mime/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nposthorn_room(mime DEPS base store)\n"}
        self.assertEqual(self.found(wide), [("rooms", "common/mime/CMakeLists.txt")])

    def test_daemons_keep_apart(self):
        self.assertEqual(self.code("popd/x.h", '#include "imapd/session.h"\n'), ["rooms"])
        self.assertEqual(self.code("tools/deliver/x.h", '#include "popd/session.h"\n'), ["rooms"])
        self.assertEqual(self.code("common/net/x.h", '#include "popd/session.h"\n'), ["rooms"])
        self.assertEqual(self.code("tools/deliver/x.h", '#include "tools/msuser/context.h"\n'), ["rooms"])
        self.assertEqual(self.code("tools/deliver/x.h", '#include "tools/accounts/context.h"\n'), [])
        self.assertEqual(self.code("popd/x.h", '#include "popd/session.h"\n'), [])

    def test_closed_rooms(self):
        self.assertEqual(self.code("mshttpd/x.h", '#include "common/store/account.h"\n'), ["rooms"])
        self.assertEqual(self.code("master/x.h", '#include "common/store/account.h"\n'), ["rooms"])

    def test_product_does_not_include_tests(self):
        self.assertEqual(self.code("popd/x.h", '#include "test/support/family.h"\n'), ["rooms"])

    def test_library_headers(self):
        for header, stranger, owner in (("event2/event.h", "popd", "common/net"), ("ldap.h", "common/auth", "common/auth/ldap"),
                                        ("yaml-cpp/yaml.h", "master", "common/config"),
                                        ("lmdb.h", "common/store", "common/store/embedded")):
            self.assertEqual(self.code(f"{stranger}/x.h", f"#include <{header}>\n"), ["libraries"], header)
            self.assertEqual(self.code(f"{owner}/x.h", f"#include <{header}>\n"), [], header)

    def test_threads(self):
        for text in ("std::thread worker;\n", "std::jthread worker;\n", "pthread_create(&a, 0, f, 0);\n"):
            self.assertEqual(self.code("popd/x.h", text), ["threads"], text)
            self.assertEqual(self.code("common/net/x.h", text), [], text)
        self.assertEqual(self.code("popd/x.h", "auto n = std::thread::hardware_concurrency();\n"), [])

    def test_fork(self):
        for text in ("pid_t p = fork();\n", "::vfork();\n", "posix_spawn(&p, a, 0, 0, b, c);\n"):
            self.assertEqual(self.code("tools/deliver/x.h", text), ["fork"], text)
            self.assertEqual(self.code("master/x.h", text), [], text)
        self.assertEqual(self.code("popd/x.h", "store.fork();\n// fork() here\n"), [])

    def test_size(self):
        self.assertEqual(self.code("popd/x.h", "int a;\n" * 601), ["size"])
        self.assertEqual(self.code("popd/x.h", "// size: a table of constants\n" + "int a;\n" * 601), [])

    def test_licence(self):
        self.assertEqual(self.found({"popd/x.h": "int a;\n"}), [("licence", "popd/x.h")])
        self.assertEqual(self.found({"tools/thing": "#!/bin/sh\ntrue\n"}), [("licence", "tools/thing")])

    def test_blanks(self):
        self.assertEqual(self.code("popd/x.h", "int a; \n"), ["blanks"])
        self.assertEqual(self.code("popd/x.h", "int a;\r\n"), ["blanks"])

    def test_machine_paths(self):
        self.assertEqual(self.code("popd/x.h", '// see /' + 'home/anna/notes\n'), ["paths"])
        self.assertEqual(self.code("popd/x.h", "// see /var/lib/posthorn and posthorn/work/x\n"), [])

    def test_top_of_the_tree(self):
        self.assertEqual(self.found({"lib/x.h": HEAD}), [("top", "lib/x.h")])
        self.assertEqual(self.found({"NOTES.md": "a\n"}), [("top", "NOTES.md")])

    def test_command_without_transcript(self):
        extra = {"popd/command_table.cc": HEAD + '  {"STAT", kTransaction},\n  {.name = "UIDL", kTransaction},\n'}
        self.assertEqual(self.found(extra), [("transcripts", "popd/command_table.cc")])

    def test_unused_package(self):
        extra = {"tools/packages": "cmake build posthorn_room\nlibfoo-dev build libfoo\n"}
        self.assertEqual(self.found(extra), [("packages", "tools/packages")])
        self.assertEqual(self.found({"tools/packages": "cmake posthorn_room\n"}), [("packages", "tools/packages")])

    def test_room_without_unit_test(self):
        self.assertEqual(self.code("common/mime/x.cc", "int a;\n"), [])
        self.assertIn(("unit", "common/mime"), self.found({"common/mime/x.cc": HEAD}))
        self.assertEqual(self.found({"common/mime/x.cc": HEAD, "test/unit/mime/x_test.cc": HEAD}), [])

    def test_bare_keeps_lines(self):
        self.assertEqual(bare('a /* b\nc */ "d\\"" e\n// f\n1\'000').split(), ["a", "e", "1_000"])
        self.assertEqual(bare('a /* b\nc */').count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
