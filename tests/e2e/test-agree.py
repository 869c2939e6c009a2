#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mix and match: metadata, cab, payload and device each name a version, and all of them have to agree.

Everything here is signed by the authority that counts. The device is the one of fwupd's own plugin for tests: its firmware
is its version, as a number.
"""
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
import webcamcase
from webcamcase import FIRST

OTHER = "00000000-0000-4000-8000-000000000000"


class Agree(webcamcase.WebcamCase):
    def refuses(self, message, version):
        """An update says so, and the device runs this version then."""
        self.ends(self.manager(self.directory, "update", "-y"), 1, message)
        self.assertEqual(self.version(), version)

    def test_all(self):
        good, other = b"0x1020004\0", b"0x1020005\0"
        cases = [
            ("metainfo of another version", ("1.2.5", other), "1.2.6", other,
             r"the metadata calls it version 1\.2\.6, but it is 1\.2\.5"),
            ("metainfo of another device", ("1.2.5", other, OTHER), "1.2.5", other, r"it is for other devices"),
            ("another payload", ("1.2.5", other), "1.2.5", good, r"no file in the cab of 1\.2\.5 is the signed"),
        ]
        for name, cab, version, payload, message in cases:
            with self.subTest(name):
                self.offer_cab(self.cab(*cab), version, payload)
                self.refuses(message, FIRST)
        with self.subTest("another cab in its place"):
            # one that was never fetched before: a kept cab would be used without asking the mirror
            self.offer_cab(self.cab("1.2.3", b"0x1020003\0"), "1.2.3", b"0x1020003\0")
            shutil.copy(self.cab("1.2.3", good), self.info(self.directory)["downloads"])
            self.refuses(r"is larger, or|SHA-256|bytes|not what was asked for", FIRST)
        with self.subTest("what the device says"):
            self.offer_cab(self.cab("1.2.6", other), "1.2.6", other)
            self.refuses(r"version 1\.2\.6 was installed, but the device reports 1\.2\.5", "1.2.5")
        self.offer_cab(self.cab("1.2.7", b"0x1020007\0"), "1.2.7", b"0x1020007\0")
        self.do(self.directory, "update", "-y")
        self.assertEqual(self.version(), "1.2.7")


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
