#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""attest as its unit runs it at boot: with the unit's capabilities and system calls, nobody there, and a journal."""
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import productcase
import unitcase
from productcase import ROOT

SERVICE = unitcase.Unit("attest")
IDS = {
    "passed": ("49cb98d7743547e38a70c1af7b3932e3", "6"),
    "mismatch": ("520c8e829a26462dbfde7adbb4e6489c", "2"),
    "unsettled": ("22fa1a1acaa24541a25bcbb277b452e8", "4"),
    "error": ("6db22484a3f84a11a136e845ebb39723", "2"),
    "waiting": ("5ffed7e8c57f4f1caed447eb5d55f1d6", "5"),
}


class Service(bootcase.BootCase):
    def unit(self, lab):
        """Returns status, text, and entries of the journal."""
        status, said, errors, entries = SERVICE.run(lab, self.scratch)
        return status, said + errors, entries

    def check(self, lab, status, result, message, **more):
        returned, text, entries = self.unit(lab)
        self.assertEqual(returned, status, text)
        self.assertRegex(text, message)
        self.assertEqual([entry["QFU_RESULT"] for entry in entries], [result], text)
        entry = entries[0]
        self.assertEqual((entry["MESSAGE_ID"], entry["PRIORITY"]), IDS[result])
        self.assertEqual(entry["SYSLOG_IDENTIFIER"], SERVICE.setting("SyslogIdentifier")[0])
        self.assertEqual({name: entry.get(name) for name in more}, more)
        outcome = self.ask(lab, "refvals")["attestation"]
        self.assertEqual(outcome["result"], result)
        return entry

    def test_boots(self):
        lab = self.machine("a")
        self.check(lab, 0, "passed", r"replays to the PCRs\n(.|\n)*attestation passed", QFU_RECORD="1", QFU_CAUSE=None)
        record = self.update(lab)
        self.check(lab, 2, "passed", "has not booted yet")
        self.lab("boot", lab)
        self.check(lab, 0, "passed", "attestation passed", QFU_RECORD=str(record["record"]), QFU_VERSION=productcase.NEW)
        self.assertEqual(self.states(lab), ["superseded", "current"])

        # one that nobody foresaw: the alarm, each time, and nothing is adopted
        before = self.records(lab)
        self.lab("boot", lab, "--path", "noacpi")
        for _ in range(2):
            entry = self.check(lab, 1, "mismatch", "ALARM", QFU_CAUSE="other-firmware")
            self.assertIn("not the one that was attested last", entry["MESSAGE"])
        self.assertEqual(self.records(lab), before)

        # a TPM that is gone is no way round
        with self.setting(lab, "MeasuredBoot", "Tcti", "device:/nonexistent"):
            self.check(lab, 1, "error", "cannot be compared", QFU_CAUSE="no-pcrs")
        self.assertEqual(self.records(lab), before)

    def test_unpredicted(self):
        """Without values nothing is passed, nothing is learned, and the text says what to do."""
        lab = self.machine("a")
        rom = self.rom("new.rom", productcase.NEW)
        self.publish(lab, rom, productcase.NEW)
        self.do(lab, "refresh")
        with self.setting(lab, "MeasuredBoot", "Prediction", "off"):
            self.do(lab, "update", "-y")
        self.lab("boot", lab)
        before = self.records(lab)
        self.assertEqual([record["basis"] for record in before], ["learned", "unpredicted"])
        self.check(lab, 1, "unsettled", "attest --learn", QFU_RECORD=str(before[1]["record"]))
        self.assertEqual(self.records(lab), before)
        # neither does -y without --learn; a person can say no and yes
        self.refused(lab, ["attest", "-y"], "attest --learn")
        status, said, errors = self.talk(lab, ["attest"], "n")
        self.assertEqual(status, 1)
        self.assertIn("you said no", errors)
        self.assertEqual(self.records(lab), before)
        status, said, errors = self.talk(lab, ["attest"], "y")
        self.assertEqual(status, 0, said + errors)
        held = self.held(lab)
        untouched = [str(pcr) for pcr in range(8) if not int(held["sha256", pcr], 16)]
        self.assertRegex(said, rf"nothing was measured into .*PCR {' '.join(untouched)} of bank sha256")
        for pcr in set(range(8)) - set(map(int, untouched)):
            self.assertIn(f"PCR {pcr} sha256 {held['sha256', pcr]}", said)
        records = self.records(lab)
        self.assertEqual([record["state"] for record in records], ["superseded", "superseded", "current"])
        learned = records[2]
        self.assertEqual((learned["basis"], learned["versionTo"], learned["image"]),
                         ("learned", productcase.NEW, before[1]["image"]))
        self.assertEqual({row["source"] for row in learned["pcrs"]}, {"measured"})
        self.assertEqual({(row["bank"], row["pcr"]): row["value"] for row in learned["pcrs"]},
                         {(bank, pcr): value for (bank, pcr), value in held.items() if pcr < 8 or 17 <= pcr <= 22})
        self.check(lab, 0, "passed", "attestation passed for version|attestation passed")

    def test_messages(self):
        """The manuals name each identifier, and no other."""
        manual = "".join(path.read_text() for path in (ROOT / "data" / "man").glob("*.[18]"))
        source = (ROOT / "dom0" / "attest" / "qfu-journal.c").read_text()
        found = set(re.findall(r'"([0-9a-f]{32})"', source))
        self.assertLessEqual({number for number, _ in IDS.values()}, found)
        self.assertEqual(set(re.findall(r"\b[0-9a-f]{32}\b", manual)), found)


if __name__ == "__main__":
    unitcase.needs()
    unittest.main(verbosity=2)
