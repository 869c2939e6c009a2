#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""eventlog: against tpm2_eventlog, against what machines held, and against this machine's TPM."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

import schemacase   # noqa: E402
import tcglogs      # noqa: E402
from tcglogs import BOOT, LAUNCH, TWO, agile    # noqa: E402

DATA = pathlib.Path(os.environ["QFU_SHARED_DATA"])
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
WORKER_UID = 60127  # no user of a test machine has it
WAIT = 60
LARGEST = 16 << 20
PCRS = 24
# What firmware extends without logging it: the log cannot replay, and that has to be said.
UNLOGGED = {"coreboot/v15": 2, "coreboot/v7": 1}


def tpm2_eventlog(log):
    """({bank: {PCR: value}}, types of its events); None when it does not read the log."""
    run = subprocess.run(["tpm2_eventlog", log], capture_output=True, timeout=WAIT, check=False)
    text = run.stdout.decode(errors="replace")
    if run.returncode:
        return None, None
    banks, bank = {}, None
    for line in text[text.rfind("\npcrs:") + 1:].splitlines()[1:] if "\npcrs:" in text else []:
        if found := re.fullmatch(r"  (\w+):", line):
            bank = banks.setdefault(found[1], {})
        elif found := re.fullmatch(r"    (\d+)\s*: 0x([0-9a-f]+)", line):
            bank[found[1]] = found[2]
    return banks, re.findall(r"^  EventType: (\w.*)$", text, re.M)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.log = self.folder / "log"

    def run_manager(self, *words, status=0, sources="", tcti=""):
        config = self.folder / "qubes-fwupd.conf"
        config.write_text(f"[Worker]\nUser={WORKER_UID}\n[MeasuredBoot]\nEventLog={sources}\nTcti={tcti}\n", "ascii")
        run = subprocess.run([MANAGER, "--config", config, *words], capture_output=True, timeout=WAIT, check=False)
        self.assertEqual(run.returncode, status, run.stdout[-2000:] + run.stderr)
        if "--json" in words:
            schemacase.answer(words, status, run.stdout)
        return run.stdout

    def eventlog(self, *files, **options):
        return json.loads(self.run_manager("--json", "eventlog", *files, **options))

    def listing(self, *files, **options):
        return self.run_manager("eventlog", *files, **options).decode("ascii")

    def put(self, data, name="log"):
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def pcrs(self, banks, name="pcrs"):
        """A file as --pcrs takes it."""
        path = self.folder / name
        path.write_text("".join(f"{bank} {pcr} {value}\n" for bank, of in banks.items() for pcr, value in of.items()))
        return path


class Agreement(Case):
    """With another program's replay, and with one of our own."""

    def setUp(self):
        super().setUp()
        if shutil.which("tpm2_eventlog") is None:
            self.skipTest("no tpm2_eventlog")

    def check_agrees(self, log, name):
        theirs, types = tpm2_eventlog(log)
        if theirs is None:
            return False
        ours = self.eventlog(log)
        for bank, values in theirs.items():
            if bank == "sm3_256":
                self.assertTrue(ours["logs"][0]["otherBanks"], name)
                continue
            self.assertEqual({pcr: ours["banks"][bank][pcr] for pcr in values}, values, f"{name} {bank}")
            self.assertEqual(len(ours["banks"][bank]), PCRS)
        self.assertEqual(set(ours["banks"]), set(theirs) - {"sm3_256"}, name)
        named = [event["typeName"] for event in ours["events"]]
        header = int(b"Spec ID Event" in pathlib.Path(log).read_bytes()[:64])   # is no event of ours
        self.assertLessEqual(len(named), len(types) - header, name)
        for one, other in zip(named, types[header:]):
            if other != "Unknown event type":
                self.assertEqual(one, other, name)
        return True

    def test_fixtures(self):
        logs = [*(DATA / "eventlogs").glob("*.bin"), *(DATA / "uefi" / "runs").glob("*/log.bin"),
                *(DATA / "coreboot").glob("v*/*log*.bin")]
        self.assertGreaterEqual(len(logs), 30)
        agreed = {log for log in logs if self.check_agrees(log, str(log))}
        self.assertGreaterEqual(len(agreed & set((DATA / "uefi" / "runs").glob("*/log.bin"))), 6)
        self.assertGreaterEqual(len(agreed & set((DATA / "eventlogs").iterdir())), 5)
        self.assertGreaterEqual(len(agreed & set((DATA / "coreboot").glob("*/linux-log.bin"))), 8)

    def test_generated(self):
        for name, data in tcglogs.readable():
            with self.subTest(name):
                self.assertTrue(self.check_agrees(self.put(data), name), "tpm2_eventlog does not read it")

    def test_no_action(self):
        """EV_NO_ACTION extends nothing, and the locality of the start-up is the first value of PCR 0."""
        for name, events in tcglogs.WITH_NO_ACTION.items():
            with self.subTest(name):
                ours = self.eventlog(self.put(agile(TWO, *events)))
                expected = tcglogs.replay(TWO, events)
                for bank in TWO:
                    self.assertEqual({pcr: ours["banks"][bank][pcr] for pcr in expected[bank]}, expected[bank])
                self.assertNotEqual(tpm2_eventlog(self.log)[0], expected)


