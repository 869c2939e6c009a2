#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""USB qubes of the lab: what they reach, whom their fwupd believes, and what is left of one that was stopped."""
import json
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import labcase
from labcase import run

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
DEVICE = "08d460be0f1f9f128413f816022a6439e0078018"
QUBES = ["sys-usb", "usb-two"]
RECORDED = CAB.parent / "enumeration-data"
PLUGINS = {"huddly-s1-basic": "huddly_usb", "framework16-ansi": "framework_qmk"}
NO_SERVICE, NO_QUBE = 127, 125


class UsbQubes(labcase.LabCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch_of_all = labcase.tempfile.mkdtemp(prefix="qfu-lab-", dir="/tmp")
        cls.addClassCleanup(labcase.shutil.rmtree, cls.scratch_of_all, ignore_errors=True)
        cls.directory = pathlib.Path(cls.scratch_of_all) / "a"
        done = run(labcase.LAB, "up", cls.directory, "--build", labcase.BUILD, "--usb", ",".join(QUBES))
        if done.returncode:
            raise AssertionError(done.stderr)
        cls.addClassCleanup(run, labcase.LAB, "down", cls.directory)

    def usbvm(self, *words, status=0):
        return self.lab("usbvm", self.directory, *words, status=status)

    def versions(self, qube):
        said = json.loads(self.usbvm(qube, "--", "fwupdmgr", "get-devices", "--json"))
        return {device["DeviceId"]: device["Version"] for device in said["Devices"]}

    def call(self, qube, service):
        return run(self.directory / "usb" / "call", qube, service).returncode

    def test_rooms(self):
        anchors = self.info(self.directory)["anchors"]
        self.assertEqual(len({os.stat(f"/proc/{pid}/ns/net").st_ino for pid in anchors.values()}), 5)
        for qube in QUBES:
            links = json.loads(self.usbvm(qube, "--", "ip", "-json", "link"))
            self.assertEqual([(link["ifname"], "UP" in link["flags"]) for link in links], [("lo", False)])
            for family in ("-4", "-6"):
                self.assertEqual(self.usbvm(qube, "--", "ip", family, "route", "show", "table", "all").strip(), "")

    def test_bus_in_sysfs(self):
        devices = pathlib.Path(self.info(self.directory)["usb"]["usb-two"]["sys_bus"]) / "usb" / "devices"
        (devices / "1-1").mkdir()
        self.assertEqual(self.usbvm("usb-two", "--", "ls", "/sys/bus/usb/devices").split(), ["1-1"])
        self.assertEqual(self.usbvm("--", "ls", "/sys/bus/usb/devices"), "")

    def test_own_fwupd(self):
        """The device of one qube takes LVFS' archive, the other's stays as it is, and nothing outlasts a restart."""
        for qube in QUBES:
            self.assertEqual(self.versions(qube), {DEVICE: "1.2.2"})
        self.usbvm("--", "fwupdmgr", "install", "-y", "--no-reboot-check", CAB)
        self.assertEqual([self.versions(qube)[DEVICE] for qube in QUBES], ["1.2.4", "1.2.2"])
        self.lab("stop", self.directory, "sys-usb")
        self.assertIn("is not running", self.lab("stop", self.directory, "sys-usb", status=1))
        self.lab("start", self.directory, "sys-usb")
        self.assertIn("running already", self.lab("start", self.directory, "sys-usb", status=1))
        self.assertEqual(self.versions("sys-usb"), {DEVICE: "1.2.2"})

    def test_foreign_authority(self):
        """fwupd of a qube knows LVFS, and not the lab; dom0's is asked for both."""
        keys = self.directory / "usb" / "usb-two" / "etc" / "pki" / "fwupd"
        self.assertEqual([file.name for file in keys.glob("*ca*.pem")], [])
        self.assertEqual((keys / "LVFS-CA.pem").read_bytes(), pathlib.Path("/etc/pki/fwupd/LVFS-CA.pem").read_bytes())
        ours = {file.name for file in (self.directory / "dom0" / "etc" / "pki" / "fwupd").iterdir()}
        self.assertEqual(ours, {"lab-ca.pem", "LVFS-CA.pem"})

    def test_call(self):
        rpc = pathlib.Path(self.info(self.directory)["usb"]["usb-two"]["rpc"])
        (rpc / "lab.Test").write_text("#!/bin/sh\nreadlink /proc/self/ns/net\nexit 3\n")
        (rpc / "lab.Test").chmod(0o755)
        self.assertEqual(self.call("usb-two", "lab.Test"), 3)
        self.assertEqual(self.call("sys-usb", "lab.Test"), NO_SERVICE)
        self.assertEqual(self.call("usb-three", "lab.Test"), NO_QUBE)
        self.lab("stop", self.directory, "usb-two")
        self.assertEqual(self.call("usb-two", "lab.Test"), NO_QUBE)
        self.lab("start", self.directory, "usb-two")
        self.assertEqual(self.call("usb-two", "lab.Test"), 3)

    def test_archive_on_mirror(self):
        """One that somebody else has made is offered as it is."""
        said = self.lab("publish", self.directory, "--cab", CAB)
        file = pathlib.Path(self.info(self.directory)["downloads"]) / said.rpartition("/")[2].strip()
        self.assertEqual(file.read_bytes(), CAB.read_bytes())
        self.assertIn("with its --version", self.lab("publish", self.directory, "--rom", CAB, status=1))

    def test_names(self):
        for names in ("dom0", "a,a", "Sys", "a_b", "sys-usb-and-much-more"):
            self.assertIn("has a name of its own", self.lab("up", self.scratch / "b", "--usb", names, status=1))
        self.assertIn("is none of", self.lab("stop", self.directory, "usb-three", status=1))


class Emulation(labcase.LabCase):
    def test_listed(self):
        lab = self.up("a", "--usb", "sys-usb", "--usb-emulation")
        for name in ("huddly-s1-basic", "framework16-ansi"):
            self.lab("usbvm", lab, "--", "fwupdmgr", "emulation-load", RECORDED / f"{name}-setup.json")
            said = json.loads(self.lab("usbvm", lab, "--", "fwupdmgr", "get-devices", "--json"))
            found = [device for device in said["Devices"] if "emulated" in device["Flags"]]
            self.assertEqual([(device["Plugin"], "updatable" in device["Flags"]) for device in found], [(PLUGINS[name], True)])


if __name__ == "__main__":
    labcase.skip_without_namespaces()
    if not CAB.exists():
        print(f"{CAB} is not there (Debian: fwupd-tests)")
        sys.exit(labcase.SKIP)
    unittest.main(verbosity=2)
