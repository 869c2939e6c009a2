#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The index that refresh leaves: who reads it starts no worker, and whatever happens to it, the answer is the same."""
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from labcase import BUILD

# Notes which op is asked for, and is what it stands for.
SPY = """#!/bin/sh
echo "$1" >> {log}
exec {program} "$@"
"""


class Index(productcase.ProductCase):
    def spied_board(self):
        lab = self.board("a")
        self.config = pathlib.Path(self.info(lab)["config"])
        programs = self.scratch / "programs"
        self.log = self.scratch / "workers"
        programs.mkdir()
        for program in (pathlib.Path(BUILD) / "dom0").glob("qfu-*"):
            if program.name.startswith("qfu-worker-") and program.is_file():
                spy = programs / program.name
                spy.write_text(SPY.format(log=self.log, program=program))
                spy.chmod(0o755)
            elif program.is_file():
                (programs / program.name).symlink_to(program)
        self.configure(r"Programs=.*", f"Programs={programs}")
        self.offer(lab)
        self.index = lab / "dom0" / "cache" / "metadata" / "lab" / "index"
        self.mark = lab / "dom0" / "state" / "highwater" / "lab"
        return lab

    def configure(self, pattern, line):
        text, times = re.subn(rf"^{pattern}$", line, self.config.read_text(), count=1, flags=re.MULTILINE)
        self.assertEqual(times, 1, pattern)
        self.config.write_text(text)

    def workers(self):
        """The ops that were asked for since the last time."""
        ops = self.log.read_text().split() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return ops

    def made_anew(self, lab, answer):
        """The same answer, with workers once and without them after that."""
        self.assertEqual(self.ask(lab, "get-updates"), answer)
        self.assertEqual(sorted(self.workers()), ["catalog", "jcat", "signature"])
        self.assertEqual(self.ask(lab, "get-updates"), answer)
        self.assertEqual(self.workers(), [])

    def test_index(self):
        lab = self.spied_board()
        self.assertIn("catalog", self.workers())
        whole, mark = self.index.read_bytes(), self.mark.read_text()
        answer = self.ask(lab, "get-updates")
        self.assertIn(productcase.NEW, str(answer))
        self.assertEqual(self.workers(), [])

        spoilt = {"gone": None, "empty": b"", "cut": whole[:-1], "changed": whole[:60] + b"?" + whole[61:],
                  "another version": whole[:8] + b"\2" + whole[9:], "too long": whole + whole[48:]}
        for name, data in spoilt.items():
            with self.subTest(name):
                self.index.unlink()
                if data is not None:
                    self.index.write_bytes(data)
                self.made_anew(lab, answer)
                self.assertEqual((self.index.read_bytes(), self.mark.read_text()), (whole, mark))
        with self.subTest("a link"):
            victim = self.scratch / "victim"
            victim.write_bytes(whole)
            self.index.unlink()
            self.index.symlink_to(victim)
            self.made_anew(lab, answer)
            self.assertFalse(self.index.is_symlink())

        keys = lab / "dom0" / "etc" / "pki" / "fwupd-metadata"
        one = next(keys.glob("*.pem"))
        with self.subTest("other authorities"):
            (keys / "once-more.pem").write_bytes(one.read_bytes())
            self.made_anew(lab, answer)
        with self.subTest("a denied serial"):
            serial = re.search(r"^Serial=(.*)$", mark, re.MULTILINE)[1]
            self.configure(r"DeniedSerials=", f"DeniedSerials={serial}")
            done = self.manager(lab, "get-updates")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stderr, serial.lstrip("0"))
            self.assertNotIn("catalog", self.workers())


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
