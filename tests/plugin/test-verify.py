#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`fwupdmgr verify`: what of the chip counts as its firmware."""

import hashlib
import json
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from daemon import main
from machine import NEW, OLD, UPDATED, MachineCase, areas


class Verify(MachineCase):
    def portion(self, version):
        """SHA-256 of an image, everything else than what updates write erased."""
        image = self.roms[version].read_bytes()
        bare = bytearray(b"\xff" * len(image))
        for offset, size in (areas(self.roms[version])[name] for name in UPDATED):
            bare[offset:offset + size] = image[offset:offset + size]
        return hashlib.sha256(bare).hexdigest()

    def checksums(self):
        return self.devices()[0].get("Checksums", [])

    def fwupdmgr(self, *command):
        self.run_tool("fwupdmgr", *command, self.device)

    def assert_changed(self, version=OLD):
        done = subprocess.run(["fwupdmgr", "verify", "--json", self.device], env=self.environment(), check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(self.portion(version), json.loads(done.stdout)["Error"]["Message"])

    def test_verify(self):
        self.assertEqual(self.checksums(), [])
        self.fwupdmgr("verify-update")
        self.assertIn(self.portion(OLD), self.checksums())
        self.fwupdmgr("verify")

    def test_a_running_machine_writes(self):
        self.fwupdmgr("verify-update")
        for area in ("RW_MRC_CACHE", "SMMSTORE", "SI_ME"):
            self.flip(area)
        self.fwupdmgr("verify")

    def test_other_firmware(self):
        self.fwupdmgr("verify-update")
        self.fwupdmgr("verify")
        self.flip("COREBOOT")
        self.assert_changed()
        self.assertNotIn(self.portion(OLD), self.checksums())
        self.flip("COREBOOT")
        self.fwupdmgr("verify")

    def test_update_forgets(self):
        self.fwupdmgr("verify-update")
        self.stage()
        self.install()
        self.assertEqual(self.checksums(), [])
        self.fwupdmgr("verify-update")
        self.assertIn(self.portion(NEW), self.checksums())
        # what metadata calls the release
        release = hashlib.sha256(self.roms[NEW].read_bytes()).hexdigest()
        self.assertIn(release, self.checksums())
        self.flip("COREBOOT")
        self.assert_changed(NEW)
        self.assertNotIn(release, self.checksums())

    def test_chip_is_not_written(self):
        self.fwupdmgr("verify-update")
        self.assertTrue(self.chip.read_bytes() == self.before)
        self.assertEqual(self.states(), [])

    def test_no_map(self):
        self.chip.write_bytes(b"\xff" * len(self.before))
        done = subprocess.run(["fwupdmgr", "verify-update", "--json", self.device], env=self.environment(), check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(json.loads(done.stdout)["Error"]["Message"], re.compile("flash map", re.I))


main()
