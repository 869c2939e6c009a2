#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An update of a device in a USB qube, from the first question to the last, with agents that say what a test wants."""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import usbcase
import schemacase       # in a folder that usbcase knows
from labcase import LAB, processes_with
from usbcase import CAB, FIRST, GUID, LAST, WEBCAM

HERE = pathlib.Path(__file__).resolve().parent
UPDATABLE, NEEDS_REBOOT, ALL_RELEASES, KEYBOARD, ELSEWHERE, BOOTLOADER = (1 << bit for bit in (0, 2, 8, 10, 11, 12))
DOMAIN = "sys-usb"
SECONDS = 60
LISTING, INSTALL = "qubes.FwupdDevices", "qubes.FwupdInstall"
TYPES = "fffffffffffffffe\n"


class UsbFlow(usbcase.UsbCase):
    def setUp(self):
        super().setUp()
        self.liar = self.scratch / "liar"
        self.liar.mkdir()
        for service in (LISTING, INSTALL):
            words = ["/usr/bin/python3", "-B", HERE / "usbliar.py", self.liar, service]
            self.replace_service(service, f"#!/bin/sh\nexec {shlex.join(map(str, words))}\n")
        self.plan([{}])

    def renew(self, *names):
        """Nobody asks the fwupd of the qube."""

    def plan(self, devices, **more):
        """What the qube says from now on."""
        (self.liar / "plan.json").write_text(json.dumps({"devices": devices, **more}))
        for name in ("calls", "pushed", "gate"):
            (self.liar / name).unlink(missing_ok=True)

    def calls(self):
        calls = self.liar / "calls"
        return calls.read_text().split() if calls.exists() else []

    def refused(self, *words, says):
        """Nothing was handed over."""
        self.fails(*words, says=says)
        self.assertEqual(self.calls(), [LISTING])

    def update(self, *words):
        return self.manager(self.machine, "update", "-y", *words)

    def kept(self):
        """What was written down of devices that were read back."""
        if not self.marks().exists():
            return []
        said = json.loads(self.marks().read_text())
        schemacase.validator("usb-versions").validate(said)
        return [(each["domain"], each["deviceId"], each["guid"], each["version"]) for each in said["devices"]]

    def give_dom0_a_webcam(self):
        """The same device at dom0 itself, whose fwupd knows LVFS, too."""
        conf = pathlib.Path(self.facts["fwupd_conf"])
        self.addCleanup(self.restart_fwupd, self.machine)
        self.addCleanup(conf.write_text, conf.read_text())
        conf.write_text(conf.read_text().replace("[fwupd]\n", "[fwupd]\nTestDevices=true\n"))
        self.restart_fwupd(self.machine)

    def test_file_for_dom0(self):
        """A file that dom0's own device does not take goes to a qube's of the same kind only when that is named."""
        self.give_dom0_a_webcam()
        self.plan([{}, {"version": LAST}])
        self.do(self.machine, "install", CAB, "-y")
        self.assertEqual(self.calls(), [LISTING])
        self.plan([{}, {"version": LAST}])
        self.refused("install", CAB, "-y", says="it is the present version")
        self.plan([{}, {"version": LAST}])
        self.do(self.machine, "install", CAB, f"--device={DOMAIN}:{WEBCAM}", "-y")
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING])

    def test_whole_way(self):
        self.plan([{}, {"version": LAST}], actions=[1, 1, 6])
        done = self.update()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING])
        self.assertEqual((self.liar / "pushed").read_bytes(), CAB.read_bytes())
        for text in (f"{DOMAIN}: Integrated Webcam: {FIRST} -> {LAST} (remote lab)",
                     f"device and version as reported by {DOMAIN}", "  urgency     medium",
                     f"{LAST} is installed, and was read back from {DOMAIN}"):
            self.assertIn(text, done.stdout)
        self.assertNotIn("ACME", done.stdout, "the vendor is the metadata's word")
        self.assertEqual([line for line in done.stderr.splitlines() if "Webcam" in line],
                         [f"{DOMAIN}: Integrated Webcam: take it out and plug it in again",
                          f"{DOMAIN}: Integrated Webcam: do not switch it off"])
        self.assertEqual(self.kept(), [(DOMAIN, WEBCAM, GUID, LAST)])

    def test_chatterbox(self):
        """A qube that asks for ever more does not fill the screen."""
        self.plan([{}, {"version": LAST}], actions=[1, 3] * 500)
        done = self.update()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertLess(len(done.stderr.splitlines()), 20)

    def test_gone_in_the_middle(self):
        """Nobody knows whether it writes: that is said, and nothing is kept as read back."""
        self.plan([{}], dies=True)
        self.fails("update", "-y", says=f"{DOMAIN}: Integrated Webcam: .*the write may still go on: leave the device")
        self.assertEqual(self.calls(), [LISTING, INSTALL])
        self.assertEqual(self.kept(), [])

    def test_json(self):
        self.plan([{}, {"version": LAST}])
        said = json.loads(self.update("--json").stdout)
        self.assertEqual([(each["domain"], each["deviceId"], each["versionFrom"], each["versionTo"], each["record"])
                          for each in said["updated"]], [(DOMAIN, WEBCAM, FIRST, LAST, 0)])

    def test_rehearsal(self):
        done = self.update("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"dry run: {LAST} would be handed to {DOMAIN}; nothing was written", done.stdout)
        self.assertEqual(self.calls(), [LISTING])
        self.assertEqual(self.kept(), [])

    def test_no(self):
        status, _, errors = self.talk(self.machine, ["update"], "n")
        self.assertEqual(status, 1, errors)
        self.assertEqual(self.calls(), [LISTING])

    def test_attached_elsewhere(self):
        self.plan([{"flags": UPDATABLE | ELSEWHERE}])
        self.refused("update", "-y", says="sys-usb has attached it to another qube; `qvm-usb` says to which")

    def test_only_keyboard(self):
        none = self.scratch / "input"
        none.mkdir()
        self.plan([{"flags": UPDATABLE | KEYBOARD}], keyboards=1)
        with self.setting(self.machine, "Paths", "Input", none):
            self.refused("update", "-y", says="it is the only keyboard of this machine and its USB qubes")
        keys = none / "input0" / "capabilities"
        keys.mkdir(parents=True)
        (keys / "key").write_text(TYPES)
        self.plan([{"flags": UPDATABLE | KEYBOARD}, {"version": LAST}], keyboards=1)
        with self.setting(self.machine, "Paths", "Input", none):
            self.assertEqual(self.update().returncode, 0)

    def test_another_version_afterwards(self):
        for version in (FIRST, "1.2.3"):
            self.plan([{}, {"version": version}])
            self.fails("update", "-y", says=f"sys-usb reports that version {LAST} was installed, but the device reports "
                                            f"{version}")
            self.assertEqual(self.kept(), [])

    def test_takes_its_time(self):
        """It is away for a while, and then in its bootloader for a while."""
        self.plan([{}, None, {"flags": UPDATABLE | BOOTLOADER}, {"version": LAST}])
        self.assertEqual(self.update().returncode, 0)
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING, LISTING, LISTING])

    def test_does_not_come_back(self):
        self.plan([{}, None])
        self.fails("update", "-y", says=f"sys-usb reports that version {LAST} was installed, but the device has not come "
                                        "back after 30 seconds")

    def test_takes_effect_later(self):
        self.plan([{"flags": UPDATABLE | NEEDS_REBOOT}])
        done = self.update()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{LAST} is installed; it takes effect when its USB qube was restarted", done.stdout)
        self.assertEqual(self.calls(), [LISTING, INSTALL])

    def test_understated(self):
        """What was read back once is not believed to have gone back by itself."""
        self.plan([{}, {"version": LAST}])
        self.assertEqual(self.update().returncode, 0)
        self.plan([{"version": "1.2.3"}, {"version": LAST}])
        self.refused("update", "-y", says=f"sys-usb reports version 1.2.3, but {LAST} was read back from this device")
        self.plan([{"version": "1.2.3"}, {"version": LAST}])
        self.assertEqual(self.update("--allow-older").returncode, 0)

    def test_whose_word(self):
        """No line begins with what a qube calls its device, also where nothing is offered."""
        self.plan([{"name": "dom0: System Firmware", "flags": UPDATABLE | ALL_RELEASES}])
        self.refused("update", "-y", says=f"{DOMAIN}: dom0: System Firmware: there is newer firmware")

    def test_details_without_the_qube(self):
        """What metadata name a cabinet for is not known of a qube that does not answer."""
        (pathlib.Path(self.qube()["rpc"]) / LISTING).unlink()
        done = self.manager(self.machine, "get-details", CAB)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"warning: {DOMAIN}: ", done.stderr)

    def test_certain_version(self):
        self.plan([{"flags": UPDATABLE | ALL_RELEASES}, {"version": LAST, "flags": UPDATABLE | ALL_RELEASES}])
        self.do(self.machine, "install", "-y", f"{DOMAIN}:{WEBCAM}", LAST)
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING])
        self.plan([{"version": LAST}])
        self.do(self.machine, "reinstall", "-y", WEBCAM)
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING])

    def test_file(self):
        """One that metadata name is as good as a fetched one; another is for devices of dom0 alone."""
        self.plan([{}, {"version": LAST}])
        self.do(self.machine, "install", "-y", CAB)
        self.assertEqual(self.calls(), [LISTING, INSTALL, LISTING])
        self.plan([{"version": "1.2.0"}])
        status, _, errors = self.talk(self.machine, ["install", "--local", usbcase.OLDER_CAB])
        self.assertEqual(status, 1)
        self.assertIn("what goes to a USB qube has to be named by verified metadata", errors)
        self.assertEqual(self.calls(), [LISTING])

    def test_not_signed_inside(self):
        """The metadata name it, and the authorities of its remote do not."""
        with self.setting(self.machine, "Remote lab", "FirmwareKeys", self.other_authority()):
            self.refused("update", "-y", says="what is in it is not signed as it has to be")

    def other_authority(self):
        """A folder with one authority, that has signed nothing."""
        folder = self.scratch / "authority"
        folder.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Other", "-days", "10",
                        "-keyout", self.scratch / "key.pem", "-out", folder / "ca.pem"], check=True, capture_output=True)
        return folder

    def start(self):
        """An update that has been begun, and its process in the lab."""
        process = subprocess.Popen([str(LAB), "dom0", str(self.machine), "--", "qubes-fwupdmgr", "update", "-y"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, what):
        end = time.monotonic() + SECONDS
        while not what():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def manager_of(self, process):
        """The process id of qubes-fwupdmgr below this one."""
        below = [process.pid]
        for pid in below:
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                below += map(int, task.read_text().split())
        return next(pid for pid in below
                    if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("qubes-fwupdmgr"))

    def test_signal_before_the_last_byte(self):
        self.plan([{}], silent=True)
        process = self.start()
        self.wait_for(lambda: INSTALL in self.calls())
        os.kill(self.manager_of(process), signal.SIGINT)
        said, _ = process.communicate(timeout=SECONDS)
        self.assertNotIn("installed", said)
        self.assertNotEqual(process.returncode, 0)
        self.wait_for(lambda: not processes_with(str(self.liar)))
        self.assertFalse((self.liar / "pushed").exists())

    def test_signal_after_the_last_byte(self):
        """It is told how that went, before it ends by the signal."""
        self.plan([{}, {"version": LAST}], gate=True)
        process = self.start()
        self.wait_for((self.liar / "pushed").exists)
        manager = self.manager_of(process)
        os.kill(manager, signal.SIGINT)
        (self.liar / "gate").touch()
        said, errors = process.communicate(timeout=SECONDS)
        self.assertIn(f"{LAST} is installed, and was read back", said, errors)
        self.assertEqual(self.kept(), [(DOMAIN, WEBCAM, GUID, LAST)])


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
