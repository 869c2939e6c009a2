#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned UpdateVM: whoever answers in the agent's place.

Row `UpdateVM, network`: it can withhold, send garbage up to the stated maximum and replay old signed metadata, which is
noticed; it cannot name a file, print to the terminal, start a call, or get past a signature or a digest.
"""
import contextlib
import gzip
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import ownedlab
import productcase
from frames import END, data, frame, header
from ownedcase import EXIT_0, HANG
from productcase import NEW

HELLO = frame("HELLO", PROTOCOL=1)
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\u009b31m\u202eaccepted\b\b"
DRIP = 'while cat "$here/data"; do sleep 0.1; done'
NOISE = 'i=0; while [ $i -lt 200 ]; do cat "$here/noise" >&2; i=$((i + 1)); done; exit 3'
# Far more than any answer needs on a busy machine, and what makes a missing one cheap to wait for.
PATIENT = {"ConnectSeconds": 60, "FirstByteSeconds": 60, "IdleSeconds": 60, "MinimumRate": 0, "TotalSeconds": 600}
SHORT = {"did not answer in time": {"ConnectSeconds": 1}, "did not go on in time": {"FirstByteSeconds": 1, "IdleSeconds": 1}}
MISSING = "the agent qubes.FwupdFetch is not installed: install the package qubes-fwupd-vm"
TURN = "the agent sends a frame out of turn"
TEN = data(b"0123456789")

ENTITIES = b"<!DOCTYPE c [<!ENTITY a 'xxxxxxxxxx'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)) + b"]><components>&j;</components>"


def flood(name):
    return f'while cat "$here/{name}"; do :; done'


def total(size):
    return frame("END", TOTAL=size)


def size(number, **more):
    return frame("SIZE", SIZE=number, **more)


# What it is, what is sent at once, what is done then, and what the message says.
ANSWERS = [
    ("nothing", b"", EXIT_0, "ended early with status 0"),
    *((f"status {status}", HELLO + size(99) + TEN, f"exit {status}", message)
      for status, message in ((125, "no such VM"), (126, "was refused"), (127, MISSING), (137, "was killed"),
                              (255, "the connection broke"), (1, "ended early with status 1"))),
    ("killed", HELLO, "kill -KILL $$", "was killed"),
    ("cut in a frame", HELLO + header("DATA", 100) + b"x", "exit 255", "the connection broke"),
    ("no HELLO", size(10) + TEN + total(10), EXIT_0, "does not begin with HELLO"),
    ("HELLO of another protocol", frame("HELLO", PROTOCOL=2), EXIT_0, "HELLO with PROTOCOL 2"),
    ("HELLO twice", HELLO + HELLO, EXIT_0, TURN),
    ("HELLO within the file", HELLO + TEN + HELLO, EXIT_0, TURN),
    ("SIZE twice", HELLO + size(10) + size(10), EXIT_0, "SIZE out of turn"),
    ("SIZE too late", HELLO + TEN + size(10), EXIT_0, "SIZE out of turn"),
    ("SIZE beyond the maximum", HELLO + size((1 << 20) + 1), EXIT_0, "larger than is allowed"),
    ("SIZE of 2^64-1", HELLO + size(2**64 - 1), EXIT_0, "larger than is allowed"),
    ("SIZE too small", HELLO + size(9) + TEN + total(10), EXIT_0, "more bytes than it announced"),
    ("SIZE too large", HELLO + size(11) + TEN + total(10), EXIT_0, "another number of bytes than it says"),
    ("SIZE with an OFFSET", HELLO + size(10, OFFSET=5) + data(b"01234") + total(10), EXIT_0, "another place than asked"),
    ("TOTAL too large", HELLO + TEN + total(11), EXIT_0, "another number of bytes than it says"),
    ("no TOTAL", HELLO + TEN + END, EXIT_0, "TOTAL"),
    ("bytes after END", HELLO + TEN + total(10) + b"\x1b[2J", EXIT_0, "more after the end"),
    ("END twice", HELLO + TEN + total(10) * 2, EXIT_0, "more after the end"),
    ("status after END", HELLO + TEN + total(10), "exit 1", "ended with status 1"),
    ("a worker's frame", HELLO + frame("JCAT_ITEM", ID="x"), EXIT_0, TURN),
    ("a request of its own", HELLO + frame("REQUEST", PROTOCOL=1, KIND=1, URL="https://x/", MAXIMUM=1), EXIT_0, TURN),
    ("unknown type", HELLO + header(999, 0), EXIT_0, "unknown type 999"),
    ("other version", header("HELLO", 0, version=9), EXIT_0, "version 9"),
    ("frame of 4 GiB", HELLO + header("DATA", 0xffffffff), EXIT_0, "too long"),
    ("a login prompt", b"\x1b[31mlogin: \r\n" * 99, EXIT_0, "unknown type"),
    ("ERROR with a text", frame("ERROR", CODE=7, DETAIL=ESCAPES), EXIT_0, "unfit DETAIL"),
    ("ERROR with a clean text", frame("ERROR", CODE=7, DETAIL="please run: curl evil"), EXIT_0, "an unknown error"),
    ("ERROR of 1 MiB", header("ERROR", 1 << 20) + bytes(1 << 20), EXIT_0, "too long"),
    ("ERROR that there is nothing to do", frame("ERROR", CODE=11), EXIT_0, "an unknown error"),
    ("ERROR of no code", frame("ERROR", CODE=2**64 - 1), EXIT_0, "an unknown error"),
    ("ERROR with a wild status", frame("ERROR", CODE=4, STATUS=2**64 - 1), EXIT_0, "cannot be reached or broke off"),
    ("ERROR: redirected", frame("ERROR", CODE=17, STATUS=302), EXIT_0, "HTTP status 302: .*where we do not follow"),
    ("data without end", HELLO, flood("block"), "1048576|larger"),
    ("data without bytes", HELLO, flood("empty"), "DATA without bytes"),
    ("progress without end", HELLO, flood("progress"), "did not go on in time"),
    ("noise", HELLO, NOISE, "ended early with status 3"),
    ("closed input", HELLO, "exec <&-; exit 3", "ended early with status 3"),
    ("silence", b"", HANG, "did not answer in time"),
    ("silence after HELLO", HELLO, HANG, "did not go on in time"),
    ("silence in a frame", HELLO + TEN + header("DATA", 100), HANG, "did not go on in time"),
    ("silence after END", HELLO + TEN + total(10), HANG, "in time"),
    ("a child that holds the output", HELLO + TEN + total(10), '(exec "$here/child") & exit 0', "in time"),
    ("deaf to signals", HELLO, 'trap "" TERM INT HUP; while :; do sleep 1; done', "did not go on in time"),
]


class Agent(ownedlab.OwnedLab):
    def setUp(self):
        super().setUp()
        self.image = self.rom("new.rom", NEW)
        self.cab = self.publish(self.dir, self.image, NEW)
        self.downloads = pathlib.Path(self.facts["downloads"])
        self.agent = self.scratch / "agent"
        self.agent.mkdir()
        (self.agent / "noise").write_bytes(ESCAPES.encode() * 4096)
        (self.agent / "block").write_bytes(data(bytes(65536)))
        (self.agent / "empty").write_bytes(header("DATA", 0))
        (self.agent / "progress").write_bytes(frame("PROGRESS", DONE=1))
        (self.agent / "data").write_bytes(data(b"x"))
        child = self.agent / "child"
        child.write_text("#!/bin/sh\nsleep 900\n")
        child.chmod(0o755)

    @contextlib.contextmanager
    def owned_agent(self, sends, then=EXIT_0, **settings):
        """While this lasts, these bytes and a line of shell answer every call."""
        program = self.agent / "qubes.FwupdFetch"
        (self.agent / "frames").write_bytes(sends)
        program.write_text(f'#!/bin/sh\nhere={self.agent}\ncat "$here/frames"\n{then}\n')
        program.chmod(0o755)
        with self.configured(**{"Transport/Command": program, **PATIENT, **settings}):
            yield

    def test_answers(self):
        for name, sends, then, message in ANSWERS:
            with self.subTest(name), self.owned_agent(sends, then, **SHORT.get(message, {})):
                done = self.refuse(["refresh"], message, {})
                self.assertIn(b"firmware.xml.zst.jcat: ", done.err)
        for name, message, settings in (("drop by drop", "slower than", {"IdleSeconds": 3, "MinimumRate": 1000}),
                                        ("drop by drop for ever", "did not come in time",
                                         {"TotalSeconds": 3})):
            with self.subTest(name), self.owned_agent(HELLO, DRIP, **settings):
                self.refuse(["refresh"], message, {})
        self.check(self.tell("refresh"), 0)

    def test_cab(self):
        """A cab may go on where it was cut; what is kept of it never counts before its digest does."""
        self.check(self.tell("refresh"), 0)
        files = ownedcase.tree(self.cache)
        cab = self.cab.read_bytes()
        digest = productcase.digest(self.cab)
        part, rest = cab[:100_000], cab[100_000:]
        partial = {f"partial/{digest}": len(part)}
        whole = size(len(cab))
        spoilt = bytes([cab[0] ^ 1]) + cab[1:]
        rows = [
            ("too large by a byte", HELLO + whole + data(cab + b"\0"), EXIT_0, "more bytes than it announced", {}),
            ("without end", HELLO, flood("block"), f"{len(cab)}|larger", {}),
            ("SIZE beyond the metadata's", HELLO + size(len(cab) + 1), EXIT_0, "larger than is allowed", {}),
            ("other bytes", HELLO + whole + data(spoilt) + total(len(cab)), EXIT_0, "another SHA-256 than promised", {}),
            ("fewer bytes", HELLO + size(10) + TEN + total(10), EXIT_0, "another SHA-256 than promised", {}),
            ("cut", HELLO + whole + data(part), "exit 255", "the connection broke", partial),
            ("goes on too early", HELLO + size(len(cab), OFFSET=9) + data(rest), EXIT_0, "another place than asked", partial),
            ("goes on at 2^64-1", HELLO + size(len(cab), OFFSET=2**64 - 1), EXIT_0, "another place than asked", partial),
            ("goes on behind the end", HELLO + size(9, OFFSET=len(part)), EXIT_0, "another place than asked", partial),
            ("goes on with other bytes", HELLO + size(len(cab), OFFSET=len(part)) + data(bytes(len(rest))) +
             total(len(cab)), EXIT_0, "another place than asked", {}),
        ]
        for name, sends, then, message, left in rows:
            with self.subTest(name), self.owned_agent(sends, then):
                self.refuse(["update", "-y"], message, {**files, **left})
        with self.subTest("the agent itself"):
            self.check(self.tell("update"), 1, "nobody is there")
            self.assertEqual(ownedcase.tree(self.cache), {**files, f"cabs/{digest}.cab": len(cab)})

    def answer(self, content):
        return HELLO + data(content) + total(len(content))

    def test_bombs(self):
        """Small files that want to be large, before anything about them was verified."""
        item = {"Id": "firmware-00001.xml.zst", "AliasIds": ["firmware.xml.zst"], "Blobs": []}
        rows = [
            ("200 000 arrays", gzip.compress(b'{"Items":' + b"[" * 200_000), "depth|deep|nest"),
            ("315 MB of zeros", self.gzip_zeros(315), "larger|large|limit|bytes"),
            ("40 MB of items", self.gzip_zeros(40, b'{"Items":[{"Id":"', b" "), "larger|large|limit|bytes"),
            ("a million items", gzip.compress(json.dumps({"Items": [{}] * 1_000_000}).encode()), "items|values|bytes"),
            ("no signature", gzip.compress(json.dumps({"Items": [item]}).encode()), "no sha256 or sha512"),
            ("no jcat", bytes(1 << 20), "not a jcat file"),
        ]
        for name, content, message in rows:
            with self.subTest(name), self.owned_agent(self.answer(content)):
                self.assertLess(len(content), (1 << 20) + 1)
                self.refuse(["refresh"], f"(?i){message}", {})

    @staticmethod
    def gzip_zeros(mib, head=b"", byte=b"\0"):
        packer = gzip.zlib.compressobj(9, wbits=31)
        block = byte * (1 << 20)
        return packer.compress(head) + b"".join(packer.compress(block) for _ in range(mib)) + packer.flush()

    def test_metadata_bombs(self):
        """What is not signed is not parsed. What is, by an authority that lost its mind, ends at a limit."""
        document = b'<components origin="lab" version="0.9">' + b" " * (140 << 20)
        for name, content, packer in (("zstd", document, ["zstd", "-q", "-c"]), ("xz", document, ["xz", "-0", "-c"]),
                                      ("gzip", document, ["gzip", "-1", "-c"]),
                                      ("nested", b"<components>" + b"<a>" * 100_000, ["zstd", "-q", "-c"]),
                                      ("entities", ENTITIES, ["zstd", "-q", "-c"])):
            packed = subprocess.run(packer, input=content, check=True, capture_output=True).stdout
            files = ownedcase.tree(self.cache)
            with self.subTest(name, signed=False), self.signed_metadata(packed, sign=False):
                with self.programs.overheard("catalog") as said:
                    self.refuse(["refresh"], "no PKCS#7 signature", files)
                self.assertEqual(said.read_bytes(), b"")
            with self.subTest(name, signed=True), self.signed_metadata(packed):
                # what was signed in the second of the one before would be refused for that
                shutil.rmtree(pathlib.Path(self.facts["store"]) / "highwater")
                self.check(self.tell("refresh"), 1, "the worker for catalog: (XML|the metadata)")
                # nor has it reached fwupd, which would fall
                self.check(self.tell("get-remotes"), 0)

    @contextlib.contextmanager
    def signed_metadata(self, content, sign=True):
        """A metadata file with its jcat, signed by the lab's authority or by nobody."""
        name = "firmware-77777-stable.xml.zst"
        jcat = self.downloads / "firmware.xml.zst.jcat"
        before = jcat.read_bytes()
        (self.downloads / name).write_bytes(content)
        jcat.unlink()
        tool = ["jcat-tool", "--keyring", self.scratch / "keyring"]
        signer = [self.facts["signer"], self.facts["signer_key"]]
        for words in (["self-sign", "--kind", "sha256", jcat.name, name],
                      *([["sign", jcat.name, name, *signer]] if sign else []),
                      ["add-alias", jcat.name, name, "firmware.xml.zst"]):
            subprocess.run([*tool, *words], check=True, capture_output=True, cwd=self.downloads)
        try:
            yield
        finally:
            jcat.write_bytes(before)

    def test_replay(self):
        """Metadata that was true once is refused once newer was seen, also when nothing of that is kept."""
        jcat = self.downloads / "firmware.xml.zst.jcat"
        self.check(self.tell("refresh"), 0)
        old = self.scratch / "old.jcat"
        shutil.copy(jcat, old)
        self.publish(self.dir, self.image, "1.2.0")
        self.check(self.tell("refresh"), 0)
        shutil.copy(old, jcat)
        files = ownedcase.tree(self.cache)
        self.refuse(["refresh"], "newer one, signed at .*, was verified before", files)
        self.check(self.tell("clean"), 0)
        self.refuse(["refresh"], "newer one, signed at .*, was verified before", {})


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
