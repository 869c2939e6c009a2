#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/session.md is what one sees today: its commands exist, and the lab says the same again."""

import re
import subprocess
import unittest

import productcase
from productcase import BUILD, PROGRAM, ROOT

DOCUMENT = ROOT / "docs" / "session.md"
MISTYPED = {"get-update"}       # what the session shows of mistakes


class Session(unittest.TestCase):
    def test_commands(self):
        """Every verb is one, and every option is one of its verb."""
        commands = re.findall(r"(?m)^# qubes-fwupdmgr (.*)$", DOCUMENT.read_text())
        self.assertGreater(len(commands), 8)
        for command in commands:
            verb, *words = command.split()
            with self.subTest(command):
                done = productcase.run(PROGRAM, "help", verb)
                self.assertEqual(done.returncode, 1 if verb in MISTYPED else 0, done.stderr)
                for option in (word.partition("=")[0] for word in words if word.startswith("-")):
                    self.assertRegex(done.stdout, rf"(?m)^ .*{option}\b")

    def test_same_again(self):
        done = subprocess.run([ROOT / "scripts" / "record-session", "--check", "--build", BUILD], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
