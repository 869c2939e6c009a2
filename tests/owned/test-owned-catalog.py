#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned worker `catalog`, which only bytes that an authority has signed can have attacked.

Row `worker catalog`: it can offer a wrong row, which stays in the index until other metadata comes or `clean` runs: other
versions, requirements left out, another archive with another digest. It cannot escape, name a device that was not asked
for, choose another way than https, or get an archive past fwupd that nobody has signed.
"""
import copy
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import ownedlab
import productcase
from frames import END, frame, join
from productcase import NEW

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"
OTHER = "22222222-2222-2222-2222-222222222222"
FLOOD = 'while cat "$here/scenario/$op.frames"; do :; done'
DRAWING = rb"\r|\x1b\[K|\x1b\[(?:0|1|2|31|32|33)m"       # what progress and colours on a terminal are made of


class Catalog(ownedlab.OwnedLab):
    def setUp(self):
        super().setUp()
        self.image = self.rom("new.rom", NEW)
        self.cab = self.publish(self.dir, self.image, NEW)
        self.said = self.heard("catalog", "refresh")[0]

    def told(self, kind, **changes):
        """What the true worker says, with other fields in each frame of a kind; None takes a field away."""
        said = copy.deepcopy(self.said)
        for name, fields in said:
            if name != kind:
                continue
            fields.update(changes)
            for key in [key for key, value in changes.items() if value is None]:
                fields.pop(key, None)
        return join(said)

    def refresh(self, sends, then=ownedcase.EXIT_0):
        """Metadata as for the first time, read by the owned worker."""
        self.check(self.tell("clean"), 0)
        with self.programs.owned("catalog", sends, then):
            return self.tell("refresh")

    def offer_of(self, *lies):
        """The first verb that looks at what the worker said closely enough."""
        done = self.refresh(*lies)
        return self.tell("get-updates") if done.status == 0 else done

    def check_chip(self, records=()):
        self.check_untouched(ownedcase.tree(self.cache), records)

    def test_frames(self):
        """What cannot be a row is refused: when metadata is read, or at the latest when a row is looked at."""
        head, release = self.said[0], next(each for each in self.said if each[0] == "RELEASE")
        component = join([head])
        requirement = frame("REQUIREMENT", KIND=1)
        location = "RELEASE with the unfit location"
        rows = [
            *((f"location {place!r}", self.told("RELEASE", LOCATION=place), location)
              for place in ("../x.cab", "a/../../x.cab", "/etc/passwd", "file:///etc/passwd", "http://mirror.example/x.cab",
                            "ftp://x/", "javascript:x", "x y.cab", 'x".cab', "")),
            *((f"{key} with escapes", self.told(kind, **{key: ESCAPES}), f"{kind} with an unfit {key}")
              for kind, key in (("COMPONENT", "ID"), ("COMPONENT", "NAME"), ("COMPONENT", "SUMMARY"),
                                ("COMPONENT", "VENDOR"), ("COMPONENT", "BRANCH"), ("COMPONENT", "VERSION_FORMAT"),
                                ("COMPONENT", "UPDATE_PROTOCOL"), ("COMPONENT", "GUID"), ("RELEASE", "VERSION"),
                                ("RELEASE", "URGENCY"), ("RELEASE", "LOCATION"), ("RELEASE", "CONTENT_NAME"),
                                ("RELEASE", "DESCRIPTION"), ("RELEASE", "CVE"), ("REQUIREMENT", "VALUE"),
                                ("REQUIREMENT", "VERSION"))),
            ("version of words", self.told("RELEASE", VERSION="1.0 (please accept)"), "the unfit version"),
            ("version too long", self.told("RELEASE", VERSION="1" * 65), "unfit VERSION"),
            ("payload elsewhere", self.told("RELEASE", CONTENT_NAME="../x"), "unfit name of the payload"),
            ("digest cut", self.told("RELEASE", SHA256=bytes(31)), "unfit digest"),
            ("digest too long", self.told("RELEASE", SHA256=bytes(33)), "unfit SHA256"),
            ("size of 2^64-1", self.told("RELEASE", SIZE=2**64 - 1), "RELEASE with SIZE"),
            ("size beyond 1 GiB", self.told("RELEASE", SIZE=(1 << 30) + 1), "RELEASE with SIZE"),
            ("time of 2^64-1", self.told("RELEASE", TIME=2**64 - 1), "RELEASE with TIME"),
            ("GUID of words", self.told("COMPONENT", GUID=[*head[1]["GUID"], "all devices"]), "unfit GUID"),
            ("257 GUIDs", self.told("COMPONENT", GUID=[OTHER] * 257), "257 times GUID"),
            ("65 CVEs", self.told("RELEASE", CVE=["CVE-1"] * 65), "65 times CVE"),
            ("long description", self.told("RELEASE", DESCRIPTION="x" * 16385), "unfit DESCRIPTION"),
            ("requirement of another kind", component + frame("REQUIREMENT", KIND=99) + END, "REQUIREMENT with KIND 99"),
            ("requirement too late", join([head, release]) + requirement + END, "REQUIREMENT out of order"),
            ("releases without number", component + join([release]) * 2000 + END, "RELEASE out of order or too often"),
            ("requirements without number", component + requirement * 2000 + END, "REQUIREMENT out of order or too often"),
            ("a region", frame("REGION", NAME="X", OFFSET=0, SIZE=1, FLAGS=0) + END, "REGION"),
        ]
        for name, sends, message in rows:
            with self.subTest(name):
                self.check(self.offer_of(sends), 1, message)
        for name, sends in (("components", component * 20_000), ("releases", component + join([release]) * 20_000)):
            with self.subTest(f"{name} without end"):
                self.check(self.offer_of(sends, FLOOD), 1, "the worker for catalog|out of order or too often")
        self.check_chip()

    def test_says_not_found(self):
        """That there is nothing is not for it to say: the remote would be passed over, and with it how old it is."""
        not_found = frame("ERROR", CODE=10, DETAIL="nothing here")
        (self.cache / "metadata/lab/index").unlink()
        with self.programs.owned("catalog", not_found, "exit 1"):
            for words in (["get-updates"], ["update", "-y"]):
                with self.subTest(words):
                    self.check(self.tell(*words), 1, "metadata kept of remote lab: the worker for catalog: nothing here")
        self.check(self.tell("get-updates"), 0)
        self.check_chip()

    def test_rows(self):
        """Lies that could be true."""
        rows = [
            ("another device", self.told("COMPONENT", GUID=OTHER), 2, "nothing to update"),
            ("no device", self.told("COMPONENT", GUID=None), 2, "nothing to update"),
            ("no release", join([each for each in self.said if each[0] != "RELEASE"]), 2, "nothing to update"),
            ("no place", self.told("RELEASE", LOCATION=None), 1, "does not say where"),
            ("no digest", self.told("RELEASE", SHA256=None), 1, "does not give size and SHA-256"),
            ("no size", self.told("RELEASE", SIZE=None), 1, "does not give size and SHA-256"),
            ("another digest", self.told("RELEASE", SHA256=bytes(32)), 1, "another SHA-256 than promised"),
            ("too small", self.told("RELEASE", SIZE=9), 1, "larger"),
            ("too large", self.told("RELEASE", SIZE=1 << 20), 1, "larger|another size|bytes"),
            ("another host", self.told("RELEASE", LOCATION="https://198.51.100.7/x.cab"), 1, "cannot be reached"),
            ("another content", self.told("RELEASE", CONTENT_SHA256=bytes(32)), 1, "no file in the cab"),
            ("no content", self.told("RELEASE", CONTENT_SHA256=None), 1, "does not give the SHA-256 of the content"),
            ("another protocol", self.told("COMPONENT", UPDATE_PROTOCOL="com.evil"), 1, "does not speak"),
            ("another branch", self.told("COMPONENT", BRANCH="evil"), 1, "branch evil"),
        ]
        for name, sends, status, message in rows:
            with self.subTest(name):
                self.check(self.refresh(sends), 0)
                self.check(self.tell("update", "-y"), status, message)
        self.check_chip()

    def test_archive_of_nobody(self):
        """The row names an archive that nobody has signed, with its true digests: fwupd looks for a signature."""
        work = self.scratch / "work"
        work.mkdir()
        rom = self.rom("evil.rom", "9.9.9")
        subprocess.run(["gcab", "--extract", self.cab], check=True, cwd=work)
        metainfo = work / "firmware.metainfo.xml"
        metainfo.write_text(metainfo.read_text().replace(productcase.digest(work / "firmware.rom"),
                                                         productcase.digest(rom)).replace(NEW, "9.9.9"))
        shutil.copy(rom, work / "firmware.rom")
        evil = pathlib.Path(self.facts["downloads"]) / "evil.cab"
        # the signatures of the true archive beside it
        subprocess.run(["gcab", "--create", "--zip", "--nopath", evil, "firmware.rom", metainfo.name, "firmware.jcat"],
                       check=True, cwd=work)
        sends = self.told("RELEASE", VERSION="9.9.9", LOCATION=self.facts["mirror_url"] + "/evil.cab",
                          SHA256=bytes.fromhex(productcase.digest(evil)), SIZE=evil.stat().st_size,
                          CONTENT_SHA256=bytes.fromhex(productcase.digest(rom)))
        self.check(self.refresh(sends), 0)
        done = self.tell("update", "-y")
        self.assertIn(b"1.0.0 -> 9.9.9", done.out)
        self.check(done, 1, "fwupd says: .*(not trusted|failed to verify|checksum)")
        self.check_chip(["abandoned"])

    def test_description(self):
        """Paragraphs that look like ours stand behind a mark, line by line."""
        forged = "Good.\nqubes-fwupdmgr: accepted\n\nInstall 1.1.0 on Lab Board? [y/N] y\n  1.1.0 is installed"
        self.check(self.refresh(self.told("RELEASE", DESCRIPTION=forged)), 0)
        done = self.tell("get-updates")
        self.check(done, 0)
        lines = done.out.decode().splitlines()
        for line in forged.splitlines():
            self.assertIn(f"  | {line}", lines)
            self.assertNotIn(line or "never", lines)
        self.assertEqual(self.check(self.tell("get-updates", "--json"), 0)["updates"][0]["description"], forged)

    def test_names_of_fwupd(self):
        """Names that fwupd has from devices and from files of remotes, and its own words about them."""
        nasty = "Board \x1b[31m\x07\u009b1m \u202egnp \u2066x"
        conf = pathlib.Path(self.facts["fwupd_conf"])
        conf.write_text(re.sub(r"(?m)^(ProductName|Manufacturer)=.*$", lambda found: f"{found[1]}={nasty}",
                               conf.read_text()))
        remote = conf.parent / "remotes.d" / "lab.conf"
        remote.write_text(re.sub(r"(?m)^Title=.*$", lambda _: f"Title={nasty}", remote.read_text()))
        self.restart_fwupd(self.dir)
        for words, status in ((["get-devices", "-v"], 0), (["get-remotes"], 0), (["get-updates"], 2),
                              (["update", "-y"], 2), (["get-devices", "--json"], 0), (["get-remotes", "--json"], 0)):
            with self.subTest(words):
                done = self.tell(*words)
                self.check(done, status)
                if words[0] != "update" and status == 0:
                    self.assertIn(b"Board ?[31m", done.out)
        self.check_chip()

    def test_drawing(self):
        """On a terminal there are progress and colours as well, of a few sequences."""
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        command = [*self.enter, "--", str(ownedcase.PROGRAM), "update"]
        env = {**self.env, "TERM": "xterm"}
        with subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=env) as process:
            os.close(end)
            said = b""
            while b"[y/N]" not in said:
                said += os.read(terminal, 65536)
            os.write(terminal, b"n\n")
            self.assertEqual(process.wait(ownedcase.SECONDS), 1)
        plain = re.sub(DRAWING, b"", said)
        self.assertLess(len(plain), len(said))
        self.assertEqual(set(plain) - set(range(0x20, 0x7f)) - {0x0a}, set(), said)
        self.check_chip()


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
