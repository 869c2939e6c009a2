#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an update of the chip says and asks for before it writes: power, a rehearsal, a copy for a person's own drawer."""
import contextlib
import pathlib
import re
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

    def test_backup(self):
        """The chip's contents are on a disk before the question, and RECOVERY.txt brings them back."""
        lab = self.ready()
        before = productcase.digest(self.chip(lab))
        stick = self.scratch / "stick"
        self.refused(lab, ["update", "-y", "--backup-to", stick], "there is no folder .*; mount the medium")
        stick.mkdir()
        self.refused(lab, ["update", "-y", "--backup-to", "/proc/self"], "not written without a backup: /proc/self/")
        said = self.do(lab, "update", "-y", "--backup-to", stick)
        asked = said.index("installing; this is not interrupted")
        kept = pathlib.Path(self.info(lab)["store"]) / "images" / f"{before}.rom"
        for words in (f"backup of the chip: {kept}", f"SHA-256 {before}", f"copied and read back: {stick}/{before}.rom",
                      "qubes-fwupdmgr recover", f"-w {before}.rom", "step 1 of "):
            self.assertLess(said.index(words), asked, words)
        for file in (kept, stick / f"{before}.rom"):
            self.assertEqual(productcase.digest(file), before)
            self.assertEqual(file.stat().st_mode & 0o077, 0)
        self.assertEqual({path.name for path in stick.iterdir()}, {f"{before}.rom", "RECOVERY.txt"})
        self.follow(lab, stick)
        self.assertEqual(productcase.digest(self.chip(lab)), before)

    def follow(self, lab, stick):
        """The steps of RECOVERY.txt for a machine that does not start, by the programmer that this chip has."""
        text = (stick / "RECOVERY.txt").read_text(encoding="ascii")
        commands = [line.strip() for line in text.partition("DOES NOT START")[2].splitlines() if line.startswith("     ")]
        programmer = self.info(lab)["programmer"]
        model = re.search(r"(?m)^Model=(.*)$", pathlib.Path(self.info(lab)["config"]).read_text())[1]
        ended = ["qubes-fwupdmgr recover", "qubes-fwupdmgr attest"]
        self.assertEqual(commands[-2:], ended)
        for command in commands[:-2]:
            command = command.replace("PROGRAMMER", programmer)
            if " -c " not in command and command.startswith("flashrom"):
                command += f" -c '{model}'"       # as step 3 says for a chip that several models fit
            done = productcase.run("sh", "-c", command, cwd=stick)
            self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        self.assertIn("VERIFIED", done.stdout)

    def test_json(self):
        lab = self.ready()
        before = productcase.digest(self.chip(lab))
        updated = self.ask(lab, "update", "-y")["updated"][0]
        self.assertEqual(updated["backup"], {"path": f"{self.info(lab)['store']}/images/{before}.rom", "sha256": before,
                                             "size": self.chip(lab).stat().st_size, "copy": None})
        self.assertGreater(len(updated["steps"]), 0)
        self.assertEqual(sum(step["bytes"] for step in updated["steps"]), updated["bytesToWrite"])
        self.assertTrue(any(step["window"] for step in updated["steps"]))

    def test_question(self):
        """What a person has to know stands right before the question: what a cut can do is part of it."""
        lab = self.ready()
        before = productcase.digest(self.chip(lab))
        status, said, _ = self.talk(lab, ["update"], "n")
        self.assertEqual(status, 1)
        summary = said[said.rindex("Lab Board: 1.0.0 -> 1.1.0\n"):].splitlines()
        facts = dict(line.strip().split("  ", 1) for line in summary[1:-1] if line.startswith("  "))
        facts = {name: fact.strip() for name, fact in facts.items()}
        self.assertEqual(facts["urgency"], "high")
        self.assertEqual(facts["in effect"], "after a reboot")
        self.assertEqual(facts["PCRs"], "2 changes")
        self.assertEqual(facts["secrets"], "none is sealed to the TPM")
        self.assertEqual(facts["takes"], "about 2 min, by the vendor's word")
        self.assertEqual(facts["backup"], f"{self.info(lab)['store']}/images/{before}.rom")
        self.assertRegex(facts["risk"], r"^a power cut while .*COREBOOT.* is written leaves a machine that does not start "
                         r"without an external programmer$")
        self.assertIn("Install 1.1.0 on Lab Board? [y/N] ", said)
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), ["current"])


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
