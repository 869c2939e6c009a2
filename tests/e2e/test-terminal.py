#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person sees on terminals of several widths, and what is left of it in a pipe or a log."""

import re
import sys
import unittest

import productcase
from productcase import LAB, NEW, OLD

sys.path.insert(0, str(productcase.ROOT / "scripts"))

from qfulab import screen  # noqa: E402

COMMAND = re.compile(r"^ +(flashrom -p |backup( of the chip:)? +/)")    # a line to copy from is never broken
STYLE = re.compile(rb"\x1b\[\d+m")
BAR = re.compile(r"\[#*\.*\] +\d+%")


class Terminal(productcase.ProductCase):
    def see(self, columns, *words, answers=(), status=0, **env):
        """A command on a terminal: every row fits. Returns its lines and what it sent."""
        setting = [f"{name}={value}" for name, value in env.items()]
        ended, said = screen.run([LAB, "dom0", self.lab_dir, "--", "env", *setting, "qubes-fwupdmgr", *words], columns, answers)
        lines = screen.lines(said)
        self.assertEqual(ended, status, lines)
        for line in lines:
            self.assertTrue(len(line) <= columns or COMMAND.match(line), f"{columns}: {line}")
        for row in screen.rows_drawn(said):
            self.assertLess(len(row), columns, row)
        return lines, said

    def test_everything(self):
        """One lab for all, with an update that is offered; nothing here installs it."""
        self.lab_dir = self.board("a")
        self.publish(self.lab_dir, self.rom("new.rom", NEW), NEW)
        self.check_progress()
        self.check_widths()
        self.check_question()
        self.check_styles()
        self.check_pipes()

    def check_progress(self):
        """The transfer is drawn in one row, which is taken away."""
        lines, said = self.see(80, "refresh")
        rows = screen.rows_drawn(said)
        self.assertTrue(any(BAR.search(row) for row in rows), said)
        self.assertFalse(any(BAR.search(line) for line in lines), lines)
        self.assertEqual(lines[0].split(":")[0], "lab")

    def check_widths(self):
        """The same words on each, in as many rows as it takes."""
        for words in (["get-devices", "-v"], ["get-updates"], ["status"]):
            words_of = {}
            for columns in (80, 40):
                lines, _ = self.see(columns, *words)
                words_of[columns] = re.sub(r"[\s|`-]+", "", "".join(lines))
            with self.subTest(words):
                self.assertEqual(len(set(words_of.values())), 1, words_of)

    def check_question(self):
        """The summary and the question are the last things on the screen."""
        for columns in (80, 40):
            lines, _ = self.see(columns, "update", answers=["n"], status=1)
            start = len(lines) - 1 - lines[::-1].index(f"Lab Board: {OLD} -> {NEW}")
            names = [line[2:12].strip() for line in lines[start:] if re.match(r"  \S.{9}  \S", line)]
            self.assertEqual([name for name in names if name in ("vendor", "urgency", "takes", "in effect", "PCRs", "secrets",
                                                                 "backup", "risk")],
                             ["vendor", "urgency", "takes", "in effect", "PCRs", "secrets", "backup", "risk"], lines)
            self.assertIn(f"Install {NEW} on Lab Board? [y/N] n", lines)
            self.assertLess(len(lines) - start, 24 if columns == 80 else 36)

    def check_styles(self):
        """Colours and drawings are two things, and either can be done without."""
        _, said = self.see(80, "get-updates")
        self.assertRegex(said, STYLE)
        _, said = self.see(80, "refresh", status=2, NO_COLOR="1")
        self.assertNotRegex(said, STYLE)
        self.assertTrue(screen.rows_drawn(said))
        _, said = self.see(80, "get-updates", TERM="dumb")
        self.assertNotIn(b"\x1b", said)
        self.assertNotIn(b"\r", said.replace(b"\r\n", b"\n"))

    def check_pipes(self):
        """Without a terminal there is nothing but lines, each in one piece."""
        for words, status in ((["refresh"], 2), (["update", "--dry-run"], 0)):
            done = self.manager(self.lab_dir, *words)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            for text in (done.stdout, done.stderr):
                self.assertEqual(set(text) - {chr(code) for code in range(0x20, 0x7f)} - {"\n"}, set(), text)
            self.assertNotRegex(done.stdout, BAR)
        self.assertTrue(any(len(line) > 100 for line in done.stdout.splitlines()), done.stdout)


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
