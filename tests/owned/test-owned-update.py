#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Owned workers `cab`, `rom` and `eventlog` on the way from a verified cab to a written chip.

Row `worker cab`: nothing, since its output is hashed again. Row `workers rom, eventlog`: they can choose which ranges
and events are used, which makes a forecast that is refused or does not come true; they choose no value.
"""
import copy
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import ownedlab
import productcase
from frames import END, changed, data, frame, join, shifted
from productcase import NEW

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"


def member(name, content, size=None):
    return frame("MEMBER", NAME=name, SIZE=len(content) if size is None else size) + data(content)

# Whichever comes first: what runs is inspected before the next boot is forecast.
REFUSED = r"cannot be forecast: |fails the inspection: "
NO_SUCH_MAP = "the worker for rom sends a flash map that the image does not hold"


class Update(ownedlab.OwnedLab):
    def setUp(self):
        super().setUp()
        self.image = self.rom("new.rom", NEW)
        self.cab = self.publish(self.dir, self.image, NEW)
        self.check(self.tell("refresh"), 0)
        # up to the question, which nobody answers: what is fetched lies in the cache from here on
        self.check(self.tell("update"), 1, "nobody is there")
        self.files = ownedcase.tree(self.cache)

    def refuse_all(self, op, rows):
        """Each row is a name, what is sent, what the message says, and perhaps in which of the calls alone."""
        for name, sends, message, *call in rows:
            with self.subTest(name), self.programs.owned(op, sends, call=call[0] if call else None):
                self.refuse(["update", "-y"], message, self.files)

    def test_cab(self):
        """Whatever it gives for an archive, only the bytes with the signed digest count; its frames: test-owned-verify."""
        said = self.heard("cab", "update", status=1)[0]
        names = [fields["NAME"][0] for name, fields in said if name == "MEMBER"]
        self.assertIn(b"firmware.rom", names)
        image = bytearray(self.image.read_bytes())
        spoilt = bytes(image[:-1]) + bytes([image[-1] ^ 1])
        other = "no file in the cab of 1.1.0 is the signed content"
        self.refuse_all("cab", [
            ("other bytes", member("firmware.rom", spoilt) + END, other),
            ("fewer bytes", member("firmware.rom", spoilt[:-1]) + END, other),
            ("more bytes", member("firmware.rom", bytes(image) + b"\0") + END, other),
            ("no member", END, other),
            ("the true name for others", member("firmware.rom", b"x") + member("firmware.jcat", b"y") + END, other),
            ("a path", member("../firmware.rom", bytes(image)) + END, "MEMBER that is out of order or unfit"),
        ])
        self.refuse_all("cab", [("no metainfo", member("x", bytes(image)) + END, "no metainfo file")])
        work = self.scratch / "members"
        work.mkdir()
        done = productcase.run("gcab", "-x", "-n", "-C", work, self.cab)
        self.assertEqual(done.returncode, 0, done.stderr)
        metainfo = (work / "firmware.metainfo.xml").read_bytes()
        old = metainfo.replace(f'version="{NEW}"'.encode(), b'version="1.0.9"')
        self.refuse_all("cab", [
            ("another version", member("a.metainfo.xml", old) + member("x", bytes(image)) + END, "but it is 1.0.9"),
        ])
        with self.subTest("other names"), \
                self.programs.owned("cab", member("a.metainfo.xml", metainfo) + member("x", bytes(image)) + END):
            self.check(self.tell("update"), 1, "nobody is there")

    def test_metainfo(self):
        """It can spoil the comparison with the metadata; the cab itself is pinned by them."""
        self.refuse_all("metainfo", [
            ("nothing", END, "it describes no firmware"),
            ("a release alone", frame("RELEASE", VERSION=NEW) + END, "RELEASE"),
        ])

    def test_rom(self):
        """What an update checks by the word of this worker; the ranges themselves: test-owned-measured."""
        old, new, composed = self.heard("rom", "update", status=1)
        size = len(self.image.read_bytes())
        region = {"NAME": "X", "OFFSET": 0, "SIZE": 1, "FLAGS": 0}
        self.refuse_all("rom", [
            *((f"range {fields}, call {call}", frame("REGION", **{**region, **fields}) + END, "REGION with", call)
              for call in (1, 2, 3) for fields in ({"SIZE": size + 1}, {"OFFSET": size, "SIZE": 2**64 - size})),
            ("another map in the image", changed(new, "REGION", SIZE=new[0][1]["SIZE"][0] - 1), "flash map", 2),
            ("another board in the image", self.other_board(new), "for another board", 2),
            ("files of the chip hidden", join([each for each in old if each[0] != "FILE"]), REFUSED, 1),
            ("files of the chip shifted", shifted(old), REFUSED, 1),
            ("files of the result hidden", join([each for each in composed if each[0] != "FILE"]), REFUSED,
             3),
        ])

    def other_board(self, said):
        number = next(n for n, (name, fields) in enumerate(said)
                      if name == "SETTING" and fields["NAME"] == [b"CONFIG_MAINBOARD_PART_NUMBER"])
        return changed(said, number, VALUE="Other Board")

    def test_eventlog(self):
        """A log counts as it replays to the PCRs that the TPM tells; its frames: test-owned-measured."""
        said = self.heard("eventlog", "update", status=1)[0]
        events = [number for number, (name, _) in enumerate(said) if name == "EVENT"]
        self.refuse_all("eventlog", [
            *((f"event {number} left out", join(said[:number] + said[number + 1:]), REFUSED)
              for number in (events[0], events[-1])),
            ("no events", join(said[:1]) + END, REFUSED),
            ("another name", changed(said, events[0], NAME="CBFS: other"), REFUSED),
        ])

    def attest_after_boot(self):
        self.assertEqual(self.states(self.dir)[-1], "written")
        self.lab("boot", self.dir)
        return self.tell("attest")

    def test_spoilt_forecast(self):
        """A lie that nobody can see before: it is a mismatch after the boot, and no value that somebody chose."""
        composed = self.heard("rom", "update", status=1)[2]
        old = self.chip(self.dir).read_bytes()
        with self.programs.owned("rom", shifted(composed), call=3):
            self.check(self.tell("update", "-y"), 0)
        self.assertEqual(self.chip(self.dir).read_bytes(), productcase.composed(old, self.image.read_bytes()))
        self.check(self.attest_after_boot(), 1, "neither the old nor the new")
        self.assertEqual(self.states(self.dir), ["failed"])

    def test_regions(self):
        """A region by the name of another, the same in every call, would be written though the layout keeps it: the
        image's own flash map does not say so."""
        calls = self.heard("rom", "update", status=1)
        kept = next(fields["NAME"] for name, fields in calls[0] if name == "REGION" and fields["SIZE"][0] >= 4096 and
                    fields["NAME"][0].decode() not in productcase.updatable_regions("coreboot") | {"FMAP", "BIOS", "SI_BIOS"})
        free = sorted(productcase.updatable_regions("coreboot") -
                      {fields["NAME"][0].decode() for name, fields in calls[0] if name == "REGION"})[0]
        renamed = []
        for number, said in enumerate(calls, 1):
            said = copy.deepcopy(said)
            for name, fields in said:
                if name == "REGION" and fields["NAME"] == kept:
                    fields["NAME"] = [free]
            renamed.append(join(said))
            self.refuse_all("rom", [(f"call {number}", renamed[-1], NO_SUCH_MAP, number)])
        script = ""
        for number, sends in enumerate(renamed, 1):
            (self.programs.scenario / f"call{number}").write_bytes(sends)
            script += f'{number}) cat "$here/scenario/call{number}"; exit 0;;\n'
        with self.programs.playing("rom", f"{ownedcase.COUNT}case $n in\n{script}esac\n"):
            self.refuse(["update", "-y"], NO_SUCH_MAP, self.files)

    def test_attest(self):
        """The log's reader does not decide what is attested: the PCRs do."""
        self.check(self.tell("attest", "--learn", "-y"), 0)
        said = self.heard("eventlog", "attest")[0]
        rows = [("events left out", join(said[:2]) + END, False), ("nothing", b"", False),
                ("as it is", join(said), True)]
        for name, sends, replays in rows:
            with self.subTest(name), self.programs.owned("eventlog", sends):
                told = self.check(self.tell("attest", "--json"), 0)
                self.assertEqual((told["result"], told["logReplays"]), ("passed", replays))
        self.dom0(self.dir, "tpm2_pcrextend", f"2:sha256={'0' * 64}")
        with self.programs.owned("eventlog", join(said)):
            self.check(self.tell("attest"), 1, "not the one that was attested last")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
