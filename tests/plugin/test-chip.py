#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qfu-chip on libflashrom's dummy chip: what it answers, and what it says when it cannot."""

import fcntl
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qfu-chip"
CHIP_SIZE = 16 * 1024 * 1024
DATA, END, ERROR, ARGUMENTS, CHIP = 5, 6, 7, 8, 66
SIZE, CODE, DETAIL, NAME = 6, 8, 9, 13
UNREACHABLE, BUSY, USAGE = 4, 14, 2


def frames(data):
    """The frames of a whole answer as (type, payload)."""
    found = []
    while data:
        kind, version, length = struct.unpack("<HHI", data[:8])
        assert version == 1 and len(data) >= 8 + length, (kind, version, length)
        found.append((kind, data[8:8 + length]))
        data = data[8 + length:]
    return found


def fields(payload):
    found = {}
    while payload:
        field, _, length = struct.unpack("<HHI", payload[:8])
        found[field] = payload[8:8 + length]
        payload = payload[8 + length:]
    return found


def number(value):
    return int.from_bytes(value, "little")


class Chip(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-chip-")
        self.addCleanup(scratch.cleanup)
        self.dir = pathlib.Path(scratch.name)
        self.image = self.dir / "chip.bin"
        self.contents = random.Random(5).randbytes(CHIP_SIZE)
        self.image.write_bytes(self.contents)
        self.configure(f"dummy:bus=spi,emulate=W25Q128FV,image={self.image}")

    def configure(self, programmer):
        (self.dir / "conf").write_text(f"[Paths]\nRuntime={self.dir}/run\n[Chip]\nProgrammer={programmer}\n")

    def ask(self, op):
        """Exit status and frames of one run."""
        done = subprocess.run([PROGRAM, op], input=struct.pack("<HHI", ARGUMENTS, 1, 0), timeout=60, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={"QFU_CONFIG": str(self.dir / "conf"), "G_DEBUG": "fatal-criticals"})
        return done.returncode, frames(done.stdout)

    def assert_refused(self, op, code, *words):
        _, answer = self.ask(op)
        self.assertEqual([kind for kind, _ in answer], [ERROR])
        found = fields(answer[0][1])
        self.assertEqual(number(found[CODE]), code)
        for word in words:
            self.assertIn(word, found[DETAIL].decode("ascii"))

    def test_info(self):
        status, answer = self.ask("info")
        self.assertEqual(status, 0)
        self.assertEqual([kind for kind, _ in answer], [CHIP, END])
        found = fields(answer[0][1])
        self.assertEqual((found[NAME], number(found[SIZE])), (b"dummy", CHIP_SIZE))

    def test_read(self):
        status, answer = self.ask("read")
        self.assertEqual(status, 0)
        self.assertEqual((answer[0][0], answer[-1][0]), (CHIP, END))
        self.assertEqual({kind for kind, _ in answer[1:-1]}, {DATA})
        self.assertTrue(b"".join(payload for _, payload in answer[1:-1]) == self.contents)
        self.assertTrue(self.image.read_bytes() == self.contents)

    def test_locked(self):
        (self.dir / "run").mkdir()
        with open(self.dir / "run" / "chip.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_refused("read", BUSY, f"{self.dir}/run/chip.lock")

    def test_bad_programmers(self):
        self.configure("no such programmer")
        self.assert_refused("info", USAGE, "[Chip] Programmer=")
        self.configure("nosuchprogrammer")
        self.assert_refused("info", UNREACHABLE, "nosuchprogrammer", "man flashrom")


unittest.main()
