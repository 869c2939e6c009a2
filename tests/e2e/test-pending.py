#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing is written to the chip but what a pending record, made for exactly this, announces.

fwupd's own fwupdmgr installs here, past all checks of qubes-fwupdmgr: the plugin has to refuse by itself.
"""
import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import LAB, run

ASK_SECONDS = 120
OTHER_BOOT = "00000000-0000-4000-8000-000000000000"


class Pending(productcase.ProductCase):
    def true_record(self, lab):
        """The entry of a pending record that is good: of an update that fwupd refused for another reason."""
        with self.distrustful_fwupd(lab):
            self.refused(lab, ["update", "-y"], "fwupd says")
        entry = json.loads(next(self.store(lab).glob("000001-pending.json")).read_text())
        self.assertEqual((entry["state"], entry["record"]), ("pending", 1))
        return entry

    def store(self, lab):
        return pathlib.Path(self.info(lab)["store"]) / "refvals"

    def plant(self, lab, *entries):
        """Make these the only entries of the store."""
        for file in self.store(lab).glob("*.json"):
            file.unlink()
        for number, entry in enumerate(entries, 1):
            (self.store(lab) / f"{number:06}-{entry['state']}.json").write_text(json.dumps(entry))
        self.assertEqual(self.states(lab), [entries[-1]["state"]] if entries else [])

    def install(self, lab, cab):
        """fwupd's own command line. Its question about a reboot is answered by its option."""
        return run(LAB, "dom0", lab, "--", "fwupdmgr", "install", cab, "-y", "--no-reboot-check", timeout=120)

    def check_refused(self, lab, cab, message):
        before = productcase.digest(self.chip(lab))
        done = self.install(lab, cab)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, message)
        self.assertIn("qubes-fwupdmgr update", done.stderr)
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertNotIn("consumed", self.states(lab)[1:])
        self.assertNotIn("written", self.states(lab))

    def flip_preserved(self, lab):
        """One bit of the chip's contents that no update touches."""
        data = bytearray(self.chip(lab).read_bytes())
        data[productcase.flash_map(data)["SMMSTORE"][0] + 100] ^= 1
        self.chip(lab).write_bytes(data)

    def test_bindings(self):
        lab = self.board("a")
        rom, cab = self.offer(lab)
        old = self.chip(lab).read_bytes()
        good = self.true_record(lab)
        used = {**good, "sequence": 2, "state": "consumed", "reason": "the write began"}
        cases = [
            ("none", [], r"no pending reference values"),
            ("old", [{**good, "time": int(time.time()) - 3600}], r"too old"),
            ("future", [{**good, "time": int(time.time()) + 3600}], r"the clock was set back"),
            ("other boot", [{**good, "bootId": OTHER_BOOT}], r"another boot"),
            ("other device", [{**good, "deviceId": "0" * 40}], r"another device"),
            ("other chip", [{**good, "oldChip": "0" * 64}], r"the chip holds something else"),
            ("other image", [{**good, "image": "0" * 64}], r"another image"),
            ("used", [good, used], r"no pending reference values"),
            ("abandoned", [good, {**used, "state": "abandoned"}], r"no pending reference values"),
        ]
        for name, entries, message in cases:
            with self.subTest(name):
                self.plant(lab, *entries)
                self.check_refused(lab, cab, message)
        with self.subTest("the chip has changed"):
            self.plant(lab, good)
            self.flip_preserved(lab)
            self.check_refused(lab, cab, r"the chip holds something else")
            self.chip(lab).write_bytes(old)
        with self.subTest("another archive"):
            self.plant(lab, good)
            other = self.publish(lab, self.rom("other.rom", "1.2.0"), "1.2.0")
            self.check_refused(lab, other, r"another image")
        with self.subTest("a boot between"):
            self.plant(lab, good)
            self.lab("boot", lab)
            self.check_refused(lab, cab, r"another boot")
            good["bootId"] = pathlib.Path(self.info(lab)["boot_id"]).read_text().strip()
        # None of these was refused for anything but what was changed: the record itself is good, once.
        self.plant(lab, good)
        done = self.install(lab, cab)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(lab), ["written"])
        self.assertEqual(self.chip(lab).read_bytes(), productcase.composed(old, rom.read_bytes()))

    def test_stale_is_replaced(self):
        """A stale record hinders no update."""
        lab = self.board("a")
        self.offer(lab)
        self.plant(lab, {**self.true_record(lab), "time": int(time.time()) - 3600})
        self.do(lab, "update", "-y")
        self.assertEqual(self.states(lab), ["abandoned", "written"])

    def asking(self, lab):
        """An update on a terminal, up to its question. Returns process and terminal."""
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen([str(LAB), "dom0", str(lab), "--", "qubes-fwupdmgr", "update"], stdin=end,
                                   stdout=end, stderr=subprocess.PIPE, text=True)
        os.close(end)
        self.addCleanup(process.wait)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        said = b""
        deadline = time.monotonic() + ASK_SECONDS
        while b"[y/N]" not in said:
            ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
            self.assertTrue(ready, said)
            said += os.read(terminal, 65536)
        return process, terminal

    def answer(self, asked, word):
        """Answer the question; returns exit status and stderr."""
        process, terminal = asked
        os.write(terminal, word + b"\n")
        errors = process.stderr.read()
        return process.wait(), errors

    def test_two_at_once(self):
        lab = self.board("a")
        self.offer(lab)
        before = productcase.digest(self.chip(lab))
        first = self.asking(lab)
        for words in (["update", "-y"], ["refresh"], ["clean"]):
            self.refused(lab, words, r"another qubes-fwupdmgr is at work")
        status, errors = self.answer(first, b"n")
        self.assertEqual(status, 1)
        self.assertIn("you said no", errors)
        self.assertEqual(self.states(lab), [])
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.do(lab, "update", "-y")
        self.assertEqual(self.states(lab), ["written"])

    def test_chip_changes_meanwhile(self):
        """Between the forecast and the person's word."""
        lab = self.board("a")
        self.offer(lab)
        asked = self.asking(lab)
        self.flip_preserved(lab)
        before = productcase.digest(self.chip(lab))
        status, errors = self.answer(asked, b"y")
        self.assertEqual(status, 1)
        self.assertIn("the chip holds something else", errors)
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), ["current", "abandoned"])     # the yes was for the values, too


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
