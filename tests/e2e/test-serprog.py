#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab with a chip of its own program: an update, and what happens to a chip that is cut off."""
import json
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD

OPTIONS = ("--size", "4M", "--compress", "none", "--descriptor", "pch")


class Serprog(productcase.ProductCase):
    def start(self, name, images=(), options=()):
        """A machine that booted OLD and is offered NEW; both images."""
        old = self.rom(f"{name}-old.rom", OLD, *OPTIONS, *images)
        new = self.rom(f"{name}-new.rom", NEW, *OPTIONS, *images)
        lab = self.up(name, "--rom", old, "--chip", "serprog", *options)
        self.publish(lab, new, NEW)
        self.do(lab, "refresh")
        return lab, old.read_bytes(), new.read_bytes()

    def counts(self, lab):
        with open(self.info(lab)["chip_counts"], encoding="ascii") as counts:
            return json.load(counts)

    def test_update(self):
        lab, old, new = self.start("a")
        expected = productcase.composed(old, new)
        self.assertTrue(expected not in (old, new))
        self.do(lab, "update", "-y")
        self.assertTrue(self.chip(lab).read_bytes() == expected)
        counts = self.counts(lab)
        changed = sum(old[at:at + 4096] != expected[at:at + 4096] for at in range(0, len(old), 4096))
        self.assertEqual(counts["erased"], changed * 4096)
        self.lab("boot", lab)
        self.do(lab, "attest")
        self.assertEqual(self.ask(lab, "refvals")["records"][-1]["state"], "current")
        # the chip has its power anew
        self.assertEqual(self.counts(lab)["erased"], 0)

    def test_protected(self):
        lab, old, _ = self.start("a")
        self.lab("stop", lab, "chip")
        self.lab("start", lab, "chip", "--", "--protect", "0:0x400000")
        done = self.manager(lab, "update", "-y")
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(self.chip(lab).read_bytes() == old)
        counts = self.counts(lab)
        self.assertEqual(counts["erased"], 0)
        self.assertGreater(counts["refused"], 0)

    def cut(self, lab, *options):
        """The chip's power, or the daemon's life, ends in the hundredth operation."""
        daemon = self.info(lab)["services"]["fwupd"]
        self.lab("stop", lab, "chip")
        self.lab("start", lab, "chip", "--", "--cut", "100:130", "--kill", str(daemon), *options)

    def assert_attested(self, lab):
        """Once more from the start: what runs is what the chip holds."""
        self.lab("boot", lab)
        self.do(lab, "attest")
        self.assertEqual(self.states(lab).count("current"), 1)

    def test_daemon_dies(self):
        """The chip lives on, and whoever asked for the update ends it."""
        lab, old, new = self.start("a")
        self.do(lab, "attest", "--learn", "-y")
        self.cut(lab, "--survive")
        done = self.manager(lab, "update", "-y")
        self.assertNotEqual(done.returncode, 0)
        self.assertGreater(self.counts(lab)["operations"], 100, done.stdout + done.stderr)
        self.assertTrue(self.chip(lab).read_bytes() in (old, productcase.composed(old, new)), done.stdout + done.stderr)
        self.assert_attested(lab)

    def test_power_goes(self):
        """Everything that writes dies in the middle of slot B. Slot A starts, the write is ended, and then runs."""
        layout = "coreboot-vboot"
        lab, old, new = self.start("a", ("--vboot",), ("--layout", layout))
        self.cut(lab)
        self.assertNotEqual(self.manager(lab, "update", "-y").returncode, 0)
        expected = productcase.composed(old, new, layout)
        self.assertTrue(self.chip(lab).read_bytes() not in (old, expected))
        self.lab("boot", lab)
        self.assertTrue(self.chip(lab).read_bytes() == expected)
        self.assert_attested(lab)

    def test_put(self):
        lab, old, _ = self.start("a")
        back = self.scratch / "back"
        other = self.scratch / "other"
        other.write_bytes(old[::-1])
        self.lab("chip", lab, "put", other)
        self.lab("chip", lab, "get", back)
        self.assertTrue(back.read_bytes() == old[::-1])
        other.write_bytes(old[1:])
        self.assertIn("the chip holds", self.lab("chip", lab, "put", other, status=1))


if __name__ == "__main__":
    productcase.needs()
    unittest.main()
