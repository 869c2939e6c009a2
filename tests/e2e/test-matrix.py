#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Forecasts from every recorded boot to every image of the fixtures, with all its logs, with each alone, with few PCRs.

A value that is given has to be what a replay of the recorded boot's events with the other image's objects makes; hashlib
and cbfstool do that here. What is refused is refused with a reason.
"""
import glob
import hashlib
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

COREBOOT = pathlib.Path(os.environ["QFU_SHARED_DATA"]) / "coreboot"
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
WORKER_UID = 60126      # no user of a test machine has it
WAIT = 60
CODE = ("stage", "simple elf", "fit", "fit_payload", "mrc")
KNOWN = ("predicted", "unchanged")
FIRMWARE = range(10)    # PCRs that the fixtures speak of


class Fixture:
    """A recorded boot, and what its image holds."""

    def __init__(self, folder, scratch):
        self.name = folder.name
        self.expected = json.loads((folder / "expected.json").read_text("utf-8"))
        self.bank = self.expected["measurement_algorithm"]
        self.pcrs = folder / "pcrs.txt"
        self.rom = scratch / f"{self.name}.rom"
        self.rom.write_bytes(lzma.open(folder / "rom.xz").read())
        self.logs = []
        for log in self.expected["logs"]:
            path = folder / log["file"]
            if path.suffix == ".xz":
                path = scratch / f"{self.name}-{path.stem}"
                path.write_bytes(lzma.open(folder / log["file"]).read())
            self.logs.append(path)
        self.scratch = scratch
        self.kinds, self.objects = {}, {}

    def tool(self, *words):
        return subprocess.run(["cbfstool", self.rom, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=WAIT)

    def kind(self, region, name):
        """The type of a file; None when there is none."""
        if region not in self.kinds:
            rows = [row.split("\t") for row in self.tool("print", "-k", "-r", region).stdout.decode().splitlines()]
            self.kinds[region] = {row[0]: row[2] for row in reversed(rows) if len(row) == 6}
        return self.kinds[region].get(name)

    def object(self, region, name):
        """The bytes as stored; None when they are not there."""
        if (region, name) not in self.objects:
            out = self.scratch / "object"
            out.unlink(missing_ok=True)
            take = ("read", "-r", name) if region == "FMAP" else ("extract", "-U", "-r", region, "-n", name)
            self.tool(*take, "-f", out)
            self.objects[region, name] = out.read_bytes() if out.exists() else None
        return self.objects[region, name]

    def pcr(self, region, name):
        """Where this image's settings put it."""
        config = {key[7:]: value for key, value in self.expected["config"].items()}
        runtime = self.kind(region, name) == "mrc_cache" or name in config["TPM_MEASURED_BOOT_RUNTIME_DATA"].split()
        code = region == "FMAP" or self.kind(region, name) in CODE
        return int(config["PCR_SRTM" if code or not runtime else "PCR_RUNTIME_DATA"])


def extend(values, bank, pcr, digest):
    before = values.get(pcr, bytes(hashlib.new(bank).digest_size))
    values[pcr] = hashlib.new(bank, before + digest).digest()


def replay(old, new):
    """{PCR: hex} of the new image's bank after the old boot's events; None when an object is missing. vboot's are left out,
    and so are the payload's when it does not extend that bank."""
    values = {}
    for event in old.expected["events"]:
        if event["source"] == "firmware" and event["region"]:
            data = new.object(event["region"], event["file"])
            if data is None:
                return None
            pcr = new.pcr(event["region"], event["file"])
            extend(values, new.bank, pcr, hashlib.new(new.bank, data).digest())
        elif event["source"] != "firmware":
            digest = event["digests"].get(new.bank)
            if digest:
                extend(values, new.bank, event["pcr"], bytes.fromhex(digest))
    return {pcr: value.hex() for pcr, value in values.items()}


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.config = cls.scratch / "qubes-fwupd.conf"
        cls.config.write_text(f"[Worker]\nUser={WORKER_UID}\n[MeasuredBoot]\nTcti=device:/nonexistent\n"
                              "EventLog=/nonexistent\n")
        cls.fixtures = [Fixture(pathlib.Path(path), cls.scratch) for path in sorted(glob.glob(f"{COREBOOT}/v*"))]

    def forecast(self, old, new, logs, pcrs):
        words = [word for log in logs for word in ("--eventlog", log)]
        done = subprocess.run([MANAGER, "--config", self.config, "predict", "--json", "--old-rom", old.rom, "--new-rom",
                               new.rom, *words, "--pcrs", pcrs], capture_output=True, timeout=WAIT, check=False)
        answer = schemacase.answer(["predict"], done.returncode, done.stdout)
        if "error" in answer:
            self.assertTrue(answer["error"]["code"] and answer["error"]["message"])
        for row in answer.get("pcrs", []):
            self.assertEqual(row["value"] is None, row["status"] not in KNOWN)
            self.assertTrue(row["reason"] if row["value"] is None else True, row)
        return answer

    def check(self, old, new, answer):
        """No value that is given is another than the replay's. -> how many there are."""
        truth = replay(old, new)
        rows = [row for row in answer.get("pcrs", []) if row["bank"] == new.bank and row["pcr"] in FIRMWARE]
        given = [row for row in rows if row["value"] is not None]
        unlogged = {event["pcr"] for event in old.expected["events"] if event["name"] and "VBOOT" in event["name"]}
        for row in given:
            self.assertIsNotNone(truth, "an object is missing, and there is a forecast")
            if row["pcr"] not in unlogged:
                zero = "0" * (2 * hashlib.new(new.bank).digest_size)
                self.assertEqual(row["value"], truth.get(row["pcr"], zero), f"{row}")
        return len(given)

    def test_all(self):
        given = 0
        for old in self.fixtures:
            for new in self.fixtures:
                with self.subTest(old=old.name, new=new.name):
                    given += self.check(old, new, self.forecast(old, new, old.logs, old.pcrs))
        self.assertGreater(given, 200)

    def test_each_log_alone(self):
        for old in self.fixtures:
            for log in old.logs:
                with self.subTest(old=old.name, log=log.name):
                    self.check(old, old, self.forecast(old, old, [log], old.pcrs))

    def test_few_pcrs(self):
        """PCRs that nobody knows are not forecast, and take nothing away from those that are known."""
        for old in self.fixtures:
            lines = old.pcrs.read_text().splitlines()
            whole = self.forecast(old, old, old.logs, old.pcrs)["pcrs"]
            few = self.scratch / "few"
            few.write_text("\n".join(line for line in lines if re.match(rf"{old.bank} [23] ", line)) + "\n")
            with self.subTest(old=old.name):
                answer = self.forecast(old, old, old.logs, few)
                rows = {(row["bank"], row["pcr"]): row["value"] for row in answer["pcrs"]}
                for row in whole:
                    at = row["bank"], row["pcr"]
                    self.assertEqual(rows.get(at), row["value"] if at in {(old.bank, 2), (old.bank, 3)} else None, at)


if __name__ == "__main__":
    if not COREBOOT.is_dir() or not MANAGER.exists():
        print(f"no {COREBOOT} or {MANAGER}")
        sys.exit(77)
    os.environ["PATH"] += ":/usr/sbin"
    unittest.main(verbosity=2)
