#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Owned workers `jcat` and `signature` on the way from the mirror to verified metadata.

Row `worker jcat`: it can offer a wrong signature blob, and cannot make it verify. Row `worker signature`: it can say
yes; it cannot make another file of it, another name, another time, or a word on the terminal.
"""
import contextlib
import copy
import gzip
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import time
import unittest
from xml.etree import ElementTree

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import ownedlab
import productcase
from frames import END, changed, data, frame, join
from productcase import NEW

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"
SHA256, GPG, PKCS7 = 1, 2, 3
DAY = 24 * 3600


def blobs(said, **kinds):
    """What was said, with other blobs: sha256=bytes, pkcs7=bytes or kind=number."""
    said = copy.deepcopy(said)
    for name, fields in said:
        if name == "JCAT_BLOB":
            kind = {SHA256: "sha256", PKCS7: "pkcs7"}[fields["KIND"][0]]
            if kind in kinds:
                fields["BLOB"] = kinds[kind]
            fields["KIND"] = kinds.get("kind", fields["KIND"])
    return join(said)


def without(said, kind):
    return join([each for each in said if each[1].get("KIND") != [kind]])


def gzip_json(document):
    return gzip.compress(json.dumps(document).encode())


def jcat_of(name, content, kinds=(SHA256, PKCS7)):
    """A jcat file of somebody without a key."""
    texts = {SHA256: hashlib.sha256(content).hexdigest(),
             PKCS7: "-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n"}
    return {"JcatVersionMajor": 0, "JcatVersionMinor": 1,
            "Items": [{"Id": name, "AliasIds": ["firmware.xml.zst"] if name.startswith("firmware") else [],
                       "Blobs": [{"Kind": kind, "Flags": 1, "Data": texts[kind]} for kind in kinds]}]}


@contextlib.contextmanager
def replaced(path, content):
    """A file with other contents for a while."""
    before = path.read_bytes() if path.exists() else None
    path.write_bytes(content)
    try:
        yield
    finally:
        if before is not None:
            path.write_bytes(before)


class Refresh(ownedlab.OwnedLab):
    def setUp(self):
        super().setUp()
        self.publish(self.dir, self.rom("new.rom", NEW), NEW)
        self.downloads = pathlib.Path(self.facts["downloads"])

    def test_jcat(self):
        """An owned jcat worker never lets anything wrong verify, and decides no name of a file."""
        said = self.heard("jcat", "refresh")[0]
        self.check(self.tell("clean"), 0)
        item = join(said[:1])
        true = {kind: fields["BLOB"][0] for _, fields in said[1:-1] for kind in fields["KIND"]}
        number = said[0][1]["ID"][0].decode()
        old = (self.downloads / number.replace("00002", "00001")).read_bytes() if "00002" in number else None
        hundred = b"".join(frame("JCAT_ITEM", ID=f"file-{n:03}") for n in range(100))
        asked = "under a name that can be asked for"
        rows = [
            *((f"id {name[:20]!r}", changed(said, 0, ID=name), asked)
              for name in ("../x", "/etc/passwd", "..", "//evil.example/x", "a b", "%2e%2e%2fx", "", "x" * 129)),
            *((f"id {name[:20]!r}", changed(said, 0, ID=name), "JCAT_ITEM with an unfit ID")
              for name in ("a\0b", "x" * 1000, ESCAPES, "a\nb")),
            ("nine aliases", changed(said, 0, ALIAS=["firmware.xml.zst"] * 9), "9 times ALIAS"),
            ("alias with escapes", changed(said, 0, ALIAS=ESCAPES), "unfit ALIAS"),
            ("no id", changed(said, 0, ID=None), "0 times ID"),
            ("another file", changed(said, 0, ID="other.xml.zst", ALIAS=None), asked),
            ("no items", END, asked),
            ("signature of another file", blobs(said, pkcs7=self.other_signature()), "the signature does not match"),
            ("no signature", without(said, PKCS7), "no PKCS#7 signature"),
            ("signature of nobody", blobs(said, pkcs7=b"-----BEGIN PKCS7-----\n"), "signature"),
            ("signature with escapes", blobs(said, pkcs7=b"-----\x1b[31m"), "no PEM text"),
            ("checksum as signature", blobs(said, pkcs7=true[SHA256]), "signature"),
            ("no checksum", without(said, SHA256), "no sha256 or sha512"),
            ("wrong checksum", blobs(said, sha256=b"0" * 64), "its sha256 is not the one"),
            ("checksum of nothing", blobs(said, sha256=b""), "no checksum"),
            ("binary checksum", blobs(said, sha256=bytes(32)), "no checksum"),
            ("other kinds", blobs(said, kind=GPG), "no sha256 or sha512"),
            ("kind of 2^32 and 3", blobs(said, kind=2**32 + PKCS7), "KIND 4294967299"),
            ("blob of no item", join(said[1:]), "JCAT_BLOB before any JCAT_ITEM"),
            ("blob too large", item + frame("JCAT_BLOB", KIND=PKCS7, FLAGS=0, BLOB=bytes(49153)), "unfit BLOB"),
            ("many blobs", item + frame("JCAT_BLOB", KIND=PKCS7, FLAGS=0, BLOB=b"x") * 1000, "more than 16 blobs"),
            ("thousands of items", b"".join(frame("JCAT_ITEM", ID=f"x{n}") for n in range(5000)), "more than 64 items"),
            ("items of one name", frame("JCAT_ITEM", ID="x") * 5000 + END, "more than 4 items of one name"),
            ("other items first", hundred + join(said), "more than 64 items"),
            ("a signature of its own", frame("SIGNATURE", STATUS=0) + END, "SIGNATURE"),
            ("data", data(b"x") + END, "DATA"),
        ]
        for name, sends, message in rows:
            with self.subTest(name), self.programs.owned("jcat", sends):
                self.refuse(["refresh"], message, {})
        with self.subTest("items without end"), \
                self.programs.owned("jcat", frame("JCAT_ITEM", ID="x"), 'while cat "$here/scenario/$op.frames"; do :; done'):
            self.refuse(["refresh"], "more than (4|64) items", {})
        with self.subTest("rubbish beside the true item"), \
                self.programs.owned("jcat", hundred[:63 * len(hundred) // 100] + join(said)):
            self.check(self.tell("refresh"), 0)

    def test_signature(self):
        """The worker that is believed says yes to everything, and whatever else its frame can hold."""
        said = self.heard("signature", "refresh")[0]
        self.check(self.tell("clean"), 0)
        self.assertEqual(said[0][0], "SIGNATURE")
        made = said[0][1]["TIME"][0]
        yes = join(said)
        rows = [
            *((f"{name} of 513 bytes", changed(said, 0, **{name: "x" * 513}), f"unfit {name}")
              for name in ("AUTHORITY", "SUBJECT")),
            *((f"{name} with {text!r}", changed(said, 0, **{name: text}), f"unfit {name}")
              for name in ("AUTHORITY", "SUBJECT") for text in (ESCAPES, "a\nqubes-fwupdmgr: b", "a\0b")),
            *((f"no {name}", changed(said, 0, **{name: None}), "AUTHORITY, SUBJECT|SERIAL|AUTHORITY|SUBJECT")
              for name in ("AUTHORITY", "SUBJECT", "SERIAL")),
            ("serial of 65 bytes", changed(said, 0, SERIAL=bytes(65)), "unfit SERIAL"),
            ("no time", changed(said, 0, TIME=None), "TIME"),
            ("time 0", changed(said, 0, TIME=0), "does not say when|older|before"),
            ("time 2^63", changed(said, 0, TIME=2**63), "TIME 9223372036854775808"),
            ("time of the year 10000", changed(said, 0, TIME=253402300800), "TIME 253402300800"),
            ("in two days", changed(said, 0, TIME=int(time.time()) + 2 * DAY), "qvm-sync-clock"),
            ("before the mark", changed(said, 0, TIME=made - DAY), "newer one, signed at .* was verified before"),
            ("another verdict", changed(said, 0, STATUS=200), "STATUS|status"),
            ("yes nine times", join(said[:1]) * 9 + END, "up to 8 SIGNATURE"),
            ("yes without end", join(said[:1]) * 1000, "up to 8 SIGNATURE"),
            ("no word", END, "said nothing"),
            ("an item", frame("JCAT_ITEM", ID="x") + END, "up to 8 SIGNATURE"),
        ]
        for name, sends, message in rows:
            with self.subTest(name), self.programs.owned("signature", sends):
                self.refuse(["refresh"], message, {})
        self.cannot_name(said, yes)
        self.check(self.tell("refresh"), 0)
        self.can_say_yes(changed(said, 0, TIME=int(time.time())))

    def cannot_name(self, said, yes):
        """A yes is for a file whose digest stands in the jcat, under the name that was asked for."""
        metadata = sorted(self.downloads.glob("firmware-*-stable.xml.zst"))[-1]
        jcat = self.downloads / "firmware.xml.zst.jcat"
        other = gzip_json(jcat_of("other.xml.zst", metadata.read_bytes()))
        rows = [("other bytes", metadata, metadata.read_bytes() + b"\0", "its sha256 is not the one"),
                ("another name", jcat, other, "does not list it"),
                ("no checksum", jcat, gzip_json(jcat_of(metadata.name, b"", kinds=(PKCS7,))), "no sha256 or sha512")]
        for name, path, content, message in rows:
            with self.subTest(name), self.programs.owned("signature", yes), replaced(path, content):
                self.refuse(["refresh"], message, {})

    def can_say_yes(self, yes):
        """What is lost with this process: a catalogue of nobody is kept. fwupd, which looks once more, takes neither it
        nor the firmware that it names."""
        evil = self.downloads / "firmware-99999-stable.xml.zst"
        forged = self.compressed(self.forge())
        with self.programs.owned("signature", yes), replaced(evil, forged), \
                replaced(self.downloads / "firmware.xml.zst.jcat", gzip_json(jcat_of(evil.name, forged))):
            self.check(self.tell("refresh"), 1, "fwupd (says|keeps its own)")
            files = ownedcase.tree(self.cache)
            done = self.tell("update", "-y")
        self.check(done, 1, "fwupd says: .*signature missing or not trusted")
        self.assertIn(b"Lab Board: 1.0.0 -> 9.9.9", done.out)
        self.assertEqual(set(files) - set(ownedcase.tree(self.cache)), set())
        self.check_untouched(ownedcase.tree(self.cache), ["abandoned"])

    def compressed(self, text):
        return subprocess.run(["zstd", "-q", "-c"], input=text, check=True, capture_output=True).stdout

    def forge(self):
        """The true catalogue, but for one release, of an archive without a signature."""
        metadata = sorted(self.downloads.glob("firmware-*-stable.xml.zst"))[-1]
        true = subprocess.run(["zstd", "-dqc", metadata], check=True, capture_output=True).stdout
        root = ElementTree.fromstring(true)
        rom = self.rom("evil.rom", "9.9.9")
        cab = self.scratch / "evil.cab"
        subprocess.run(["gcab", "--extract", next(self.downloads.glob("*1.1.0.cab"))], check=True, cwd=self.scratch)
        metainfo = self.scratch / "firmware.metainfo.xml"
        metainfo.write_text(metainfo.read_text().replace(productcase.digest(self.scratch / "firmware.rom"),
                                                         productcase.digest(rom)).replace("1.1.0", "9.9.9"))
        shutil.copy(rom, self.scratch / "firmware.rom")
        subprocess.run(["gcab", "--create", "--zip", "--nopath", cab, "firmware.rom", metainfo.name], check=True,
                       cwd=self.scratch)
        shutil.copy(cab, self.downloads / "evil.cab")
        release = root.find(".//release")
        release.set("version", "9.9.9")
        release.find("location").text = self.facts["mirror_url"] + "/evil.cab"
        release.find("size[@type='download']").text = str(cab.stat().st_size)
        for target, path in (("container", cab), ("content", rom)):
            release.find(f"checksum[@type='sha256'][@target='{target}']").text = productcase.digest(path)
        return ElementTree.tostring(root)

    def other_signature(self):
        """A genuine one: of the cab's payload."""
        calls = []
        cab = next(self.downloads.glob("*.cab"))
        with self.programs.overheard("jcat") as heard:
            self.tell("verify", cab)
            calls = ownedcase.frames.decode(heard.read_bytes())
        return next(fields["BLOB"][0] for name, fields in calls if name == "JCAT_BLOB" and fields["KIND"] == [PKCS7])


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
