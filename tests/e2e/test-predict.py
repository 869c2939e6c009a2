#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""predict as a command: its options, what it answers, and what it warns of. The values: test-measured."""
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

COREBOOT = pathlib.Path(os.environ["QFU_SHARED_DATA"]) / "coreboot"
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
LAYOUTS = pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "data" / "layouts"
WORKER_UID = 60124      # no user of a test machine has it
WAIT = 60
STATUSES = {"predicted", "unchanged", "not-predictable"}
STAGE_HEADER = b"StgH"  # tag of the attribute that holds a stage's load address


class Predict(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = self.folder / "qubes-fwupd.conf"
        # a TPM that is not there, so that no machine's own values count
        self.config.write_text(f"[Worker]\nUser={WORKER_UID}\n[Paths]\nLayouts={LAYOUTS}\n"
                               "[MeasuredBoot]\nTcti=device:/nonexistent\nEventLog=/nonexistent\n", "ascii")
        self.old = self.image("v2")

    def image(self, name):
        path = self.folder / f"{name}.rom"
        path.write_bytes(lzma.open(COREBOOT / name / "rom.xz").read())
        return path

    def run_verb(self, *words):
        return subprocess.run([MANAGER, "--config", self.config, "predict", *words], capture_output=True, timeout=WAIT,
                              check=False, text=True)

    def answer(self, *words):
        done = self.run_verb("--json", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return schemacase.answer(["predict"], done.returncode, done.stdout)

    def refusal(self, *words):
        done = self.run_verb("--json", *words)
        self.assertEqual(done.returncode, 1, done.stdout)
        answer = schemacase.answer(["predict"], done.returncode, done.stdout)
        self.assertEqual((list(answer), set(answer["error"])), (["error"], {"code", "message"}))
        self.assertIn(answer["error"]["message"], done.stderr)
        return answer["error"]

    def logs(self, *names):
        return [word for name in names for word in ("--eventlog", COREBOOT / "v2" / name)]

    def boot(self, pcrs=COREBOOT / "v2" / "pcrs.txt"):
        """The present boot as fixture v2 has it: coreboot's events in the listing, the payload's in Linux's log."""
        return ["--old-rom", self.old, *self.logs("console-events.txt", "linux-log.bin"), "--pcrs", pcrs]

    def check_shape(self, answer):
        for row in answer["pcrs"]:
            self.assertLessEqual({"pcr", "bank", "status", "value", "reason"}, set(row))
            self.assertIn(row["status"], STATUSES)
            self.assertEqual(row["value"] is None, row["status"] == "not-predictable")
            if row["value"] is None:
                self.assertTrue(row["reason"])
        for warning in answer["warnings"]:
            self.assertRegex(warning["code"], r"^[a-z][a-z-]+$")
            self.assertTrue(warning["message"])

    def codes(self, answer):
        return [warning["code"] for warning in answer["warnings"]]

    def test_shape(self):
        answer = self.answer(*self.boot(), "--new-rom", self.image("v16"))
        self.check_shape(answer)
        self.assertEqual({row["status"] for row in answer["pcrs"]}, STATUSES)

    def test_text(self):
        """People see the value of what changes and the reason of what cannot be said."""
        new = self.image("v16")
        value = next(row["value"] for row in self.answer(*self.boot(), "--new-rom", new)["pcrs"]
                     if (row["pcr"], row["bank"]) == (2, "sha256"))
        done = self.run_verb(*self.boot(), "--new-rom", new)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, f"PCR 2 +sha256 +predicted +{value}")
        self.assertRegex(done.stdout, r"PCR 1 +sha256 +not-predictable +\w+")
        self.assertIn("(payload-changed)", done.stdout)

    def test_order_of_logs(self):
        """Whichever comes first, the combination that replays is found."""
        logs = ("console-events.txt", "linux-log.bin", "cbmem-log.bin")
        rows = []
        for names in (logs, logs[::-1], logs[1:] + logs[:1]):
            words = ["--old-rom", self.old, "--pcrs", COREBOOT / "v2" / "pcrs.txt", *self.logs(*names)]
            rows.append(self.answer(*words, "--new-rom", self.image("v16"))["pcrs"])
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(rows[0], rows[2])

    def test_unknown_pcrs(self):
        """Values that the file lacks are unknown: nothing is said of them; without PCR 2 there is no forecast."""
        lines = (COREBOOT / "v2" / "pcrs.txt").read_text().splitlines(keepends=True)
        some = self.folder / "some.txt"
        some.write_text("# of this boot\n\n" + "".join(line for line in lines if line.split()[:2] == ["sha256", "2"]))
        answer = self.answer(*self.boot(some), "--new-rom", self.image("v16"))
        self.check_shape(answer)
        known = {(row["bank"], row["pcr"]) for row in answer["pcrs"] if row["value"]}
        self.assertEqual(known, {("sha256", 2)})
        some.write_text("".join(line for line in lines if line.split()[:2] != ["sha256", "2"]))
        error = self.refusal(*self.boot(some), "--new-rom", self.image("v16"))
        self.assertEqual(error["code"], "prediction")
        self.assertIn("PCR 2 is not known", error["message"])

    def test_own_pcrs(self):
        """Without --pcrs it is the machine's TPM that is asked."""
        words = self.boot()[:-2]
        error = self.refusal(*words, "--new-rom", self.old)
        self.assertIn("device:/nonexistent", error["message"])

    def test_refusals(self):
        pcrs = self.folder / "pcrs.txt"
        pcrs.write_text("sha256 two 00\n")
        wrong = self.folder / "wrong.txt"
        wrong.write_text(f"sha256 2 {'11' * 32}\n")
        text = self.folder / "text"
        text.write_text("no firmware\n" * 1000)
        new = ["--new-rom", self.old]
        for code, message, words in (
                ("usage", "--new-rom", self.boot()),
                ("io", "nothing.rom", [*self.boot(), "--new-rom", self.folder / "nothing.rom"]),
                ("format", "flash map", [*self.boot(), "--new-rom", text]),
                ("format", "pcrs.txt:1", [*self.boot(pcrs), *new]),
                ("prediction", "do not replay to the present value of PCR 2", [*self.boot(wrong), *new]),
                ("prediction", "console listing", [*self.boot()[:2], *self.logs("linux-log.bin"), *self.boot()[-2:], *new]),
                ("prediction", "not in the new image", [*self.boot(), "--new-rom", self.image("v12")]),
                ("usage", "layout", [*self.boot(), *new, "--layout", "nothing-of-this-name"])):
            with self.subTest(message):
                error = self.refusal(*words)
                self.assertIn(message, error["message"])
                self.assertEqual(error["code"], code)

    def test_load_address(self):
        """It lies in an attribute, which nothing measures."""
        data = bytearray(self.old.read_bytes())
        at = data.find(STAGE_HEADER, data.find(b"fallback/romstage"))
        before, = struct.unpack_from(">Q", data, at + 8)
        struct.pack_into(">Q", data, at + 8, before + 0x1000)
        moved = self.folder / "moved.rom"
        moved.write_bytes(data)
        answer = self.answer(*self.boot(), "--new-rom", moved)
        self.assertIn("load-address-changed", self.codes(answer))
        message = next(warning["message"] for warning in answer["warnings"] if warning["code"] == "load-address-changed")
        self.assertIn("fallback/romstage", message)
        same = self.answer(*self.boot(), "--new-rom", self.old)
        self.assertEqual(answer["pcrs"], same["pcrs"])
        self.assertNotIn("load-address-changed", self.codes(same))


if __name__ == "__main__":
    if not COREBOOT.is_dir():
        print(f"no {COREBOOT}")
        sys.exit(77)
    unittest.main(verbosity=2)
