#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""verify, the stand-alone validator, with an archive that the real LVFS has signed, as an ordinary user."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import verifycase
from verifycase import PROGRAM

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
KEYS = pathlib.Path("/etc/pki/fwupd")
MEMBERS = {"fakedevice124.metainfo.xml", "fakedevice124.bin", "fakedevice124.jcat"}
STRANGER = 54321      # a uid of nobody


class Verify(verifycase.VerifyCase):
    KEYS = KEYS

    def good(self, *options, user=None):
        said = self.accepted(CAB, *options, user=user)
        signed = {item["name"]: item["authority"] for item in said["items"] if item["signed"]}
        self.assertEqual(set(signed), MEMBERS - {"fakedevice124.jcat"})
        for authority in signed.values():
            self.assertIn("LVFS CA", authority)
        component = said["component"]
        self.assertEqual((component["id"], component["version"]), ("org.fwupd.fakedevice.firmware", "1.2.4"))
        self.assertFalse(said["container"]["signed"])
        self.assertIn("fakedevice124.bin", said["predictionReason"])
        return said

    def changed(self, at):
        data = bytearray(CAB.read_bytes())
        data[at] ^= 1
        path = self.folder / f"changed-{at}.cab"
        path.write_bytes(data)
        return path

    def test_real(self):
        said = self.good()
        for path, value in ((("verdict",), "rejected"), (("items", 0, "sha256"), "0"), (("items", 0, "signed"), "yes"),
                            (("reasons",), ["a reason"]), (("component",), None), (("more",), 1)):
            self.schema_refuses(said, *path, value=value)

    def test_for_people(self):
        done = self.run_verify(CAB)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[-1], "accepted")
        for text in ("fakedevice124.bin: payload, 10 bytes", "  serial     5a6b862b226cff3c90fd3b62",
                     "  authority  CN=LVFS CA,O=Linux Vendor Firmware Project", "  vendor     LVFS"):
            self.assertIn(text, lines)
        self.assertIn("the cabinet itself is not signed", done.stdout)

    def test_details(self):
        """Where neither fwupd nor metadata can be asked, get-details says what the file holds, and who signed it."""
        said = self.details(CAB)
        whole = self.good()
        self.assertEqual((said["items"], said["component"], said["reasons"]), (whole["items"], whole["component"], []))
        self.assertEqual((said["devices"], said["namedBy"], said["size"]), (None, None, CAB.stat().st_size))
        junk = self.folder / "junk.cab"
        junk.write_bytes(b"MSCF" + bytes(100))
        said = self.details(junk)
        self.assertEqual((said["items"], said["component"], said["error"]["code"]), ([], None, "format"))

    def details(self, cab):
        done = subprocess.run([PROGRAM, "--config", self.config, "get-details", cab, "--json"], stdin=subprocess.DEVNULL,
                              check=False, capture_output=True, timeout=60,
                              env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/none"})
        return verifycase.schemacase.answer(["get-details"], done.returncode, done.stdout)

    def test_ordinary_user(self):
        if os.geteuid() != 0:
            self.skipTest("the other tests have run as an ordinary user")
        probe = subprocess.run(["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", PROGRAM,
                                "--version"], check=False, capture_output=True, text=True)
        if probe.returncode:
            self.skipTest(f"an ordinary user cannot run it: {probe.stderr.strip()}")
        self.good(user=STRANGER)
        self.rejected(self.changed(CAB.stat().st_size - 1), ".", user=STRANGER)

    def test_other_authority(self):
        keys = self.folder / "other-keys"
        keys.mkdir()
        self.assertEqual(list(self.verify(CAB, "--keys", keys)), ["error"])
        shutil.copy(cabs.certify(self.folder, "Other", 1).pem, keys)
        said = self.rejected(CAB, "authority", "--keys", keys)
        self.assertIsNone(said["component"])
        shutil.copy(KEYS / "LVFS-CA.pem", keys)
        self.good("--keys", keys)

    def test_one_byte(self):
        """In each part of the file. Only what the jcat file is called besides its stem is nobody's word."""
        data = CAB.read_bytes()
        size = len(data)
        body = data.index(b".metainfo.xml") + len(b".metainfo.xml")
        places = {0, 3, *range(4, body, 3), *range(body, size, (size - body) // 24), size - 1}
        for at in sorted(places):
            with self.subTest(at):
                self.rejected(self.changed(at), ".")

    def test_cut(self):
        for size in (0, 4, 36, 2000, CAB.stat().st_size - 1):
            with self.subTest(size):
                cab = self.folder / "cut.cab"
                cab.write_bytes(CAB.read_bytes()[:size])
                self.rejected(cab, "cannot be unpacked")


if __name__ == "__main__":
    for need in (PROGRAM, CAB, KEYS / "LVFS-CA.pem"):
        if not need.exists():
            print(f"{need} is not there")
            sys.exit(77)
    unittest.main(verbosity=2)
