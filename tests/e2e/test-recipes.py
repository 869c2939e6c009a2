#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""predict beyond the pairs of the fixtures: the three values of vboot, and UEFI firmware.

The truth is computed here, by a few lines of its own, or is what a machine held after the change.
"""
import hashlib
import json
import lzma
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

import schemacase

DATA = pathlib.Path(os.environ["QFU_SHARED_DATA"])
V7 = DATA / "coreboot" / "v7"
RUNS = DATA / "uefi" / "runs"
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
WORKER_UID = 60124      # no user of a test machine has it
WAIT = 60
KNOWN = ("predicted", "unchanged")
KEY_VERSION_AT, FLAGS_AT, FIRMWARE_VERSION_AT, HWID_AT = 104, 72, 40, 48


def digest(data):
    return hashlib.sha256(data).digest()


def extended(*values):
    pcr = bytes(32)
    for value in values:
        pcr = digest(pcr + value)
    return pcr.hex()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = self.folder / "qubes-fwupd.conf"
        self.config.write_text(f"[Worker]\nUser={WORKER_UID}\n", "ascii")

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def predict(self, old, new, log, pcrs):
        run = subprocess.run([MANAGER, "--config", self.config, "--json", "predict", "--old-rom", old, "--new-rom",
                              new, "--eventlog", log, "--pcrs", pcrs], capture_output=True, timeout=WAIT, check=False)
        return schemacase.answer(["predict"], run.returncode, run.stdout)

    def rows(self, answer):
        self.assertNotIn("error", answer)
        for row in answer["pcrs"]:
            self.assertTrue(row["reason"], row)
            self.assertEqual(row["value"] is not None, row["status"] in KNOWN, row)
        return {(row["bank"], row["pcr"]): row for row in answer["pcrs"]}


class Vboot(Case):
    """v7: a boot of slot A in normal mode; what vboot extended is in no log."""

    def setUp(self):
        super().setUp()
        self.old = lzma.open(V7 / "rom.xz").read()
        expected = json.loads((V7 / "expected.json").read_text("utf-8"))
        self.areas = expected["fmap"]
        self.hwid_at = self.areas["GBB"]["offset"] + HWID_AT
        self.block_at = self.areas["VBLOCK_A"]["offset"]
        self.keyblock = struct.unpack_from("<I", self.old, self.block_at + 16)[0]
        self.true_pcrs = expected["pcrs_after_firmware"]["sha256"]

    def changed(self, *edits):
        image = bytearray(self.old)
        for offset, data in edits:
            image[offset:offset + len(data)] = data
        return bytes(image)

    def version_edit(self, key, firmware):
        return ((self.block_at + KEY_VERSION_AT, struct.pack("<I", key)),
                (self.block_at + self.keyblock + FIRMWARE_VERSION_AT, struct.pack("<I", firmware)))

    def mode(self, developer=0, recovery=0, keyblock=1):
        return hashlib.sha1(bytes((developer, recovery, keyblock))).digest() + bytes(12)

    def foresee(self, new, log=V7 / "cbmem-log.bin", old=None, **pcrs):
        values = dict(self.true_pcrs, **{name[1:]: value for name, value in pcrs.items()})
        lines = "".join(f"sha256 {pcr} {value}\n" for pcr, value in values.items())
        return self.predict(self.write("old.rom", old or self.old), self.write("new.rom", new), log,
                            self.write("pcrs", lines.encode()))

    def values(self, answer):
        rows = self.rows(answer)
        return [rows["sha256", pcr]["value"] for pcr in (1, 10)]

    def test_same(self):
        """The PCRs of the recorded boot, as its firmware left them."""
        answer = self.foresee(self.old)
        for pcr, value in self.true_pcrs.items():
            row = self.rows(answer)["sha256", int(pcr)]
            self.assertEqual((row["status"], row["value"]), ("unchanged", value), pcr)
        self.assertEqual(answer["warnings"], [])

    def test_values(self):
        """A new hardware id and version, at places that the present boot proves."""
        hwid = digest(b"another id")
        new = self.changed((self.hwid_at, hwid), *self.version_edit(1, 7))
        self.assertEqual(self.values(self.foresee(new)),
                         [extended(self.mode(), hwid), extended(struct.pack("<HH", 7, 1) + bytes(28))])

    def test_system_extends_on(self):
        """IMA extends PCR 10 after vboot: then nothing proves the version."""
        answer = self.foresee(self.changed(*self.version_edit(1, 7)), _10=extended(b"\1" * 32, b"\2" * 32))
        row = self.rows(answer)["sha256", 10]
        self.assertEqual(row["status"], "not-predictable")
        self.assertIn("vboot", row["reason"])

    def test_modes(self):
        """Each mode is found; recovery is not forecast, as the next boot may leave it."""
        hwid = self.old[self.hwid_at:self.hwid_at + 32]
        for developer in (0, 1):
            for recovery in (0, 1):
                for keyblock in (0, 1, 2):
                    value = extended(self.mode(developer, recovery, keyblock), hwid)
                    with self.subTest(developer=developer, recovery=recovery, keyblock=keyblock):
                        row = self.rows(self.foresee(self.old, _1=value))["sha256", 1]
                        self.assertEqual(row["value"], None if recovery else value)
        row = self.rows(self.foresee(self.old, _1=extended(self.mode(2, 0, 1), hwid)))["sha256", 1]
        self.assertIsNone(row["value"])

    def test_moved(self):
        """A hardware id elsewhere is one that a parser chose: only one that stays is taken."""
        area = struct.pack("<II32s", self.areas["GBB"]["offset"], self.areas["GBB"]["size"], b"GBB")
        moved = struct.pack("<II32s", self.areas["GBB"]["offset"] + 64, self.areas["GBB"]["size"] - 64, b"GBB")
        new = self.old.replace(area, moved)
        self.assertNotEqual(new, self.old)
        gbb = bytearray(self.old[self.areas["GBB"]["offset"]:][:80])
        start = self.areas["GBB"]["offset"] + 64
        for hwid, known in ((gbb[48:80], True), (digest(b"chosen"), False)):
            image = bytearray(new)
            image[start:start + 80] = gbb[:48] + hwid
            row = self.rows(self.foresee(bytes(image)))["sha256", 1]
            self.assertEqual(row["status"] in KNOWN, known, row)

    def test_slot(self):
        """No keyblock: the slot cannot be booted. Another one's flags: perhaps another mode."""
        answer = self.foresee(self.changed((self.block_at, bytes(8))))
        self.assertEqual(answer["error"]["code"], "prediction")
        self.assertIn("FW_MAIN_A", answer["error"]["message"])
        answer = self.foresee(self.changed((self.block_at + FLAGS_AT, struct.pack("<I", 6))))
        self.assertIn("flags", self.rows(answer)["sha256", 1]["reason"])

    def test_older(self):
        """vboot refuses versions below one that the TPM keeps."""
        old = self.changed(*self.version_edit(2, 3))
        answer = self.foresee(self.changed(*self.version_edit(2, 2)), old=old,
                              _10=extended(struct.pack("<HH", 3, 2) + bytes(28)))
        self.assertIn("boot-path-may-differ", [warning["code"] for warning in answer["warnings"]])

    def test_logged(self):
        """With a verstage of its own vboot's extends are in the log, and hold to the same list."""
        hwid = self.old[self.hwid_at:self.hwid_at + 32]
        version = struct.pack("<HH", 1, 1) + bytes(28)
        console = (V7 / "console-events.txt").read_text("ascii").splitlines(keepends=True)

        def log(*values):
            names = ("boot mode", 1), ("GBB HWID", 1), ("firmware ver", 10)
            lines = [f"[INFO ]   PCR-{pcr} {value.hex()} SHA256 [VBOOT: {name}]\n"
                     for value, (name, pcr) in zip(values, names)]
            return self.write("log", "".join(console[:4] + lines + console[4:]).encode())

        new = self.changed((self.hwid_at, digest(b"other")), *self.version_edit(2, 1))
        answer = self.foresee(new, log=log(self.mode(), hwid, version))
        self.assertEqual(self.values(answer), [extended(self.mode(), digest(b"other")),
                                               extended(struct.pack("<HH", 1, 2) + bytes(28))])
        # a value that stands in the log and in the PCR, but not in the image
        chosen = digest(b"chosen")
        answer = self.foresee(new, log=log(self.mode(), chosen, version), _1=extended(self.mode(), chosen))
        self.assertEqual(self.values(answer)[0], None)


