#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cabs whose vendor declares what the image measures: what agrees is said, and what does not names the object."""
import copy
import json
import lzma
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import verifycase
from verifycase import PROGRAM, schemacase

DATA = pathlib.Path(os.environ.get("QFU_SHARED_DATA", verifycase.ROOT.parent / "shared" / "data")) / "coreboot"
BOOT = "v7"
JSON, CORIM = "firmware.manifest.json", "firmware.corim"
METAINFO, PAYLOAD = "firmware.metainfo.xml", "firmware.rom"
VERSION = "1.0.0"


class ManifestCab(verifycase.VerifyCase):
    def setUp(self):
        super().setUp()
        self.authority = cabs.certify(self.folder, "Authority", 1)
        self.vendor = cabs.certify(self.folder, "Vendor", 2, self.authority)
        self.other = cabs.certify(self.folder, "Other", 3, self.authority)
        (self.keys / "authority.pem").write_bytes(self.authority.pem.read_bytes())
        self.rom = self.folder / "rom"
        self.rom.write_bytes(lzma.open(DATA / BOOT / "rom.xz").read())
        self.boot = ["--eventlog", DATA / BOOT / "cbmem-log.bin", "--pcrs", DATA / BOOT / "pcrs.txt"]
        self.json = self.make("json", "--firmware-version", VERSION, *self.boot)
        self.corim = self.make("corim", "--firmware-version", VERSION, *self.boot)
        self.info = cabs.metainfo(self.rom.read_bytes(), PAYLOAD, VERSION)

    def make(self, form, *options):
        out = self.folder / f"made.{form}"
        cabs.tool(PROGRAM, "--config", self.config, "make-manifest", self.rom, "--format", form, "--out", out, *options)
        return out.read_bytes()

    def cab(self, name, manifests, signers=None):
        """A cab with these members besides; `signers` says who signs which, None: nobody."""
        members = {METAINFO: self.info, PAYLOAD: self.rom.read_bytes(), **manifests}
        signers = {name: self.vendor for name in members} | (signers or {})
        container = cabs.jcat(*(cabs.item(member, data, signers[member]) for member, data in members.items()
                                if signers[member]))
        return cabs.pack(self.folder / f"{name}.cab", {**members, "firmware.jcat": container})

    def here(self):
        return ["--old-rom", self.rom, *self.boot]

    def findings(self, said):
        return {(finding["object"], finding["status"]): finding["message"] for finding in said["declared"]["findings"]}

    def test_good(self):
        for manifests in ({JSON: self.json}, {CORIM: self.corim}, {JSON: self.json, CORIM: self.corim}):
            with self.subTest(list(manifests)):
                said = self.accepted(self.cab("good", manifests), *self.here())
                self.assertEqual({item["name"]: item["role"] for item in said["items"]}
                                 | dict.fromkeys(manifests, "manifest"),
                                 {item["name"]: item["role"] for item in said["items"]})
                found = self.findings(said)
                self.assertEqual({status for _, status in found}, {"agrees"})
                self.assertEqual({name for name, _ in found}, {"image", "version", "objects", "recipe normal"})
                self.assertIn("1 of its PCR values is the forecast", found["recipe normal", "agrees"])

    def test_nothing_declared(self):
        said = self.accepted(self.cab("plain", {}), *self.here())
        self.assertEqual(said["declared"], {"manifest": None, "findings": []})

    def test_no_forecast(self):
        """Without a log the image is compared all the same."""
        found = self.findings(self.accepted(self.cab("good", {JSON: self.json}), "--old-rom", "/nonexistent"))
        self.assertIn(("objects", "agrees"), found)
        self.assertIn(("recipes", "unchecked"), found)

    def changed(self, *path, value):
        manifest = copy.deepcopy(json.loads(self.json))
        place = manifest
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        return json.dumps(manifest).encode()

    def test_contradictions(self):
        manifest = json.loads(self.json)
        number, stage = next((i, item) for i, item in enumerate(manifest["objects"])
                             if item.get("file", "").endswith("romstage"))
        digest = "0" * 64
        cases = [
            ("object", ("objects", number, "digests", "sha256"), digest, f"{stage['region']}:{stage['file']}: its sha256"),
            ("absent", ("objects", number, "file"), "absent", ".*:absent: it is not in the image"),
            ("pcr", ("recipes", 0, "pcrs", 0, "value"), digest, r"recipe normal: PCR 2 \(sha256\) is forecast as"),
            ("image", ("image", "sha256"), digest, "image: it has the SHA-256"),
            ("version", ("version",), "9.9", "version: the manifest is of 9.9"),
        ]
        for name, path, value, reason in cases:
            with self.subTest(name):
                cab = self.cab(name, {JSON: self.changed(*path, value=value)})
                said = self.rejected(cab, f"the vendor declares something else: {reason}", *self.here())
                self.assertIn("contradicts", {status for _, status in self.findings(said)})

    def test_signatures(self):
        for name, signer, reason in (("unsigned", None, "does not list it"),
                                     ("other", self.other, "signed by different certificates")):
            for member, data in ((JSON, self.json), (CORIM, self.corim)):
                with self.subTest(name, member=member):
                    cab = self.cab(name, {member: data}, {member: signer})
                    said = self.rejected(cab, f"{member}.*{reason}", *self.here())
                    self.assertIsNone(said["declared"])

    def test_forms_that_differ(self):
        other = self.folder / "other.json"
        other.write_bytes(self.changed("objects", 1, "digests", "sha256", value="0" * 64))
        item = json.loads(self.json)["objects"][1]
        cab = self.cab("differ", {JSON: other.read_bytes(), CORIM: self.corim})
        self.rejected(cab, f"declare different things: the object {item['region']}:?{item.get('file', '')}", *self.here())

    def test_broken(self):
        for member, data in ((JSON, b"{}"), (JSON, b"[" * 1000), (CORIM, self.corim + b"\0"), (CORIM, b"\xd9")):
            with self.subTest(member, data=data[:10]):
                self.rejected(self.cab("broken", {member: data}), member, *self.here())

    def test_predict(self):
        """The same for an image at hand, for whom that names the manifest."""
        good, bad = self.folder / "good.json", self.folder / "bad.json"
        good.write_bytes(self.json)
        bad.write_bytes(self.changed("recipes", 0, "pcrs", 0, "value", value="0" * 64))
        predict = [PROGRAM, "--config", self.config, "predict", "--new-rom", self.rom, *self.here(), "--json", "--manifest"]
        found = schemacase.answer(["predict"], 0, cabs.tool(*predict, good))["declared"]["findings"]
        self.assertEqual({finding["status"] for finding in found}, {"agrees"})
        with self.assertRaisesRegex(AssertionError, "recipe normal: PCR 2"):
            cabs.tool(*predict, bad)

    def test_make(self):
        """A recipe is added to what is there; an image of another manifest is refused; bad words are named."""
        first = self.folder / "first.json"
        first.write_bytes(self.make("json"))
        both = json.loads(self.make("json", "--manifest", first, "--recipe", "second", *self.boot))
        self.assertEqual([recipe["name"] for recipe in both["recipes"]], ["second"])
        self.assertEqual(json.loads(first.read_bytes())["objects"], both["objects"])
        first.write_bytes(self.changed("image", "sha256", value="0" * 64))
        for words, message in ((["--manifest", first], "is of something else: image"), (["--recipe", "a"], "--eventlog"),
                               (["--format", "xml"], "json or corim"), (["--layout", "coreboot"], "does not take --layout")):
            with self.subTest(words), self.assertRaisesRegex(AssertionError, message):
                self.make("json", *words)
        with self.assertRaisesRegex(AssertionError, "--out FILE"):
            cabs.tool(PROGRAM, "--config", self.config, "make-manifest", self.rom, "--format", "corim")


if __name__ == "__main__":
    if not DATA.is_dir():
        print(f"no fixtures in {DATA}")
        sys.exit(77)
    unittest.main(verbosity=2)
