#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""verify on archives that somebody joined of genuine parts, beside signed metadata, and with a ROM inside."""
import gzip
import hashlib
import lzma
import os
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import verifycase

METAINFO, PAYLOAD, JCAT = "firmware.metainfo.xml", "firmware.bin", "firmware.jcat"
COREBOOT = pathlib.Path(os.environ.get("QFU_SHARED_DATA", verifycase.ROOT.parent / "shared" / "data")) / "coreboot"
# of PAIRS.json: the forecast of this update is right
OLD, NEW = "v2", "v16"


class Hostile(verifycase.VerifyCase):
    def setUp(self):
        super().setUp()
        self.authority = cabs.certify(self.folder, "Authority", 1)
        self.signer = cabs.certify(self.folder, "Signer", 2, self.authority)
        (self.keys / "authority.pem").write_bytes(self.authority.pem.read_bytes())

    def product(self, data, version="1.0.0", **more):
        return {METAINFO: cabs.metainfo(data, PAYLOAD, version, **more), PAYLOAD: data}

    def signed(self, members, extra=None):
        return cabs.signed(self.folder / "signed.cab", members, self.signer, extra)

    def pack(self, members, *options):
        return cabs.pack(self.folder / "packed.cab", members, *options)

    def test_good(self):
        said = self.accepted(self.signed(self.product(b"firmware")))
        component = said["component"]
        self.assertEqual((component["vendor"], component["version"], component["urgency"], component["cves"]),
                         ("Example Ltd", "1.0.0", "high", ["CVE-2026-0001"]))
        self.assertIn("Words.", component["description"])
        self.assertEqual({item["name"]: item["role"] for item in said["items"]},
                         {METAINFO: "metainfo", PAYLOAD: "payload", JCAT: "jcat"})
        requires = '<requires><id compare="ge" version="1.9.0">org.freedesktop.fwupd</id><moon>full</moon></requires>'
        said = self.accepted(self.signed(self.product(b"firmware", more=requires)))
        self.assertEqual(said["component"]["requires"][0], "org.freedesktop.fwupd ge 1.9.0")
        self.assertIn("not understood", said["component"]["requires"][1])

    def test_joined(self):
        a, b = self.product(b"firmware of a"), self.product(b"firmware of b", "2.0.0")
        other = cabs.certify(self.folder, "Other", 3, self.authority)
        stranger = cabs.certify(self.folder, "Stranger", 4, cabs.certify(self.folder, "Strangers", 5))
        info = cabs.item(METAINFO, a[METAINFO], self.signer)
        payload = cabs.item(PAYLOAD, a[PAYLOAD], self.signer)
        container = cabs.jcat(info, payload)
        cases = [
            ("metainfo of a, payload of b", {METAINFO: a[METAINFO], PAYLOAD: b[PAYLOAD], JCAT: cabs.jcat(
                info, cabs.item(PAYLOAD, b[PAYLOAD], self.signer))}, "is not the file that the metainfo was made for"),
            ("extra member", {**a, JCAT: container, "install.sh": b"#!"}, "install.sh is no part of the firmware"),
            ("signed extra member", {**a, "README": b"read", JCAT: cabs.jcat(
                info, payload, cabs.item("README", b"read", self.signer))}, "README is no part of the firmware"),
            ("another leaf", {**a, JCAT: cabs.jcat(info, cabs.item(PAYLOAD, a[PAYLOAD], other))},
             "signed by different certificates"),
            ("another authority", {**a, JCAT: cabs.jcat(
                *(cabs.item(name, data, stranger) for name, data in a.items()))}, "authority"),
            ("two jcat files", {**a, JCAT: container, "b.jcat": container}, r"several files \*\.jcat"),
            ("two metainfo files", {**a, JCAT: container, "b.metainfo.xml": b[METAINFO]}, r"several files \*\.metainfo\.xml"),
            ("checksum alone", {**a, JCAT: cabs.jcat(info, {**payload, "Blobs": payload["Blobs"][:1]})}, "no PKCS#7"),
            ("signature alone", {**a, JCAT: cabs.jcat(info, {**payload, "Blobs": payload["Blobs"][1:]})}, "no sha256"),
            ("odd name of the jcat file", {**a, "x.jcat": container}, "x.jcat is not called"),
        ]
        self.accepted(self.pack({**a, JCAT: container}))
        for name, members, reason in cases:
            with self.subTest(name):
                self.rejected(self.pack(members), reason)

    def test_container(self):
        """What a reader of cabinets passes over."""
        good = self.signed(self.product(b"firmware")).read_bytes()
        cab = self.folder / "inexact.cab"
        longer = bytearray(good + b"behind")
        longer[8:12] = len(longer).to_bytes(4, "little")
        for name, data, reason in (("behind it", good + b"x", "cannot be unpacked"), ("behind its data", longer, "behind its data"),
                                   ("set", good[:32] + b"\1" + good[33:], "number of a set")):
            with self.subTest(name):
                cab.write_bytes(data)
                said = self.rejected(cab, reason)
                self.assertEqual(len(said["items"]), 0 if name == "behind it" else 3)

    def metadata(self, *releases, signer=None):
        """Signed metadata that says this, as the options that name them."""
        xml = "".join(releases)
        data = gzip.compress(f'<components version="0.9">{xml}</components>'.encode(), mtime=0)
        path = self.folder / "firmware.xml.gz"
        path.write_bytes(data)
        signature = self.folder / "firmware.xml.gz.jcat"
        signature.write_bytes(cabs.jcat(cabs.item(path.name, data, signer or self.signer)))
        return "--metadata", path, "--signature", signature

    def release(self, cab, members, version="1.0.0", guid="b585990a-003e-5270-89d5-3705a17f9a43", identity="org.example.firmware"):
        content = hashlib.sha256(members[PAYLOAD]).hexdigest()
        data = cab.read_bytes()
        return (f'<component type="firmware"><id>{identity}</id><provides><firmware type="flashed">{guid}</firmware>'
                f'</provides><releases><release version="{version}"><location>a.cab</location>'
                f'<checksum type="sha256" target="container">{hashlib.sha256(data).hexdigest()}</checksum>'
                f'<checksum type="sha256" target="content" filename="{PAYLOAD}">{content}</checksum>'
                f'<size type="download">{len(data)}</size></release></releases></component>')

    def test_metadata(self):
        members, other = self.product(b"firmware"), self.product(b"other", "2.0.0")
        cab = self.signed(members)
        stranger = cabs.certify(self.folder, "Stranger", 4, cabs.certify(self.folder, "Strangers", 5))
        said = self.accepted(cab, *self.metadata(self.release(cab, members)))
        self.assertEqual((said["metadata"]["version"], said["metadata"]["stale"], said["container"]["signed"]),
                         ("1.0.0", False, True))
        another = cabs.signed(self.folder / "other.cab", other, self.signer)
        cases = [
            ("not named", [self.release(another, other, "2.0.0")], "does not name the SHA-256"),
            ("version", [self.release(cab, members, "1.0.1")], "says version 1.0.1, the metainfo 1.0.0"),
            ("GUID", [self.release(cab, members, guid="11111111-003e-5270-89d5-3705a17f9a43")], "does not say that it is for"),
            ("id", [self.release(cab, members, identity="org.example.other")], "calls the firmware org.example.other"),
            ("content", [self.release(cab, other)], "another SHA-256 of the payload"),
        ]
        for name, releases, reason in cases:
            with self.subTest(name):
                self.rejected(cab, reason, *self.metadata(*releases))
        said = self.rejected(cab, "the metadata: .*authority", *self.metadata(self.release(cab, members), signer=stranger))
        self.assertIsNone(said["metadata"]["authority"])
        options = self.metadata(self.release(cab, members))
        options[1].write_bytes(options[1].read_bytes() + b"x")
        self.rejected(cab, "the metadata: .*sha256 is not the one", *options)
        self.assertEqual(list(self.verify(cab, *options[:2])), ["error"])
        self.assertEqual(list(self.verify(cab, "--metadata", "/nonexistent", "--signature", "/nonexistent")), ["error"])

    def rom(self, name):
        return lzma.decompress((COREBOOT / name / "rom.xz").read_bytes())

    def test_prediction(self):
        if not COREBOOT.is_dir():
            self.skipTest(f"no {COREBOOT}")
        cab = self.signed(self.product(self.rom(NEW)))
        old = self.folder / "old.rom"
        old.write_bytes(self.rom(OLD))
        logs = [COREBOOT / OLD / name for name in ("cbmem-log.bin", "linux-log.bin", "console-events.txt")]
        options = ["--old-rom", old, "--pcrs", COREBOOT / OLD / "pcrs.txt"]
        for log in logs:
            options += ["--eventlog", log] if log.exists() else []
        said = self.accepted(cab, *options)
        self.assertIsNone(said["predictionReason"])
        predicted = {row["pcr"]: row["value"] for row in said["prediction"]["pcrs"] if row["status"] == "predicted"}
        self.assertRegex(predicted[2], "^[0-9a-f]{64}$")
        done = self.run_verify(cab, *options)
        self.assertTrue(re.search(rf"^ *PCR 2 .* predicted  {predicted[2]}$", done.stdout, re.MULTILINE), done.stdout)
        # without a chip to read: a reason, and still accepted
        said = self.accepted(cab)
        self.assertIsNone(said["prediction"])
        self.assertIn("--old-rom", said["predictionReason"])
        # of another boot: the log does not lead to these PCRs
        said = self.accepted(cab, "--old-rom", old, "--pcrs", COREBOOT / NEW / "pcrs.txt", "--eventlog", logs[0])
        self.assertIsNone(said["prediction"])


if __name__ == "__main__":
    if not verifycase.PROGRAM.exists():
        print(f"{verifycase.PROGRAM} is not there")
        sys.exit(77)
    unittest.main(verbosity=2)
