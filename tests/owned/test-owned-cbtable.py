#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned worker `cbtable` where the event log is in memory.

Row `worker cbtable`: it can say from where memory is read, below the chipset's registers; what is no log then is refused
or does not replay. It cannot read, and cannot have more read than 16 MiB at a time.
"""
import hashlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase

sys.path.insert(0, str(ownedcase.ROOT / "scripts"))

from behaviours import BEHAVIOURS
from frames import END, changed, frame, join
from qfuboot import cbmem, log

NAMES = ("FMAP: FMAP", "CBFS: bootblock", "CBFS: fallback/romstage")
LARGEST = 16 << 20
ADDRESS_END = 4076 << 20    # where the chipset's registers begin
ELSEWHERE = 0x1000000
TURN = "too early or too much"


def area(address, size, kind=log.FORMS["cb"][0]):
    return frame("CBMEM", KIND=kind, ADDRESS=address, SIZE=size)


class Cbtable(ownedcase.PlainCase):
    def setUp(self):
        super().setUp()
        memory = self.folder / "memory"
        with self.config.open("a") as config:
            config.write(f"[MeasuredBoot]\nEventLog=cbmem\nMemory={memory}\nCorebootBus={self.folder}/no-bus\n"
                         f"Tcti=sysfs:{self.folder}/no-tpm\n")
        made, lure = (log.Log("cb", "sha256") for _ in range(2))
        self.value = bytes(32)
        for name in NAMES:
            digest = hashlib.sha256(name.encode()).digest()
            made.add(2, digest, name)
            self.value = hashlib.sha256(self.value + digest).digest()
            lure.add(2, bytes(32), name)
        identity = log.FORMS["cb"][0]
        cbmem.write(memory, {}, cbmem.boot_lines({}, made), identity, made.bytes()[1])
        self.lure = lure.bytes()[1]
        with open(memory, "r+b") as file:
            file.seek(ELSEWHERE)
            file.write(self.lure)
        (self.folder / "pcrs").write_text(f"sha256 2 {self.value.hex()}\n")
        self.command = ["eventlog", "--pcrs", self.folder / "pcrs"]
        self.calls = self.heard("cbtable", *self.command)

    def refuse_all(self, rows):
        for name, sends, message, *more in rows:
            with self.subTest(name), self.programs.owned("cbtable", sends, *more):
                self.assertEqual(list(self.check(self.tell(*self.command), 1, message)), ["error"])

    def test_true(self):
        """The first call finds where the table lies, the second one what is in it."""
        self.assertEqual([call[0][0] for call in self.calls], ["FORWARD", "CBMEM"])
        said = self.check(self.tell(*self.command), 0)
        self.assertEqual(said["banks"]["sha256"]["2"], self.value.hex())
        self.assertEqual(said["replay"]["verdict"], "match")

    def test_behaviours(self):
        self.refuse_all([(name, sends, message, then) for name, sends, then, message in BEHAVIOURS
                         if (sends, then) != (END, ownedcase.EXIT_0)])

    def test_frames(self):
        """Nothing but its own frames, and no place that is not memory."""
        forward = self.calls[0]
        self.refuse_all([
            ("forward to 0", changed(forward, 0, ADDRESS=0), "FORWARD with ADDRESS 0"),
            ("forward to registers", changed(forward, 0, ADDRESS=ADDRESS_END), "FORWARD with ADDRESS"),
            ("forward to 2^64-1", changed(forward, 0, ADDRESS=2**64 - 1), "FORWARD with ADDRESS"),
            ("two ways forward", join(forward[:1]) + join(forward), TURN),
            ("forward for ever", join(forward), "table"),
            ("forward to nothing", changed(forward, 0, ADDRESS=ELSEWHERE - 0x1000), "table", ownedcase.EXIT_0, 1),
            ("an area in registers", area(ADDRESS_END + 1, 1) + END, "CBMEM with ADDRESS"),
            ("an area at 2^64-1", area(2**64 - 1, 1) + END, "CBMEM with ADDRESS"),
            ("an area into registers", area(ADDRESS_END - 1, 2) + END, "CBMEM with SIZE"),
            ("an area of 2^64-1", area(1, 2**64 - 1) + END, "CBMEM with SIZE"),
            ("an unknown kind", area(1, 1, 2**32) + END, "CBMEM with KIND"),
            ("areas without end", area(1, 1, 7) * 70000, TURN),
            ("a region", frame("REGION", NAME="X", OFFSET=0, SIZE=1, FLAGS=0) + END, TURN),
        ])

    def test_places(self):
        """Memory that is no log is none, and one that holds together does not replay. The console, which also lists what
        was measured, it has hidden."""
        for name, sends, message in (("zeros", area(ELSEWHERE + (1 << 20), 4096), "the log is empty"),
                                     ("too much", area(ELSEWHERE, LARGEST + 1), "larger than 16 MiB"),
                                     ("nothing", area(ELSEWHERE, 0), "neither a log of the TPM nor its console"),
                                     ("the tables", area(cbmem.CBMEM, 4096), "a PCR that does not exist"),
                                     ("no area", b"", "neither a log of the TPM nor its console")):
            self.refuse_all([(name, sends + END, message, ownedcase.EXIT_0, 2)])
        with self.programs.owned("cbtable", area(ELSEWHERE, len(self.lure)) + END, call=2):
            said = self.check(self.tell(*self.command), 0)
        self.assertEqual(said["replay"]["verdict"], "mismatch")
        self.assertEqual(said["replay"]["firstDifference"]["actual"], self.value.hex())


if __name__ == "__main__":
    ownedcase.needs()
    unittest.main(verbosity=2)
