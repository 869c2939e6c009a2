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
import struct
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from frames import END, changed, first, frame, join, shifted

BASE = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data")) / "coreboot/hostile/base"
PCR2 = "a2a47106a6fab80733d46382311faa066b7843359f245e1379d256543bda0e3b"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"
EV_NO_ACTION = 3
MAP = "a flash map that the image does not hold"
LOST = "no region of the present image holds files|nothing in the present image is|is not in the new image"


def extended(digests):
    """A PCR from zero, by a few lines of its own."""
    value = bytes(32)
    for digest in digests:
        value = hashlib.sha256(value + digest).digest()
    return value.hex()


class Case(ownedcase.PlainCase):
    def use(self, old, new, pcrs, log):
        self.old, self.new = old, new
        (self.folder / "old.rom").write_bytes(old)
        (self.folder / "new.rom").write_bytes(new)
        (self.folder / "pcrs").write_text(pcrs)
        self.command = ["predict", "--old-rom", self.folder / "old.rom", "--new-rom", self.folder / "new.rom",
                        "--eventlog", log, "--pcrs", self.folder / "pcrs"]

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

    def forecast(self, pcr=2):
        """What is forecast for a PCR."""
        said = self.check(self.tell(*self.command), 0)
        return next(row for row in said["pcrs"] if row["pcr"] == pcr and row["bank"] == "sha256")


class Measured(Case):
    def setUp(self):
        super().setUp()
        self.use(*(lzma.open(BASE / f"{name}.rom.xz").read() for name in ("old", "new")), f"sha256 2 {PCR2}\n",
                 BASE / "log-tcg2.bin")

    def test_rom(self):
        """No range outside of the image, and nothing but its own frames."""
        old = self.rom_said()
        block = {"REGION": 0, "SIZE": 512, "FLAGS": 7, "KEY_VERSION": 1, "FIRMWARE_VERSION": 1}
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
            ("volumes beside a map", whole + frame("VOLUME", OFFSET=0, SIZE=1) + END, "a flash map and volumes"),
            ("volume behind the end", frame("VOLUME", OFFSET=size, SIZE=1) + END, "VOLUME with SIZE"),
            ("volume around", frame("VOLUME", OFFSET=1, SIZE=2**64 - 1) + END, "VOLUME with SIZE"),
            ("65 volumes", frame("VOLUME", OFFSET=0, SIZE=1) * 65 + END, "too many volumes"),
            ("the chip as UEFI firmware", frame("VOLUME", OFFSET=0, SIZE=size) + END, "UEFI", self.old),
            ("the image as UEFI firmware", frame("VOLUME", OFFSET=0, SIZE=size) + END, "another kind", self.new),
            ("HWID of no GBB", whole + frame("HWID", REGION=0, HWID=bytes(32)) + END, "hardware id"),
            ("HWID of no region", whole + frame("HWID", REGION=1, HWID=bytes(32)) + END, "HWID with REGION"),
            ("short HWID", whole + frame("HWID", REGION=0, HWID=bytes(31)) + END, "hardware id"),
            ("keyblock of another region", whole + frame("VBLOCK", **block) + END, "keyblock"),
            ("an event", frame("EVENT", PCR=2, KIND=5, DIGEST=b"\x0b\0" + bytes(32)) + END, "sends EVENT"),
            ("region a byte off", changed(old, first(old, "REGION"), SIZE=1), MAP),
            ("region of another name", changed(old, first(old, "REGION"), NAME="OTHER"), MAP),
            ("region left out", join([each for n, each in enumerate(old) if n != first(old, "REGION")]), f"FILE with|{MAP}"),
            ("region added", join(old[:first(old, "FILE")]) + frame("REGION", **region) + END, MAP),
            ("a descriptor", frame("DESCRIPTOR", OFFSET=0, REGISTERS=[bytes(12), bytes(64), bytes(4)]) + END, "descriptor"),
            ("free space in the map", join(old[:-1]) + frame("UNUSED", REGION=0, OFFSET=64, SIZE=64, HEADER=40) + END,
             "free space"),
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


