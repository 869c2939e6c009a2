#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the journal writes is what schemas/flashjournal.schema.json says, and the schema says no to more.

usage: test-flashjournal.py WRITE_FLASHJOURNAL
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

from schemacase import validator, with_value

STATES = ["intent", "new", "old", "neither"]


class FlashJournal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator("flashjournal")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([WRITER, folder], check=True)
            files = sorted(pathlib.Path(folder, "flash").glob("*.json"))
            cls.entries = {file.name: json.loads(file.read_text(encoding="ascii")) for file in files}

    def test_what_is_written(self):
        self.assertEqual([entry["state"] for entry in self.entries.values()], STATES)
        for name, entry in self.entries.items():
            with self.subTest(name):
                self.validator.validate(entry)
                self.assertEqual(name, f"{entry['entry']:06}.json")

    def test_members(self):
        entry = self.entries["000001.json"]
        for member in entry:
            for value in (None, True):
                with self.subTest(member=member, value=value):
                    self.assertFalse(self.validator.is_valid(with_value(entry, [member], value)))

    def test_unfit_values(self):
        entry = self.entries["000001.json"]
        for path, value in [
            (["schema"], "qubes-fwupd-flashjournal-2"),
            (["state"], "done"),
            (["entry"], 0),
            (["size"], 67108865),
            (["reason"], "tab\t"),
            (["oldImage"], ""),
            (["newImage"], entry["newImage"].upper()),
            (["steps", 0, "window"], 1),
            (["steps", 0, "ranges"], []),
            (["steps", 0, "ranges", 0], [0, 4095]),
            (["steps", 0, "ranges", 0], [1, 4096]),
            (["steps", 0, "ranges", 0], [0]),
            (["steps", 0, "ranges", 0], [0, 4096, 1]),
            (["steps", 0, "more"], 1),
            (["preserved", 0], [0, 0]),
            (["unread", 0], [-1, 1]),
            (["more"], 1),
        ]:
            with self.subTest(path=path, value=value):
                self.assertFalse(self.validator.is_valid(with_value(entry, path, value)))


if __name__ == "__main__":
    WRITER = sys.argv.pop(1)
    unittest.main(verbosity=2)
