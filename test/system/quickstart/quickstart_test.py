# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart as a user runs it: build, start, mail by curl, second run, second instance, taken port, stop."""

import glob
import imaplib
import json
import os
import shutil
import signal
import smtplib
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from instance import SOURCE, Instance, copy_scripts, free_offset, watch_programs  # noqa: E402
sys.path.insert(0, os.path.join(SOURCE, "test", "support"))
import jmap  # noqa: E402

NOBODY = 65534
FOR_BOTH = ("welcome", "question", "answer")


def samples(words=None):
    """The sample messages as they lie in the tree, in order of delivery."""
    found = {}
    for path in sorted(glob.glob(os.path.join(SOURCE, "test/data/samples/*.eml"))):
        if words is None or path.rpartition("-")[2].removesuffix(".eml") in words:
            with open(path, "rb") as file:
                found[os.path.basename(path)] = file.read()
    return found


class Quickstart(unittest.TestCase):
    """One instance for all tests: making it is what takes time. Tests run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp(prefix="posthorn-quickstart-")
        os.chmod(cls.top, 0o755)
        cls.made = []
        cls.first = cls.instance("first")
        cls.output = cls.first.start()

    @classmethod
    def tearDownClass(cls):
        for instance in cls.made:
            if os.path.isdir(instance.directory):
                instance.run("--stop")
        for instance in cls.made:
            for pid in instance.processes():
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(cls.top, ignore_errors=True)

    @classmethod
    def instance(cls, name, **more):
        cls.made.append(Instance(os.path.join(cls.top, name), free_offset(), **more))
        return cls.made[-1]

    def check_messages(self, got, expected):
        self.assertEqual(len(got), len(expected))
        for message, (name, sample) in zip(got, expected.items()):
            self.assertTrue(message.endswith(sample), f"{name}: the octets differ")
            added = message[:len(message) - len(sample)]
            self.assertLess(len(added), 600, f"{name}: more than trace headers was added")

    def test_1_starts(self):
        self.assertEqual(self.output.returncode, 0, self.output.stdout)
        facts = self.first.facts()
        for name in ("USER1", "PASSWORD1", "USER2", "PASSWORD2", "ADMIN", "ADMIN_PASSWORD", "POP_PORT", "POPS_PORT",
                     "IMAP_PORT", "IMAPS_PORT", "HTTP_PORT", "HTTPS_PORT", "LMTP_PORT", "ENS_PORT", "CERT"):
            self.assertTrue(facts.get("POSTHORN_" + name), name)
        self.assertIn(facts["POSTHORN_PASSWORD1"], self.output.stdout)
        self.assertEqual(int(facts["POSTHORN_POP_PORT"]), 1110 + self.first.offset)
        self.assertEqual(self.first.run("--status").returncode, 0)

    def test_2_secrets_are_secret(self):
        for name in ("quickstart.env", "posthorn.yaml", "tls/key.pem"):
            mode = os.stat(os.path.join(self.first.directory, name)).st_mode
            self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, name)
        if os.geteuid() == 0:
            running = {os.stat(f"/proc/{pid}").st_uid for pid in self.first.processes()}
            self.assertTrue(running - {0}, "workers do not run as root")

    def test_3_mail_by_curl(self):
        self.check_messages(self.first.messages(1), samples())
        self.check_messages(self.first.messages(2), samples(FOR_BOTH))

    def test_3_mail_over_tls(self):
        facts = self.first.facts()
        who = f"{facts['POSTHORN_USER1']}:{facts['POSTHORN_PASSWORD1']}"
        sample = list(samples().values())[4]
        for url, more in ((f"pop3s://localhost:{facts['POSTHORN_POPS_PORT']}/5", ()),
                          (f"pop3://localhost:{facts['POSTHORN_POP_PORT']}/5", ("--ssl-reqd",))):
            got = self.first.curl("--cacert", facts["POSTHORN_CERT"], *more, "-u", who, url)
            self.assertEqual(got.returncode, 0, got.stderr)
            self.assertTrue(got.stdout.endswith(sample), url)

    def test_3_wrong_password(self):
        facts = self.first.facts()
        got = self.first.curl("-u", "anna:wrong", f"pop3://127.0.0.1:{facts['POSTHORN_POP_PORT']}/")
        self.assertEqual(got.returncode, 67, got.stderr)

    def test_4_imap_greets(self):
        facts = self.first.facts()
        trust = ssl.create_default_context(cafile=facts["POSTHORN_CERT"])
        clear = {"host": "127.0.0.1", "port": int(facts["POSTHORN_IMAP_PORT"]), "timeout": 30}
        tls = {"host": "127.0.0.1", "port": int(facts["POSTHORN_IMAPS_PORT"]), "timeout": 30, "ssl_context": trust}
        for kind, words in ((imaplib.IMAP4, clear), (imaplib.IMAP4_SSL, tls)):
            with kind(**words) as client:
                self.assertEqual(client.login(facts["POSTHORN_USER2"], facts["POSTHORN_PASSWORD2"])[0], "OK")
                self.assertEqual(client.logout()[0], "BYE")

    def test_4_lmtp_delivers(self):
        facts = self.first.facts()
        with smtplib.LMTP("127.0.0.1", int(facts["POSTHORN_LMTP_PORT"]), timeout=30) as client:
            self.assertEqual(client.sendmail("a@example.org", ["bert+tag@example.org"], "Subject: by LMTP\r\n\r\ntext\r\n"), {})
        with imaplib.IMAP4("127.0.0.1", int(facts["POSTHORN_IMAP_PORT"]), timeout=30) as client:
            client.login(facts["POSTHORN_USER2"], facts["POSTHORN_PASSWORD2"])
            client.select("INBOX")
            (number,) = client.search(None, "SUBJECT", "LMTP")[1]
            # Others count the samples: it goes again.
            client.store(number, "+FLAGS", "\\Deleted")
            self.assertEqual(client.expunge()[1], [number])

    def test_4_mail_goes_by_the_web(self):
        """What anybody would try first: write to the other user in the browser's way."""
        facts = self.first.facts()
        anna, bert = (jmap.Client(int(facts["POSTHORN_HTTP_PORT"]), facts[f"POSTHORN_USER{n}"], facts[f"POSTHORN_PASSWORD{n}"])
                      for n in (1, 2))
        identity = anna.call("Identity/get", {"ids": None})["list"][0]
        mail = {"mailboxIds": {anna.mailboxes()["drafts"]["id"]: True}, "from": [{"email": identity["email"]}],
                "to": [{"email": "bert@example.org"}], "subject": "by the web", "bodyValues": {"1": {"value": "hello"}},
                "textBody": [{"partId": "1", "type": "text/plain"}]}
        made, sent = (answer[1] for answer in anna.request([
            ["Email/set", {"accountId": anna.own_account, "create": {"m": mail}}, "e"],
            ["EmailSubmission/set", {"accountId": anna.own_account,
                                     "create": {"s": {"emailId": "#m", "identityId": identity["id"]}}}, "s"]]))
        self.assertIn("s", sent["created"] or {}, sent)
        inbox = bert.mailboxes()["inbox"]["id"]
        arrived = bert.wait_for_email(inbox, lambda email: email["subject"] == "by the web")
        # Others count the samples: both copies go again.
        bert.call("Email/set", {"destroy": [arrived["id"]]})
        anna.call("Email/set", {"destroy": [made["created"]["m"]["id"]]})

    def test_4_http_shows_a_page(self):
        facts = self.first.facts()
        for url in (f"http://127.0.0.1:{facts['POSTHORN_HTTP_PORT']}/", f"https://localhost:{facts['POSTHORN_HTTPS_PORT']}/"):
            got = self.first.curl("--fail", "--cacert", facts["POSTHORN_CERT"], url)
            self.assertEqual(got.returncode, 0, got.stderr)
            self.assertIn(b"Posthorn", got.stdout)

    def test_4_five_tasks_in_a_browser(self):
        """What a stranger does first, from what the page shows alone; another instance, because others count the mail."""
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if not chromium:
            self.skipTest("there is no Chromium (Debian package chromium)")
        other = self.instance("browser")
        got = other.start("--programs", os.path.join(self.first.directory, "programs"))
        self.assertEqual(got.returncode, 0, got.stdout)
        facts = other.facts()
        told = {"url": f"http://127.0.0.1:{facts['POSTHORN_HTTP_PORT']}/", "password": facts["POSTHORN_PASSWORD1"],
                "web": os.path.join(os.environ["POSTHORN_BUILD"], "web"), "chromium": chromium,
                "subject": "The soup of last week", "word": "leeks", "target": "Holidays"}
        got = subprocess.run(["node", "--test", "--test-name-pattern=^the five tasks, light$",
                              os.path.join(SOURCE, "test/browser/tasks.mjs")],
                             env={**os.environ, "POSTHORN_BROWSER": json.dumps(told)}, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        self.assertEqual(got.returncode, 0, got.stdout)
        self.assertRegex(got.stdout, r"(?m)^\s*(ok \d+ -|\S) the five tasks, light(?! # SKIP)")
        self.assertEqual(other.run("--stop").returncode, 0)

    def test_5_second_run_keeps_everything(self):
        before, facts = self.first.messages(1), self.first.facts()
        again = self.first.start()
        self.assertEqual(again.returncode, 0, again.stdout)
        self.assertEqual(self.first.run("--stop").returncode, 0)
        self.assertEqual(self.first.processes(), [])
        self.assertEqual(self.first.run("--status").returncode, 3)
        self.assertEqual(self.first.run("--stop").returncode, 0, "stopping twice is no error")
        began = time.monotonic()
        again = self.first.run("--detach")
        self.assertEqual(again.returncode, 0, again.stdout)
        self.assertLess(time.monotonic() - began, 60, "the second run is quick")
        self.assertEqual(self.first.messages(1), before)
        self.assertEqual(self.first.facts(), facts)

    def test_6_taken_port(self):
        other = self.instance("third")
        other.offset = self.first.offset
        got = other.start("--programs", os.path.join(self.first.directory, "programs"))
        self.assertNotEqual(got.returncode, 0)
        self.assertIn("--port-offset", got.stdout)
        self.assertEqual(other.processes(), [])
        self.assertEqual(self.first.run("--status").returncode, 0, "the first one is not disturbed")

    def test_6_port_that_only_master_finds_taken(self):
        """Bound and not listened on: nobody answers there, and still it cannot be had."""
        other = self.instance("fourth")
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 1143 + other.offset))
            got = other.start("--programs", os.path.join(self.first.directory, "programs"))
        self.assertNotEqual(got.returncode, 0)
        self.assertIn("--port-offset", got.stdout)
        self.assertIn("another program has this port", got.stdout)
        self.assertEqual(other.processes(), [])

    def test_6_odd_directory_and_closed_umask(self):
        other = self.instance("a 'b' & $c")
        other.umask = 0o077
        got = other.start("--programs", os.path.join(self.first.directory, "programs"))
        self.assertEqual(got.returncode, 0, got.stdout)
        facts = other.facts()
        self.assertEqual(facts["POSTHORN_DIR"], other.directory)
        self.assertTrue(os.path.exists(facts["POSTHORN_CERT"]))
        self.check_messages(other.messages(2), samples(FOR_BOTH))
        # Every line that is printed to be copied works as it stands.
        for line in got.stdout.splitlines():
            if line.strip().startswith(("curl ", "printf ", "POSTHORN_CONFIG=", ". ")):
                done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 0, line + done.stderr)
        self.assertEqual(len(other.messages(1)), len(samples()) + 1, "the line with deliver delivered")
        last = got.stdout.splitlines()[-1]
        self.assertIn("--stop", last)
        subprocess.run(["bash", "-c", last], stdout=subprocess.DEVNULL, timeout=60, check=True)
        self.assertEqual(other.processes(), [])

    def test_6_no_secret_in_arguments(self):
        folder = os.path.join(self.top, "watch")
        os.mkdir(folder)
        other = self.instance("watched")
        programs, log = watch_programs(folder, os.path.join(self.first.directory, "programs"), other)
        got = other.start("--programs", programs)
        self.assertEqual(got.returncode, 0, got.stdout)
        facts = other.facts()
        with open(log, encoding="utf-8") as file:
            lines = file.read()
        self.assertIn("msuser add anna", lines)
        for name in ("PASSWORD1", "PASSWORD2", "ADMIN_PASSWORD"):
            self.assertNotIn(facts["POSTHORN_" + name], lines)

    def test_7_second_instance_as_ordinary_user(self):
        tree = os.path.join(self.top, "tree")
        copy_scripts(tree)
        home = os.path.join(self.top, "home")
        os.mkdir(home)
        other = self.instance("home/second", tree=tree, user=NOBODY if os.geteuid() == 0 else None)
        if other.user:
            os.chown(home, NOBODY, NOBODY)
        got = other.start("--programs", os.path.join(self.first.directory, "programs"))
        self.assertEqual(got.returncode, 0, got.stdout)
        self.check_messages(other.messages(1), samples())
        self.check_messages(self.first.messages(2), samples(FOR_BOTH))
        self.assertEqual(other.run("--stop").returncode, 0)
        self.assertEqual(other.processes(), [])
        self.assertEqual(self.first.run("--status").returncode, 0)

    def test_8_control_c(self):
        self.assertEqual(self.first.run("--stop").returncode, 0)
        child = subprocess.Popen(self.first.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, start_new_session=True)
        lines = []
        for line in child.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        self.assertIsNone(child.poll(), "".join(lines))
        self.assertTrue(self.first.processes())
        os.killpg(child.pid, signal.SIGINT)
        rest, _ = child.communicate(timeout=60)
        child.stdout.close()
        self.assertEqual(child.returncode, 0, rest)
        self.assertEqual(self.first.processes(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