class Vboot(Case):
    """Values that no digest of a file gives: they stand in the image, where the present boot proves that they stand."""
    PLACES = {"GBB": (0x1000, 0x200), "VBLOCK_A": (0x1200, 0x400), "FW_MAIN_A": (0x1600, 0x400), "COREBOOT": (0x1a00, 0x600),
              "FMAP": (0, 0x200), "LURE": (0x400, 0x800)}
    ID, OTHER_ID, CHOSEN = (hashlib.sha256(name).digest() for name in (b"id", b"other id", b"chosen"))
    CONFIG = b"CONFIG_VBOOT=y\nCONFIG_TPM_MEASURED_BOOT=y\nCONFIG_TPM_HASH_SHA256=y\n"

    def image(self, hwid, firmware):
        """A chip with vboot, in which also lies what an attacker would like to be taken for its structures."""
        image = bytearray(b"\xff" * 0x2000)
        table = b"".join(struct.pack("<II32sH", *place, name.encode(), 0) for name, place in self.PLACES.items())
        gbb = b"$GBB".ljust(48, b"\0")
        block = b"CHROMEOS".ljust(16, b"\0") + struct.pack("<I", 0x200)
        block = block.ljust(72, b"\0") + struct.pack("<I", 7).ljust(32, b"\0") + struct.pack("<I", 1)
        block = block.ljust(0x228, b"\0") + struct.pack("<I", firmware)
        for at, data in ((0, struct.pack("<8sBBQI32sH", b"__FMAP__", 1, 1, 0, len(image), b"F", len(self.PLACES)) + table),
                         (0x1000, gbb + hwid), (0x400, gbb + self.CHOSEN), (0x1200, block),
                         (0x600, block[:-4] + struct.pack("<I", 99)),
                         (0x1600, self.file(b"fallback/romstage", 0x11, b"romstage %d" % firmware)),
                         (0x1a00, self.file(b"config", 0x50, self.CONFIG))):
            image[at:at + len(data)] = data
        return bytes(image)

    def file(self, name, kind, content):
        return struct.pack(">8sIIII", b"LARCHIVE", len(content), kind, 0, 64) + name.ljust(40, b"\0") + content

    def setUp(self):
        super().setUp()
        old = self.image(self.ID, 1)
        name = b"CBFS: fallback/romstage"
        digests = [old[:0x200], b"romstage 1"]
        events = [hashlib.sha256(each).digest() for each in digests]
        log = struct.pack("<HH", 8, 2) + b"".join(struct.pack("<I10s64sI50s", 2, b"SHA256", event, 32, each)
                                                  for event, each in zip(events, (b"FMAP: FMAP", name)))
        (self.folder / "log").write_bytes(log + bytes(132 * 6))
        self.mode = hashlib.sha1(b"\0\0\1").digest() + bytes(12)
        self.version = struct.pack("<HH", 1, 1) + bytes(28)
        self.use(old, self.image(self.OTHER_ID, 2), "".join(f"sha256 {pcr} {extended(values)}\n" for pcr, values in (
            (1, (self.mode, self.ID)), (2, events), (10, (self.version,)))), self.folder / "log")

    def test_true(self):
        """What the true worker says gives the values of the new image."""
        self.assertEqual(self.forecast(1)["value"], extended([self.mode, self.OTHER_ID]))
        self.assertEqual(self.forecast(10)["value"], extended([struct.pack("<HH", 2, 1) + bytes(28)]))

    def told(self, image, name, **fields):
        """What the worker says of an image, with other fields in one frame."""
        said = next(call for call in self.heard("rom", *self.command) if self.of(call, image))
        return changed(said, name, **fields)

    def of(self, said, image):
        """Whether that was said of the image: by the version of its firmware."""
        found = said[first(said, "VBLOCK")][1]["FIRMWARE_VERSION"][0]
        return struct.pack("<I", found) == image[0x1428:0x142c]

    def test_other_values(self):
        """A value that the image does not hold in that place."""
        for name, frame_name, fields in (("id", "HWID", {"HWID": self.CHOSEN}), ("version", "VBLOCK", {"FIRMWARE_VERSION": 3}),
                                         ("key", "VBLOCK", {"KEY_VERSION": 2}), ("flags", "VBLOCK", {"FLAGS": 6}),
                                         ("size", "VBLOCK", {"SIZE": 0x204})):
            for image in (self.old, self.new):
                sends = self.told(image, frame_name, **fields)
                with self.subTest(name, new=image == self.new), self.programs.owned("rom", sends, given=image):
                    self.check(self.tell(*self.command), 1, "that the image does not hold")

    def moved(self, said, **places):
        """What was said, with regions elsewhere, and in them what lies there."""
        said = copy.deepcopy(said)
        for kind, fields in said:
            place = places.get(fields["NAME"][0].decode()) if kind == "REGION" else None
            if place is not None:
                fields["OFFSET"], fields["SIZE"] = ([number] for number in place)
            if kind == "HWID" and "GBB" in places:
                fields["HWID"] = [self.CHOSEN]
            if kind == "VBLOCK" and "VBLOCK_A" in places:
                fields["FIRMWARE_VERSION"] = [99]
        return join(said)

    def test_lure(self):
        """Whoever owns the worker and has written the image says that its structures lie where they look as he likes:
        the image's own map says otherwise."""
        said = next(call for call in self.heard("rom", *self.command) if self.of(call, self.new))
        for places in ({"GBB": (0x400, 0x200)}, {"VBLOCK_A": (0x600, 0x400)}):
            with self.subTest(places), self.programs.owned("rom", self.moved(said, **places), given=self.new):
                self.check(self.tell(*self.command), 1, MAP)

    def test_hidden(self):
        """Nothing said of them: nothing is forecast of them."""
        calls = self.heard("rom", *self.command)
        for name, image, pcr in (("HWID", self.old, 1), ("VBLOCK", self.old, 10), ("HWID", self.new, 1)):
            said = next(call for call in calls if self.of(call, image))
            sends = join([each for each in said if each[0] != name])
            with self.subTest(name, new=image == self.new), self.programs.owned("rom", sends, given=image):
                self.assertIsNone(self.forecast(pcr)["value"])
        said = next(call for call in calls if self.of(call, self.new))
        with self.programs.owned("rom", join([each for each in said if each[0] != "VBLOCK"]), given=self.new):
            self.check(self.tell(*self.command), 1, "no keyblock")


if __name__ == "__main__":
    ownedcase.needs(BASE)
    unittest.main(verbosity=2)
