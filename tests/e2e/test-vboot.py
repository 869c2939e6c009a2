#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""update -> boot -> attest on a board with vboot: two slots are written, the read-only part is not."""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase

LAYOUT = ("--layout", "coreboot-vboot")
VERSTAGE = ("--set", "VBOOT_SEPARATE_VERSTAGE=y")
WRITTEN = {f"{name}_{slot}" for name in ("VBLOCK", "FW_MAIN", "RW_FWID") for slot in "AB"}


class Vboot(bootcase.BootCase):
    def whole_way(self, slot, *rom, up=()):
        lab = self.machine("a", ("--vboot", *rom), (*LAYOUT, "--slot", slot, *up))
        before = self.held(lab)
        record = self.update(lab, "--vboot", "--fw-version", "2", *rom)
        self.check_chip(lab)
        self.lab("boot", lab, "--slot", slot, *up)
        # without a verstage of its own vboot extends before there is a log
        promised = self.passes(lab, record, replays=VERSTAGE[1] in rom)
        self.assertNotEqual(promised["sha256", 2], before["sha256", 2])
        return lab, record, before

    def check_chip(self, lab):
        """Both slots are those of the new image; the read-only part, another one in that image, has stayed."""
        old, new = (lab.parent / f"a-{which}.rom" for which in ("old", "new"))
        old, new, chip = old.read_bytes(), new.read_bytes(), self.chip(lab).read_bytes()
        for name, (offset, size) in productcase.flash_map(old).items():
            if name in WRITTEN | {"COREBOOT", "GBB", "RO_FRID"}:
                expected = new if name in WRITTEN else old
                self.assertEqual(chip[offset:offset + size], expected[offset:offset + size], name)
        offset, size = productcase.flash_map(old)["COREBOOT"]
        self.assertNotEqual(old[offset:offset + size], new[offset:offset + size])

    def test_slot_a(self):
        self.whole_way("A")

    def test_slot_b(self):
        """The slot that booted is told by what only that slot holds."""
        self.whole_way("B")

    def test_with_verstage(self):
        """vboot's own extends are in the log: its mode and the board's name stay, the version is forecast."""
        _, record, before = self.whole_way("A", *VERSTAGE)
        promised = self.values(record, "predicted")
        self.assertNotEqual(promised["sha256", 10], before["sha256", 10])
        self.assertNotIn(("sha256", 1), promised)
        self.assertIn(("sha256", 1), [(row["bank"], row["pcr"]) for row in record["pcrs"] if row["value"]])

    def test_without_verstage(self):
        """vboot's own extends are in no log: the PCRs prove them, and the next ones are computed."""
        _, record, before = self.whole_way("A")
        promised = self.values(record, "predicted")
        self.assertNotEqual(promised["sha256", 10], before["sha256", 10])
        self.assertEqual(self.values(record, "unchanged")["sha256", 1], before["sha256", 1])

    def test_other_slot_boots(self):
        """The same version in the other slot is another firmware: romstage is linked for its place."""
        lab = self.machine("a", ("--vboot",), LAYOUT)
        record = self.update(lab, "--vboot")
        self.lab("boot", lab, "--slot", "B")
        self.alarm(lab, "neither the old nor the new", ("sha256", 2))
        self.assertEqual(self.records(lab)[-1]["state"], "failed")
        self.assertEqual(self.records(lab)[-1]["record"], record["record"])


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