class Verdict(Case):
    def test_fixtures(self):
        """Every machine of the fixtures: its logs replay to its PCRs, or what does not is named."""
        folders = [*(DATA / "coreboot").glob("v*"), *(DATA / "uefi" / "runs").iterdir()]
        self.assertGreaterEqual(len(folders), 17)
        for folder in folders:
            name = str(folder.relative_to(DATA))
            logs = sorted(folder.glob("*log.bin")) + sorted(folder.glob("console-events.txt"))
            with self.subTest(name):
                said = self.eventlog(*logs, "--pcrs", folder / "pcrs.txt")["replay"]
                first = said["firstDifference"]
                self.assertEqual(first and first["pcr"], UNLOGGED.get(name), said)
                self.assertEqual(said["verdict"], "mismatch" if name in UNLOGGED else "match")
                self.assertGreaterEqual(said["compared"], 8)

    def test_first_difference(self):
        log = self.put(agile(TWO, *BOOT))
        banks = tcglogs.replay(TWO, BOOT)
        for bank in TWO:
            for pcr in range(8):
                banks[bank].setdefault(str(pcr), "00" * (20 if bank == "sha1" else 32))
        self.assertEqual(self.eventlog(log, "--pcrs", self.pcrs(banks))["replay"]["verdict"], "match")
        banks["sha256"]["5"] = "11" * 32
        banks["sha1"]["7"] = "22" * 20
        banks["sha256"]["9"] = "33" * 32    # of the system: the log says nothing of it
        said = self.eventlog(log, "--pcrs", self.pcrs(banks))["replay"]
        self.assertEqual(said["verdict"], "mismatch")
        self.assertEqual(said["firstDifference"], {"pcr": 5, "bank": "sha256", "replayed": "00" * 32, "actual": "11" * 32,
                                                   "runningSystem": False})
        self.assertEqual([(d["pcr"], d["bank"]) for d in said["differences"]], [(5, "sha256"), (7, "sha1")])
        text = self.listing(log, "--pcrs", self.folder / "pcrs")
        self.assertIn("MISMATCH: PCR 5 of bank sha256 is the first", text)

    def test_banks_without_log(self):
        log = self.put(b"".join(tcglogs.plain(*one) for one in BOOT))
        banks = tcglogs.replay(("sha1",), BOOT) | {"sha256": {"0": "44" * 32}}
        said = self.eventlog(log, "--pcrs", self.pcrs(banks))["replay"]
        self.assertEqual((said["verdict"], said["banksWithoutLog"]), ("match", ["sha256"]))
        alone = self.eventlog(log, "--pcrs", self.pcrs({"sha256": {"0": "44" * 32}}))["replay"]
        self.assertEqual((alone["verdict"], alone["compared"]), ("unknown", 0))

    def test_not_asked(self):
        said = self.eventlog(self.put(agile(TWO, *BOOT)))["replay"]
        self.assertEqual((said["verdict"], said["firstDifference"]), ("unknown", None))
        self.assertIn("--pcrs", said["message"])


class Launch(Case):
    """A dynamic launch: PCRs 17 to 22."""

    def check(self, *files, pcrs=None, launched=True):
        said = self.eventlog(*files, *(["--pcrs", pcrs] if pcrs else []))
        self.assertEqual(said["dynamicLaunch"], launched)
        return said

    def test_none(self):
        said = self.check(self.put(agile(TWO, *BOOT)), launched=False)
        self.assertEqual(said["banks"]["sha256"]["17"], "ff" * 32)
        self.assertEqual(said["banks"]["sha256"]["22"], "ff" * 32)
        self.assertEqual(said["banks"]["sha256"]["16"], "00" * 32)

    def test_in_one_log(self):
        log = self.put(agile(TWO, *BOOT, *LAUNCH))
        expected = tcglogs.replay(TWO, (*BOOT, *LAUNCH), launched=True)
        said = self.check(log, pcrs=self.pcrs(expected))
        self.assertEqual(said["banks"]["sha1"]["17"], expected["sha1"]["17"])
        self.assertEqual(said["banks"]["sha1"]["19"], "00" * 20)
        self.assertEqual(said["replay"]["verdict"], "match")
        self.assertEqual([event["typeName"] for event in said["events"]][-4:],
                         ["TXT_HASH_START", "TXT_MLE_HASH", "TXT_SINIT_PUBKEY_HASH", "SLAUNCH"])
        self.assertIn("SLAUNCH  Measured Kernel initrd", self.listing(log))
        expected["sha1"]["18"] = "55" * 20
        first = self.check(log, pcrs=self.pcrs(expected))["replay"]["firstDifference"]
        self.assertEqual((first["pcr"], first["bank"]), (18, "sha1"))

    def test_log_of_its_own(self):
        firmware, launch = self.put(agile(TWO, *BOOT), "a"), self.put(agile(TWO, *LAUNCH), "b")
        expected = tcglogs.replay(TWO, (*BOOT, *LAUNCH), launched=True)
        for files in ((firmware, launch), (launch, firmware)):
            said = self.check(*files, pcrs=self.pcrs(expected))
            self.assertEqual(said["replay"]["verdict"], "match", files)
            self.assertEqual([log["used"] for log in said["logs"]], [True, True])

    def test_marks(self):
        """Those who write marks into the log extend them, or do not: the TPM knows."""
        marked = ((17, 0x503, b""), *LAUNCH, (17, 0x504, b""))
        log = self.put(agile(TWO, *BOOT, *marked))
        for events in (marked, LAUNCH):
            expected = tcglogs.replay(TWO, (*BOOT, *events), launched=True)
            self.assertEqual(self.check(log, pcrs=self.pcrs(expected))["replay"]["verdict"], "match")

    def test_unlogged(self):
        """The TPM tells of a launch that no log knows."""
        banks = tcglogs.replay(TWO, BOOT) | {}
        banks["sha256"]["17"] = "66" * 32
        said = self.check(self.put(agile(TWO, *BOOT)), pcrs=self.pcrs(banks))
        self.assertEqual(said["banks"]["sha256"]["18"], "00" * 32)
        self.assertEqual(said["replay"]["verdict"], "match")


