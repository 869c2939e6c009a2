#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""predict and eventlog on the fixtures: real structures, hostile inputs, logs of real machines."""

import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

import schemacase

DATA = pathlib.Path(os.environ["QFU_SHARED_DATA"])
COREBOOT = DATA / "coreboot"
HOSTILE = COREBOOT / "hostile"
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
LAYOUTS = pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "data" / "layouts"
WORKER_UID = 60124  # no user of a test machine has it
KNOWN = ("predicted", "unchanged")
WAIT = 60


class Manager(unittest.TestCase):
    """Runs the tool; images are unpacked once."""

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.config = cls.directory / "qubes-fwupd.conf"
        cls.config.write_text(f"[Worker]\nUser={WORKER_UID}\n[Paths]\nLayouts={LAYOUTS}\n",
                              "ascii")

    def plain(self, path):
        """The file, unpacked when it is compressed."""
        if path.suffix != ".xz":
            return path
        out = self.directory / str(path.relative_to(DATA)).replace("/", "_")
        if not out.exists():
            out.write_bytes(lzma.open(path).read())
        return out

    def run_json(self, *arguments):
        run = subprocess.run([MANAGER, "--config", self.config, "--json", *arguments],
                             capture_output=True, timeout=WAIT, check=False)
        answer = schemacase.answer(arguments, run.returncode, run.stdout)
        if run.returncode:
            self.assertEqual(run.returncode, 1)
            self.assertEqual(list(answer), ["error"])
            self.assertTrue(answer["error"]["code"] and answer["error"]["message"])
        return answer

    def predict(self, old, new, logs, pcrs):
        arguments = ["predict", "--old-rom", self.plain(old), "--new-rom", self.plain(new),
                     "--pcrs", pcrs]
        for log in logs:
            arguments += ["--eventlog", self.plain(log)]
        return self.run_json(*arguments)


class Pairs(Manager):
    """Every update of PAIRS.json."""

    def forecast(self, pair):
        old = COREBOOT / pair["old"]
        logs = [old / name for name in ("cbmem-log.bin", "linux-log.bin", "console-events.txt",
                                        "cbmem-log-54504d32.bin.xz") if (old / name).exists()]
        answer = self.predict(old / "rom.xz", COREBOOT / pair["new"] / "rom.xz", logs,
                              old / "pcrs.txt")
        return answer, {str(row["pcr"]): row for row in answer.get("pcrs", [])
                        if row["bank"] == pair["algorithm_new"]}

    def check_predicted(self, pair, rows):
        for pcr, truth in pair["pcrs"].items():
            row = rows[pcr]
            if int(pcr) in pair["summary"]["precondition_failed"]:
                self.assertIsNone(row["value"])
            elif truth["with_old_payload_events"] == "match":
                self.assertIn(row["status"], KNOWN, f"PCR {pcr}: {row['reason']}")
                self.assertEqual(row["value"], truth["actual_new"], f"PCR {pcr}")
            elif row["status"] in KNOWN:
                self.assertEqual(row["value"], truth["predicted_with_old_payload_events"])
            if row["value"] is not None:
                same = row["value"] == truth["old"]
                self.assertEqual(row["status"], "unchanged" if same else "predicted")

    def check_pair(self, pair):
        answer, rows = self.forecast(pair)
        if pair["must"].startswith("predict"):
            self.assertNotIn("error", answer)
            self.check_predicted(pair, rows)
        elif pair["must"] == "refuse":
            self.assertEqual(answer["error"]["code"], "prediction")
            name = pair["missing_objects"][0][1].rsplit(":", 1)[1]
            self.assertRegex(answer["error"]["message"], f"{re.escape(name)}|CONFIG_VBOOT")
        else:
            self.assertEqual(pair["must"], "refuse_or_mismatch")
            value = rows["2"]["value"] if rows else None
            self.assertNotEqual(value, pair["pcrs"]["2"]["actual_new"])

    def test_pairs(self):
        pairs = json.loads((COREBOOT / "PAIRS.json").read_text("utf-8"))["pairs"]
        self.assertGreaterEqual(len(pairs), 12)
        for pair in pairs:
            with self.subTest(old=pair["old"], new=pair["new"]):
                self.check_pair(pair)

    def test_identity(self):
        """The same image again: whatever the logs give stays."""
        for folder in sorted(COREBOOT.glob("v*")):
            expected = json.loads((folder / "expected.json").read_text("utf-8"))
            pair = {"old": folder.name, "new": folder.name,
                    "algorithm_new": expected["measurement_algorithm"]}
            with self.subTest(folder.name):
                answer, rows = self.forecast(pair)
                self.assertNotIn("error", answer)
                known = [row for row in rows.values() if row["value"] is not None]
                self.assertGreaterEqual(len(known), 8)
                for row in known:
                    self.assertEqual(row["status"], "unchanged")
                    self.assertEqual(row["value"],
                                     expected["pcrs"][row["bank"]][str(row["pcr"])])

    def test_warnings(self):
        cases = {("v8", "v8"): "bootblock-not-measured", ("v15", "v15"): "unlogged-extends",
                 ("v2", "v19"): "log-overwritten", ("v2", "v16"): "payload-changed"}
        for (old, new), code in cases.items():
            with self.subTest(code):
                answer, _ = self.forecast({"old": old, "new": new, "algorithm_new": "sha256"})
                self.assertIn(code, [warning["code"] for warning in answer["warnings"]])

    def test_layout(self):
        """The composed image is forecast; a layout that is not there is an error."""
        v2, v16 = COREBOOT / "v2", COREBOOT / "v16"
        truth = json.loads((v16 / "expected.json").read_text("utf-8"))["pcrs"]["sha256"]["2"]
        arguments = ["predict", "--old-rom", self.plain(v2 / "rom.xz"), "--new-rom",
                     self.plain(v16 / "rom.xz"), "--pcrs", v2 / "pcrs.txt",
                     "--eventlog", v2 / "console-events.txt", "--eventlog", v2 / "linux-log.bin"]
        answer = self.run_json(*arguments, "--layout", "coreboot")
        values = [row["value"] for row in answer["pcrs"]
                  if row["pcr"] == 2 and row["bank"] == "sha256"]
        self.assertEqual(values, [truth])
        self.assertIn("error", self.run_json(*arguments, "--layout", "nothing-of-this-name"))

    def test_incomplete_logs(self):
        """Without the log that holds coreboot's events, or with a wrong PCR, nothing is said."""
        v2 = COREBOOT / "v2"
        for logs, message in ((["linux-log.bin", "cbmem-log.bin"], "console"),
                              (["console-events.txt"], "do not replay")):
            answer = self.predict(v2 / "rom.xz", v2 / "rom.xz", [v2 / log for log in logs],
                                  v2 / "pcrs.txt")
            self.assertIn(message, answer["error"]["message"])


