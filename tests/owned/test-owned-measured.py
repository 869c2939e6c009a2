#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Owned workers `rom` and `eventlog` under a forecast.

Row `workers rom, eventlog`: they can choose which ranges of an image and which events of a log are used; they can
choose no value. Ranges lie inside of the image or are refused, a log replays to the PCRs or is refused, and what is left
is a forecast of other bytes of the same image.
"""
import copy
import hashlib
import lzma
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from frames import END, changed, first, frame, join, shifted

BASE = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data")) / "coreboot/hostile/base"
PCR2 = "a2a47106a6fab80733d46382311faa066b7843359f245e1379d256543bda0e3b"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"
EV_NO_ACTION = 3
LOST = "no region of the present image holds files|nothing in the present image is|is not in the new image"


def extended(digests):
    """A PCR from zero, by a few lines of its own."""
    value = bytes(32)
    for digest in digests:
        value = hashlib.sha256(value + digest).digest()
    return value.hex()


class Measured(ownedcase.PlainCase):
    def setUp(self):
        super().setUp()
        self.old, self.new = (lzma.open(BASE / f"{name}.rom.xz").read() for name in ("old", "new"))
        (self.folder / "old.rom").write_bytes(self.old)
        (self.folder / "new.rom").write_bytes(self.new)
        (self.folder / "pcrs").write_text(f"sha256 2 {PCR2}\n")
        self.command = ["predict", "--old-rom", self.folder / "old.rom", "--new-rom", self.folder / "new.rom",
                        "--eventlog", BASE / "log-tcg2.bin", "--pcrs", self.folder / "pcrs"]

    def rom_said(self):
        """What the worker says of both images, whose maps are the same."""
        calls = self.heard("rom", *self.command)
        self.assertEqual(calls, [calls[0]] * 2)
        return calls[0]

    def refuse_all(self, op, rows):
        """Each row is a name, what is sent, what the message says, and perhaps of which image alone."""
        for name, sends, message, *given in rows:
            with self.subTest(name), self.programs.owned(op, sends, given=given[0] if given else None):
                said = self.check(self.tell(*self.command), 1, message)
                self.assertEqual(list(said), ["error"])

    def forecast(self):
        """What is forecast for PCR 2."""
        said = self.check(self.tell(*self.command), 0)
        return next(row for row in said["pcrs"] if row["pcr"] == 2 and row["bank"] == "sha256")

    def test_rom(self):
        """No range outside of the image, and nothing but its own frames."""
        old = self.rom_said()
        size = len(self.old)
        region = {"NAME": "X", "OFFSET": 0, "SIZE": 1, "FLAGS": 0}
        file = {"REGION": 0, "NAME": "x", "KIND": 0x11, "OFFSET": 0, "SIZE": 1}
        whole = frame("REGION", NAME="ALL", OFFSET=0, SIZE=size, FLAGS=0)
        at = first(old, "FILE")
        where = old[at][1]["OFFSET"][0]
        outside = "with (OFFSET|SIZE) "
        self.refuse_all("rom", [
            *((f"region {name}", frame("REGION", **{**region, **fields}) + END, "REGION " + outside)
              for name, fields in (("behind the end", {"OFFSET": size + 1}), ("a byte too long", {"SIZE": size + 1}),
                                   ("at 2^64-1", {"OFFSET": 2**64 - 1}), ("of 2^64-1", {"SIZE": 2**64 - 1}),
                                   ("around", {"OFFSET": size, "SIZE": 2**64 - size}))),
            *((f"file {name}", whole + frame("FILE", **{**file, **fields}) + END, "FILE " + outside)
              for name, fields in (("behind the end", {"OFFSET": size + 1}), ("a byte too long", {"SIZE": size + 1}),
                                   ("at 2^64-1", {"OFFSET": 2**64 - 1}), ("around", {"OFFSET": 1, "SIZE": 2**64 - 1}))),
            ("file before its region", changed(old, at, OFFSET=0, SIZE=where), "FILE with (OFFSET|SIZE)"),
            ("file of no region", frame("FILE", **file) + END, "no region"),
            ("file of region 2^32", whole + frame("FILE", **{**file, "REGION": 2**32}) + END, "FILE with REGION"),
            ("region twice", whole + whole + END, "too much, too late or twice"),
            ("region behind a file", join(old[:at + 1]) + frame("REGION", **region) + END, "too much, too late or twice"),
            ("129 regions", b"".join(frame("REGION", **{**region, "NAME": f"R{n}"}) for n in range(129)), "too much"),
            ("no region", END, "no flash map"),
            ("5000 files", whole + frame("FILE", **file) * 5000 + END, "too many files"),
            ("kind of 2^32", whole + frame("FILE", **{**file, "KIND": 2**32}) + END, "FILE with KIND"),
            ("flags of 2^16", frame("REGION", **{**region, "FLAGS": 2**16}) + END, "REGION with FLAGS"),
            ("name with escapes", frame("REGION", **{**region, "NAME": ESCAPES}) + END, "unfit NAME"),
            ("another setting", whole + frame("SETTING", REGION=0, NAME="PATH", VALUE="/") + END, "settings"),
            ("4096 settings", whole + b"".join(frame("SETTING", REGION=0, NAME=f"CONFIG_{n}", VALUE="y")
                                               for n in range(4096)) + END, "settings"),
            ("long value", whole + frame("SETTING", REGION=0, NAME="CONFIG_A", VALUE="x" * 4097) + END, "unfit VALUE"),
            ("an event", frame("EVENT", PCR=2, KIND=5, DIGEST=b"\x0b\0" + bytes(32)) + END, "sends EVENT"),
            ("files of the chip hidden", join([each for each in old if each[0] != "FILE"]), LOST, self.old),
            ("files of the chip shifted", shifted(old), LOST, self.old),
            ("files of the image hidden", join([each for each in old if each[0] != "FILE"]), LOST, self.new),
        ])

    def test_eventlog(self):
        """A log counts as it replays to PCRs that somebody else has read, or not at all."""
        said = self.heard("eventlog", *self.command)[0]
        events = [number for number, (name, _) in enumerate(said) if name == "EVENT"]
        one = events[0]
        digest = said[one][1]["DIGEST"]
        event = frame("EVENT", PCR=2, KIND=5, DIGEST=digest)
        swapped = copy.deepcopy(said)
        swapped[one], swapped[one + 1] = swapped[one + 1], swapped[one]
        own = "do not replay"
        self.refuse_all("eventlog", [
            ("PCR 24", changed(said, one, PCR=24), "EVENT with PCR 24"),
            ("PCR 2^64-1", changed(said, one, PCR=2**64 - 1), "EVENT with PCR"),
            ("unknown bank", changed(said, one, DIGEST=b"\x34\x12" + bytes(32)), "what is no digest"),
            ("digest cut", changed(said, one, DIGEST=digest[0][:-1]), "what is no digest"),
            ("digest too long", changed(said, one, DIGEST=digest[0] + b"\0"), "what is no digest"),
            ("no digest", changed(said, one, DIGEST=b"\x0b"), "what is no digest"),
            ("nine digests", changed(said, one, DIGEST=digest * 9), "9 times DIGEST"),
            ("another digest", changed(said, one, DIGEST=digest[0][:-1] + bytes([digest[0][-1] ^ 1])), own),
            ("another PCR", changed(said, one, PCR=3), own),
            ("an event that does not count", changed(said, one, KIND=EV_NO_ACTION), own),
            ("kind of 2^32", changed(said, one, KIND=2**32), "EVENT with KIND"),
            ("event left out", join(said[:one] + said[one + 1:]), own),
            ("event added", join(said[:-1]) + event + END, own),
            ("events swapped", join(swapped), own),
            ("no events", join(said[:1]) + END, "no log holds coreboot's measurements"),
            ("another name", changed(said, one, NAME="CBFS: other"), "nothing in the present image is"),
            ("name with escapes", changed(said, one, NAME=ESCAPES), "unfit NAME"),
            ("no log", END, "sends no log"),
            ("two logs", join(said[:1]) + join(said), "two logs"),
            ("event before the log", event + join(said), "too early or too much"),
            ("events without end", join(said[:1]) + event * 70000, "too early or too much"),
            ("unknown format", changed(said, 0, KIND=99), "LOG with KIND 99"),
            ("a region", frame("REGION", NAME="X", OFFSET=0, SIZE=1, FLAGS=0) + END, "too early or too much"),
        ])

    def test_no_value(self):
        """A lie about the new image that holds together: the forecast is that of other bytes of the same image."""
        true = self.forecast()["value"]
        said = self.rom_said()
        names = [fields["NAME"][0].decode().partition("CBFS: ")[2]
                 for name, fields in self.heard("eventlog", *self.command)[0] if name == "EVENT"]
        with self.programs.owned("rom", shifted(said), given=self.new):
            spoilt = self.forecast()
        self.assertNotEqual(spoilt["value"], true)
        places = {fields["NAME"][0].decode(): (fields["OFFSET"][0], fields["SIZE"][0])
                  for name, fields in said if name == "FILE"}
        fmap = next(fields for name, fields in said if name == "REGION" and fields["NAME"] == [b"FMAP"])
        for cut, value in ((0, true), (1, spoilt["value"])):
            digests = [hashlib.sha256(self.new[:fmap["SIZE"][0]]).digest()]
            digests += [hashlib.sha256(self.new[places[name][0]:sum(places[name]) - cut]).digest()
                        for name in names if name]
            self.assertEqual(extended(digests), value)


if __name__ == "__main__":
    ownedcase.needs(BASE)
    unittest.main(verbosity=2)
