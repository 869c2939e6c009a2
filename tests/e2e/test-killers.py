#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is known to kill or mislead readers of jcat, XML and cabinets, through `verify` as a whole: a clean answer, soon, in
little memory. tests/parse/test-...-hostile.c try many more on the parsers alone."""
import gzip
import os
import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import verifycase

METAINFO, PAYLOAD, JCAT = "firmware.metainfo.xml", "firmware.bin", "firmware.jcat"
DATA = pathlib.Path(os.environ.get("QFU_SHARED_DATA", verifycase.ROOT.parent / "shared" / "data"))
PEAK = verifycase.PROGRAM.parents[1] / "tests" / "owned" / "peak"
HEAD = '{"JcatVersionMajor":0,"JcatVersionMinor":1,"Items":['
NESTED = gzip.compress(b"[" * 200_000, mtime=0)
BOMB_BYTES = 315_000_000
SECONDS = 20            # far more than any of them needs
MEMORY_KIB = 96 * 1024  # of any process, the workers among them

JCATS = [
    ("435 bytes of nested arrays", NESTED, "nested arrays"),
    ("nested objects", gzip.compress(b'{"a":' * 200_000, mtime=0), "nested arrays"),
    ("two roots", gzip.compress((HEAD + "]}" + HEAD + "]}").encode(), mtime=0), "follows its end"),
    ("comments that hide brackets", gzip.compress(b'/*"*/' + b"[" * 200_000 + b'/*"*/', mtime=0), "a byte that JSON does not have"),
    ("NUL", gzip.compress((HEAD + '{"Id":"a\0b"}]}').encode(), mtime=0), "a byte that JSON does not have"),
    ("escaped NUL", gzip.compress((HEAD + '{"Id":"a\\u0000b"}]}').encode(), mtime=0), "a NUL"),
    ("no UTF-8", gzip.compress(HEAD.encode() + b'{"Id":"\xff"}]}', mtime=0), "JSON is broken"),
    ("thousands of items", gzip.compress((HEAD + ",".join(['{"Id":"a"}'] * 5000) + "]}").encode(), mtime=0), "items"),
    ("name of 1000 characters", gzip.compress((HEAD + '{"Id":"' + "n" * 1000 + '"}]}').encode(), mtime=0), "a name"),
    ("nothing", b"", "empty"),
    ("no gzip", b"x" * 100, "gzip"),
]

LAUGHS = '<!DOCTYPE component [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "&{chr(97 + i)};&{chr(97 + i)};">' for i in range(24)) + "]><component>&y;</component>"
XMLS = [
    ("billion laughs", LAUGHS.encode()),
    ("quadratic blow-up", f'<!DOCTYPE component [<!ENTITY a "{"x" * 50_000}">]><component>{"&a;" * 50_000}</component>'.encode()),
    ("file", b'<!DOCTYPE component [<!ENTITY a SYSTEM "file:///etc/passwd">]><component><id>&a;</id></component>'),
    ("depth", b"<component>" * 80_000),
    ("attributes", b"<component " + b" ".join(b'a%d="x"' % i for i in range(50_000)) + b"/>"),
    ("huge attribute", b'<component a="' + b"x" * 900_000 + b'"/>'),
    ("endless comment", b"<component><!--" + b"x" * 900_000),
    ("NUL", b"<component><id>a\0b</id></component>"),
    ("UTF-16", "<component/>".encode("utf-16")),
    ("too large", b"<component>" + b"<!-- -->" * 140_000 + b"</component>"),
]


class Killers(verifycase.VerifyCase):
    def setUp(self):
        super().setUp()
        self.authority = cabs.certify(self.folder, "Authority", 1)
        self.signer = cabs.certify(self.folder, "Signer", 2, self.authority)
        (self.keys / "authority.pem").write_bytes(self.authority.pem.read_bytes())
        self.members = {METAINFO: cabs.metainfo(b"firmware", PAYLOAD), PAYLOAD: b"firmware"}

    def run_verify(self, cab, *options, user=None):
        command = [PEAK, self.folder / "peak", SECONDS, verifycase.PROGRAM, "--config", self.config, "verify", cab, *options]
        return subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=SECONDS)

    def soon_rejected(self, cab, reason):
        said = self.rejected(cab, reason)
        self.assertLess(int((self.folder / "peak").read_text()), MEMORY_KIB)
        return said

    def packed(self, jcat):
        return cabs.pack(self.folder / "packed.cab", {**self.members, JCAT: jcat})

    def test_jcats(self):
        self.assertLess(len(NESTED), 440)
        for name, jcat, reason in JCATS:
            with self.subTest(name):
                self.soon_rejected(self.packed(jcat), reason)

    def test_gzip_bomb(self):
        bomb = gzip.compress(bytes(BOMB_BYTES), mtime=0)
        self.assertLess(len(bomb), 310_000)
        self.soon_rejected(self.packed(bomb), "more than 4194304")

    def test_xml(self):
        """Signed by an authority that counts, for else no XML is read at all."""
        for name, xml in XMLS:
            with self.subTest(name):
                cab = cabs.signed(self.folder / "signed.cab", {**self.members, METAINFO: xml}, self.signer)
                said = self.soon_rejected(cab, "XML|metainfo")
                self.assertNotIn("root:", str(said))

    def test_cabinets(self):
        """Those that others found. Not one of them is accepted, and none is more than an error."""
        folder = DATA / "cabs"
        if not folder.is_dir():
            self.skipTest(f"no {folder}")
        files = sorted(folder.iterdir())
        self.assertGreater(len(files), 30)
        for cab in files:
            with self.subTest(cab.name):
                self.soon_rejected(cab, ".")

    def test_names(self):
        """Names of members that mean a place, in a cabinet that is good otherwise."""
        good = cabs.signed(self.folder / "good.cab", self.members, self.signer).read_bytes()
        self.assertEqual(good.count(PAYLOAD.encode() + b"\0"), 1)
        cab = self.folder / "names.cab"
        cab.write_bytes(good)
        self.accepted(cab)
        for name in (b"../etc", b"/etc/passwd", b"a\\..\\..\\b", b"..\\..\\x", b"C:\\a", b"\x1b]0;owned\x07", b"caf\xc3\xa9", b"\0", b"a/b"):
            with self.subTest(name):
                cab.write_bytes(good.replace(PAYLOAD.encode() + b"\0", name.ljust(len(PAYLOAD), b"x") + b"\0"))
                said = self.soon_rejected(cab, ".")
                self.assertEqual(set(str(said)) - set(map(chr, range(0x20, 0x7f))), set())


if __name__ == "__main__":
    for need in (verifycase.PROGRAM, PEAK):
        if not need.exists():
            print(f"{need} is not there")
            sys.exit(77)
    unittest.main(verbosity=2)