class Uefi(Case):
    """Updates of edk2 on the same machine: what is forecast is what it held afterwards."""
    SAME_MACHINE = ("2022-a", "2025-after2022", "2026-a", "2026-legacy")
    OWN = (0, 1, 5, 7)

    def image(self, fill):
        header = bytes(32) + struct.pack("<Q4sIHHHBBQQ", 4096, b"_FVH", 0, 72, 0, 0, 0, 2, 0, 0)
        total = sum(struct.unpack("<36H", header))
        header = header[:50] + struct.pack("<H", -total & 0xffff) + header[52:]
        return self.write(f"{fill}.fd", header.ljust(4096, b"\xff") + bytes([fill]) * 65536)

    def held(self, run):
        rows = [line.split() for line in (RUNS / run / "pcrs.txt").read_text("ascii").splitlines()]
        return {(bank, int(pcr)): value.lower() for bank, pcr, value in rows}

    def foresee(self, run, new):
        return self.predict(self.image(1), self.image(new), RUNS / run / "log.bin", RUNS / run / "pcrs.txt")

    def test_updates(self):
        for old in self.SAME_MACHINE:
            rows = self.rows(self.foresee(old, 2))
            for new in self.SAME_MACHINE:
                if old == new:
                    continue
                for key, truth in self.held(new).items():
                    with self.subTest(old=old, new=new, key=key):
                        self.assertIn(rows[key]["value"], (None, truth))
            self.assertEqual([rows["sha256", pcr]["status"] in KNOWN for pcr in range(8)],
                             [pcr not in self.OWN for pcr in range(8)])

    def test_same(self):
        """The same firmware: every PCR that the log gives stays."""
        for run in sorted(each.name for each in RUNS.iterdir()):
            rows = self.rows(self.foresee(run, 1))
            for (bank, pcr), truth in self.held(run).items():
                if pcr < 8:
                    with self.subTest(run=run, bank=bank, pcr=pcr):
                        self.assertEqual((rows[bank, pcr]["status"], rows[bank, pcr]["value"]), ("unchanged", truth))

    def test_refused(self):
        """Other PCRs than the log's, or an image of coreboot's in place of it."""
        pcrs = self.write("pcrs", b"sha256 0 " + b"00" * 32 + b"\n")
        answer = self.predict(self.image(1), self.image(2), RUNS / "2026-a" / "log.bin", pcrs)
        self.assertIn("PCR 0", answer["error"]["message"])
        coreboot = self.write("coreboot.rom", lzma.open(V7 / "rom.xz").read())
        answer = self.predict(self.image(1), coreboot, RUNS / "2026-a" / "log.bin", RUNS / "2026-a" / "pcrs.txt")
        self.assertIn("another kind", answer["error"]["message"])


if __name__ == "__main__":
    if not V7.is_dir() or not RUNS.is_dir():
        print(f"no {V7} or no {RUNS}")
        sys.exit(77)
    unittest.main(verbosity=2)
