#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""fwupd under the system-call filter of its packaged unit: an update with our drop-in, a clear refusal without."""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW


class Filter(productcase.ProductCase):
    def test_with_drop_in(self):
        lab = self.board("a", "--fwupd-filter", "shipped")
        old = self.chip(lab).read_bytes()
        rom, _ = self.offer(lab)
        self.do(lab, "update", "-y")
        self.assertEqual(self.chip(lab).read_bytes(), productcase.composed(old, rom.read_bytes()))
        self.assertEqual(self.states(lab), ["written"])
        self.lab("boot", lab)
        attested = self.ask(lab, "attest")
        self.assertEqual((attested["result"], attested["version"]), ("passed", NEW))

    def test_without_drop_in(self):
        lab = self.board("a", "--fwupd-filter", "packaged")
        self.offer(lab)
        self.refused(lab, ["update", "-y"], r"fwupd\.service\.d/qubes-fwupd\.conf")
        self.assertNotIn("written", self.states(lab))


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
