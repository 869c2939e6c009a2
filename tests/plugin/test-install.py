#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installing through the packaged daemon: what the plugin writes, and when it refuses to."""

import fcntl
import json
import sys

sys.dont_write_bytecode = True

from daemon import main
from machine import NEW, OTHER, MachineCase, compose

NEEDS_REBOOT = 4  # FwupdUpdateState


class Install(MachineCase):
    def assert_refused(self, *words, version=NEW):
        said = self.install(version, status=1)
        for word in words:
            self.assertIn(word, said)
        self.assertTrue(self.chip.read_bytes() == self.before)

    def test_install(self):
        expected = compose(self.chip, self.roms[NEW])
        self.assertNotEqual(expected, self.roms[NEW].read_bytes())
        self.stage()
        self.install()
        self.assertTrue(self.chip.read_bytes() == expected)
        self.assertEqual(self.states(), ["pending", "consumed", "written"])
        history = json.loads(self.run_tool("fwupdmgr", "get-history", "--json"))["Devices"]
        self.assertEqual([(each["DeviceId"], each["UpdateState"]) for each in history],
                         [(self.device, NEEDS_REBOOT)])

    def test_no_record(self):
        self.assert_refused("no pending reference values", "`qubes-fwupdmgr update`")
        self.assertEqual(self.states(), [])

    def test_record_of_another_chip(self):
        self.stage()
        self.before = self.before[:-1] + bytes([self.before[-1] ^ 1])
        self.chip.write_bytes(self.before)
        self.assert_refused("the chip holds something else")
        self.assertEqual(self.states(), ["pending"])

    def test_another_board(self):
        self.stage()
        self.assert_refused("the image is for another board", version=OTHER)
        self.assertEqual(self.states(), ["pending"])

    def test_chip_in_use(self):
        self.stage()
        (self.dir / "run-ours").mkdir(exist_ok=True)
        with open(self.dir / "run-ours" / "chip.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_refused("another program uses the flash chip", "chip.lock")
        self.assertEqual(self.states(), ["pending"])


main()
