#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Before another firmware is written, the one that runs is attested: chip, log, TPM and reference values."""
import contextlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW

FAILED = "the firmware that runs fails the inspection: "
ACCEPT = "--accept-current-state"


class Inspect(productcase.ProductCase):
    def event_log(self, lab):
        return lab / "dom0" / "eventlog.bin"

    @contextlib.contextmanager
    def changed(self, path, change):
        before = path.read_bytes()
        path.write_bytes(change(before))
        try:
            yield
        finally:
            path.write_bytes(before)

    @staticmethod
    def bootblock(data):
        """The image with one byte of its bootblock changed, where nothing but its digest tells it."""
        areas = productcase.flash_map(data)
        end = sum(areas["COREBOOT"])
        at = end - 4096
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

    def extend(self, lab, pcr):
        self.dom0(lab, "tpm2_pcrextend", f"{pcr}:sha256={'5a' * 32}")

    def check_failed(self, lab, finding, states):
        """Refused without the option, and with it when nobody is there; a person who gives it may go on."""
        self.refused(lab, ["update", "-y"], FAILED + finding)
        self.refused(lab, ["update", "-y", ACCEPT], ACCEPT + " is never unattended")
        self.refused(lab, ["update", ACCEPT], ACCEPT + " is never unattended")
        status, said, errors = self.talk(lab, ["update"])
        self.assertEqual(status, 1, said)
        self.assertRegex(errors, FAILED + finding)
        status, said, errors = self.talk(lab, ["update", ACCEPT], "n")
        self.assertEqual(status, 1, said)
        self.assertRegex(said, "ALARM: .*\n.*" + finding)
        self.assertIn("you said no", errors)
        self.assertEqual(self.states(lab), states)

    def check_accepted(self, lab, finding):
        status, said, errors = self.talk(lab, ["update", ACCEPT], "y")
        self.assertEqual(status, 0, said + errors)
        record = self.records(lab)[-1]
        self.assertEqual(record["state"], "written")
        self.assertRegex(self.entry(lab, record["record"])["reason"], "accepted by a person: .*" + finding)

    def test_first_use(self):
        """Values are shown and adopted with a person's word; unattended nothing is adopted."""
        lab = self.board("a")
        self.offer(lab)
        value = self.pcr(lab, 2)
        status, said, errors = self.talk(lab, ["update"], "n")
        self.assertEqual(status, 1)
        self.assertIn(value, said)
        self.assertIn("you said no", errors)
        self.assertEqual(self.states(lab), [])
        status, said, errors = self.talk(lab, ["update"], "y")
        self.assertEqual(status, 0, said + errors)
        self.assertEqual(self.states(lab), ["current", "written"])
        learned = self.entry(lab, 1)
        self.assertEqual(learned["basis"], "learned")
        self.assertIn((2, "sha256", value), [(row["pcr"], row["bank"], row.get("value")) for row in learned["pcrs"]])
        self.lab("boot", lab)
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        self.assertEqual(self.states(lab), ["superseded", "current"])

    def test_passed(self):
        lab = self.board("a")
        self.offer(lab)
        self.do(lab, "attest", "--learn", "-y")
        inspection = self.ask(lab, "update", "-y")["updated"][0]["inspection"]
        self.assertEqual((inspection["verdict"], inspection["finding"], inspection["record"]), ("passed", None, 1))
        self.assertGreater(min(inspection["objects"], inspection["replayed"], inspection["compared"]), 0)
        self.assertEqual(self.states(lab), ["current", "written"])

    def test_first_use_unattended(self):
        lab = self.board("a")
        self.offer(lab)
        updated = self.ask(lab, "update", "-y")["updated"][0]
        self.assertEqual((updated["versionTo"], updated["inspection"]["verdict"]), (NEW, "first-use"))
        self.assertEqual(self.states(lab), ["written"])

    def test_chip(self):
        """Another bootblock than the one that was measured: somebody wrote to the chip since the boot."""
        lab = self.board("a")
        self.offer(lab)
        self.do(lab, "attest", "--learn", "-y")
        self.chip(lab).write_bytes(self.bootblock(self.chip(lab).read_bytes()))
        finding = r'chip against log: .*"CBFS: bootblock"'
        self.check_failed(lab, finding, ["current"])
        self.check_accepted(lab, finding)

    def test_log(self):
        """One event of the only log swapped."""
        lab = self.board("a")
        self.offer(lab)
        with self.setting(lab, "MeasuredBoot", "EventLog", self.event_log(lab)):
            self.check_log(lab)

    def check_log(self, lab):
        digest = bytes.fromhex(next(event["digests"]["sha256"] for event in self.ask(lab, "eventlog")["events"]
                                    if event["name"] == "CBFS: fallback/ramstage"))
        with self.changed(self.event_log(lab), lambda data: data.replace(digest, bytes(32))):
            self.check_failed(lab, r"chip against log: .*CBFS: fallback/ramstage", [])
        self.extend(lab, 2)
        self.check_failed(lab, r"log against TPM: the log does not replay to PCR 2 of bank sha256", [])

    def test_values(self):
        """Chip, log and TPM agree, but not with what was attested: another firmware boots."""
        lab = self.board("a")
        self.offer(lab)
        self.do(lab, "attest", "--learn", "-y")
        record = self.pcr(lab, 2)
        self.lab("chip", lab, "put", self.rom("other.rom", "1.0.5"))
        self.lab("boot", lab)
        finding = f"TPM against reference values: PCR 2 of bank sha256 is {self.pcr(lab, 2)}, record 1 says {record}"
        self.check_failed(lab, finding, ["current"])
        self.check_accepted(lab, finding)

    def test_tpm_gone(self):
        """A TPM that had values and cannot be asked any more is no machine without a TPM."""
        lab = self.board("a")
        self.offer(lab)
        self.do(lab, "attest", "--learn", "-y")
        with self.setting(lab, "MeasuredBoot", "Tcti", "device:/nonexistent"):
            self.check_failed(lab, "there are reference values, but no TPM to compare", ["current"])
        self.do(lab, "update", "-y")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
