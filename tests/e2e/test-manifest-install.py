#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Updates whose vendor declares measurements: fwupd takes the cab, what agrees is recorded, what does not is refused."""
import hashlib
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import timecase
from productcase import NEW, PROGRAM

JSON, CORIM = "firmware.manifest.json", "firmware.corim"


class ManifestInstall(timecase.TimeCase):
    def setUp(self):
        super().setUp()
        self.directory = self.board("a")
        info = self.info(self.directory)
        self.signer = cabs.Pair(pathlib.Path(info["signer"]), pathlib.Path(info["signer_key"]))
        self.downloads = pathlib.Path(info["downloads"])
        self.image = self.rom("new.rom", NEW)
        self.cab = self.publish(self.directory, self.image, NEW)
        self.members = cabs.unpack(self.cab)
        del self.members["firmware.jcat"]
        self.names = max(self.downloads.glob("firmware-*-stable.xml.zst"))
        self.metadata = cabs.tool("zstd", "-dcq", self.names).decode()
        self.signed = timecase.now() - timecase.HOUR
        # the way that this machine takes with the image is what it takes now
        self.reference = ["--old-rom", self.scratch / "a-old.rom", "--eventlog", info["event_log"]]

    def make(self, form):
        out = self.scratch / f"made.{form}"
        cabs.tool(PROGRAM, "--config", self.info(self.directory)["config"], "make-manifest", self.image,
                  "--firmware-version", NEW, "--format", form, "--out", out, *self.reference)
        return out.read_bytes()

    def offer_with(self, manifests, signer=None):
        """The published cab with these members besides, named by new metadata."""
        before = self.cab.read_bytes()
        container = cabs.jcat(*(cabs.item(name, data, signer if signer and name in manifests else self.signer)
                                for name, data in (self.members | manifests).items()))
        cabs.pack(self.cab, {**self.members, **manifests, "firmware.jcat": container})
        after = self.cab.read_bytes()
        text = self.metadata.partition("<components")[2].partition(">")[2].rpartition("</components>")[0]
        for old, new in ((f">{hashlib.sha256(before).hexdigest()}<", f">{hashlib.sha256(after).hexdigest()}<"),
                         (f">{len(before)}<", f">{len(after)}<")):
            self.assertIn(old, self.metadata)
            text = text.replace(old, new)
        self.metadata = f"<components>{text}</components>"
        self.signed += 1
        self.sign_xml(self.directory, self.signed, text)
        self.do(self.directory, "refresh")

    def test_all(self):
        lab = self.directory
        good, corim = self.make("json"), self.make("corim")
        manifest = json.loads(good)
        with self.subTest("a wrong object"):
            wrong = json.loads(good)
            wrong["objects"][-1]["digests"]["sha256"] = "0" * 64
            name = wrong["objects"][-1]["file"]
            self.offer_with({JSON: json.dumps(wrong).encode()})
            self.refused(lab, ["update", "-y"], f"the vendor declares something else of this firmware: COREBOOT:{name}")
        with self.subTest("a wrong PCR"):
            wrong = json.loads(good)
            wrong["recipes"][0]["pcrs"][0]["value"] = "0" * 64
            self.offer_with({JSON: json.dumps(wrong).encode()})
            self.refused(lab, ["update", "-y"], r"recipe normal: PCR 2 \(sha256\) is forecast as")
        with self.subTest("another certificate"):
            other = cabs.certify(self.scratch, "Other", 77, cabs.Pair(lab / "pki" / "firmware-ca.pem",
                                                                      lab / "pki" / "firmware-ca.key"))
            self.offer_with({JSON: good}, other)
            self.refused(lab, ["update", "-y"], "signed by different certificates")
        self.offer_with({JSON: good, CORIM: corim})
        updated = self.ask(lab, "update", "-y")["updated"][0]
        found = {finding["object"]: finding["status"] for finding in updated["declared"]["findings"]}
        self.assertEqual(found["image"], "agrees")
        self.assertEqual(found["recipe normal"], "agrees")
        sha256 = hashlib.sha256(good).hexdigest()
        self.assertEqual(updated["declared"]["manifest"], sha256)
        self.assertEqual(self.entry(lab, updated["record"])["manifest"], sha256)
        self.lab("boot", lab)
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        declared = {(row["bank"], row["pcr"]): row["value"] for row in manifest["recipes"][0]["pcrs"]}
        self.assertEqual(declared["sha256", 2], self.pcr(lab, 2))


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
