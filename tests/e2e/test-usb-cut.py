#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who goes away while a device of a USB qube is written: what has begun is brought to its end, or said to be in doubt."""
import json
import os
import signal
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import usbcase
from usbcase import FIRST, LAST, WEBCAM

PUSH = "qubes.FwupdInstall"
IDLE, WRITING = 1, 5        # of FwupdStatus
SECONDS = 60
WRITE_MS = "4000"
# Writes its process id down and becomes the agent.
NOTED = '#!/bin/sh\necho $$ >"{file}"\nexec "{program}"\n'


class Watcher:
    """What the qube's fwupd says of itself on its bus."""

    def __init__(self, case):
        command = [usbcase.LAB, "usbvm", case.machine, "sys-usb", "--", "gdbus", "monitor", "--system", "--dest",
                   "org.freedesktop.fwupd", "--object-path", "/"]
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        case.addCleanup(self.process.stdout.close)
        case.addCleanup(self.process.wait, SECONDS)
        case.addCleanup(self.process.kill)
        self.until("The name org.freedesktop.fwupd is owned")

    def until(self, text):
        for line in self.process.stdout:
            if text in line:
                return
        raise AssertionError(f"fwupd never said {text}")

    def status(self, number):
        self.until(f"'Status': <uint32 {number}>")


class Cut(usbcase.UsbCase):
    def begin(self):
        """An update that is in the middle of its write. Returns the process, and who watches fwupd."""
        self.webcam_does(WriteDelay=WRITE_MS)
        watcher = Watcher(self)
        command = [usbcase.LAB, "dom0", self.machine, "--", "qubes-fwupdmgr", "update", f"sys-usb:{WEBCAM}", "-y"]
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait, SECONDS)
        self.addCleanup(process.kill)
        watcher.status(WRITING)
        return process, watcher

    def nothing_left(self):
        """The device has its firmware, and there is nothing more to do."""
        self.assertEqual(self.runs(), LAST)
        self.do(self.machine, "update", "-y", status=2)

    def test_interrupted(self):
        """Ctrl-C comes too late: the end is waited for, and read back."""
        process, _ = self.begin()
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=SECONDS)
        self.assertIn("was read back", said, errors)
        self.assertTrue(self.marks().exists())
        self.nothing_left()

    def test_killed(self):
        process, watcher = self.begin()
        process.kill()
        process.communicate(timeout=SECONDS)
        watcher.status(IDLE)
        self.assertFalse(self.marks().exists())
        self.nothing_left()

    def test_agent_killed(self):
        """fwupd goes on without its client; dom0 cannot know, and says so."""
        note = self.scratch / "pid"
        program = self.qube()["rpc"] / PUSH
        self.replace_service(PUSH, NOTED.format(file=note, program=program.readlink()))
        process, watcher = self.begin()
        os.kill(int(note.read_text()), signal.SIGKILL)
        _, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 1, errors)
        self.assertRegex(errors, "may (still|have)")
        watcher.status(IDLE)
        self.nothing_left()

    def test_fwupd_killed(self):
        process, _ = self.begin()
        usbcase.must("kill", "-9", json.loads(self.lab("info", self.machine))["usb"]["sys-usb"]["fwupd"])
        _, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 1, errors)
        self.assertIn("sys-usb", errors)
        self.assertFalse(self.marks().exists())
        self.renew("sys-usb")
        self.assertEqual(self.runs(), FIRST)

    def test_busy(self):
        """Somebody in the qube is updating the device by themselves."""
        self.webcam_does(WriteDelay=WRITE_MS)
        watcher = Watcher(self)
        command = [usbcase.LAB, "usbvm", self.machine, "--", "fwupdmgr", "install", "-y", "--no-reboot-check", usbcase.CAB]
        other = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(other.wait, SECONDS)
        watcher.status(WRITING)
        done = self.manager(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertIn(done.returncode, (1, 2), done.stdout)
        self.assertEqual(other.wait(SECONDS), 0)
        self.nothing_left()


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
