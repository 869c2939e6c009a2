#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""update -> boot -> attest for every bank that coreboot extends, and from one to another."""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase

TPM1 = ("--set", "TPM1=y", "--set", "TPM2=n", "--set", "TPM_LOG_TPM1=y", "--set", "TPM_LOG_TPM2=n")


class Banks(bootcase.BootCase):
    def whole_way(self, banks, old, new, old_options=(), new_options=()):
        lab = self.machine(f"{old}-{new}", ("--hash", old, *old_options), ("--banks", banks))
        before = self.held(lab)
        self.assertEqual({bank for bank, _ in before}, set(banks.split(",")))
        record = self.update(lab, "--hash", new, *new_options)
        self.assertIn((new, 2), self.values(record, "predicted"))
        self.lab("boot", lab)
        promised = self.passes(lab, record)
        self.assertNotEqual(promised[new, 2], before[new, 2])
        if old != new:
            # what coreboot extended before it leaves alone now, and that is known, too
            self.assertEqual(set(self.held(lab)[old, 2]), {"0"})
            self.assertEqual(set(promised.get((old, 2), "0")), {"0"})

    def test_sha1(self):
        self.whole_way("sha1", "sha1", "sha1")

    def test_sha1_of_tpm1(self):
        """The log that coreboot keeps for a TPM 1.2."""
        self.whole_way("sha1,sha256", "sha1", "sha1", TPM1, TPM1)

    def test_sha256(self):
        self.whole_way("sha256", "sha256", "sha256")

    def test_sha384(self):
        self.whole_way("sha256,sha384", "sha384", "sha384")

    def test_from_sha256_to_sha384(self):
        self.whole_way("sha256,sha384", "sha256", "sha384")

    def test_from_sha384_to_sha1(self):
        self.whole_way("sha1,sha256,sha384", "sha384", "sha1")

    def test_bank_that_the_tpm_lacks(self):
        """coreboot extends nothing that anybody can read then: that is no forecast, so a person has to decide."""
        lab = self.machine("a", ("--hash", "sha256"), ("--banks", "sha256"))
        self.publish(lab, self.rom("new.rom", productcase.NEW, "--hash", "sha384"), productcase.NEW)
        self.do(lab, "refresh")
        done = self.manager(lab, "update", "-y")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"cannot be forecast: PCR 2, .*a person can go on without")
        self.assertEqual([r for r in self.records(lab) if r["state"] == "pending"], [])


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