class Hostile(Manager):
    """Every hostile image and log: refused as a whole, or exactly right."""

    def check_case(self, case):
        pcrs = self.directory / "pcrs.txt"
        pcrs.write_text("".join(f"{bank} 2 {value}\n" for bank, value in case["old_pcrs"].items()),
                        "ascii")
        answer = self.predict(HOSTILE / case["old_rom"], HOSTILE / case["new_rom"],
                              [HOSTILE / case["old_log"]], pcrs)
        values = {row["bank"]: row["value"] for row in answer.get("pcrs", []) if row["pcr"] == 2}
        if case["must"] == "refuse" or (case["must"] == "refuse_or_exact" and "error" in answer):
            self.assertIn("error", answer)
            return
        self.assertNotIn("error", answer)
        for bank, value in case["expect_new_pcr2"].items():
            self.assertEqual(values[bank], value)

    def test_cases(self):
        manifest = json.loads((HOSTILE / "MANIFEST.json").read_text("utf-8"))
        self.assertEqual(len(manifest["cases"]), manifest["count"])
        for case in manifest["cases"]:
            with self.subTest(case["id"]):
                self.check_case(case)

    def test_base(self):
        base = json.loads((HOSTILE / "MANIFEST.json").read_text("utf-8"))["base"]
        for log in base["logs"]:
            with self.subTest(log):
                bank = "sha1" if "tcg1" in log else "sha256"
                self.check_case({"old_rom": base["old_rom"], "new_rom": base["new_rom"],
                                 "old_log": log, "must": "accept", "old_pcrs": base["old_pcr2"],
                                 "expect_new_pcr2": {bank: base["expect_new_pcr2"][bank]}})


class Logs(Manager):
    """eventlog against another replay, and against what machines really held."""

    def banks(self, log):
        return self.run_json("eventlog", self.plain(log))["banks"]

    def other_replay(self, log):
        """{bank: {index: value}} of tpm2_eventlog; None when it cannot read the log."""
        run = subprocess.run(["tpm2_eventlog", log], capture_output=True, timeout=WAIT,
                             check=False)
        if run.returncode:
            return None
        banks, bank = {}, None
        for line in run.stdout.decode("utf-8", "replace").partition("\npcrs:\n")[2].splitlines():
            if head := re.fullmatch(r"  (\w+):", line):
                bank = banks.setdefault(head[1], {})
            elif row := re.fullmatch(r"    (\d+)\s*: 0x([0-9a-fA-F]+)", line):
                bank[row[1]] = row[2].lower()
        return banks

    def test_other_tool(self):
        if shutil.which("tpm2_eventlog") is None:
            self.skipTest("no tpm2_eventlog")
        logs = [*(DATA / "eventlogs").iterdir(), *(DATA / "uefi" / "runs").glob("*/log.bin"),
                *COREBOOT.glob("v*/linux-log.bin")]
        compared = 0
        for log in logs:
            other = self.other_replay(log)
            with self.subTest(log.relative_to(DATA)):
                ours = self.banks(log)
                for bank, values in (other or {}).items():
                    for index, value in values.items():
                        compared += 1
                        self.assertEqual(ours[bank][index], value, f"{bank} {index}")
        self.assertGreater(compared, 100)

    def test_machines(self):
        for pcrs in (DATA / "uefi" / "runs").glob("*/pcrs.txt"):
            ours = self.banks(pcrs.with_name("log.bin"))
            rows = [line.split() for line in pcrs.read_text("ascii").splitlines()]
            with self.subTest(pcrs.parent.name):
                for bank, index, value in rows:
                    if int(index) < 8:
                        self.assertEqual(ours[bank][index], value.lower(), f"{bank} {index}")


if __name__ == "__main__":
    if not COREBOOT.is_dir():
        print(f"no {COREBOOT}")
        sys.exit(77)
    unittest.main(verbosity=2)
