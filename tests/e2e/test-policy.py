#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whose signature counts, and what a remote may offer: the true program against a mirror that belongs to an attacker, or
to a vendor whose key is no longer his own."""
import contextlib
import json
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
import signing
from productcase import NEW

FIXED = "firmware.xml.zst"
CLOCK = "qvm-sync-clock"


class Policy(productcase.ProductCase):
    def setUp(self):
        super().setUp()
        self.board_lab = self.board("a")
        self.publish(self.board_lab, self.rom("new.rom", NEW), NEW)
        info = self.info(self.board_lab)
        self.downloads = pathlib.Path(info["downloads"])
        self.config = pathlib.Path(info["config"])
        self.metadata = max(self.downloads.glob("firmware-*-stable.xml.zst"))
        self.jcat = self.downloads / f"{FIXED}.jcat"
        pki = pathlib.Path(info["ca"])
        self.authority = signing.Certificate.of(pki, pki.with_suffix(".key"))
        self.signer = signing.Certificate.of(info["signer"], info["signer_key"])

    def leaf(self, name, *lines, serial=77, issuer=None):
        return signing.Certificate(self.scratch, name, serial, issuer or self.authority, lines)

    def offer_signed(self, *signatures):
        """The mirror's metadata with these signatures."""
        self.jcat.write_bytes(signing.jcat(signing.item(self.metadata, signatures, FIXED)))

    @contextlib.contextmanager
    def settings(self, *changes):
        """Other settings for a while: (before, after)."""
        text = self.config.read_text()
        changed = text
        for before, after in changes:
            self.assertIn(before, changed)
            changed = changed.replace(before, after)
        self.config.write_text(changed)
        try:
            yield
        finally:
            self.config.write_text(text)

    def nothing_kept(self):
        cache = pathlib.Path(self.info(self.board_lab)["cache"])
        self.assertEqual([each for each in cache.glob("metadata/*/*")], [])

    def refuse_refresh(self, *messages):
        """The clock is named when it can be the cause, and only then."""
        done = self.refused(self.board_lab, ["refresh"], messages[0])
        for message in messages:
            self.assertRegex(done.stderr, message)
        self.assertEqual(CLOCK in done.stderr, CLOCK in messages)
        self.nothing_kept()

    def test_signatures(self):
        good = self.signer.sign(self.metadata)
        unknown = signing.ml_dsa(good)
        other = signing.Certificate(self.scratch, "other", 5)
        foreign = self.leaf("foreign", issuer=other).sign(self.metadata)
        bent = self.metadata.with_name("bent")
        bent.write_bytes(self.metadata.read_bytes() + b"\n")
        broken = self.signer.sign(bent)
        expired = self.leaf("expired", 'activation_date = "2020-01-01 00:00:00 UTC"',
                            'expiration_date = "2021-01-01 00:00:00 UTC"')
        early = self.leaf("early", 'activation_date = "2090-01-01 00:00:00 UTC"',
                          'expiration_date = "2091-01-01 00:00:00 UTC"')
        weak = signing.Certificate(self.scratch, "weak", 78, self.authority, bits=1024)
        cases = [
            ("expired", [expired.sign(self.metadata)], [r"has expired at 2021-01-01 00:00:00 UTC", CLOCK]),
            ("not valid yet", [early.sign(self.metadata)], [r"is not valid before 2090-01-01 00:00:00 UTC", CLOCK]),
            ("wrong authority", [foreign], [r"an authority that is not accepted"]),
            ("other data", [broken], [r"the signature does not match"]),
            ("weak key", [weak.sign(self.metadata)], [r"an algorithm that is too weak"]),
            ("unknown alone", [unknown], [r"an algorithm that GnuTLS 3\.\S+ does not know"]),
            ("unknown and foreign", [unknown, foreign], [r"an authority that is not accepted"]),
            ("garbage", ["garbage", signing.PEM.format("MIIB\n"), "-"], [r"the signature does not match"]),
            ("none", [], [r"has no PKCS#7 signature"]),
        ]
        for name, signatures, messages in cases:
            with self.subTest(name):
                self.offer_signed(*signatures)
                self.refuse_refresh(*messages)
        # None of them sinks a good one, wherever that stands; the one that cannot be judged is reported.
        self.offer_signed("garbage", unknown, foreign, broken, good, unknown)
        remote = self.ask(self.board_lab, "refresh")["remotes"][0]
        self.assertEqual(remote["unknownSignatures"], 2)
        self.assertIn("Lab Firmware CA", remote["authority"])
        self.do(self.board_lab, "clean")
        said = self.do(self.board_lab, "refresh")
        self.assertRegex(said, r"signatures +2 more of an algorithm that GnuTLS \S+ does not know; not counted")
        self.assertEqual(self.ask(self.board_lab, "get-updates")["updates"][0]["versionTo"], NEW)

    def test_metadata(self):
        """Halves of jcat items are genuine, and together they are nothing; then settings that ask for more."""
        good = self.signer.sign(self.metadata)
        bent = self.metadata.with_name("bent")
        bent.write_bytes(self.metadata.read_bytes() + b"\n")
        of_bent = self.signer.sign(bent)
        other_name = signing.item(self.metadata, [good], "firmware.xml.xz")
        mixes = [
            ("another file's item", [other_name], r"does not list it"),
            ("another file's signature", [signing.item(self.metadata, [of_bent], FIXED)], r"does not match"),
            ("checksum here, signature there", [signing.item(self.metadata, [], FIXED),
                                                {"Id": self.metadata.name, "AliasIds": [FIXED],
                                                 "Blobs": [{"Kind": 3, "Flags": 1, "Data": good}]}], r"no sha256"),
        ]
        for name, items, message in mixes:
            with self.subTest(name):
                self.jcat.write_bytes(signing.jcat(*items))
                self.refuse_refresh(message)
        self.offer_signed(good)
        with self.settings(("RequirePostQuantum=false", "RequirePostQuantum=true")):
            self.refuse_refresh(r"RequirePostQuantum=true is set, but GnuTLS 3\.\S+ cannot check",
                                r"nothing is accepted until it is false")
        # A remote's own authorities count instead of the common ones, and for that remote alone.
        keys = self.scratch / "vendor-keys"
        keys.mkdir()
        (keys / "vendor.pem").write_bytes(signing.Certificate(self.scratch, "vendor", 5).cert.read_bytes())
        with self.settings(("[Remote lab]\n", f"[Remote lab]\nMetadataKeys={keys}\n")):
            self.refuse_refresh(r"an authority that is not accepted")
        with self.settings(("[Remote lab]\n", f"[Remote lab-other]\nMetadataKeys={keys}\n[Remote lab]\n")):
            self.do(self.board_lab, "refresh")

    def test_denied(self):
        """The key of one signer is lost; another one of the same authority still counts."""
        second = self.leaf("second", serial=0x0a0b)
        denied = ("DeniedSerials=\n", "DeniedSerials=11;000A0b;2\n")
        self.do(self.board_lab, "refresh")
        with self.settings(denied):
            # what was verified before is judged anew
            self.refused(self.board_lab, ["get-updates"], r"serial number 02, is denied by \[Trust\] DeniedSerials=")
            self.refused(self.board_lab, ["update", "-y"], r"DeniedSerials=")
            self.do(self.board_lab, "clean")
            self.refuse_refresh(r"serial number 02, is denied by \[Trust\] DeniedSerials=")
            self.offer_signed(second.sign(self.metadata))
            self.refuse_refresh(r"serial number 0a0b, is denied")
            self.offer_signed(second.sign(self.metadata), self.leaf("third", serial=0xa0b0).sign(self.metadata))
            self.do(self.board_lab, "refresh")

    def device(self):
        devices = self.ask(self.board_lab, "get-devices")["devices"]
        return next(each for each in devices if each["plugin"] == "qubes_coreboot")

    def test_offers(self):
        """What a remote may not offer is refused, by get-updates, update and install, with the setting that decides."""
        self.do(self.board_lab, "refresh")
        cab = next(self.downloads.glob("*.cab"))
        guid = self.device()["guids"][0]
        unset = ("SystemFirmware=true\n", "")
        none = "11111111-1111-1111-1111-111111111111"
        for name, change, message in (
                ("by default", unset, r"remote lab may not offer firmware of the machine itself; SystemFirmware=true"),
                ("said", ("SystemFirmware=true", "SystemFirmware=false"), r"group \[Remote lab\]"),
                ("other devices", ("SystemFirmware=true", f"SystemFirmware=true\nDevices={none};USB:0x1209"),
                 r"Devices= in the group \[Remote lab\] of the configuration does not name it")):
            with self.subTest(name), self.settings(change):
                for words in (["get-updates"], ["update", "-y"], ["install", "-y", cab]):
                    self.refused(self.board_lab, words, message)
                said = json.loads(self.manager(self.board_lab, "get-updates", "--json").stdout)
                self.assertEqual(said["updates"][0]["error"]["code"], "refused")
        with self.settings(("SystemFirmware=true", f"SystemFirmware=true\nDevices={none};{guid.upper()}")):
            self.assertEqual(self.ask(self.board_lab, "get-updates")["updates"][0]["versionTo"], NEW)
        self.misspelt()

    def misspelt(self):
        """What is no setting ends the program, and says where."""
        for change, message in (
                (("DeniedSerials=\n", "DeniedSerials=0x12\n"), r"\[Trust\] DeniedSerials=0x12: .*hexadecimal"),
                (("RequirePostQuantum=false", "RequirePostQuantum=no"), r"\[Trust\] RequirePostQuantum=no: true or false"),
                (("[Remote lab]", "[Remote]"), r"\[Remote\]: \[Remote ID\]"),
                (("SystemFirmware=true", "SystemFirmware=yes"), r"\[Remote lab\] SystemFirmware=yes: true, false"),
                (("SystemFirmware=true", "Devices=everything"), r"\[Remote lab\] Devices=everything: GUIDs")):
            with self.subTest(change), self.settings(change):
                done = self.manager(self.board_lab, "get-updates")
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, re.escape(str(self.config)) + r":\d+: " + message)


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
