#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the product does below a kernel that is locked down, or is not: run in a guest by scripts/lockdown-check.

usage: inside.py MODE SECURE_BOOT [TEST...]     with MODE none, integrity or confidentiality, and SECURE_BOOT 0 or 1
"""
import ctypes
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import productcase
from productcase import BUILD, LAB, composed, run

MODE, SECURE = sys.argv[1], sys.argv[2] == "1"
LOCKED = MODE != "none"
MTD = pathlib.Path("/sys/class/mtd/mtd0")
PORT = 41861
POWER_OFF = 0x4321FEDC
OUR_SETTINGS = """\
[Paths]
State={0}/state
Cache={0}/cache
Runtime={0}/run
Programs={1}
[Chip]
Programmer={2}
"""


class Lockdown(productcase.ProductCase):
    def settings(self, programmer):
        """Settings for the guest itself: its kernel, its TPM, its logs."""
        path = self.scratch / "guest.conf"
        path.write_text(OUR_SETTINGS.format(self.scratch, pathlib.Path(BUILD) / "dom0", programmer))
        for folder in ("state", "cache", "run"):
            (self.scratch / folder).mkdir(mode=0o755, exist_ok=True)
        return path

    def guest(self, programmer, *words):
        return run(productcase.PROGRAM, "--config", self.settings(programmer), *words, timeout=300)

    def test_kernel(self):
        """What is taken for granted below: the mode, what the kernel refuses then, and where Secure Boot comes from."""
        told = pathlib.Path("/sys/kernel/security/lockdown").read_text()
        self.assertIn(f"[{MODE}]", told)
        variables = list(pathlib.Path("/sys/firmware/efi/efivars").glob("SecureBoot-*"))
        self.assertEqual([path.read_bytes()[4] for path in variables], [1] if SECURE else [])
        try:
            os.close(os.open("/dev/mem", os.O_RDWR))
            opened = True
        except PermissionError:
            opened = False
        self.assertEqual(opened, not LOCKED)
        ports = ctypes.CDLL(None, use_errno=True).iopl(3)
        self.assertEqual(ports, -1 if LOCKED else 0)

    def test_status(self):
        """`status` says the mode, and names what helps; the log in coreboot's memory is as closed as the chip."""
        done = self.guest("internal", "status", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = productcase.schemacase.answer(["status", "--json"], 0, done.stdout)
        self.assertEqual(said["chip"]["lockdown"], MODE)
        for part in ("chip", "cbmem"):
            self.assertEqual("locked down" in " ".join(said[part]["obstacles"]), LOCKED, said[part])
        self.assertEqual("linux_mtd" in said["chip"]["obstacles"][0], LOCKED)
        self.assertRegex(self.guest("internal", "status").stdout, rf"\n  lockdown +{MODE}\n")

    def test_attest(self):
        """The real log and the real driver of the TPM are open in every mode; coreboot's memory is not."""
        self.assertEqual(self.guest("", "attest", "--learn", "-y").returncode, 0)
        done = self.guest("", "attest")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"replays to the PCRs\n")
        said = self.guest("", "eventlog")
        self.assertEqual("locked down" in said.stdout + said.stderr, LOCKED, said.stdout + said.stderr)

    def test_internal(self):
        """libflashrom's own way to the chip: closed by lockdown, at the first step."""
        done = run("flashrom", "-p", "internal", timeout=300)
        self.assertEqual("Could not get I/O privileges" in done.stdout + done.stderr, LOCKED, done.stdout + done.stderr)

    def give_mtd(self, image):
        """A chip that the kernel has: its driver for memory as MTD device, of which sysfs says what that of a flash chip says."""
        with open("/dev/mtd0", "r+b", buffering=0) as chip:
            data = pathlib.Path(image).read_bytes()
            self.assertEqual(chip.write(data), len(data))
        for name, text in (("type", "nor\n"), ("flags", "0xc00\n")):
            path = self.scratch / name
            path.write_text(text)
            done = run("mount", "--bind", path, (MTD / name).resolve())
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_update(self):
        """The whole way with Programmer=linux_mtd: fetched over vsock, forecast, written, read back."""
        lab = self.board("lab")
        info = self.info(lab)
        self.give_mtd(info["chip"])
        config = pathlib.Path(info["config"])
        text = re.sub(r"(?m)^Programmer=.*$", "Programmer=linux_mtd:dev=0", config.read_text())
        text = re.sub(r"(?m)^Model=.*$", "Model=", text)
        agent = [pathlib.Path(BUILD) / "updatevm" / "qubes.FwupdFetch", "--config", info["agent_conf"]]
        systemd = subprocess.Popen([str(word) for word in (
            LAB, "updatevm", lab, "--", "systemd-socket-activate", "--accept", "--inetd", f"--listen=vsock::{PORT}", *agent)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(systemd.stderr.close)
        self.addCleanup(systemd.wait)
        self.addCleanup(systemd.kill)
        while b"Listening on" not in (line := systemd.stderr.readline()):
            self.assertTrue(line)
        config.write_text(re.sub(r"(?m)^Command=.*$", f"Command=socat - VSOCK-CONNECT:1:{PORT}", text))
        self.restart_fwupd(lab)
        old = pathlib.Path("/dev/mtd0").read_bytes()
        rom, _ = self.offer(lab)
        self.do(lab, "update", "-y")
        now = pathlib.Path("/dev/mtd0").read_bytes()
        self.assertNotEqual(now, old)
        self.assertEqual(now, composed(old, rom.read_bytes()))
        self.assertEqual(self.states(lab), ["written"])


def main():
    start = time.monotonic()
    productcase.VERB_SECONDS = 900
    tests = [f"Lockdown.{name}" for name in sys.argv[3:]]
    result = unittest.main(argv=[sys.argv[0], *tests], exit=False, verbosity=2).result
    print(f"lockdown-check: {'passed' if result.wasSuccessful() and result.testsRun else 'failed'} in {time.monotonic() - start:.0f} s",
          flush=True)


if __name__ == "__main__":
    try:
        main()
    finally:
        if os.getpid() == 1:
            os.sync()
            sys.stdout.flush()
            sys.stderr.flush()
            ctypes.CDLL(None).reboot(POWER_OFF)
