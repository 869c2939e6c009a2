#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Owned workers under `verify`, with an archive that the real LVFS has signed.

Row `worker cab`: nothing that it gives stands for itself. Row `worker jcat`: it cannot make a wrong signature verify. Row
`worker signature`: it can say yes, to a file whose digest stands in the jcat under its name. Row `worker catalog`, here as
its sister `metainfo`, which reads the same XML: its words about a signed file are shown, and decide nothing but which
member is the payload, by its digest.
"""
import copy
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
from frames import END, data, frame, join

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
KEYS = pathlib.Path("/etc/pki/fwupd")
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e"
FLOOD = 'while cat "$here/scenario/$op.frames"; do :; done'
MIB = 1 << 20
SHA256, PKCS7 = 1, 3


def member(name, content, size=None):
    return frame("MEMBER", NAME=name, SIZE=len(content) if size is None else size) + data(content)


def edit(said, change):
    """What was said, after a function has changed each frame's fields in place."""
    said = copy.deepcopy(said)
    for name, fields in said:
        change(name, fields)
    return join(said)


class Verify(ownedcase.PlainCase):
    def setUp(self):
        super().setUp()
        self.config.write_text(self.config.read_text() + f"[Trust]\nFirmwareKeys={KEYS}\n")
        self.assertEqual(self.check(self.tell("verify", CAB), 0)["verdict"], "accepted")

    def reject_all(self, op, rows):
        for name, sends, message, *then in rows:
            with self.subTest(name), self.programs.owned(op, sends, *then):
                said = self.check(self.tell("verify", CAB), 1, message)
                self.assertNotEqual(said.get("verdict"), "accepted")

    def test_cab(self):
        said = self.heard("cab", "verify", CAB)[0]
        unfit = "MEMBER that is out of order or unfit"
        self.reject_all("cab", [
            ("no member", END, "it holds no firmware"),
            *((f"name {name[:20]!r}", member(name, b"x") + END, unfit)
              for name in ("../firmware.rom", "/etc/passwd", "a/b", "a\\b", "..", ".", "")),
            *((f"name {name[:20]!r}", member(name, b"x") + END, "MEMBER with an unfit NAME")
              for name in ("a\0b", ESCAPES, "x" * 1000, "a\nb")),
            ("name twice", member("a", b"x") + member("A", b"x") + END, unfit),
            ("65 members", b"".join(member(f"m{n}", b"x") for n in range(65)) + END, unfit),
            ("256 MiB and a byte", frame("MEMBER", NAME="a", SIZE=256 * MIB + 1), "MEMBER with SIZE"),
            ("2^64-1 bytes", frame("MEMBER", NAME="a", SIZE=2**64 - 1), "MEMBER with SIZE"),
            ("too much together", member("a", b"x") + frame("MEMBER", NAME="b", SIZE=256 * MIB), "MEMBER with SIZE"),
            ("fewer than announced", member("a", b"x", size=2) + END, "fewer bytes than announced"),
            ("more than announced", member("a", b"xyz", size=2) + END, "worker for cab"),
            ("data of no member", data(b"x") + END, "DATA that is out of order"),
            ("no size", frame("MEMBER", NAME="a"), "0 times SIZE"),
            ("an item", frame("JCAT_ITEM", ID="x") + END, "JCAT_ITEM that is out of order"),
            ("data without end", data(bytes(65536)), "DATA that is out of order", FLOOD),
            ("more data than announced", member("a", bytes(65536), size=1), "worker for cab", FLOOD),
            ("another payload", join([self.flipped(each) for each in said]), "its sha256 is not the one in the jcat file"),
        ])

    def test_jcat(self):
        said = self.heard("jcat", "verify", CAB)[0]
        blobs = [fields["BLOB"][0] for name, fields in said if name == "JCAT_BLOB" and fields["KIND"] == [PKCS7]]
        self.assertGreaterEqual(len(blobs), 2)
        swapped = iter([*blobs[1:], blobs[0]])

        def swap(name, fields):
            if name == "JCAT_BLOB" and fields["KIND"] == [PKCS7]:
                fields["BLOB"] = [next(swapped)]

        def rename(prefix):
            def change(name, fields):
                if name == "JCAT_ITEM":
                    fields["ID"] = [prefix + fields["ID"][0]]
                    fields.pop("ALIAS", None)
            return change

        def sums(name, fields):
            if name == "JCAT_BLOB" and fields["KIND"] == [SHA256]:
                fields["BLOB"] = [b"0" * 64]

        self.reject_all("jcat", [
            ("each other's signatures", edit(said, swap), "signature"),
            *((f"ids behind {prefix}", edit(said, rename(prefix)), "does not list it")
              for prefix in (b"../", b"/", b"./", b"x")),
            ("wrong checksums", edit(said, sums), "its sha256 is not the one"),
            ("no items", END, "does not list it"),
        ])

    def test_signature(self):
        """Who owns this process decides whether a signature is good, and nothing else."""
        said = self.heard("signature", "verify", CAB)[0]
        self.assertEqual(said[0][0], "SIGNATURE")
        cab = self.heard("cab", "verify", CAB)[0]
        with self.programs.owned("signature", join(said)):
            self.assertEqual(self.check(self.tell("verify", CAB), 0)["verdict"], "accepted")
            # what no jcat speaks for, or what it does not hold the digest of, is not its to approve
            for name, sends, message in (
                    ("another file", member("x.bin", b"x") + join(cab), "x.bin: the jcat file does not list it"),
                    ("other bytes", join([self.flipped(each) for each in cab]), "its sha256 is not the one")):
                with self.subTest(name), self.programs.owned("cab", sends):
                    told = self.check(self.tell("verify", CAB), 1, message)
                    self.assertEqual(told["verdict"], "rejected")
        other = copy.deepcopy(said)
        other[0][1]["SERIAL"] = [b"\x66"]
        with self.subTest("two signers"), self.programs.owned("signature", join(other), call=1):
            self.check(self.tell("verify", CAB), 1, "different certificates")

    @staticmethod
    def flipped(each):
        """The payload, which has 10 bytes, with another one."""
        return ("DATA", b"0" * 10) if each[0] == "DATA" and len(each[1]) == 10 else each

    def test_metainfo(self):
        said = self.heard("metainfo", "verify", CAB)[0]
        component = next(fields for name, fields in said if name == "COMPONENT")

        def field(kind, **changes):
            def change(name, fields):
                if name == kind:
                    fields.update({key: [value] for key, value in changes.items()})
            return edit(said, change)

        self.reject_all("metainfo", [
            ("other content", field("RELEASE", CONTENT_SHA256=bytes(32)), "is not the file that the metainfo"),
            ("digest cut", field("RELEASE", CONTENT_SHA256=bytes(31)), "unfit digest"),
            ("other name", field("RELEASE", CONTENT_NAME="fakedevice124.metainfo.xml"), "is not the file that"),
            ("name of nothing", field("RELEASE", CONTENT_NAME="x.bin"), "not in it"),
            *((f"content {name!r}", field("RELEASE", CONTENT_NAME=name), "unfit name of the payload")
              for name in ("../x", "/etc/passwd", "..", "")),
            ("no content", join([each for each in said if each[0] != "RELEASE"]), "no release"),
            *((f"{key} with escapes", field(kind, **{key: ESCAPES}), f"{kind} with an unfit {key}")
              for kind, key in (("COMPONENT", "ID"), ("COMPONENT", "NAME"), ("COMPONENT", "VENDOR"),
                                ("COMPONENT", "GUID"), ("RELEASE", "VERSION"), ("RELEASE", "CONTENT_NAME"))),
            ("version with a quote", field("RELEASE", VERSION='1"2'), "unfit version"),
            ("no GUID", field("COMPONENT", GUID="nonsense"), "unfit GUID"),
            ("two firmwares", join(said[:-1]) + join(said), "does not describe one firmware"),
            ("none", END, "does not describe one firmware"),
            ("releases without end", frame("COMPONENT", **component) + frame("RELEASE", VERSION="1") * 2000,
             "RELEASE out of order or too often"),
            ("release of nothing", frame("RELEASE", VERSION="1") + END, "RELEASE out of order"),
        ])


if __name__ == "__main__":
    ownedcase.needs(CAB, KEYS / "LVFS-CA.pem")
    unittest.main(verbosity=2)
