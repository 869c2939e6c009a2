#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Machines whose next boot cannot be forecast: who is asked, what is written, and what is known afterwards."""
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import LAB, NEW, run

NO_TPM = ("MeasuredBoot", "Tcti", "device:/nonexistent")
NO_LOG = ("MeasuredBoot", "EventLog", "/nonexistent")
PREDICTION = ("MeasuredBoot", "Prediction")
# an image that extends the PCR of code twice without an entry in the log
UNLOGGED = ("--set", "TPM_MEASURED_BOOT_INIT_BOOTBLOCK=y", "--set", "USE_OPTION_TABLE=y")


class Unpredicted(productcase.ProductCase):
    def check_written(self, lab, rom, old):
        """The chip is written all the same, and the record says that nothing is known of its boot."""
        self.assertEqual(self.chip(lab).read_bytes(), productcase.composed(old, rom.read_bytes()))
        record = self.records(lab)[-1]
        entry = self.entry(lab, record["record"])
        self.assertEqual((record["state"], entry["basis"], entry["pcrs"]), ("written", "unpredicted", []))
        self.assertEqual(entry["image"], productcase.digest(self.chip(lab)))
        return entry

    def check_person(self, lab, rom, reason):
        """Refused when nobody is there; on a terminal a clear statement, and the person's word counts."""
        old = self.chip(lab).read_bytes()
        self.refused(lab, ["update", "-y"], f"cannot be forecast: .*{reason}.*a person can go on without")
        self.refused(lab, ["update"], f"cannot be forecast: .*{reason}")
        status, said, errors = self.talk(lab, ["update"], "n")
        self.assertEqual(status, 1, said)
        self.assertIn("you said no", errors)
        self.assertEqual((self.states(lab), self.chip(lab).read_bytes()), ([], old))
        status, said, errors = self.talk(lab, ["update"], "y")
        self.assertEqual(status, 0, said + errors)
        self.assertRegex(said, f"what the TPM will say afterwards is not known: .*{reason}")
        self.assertRegex(said, "sealed")
        record = self.check_written(lab, rom, old)
        self.assertRegex(record["whyUnpredicted"], reason)

    def test_no_tpm(self):
        lab = self.board("a")
        rom, _ = self.offer(lab)
        with self.setting(lab, *NO_TPM):
            self.check_person(lab, rom, "the TPM at device:/nonexistent cannot be reached")

    def test_no_log(self):
        lab = self.board("a")
        rom, _ = self.offer(lab)
        with self.setting(lab, *NO_LOG):
            self.check_person(lab, rom, "event log")

    def test_no_value(self):
        """A forecast that says nothing of the PCR of the firmware's code is none."""
        lab = self.board("a")
        rom = self.rom("options.rom", NEW, *UNLOGGED)
        self.publish(lab, rom, NEW)
        self.do(lab, "refresh")
        with self.setting(lab, *PREDICTION, "required"):
            self.refused(lab, ["update", "-y"], "cannot be forecast: PCR 2, .*Prediction=required")
        self.check_person(lab, rom, "without a log entry")

    def test_required(self):
        lab = self.board("a")
        rom, _ = self.offer(lab)
        with self.setting(lab, *PREDICTION, "required"):
            with self.setting(lab, *NO_TPM):
                self.refused(lab, ["update", "-y"], "cannot be forecast: .*Prediction=required")
                status, _, errors = self.talk(lab, ["update"])
                self.assertEqual(status, 1)
                self.assertIn("Prediction=required", errors)
            self.assertEqual(self.states(lab), [])
            old = self.chip(lab).read_bytes()
            self.do(lab, "update", "-y")
        self.assertEqual(self.chip(lab).read_bytes(), productcase.composed(old, rom.read_bytes()))
        self.assertEqual(self.states(lab), ["written"])
        self.assertEqual(self.entry(lab, self.records(lab)[0]["record"])["basis"], "predicted")

    def test_off(self):
        """Nobody is asked, no forecast is made, and the boot is learnt."""
        lab = self.board("a")
        rom, _ = self.offer(lab)
        old = self.chip(lab).read_bytes()
        with self.setting(lab, *PREDICTION, "off"):
            updated = self.ask(lab, "update", "-y")["updated"]
        self.assertEqual([(each["versionTo"], each["prediction"]) for each in updated], [(NEW, None)])
        self.assertIn("Prediction=off", updated[0]["predictionReason"])
        record = self.check_written(lab, rom, old)
        self.assertIn("Prediction=off", record["whyUnpredicted"])
        self.lab("boot", lab)
        self.refused(lab, ["attest"], "--learn")
        self.assertEqual(self.states(lab), ["written"])
        status, said, errors = self.talk(lab, ["attest"], "y")
        self.assertEqual(status, 0, said + errors)
        learned = self.entry(lab, self.records(lab)[-1]["record"])
        self.assertEqual(learned["basis"], "learned")
        self.assertIn((2, "sha256", self.pcr(lab, 2)),
                      [(row["pcr"], row["bank"], row.get("value")) for row in learned["pcrs"]])
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")

    def test_binding(self):
        """A record that foretells nothing is bound as narrowly as any other, and used once."""
        lab = self.board("a")
        _, cab = self.offer(lab)
        with self.setting(lab, *PREDICTION, "off"), self.distrustful_fwupd(lab):
            self.refused(lab, ["update", "-y"], "fwupd says")
        folder = pathlib.Path(self.info(lab)["store"]) / "refvals"
        entry = json.loads((folder / "000001-pending.json").read_text())
        self.assertEqual(entry["basis"], "unpredicted")
        for file in folder.glob("*.json"):
            file.unlink()
        other = self.publish(lab, self.rom("other.rom", "1.2.0"), "1.2.0")
        before = productcase.digest(self.chip(lab))
        (folder / "000001-pending.json").write_text(json.dumps(entry))
        done = self.install(lab, other)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, "another image")
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        done = self.install(lab, cab)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(lab), ["written"])

    def install(self, lab, cab):
        """fwupd's own command line, past all checks of ours but the plugin's."""
        return run(LAB, "dom0", lab, "--", "fwupdmgr", "install", cab, "-y", "--no-reboot-check", timeout=120)


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
