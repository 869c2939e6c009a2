#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests: the firmware image, log and TPM simulator of a virtual machine, attested from outside with a store of its own."""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.dont_write_bytecode = True      # root may run this in somebody's tree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "schemas")]

import schemacase
from swtpm import Swtpm

BUILD = pathlib.Path(os.environ["QFU_BUILD_ROOT"])
MANAGER = BUILD / "dom0" / "qubes-fwupdmgr"
WORKER_UID = 60125  # no user of a test machine has it
WAIT = 120
SKIP = 77

CONFIG = """\
[Paths]
State={0}/state
Runtime={0}/run
BootId={0}/boot_id
[Worker]
User={1}
[MeasuredBoot]
Tcti={2}
EventLog={0}/log
"""


def tool(*command):
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   timeout=WAIT)


class Guest:
    """What the host has of a guest: its folder with image, log and TPM state."""

    def __init__(self, folder, banks=("sha256",)):
        self.folder = folder
        folder.mkdir()
        folder.chmod(0o755)
        self.tpm = Swtpm(str(folder / "tpm"), banks)
        self.config = folder / "guest.conf"
        self.config.write_text(CONFIG.format(folder, WORKER_UID, self.tpm.tcti))

    def boot(self, firmware, *options):
        """A start of the machine with this firmware: a TPM that was reset, and another boot id."""
        self.stop()
        self.tpm.__enter__()
        self.tpm.tool("tpm2_startup", "-c")
        tool(ROOT / "scripts" / "lab-boot-model", "--log-as", "linux", *options, firmware, self.tpm.tcti, self.folder / "log")
        (self.folder / "boot_id").write_text(f"{uuid.uuid4()}\n")

    def stop(self):
        if self.tpm.process is not None:
            self.tpm.__exit__()
            self.tpm.process = None

    def pcrs(self):
        return {(bank, index): value for bank, values in self.tpm.pcrs().items() for index, value in values.items()}

    def ask(self, *words):
        """Status and JSON of a command about this guest, and what it said on standard error."""
        done = subprocess.run([MANAGER, "--config", self.config, "--json", *words], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=WAIT, check=False, text=True)
        return done.returncode, schemacase.answer(words, done.returncode, done.stdout), done.stderr


