# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of update -> boot -> attest have in common. The TPM is asked by tpm2-tools, never through the product."""
import re

import productcase
from productcase import NEW, OLD


class BootCase(productcase.ProductCase):
    """Machines whose present values are known, so that an update begins with an inspection that finds all well."""

    def machine(self, name, rom=(), up=()):
        """A lab that booted version OLD, made with these options of lab-rom, and learned its values."""
        lab = self.up(name, "--rom", self.rom(f"{name}-old.rom", OLD, *rom), *up)
        self.assertEqual(self.ask(lab, "attest", "--learn", "-y")["result"], "learned")
        return lab

    def update(self, lab, *rom):
        """Offer and install version NEW. Returns its record."""
        image = self.rom(f"{lab.name}-new.rom", NEW, *rom)
        self.publish(lab, image, NEW)
        self.do(lab, "refresh")
        updated = self.ask(lab, "update", "-y")["updated"]
        self.assertEqual([each["versionTo"] for each in updated], [NEW])
        record = self.records(lab)[-1]
        self.assertEqual((record["state"], record["record"]), ("written", updated[0]["record"]))
        self.assertEqual(record["image"], productcase.digest(self.chip(lab)))
        return record

    def values(self, record, status):
        """{(bank, PCR): value} of one status."""
        return {(row["bank"], row["pcr"]): row["value"] for row in record["pcrs"] if row["status"] == status}

    def held(self, lab):
        """{(bank, PCR): value} of the TPM's active banks."""
        values, bank = {}, None
        for line in self.dom0(lab, "tpm2_pcrread").splitlines():
            if head := re.fullmatch(r"  (\w+):", line):
                bank = head[1]
            elif row := re.fullmatch(r"    (\d+) *: 0x([0-9A-F]+)", line):
                values[bank, int(row[1])] = row[2].lower()
        return values

    def passes(self, lab, record, replays=True):
        """This boot is the one that the record promised: in the TPM, and by the product's own word."""
        held = self.held(lab)
        promised = self.values(record, "predicted")
        self.assertEqual({at: held[at] for at in promised}, promised)
        self.assertEqual({at: held[at] for at in self.values(record, "unchanged")}, self.values(record, "unchanged"))
        attested = self.ask(lab, "attest")
        self.assertEqual((attested["result"], attested["record"], attested["logReplays"], attested["differences"]),
                         ("passed", record["record"], replays, []))
        self.assertEqual(self.records(lab)[-1]["state"], "current")
        return promised

    def alarm(self, lab, message, *differ):
        """attest ends with 1 and this message, and names these (bank, PCR) as different."""
        done = self.manager(lab, "attest", "--json")
        self.assertEqual(done.returncode, 1, done.stdout)
        answer = productcase.json.loads(done.stdout)
        self.assertEqual(answer["result"], "mismatch")
        for row in differ:
            self.assertIn(row, [(each["bank"], each["pcr"]) for each in answer["differences"]])
        self.assertRegex(done.stdout + done.stderr, message)
        return answer
