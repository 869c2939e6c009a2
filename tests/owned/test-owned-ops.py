#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned worker of any op, and what it does to the wire and to its process.

Proves, for each row `worker ...` of the table "who can lie about what": it cannot escape, print, hang, exhaust or
mislead its caller by anything but fields of its own frames. What those may say is the affair of the other tests here.
"""
import concurrent.futures
import lzma
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from behaviours import BEHAVIOURS
from frames import END, header
from ownedcase import HANG

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
BASE = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data")) / "coreboot/hostile/base"
PCR2 = "a2a47106a6fab80733d46382311faa066b7843359f245e1379d256543bda0e3b"
VERIFY = ("jcat", "signature", "cab", "metainfo")
PREDICT = ("rom", "eventlog")
# Whoever waits for these waits as long as the op may take.
SLOW = [("hang", b"", HANG), ("hang within a frame", header("DATA", 100), HANG), ("hang after END", END, HANG),
        ("a child that holds the output", END, 'mkfifo "$here/scenario/never"; (: < "$here/scenario/never") & exit 0')]
SLOW_OPS = ["jcat", "eventlog", "metainfo", "jcat"]


class Ops(ownedcase.PlainCase):
    @classmethod
    def command(cls, op):
        return ["verify", CAB] if op in VERIFY else cls.prediction

    @classmethod
    def setUpClass(cls):
        folder = ownedcase.tempfile.TemporaryDirectory(prefix="qfu-owned-")
        cls.addClassCleanup(folder.cleanup)
        folder = pathlib.Path(folder.name)
        for name in ("old", "new"):
            (folder / f"{name}.rom").write_bytes(lzma.open(BASE / f"{name}.rom.xz").read())
        (folder / "pcrs").write_text(f"sha256 2 {PCR2}\n")
        cls.prediction = ["predict", "--old-rom", folder / "old.rom", "--new-rom", folder / "new.rom", "--eventlog",
                          BASE / "log-tcg2.bin", "--pcrs", folder / "pcrs"]

        cls.slow_folder = folder
        cls.pool = concurrent.futures.ThreadPoolExecutor(len(SLOW))
        cls.addClassCleanup(cls.pool.shutdown)
        cls.slow = [cls.pool.submit(cls.run_slow, number) for number in range(len(SLOW))]

    @classmethod
    def run_slow(cls, number):
        """Beside the others, which do not wait for it: what a command says."""
        _, sends, then = SLOW[number]
        programs = ownedcase.Programs(cls.slow_folder / f"slow-{number}")
        config = ownedcase.configure(cls.slow_folder / f"slow-{number}.d", programs)
        with programs.owned(SLOW_OPS[number], sends, then):
            return ownedcase.Done([ownedcase.PROGRAM, "--config", config, "--json", *cls.command(SLOW_OPS[number])], 90)

    def refuse(self, op, name, done, message):
        said = self.check(done, 1, message)
        self.assertIn("error", said, (op, name))
        if op in VERIFY:
            self.assertNotEqual(said.get("verdict"), "accepted", (op, name))
        else:
            self.assertNotIn("pcrs", said)

    def test_behaviours(self):
        """Each in each op; with the true worker the same command does what it should."""
        for op in (*VERIFY, *PREDICT):
            for name, sends, then, message in BEHAVIOURS:
                with self.subTest(name, op=op), self.programs.owned(op, sends, then):
                    self.refuse(op, name, self.tell(*self.command(op)), message)
        self.assertEqual(self.check(self.tell("verify", CAB), 0)["verdict"], "accepted")
        self.assertTrue(self.check(self.tell(*self.prediction), 0)["pcrs"])

    def test_slow(self):
        """One that never ends is killed when its time is over, with all that it has started."""
        for (name, *_), op, future in zip(SLOW, SLOW_OPS, self.slow):
            with self.subTest(name, op=op):
                self.refuse(op, name, future.result(), f"the worker for {op}: no answer in time")

    def test_left(self):
        """What tests of owned parts rely on: a process that goes on is seen, and does not go on any longer."""
        held = self.folder / "held"
        os.mkfifo(held)
        for words in ("sleep 900 & exit 0", "(sleep 900 & exec sleep 900) & exit 0", "setsid sleep 900 & exit 0"):
            reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
            try:
                with self.subTest(words):
                    with self.assertRaisesRegex(AssertionError, "left behind"):
                        ownedcase.Done(["sh", "-c", f'exec 9> "$0"; {words}', held], leaving=0)
                    # the end of a pipe that one of them still held would not be reached
                    self.assertEqual(os.read(reader, 1), b"")
            finally:
                os.close(reader)


if __name__ == "__main__":
    ownedcase.needs(CAB, pathlib.Path("/etc/pki/fwupd/LVFS-CA.pem"), BASE)
    unittest.main(verbosity=2)