class Machine(Case):
    """No FILE: this machine's logs and its TPM, which sysfs shows."""

    def sysfs(self, banks, version=2):
        folder = self.folder / "tpm0"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "tpm_version_major").write_text(f"{version}\n")
        if version == 1:
            lines = [f"PCR-{int(pcr):02}: {bytes.fromhex(value).hex(' ').upper()} \n" for pcr, value in banks["sha1"].items()]
            (folder / "pcrs").write_text("".join(lines))
        for bank, of in banks.items() if version == 2 else ():
            (folder / f"pcr-{bank}").mkdir()
            for pcr, value in of.items():
                (folder / f"pcr-{bank}" / pcr).write_text(value.upper() + "\n")
        return f"sysfs:{folder}"

    def test_match(self):
        log, banks = self.put(agile(TWO, *BOOT)), tcglogs.replay(TWO, BOOT)
        for version in (1, 2):
            with self.subTest(version=version):
                said = self.eventlog(sources=log, tcti=self.sysfs(banks, version))
                self.assertEqual(said["replay"]["verdict"], "match")
                self.assertEqual(said["replay"]["compared"], 8 if version == 2 else 4)
                self.assertEqual(said["logs"][0]["source"], str(log))
        banks["sha1"]["2"] = "77" * 20
        said = self.eventlog(sources=log, tcti=self.sysfs(banks, 1))["replay"]
        self.assertEqual((said["firstDifference"]["pcr"], said["firstDifference"]["bank"]), (2, "sha1"))

    def test_no_tpm(self):
        said = self.eventlog(sources=self.put(agile(TWO, *BOOT)), tcti=f"sysfs:{self.folder}/none")
        self.assertEqual(said["replay"]["verdict"], "unknown")
        self.assertIn("there is no TPM at", said["replay"]["message"])
        self.assertIn("2", said["banks"]["sha256"])

    def test_absent_sources(self):
        said = self.eventlog(sources=f"/nonexistent;{self.put(agile(TWO, *BOOT))}", tcti=f"sysfs:{self.folder}/none")
        self.assertEqual(len(said["absent"]), 1)
        self.assertIn("/nonexistent", said["absent"][0])

    def test_damaged_sysfs(self):
        tcti = self.sysfs({"sha256": {"0": "zz" * 32}})
        said = self.eventlog(sources=self.put(agile(TWO, *BOOT)), tcti=tcti)["replay"]
        self.assertEqual(said["verdict"], "unknown")
        self.assertIn("pcr-sha256/0", said["message"])


class Size(Case):
    def test_largest(self):
        """16 MiB of ordinary events, and of one."""
        one = tcglogs.event(TWO, 4, 13, b"x" * 48)
        start = tcglogs.header(TWO)
        count = (LARGEST - len(start)) // len(one)
        log = self.put(start + one * count)
        begin = time.monotonic()
        text = self.listing(log)
        self.assertLess(time.monotonic() - begin, WAIT / 2)
        self.assertIn(f"log of {count} events", text)
        rest = LARGEST - len(start) - len(tcglogs.event(TWO, 4, 13, b""))
        self.assertEqual(len(self.eventlog(self.put(start + tcglogs.event(TWO, 4, 13, bytes(rest))))["events"]), 1)


if __name__ == "__main__":
    if not DATA.is_dir():
        print(f"no {DATA}")
        sys.exit(77)
    unittest.main(verbosity=2)
