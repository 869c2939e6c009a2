#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several USB qubes, of which some do not do what they should: the others are done, and what went wrong is said."""
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import usbcase
from usbcase import FIRST, LAST, WEBCAM

LIST, PUSH = "qubes.FwupdDevices", "qubes.FwupdInstall"
HANG = '#!/bin/sh\nexec sleep 600\n'
DIES = '#!/bin/sh\nprintf "QF"\nkill -9 $$\n'
NOISE = '#!/bin/sh\nexec head -c 4194304 /dev/zero\n'


class Qubes(usbcase.UsbCase):
    qubes = ("sys-usb", "usb-two")

    def listing(self):
        """get-devices in spite of what fails: its status, the states of the qubes, and where there is a webcam."""
        done = self.manager(self.machine, "get-devices", "--json")
        answer = usbcase.json.loads(done.stdout)
        webcams = {each["domain"] for each in answer["devices"] if each["id"] == WEBCAM}
        return done, {each["name"]: each["state"] for each in answer["domains"] if each["name"] != "dom0"}, webcams

    def check_one_bad(self, state):
        """The second qube is in this state, and the first gets its update."""
        done, states, webcams = self.listing()
        self.assertEqual((states, webcams), ({"sys-usb": "ok", "usb-two": state}, {"sys-usb"}))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("usb-two", done.stderr)
        done = self.manager(self.machine, "update", "-y")
        self.assertEqual((done.returncode, self.runs()), (1, LAST), done.stdout + done.stderr)
        self.assertIn("usb-two", done.stderr)
        return done

    def test_both(self):
        done, states, webcams = self.listing()
        self.assertEqual((done.returncode, states, webcams),
                         (0, {"sys-usb": "ok", "usb-two": "ok"}, {"sys-usb", "usb-two"}), done.stderr)
        done = self.fails("get-releases", WEBCAM, says="sys-usb")     # which of the two?
        self.assertIn("usb-two", done.stderr)
        self.do(self.machine, "update", "usb-two:" + WEBCAM, "-y")
        self.assertEqual((self.runs(), self.runs("usb-two")), (FIRST, LAST))
        self.do(self.machine, "update", "-y")
        self.assertEqual((self.runs(), self.runs("usb-two")), (LAST, LAST))

    def test_dead(self):
        self.lab("stop", self.machine, "usb-two")
        self.check_one_bad("failed")

    def test_no_agent(self):
        self.replace_service(LIST, None, "usb-two")
        done = self.check_one_bad("no-agent")
        self.assertRegex(done.stderr, "qubes-fwupd-vm|package")

    def test_no_fwupd(self):
        """The agent is there, and no daemon on its bus."""
        pid = usbcase.json.loads(self.lab("info", self.machine))["usb"]["usb-two"]["fwupd"]
        usbcase.must("kill", "-9", pid)
        done = self.check_one_bad("no-agent")
        self.assertIn("fwupd", done.stderr)

    def test_hangs(self):
        self.replace_service(LIST, HANG, "usb-two")
        with self.setting(self.machine, "Transport", "ConnectSeconds", 3):
            begun = time.monotonic()
            done, states, webcams = self.listing()
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual((done.returncode, states, webcams), (1, {"sys-usb": "ok", "usb-two": "failed"}, {"sys-usb"}))

    def test_dies_in_the_listing(self):
        self.replace_service(LIST, DIES, "usb-two")
        self.check_one_bad("failed")

    def test_noise(self):
        self.replace_service(LIST, NOISE, "usb-two")
        self.check_one_bad("failed")

    def test_dies_in_the_update(self):
        """A qube that goes away before it has begun to write: said, and nothing is kept as read back."""
        self.replace_service(PUSH, DIES)
        self.fails("update", "sys-usb:" + WEBCAM, "-y", says="sys-usb")
        self.assertEqual(self.runs(), FIRST)
        self.assertFalse(self.marks().exists())
        done = self.manager(self.machine, "update", "-y")
        self.assertEqual((done.returncode, self.runs(), self.runs("usb-two")), (1, FIRST, LAST), done.stdout + done.stderr)


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
