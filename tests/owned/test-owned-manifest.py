#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned worker `manifest` under a forecast.

Row `workers manifest, corim`: they can read a vendor's declaration wrongly, which is a refusal or a comparison that does
not take place; they can make no value count.
"""
import lzma
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from behaviours import BEHAVIOURS, ESCAPES
from frames import END, changed, first, frame, join

DATA = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data")) / "coreboot/v7"
NONE = b"\x0b\0" + bytes(32)        # a digest of the wire: TPM_ALG_SHA256 and zeros


class Manifest(ownedcase.PlainCase):
    def setUp(self):
        super().setUp()
        rom, manifest = self.folder / "rom", self.folder / "manifest.json"
        rom.write_bytes(lzma.open(DATA / "rom.xz").read())
        boot = ["--eventlog", DATA / "cbmem-log.bin", "--pcrs", DATA / "pcrs.txt"]
        self.check(self.tell("make-manifest", rom, "--format", "json", "--out", manifest, *boot), 0)
        self.command = ["predict", "--old-rom", rom, "--new-rom", rom, *boot]
        self.plain = self.check(self.tell(*self.command), 0)["pcrs"]
        self.command += ["--manifest", manifest]
        self.said = self.heard("manifest", *self.command)[0]

    def refuse_all(self, rows):
        for name, sends, message, *then in rows:
            with self.subTest(name), self.programs.owned("manifest", sends, *then):
                self.assertEqual(list(self.check(self.tell(*self.command), 1, message)), ["error"])

    def test_behaviours(self):
        self.refuse_all([(name, sends, message, then) for name, sends, then, message in BEHAVIOURS])

    def test_frames(self):
        """Nothing but its own frames, in their order, and in their bounds."""
        image, items = join(self.said[:1]), join(self.said[1:])
        one = first(self.said, "MANIFEST_OBJECT")
        recipe, step, pcr = (first(self.said, name) for name in ("RECIPE", "RECIPE_STEP", "PCR"))
        objects = sum(name == "MANIFEST_OBJECT" for name, _ in self.said)
        thing = frame("MANIFEST_OBJECT", NAME="X", DIGEST=NONE)
        self.refuse_all([
            ("no image", items, "does not begin with the image"),
            ("two images", image + image + items, "two images"),
            ("short image", changed(self.said, 0, SHA256=bytes(31)), "SHA256|two images, or none"),
            ("no object", image + END, "declares no object"),
            ("an object twice", image + thing + thing + END, "an object twice"),
            ("an object too late", join(self.said[:recipe + 1]) + thing + END, "too much or too late"),
            ("objects without end", image + b"".join(frame("MANIFEST_OBJECT", NAME=f"N{n}", DIGEST=NONE)
                                                     for n in range(70000)), "too much or too late"),
            ("unknown bank", changed(self.said, one, DIGEST=b"\x34\x12" + bytes(32)), "a digest that is none"),
            ("two digests of one bank", changed(self.said, one, DIGEST=[NONE, NONE]), "digest of one algorithm twice"),
            ("name with escapes", changed(self.said, one, NAME=ESCAPES), "unfit NAME"),
            ("a recipe twice", join(self.said[:recipe + 1]) + join(self.said[recipe:]), "a recipe twice"),
            ("a step without a recipe", image + thing + frame("RECIPE_STEP", PCR=2, INDEX=0) + END, "too much or too soon"),
            ("a step with an object that is none", changed(self.said, step, INDEX=objects), "INDEX"),
            ("a step with PCR 24", changed(self.said, step, PCR=24), "RECIPE_STEP with PCR"),
            ("steps without end", join(self.said[:step]) + join([self.said[step]]) * 70000, "too much or too soon"),
            ("a PCR twice", join(self.said[:pcr + 1]) + join(self.said[pcr:]), "a PCR of one bank in a recipe twice"),
            ("PCR 24", changed(self.said, pcr, PCR=24), "PCR with PCR"),
            ("a PCR without a recipe", image + thing + frame("PCR", PCR=2, DIGEST=NONE) + END, "a PCR too soon"),
            ("a region", image + frame("REGION", NAME="X", OFFSET=0, SIZE=1, FLAGS=0) + END, "does not belong to one"),
        ])

    def test_lies(self):
        """What holds together but is not so is a contradiction; no value of it is forecast."""
        one = first(self.said, "MANIFEST_OBJECT")
        pcr = first(self.said, "PCR")
        self.refuse_all([
            ("another image", changed(self.said, 0, SHA256=bytes(32)), "image"),
            ("another digest", changed(self.said, one, DIGEST=NONE), "declares something else"),
            ("another value", changed(self.said, pcr, DIGEST=NONE), "declares something else.*PCR"),
        ])

    def test_nothing_counts(self):
        """Whatever it leaves out, the values are those without a manifest."""
        self.assertEqual(self.check(self.tell(*self.command), 0)["pcrs"], self.plain)
        recipe = first(self.said, "RECIPE")
        with self.programs.owned("manifest", join(self.said[:recipe]) + END):
            said = self.check(self.tell(*self.command), 0)
        self.assertEqual(said["pcrs"], self.plain)
        self.assertNotIn("recipe", " ".join(row["object"] for row in said["declared"]["findings"]
                                            if row["status"] == "agrees"))


if __name__ == "__main__":
    ownedcase.needs(DATA)
    unittest.main(verbosity=2)
