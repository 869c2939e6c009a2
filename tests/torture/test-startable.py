#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What judges whether a machine would start is held against cbfstool, and against damage whose effect is known."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))

from qfutorture import images, startable, trial
from qfutorture.machine import Cut

# cbfstool is where an ordinary user's PATH does not lead
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
LAYOUTS = {row.name: row for row in images.LAYOUTS}


class Startable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-startable-")
        cls.addClassCleanup(scratch.cleanup)
        cls.dir = pathlib.Path(scratch.name)
        cls.pairs = {name: images.make_pair(cls.dir / str(number), row)
                     for number, (name, row) in enumerate(LAYOUTS.items())}

    def can_start(self, name, chip):
        return startable.can_start(bytes(chip), self.pairs[name].versions())

    def damaged(self, name, area, at=0, length=16):
        """The old contents with some bytes of an area gone, and whether that starts."""
        pair = self.pairs[name]
        chip = bytearray(pair.old)
        offset = startable.areas(pair.old)[area][0] + at
        chip[offset:offset + length] = b"\0" * length
        return self.can_start(name, chip)

    def file_at(self, name, file):
        """Where the contents of a file of COREBOOT lie in it."""
        pair = self.pairs[name]
        offset, size = startable.areas(pair.old)["COREBOOT"]
        whole = startable.cbfs_files(pair.old, (offset, size))[file]
        return pair.old.index(whole) - offset + len(whole) // 2

    def test_files_are_cbfstools(self):
        for name, pair in self.pairs.items():
            path = self.dir / "image"
            path.write_bytes(pair.old)
            said = subprocess.run(["cbfstool", path, "print", "-k"], check=True, capture_output=True, text=True).stdout
            rows = [row.split("\t") for row in said.splitlines()[1:] if row.count("\t") >= 5]
            theirs = {row[0]: int(row[3], 16) + int(row[4], 16) for row in rows if row[0] != "(empty)"}
            files = startable.cbfs_files(pair.old, startable.areas(pair.old)["COREBOOT"])
            self.assertEqual({file: len(whole) for file, whole in files.items() if file}, theirs, name)

    def test_areas_are_cbfstools(self):
        for pair in self.pairs.values():
            path = self.dir / "image"
            path.write_bytes(pair.old)
            said = subprocess.run(["cbfstool", path, "layout", "-w"], check=True, capture_output=True, text=True).stdout
            theirs = {name: (int(offset), int(size)) for name, size, offset
                      in re.findall(r"^'(\w+)' \(.*size (\d+), offset (\d+)\)$", said, re.M)}
            mine = startable.areas(pair.old)
            self.assertEqual({name: mine[name] for name in theirs}, theirs)

    def test_whole(self):
        for name, pair in self.pairs.items():
            self.assertTrue(pair.old != pair.new)
            self.assertEqual(pair.image != pair.new, pair.layout.updated is not None)
            self.assertTrue(self.can_start(name, pair.old))
            self.assertTrue(self.can_start(name, pair.new))
            self.assertFalse(self.can_start(name, b"\xff" * len(pair.old)))

    def test_one_cbfs(self):
        for name, area, at, starts in (
                ("one COREBOOT", "SI_DESC", 16, False), ("one COREBOOT", "FMAP", 0, False),
                ("one COREBOOT", "SMMSTORE", 0, True), ("no descriptor", "BOOTBLOCK", 100, False),
                ("no descriptor", "FMAP", 60, False), ("no descriptor", "CONSOLE", 0, True)):
            self.assertEqual(self.damaged(name, area, at), starts, (name, area))
        for file, starts in (("fallback/romstage", False), ("fallback/payload", False), ("fallback/dsdt.aml", False),
                             ("bootblock", False), ("bootsplash.jpg", True), ("revision", True)):
            where = self.file_at("one COREBOOT", file)
            self.assertEqual(self.damaged("one COREBOOT", "COREBOOT", where), starts, file)

    def test_slots(self):
        name = "vboot A/B"
        pair = self.pairs[name]
        places = startable.areas(pair.old)
        for area in ("VBLOCK_A", "FW_MAIN_A", "FW_MAIN_B", "RW_FWID_A"):
            self.assertTrue(self.damaged(name, area), area)
        for area in ("GBB", "FMAP", "SI_DESC"):
            self.assertFalse(self.damaged(name, area), area)
        chip = bytearray(pair.old)
        for area in ("FW_MAIN_A", "VBLOCK_B"):      # a block of one image, a body of the other
            offset, size = places[area]
            chip[offset:offset + size] = pair.new[offset:offset + size]
        self.assertFalse(self.can_start(name, chip))
        offset, size = places["VBLOCK_A"]
        chip[offset:offset + size] = pair.new[offset:offset + size]
        self.assertTrue(self.can_start(name, chip))

    def test_mixture(self):
        """Half of the files of one image, half of the other."""
        pair = self.pairs["one COREBOOT"]
        middle = startable.areas(pair.old)["COREBOOT"][0] + self.file_at("one COREBOOT", "fallback/ramstage")
        self.assertFalse(self.can_start("one COREBOOT", pair.new[:middle] + pair.old[middle:]))


class Points(unittest.TestCase):
    OPERATIONS = [("erase", 0, 4096)] + [("program", 256 * i, 256) for i in range(16)]

    def test_distinct(self):
        cuts = trial.cuts_of(self.OPERATIONS * 30, 300)
        self.assertEqual(len(cuts), 300)
        self.assertEqual(len({(cut.operation, cut.at, cut.scattered) for cut in cuts}), 300)
        kinds = [(self.OPERATIONS * 30)[cut.operation - 1] for cut in cuts]
        self.assertEqual(sum(kind == "erase" for kind, _, _ in kinds), 150)
        for cut, (kind, _, length) in zip(cuts, kinds, strict=True):
            self.assertLessEqual(cut.at, 2 * length if kind == "erase" else length)

    def test_words(self):
        self.assertEqual(Cut(3, 5).words()[:2], ["--cut", "3:5"])
        self.assertIn("--scattered", Cut(3, 5, True).words())


unittest.main()
