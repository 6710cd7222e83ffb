# SPDX-License-Identifier: Apache-2.0
"""The shell of msconfig as somebody who types sees it, and as a script does."""

import unittest

from sandbox import PROGRAMS, Sandbox
from terminal import Terminal


class Typed(Sandbox):
    def shell(self) -> Terminal:
        return Terminal([str(PROGRAMS / "msconfig")], self.environment)

    def test_the_prompt_says_whether_there_are_edits(self):
        with self.shell() as shell:
            self.assertEqual(shell.prompt(), ">")
            said = shell.run("set pop.port 2110")
            self.assertIn("restart: `restart-msg pop` is needed", said)
            self.assertEqual(shell.prompt(), "#")
            self.assertEqual(self.text(), "pop.port: 1110\n", "nothing is written before it is told")
            self.assertIn("+pop.port: 2110", shell.run("diff"))
            said = shell.run('write -remark="the new port"')
            self.assertIn("Written as version 2", said)
            self.assertIn("To bring it about: `restart-msg pop`", said)
            self.assertEqual(shell.prompt(), ">")
            self.assertEqual(self.text(), "pop.port: 2110\n")
            self.assertIn("the new port", shell.run("history"))
            shell.prompt()
            shell.type("exit")
            self.assertEqual(shell.end(), 0)

    def test_exit_with_edits_is_refused_once(self):
        for way in ("exit", "quit"):
            with self.shell() as shell:
                shell.run("set pop.port 3110")
                self.assertIn("not written", shell.run(way))
                self.assertEqual(shell.prompt(), "#")
                self.assertIn("3110", shell.run("show pop.port"))
                self.assertIn("not written", shell.run(way), "another command in between: asked again")
                shell.prompt()
                shell.type(way)
                self.assertEqual(shell.end(), 0)
        self.assertEqual(self.text(), "pop.port: 1110\n")

    def test_the_end_of_the_input_is_an_exit(self):
        with self.shell() as shell:
            shell.run("set pop.port 3110")
            shell.type("\x04", enter=False)
            shell.wait_for("not written")
            shell.prompt()
            shell.type("\x04", enter=False)
            self.assertEqual(shell.end(), 0)
        self.assertEqual(self.text(), "pop.port: 1110\n")

    def test_an_interrupt_gives_up_the_line_and_keeps_the_edits(self):
        with self.shell() as shell:
            shell.run("set pop.port 3110")
            shell.type("write", enter=False)
            shell.wait_for("write")
            shell.interrupt()
            self.assertEqual(shell.prompt(), "#")
            self.assertIn("3110", shell.run("diff"))
            self.assertEqual(self.text(), "pop.port: 1110\n")

    def test_mistakes_are_told_and_change_nothing(self):
        with self.shell() as shell:
            self.assertIn("did you mean pop.port", shell.run("set pop.prt 1"))
            self.assertIn("'x' is not a number", shell.run("set pop.port x"))
            self.assertIn("is not closed", shell.run("set pop.banner \"x"))
            self.assertIn("there is no command", shell.run("sett pop.port 1"))
            self.assertIn("there is no switch -foo", shell.run("set -foo pop.port 1"))
            self.assertEqual(shell.prompt(), ">")
            self.assertIn("before `write`", shell.run("set pop.enablesslport 1"))
            said = shell.run("write")
            self.assertIn("needs a certificate", said)
            self.assertIn("nothing was changed", said)
            self.assertEqual(shell.prompt(), "#")
            self.assertIn("dropped", shell.run("revert"))
            self.assertEqual(shell.prompt(), ">")
            self.assertIn("nothing to write", shell.run("write"))

    def test_options_that_need_each_other_are_set_in_any_order(self):
        (self.folder / "c.pem").write_text("")
        with self.shell() as shell:
            shell.run("set pop.enablesslport 1")
            shell.run(f"set tls:main.cert {self.folder}/c.pem")
            shell.run(f"set tls:main.key {self.folder}/c.pem")
            self.assertIn("Written", shell.run("write"))

    def test_tab_completes_names(self):
        with self.shell() as shell:
            shell.prompt()
            shell.type("show pop.maxs\t")
            shell.wait_for("600")
            shell.prompt()
            shell.type("hist\t")
            shell.wait_for("Nothing has been written")

    def test_a_password_is_not_shown(self):
        with self.shell() as shell:
            self.assertIn("********", shell.run("set base.proxyadminpass geheim"))
            for line in ("show", "diff", "get base.proxyadminpass", "explain base.proxyadminpass", "write", "history"):
                self.assertNotIn("geheim", shell.run(line))
            self.assertIn("geheim", shell.run("show -passwords base.proxyadminpass"))
            self.assertIn("geheim", shell.run("get --passwords base.proxyadminpass"))

    def test_letters_of_other_languages_can_be_typed(self):
        with self.shell() as shell:
            shell.run("set -comment 'für Anna' pop.port 2110")
            shell.run("write")
        self.assertEqual(self.text(), "pop.port: 2110  # für Anna\n")

    def test_two_shells_do_not_lose_each_others_edits(self):
        with self.shell() as first, self.shell() as second:
            first.run("set pop.port 2110")
            second.run("set imap.port 2143")
            second.run("write")
            said = first.run("write")
            self.assertIn("changed by somebody else", said)
            self.assertIn("imap.port", said)
            self.assertEqual(first.prompt(), "#")
            self.assertIn("port: 2143", self.text())
            self.assertEqual(first.run("diff"), "-pop.port: 1110\n+pop.port: 2110\n")
            self.assertIn("Written", first.run("write"))
            self.assertIn("port: 2143", self.text())
            self.assertIn("pop.port: 2110", self.text())

    def test_both_changed_the_same(self):
        with self.shell() as shell:
            shell.run("set pop.port 2110")
            self.msconfig("set", "pop.port", "4110")
            said = shell.run("write")
            self.assertIn("You have changed as well: pop.port", said)
            self.assertIn("-pop.port: 4110\n+pop.port: 2110\n", shell.run("diff"))
            shell.run("revert")
            self.assertEqual(shell.prompt(), ">")
            self.assertIn("4110", shell.run("show pop.port"))

    def test_a_revert_does_not_hide_what_others_wrote(self):
        self.msconfig("set", "pop.port", "2110")
        with self.shell() as shell:
            shell.run("revert 1")
            self.assertEqual(shell.prompt(), "#")
            self.msconfig("set", "imap.port", "2143")
            self.assertIn("Nothing was written", shell.run("write"))
            self.assertIn("port: 2143", self.text())
            shell.run("revert")
            shell.run("revert 1")
            self.assertIn("Written", shell.run("write"))
        self.assertEqual(self.text(), "pop.port: 1110\n")


