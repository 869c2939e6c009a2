#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an update of the chip says and asks for before it writes: power, a rehearsal, a copy for a person's own drawer."""
import contextlib
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD


class Write(productcase.ProductCase):
    @contextlib.contextmanager
    def power(self, lab, **supplies):
        """The machine has these supplies, as the kernel lists them, for a while."""
        folder = lab / "dom0" / "power"
        for name, attributes in supplies.items():
            (folder / name).mkdir(parents=True)
            for key, value in attributes.items():
                (folder / name / key).write_text(f"{value}\n")
        try:
            yield
        finally:
            shutil.rmtree(folder)

    def ready(self):
        lab = self.board("a")
        self.do(lab, "attest", "--learn", "-y")
        self.offer(lab)
        return lab

    def test_power(self):
        lab = self.ready()
        battery = {"type": "Battery", "capacity": 20, "status": "Discharging"}
        for name, mains, message in (("battery", 0, r"--force would.*runs on its battery; connect it"),
                                     ("low", 1, r"holds 20%, and \[Chip\] MinimumBattery asks for 30%")):
            with self.subTest(name), self.power(lab, AC={"type": "Mains", "online": mains}, BAT0=battery):
                self.refused(lab, ["update", "-y"], message)
                self.refused(lab, ["update", "--dry-run"], message)
        with self.power(lab, AC={"type": "Mains", "online": 0}, BAT0=battery):
            done = self.manager(lab, "update", "-y", "--force")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("warning: the machine runs on its battery", done.stderr)
        self.assertEqual(self.states(lab)[-1], "written")

    def test_dry_run(self):
        lab = self.ready()
        before = productcase.digest(self.chip(lab))
        said = self.do(lab, "update", "--dry-run")
        self.assertIn(f"dry run: {NEW} would be installed; nothing was erased or written", said)
        self.assertIn("PCR 2", said)
        rehearsed = self.ask(lab, "update", "--dry-run")["updated"]
        self.assertEqual([(each["dryRun"], each["versionFrom"], each["versionTo"], each["record"]) for each in rehearsed],
                         [(True, OLD, NEW, 0)])
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), ["current"])
        updated = self.ask(lab, "update", "-y")["updated"]
        self.assertEqual([each["dryRun"] for each in updated], [False])
        self.assertEqual(self.states(lab)[-1], "written")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