class Guests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="qfu-vm-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.scratch.chmod(0o755)
        cls.old, cls.new = (cls.scratch / f"{version}.rom" for version in ("1.0.0", "1.1.0"))
        for image in (cls.old, cls.new):
            tool(ROOT / "scripts" / "lab-rom", image, "--version", image.stem, "--size", "4M")
        cls.validator = schemacase.validator("attestation")

    def guest(self, name, **more):
        guest = Guest(self.scratch / name, **more)
        self.addCleanup(shutil.rmtree, guest.folder)
        self.addCleanup(guest.stop)
        return guest

    def attest(self, guest, status, result, *words):
        """attest ends like this; what it prints is also what it leaves behind, and fits the schema."""
        returned, answer, said = guest.ask("attest", *words)
        self.assertEqual((returned, answer.get("result")), (status, result), said)
        self.assertEqual("error" in answer, status != 0)
        answer.pop("error", None)
        self.validator.validate(answer)
        kept = json.loads((guest.folder / "state" / "attestation.json").read_text("ascii"))
        self.assertEqual(kept, answer)
        self.assertEqual(guest.ask("refvals")[1]["attestation"], kept)
        self.assertEqual(answer["bootId"], (guest.folder / "boot_id").read_text().strip())
        held = guest.pcrs()
        self.assertEqual({(row["bank"], row["pcr"]): row["value"] for row in answer["pcrs"]},
                         {at: value for at, value in held.items() if at[1] < 8})
        return answer, said

    def predicted(self, guest, old, new):
        returned, answer, said = guest.ask("predict", "--old-rom", str(old), "--new-rom", str(new))
        self.assertEqual(returned, 0, said)
        return {(row["bank"], row["pcr"]): row["value"] for row in answer["pcrs"] if row["status"] == "predicted"}

    def test_two_firmwares(self):
        guest = self.guest("guest")
        guest.boot(self.old)
        returned, answer, _ = guest.ask("attest")
        self.assertEqual((returned, answer["error"]["code"]), (1, "not-found"))
        self.attest(guest, 0, "learned", "--learn", "-y")
        answer, _ = self.attest(guest, 0, "passed")
        self.assertEqual((answer["compared"], answer["logReplays"], answer["record"]), (8, True, 1))

        forecast = self.predicted(guest, self.old, self.new)
        before = guest.pcrs()
        guest.boot(self.new)
        held = guest.pcrs()
        self.assertEqual({at: held[at] for at in forecast}, forecast)
        self.assertEqual({at for at in held if held[at] != before[at]}, set(forecast))

        # nobody had recorded the change: an alarm that shows what was forecast, and a person's word
        answer, said = self.attest(guest, 1, "mismatch")
        self.assertIn("not the one that was attested last", said)
        self.assertEqual({(row["bank"], row["pcr"]): row["actual"] for row in answer["differences"]}, forecast)
        self.assertEqual(answer["cause"], "other-firmware")
        self.attest(guest, 0, "learned", "--learn", "-y")
        self.assertEqual(self.attest(guest, 0, "passed")[0]["record"], 2)

        # somebody put the former firmware back
        guest.boot(self.old)
        answer, said = self.attest(guest, 1, "mismatch")
        self.assertEqual((answer["cause"], answer["booted"]), ("older-firmware", 1))
        self.assertIn("no longer in use", said)

    def test_own_store(self):
        """What one guest learned says nothing of another."""
        one, other = self.guest("one"), self.guest("other")
        for guest in (one, other):
            guest.boot(self.old)
        self.attest(one, 0, "learned", "--learn", "-y")
        returned, answer, _ = other.ask("attest")
        self.assertEqual((returned, answer["error"]["code"]), (1, "not-found"))
        other.boot(self.new)
        self.attest(other, 0, "learned", "--learn", "-y")
        self.attest(other, 0, "passed")
        self.attest(one, 0, "passed")

    def test_bank_gone(self):
        """A bank that is deallocated is no match, though all that is left is as it was."""
        guest = self.guest("guest", banks=("sha1", "sha256"))
        guest.boot(self.old)
        self.assertEqual({bank for bank, _ in guest.pcrs()}, {"sha1", "sha256"})
        self.attest(guest, 0, "learned", "--learn", "-y")
        guest.stop()
        tool("swtpm_setup", "--tpm2", "--tpmstate", guest.tpm.directory, "--reconfigure", "--pcr-banks", "sha256")
        guest.boot(self.old)
        self.assertEqual({bank for bank, _ in guest.pcrs()}, {"sha256"})
        answer, said = self.attest(guest, 1, "mismatch")
        self.assertEqual((answer["cause"], answer["compared"]), ("bank-gone", 16))
        self.assertEqual({(row["bank"], row["actual"]) for row in answer["differences"]}, {("sha1", None)})
        self.assertIn("no bank sha1 any more", said)
        self.attest(guest, 0, "learned", "--learn", "-y")
        self.attest(guest, 0, "passed")

    def test_log_that_does_not_replay(self):
        """The PCRs decide. A log that somebody changed is told, with the first PCR that it does not give."""
        guest = self.guest("guest")
        guest.boot(self.old)
        self.attest(guest, 0, "learned", "--learn", "-y")
        path = guest.folder / "log"
        good = path.read_bytes()
        name = good.index(b"CBFS: fallback/romstage")
        changed = bytearray(good)
        changed[name - 8] ^= 1    # before the name its size, before that the digest
        for log, differs in ((bytes(changed), {"pcr": 2, "bank": "sha256"}), (b"", None), (struct.pack("<I", 7), None)):
            path.write_bytes(log)
            answer, _ = self.attest(guest, 0, "passed")
            self.assertEqual((answer["logReplays"], answer["logDiffers"]), (False, differs))
            self.assertRegex(answer["log"], "PCR 2 of bank sha256" if differs else "the event log says nothing")
        # a log that is as it should be makes up for no PCR
        path.write_bytes(good)
        guest.tpm.tool("tpm2_pcrextend", f"2:sha256={'0' * 64}")
        answer, _ = self.attest(guest, 1, "mismatch")
        self.assertEqual([(row["bank"], row["pcr"]) for row in answer["differences"]], [("sha256", 2)])

    def test_no_tpm(self):
        """A TPM that is gone is an error as long as there is something to compare with it, never a pass."""
        guest = self.guest("guest")
        guest.boot(self.old)
        self.attest(guest, 0, "learned", "--learn", "-y")
        guest.stop()
        returned, answer, said = guest.ask("attest")
        self.assertEqual((returned, answer["result"], answer["cause"], answer["pcrs"]), (1, "error", "no-pcrs", []), said)
        self.assertIn("cannot be compared with the reference values", answer["error"]["message"])
        del answer["error"]
        self.validator.validate(answer)


def main():
    missing = [name for name in ("swtpm", "swtpm_setup", "tpm2_pcrread", "cbfstool")
               if not shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")]
    if missing or not (BUILD / "dom0" / "qfu-tpm").exists():
        print(f"missing: {' '.join(missing) or 'qfu-tpm'}")
        sys.exit(SKIP)
    if os.geteuid() != 0:
        command = ["unshare", "--user", "--map-root-user", "--map-auto"]
        if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
            print("neither root nor subordinate uids")
            sys.exit(SKIP)
        os.execvp(command[0], [*command, sys.executable, *sys.argv])
    unittest.main(verbosity=2)


main()
