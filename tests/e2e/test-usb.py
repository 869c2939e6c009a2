#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole way of firmware for a device in a USB qube: what LVFS has signed, from the mirror to the qube's own fwupd."""
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import usbcase
from usbcase import CAB, FIRST, GUID, LAST, MIDDLE, OLDER_CAB, WEBCAM

USB = ("sys-usb", WEBCAM)


class Whole(usbcase.UsbCase):
    archives = (OLDER_CAB, CAB)

    def update(self, *words):
        answer = self.ask(self.machine, *words)
        return [(each["domain"], each["deviceId"], each["versionFrom"], each["versionTo"]) for each in answer["updated"]]

    def test_both_domains(self):
        said = self.do(self.machine, "get-devices")
        headings = [line for line in said.splitlines() if line and not line.startswith((" ", "\t"))]
        self.assertRegex(headings[0], r"^dom0\b")
        self.assertTrue([line for line in headings if re.search(r"^sys-usb\b.*as reported by sys-usb", line)], said)
        self.assertLess(said.index("dom0"), said.index("as reported by sys-usb"))
        self.assertRegex(said.partition("as reported by sys-usb")[2], r"Integrated Webcam[\s\S]*" + re.escape(FIRST))

        devices = self.devices()
        self.assertEqual({domain for domain, _ in devices}, {"dom0", "sys-usb"})
        webcam = devices[USB]
        self.assertEqual((webcam["version"], webcam["versionFormat"], webcam["updatable"], webcam["guids"]),
                         (FIRST, "triplet", True, [GUID]))
        self.assertTrue(webcam["name"].isascii(), webcam["name"])
        self.assertEqual(self.domains(), {"dom0": "ok", "sys-usb": "ok"})

    def test_update(self):
        calls = self.watch("qubes.FwupdInstall")
        self.assertEqual(self.offered(), {USB: LAST})
        self.do(self.machine, "update", "--dry-run")
        self.assertEqual((self.runs(), calls.read_text(), self.marks().exists()), (FIRST, "", False))

        self.assertEqual(self.update("update", "-y"), [(*USB, FIRST, LAST)])
        self.assertEqual((self.runs(), len(calls.read_text().splitlines())), (LAST, 1))
        self.assertEqual(self.devices()[USB]["version"], LAST)
        self.assertIn(LAST, self.marks().read_text())
        for words in (["update", "-y"], ["get-updates"]):
            self.do(self.machine, *words, status=2)

    def test_asked(self):
        """On a terminal: nothing happens unless a person says so, and they see who says what."""
        status, said, _ = self.talk(self.machine, ["update"], "n")
        self.assertEqual((status, self.runs()), (1, FIRST), said)
        self.assertIn("reported by sys-usb", said)
        status, said, errors = self.talk(self.machine, ["update"], "y")
        self.assertEqual((status, self.runs()), (0, LAST), said + errors)

    def test_older(self):
        """Only to who asks for it, and what was read back is the least that is believed."""
        self.update("update", "-y")
        self.fails("install", f"sys-usb:{WEBCAM}", MIDDLE, "-y", says="it is older than the present version")
        self.assertEqual(self.runs(), LAST)
        self.assertEqual(self.update("downgrade", f"sys-usb:{WEBCAM}", MIDDLE, "-y"), [(*USB, LAST, MIDDLE)])
        self.assertEqual(self.runs(), MIDDLE)
        self.assertEqual(self.update("update", "-y"), [(*USB, MIDDLE, LAST)])

    def test_again(self):
        self.update("update", "-y")
        self.fails("install", f"sys-usb:{WEBCAM}", LAST, "-y", says="it is the present version")
        self.assertEqual(self.update("reinstall", f"sys-usb:{WEBCAM}", "-y"), [(*USB, LAST, LAST)])
        self.assertEqual(self.runs(), LAST)

    def test_forgotten(self):
        """A qube that says of a device that it has less than was read back from it gets nothing without a person's word."""
        self.update("update", "-y")
        self.renew("sys-usb")
        self.assertEqual(self.runs(), FIRST)
        calls = self.watch("qubes.FwupdInstall")
        self.fails("update", "-y", says=re.escape(LAST))
        self.assertEqual(calls.read_text(), "")
        self.assertEqual(self.update("install", f"sys-usb:{WEBCAM}", LAST, "--allow-older", "-y"), [(*USB, FIRST, LAST)])

    def test_made_anew(self):
        """A disposable between two calls: nothing of the first is needed for the second."""
        self.assertEqual(self.offered(), {USB: LAST})
        self.renew("sys-usb")
        self.assertEqual(self.update("update", "-y"), [(*USB, FIRST, LAST)])

    def test_names(self):
        for word in (f"sys-usb:{WEBCAM}", f"sys-usb:{GUID}", WEBCAM, GUID):
            self.assertIn(LAST, self.do(self.machine, "get-releases", word))
        self.fails("get-releases", f"dom0:{WEBCAM}", says="dom0")
        self.fails("get-releases", f"sys-net:{WEBCAM}", says="sys-net")

    def test_tampered(self):
        """A cabinet that is not the one that was signed for goes nowhere."""
        calls = self.watch("qubes.FwupdInstall")
        file, = pathlib.Path(self.facts["downloads"]).glob(f"*-{CAB.name}")
        good = file.read_bytes()
        self.addCleanup(file.write_bytes, good)
        self.do(self.machine, "clean")
        self.do(self.machine, "refresh")
        for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[:-1], good + b"\0"):
            file.write_bytes(bad)
            self.fails("update", "-y", says=".")
            self.assertEqual((calls.read_text(), self.runs()), ("", FIRST))
        file.write_bytes(good)
        self.assertEqual(self.update("update", "-y"), [(*USB, FIRST, LAST)])

    def test_who_is_asked(self):
        """The cabinet comes through the UpdateVM; the qube has no network, and the mirror hears of nobody else."""
        self.update("update", "-y")
        log = (self.machine / "logs" / "mirror-access.log").read_text().splitlines()
        self.assertEqual({line.split()[0] for line in log}, {"192.0.2.2"})
        self.assertTrue([line for line in log if CAB.name in line])


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
