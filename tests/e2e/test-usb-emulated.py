#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices of a USB qube that are not simply there: the only keyboard, attached elsewhere, those that come back as a
bootloader, or not at all. fwupd emulates them, from recordings and from what tests/e2e/colorhug.py writes.
"""
import json
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import colorhug
import usbcase
import webcamcase
from usbcase import ARCHIVES, FIRST, LAST, OLDER_CAB, VENDOR, WEBCAM

PUSH = "qubes.FwupdInstall"
# An agent that has done its work, when the device is taken out.
VANISHES = '#!/bin/sh\n"{program}" || exit\nexec fwupdmgr emulation-load {empty} >&2\n'
OLD, NEW = "1.2.5", "1.2.6"
PAYLOAD = bytes((i * 7 + i // 256) & 0xFF for i in range(colorhug.SMALLEST))
RECORDED = ARCHIVES / "enumeration-data"


def named(component):
    """What the lab signs for the colorimeter instead of for a webcam."""
    return component.replace("com.acme.test", colorhug.PROTOCOL).replace("org.example.webcam", "org.example.colorhug")


class Devices(usbcase.UsbCase):
    options = ("--usb-emulation",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        usbcase.must(usbcase.LAB, "publish", cls.machine, "--cab", cls.colorhug_cab())
        usbcase.must(usbcase.LAB, "dom0", cls.machine, "--", "qubes-fwupdmgr", "refresh")

    @classmethod
    def colorhug_cab(cls):
        """A cab that the lab has signed."""
        work = cls.top / "cab"
        work.mkdir()
        (work / "firmware.bin").write_bytes(PAYLOAD)
        (work / "firmware.metainfo.xml").write_text(named(webcamcase.COMPONENT.format(
            guid=colorhug.GUID, version=NEW, rest=webcamcase.checksum("content", "firmware.bin", PAYLOAD))))
        signer = cls.facts["signer"], cls.facts["signer_key"]
        for name in ("firmware.bin", "firmware.metainfo.xml"):
            for words in (["self-sign", "--kind", "sha256", "firmware.jcat", name], ["sign", "firmware.jcat", name, *signer]):
                cls.within(work, "jcat-tool", "--keyring", work / "keyring", *words)
        cls.within(work, "gcab", "-c", "-n", "--zip", "colorhug.cab", "firmware.bin", "firmware.metainfo.xml", "firmware.jcat")
        return work / "colorhug.cab"

    @staticmethod
    def within(folder, *command):
        done = usbcase.run(*command, cwd=folder)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")

    def emulate(self, recording, trust=True):
        """The qube's fwupd has this device besides; it believes the lab of firmware, unless it is not to."""
        if trust:
            keys = self.qube()["directory"] / "etc" / "pki" / "fwupd" / "lab-ca.pem"
            shutil.copy(self.facts["ca"], keys)
            self.addCleanup(keys.unlink)
        self.renew("sys-usb")
        self.usbvm("fwupdmgr", "emulation-load", recording)

    def be_colorhug(self, trust=True, after=NEW, **more):
        file = self.scratch / "recording.zip"
        colorhug.recording(file, OLD, after, PAYLOAD, **more)
        self.emulate(file, trust)

    def found(self):
        """The device that fwupd emulates, as the product lists it."""
        device, = (each for (domain, _), each in self.devices().items()
                   if domain == "sys-usb" and colorhug.GUID in each["guids"])
        return device

    def test_recorded(self):
        """Devices of other people, as fwupd-tests has them; a part of that machine is not the qube's to speak of."""
        for name, listed in (("huddly-s1-basic", [("S1", "Huddly", "1.8.4")]), ("framework16-ansi", [])):
            self.emulate(RECORDED / f"{name}-setup.json", trust=False)
            found = [(each["name"], each["vendor"], each["version"]) for (domain, identity), each in self.devices().items()
                     if domain == "sys-usb" and identity != WEBCAM]
            self.assertEqual(found, listed)

    def test_bootloader(self):
        """It leaves the bus, comes back as its bootloader, is written, leaves, and comes back."""
        self.be_colorhug()
        self.assertEqual(self.found()["version"], OLD)
        done = self.do(self.machine, "update", f"sys-usb:{colorhug.GUID}", "-y")
        self.assertEqual(self.found()["version"], NEW, done)
        self.assertEqual(self.runs(device=self.found()["id"]), NEW)

    def test_left_in_bootloader(self):
        """What was left in its bootloader, by a write that was cut off, can be written."""
        self.be_colorhug(starts_in_bootloader=True)
        self.do(self.machine, "install", f"sys-usb:{colorhug.GUID}", NEW, "-y")
        self.assertEqual(self.found()["version"], NEW)

    def test_gone(self):
        """Written, and not there again: what to do is said, and nothing counts as read back."""
        self.be_colorhug()
        empty = self.scratch / "empty.json"
        empty.write_text(json.dumps(colorhug.NOTHING))
        program = self.qube()["rpc"] / PUSH
        self.replace_service(PUSH, VANISHES.format(program=program.readlink(), empty=empty))
        done = self.fails("update", f"sys-usb:{colorhug.GUID}", "-y", says="has not come back")
        self.assertIn("plug it in again", done.stderr)
        self.assertFalse(self.marks().exists())

    def test_breaks(self):
        """fwupd sees it go and waits for it in vain."""
        self.be_colorhug(comes_back=False)
        self.fails("update", f"sys-usb:{colorhug.GUID}", "-y", says="sys-usb")

    def test_other_version(self):
        """Written, and what it says that it runs is something else."""
        self.be_colorhug(after="1.2.4")
        self.fails("update", f"sys-usb:{colorhug.GUID}", "-y", says="but the device reports 1.2.4")

    def test_foreign_authority(self):
        """dom0 believes who signed it, and the qube's fwupd does not: that is refused there, and said here."""
        self.be_colorhug(trust=False)
        self.fails("update", f"sys-usb:{colorhug.GUID}", "-y", says="does not accept the signature")
        self.assertEqual(self.found()["version"], OLD)
        self.do(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertEqual(self.runs(), LAST)

    def test_request(self):
        """What the device asks of the person in front of it is said here, in our words."""
        self.webcam_does(RequestSupported="true")
        done = self.manager(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertEqual((done.returncode, self.runs()), (0, LAST), done.stderr)
        self.assertRegex(done.stderr, "Integrated Webcam.*: (take|press|plug|switch|it waits)")

    def test_write_fails(self):
        self.webcam_does(WriteSupported="false")
        self.fails("update", f"sys-usb:{WEBCAM}", "-y", says="sys-usb")
        self.assertEqual(self.runs(), FIRST)

    def test_no_files(self):
        """What no metadata name does not go into a qube, whoever has signed it."""
        calls = self.watch(PUSH)
        status, said, errors = self.talk(self.machine, ["install", "--local", OLDER_CAB])
        self.assertEqual((status, calls.read_text(), self.runs()), (1, "", FIRST), said + errors)
        self.assertRegex(errors, "metadata")

    def test_elsewhere(self):
        self.plug("1-1", VENDOR, driver="usbip-host")
        self.fails("update", f"sys-usb:{WEBCAM}", "-y", says="attached it to another qube")
        self.assertEqual(self.runs(), FIRST)

    def test_elsewhere_by_number(self):
        """Of two devices the one that is meant."""
        self.be_colorhug()
        self.plug("1-1", f"{colorhug.VENDOR:04x}", f"{colorhug.RUNTIME:04x}", driver="usbip-host")
        self.plug("1-2", VENDOR)
        self.fails("update", f"sys-usb:{colorhug.GUID}", "-y", says="attached it to another qube")
        self.assertEqual(self.found()["version"], OLD)
        self.do(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertEqual(self.runs(), LAST)

    def test_only_keyboard(self):
        self.plug("1-1", VENDOR, keyboard=True)
        self.fails("update", f"sys-usb:{WEBCAM}", "-y", says="only keyboard")
        self.assertEqual(self.runs(), FIRST)
        self.plug_into_dom0()
        self.do(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertEqual(self.runs(), LAST)

    def test_keyboard_behind(self):
        """A hub that the only keyboard is plugged into takes it away, too; another keyboard in the qube is enough."""
        self.plug("1-1", VENDOR)
        self.plug("1-1.3", "1234", keyboard=True)
        self.fails("update", f"sys-usb:{WEBCAM}", "-y", says="only keyboard")
        self.plug("1-2", "1234", keyboard=True)
        self.do(self.machine, "update", f"sys-usb:{WEBCAM}", "-y")
        self.assertEqual(self.runs(), LAST)


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
