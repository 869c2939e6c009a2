#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Limits that only the command line shows: files that people name, and what `clean` goes through."""

import lzma
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["QFU_BUILD_ROOT"])
SOURCE = pathlib.Path(os.environ["QFU_SOURCE_ROOT"])
LIMITS = (SOURCE / "qubes-fwupd" / "qfu-limits.h").read_text("utf-8")
TABLE = (SOURCE / "schemas" / "limits.md").read_text("utf-8")
BASE = pathlib.Path(os.environ["QFU_SHARED_DATA"]) / "coreboot" / "hostile" / "base"
WAIT = 60
LINE = "sha256 2 " + 64 * "0" + "\n"


def limit(name):
    """The value of a constant of factors."""
    factors = re.search(rf"(?m)^#define {name} \(?([0-9 *]+)\)?", LIMITS)[1].split("*")
    value = 1
    for factor in factors:
        value *= int(factor)
    return value


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qfu-limits-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.folder / "qubes-fwupd.conf"
        self.config.write_text(f"[Paths]\nState={self.folder}/state\nCache={self.folder}/cache\n"
                               f"Runtime={self.folder}/run\nLayouts={SOURCE}/data/layouts\n", "ascii")

    def manager(self, *words):
        run = subprocess.run([BUILD / "dom0" / "qubes-fwupdmgr", "--config", self.config, *words],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=WAIT, check=False)
        return run.returncode, run.stdout

    def test_measured_text(self):
        """QFU_MEASURED_TEXT_MAX: a list of PCRs at the limit is read, one that is longer is not."""
        size = limit("QFU_MEASURED_TEXT_MAX")
        if not BASE.is_dir():
            self.skipTest(f"no {BASE}")
        rom = self.folder / "rom"
        rom.write_bytes(lzma.decompress((BASE / "old.rom.xz").read_bytes()))
        for past in (0, 1):
            pcrs = self.folder / "pcrs"
            pcrs.write_text(LINE + "#" * (size + past - len(LINE)), "ascii")
            status, said = self.manager("predict", "--old-rom", rom, "--new-rom", rom, "--pcrs", pcrs,
                                        "--eventlog", BASE / "log-tcg2.bin")
            self.assertNotEqual(status, 2, said)
            self.assertEqual(f"regular file of at most {size} bytes" in said, bool(past), said)

    def test_settings(self):
        """Each number of the configuration at what schemas/limits.md says, and one past it."""
        rows = [row for row in TABLE.splitlines() if row.startswith("| dom0 |")]
        self.assertGreater(len(rows), 5)
        before = self.config.read_text("ascii")
        for row in rows:
            _, _, group, key, lowest, highest, *_ = (cell.strip() for cell in row.split("|"))
            for number, good in ((int(lowest), True), (int(highest), True), (int(lowest) - 1, False),
                                 (int(highest) + 1, False)):
                self.config.write_text(f"{before}[{group}]\n{key}={number}\n", "ascii")
                status, said = self.manager("clean")
                self.assertEqual(status, 0 if good else 1, said)
                self.assertEqual(f"a number from {lowest} to {highest} is allowed" in said, not good, said)

    def test_clean_depth(self):
        """QFU_CLEAN_DEPTH_MAX: folders in folders, which nobody of ours makes."""
        deepest = limit("QFU_CLEAN_DEPTH_MAX")
        cabs = self.folder / "cache" / "cabs"
        for past in (0, 1):
            below = cabs.joinpath(*"x" * (deepest + past))
            below.mkdir(parents=True)
            (below / "file").write_bytes(b"x")
            status, said = self.manager("clean")
            self.assertEqual(status, past, said)
            self.assertEqual((below / "file").exists(), bool(past))


if __name__ == "__main__":
    unittest.main(verbosity=2)