class Scripts(Sandbox):
    def test_a_pipe_sees_answers_and_no_prompts(self):
        said = self.msconfig(stdin="set pop.port 2110\nwrite\nget pop.port\nexit\n")
        self.assertNotIn("msconfig>", said)
        self.assertTrue(said.endswith("2110\n"), said)
        self.assertEqual(self.text(), "pop.port: 2110\n")

    def test_what_was_not_written_is_dropped_loudly(self):
        for script in ("set pop.port 2110\n", "set pop.port 2110\nexit\n", "set pop.port 2110"):
            self.assertIn("dropped", self.msconfig(stdin=script, status=75))
        self.assertEqual(self.text(), "pop.port: 1110\n")
        self.msconfig(stdin="set pop.port 2110\nexit\nexit\n", status=75)
        self.msconfig(stdin="", status=0)
        self.msconfig(stdin="\n  # nothing\n\n", status=0)

    def test_the_first_failure_ends_it(self):
        self.msconfig(stdin="set pop.port 2110\nset pop.port x\nwrite\n", status=64)
        self.assertEqual(self.text(), "pop.port: 1110\n")

    def test_run_does_all_or_nothing(self):
        recipe = self.folder / "recipe"
        recipe.write_text("# ports\nset pop.port 2110\n\nset -comment 'two words' imap.port 2143  # why not\n")
        said = self.msconfig("run", str(recipe))
        self.assertIn("To bring it about: `restart-msg pop imap`", said)
        self.assertEqual(self.text(), "pop.port: 2110\nimap:\n  port: 2143  # two words\n")
        recipe.write_text("set pop.port 3110\nset imap.port x\nset http.port 1\n")
        said = self.msconfig("run", str(recipe), status=64)
        self.assertIn("recipe:2: the file stops here", said)
        self.assertIn("pop.port: 2110\n", self.text())
        recipe.write_text(f"run {recipe}\n")
        self.assertIn("more than 8 deep", self.msconfig("run", str(recipe), status=78))
        self.msconfig("run", str(self.folder / "none"), status=78)

    def test_a_recipe_in_the_shell_waits_for_write(self):
        recipe = self.folder / "recipe"
        recipe.write_text("set pop.port 2110\nset imap.port 2143\n")
        self.msconfig(stdin=f"run {recipe}\n", status=75)
        self.assertEqual(self.text(), "pop.port: 1110\n")
        self.msconfig(stdin=f"run {recipe}\nwrite -remark recipe\n")
        self.assertIn("recipe\n", self.msconfig("history"))

    def test_a_file_that_cannot_be_read_is_told_at_once(self):
        self.file.unlink()
        self.assertIn("cannot be read", self.msconfig(stdin="show\n", status=78))

    def test_both_spellings_of_switches_and_names(self):
        for words in (("show", "-all", "service.imap.port"), ("show", "--all", "imap.port"), ("show", "imap.port")):
            self.assertEqual(self.msconfig(*words), "imap.port: 143  # default\n")
        self.assertEqual(self.msconfig("show", "imap*"), "")
        self.assertEqual(self.msconfig("show"), "pop.port: 1110\n")
        self.assertGreater(len(self.msconfig("show", "-all").splitlines()), 100)

    def test_words_of_truth(self):
        for word, said in (("yes", "yes"), ("no", "no"), ("1", "yes"), ("0", "no"), ("on", "yes"), ("off", "no"),
                           ("TRUE", "yes"), ("false", "no"), ("-1", "yes"), ("42", "yes")):
            self.msconfig("set", "imap.capability.idle", word)
            self.assertEqual(self.msconfig("get", "imap.capability.idle"), said + "\n", word)
        self.assertIn("not yes or no", self.msconfig("set", "imap.capability.idle", "maybe", status=64))


if __name__ == "__main__":
    unittest.main()
