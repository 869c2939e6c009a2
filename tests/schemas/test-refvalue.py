#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the store writes is what schemas/refvalue.schema.json says, and the schema says no to more.

usage: test-refvalue.py WRITE_REFVALS
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

from schemacase import validator, with_value

STATES = ["pending", "consumed", "written", "current", "superseded", "failed", "abandoned"]


class Refvalues(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator("refvalue")
        cls.entries = {}
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([WRITER, folder], check=True)
            for name in sorted(os.listdir(f"{folder}/refvals")):
                if name.startswith("."):
                    continue
                with open(f"{folder}/refvals/{name}", encoding="ascii") as file:
                    cls.entries[name] = json.load(file)

    def test_entries_are_valid(self):
        for name, entry in self.entries.items():
            with self.subTest(name):
                self.validator.validate(entry)

    def test_every_state_is_there(self):
        self.assertEqual({e["state"] for e in self.entries.values()}, set(STATES))

    def test_names_say_what_is_inside(self):
        numbers = []
        for name, entry in self.entries.items():
            number, state = re.fullmatch(r"(\d{6})-([a-z]+)\.json", name).groups()
            numbers.append(int(number))
            self.assertEqual((int(number), state), (entry["sequence"], entry["state"]))
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def assert_invalid(self, entry, path, value):
        with self.subTest(path=path, value=value):
            self.assertFalse(self.validator.is_valid(with_value(entry, path, value)))

    def test_first_entry_needs_every_member(self):
        first = self.entries["000001-pending.json"]
        for member in first:
            if member != "basis":
                self.assert_invalid(first, [member], None)
            self.assert_invalid(first, [member], True)

    def with_basis(self, basis, state):
        return next(entry for entry in self.entries.values()
                    if (entry.get("basis"), entry["state"]) == (basis, state))

    def test_entries_from_before_basis(self):
        for basis, state in (("predicted", "pending"), ("learned", "current")):
            entry = copy.deepcopy(self.with_basis(basis, state))
            for member in ("basis", "whyUnpredicted", "manifest"):
                del entry[member]
            for row in entry["pcrs"]:
                del row["source"]
            self.validator.validate(entry)

    def test_unfit_bases(self):
        for basis, path, value in [
                ("predicted", ["image"], ""),
                ("predicted", ["oldChip"], ""),
                ("predicted", ["basis"], "learned"),
                ("predicted", ["whyUnpredicted"], "no TPM"),
                ("unpredicted", ["whyUnpredicted"], ""),
                ("unpredicted", ["basis"], "predicted"),
                ("unpredicted", ["basis"], "declared"),
                ("declared", ["whyUnpredicted"], ""),
                ("declared", ["pcrs"], []),
                ("declared", ["cab"], ""),
        ]:
            self.assert_invalid(self.with_basis(basis, "pending"), path, value)
        learned = self.with_basis("learned", "current")
        for basis in ("predicted", "unpredicted", "declared"):
            self.assert_invalid(learned, ["basis"], basis)

    def test_unfit_values(self):
        first = self.entries["000001-pending.json"]
        for path, value in [
            (["schema"], "qubes-fwupd-refvalue-2"),
            (["state"], "done"),
            (["state"], "consumed"),
            (["time"], -1),
            (["record"], 0),
            (["reason"], "tab\t"),
            (["image"], ""),
            (["image"], first["image"].upper()),
            (["cab"], first["cab"][1:]),
            (["pcrs", 0, "pcr"], 24),
            (["pcrs", 0, "bank"], "sm3"),
            (["pcrs", 0, "bank"], "sha1"),
            (["pcrs", 0, "status"], "sure"),
            (["pcrs", 0, "value"], None),
            (["pcrs", 0, "source"], None),
            (["pcrs", 0, "source"], "luck"),
            (["manifest"], "0"),
            (["pcrs", 0, "more"], 1),
            (["pcrs", 2, "value"], first["image"]),
            (["more"], 1),
        ]:
            self.assert_invalid(first, path, value)

    def test_move_has_nothing_else(self):
        move = self.entries["000002-consumed.json"]
        self.assert_invalid(move, ["image"], "0" * 64)
        self.assert_invalid(move, ["state"], "pending")
        for member in move:
            self.assert_invalid(move, [member], None)


if __name__ == "__main__":
    WRITER = sys.argv.pop(1)
    unittest.main(verbosity=2)
