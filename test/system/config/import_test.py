# SPDX-License-Identifier: Apache-2.0
"""Old dumps of configutil, in both shapes, whole or not at all."""

import unittest

from sandbox import Sandbox

GOOD = """\
# printed by configutil
service.imap.port = 2143
service.imap.idletimeout = 45
service.pop.enable = no
service.http.maxmessagesize = 20971520
store.admins = admin calmaster
service.imap.connlimits = 10.0.0.0|255.0.0.0:100,0.0.0.0|0.0.0.0:20
service.pop.banner = "%h %p (quoted)"
logfile.imap.loglevel = Debug
local.service.proxy.admin.store1.siroe.com = proxyadm
local.store.notifyplugin.jmq.ensport = 7998
configutil -o service.pop.maxsessions -v "700"
/opt/SUNWmsgsr/sbin/configutil -l -o service.loginseparator -v "@+"
configutil -o service.pop.banner -v '%h "hello" there'
msconfig set http.port 2080
set store.defaultmailboxquota -1
local.watcher.enable = yes
service.pop.port = 1110
"""


class Import(Sandbox):
    def bring(self, dump: str, *switches: str, status: int = 0) -> str:
        path = self.folder / "dump"
        path.write_bytes(dump.encode())
        done = self.run_program("msconfig", "import", *switches, str(path))
        self.assertEqual(done.returncode, status, done.out + done.err)
        return done.out + done.err

    def test_both_shapes(self):
        said = self.bring(GOOD)
        self.assertIn("dump:17: local.watcher.enable has no counterpart: master watches always", said)
        self.assertIn("13 options set, 2 were so already, 1 without counterpart here, 0 left out.", said)
        self.assertIn("To bring it about:", said)
        self.assertIn("stop-msg pop", said)
        for name, value in (("imap.port", "2143"), ("imap.idletimeout", "45m"), ("pop.enable", "no"),
                            ("http.maxmessagesize", "20M"), ("store.admins", "admin calmaster"),
                            ("imap.connlimits", "10.0.0.0|255.0.0.0:100 0.0.0.0|0.0.0.0:20"),
                            ("pop.banner", '%h "hello" there'), ("imap.logfile.loglevel", "Debug"),
                            ("proxy:store1.siroe.com.imapadmin", "proxyadm"), ("notifytarget:jmq.ensport", "7998"),
                            ("pop.maxsessions", "700"), ("base.loginseparator", "@+"), ("http.port", "2080")):
            self.assertEqual(self.msconfig("get", name), value + "\n", name)
        self.assertIn("0 options set", self.bring(GOOD), "a second time nothing is left to do")
        self.msconfig("check")

    def test_carriage_returns_and_no_line_end(self):
        self.bring("service.imap.port = 2143\r\n\r\nservice.pop.port = 2110")
        self.assertEqual(self.msconfig("get", "pop.port"), "2110\n")
        self.assertEqual(self.msconfig("get", "imap.port"), "2143\n")

    def test_what_cannot_be_taken_is_told_with_its_line_and_nothing_is_imported(self):
        dump = ("service.imap.port = 2143\n"
                "service.imap.prot = 1\n"
                "service.nothing.like.it = 1\n"
                "service.pop.idletimeout = 5\n"
                "service.pop.banner;lang-de = Guten Tag\n"
                "just words\n"
                "configutil -o service.pop.port\n"
                "configutil -o service.pop.port -v 'open\n"
                "local.ugldapbindcred = ********\n"
                "service.imap.enablesslport = yes\n")
        said = self.bring(dump, status=78)
        for fault in ("dump:2: there is no option service.imap.prot; did you mean service.imap.port?",
                      "dump:3: there is no option service.nothing.like.it",
                      "dump:4: service.pop.idletimeout: '5' is not a time from 10m",
                      "dump:5: service.pop.banner;lang-de: texts in other languages are not supported",
                      "dump:6: not a line `NAME = VALUE`",
                      "dump:7: not a line `configutil -o NAME -v VALUE`",
                      "dump:8: a quote ' is not closed",
                      "dump:9: local.ugldapbindcred is masked",
                      "dump:10: imap.enablesslport needs a certificate"):
            self.assertIn(fault, said)
        self.assertIn("nothing was imported because of 9 lines", said)
        self.assertEqual(self.text(), "pop.port: 1110\n")
        said = self.bring(dump, "-partial")
        self.assertIn("1 option set, 0 were so already, 0 without counterpart here, 9 left out.", said)
        self.assertEqual(self.text(), "pop.port: 1110\nimap:\n  port: 2143\n")

    def test_the_last_of_two_lines_counts(self):
        self.bring("service.imap.port = 1\nservice.imap.port = 2143\n")
        self.assertEqual(self.msconfig("get", "imap.port"), "2143\n")
        self.bring("service.imap.port = 1\nservice.imap.port = 2143\n")
        self.assertEqual(self.msconfig("get", "imap.port"), "2143\n")

    def test_export_and_import_are_each_others_way_back(self):
        self.bring(GOOD)
        self.msconfig("set", "base.proxyadminpass", "geheim")
        before = self.msconfig("show", "-passwords")
        for switch in ("-passwords", "-legacy"):
            self.assertNotIn("geheim", self.msconfig("export"))
            dump = self.msconfig("export", "-passwords", *([] if switch == "-passwords" else [switch]))
            self.write("# empty\n")
            self.assertIn("0 left out", self.bring(dump))
            self.assertEqual(self.msconfig("show", "-passwords"), before)
        path = self.folder / "exported"
        self.msconfig("export", str(path))
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("geheim", path.read_text())
        self.assertIn("# base.proxyadminpass = ********", path.read_text())
        self.msconfig("export", str(path), status=78)


if __name__ == "__main__":
    unittest.main()
