#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What fwupd says of an update afterwards: history, results, metadata of its report, and when it takes no other."""

import contextlib
import hashlib
import json
import sqlite3
import subprocess
import sys

sys.dont_write_bytecode = True

from daemon import BUS_NAME, main
from machine import NEW, OLD, MachineCase, compose
from qfulab import board

NEEDS_REBOOT, SUCCESS, FAILED = 4, 2, 3  # FwupdUpdateState
LATER_BOOT = "9f0c9b52-5a3c-4b56-a1b3-3f1ee0a2b3c4"


class History(MachineCase):
    def history(self):
        found = json.loads(self.run_tool("fwupdmgr", "get-history", "--json"))["Devices"]
        self.assertEqual([each["DeviceId"] for each in found], [self.device])
        return found[0]

    def results(self):
        return json.loads(self.run_tool("fwupdmgr", "get-results", "--json", self.device))

    def report(self):
        """What of the release's metadata is ours."""
        metadata = self.history()["Releases"][0]
        return {key[len("QubesFwupd"):]: value for key, value in metadata.items() if key.startswith("QubesFwupd")}

    def update(self, version=NEW):
        self.stage(version)
        self.install(version)

    def reboot(self, version):
        """fwupd starts anew, in a boot that began at another time, of firmware that calls itself version."""
        self.stop_fwupd()
        (database,) = self.dir.glob("state/lib/fwupd/pending.db")
        with contextlib.closing(sqlite3.connect(database)) as db, db:
            (metadata,) = db.execute("SELECT metadata FROM history").fetchone()
            changed = ";".join("BootTime=1" if item.startswith("BootTime=") else item for item in metadata.split(";"))
            self.assertNotEqual(changed, metadata)
            db.execute("UPDATE history SET metadata = ?", (changed,))
        (self.dir / "boot_id").write_text(LATER_BOOT + "\n")
        self.start_fwupd({**board.names(self.roms[OLD]), "BiosVersion": version})

    def journal(self, state):
        """Gives the last write of the journal another state, as a cut leaves it."""
        path = sorted((self.dir / "refs" / "flash").glob("*.json"))[-1]
        entry = json.loads(path.read_text())
        entry["state"] = state
        changed = path.with_suffix(".tmp")
        changed.write_text(json.dumps(entry) + "\n")
        changed.rename(path)

    def watch_fwupd(self):
        """fwupd's signals from now on, a line each."""
        monitor = self.spawn("monitor", "busctl", "--system", "monitor", BUS_NAME, env=self.environment(),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines = (line.decode() for line in monitor.stdout)
        for line in lines:
            if "Monitoring" in line:
                return lines
        return self.fail("the bus is not watched")

    def test_before_the_reboot(self):
        expected = compose(self.chip, self.roms[NEW])
        self.update()
        self.assertEqual(self.history()["UpdateState"], NEEDS_REBOOT)
        report = self.report()
        self.assertEqual((report["Programmer"], report["Layout"], report["Record"]), ("dummy", "auto", "1"))
        self.assertEqual(report["OldImage"], hashlib.sha256(self.before).hexdigest())
        self.assertEqual(report["NewImage"], hashlib.sha256(expected).hexdigest())
        self.assertNotIn("Outcome", report)

    def test_success(self):
        self.update()
        self.flip("RW_MRC_CACHE")
        self.reboot(NEW)
        self.assertEqual(self.history()["UpdateState"], SUCCESS)
        report = self.report()
        self.assertRegex(report["Outcome"], "^the chip holds the new firmware, no boot was attested yet")
        self.assertEqual((report["WriteState"], report["RecordState"]), ("new", "written"))
        self.assertGreater(int(report["BytesWritten"]), 0)
        self.assertEqual(self.results()["UpdateState"], SUCCESS)

    def test_another_version_started(self):
        self.update()
        self.reboot(OLD)
        found = self.results()
        self.assertEqual(found["UpdateState"], FAILED)
        self.assertRegex(found["UpdateError"], "another version has started: shut the machine down")

    def test_same_version_of_other_firmware(self):
        self.update()
        self.flip("COREBOOT")
        self.reboot(NEW)
        found = self.results()
        self.assertEqual(found["UpdateState"], FAILED)
        self.assertRegex(found["UpdateError"], "holds neither the old nor the new firmware")
        self.assertEqual(self.devices()[0]["Version"], NEW)

    def test_rolled_back(self):
        self.update()
        self.chip.write_bytes(self.before)
        self.journal("old")
        self.reboot(OLD)
        found = self.results()
        self.assertEqual(found["UpdateState"], FAILED)
        self.assertRegex(found["UpdateError"], "the chip holds the old firmware")

    def test_no_write_beside_an_unfinished_one(self):
        self.update()
        self.journal("neither")
        self.reboot(NEW)
        device = self.devices()[0]
        self.assertIn("updatable-hidden", device["Flags"])
        self.assertNotIn("updatable", device["Flags"])
        self.assertIn("`qubes-fwupdmgr recover`", device["UpdateError"])
        self.assertEqual(self.results()["UpdateState"], FAILED)
        self.assertRegex(self.install(OLD, status=1, more=["--allow-older"]), "recover")

    def test_finished_while_fwupd_runs(self):
        self.update()
        self.journal("neither")
        self.reboot(NEW)
        self.assertNotIn("updatable", self.devices()[0]["Flags"])
        signals = self.watch_fwupd()
        self.journal("new")
        for line in signals:
            if "DeviceChanged" in line and "updatable" in self.devices()[0]["Flags"]:
                return
        self.fail("fwupd went away")


main()
