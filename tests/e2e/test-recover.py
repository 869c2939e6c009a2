#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A write of the chip that is cut off: what is said and done at once, at the next command, and at the next start."""
import json
import pathlib
import signal
import subprocess
import sys
import unittest
import uuid

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD

OPTIONS = ("--size", "4M", "--compress", "none", "--descriptor", "pch")
CUT = "40:100"      # in the middle of an operation of the chip


class Recover(productcase.ProductCase):
    def setUp(self):
        super().setUp()
        self.old = self.rom("old.rom", OLD, *OPTIONS)
        self.new = self.rom("new.rom", NEW, *OPTIONS)
        self.expected = {"restored": self.old.read_bytes(),
                         "finished": productcase.composed(self.old.read_bytes(), self.new.read_bytes())}
        self.directory = self.up("a", "--rom", self.old, "--chip", "serprog")
        self.publish(self.directory, self.new, NEW)
        self.do(self.directory, "attest", "--learn", "-y")
        self.do(self.directory, "refresh")

    def cut(self, *options):
        """The next write of the chip is cut off; fwupd dies in it."""
        lab = self.directory
        self.lab("stop", lab, "chip")
        self.lab("start", lab, "chip", "--", "--cut", CUT, "--kill", self.info(lab)["services"]["fwupd"], *options)

    def power(self):
        """The chip has its power back, and fwupd, which died with it, runs."""
        for service in ("chip", "fwupd"):
            self.lab("start", self.directory, service)

    def journal(self):
        folder = pathlib.Path(self.info(self.directory)["store"]) / "flash"
        return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    def holds(self):
        """How a recovery must have ended, by what the chip holds; None: neither."""
        chip = self.chip(self.directory).read_bytes()
        return next((result for result, image in self.expected.items() if chip == image), None)

    def check_chip(self, result):
        """The chip holds exactly what the result says, and journal and store agree."""
        self.assertEqual(self.holds(), result)
        self.assertEqual(self.journal()[-1]["state"], {"restored": "old", "finished": "new"}[result])
        self.assertEqual(self.states(self.directory)[-1], {"restored": "failed", "finished": "written"}[result])

    def half_written(self):
        """A write that a power cut ends: nothing can be done at once."""
        self.cut()
        done = self.manager(self.directory, "update", "-y")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("was cut off, and could not be ended at once: ", done.stderr)
        self.assertIsNone(self.holds())
        self.power()

    def test_fwupd_dies(self):
        """The machine is still on: the write is ended at once, and the command says what the chip holds."""
        self.cut("--survive")
        done = self.manager(self.directory, "update", "-y")
        self.assertIn("the write of the chip was cut off; it is ended at once", done.stderr)
        self.assertIsNotNone(self.holds(), done.stderr)
        finished = self.holds() == "finished"
        self.check_chip(self.holds())
        self.assertEqual(done.returncode, 0 if finished else 1, done.stderr)
        self.assertRegex(done.stderr, "the chip holds exactly the new contents all the same" if finished else
                         "the chip holds exactly what it held before: .*fwupd")
        if finished:
            self.lab("boot", self.directory)
            self.assertEqual(self.ask(self.directory, "attest")["result"], "passed")

    def test_recover(self):
        lab = self.directory
        self.assertIn("no write of the chip was cut off", self.manager(lab, "recover").stderr)
        self.do(lab, "recover", status=2)
        self.half_written()
        chip = productcase.digest(self.chip(lab))
        self.refused(lab, ["update", "--dry-run"], "was cut off: `qubes-fwupdmgr recover` comes first")

        look = self.ask(lab, "recover", "--dry-run")
        self.assertEqual((look["dryRun"], look["bytesWritten"]), (True, 0))
        blocks = look["blocks"]
        self.assertEqual(blocks["all"], blocks["old"] + blocks["new"] + blocks["neither"])
        self.assertGreater(blocks["new"], 0)
        self.assertGreater(blocks["old"], 0)
        self.assertEqual(productcase.digest(self.chip(lab)), chip)
        self.assertEqual(self.journal()[-1]["state"], "intent")

        said = self.ask(lab, "recover")
        self.assertEqual(said, {**look, "dryRun": False, "bytesWritten": said["bytesWritten"]})
        self.assertGreater(said["bytesWritten"], 0)
        for name, file in (("oldImage", "restored"), ("newImage", "finished")):
            self.assertEqual(said[name], productcase.hashlib.sha256(self.expected[file]).hexdigest())
        self.check_chip(said["result"])
        self.do(lab, "recover", status=2)

    def test_update_first(self):
        """An update that finds an unfinished write ends that before anything else."""
        self.half_written()
        done = self.manager(self.directory, "update", "-y")
        self.assertIn("was cut off; it is ended before anything else", done.stderr)
        self.assertRegex(done.stderr, "warning: the chip holds exactly (the new contents of|what it held before) write 1")
        self.assertEqual(self.holds(), "finished")
        self.assertEqual(self.states(self.directory)[-1], "written")
        self.lab("boot", self.directory)
        self.assertEqual(self.ask(self.directory, "attest")["result"], "passed")

    def test_attest(self):
        """A boot between the cut and the recovery decides nothing about the record of the write."""
        lab = self.directory
        self.half_written()
        boot_id = pathlib.Path(self.info(lab)["boot_id"])
        boot_id.write_text(f"{uuid.uuid4()}\n")
        states = self.states(lab)
        self.assertEqual(states, ["current", "consumed"])
        for words in ([], ["--learn", "-y"]):
            done = self.manager(lab, "attest", *words, "--json")
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            told = json.loads(done.stdout)
            self.assertEqual((told["result"], told["cause"], told["record"]), ("error", "unfinished-write", 2))
            self.assertIn("write 1 of the chip is not finished", told["error"]["message"])
            self.assertIn("`qubes-fwupdmgr recover`", told["error"]["message"])
            self.assertEqual(self.states(lab), states)
        self.assertEqual(self.ask(lab, "recover")["result"], "restored")
        self.check_chip("restored")
        self.lab("boot", lab)
        told = self.ask(lab, "attest")
        self.assertEqual((told["result"], told["record"]), ("passed", 1))
        self.assertEqual(self.states(lab), ["current", "failed"])

    def test_signals(self):
        """A person who loses patience, a terminal that is closed, a shutdown: the write goes on to its end."""
        command = [str(productcase.LAB), "dom0", str(self.directory), "--", "qubes-fwupdmgr", "update", "-y"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            said = []
            for line in process.stdout:
                said.append(line)
                if "this is not interrupted" in line:
                    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                        process.send_signal(number)
            errors = process.stderr.read()
        self.assertIn("1.1.0 is installed", "".join(said), errors)
        # what waited comes when all is done
        self.assertIn(-process.returncode, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
        self.check_chip("finished")

    def test_next_start(self):
        self.cut()
        self.assertEqual(self.manager(self.directory, "update", "-y").returncode, 1)
        self.assertIsNone(self.holds())
        said = self.lab("boot", self.directory)
        self.assertIn("write 1 of ", said)
        self.check_chip(self.holds())


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
