# SPDX-License-Identifier: Apache-2.0
"""What root writes where server.user may lay links: nothing of root's is touched through them."""

import os
import pwd
import shutil
import subprocess
import unittest

import support
from support import BIN, Family


@unittest.skipIf(os.getuid() != 0, "SKIPPED: only root has something to lose here")
class Folders(unittest.TestCase):
    def setUp(self) -> None:
        self.family = Family(self)
        self.nobody = pwd.getpwnam(self.family.user)
        self.data = self.family.directory / "data"
        self.data.mkdir(mode=0o750)
        os.chown(self.data, self.nobody.pw_uid, self.nobody.pw_gid)
        self.precious = self.family.directory / "precious"
        self.precious.mkdir(mode=0o755)
        self.before = self.precious.stat()

    def lay(self, name: str, target) -> None:
        """As server.user does it."""
        link = self.data / name
        link.symlink_to(target)
        os.chown(link, self.nobody.pw_uid, self.nobody.pw_gid, follow_symlinks=False)

    def refuses(self, *arguments: str) -> str:
        done = subprocess.run([str(BIN / "master"), "-c", str(self.family.file), *arguments, "--libexec",
                               str(self.family.programs)], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.untouched()
        return done.stderr

    def untouched(self) -> None:
        self.assertEqual(list(self.precious.iterdir()), [])
        now = self.precious.stat()
        self.assertEqual((now.st_uid, now.st_gid, now.st_mode), (self.before.st_uid, self.before.st_gid, self.before.st_mode))

    def test_the_run_directory(self):
        self.lay("run", self.precious)
        self.assertIn("belongs to uid 0", self.refuses("--foreground"))

    def test_the_log_directory(self):
        self.lay("log", self.precious)
        self.assertIn("belongs to uid 0", self.refuses())

    def test_a_folder_on_the_way(self):
        self.lay("way", self.precious)
        self.family.options["server.rundir"] = str(self.data / "way" / "deep" / "run")
        self.family.write()
        self.refuses("--foreground")

    def test_files_are_not_followed(self):
        for folder, name in (("run", "master.pid"), ("run", "master.sock"), ("log", "posthorn.log"), ("log", "master")):
            place = self.data / folder
            place.mkdir(exist_ok=True)
            os.chown(place, self.nobody.pw_uid, self.nobody.pw_gid)
            victim = self.precious / "victim"
            victim.write_text("precious")
            for kind in ("symbolic", "hard"):
                link = place / name
                link.unlink(missing_ok=True)
                (link.symlink_to if kind == "symbolic" else link.hardlink_to)(victim)
                self.family.options["log.target"] = "file" if folder == "log" else "stderr"
                self.family.options["server.programdir"] = str(self.family.programs)
                self.family.write()
                environment = {"capture_output": True, "text": True, "timeout": 60}
                subprocess.run([str(BIN / "start-msg"), "-c", str(self.family.file)], **environment)
                subprocess.run([str(BIN / "stop-msg"), "-c", str(self.family.file)], **environment)
                self.assertEqual(victim.read_text(), "precious", f"{kind} {name}")
                self.assertEqual(victim.stat().st_uid, 0)
            victim.unlink()
            shutil.rmtree(place)

    def test_what_is_made_belongs_to_whom_it_is_for(self):
        self.family.start()
        for name in ("run", "log"):
            self.assertEqual((self.data / name).stat().st_uid, self.nobody.pw_uid, name)
        self.assertEqual(self.family.end(), 0)
        self.assertEqual(sorted(path.name for path in (self.data / "run").iterdir()), [])

    def test_msuser_works_in_no_folder_that_another_user_chose(self):
        self.lay("users.d", self.precious)
        add = [str(BIN / "msuser"), "--config", str(self.family.file), "--userfile",
               str(self.data / "users.d" / "users"), "add", "anna", "--random"]
        done = subprocess.run(add, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.untouched()
        own = self.data / "own"
        own.mkdir()
        os.chown(own, self.nobody.pw_uid, self.nobody.pw_gid)
        add[4] = str(own / "users")
        done = subprocess.run(add, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((own / "users").stat().st_uid, self.nobody.pw_uid)


if __name__ == "__main__":
    support.run_all()
