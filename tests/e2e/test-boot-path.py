#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A boot that takes another way than the one before: an honest mismatch, an alarm, and a person's word."""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase


class BootPath(bootcase.BootCase):
    def test_after_an_update(self):
        """The new firmware is there, and dsdt.aml is not read any more: no inspection of images could foresee it."""
        lab = self.machine("a")
        record = self.update(lab)
        self.lab("boot", lab, "--path", "noacpi")
        promised = self.values(record, "predicted")["sha256", 2]
        held = self.held(lab)["sha256", 2]
        answer = self.alarm(lab, "neither the old nor the new", ("sha256", 2))
        self.assertEqual([(each["expected"], each["actual"]) for each in answer["differences"]], [(promised, held)])
        # the log shows what was measured instead, and it is true to the TPM
        self.assertTrue(answer["logReplays"])
        self.assertEqual([each["state"] for each in self.records(lab)], ["current", "failed"])

        # nothing of it was adopted silently; a person's word makes it the reference
        self.assertEqual(self.manager(lab, "attest").returncode, 1)
        self.refused(lab, ["attest", "--learn"], "terminal|-y|--yes")
        self.assertEqual(self.ask(lab, "attest", "--learn", "-y")["result"], "learned")
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        self.assertEqual(self.states(lab)[-1], "current")

        # and the way back is another change
        self.lab("boot", lab)
        self.alarm(lab, "not the one that was attested last", ("sha256", 2))
        self.assertEqual(self.held(lab)["sha256", 2], promised)

    def test_next_update(self):
        """What was learned is where the next forecast begins."""
        lab = self.machine("a")
        self.lab("boot", lab, "--path", "noacpi")
        self.alarm(lab, "not the one that was attested last", ("sha256", 2))
        self.ask(lab, "attest", "--learn", "-y")
        record = self.update(lab)
        self.lab("boot", lab, "--path", "noacpi")
        self.passes(lab, record)

    def test_another_payload(self):
        """Heads extends what is in no log: said, not forecast, and no alarm when it stays."""
        lab = self.machine("a", up=("--payload", "heads"))
        record = self.update(lab)
        for pcr in (5, 6, 7):
            self.assertNotIn(("sha256", pcr), self.values(record, "predicted"))
        self.lab("boot", lab, "--payload", "heads")
        held = self.held(lab)
        promised = self.values(record, "predicted")
        self.assertEqual({at: held[at] for at in promised}, promised)
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
