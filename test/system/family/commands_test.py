# SPDX-License-Identifier: Apache-2.0
"""The operator's commands, two instances beside each other, and with what rights workers run."""

import os
import pwd
import unittest
from pathlib import Path

import support
from support import Session, family, refused, stat_fields, status, wait_for


class Commands(unittest.TestCase):
    def test_services_are_stopped_and_started_by_name(self):
        instance = family(services=("pop", "imap"))
        self.addCleanup(instance.stop)
        instance.run("stop-msg", "pop")
        self.assertTrue(refused(instance.port("pop", False)))
        self.assertFalse(refused(instance.port("imap", False)))
        instance.run("stop-msg", "pop")  # again: nothing to do, no error
        instance.run("start-msg", "pop")
        with Session(instance) as session:
            self.assertTrue(session.alive())
        instance.run("start-msg", "pop")
        instance.run("stop-msg", "-f", "pop")
        self.assertTrue(refused(instance.port("pop", False)))

    def test_a_disabled_service_is_not_started(self):
        instance = family()
        self.addCleanup(instance.stop)
        done = instance.run("start-msg", "imap", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"msconfig set imap.enable", done.stdout + done.stderr)
        done = instance.run("start-msg", "nonsense", check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_start_msg_starts_master_and_stop_msg_ends_it(self):
        instance = family()
        instance.run("stop-msg")
        instance._master.wait(timeout=20)
        self.assertTrue(refused(instance.port("pop", False)))
        instance.run("stop-msg")
        try:
            instance.run("start-msg")
            with Session(instance) as session:
                self.assertTrue(session.alive())
            self.assertGreater(status(instance)["pid"], 1)
        finally:
            instance.run("stop-msg")
            instance.stop()

    def test_msgstat_shows_what_runs(self):
        instance = family()
        self.addCleanup(instance.stop)
        with Session(instance), Session(instance):
            support.sessions_of(instance, 2)
            text = instance.run("msgstat").stdout.decode()
            for pid in instance.workers("popd"):
                self.assertIn(str(pid), text)
            self.assertIn(str(instance.port("pop", False)), text)

    def test_two_instances_side_by_side_and_a_taken_port(self):
        one, two = family(), family()
        self.addCleanup(one.stop)
        self.addCleanup(two.stop)
        two.run("stop-msg", "pop")
        with Session(one) as session:
            self.assertTrue(session.alive())
        port = one.options["pop.port"]
        two.options["pop.port"] = port
        two.write_config()
        done = two.run("restart-msg", "pop", check=False)
        self.assertNotEqual(done.returncode, 0)
        said = (done.stdout + done.stderr).decode()
        self.assertIn(port, said)
        self.assertIn("127.0.0.1", said)
        again = one.run("master", "-c", str(one.config_file), "--foreground", check=False)
        self.assertNotEqual(again.returncode, 0, "a second master of one instance")

    def test_workers_have_no_rights_and_no_secrets_of_others(self):
        instance = family({"base.proxyadmin": "scott", "base.proxyadminpass": "tiger-9317"})
        self.addCleanup(instance.stop)
        wanted = pwd.getpwnam(instance.options["server.user"]).pw_uid
        for pid in instance.workers("popd"):
            fields = stat_fields(pid)
            self.assertEqual(set(fields["Uid"].split()), {str(wanted)})
            self.assertEqual(int(fields["CapEff"], 16), 0)
            self.assertEqual(int(fields["CapPrm"], 16), 0)
            self.assertEqual(fields["NoNewPrivs"], "1")
            if os.getuid() == 0:
                self.assertEqual(fields["Groups"].split(), [str(pwd.getpwnam(instance.options["server.user"]).pw_gid)])
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    if "memfd" in os.readlink(entry):
                        self.assertNotIn(b"tiger-9317", Path(entry).read_bytes())
                except FileNotFoundError:
                    continue  # closed since it was listed
            self.assertNotIn(b"tiger-9317", Path(f"/proc/{pid}/environ").read_bytes())

    def test_a_maxsessions_that_cannot_fit_is_refused(self):
        instance = family()
        self.addCleanup(instance.stop)
        instance.options["pop.maxsessions"] = "4000000"
        instance.write_config()
        done = instance.run("restart-msg", "pop", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"pop.maxsessions", done.stdout + done.stderr)
        wait_for(lambda: len(instance.workers("popd")) == 2, "the old workers stay")


support.run_all()
