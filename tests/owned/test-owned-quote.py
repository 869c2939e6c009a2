#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned worker `quote` on a verifier.

Row `worker quote`: it can say that another machine's TPM has signed what it has not, and is believed. What it says still
has to be of the values, the log and the nonce that lie beside it, and it can say nothing about this machine.
"""
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import remotecase
from behaviours import BEHAVIOURS
from frames import END, changed, decode, frame, join

NONCE = "00112233445566778899aabbccddeeff" * 2
OTHER = "ff" * 32


class Quote(remotecase.RemoteCase, ownedcase.OwnedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls.machine("one")

    def setUp(self):
        self.key = self.top / f"{self.id()}.ak"     # root verifies here, and keeps the TPM's counters beside it
        shutil.copy(self.pin(self.one, "one"), self.key)
        self.folder = self.quote(self.one, self.top / self.id(), NONCE)
        self.programs = ownedcase.Programs(self.top / f"{self.id()}.programs")
        self.config = ownedcase.configure(self.top / f"{self.id()}.config", self.programs)

    def tell(self, *words, seconds=ownedcase.SECONDS):
        return ownedcase.Done([ownedcase.PROGRAM, "--config", self.config, "--json", "attest", *words], seconds)

    def ask(self, nonce=NONCE, folder=None):
        return self.tell("--verify", folder or self.folder, "--ak", self.key, "--nonce", nonce)

    def said(self):
        return self.heard("quote", "--verify", self.folder, "--ak", self.key, "--nonce", NONCE)[0]

    def refuse_all(self, rows):
        for name, sends, message, *then in rows:
            with self.subTest(name), self.programs.owned("quote", sends, *then):
                said = self.check(self.ask(), 1, message)
                self.assertIn("error", said)
                self.assertNotEqual(said.get("result"), "passed")

    def test_behaviours(self):
        self.assertEqual(self.check(self.ask(), 0)["result"], "passed")
        self.refuse_all([(name, sends, message, then) for name, sends, then, message in BEHAVIOURS])

    def test_frames(self):
        """Nothing but one frame of its own, whose numbers are in their bounds."""
        said = self.said()
        self.assertEqual([name for name, _ in said], ["QUOTE", "END"])
        many = frame("QUOTE", **{**said[0][1], "SELECTION": said[0][1]["SELECTION"] * 9}) + END
        self.refuse_all([
            ("two quotes", join(said[:1]) + join(said), "than one QUOTE"),
            ("a quote and an event", join(said[:1]) + frame("EVENT", PCR=2, KIND=5) + END, "than one QUOTE"),
            ("no name of the key", changed(said, 0, KEY_NAME=None), "than one QUOTE"),
            ("no nonce", changed(said, 0, NONCE=None), "than one QUOTE"),
            ("no digest", changed(said, 0, DIGEST=None), "than one QUOTE"),
            ("digest cut", changed(said, 0, DIGEST=b"\x0b\0" + bytes(31)), "than one QUOTE"),
            ("unknown verdict", changed(said, 0, STATUS=99), "QUOTE with STATUS 99"),
            ("key that is none", changed(said, 0, STATUS=2), "no attestation key|not signed|no quote"),
            ("too many selections", many, "18 times SELECTION"),
            ("PCRs of 2^32", changed(said, 0, SELECTION=bytes([255] * 4) + b"\x0b\0\0\0"), "not known here"),
            ("unknown bank", changed(said, 0, SELECTION=b"\1\0\0\0\x34\x12\0\0"), "0x1234"),
            ("clock cut", changed(said, 0, RESET_COUNT=2**32), "QUOTE with RESET_COUNT"),
        ])

    def test_other_values(self):
        """What it says was signed must be what lies there."""
        said = self.said()
        selection = said[0][1]["SELECTION"]
        words = "not those that the TPM has signed"
        self.refuse_all([
            ("another digest", changed(said, 0, DIGEST=b"\x0b\0" + bytes(32)), words),
            ("no selection", changed(said, 0, SELECTION=None), words),
            ("fewer PCRs", changed(said, 0, SELECTION=selection[:1]), words),
            ("another nonce", changed(said, 0, NONCE=bytes.fromhex(OTHER)), f"answers nonce {OTHER}"),
        ])

    def test_believed(self):
        """All that it can do: a signature that is none counts, for the values and the log that are there."""
        said = self.said()
        self.assertEqual(decode(join(said)), said)
        spoilt = self.top / f"{self.id()}.spoilt"
        shutil.copytree(self.folder, spoilt)
        message = bytearray((spoilt / "quote.msg").read_bytes())
        message[-1] ^= 1
        (spoilt / "quote.msg").write_bytes(message)
        self.check(self.ask(folder=spoilt), 1, "not signed by the pinned key")
        with self.programs.owned("quote", join(said)):
            self.assertEqual(self.check(self.ask(folder=spoilt), 0)["result"], "passed")
            self.check(self.ask(OTHER, spoilt), 1, "answers nonce")
            log = pathlib.Path(spoilt / "eventlog")
            log.write_bytes(remotecase.log_of(remotecase.EVENTS[:3]))
            self.check(self.ask(folder=spoilt), 1, "PCR")


if __name__ == "__main__":
    ownedcase.needs()
    remotecase.main()
