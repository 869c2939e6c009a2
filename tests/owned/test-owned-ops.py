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

import frames
import ownedcase
from frames import END, frame, header
from ownedcase import EXIT_0, HANG

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
BASE = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data")) / "coreboot/hostile/base"
PCR2 = "a2a47106a6fab80733d46382311faa066b7843359f245e1379d256543bda0e3b"
VERIFY = ("jcat", "signature", "cab", "metainfo")
PREDICT = ("rom", "eventlog")
HOARD = 'ulimit -v 40000; a=0123456789abcdef; while :; do a=$a$a; done'
FLOOD = 'while cat "$here/scenario/$op.frames"; do :; done'
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202eaccepted\b\b"
NOT_FOR_WORKERS = {"mismatch": 8, "nothing-to-do": 11, "busy": 14, "stale": 15, "refused": 17, "unreachable": 4}

# Each op has its own words for a frame that is not its own.
OTHER = "REQUEST|ARGUMENTS|DEVICE|PROGRESS|DATA|up to 8 SIGNATURE|too early or too much"

# What it is, what is sent, what is done then, and what the message says.
BEHAVIOURS = [
    ("nothing", b"", EXIT_0, "ended early with status 0"),
    ("status alone", b"", "exit 3", "ended early with status 3"),
    ("crash", b"", "kill -SEGV $$", "ended by signal 11"),
    ("killed within a frame", header("DATA", 100) + b"x" * 50, "kill -KILL $$", "ended by signal 9"),
    ("frame cut", header("DATA", 100) + b"x" * 50, EXIT_0, "ended early with status 0"),
    ("header cut", header("DATA", 100)[:5], EXIT_0, "ended early"),
    ("memory", b"", HOARD, "ended early with status|ended by signal"),
    ("END, then a status", END, "exit 3", "ended with status 3"),
    ("END, then a signal", END, "kill -SEGV $$", "ended with status 139"),
    ("END twice", END + END, EXIT_0, "more after the end"),
    ("bytes after END", END + b"\x1b[2J", EXIT_0, "more after the end"),
    ("END with a foreign field", frame("END", CODE=1), EXIT_0, "END with a broken or foreign field"),
    ("unknown type", header(999, 0), EXIT_0, "unknown type 999"),
    ("other version", header("END", 0, version=2), EXIT_0, "version 2"),
    ("frame too long", header("DATA", 65537), EXIT_0, "65537 bytes is too long"),
    ("frame of 4 GiB", header("DATA", 0xffffffff), EXIT_0, "4294967295 bytes is too long"),
    ("field beyond its frame", header("END", 8) + frames.field("TOTAL", 1)[:8], EXIT_0, "broken or foreign field"),
    ("DATA without bytes", header("DATA", 0), EXIT_0, "DATA without bytes"),
    ("text", b"accepted\n" * 1000, EXIT_0, "unknown type"),
    ("a request", frame("REQUEST", PROTOCOL=1, KIND=1, URL="https://x/", MAXIMUM=1) + END, EXIT_0, OTHER),
    ("arguments", frame("ARGUMENTS", ID="x") + END, EXIT_0, OTHER),
    ("a device", frame("DEVICE", ID="x", FLAGS=1) + END, EXIT_0, OTHER),
    ("progress without end", frame("PROGRESS", DONE=1), FLOOD, OTHER),
    ("data without end", frames.data(bytes(65536)), FLOOD, OTHER),
    ("error with escapes", frame("ERROR", CODE=7, DETAIL=ESCAPES), "exit 1", "ERROR with an unfit DETAIL"),
    ("error with a line break", frame("ERROR", CODE=7, DETAIL="a\nqubes-fwupdmgr: b"), "exit 1", "unfit DETAIL"),
    ("error of 1 MiB", header("ERROR", 1 << 20) + b"x" * (1 << 20), "exit 1", "too long"),
    ("error of a frame", header("ERROR", 65520) + frames.field("DETAIL", "x" * 65512), "exit 1", "unfit DETAIL"),
    ("longest error", frame("ERROR", CODE=7, DETAIL="x" * 1024), "exit 1", "the worker for [a-z]+: x{1024}"),
    ("error without code", frame("ERROR"), "exit 1", "0 times CODE"),
    ("error of no code", frame("ERROR", CODE=2**64 - 1), "exit 1", "the worker for [a-z]+: internal"),
    *((f"error {name}", frame("ERROR", CODE=code), "exit 1", f"not its to send \\({name}\\)")
      for name, code in NOT_FOR_WORKERS.items()),
]

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
        for words in ("sleep 900 & exit 0", "(sleep 900 & exec sleep 900) & exit 0", "setsid sleep 900 & exit 0"):
            with self.subTest(words), self.assertRaisesRegex(AssertionError, "left behind: .*sleep 900"):
                ownedcase.Done(["sh", "-c", words], leaving=0)


if __name__ == "__main__":
    ownedcase.needs(CAB, pathlib.Path("/etc/pki/fwupd/LVFS-CA.pem"), BASE)
    unittest.main(verbosity=2)
