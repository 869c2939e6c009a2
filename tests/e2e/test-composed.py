#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is forecast is the boot of what the chip will hold, not of the image in the cab.

Here a layout keeps the read-only part with its bootblock, and the image brings another one.
"""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD

LAYOUT = """[Layout]
Description=two slots of firmware beside a read-only part
Default=preserve

[Regions]
"""
SLOTS = ("VBLOCK_A", "FW_MAIN_A", "VBLOCK_B", "FW_MAIN_B")


class Composed(productcase.ProductCase):
    def slots(self):
        """A folder with the layout."""
        folder = self.scratch / "layouts"
        folder.mkdir()
        (folder / "slots.conf").write_text(LAYOUT + "".join(f"{name}=update\n" for name in SLOTS))
        return folder

    def events(self, lab):
        """Name -> digest, of the present boot's log."""
        return {event["name"]: event["digests"]["sha256"] for event in self.ask(lab, "eventlog")["events"]
                if "sha256" in event["digests"]}

    @staticmethod
    def values(rows):
        return {(row["bank"], row["pcr"]): row.get("value") for row in rows}

    def test_bootblock_stays(self):
        lab = self.up("a", "--rom", self.rom("old.rom", OLD, "--vboot"))
        old = self.scratch / "old.rom"
        new = self.rom("new.rom", NEW, "--vboot")
        self.publish(lab, new, NEW)
        self.do(lab, "refresh")
        before = self.events(lab)
        predict = ["predict", "--old-rom", old, "--new-rom", new]
        with self.setting(lab, "Paths", "Layouts", self.slots()), self.setting(lab, "Chip", "Layout", "slots"):
            whole = self.values(self.ask(lab, *predict)["pcrs"])
            kept = self.values(self.ask(lab, *predict, "--layout", "slots")["pcrs"])
            updated = self.ask(lab, "update", "-y")["updated"][0]
        self.assertEqual(self.values(updated["prediction"]["pcrs"]), kept)
        self.assertEqual(self.values(self.entry(lab, updated["record"])["pcrs"]), kept)

        expected = bytearray(old.read_bytes())
        for name, (offset, size) in productcase.flash_map(expected).items():
            if name in SLOTS:
                expected[offset:offset + size] = new.read_bytes()[offset:offset + size]
        self.assertEqual(self.chip(lab).read_bytes(), bytes(expected))
        self.lab("boot", lab)
        after = self.events(lab)
        self.assertEqual(after["CBFS: bootblock"], before["CBFS: bootblock"])
        self.assertNotEqual(after["CBFS: fallback/romstage"], before["CBFS: fallback/romstage"])
        self.assertEqual(kept["sha256", 2], self.pcr(lab, 2))
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")

        # The image as a whole is another boot: the other forecast was of that.
        self.assertNotEqual(whole["sha256", 2], kept["sha256", 2])
        self.lab("chip", lab, "put", new)
        self.lab("boot", lab)
        self.assertNotEqual(self.events(lab)["CBFS: bootblock"], before["CBFS: bootblock"])
        self.assertEqual(whole["sha256", 2], self.pcr(lab, 2))


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
