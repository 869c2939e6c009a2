#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A flash that silently did not take, and a chip that somebody changed between two boots."""
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase


class NotTaken(bootcase.BootCase):
    def test_old_contents(self):
        """Written and read back, and at the boot the old contents are there again."""
        lab = self.machine("a")
        before = self.held(lab)
        self.update(lab)
        self.lab("chip", lab, "put", self.scratch / "a-old.rom")
        self.lab("boot", lab)
        self.assertEqual(self.held(lab), before)
        self.alarm(lab, "the flash did not take|has not taken|old firmware booted", ("sha256", 2))
        self.assertEqual(self.states(lab), ["current", "failed"])
        # the old firmware is the one that is known: no alarm at the next look, and the update can be tried again
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        updated = self.ask(lab, "update", "-y")["updated"]
        self.lab("boot", lab)
        self.assertEqual(self.ask(lab, "attest")["record"], updated[0]["record"])
        self.assertEqual(self.states(lab), ["superseded", "failed", "current"])

    def test_not_booted_yet(self):
        """Before the boot there is nothing to settle, and it is no alarm."""
        lab = self.machine("a")
        self.update(lab)
        done = self.manager(lab, "attest")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("has not booted yet", done.stdout + done.stderr)
        self.assertEqual(self.states(lab), ["current", "written"])


class Tampered(bootcase.BootCase):
    def tamper(self, lab, name):
        """Other bytes in one CBFS file of the chip."""
        chip, other = self.chip(lab), self.rom("other.rom", "6.6.6", "--changed", name)
        data = self.scratch / "data"
        for command in (("cbfstool", other, "extract", "-U", "-n", name, "-f", data),
                        ("cbfstool", chip, "remove", "-n", name),
                        ("cbfstool", chip, "add", "-n", name, "-t", "raw", "-f", data)):
            done = productcase.run(*command, env={"PATH": "/usr/sbin:/usr/bin:/bin"})
            self.assertEqual(done.returncode, 0, done.stderr)

    def change_code(self, lab):
        """The bootblock lies at the end of the chip and runs first."""
        data = bytearray(self.chip(lab).read_bytes())
        data[-0x1000] ^= 1
        self.chip(lab).write_bytes(data)

    def test_between_boots(self):
        lab = self.machine("a")
        self.lab("boot", lab)
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        self.change_code(lab)
        self.lab("boot", lab)
        for _ in range(2):
            # an alarm stays an alarm
            answer = self.alarm(lab, "not the one that was attested last", ("sha256", 2))
        self.assertEqual(self.states(lab), ["current"])
        self.assertNotEqual(answer["differences"][0]["actual"], answer["differences"][0]["expected"])

    def test_after_an_update(self):
        lab = self.machine("a")
        self.update(lab)
        self.change_code(lab)
        self.lab("boot", lab)
        self.alarm(lab, "neither the old nor the new", ("sha256", 2))
        self.assertEqual(self.states(lab), ["current", "failed"])

    def test_what_is_not_measured(self):
        """A file that coreboot does not read is in no PCR: attestation cannot see it, and says no more than it knows."""
        lab = self.machine("a")
        self.tamper(lab, "bootsplash.jpg")
        self.lab("boot", lab)
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
