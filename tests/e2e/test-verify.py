#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""verify, the stand-alone validator, with an archive that the real LVFS has signed, as an ordinary user."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build")) / "dom0" / "qubes-fwupdmgr"
CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
KEYS = pathlib.Path("/etc/pki/fwupd")
MEMBERS = {"fakedevice124.metainfo.xml", "fakedevice124.bin", "fakedevice124.jcat"}
STRANGER = 54321      # a uid of nobody
CONFIG = "[Trust]\nFirmwareKeys={keys}\n[Worker]\nUser=54322\n"


class Verify(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qfu-verify-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.config = self.folder / "qubes-fwupd.conf"
        self.config.write_text(CONFIG.format(keys=KEYS))

    def verify(self, cab, *options, user=None):
        prefix = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return subprocess.run([*prefix, PROGRAM, "--config", self.config, "verify", "--json", cab, *options],
                              check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

    def accepted(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        said = json.loads(done.stdout)
        self.assertEqual((said["verdict"], said["reasons"]), ("accepted", []))
        signed = {item["name"]: item["authority"] for item in said["items"] if item["signed"]}
        self.assertEqual(set(signed), MEMBERS - {"fakedevice124.jcat"})
        for authority in signed.values():
            self.assertIn("LVFS CA", authority)
        self.assertEqual(said["component"]["version"], "1.2.4")

    def rejected(self, done, cab):
        self.assertEqual(done.returncode, 1, f"{cab}: {done.stdout}")
        self.assertTrue(done.stderr.startswith("qubes-fwupdmgr: "), done.stderr)

    def changed(self, at):
        data = bytearray(CAB.read_bytes())
        data[at] ^= 1
        path = self.folder / f"changed-{at}.cab"
        path.write_bytes(data)
        return path

    def test_real(self):
        self.accepted(self.verify(CAB))

    def test_ordinary_user(self):
        if os.geteuid() != 0:
            self.skipTest("the other tests have run as an ordinary user")
        probe = subprocess.run(["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", PROGRAM,
                                "--version"], check=False, capture_output=True, text=True)
        if probe.returncode:
            self.skipTest(f"an ordinary user cannot run it: {probe.stderr.strip()}")
        self.accepted(self.verify(CAB, user=STRANGER))
        cab = self.changed(CAB.stat().st_size - 1)
        self.rejected(self.verify(cab, user=STRANGER), cab)

    def test_other_authority(self):
        keys = self.folder / "keys"
        keys.mkdir()
        done = self.verify(CAB, "--keys", keys)
        self.rejected(done, CAB)
        for name in ("key", "pem"):
            subprocess.run(["certtool", "--generate-privkey", "--ecc", "--outfile", self.folder / "key"] if name == "key"
                           else ["certtool", "--generate-self-signed", "--load-privkey", self.folder / "key", "--template",
                                 "/dev/stdin", "--outfile", keys / "other.pem"],
                           input=b"cn = other\nca\ncert_signing_key\n", check=True, capture_output=True, timeout=60)
        done = self.verify(CAB, "--keys", keys)
        self.rejected(done, CAB)
        self.assertEqual(json.loads(done.stdout.split("\n}\n")[0] + "\n}")["verdict"], "rejected")
        shutil.copy(KEYS / "LVFS-CA.pem", keys)
        self.accepted(self.verify(CAB, "--keys", keys))

    def test_one_byte(self):
        """In each part of the file. No signature covers the members' dates, the number of the set and what the jcat is
        called; all else counts."""
        data = CAB.read_bytes()
        size = len(data)
        body = data.index(b".metainfo.xml") + len(b".metainfo.xml")
        names = [data.index(text) for text in (b"fakedevice124.bin", b".jcat", b".metainfo.xml")]
        places = {0, 3, *range(4, 32), *range(36, 54), *names, *range(body, size, (size - body) // 24), size - 1}
        for at in sorted(places):
            with self.subTest(at):
                cab = self.changed(at)
                self.rejected(self.verify(cab), cab)

    def test_cut(self):
        for size in (0, 4, 36, 2000, CAB.stat().st_size - 1):
            with self.subTest(size):
                cab = self.folder / "cut.cab"
                cab.write_bytes(CAB.read_bytes()[:size])
                self.rejected(self.verify(cab), cab)


if __name__ == "__main__":
    for need in (PROGRAM, CAB, KEYS / "LVFS-CA.pem"):
        if not need.exists():
            print(f"{need} is not there")
            sys.exit(77)
    unittest.main(verbosity=2)
