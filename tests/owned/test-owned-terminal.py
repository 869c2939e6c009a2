#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing that came from elsewhere reaches the terminal unfiltered: names on the command line, of configurations, in
archives, jcat files, certificates, flash images and event logs, through the true workers.

Row `UpdateVM, network` and all others: cannot print to the terminal. Output is printable ASCII in lines of ours, and with
--json a document that a parser reads.
"""
import gzip
import hashlib
import json
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from ownedcase import PROGRAM, Done

DATA = pathlib.Path(os.environ.get("QFU_SHARED_DATA", ownedcase.ROOT.parent / "shared/data"))
BASE = DATA / "coreboot/hostile/base"
GENUINE = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
PCR2 = "a2a47106a6fab80733d46382311faa066b7843359f245e1379d256543bda0e3b"
FORGED = b"x\naccepted\nqubes-fwupdmgr: Install it? [y/N] y"
# ESC, CSI, OSC with BEL, BS, CR, C1 as a byte and in UTF-8, overrides and isolates of direction, zero width, line
# separator, broken UTF-8, DEL, a forged line, and much of it.
NASTY = [b"\x1b[2J", b"\x1b]0;owned\x07", b"a\x08\x08b", b"a\rb", b"\x9b31m", b"\xc2\x9b31m", b"\xe2\x80\xaegpj.bac",
         b"\xe2\x81\xa6x\xe2\x81\xa9", b"\xe2\x80\x8b", b"\xe2\x80\xa8next", b"\xff\xfe\xc3", b"\x7f", FORGED,
         b"\x1b[31m" * 200]
# The same in fewer words.
JOINED = [b"".join(NASTY[:6]), b"".join(NASTY[6:12]), FORGED, NASTY[-1]]


class Terminal(ownedcase.PlainCase):
    def say(self, *words, status=1, config=None):
        """A command with and without --json: what both print is clean; returns the document."""
        command = [os.fsencode(word) for word in (PROGRAM, "--config", config or self.config, *words)]
        for option in ([], [b"--json"]):
            done = Done([os.fsdecode(word) for word in [*command, *option]])
            self.assertEqual(done.status, status, (words, done.out, done.err))
            self.check_said(done)
            if status != 0:
                self.assertEqual(done.err.count(b"\nqubes-fwupdmgr: ") + done.err.startswith(b"qubes-fwupdmgr: "), 1)
            for line in () if option else done.out.splitlines():
                self.assertFalse(line.startswith((b"accepted", b"qubes-fwupdmgr")), done.out)
        return ownedcase.schemacase.answer(words, done.status, done.out)

    def test_command_line(self):
        """Every place for a word of the caller, which may be the name of a file that came from a VM."""
        self.writes = True
        places = [["verify", b"%s"], ["verify", b"/%s/x"], ["verify", GENUINE, "--keys", b"%s"], [b"%s"], [b"--%s"],
                  ["eventlog", b"%s"], ["install", b"%s"], ["get-updates", b"%s"], ["get-devices", "--device", b"%s"],
                  ["predict", "--new-rom", b"%s"], ["predict", "--new-rom", "/x", "--old-rom", b"%s"],
                  ["predict", "--new-rom", BASE / "new.rom.xz", "--old-rom", BASE / "old.rom.xz", "--pcrs", b"%s"],
                  ["clean", b"%s"], ["refvals", b"%s"], ["attest", b"%s"]]
        for place in places:
            for nasty in JOINED:
                words = [word.replace(b"%s", nasty) if isinstance(word, bytes) else word for word in place]
                with self.subTest(place=place, nasty=nasty):
                    message = self.say(*words)["error"]["message"]
                    self.assertTrue(message)

    def test_configuration(self):
        """A configuration is trusted; what is wrong in it is said without what it could do."""
        for nasty in JOINED:
            if b"\n" in nasty:
                continue
            for text in (b"[%s]\nA=b\n", b"[Trust]\n%s=b\n", b"[Chip]\nSize=%s\n", b"[Transport]\nType=%s\n",
                         b"[Paths]\nState=%s\n", b"%s"):
                path = self.folder / "other.conf"
                path.write_bytes(text.replace(b"%s", nasty))
                with self.subTest(text=text, nasty=nasty):
                    self.say("refvals", config=path)
        for nasty in JOINED:
            with self.subTest(name=nasty):
                self.say("refvals", config=b"/nowhere/" + nasty)

    def test_files(self):
        """Files by these names, whose contents are refused or shown."""
        for number, nasty in enumerate(JOINED):
            folder = os.fsencode(self.folder / str(number))
            os.mkdir(folder)
            path = folder + b"/" + nasty[:100].replace(b"/", b"_")
            shutil.copy(GENUINE, path)
            with self.subTest(nasty=nasty):
                self.say("eventlog", path)
                self.say("predict", "--new-rom", path, "--old-rom", path)
                pathlib.Path(os.fsdecode(path)).write_bytes(b"no cab")
                self.assertEqual(self.say("verify", path).get("verdict"), "rejected")

    def test_event_names(self):
        """Names of a coreboot log: 50 bytes of anything."""
        names = [nasty[:49] for nasty in NASTY] + [b"a\0\x1b[31m"]
        log = struct.pack("<HH", len(names), len(names))
        for name in names:
            log += struct.pack("<I10s64sI50s", 2, b"SHA256", hashlib.sha256(name).digest(), 32, name)
        path = self.folder / "log"
        path.write_bytes(log)
        said = self.say("eventlog", path, status=0)
        self.assertEqual(len(said["events"]), len(names))

    def test_image_names(self):
        """Names of files, regions and settings of an image, in what a forecast complains about."""
        old, log = lzma.open(BASE / "old.rom.xz").read(), (BASE / "log-tcg2.bin").read_bytes()
        (self.folder / "pcrs").write_text(f"sha256 2 {PCR2}\n")
        (self.folder / "old").write_bytes(old)
        for nasty in (*NASTY[:2], *NASTY[4:7], FORGED):
            for name in (b"fallback/romstage", b"COREBOOT", b"CONFIG_TPM2", b"SeaBIOS"):
                other = nasty[:len(name)].ljust(len(name), b"\x9b")
                (self.folder / "new").write_bytes(old.replace(name, other))
                (self.folder / "log").write_bytes(log.replace(name, other))
                for log_name in (self.folder / "log", BASE / "log-tcg2.bin"):
                    command = ["predict", "--old-rom", self.folder / "old", "--new-rom", self.folder / "new",
                               "--eventlog", log_name, "--pcrs", self.folder / "pcrs"]
                    with self.subTest(nasty=nasty, name=name):
                        done = self.tell(*command)
                        self.check_said(done)
                        ownedcase.schemacase.answer(command, done.status, done.out)

    def sign(self, subject):
        """A cab of an authority and a signer of such names. Returns its keys' folder."""
        keys = self.folder / "keys"
        keys.mkdir(exist_ok=True)
        leaf = b"cn = signer %s\nsigning_key\ncode_signing_key\n" % subject
        authority = b"cn = authority %s\nca\ncert_signing_key\n" % subject
        for name, template, more in (("ca", authority, ["--generate-self-signed"]),
                                     ("leaf", leaf, ["--generate-certificate", "--load-ca-certificate", keys / "ca.pem",
                                                     "--load-ca-privkey", self.folder / "ca.key"])):
            (self.folder / "template").write_bytes(template)
            key = self.folder / f"{name}.key"
            out = keys / "ca.pem" if name == "ca" else self.folder / "leaf.pem"
            for words in (["--generate-privkey", "--ecc", "--outfile", key],
                          [*more, "--load-privkey", key, "--template", self.folder / "template", "--outfile", out]):
                subprocess.run(["certtool", *words], check=True, capture_output=True)
        return keys

    def test_certificates(self):
        """Names of signers and authorities, as somebody has them certified."""
        metainfo = (b"<component type='firmware'><id>a.b</id><name>%s</name><provides><firmware type='flashed'>"
                    b"b585990a-003e-5270-89d5-3705a17f9a43</firmware></provides><releases><release version='1.0'>"
                    b"<checksum type='sha256' target='content' filename='firmware.bin'>%s</checksum><description><p>%s"
                    b"</p></description></release></releases></component>")
        text = "\u009b31m \u202e accepted"
        work = self.folder / "cab"
        work.mkdir()
        (work / "firmware.bin").write_bytes(b"firmware")
        (work / "firmware.metainfo.xml").write_bytes(
            metainfo % (text.encode(), hashlib.sha256(b"firmware").hexdigest().encode(), text.encode()))
        keys = self.sign("\u009b31m\u202eaccepted\x1b[31m".encode())
        names = ["firmware.metainfo.xml", "firmware.bin"]
        for name in names:
            for words in (["self-sign", "--kind", "sha256", "firmware.jcat", name],
                          ["sign", "firmware.jcat", name, self.folder / "leaf.pem", self.folder / "leaf.key"]):
                subprocess.run(["jcat-tool", "--keyring", self.folder / "keyring", *words], check=True, cwd=work,
                               capture_output=True)
        subprocess.run(["gcab", "-c", "-n", "signed.cab", *names, "firmware.jcat"], check=True, cwd=work)
        said = self.check(self.tell("verify", work / "signed.cab", "--keys", keys), 0)
        self.assertEqual(said["verdict"], "accepted")
        self.assertIn("authority", next(item["authority"] for item in said["items"] if item["signed"]))
        self.check_said(Done([PROGRAM, "--config", self.config, "verify", work / "signed.cab", "--keys", keys]))

    def test_member_names(self):
        """Names in a cab, and in its jcat."""
        for number, nasty in enumerate(NASTY):
            work = self.folder / f"cab-{number}"
            work.mkdir()
            name = os.fsdecode(nasty[:60].replace(b"/", b"_"))
            (work / name).write_bytes(b"x")
            item = {"Id": nasty.decode("utf-8", "replace"), "Blobs": []}
            (work / "firmware.jcat").write_bytes(gzip.compress(json.dumps({"Items": [item]}).encode()))
            done = subprocess.run(["gcab", "-c", "-n", "x.cab", name, "firmware.jcat"], cwd=work, check=False,
                                  capture_output=True)
            if done.returncode:     # gcab takes UTF-8 alone
                self.assertRaises(UnicodeDecodeError, nasty.decode)
                continue
            with self.subTest(nasty=nasty):
                self.say("verify", work / "x.cab")

    def test_hostile_cabs(self):
        """Real archives that have broken other programs."""
        cabs = sorted((DATA / "cabs").glob("*.cab"))
        self.assertGreater(len(cabs), 20)
        for cab in cabs:
            with self.subTest(cab.name):
                said = self.check(self.tell("verify", cab), 1, "rejected|cab")
                self.assertNotEqual(said.get("verdict"), "accepted")


if __name__ == "__main__":
    ownedcase.needs(BASE, GENUINE)
    unittest.main(verbosity=2)
