#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""coreboot's logs from memory, where the system shows none, or another one."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase

CB = ("--set", "TPM_LOG_CB=y", "--set", "TPM_LOG_TPM2=n")
SEABIOS = ("--set", "PAYLOAD_SEABIOS=y", "--set", "PAYLOAD_LINUX=n")


class Cbmem(bootcase.BootCase):
    def shown(self, lab):
        """The size of what Linux shows as event log."""
        return pathlib.Path(self.info(lab)["event_log"]).stat().st_size

    def test_form_that_linux_does_not_read(self):
        lab = self.machine("a", CB)
        self.assertEqual(self.shown(lab), 0)
        names = [event["name"] for event in self.ask(lab, "eventlog")["events"]]
        self.assertEqual(names[:2], ["FMAP: FMAP", "CBFS: bootblock"])
        record = self.update(lab, *CB)
        self.lab("boot", lab)
        self.assertEqual(self.shown(lab), 0)
        self.passes(lab, record)

    def test_payload_with_a_log_of_its_own(self):
        """SeaBIOS has overwritten coreboot's log; the console in memory still lists what that measured."""
        how = ("--payload", "seabios")
        lab = self.machine("a", SEABIOS, how)
        record = self.update(lab, *SEABIOS)
        self.assertIn(("sha256", 2), self.values(record, "predicted"))
        self.lab("boot", lab, *how)
        self.passes(lab, record)

    def test_without_memory(self):
        """The same machine where memory is closed: a log that does not replay, and no guess."""
        lab = self.machine("a", SEABIOS, ("--payload", "seabios"))
        pathlib.Path(self.info(lab)["memory"]).unlink()
        self.publish(lab, self.rom("a-new.rom", productcase.NEW, *SEABIOS), productcase.NEW)
        self.do(lab, "refresh")
        self.refused(lab, ["update", "-y"], "console|replay")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
