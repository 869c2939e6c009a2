#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cabinets that no metadata names: what a person may install, and what nobody may."""
import hashlib
import os
import pathlib
import pty
import re
import select
import sqlite3
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import cabs
import productcase
from productcase import LAB, NEW, OLD, VERB_SECONDS

NEWER, OLDER = "1.2.0", "0.9.0"
METAINFO, PAYLOAD, JCAT = "firmware.metainfo.xml", "firmware.rom", "firmware.jcat"
QUESTION = b"[y/N]"
# Saves what it is handed, and is what it stands for.
SPY = """#!/bin/sh
[ "$1" != install ] || cat /proc/self/fd/3 > {seen}
exec {program} "$@"
"""


class Local(productcase.ProductCase):
    def local_board(self):
        """A lab with metadata that names version NEW, and a published cab of NEWER that they do not name."""
        lab = self.board("a")
        self.rom_new, _ = self.offer(lab)
        self.rom_newer = self.rom("a-newer.rom", NEWER)
        self.cab = self.publish(lab, self.rom_newer, NEWER)
        self.pki = lab / "pki"
        self.signer = cabs.Pair(self.pki / "signer.pem", self.pki / "signer.key")
        self.members = cabs.unpack(self.cab)
        self.assertEqual(set(self.members), {METAINFO, PAYLOAD, JCAT})
        return lab

    def on_terminal(self, lab, *words, answer=b"n"):
        """A command with a person before it. Returns its status, what it said, and whether it asked."""
        terminal, end = pty.openpty()
        process = subprocess.Popen([str(LAB), "dom0", str(lab), "--", "qubes-fwupdmgr", *map(str, words)], stdin=end,
                                   stdout=end, stderr=end)
        os.close(end)
        said, asked = b"", False
        deadline = time.monotonic() + VERB_SECONDS
        try:
            while True:
                ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
                self.assertTrue(ready, said)
                try:
                    said += os.read(terminal, 65536)
                except OSError:     # the other end is closed
                    break
                if QUESTION in said and not asked:
                    asked = True
                    os.write(terminal, answer + b"\n")
        finally:
            os.close(terminal)      # whoever still reads gets an end
        return process.wait(VERB_SECONDS), said.decode(), asked

    def rejected(self, lab, cab, message, *options):
        """Refused before anybody is asked; nothing has changed."""
        before = productcase.digest(self.chip(lab))
        status, said, asked = self.on_terminal(lab, "install", "--local", cab, *options, answer=b"y")
        self.assertEqual((status, asked), (1, False), said)
        self.assertRegex(" ".join(said.split()), message)
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), [])

    def metainfo_of(self, version, **changes):
        """The board's metainfo, of another version."""
        text = self.members[METAINFO].decode().replace(NEWER, version)
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        return text.encode()

    def make(self, name, members, extra=None, signer=None):
        return cabs.signed(self.scratch / f"{name}.cab", members, signer or self.signer, extra)

    def test_nobody_there(self):
        """Without --local, without a terminal, with the wrong answer: nothing happens."""
        lab = self.local_board()
        before = productcase.digest(self.chip(lab))
        self.refused(lab, ["install", "-y", self.cab], r"not a cab that verified metadata names .*--local")
        for words in (["-y"], [], ["--json"], ["-y", "--json"]):
            with self.subTest(words):
                self.refused(lab, ["install", "--local", self.cab, *words], r"is never unattended")
        for words in (["-y"], ["--json"]):
            with self.subTest(words, terminal=True):
                status, said, asked = self.on_terminal(lab, "install", "--local", self.cab, *words, answer=b"y")
                self.assertEqual((status, asked), (1, False), said)
                self.assertIn("is never unattended", said)
        for answer in (b"n", b"", b"yess"):
            with self.subTest(answer):
                status, said, asked = self.on_terminal(lab, "install", "--local", self.cab, answer=answer)
                self.assertEqual((status, asked), (1, True), said)
                self.assertIn("No metadata names this file.", said)
                self.assertIn("you said no", said)
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), [])
        # What metadata names needs no such word: the option changes nothing for it.
        named = next(pathlib.Path(self.info(lab)["downloads"]).glob(f"*-{NEW}.cab"))
        self.assertEqual(len(self.ask(lab, "install", "--local", "-y", named)["updated"]), 1)
        self.assertEqual(self.states(lab), ["written"])

    def test_hostile(self):
        """Joined of genuine parts, and other archives that no one certificate vouches for as one thing."""
        lab = self.local_board()
        other = cabs.certify(self.scratch, "Other", 77, cabs.Pair(self.pki / "firmware-ca.pem", self.pki / "firmware-ca.key"))
        stranger = cabs.certify(self.scratch, "Stranger", 78, cabs.certify(self.scratch, "Strangers", 79))
        info, rom, container = (self.members[name] for name in (METAINFO, PAYLOAD, JCAT))
        other_rom = self.rom_new.read_bytes()
        good = cabs.items(container)
        mixed = cabs.jcat(good[METAINFO], cabs.item(PAYLOAD, other_rom, self.signer))
        two_leaves = cabs.jcat(good[METAINFO], cabs.item(PAYLOAD, rom, other))
        no_checksum = re.sub(rb"<checksum.*?</checksum>", b"", info)
        self.assertNotEqual(no_checksum, info)
        cases = [
            ("metainfo of one, payload of another", {METAINFO: info, PAYLOAD: other_rom, JCAT: mixed},
             r"is not the file that the metainfo was made for"),
            ("another certificate for the payload", {METAINFO: info, PAYLOAD: rom, JCAT: two_leaves},
             r"signed by different certificates"),
            ("another authority", {METAINFO: info, PAYLOAD: rom, JCAT: cabs.jcat(
                cabs.item(METAINFO, info, stranger), cabs.item(PAYLOAD, rom, stranger))}, r"authority"),
            ("two jcat files", {METAINFO: info, PAYLOAD: rom, JCAT: container, "other.jcat": container},
             r"several files \*\.jcat"),
            ("two metainfo files", {METAINFO: info, PAYLOAD: rom, JCAT: container, "other.metainfo.xml": info},
             r"several files \*\.metainfo\.xml"),
            ("no jcat file", {METAINFO: info, PAYLOAD: rom}, r"no file \*\.jcat"),
            ("payload not signed", {METAINFO: info, PAYLOAD: rom, JCAT: cabs.jcat(good[METAINFO])}, r"does not list it"),
            ("metainfo not signed", {METAINFO: info, PAYLOAD: rom, JCAT: cabs.jcat(good[PAYLOAD])}, r"does not list it"),
            ("payload missing", {METAINFO: info, JCAT: container}, r"is not in it"),
        ]
        for name, members, message in cases:
            with self.subTest(name):
                self.rejected(lab, cabs.pack(self.scratch / "hostile.cab", members), message)
        cab = self.make("no-checksum", {METAINFO: no_checksum, PAYLOAD: rom})
        self.rejected(lab, cab, r"does not state the SHA-256")
        status, said, asked = self.on_terminal(lab, "install", "--local", self.cab)
        self.assertTrue(asked, said)       # and what they were made of is good

    def test_unfit(self):
        """Signed as one thing, and not for this board, or not for now."""
        lab = self.local_board()
        rom = self.members[PAYLOAD]
        guid = re.search(rb">([0-9a-f-]{36})<", self.members[METAINFO])[1].decode()
        cases = [
            ("older", self.metainfo_of(OLDER), r"older than the present version", ["--allow-older"]),
            ("same", self.metainfo_of(OLD), r"is the present version", ["--allow-reinstall"]),
            ("other board", self.metainfo_of(NEWER, **{guid: "b585990a-003e-5270-89d5-3705a17f9a43"}),
             r"for no device of this machine", None),
            ("newer fwupd", self.metainfo_of(NEWER, **{'version="1.9.0"': 'version="99.0.0"'}),
             r"it needs fwupd ge 99\.0\.0", None),
            ("unknown requirement", self.metainfo_of(NEWER, **{"<requires>": "<requires><moon>full</moon>"}),
             r"not understood", None),
        ]
        for name, info, message, allow in cases:
            cab = self.make("unfit", {METAINFO: info, PAYLOAD: rom})
            with self.subTest(name):
                self.rejected(lab, cab, message)
                if allow:
                    status, said, asked = self.on_terminal(lab, "install", "--local", cab, *allow)
                    self.assertEqual((status, asked), (1, True), said)
                    self.assertIn("you said no", said)

    def spied(self, lab):
        """What qfu-fwupd is handed to install, from now on, and the file that it is kept in."""
        programs, seen = self.scratch / "programs", self.scratch / "seen.cab"
        config = pathlib.Path(self.info(lab)["config"])
        text = config.read_text()
        real = pathlib.Path(re.search(r"^Programs=(.*)$", text, re.MULTILINE)[1])
        programs.mkdir()
        for program in real.glob("qfu-*"):
            if program.is_file() and os.access(program, os.X_OK) and program.name != "qfu-fwupd":
                (programs / program.name).symlink_to(program)
        spy = programs / "qfu-fwupd"
        spy.write_text(SPY.format(seen=seen, program=real / "qfu-fwupd"))
        spy.chmod(0o755)
        self.scratch.chmod(0o755)
        config.write_text(text.replace(f"Programs={real}", f"Programs={programs}"))
        return seen

    def test_whole_way(self):
        """A good archive that somebody wrapped again with a member more, before any metadata was fetched."""
        lab = self.board("a")
        old, new = self.scratch / "a-old.rom", self.rom("a-new.rom", NEW)
        cab = self.publish(lab, new, NEW)
        members = cabs.unpack(cab)
        wrapped = cabs.pack(self.scratch / "wrapped.cab", {"install.sh": b"#!/bin/sh\n", **members, "x.exe": b"MZ"})
        forecast = self.check_verify(lab, cab, wrapped)
        seen = self.spied(lab)
        status, said, asked = self.on_terminal(lab, "install", "--local", wrapped, answer=b"y")
        self.assertEqual((status, asked), (0, True), said)
        for name in ("install.sh", "x.exe"):
            self.assertIn(f"left behind: {name} is no part of the firmware", said)
        self.check_handed_over(lab, seen, wrapped, members)
        expected = productcase.composed(old.read_bytes(), new.read_bytes())
        self.assertEqual(self.chip(lab).read_bytes(), expected)
        record = self.records(lab)[-1]
        self.assertEqual((record["state"], record["versionFrom"], record["versionTo"]), ("written", OLD, NEW))
        self.assertEqual((record["payload"], record["cab"]), (productcase.digest(new), productcase.digest(seen)))
        self.assertEqual(self.predicted(record["pcrs"]), forecast)
        self.lab("boot", lab)
        attested = self.ask(lab, "attest")
        self.assertEqual((attested["result"], attested["record"]), ("passed", record["record"]))
        self.assertEqual(self.records(lab)[-1]["state"], "current")

    def check_verify(self, lab, cab, wrapped):
        """The validator says the same before: what fits, and what the chip's next boot will measure."""
        said = self.ask(lab, "verify", cab)
        self.assertEqual([(each["version"], each["fits"]) for each in said["devices"]], [(OLD, True)])
        done = self.manager(lab, "verify", wrapped)
        self.assertEqual(done.returncode, 1)
        self.assertIn("install.sh is no part of the firmware", done.stderr)
        return self.predicted(said["prediction"]["pcrs"])

    def predicted(self, rows):
        return [(row["pcr"], row["bank"], row["value"]) for row in rows if row["status"] == "predicted"]

    def check_handed_over(self, lab, seen, wrapped, members):
        """fwupd's own history names the cab that it was handed: not the one that the person gave."""
        history = lab / "dom0" / "fwupd" / "state" / "lib" / "fwupd" / "pending.db"
        with sqlite3.connect(f"file:{history}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT checksum, version_new FROM history").fetchall()
        sha1 = {path: hashlib.sha1(path.read_bytes()).hexdigest() for path in (seen, wrapped)}
        self.assertEqual(rows, [(sha1[seen], NEW)])
        self.assertNotEqual(sha1[seen], sha1[wrapped])
        got = cabs.unpack(seen)
        self.assertEqual(list(got), [METAINFO, PAYLOAD, JCAT])
        for name in (METAINFO, PAYLOAD):
            self.assertEqual(got[name], members[name])
        kept, before = cabs.items(got[JCAT]), cabs.items(members[JCAT])
        self.assertEqual(set(kept), {METAINFO, PAYLOAD})
        for name, each in kept.items():
            self.assertEqual([blob["Kind"] for blob in each["Blobs"]], [1, 3])
            signatures = [blob["Data"] for blob in before[name]["Blobs"] if blob["Kind"] == 3]
            self.assertIn(each["Blobs"][1]["Data"], signatures)


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
