#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A chip that does not do as it is told, and a write of it that is killed, or fails, at any of its system calls.

The chip is tests/chip/nor-emulator; what writes calls what fwupd's plugin calls, what recovers is the product's. Each
run starts from the same machine, with its record pending. Of the calls each fourth is taken;
QFU_FAULTS_EVERY=1 takes all (minutes).
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build"))
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True      # root may run this in somebody's tree

from qfutorture import images  # noqa: E402
from qfutorture.machine import Cut, Machine  # noqa: E402

EVERY = int(os.environ.get("QFU_FAULTS_EVERY", "0"))
# Killed between the journal's intent and the record's use, the record is given up by the recovery.
UNTOUCHED = ({"refvals": "pending"}, {"refvals": "pending", "flash": "old"}, {"refvals": "abandoned", "flash": "old"})
OLD = ({"refvals": "failed", "flash": "old"},)
NEW = ({"refvals": "written", "flash": "new"},)
# What changes a file of ours, and how it fails.
CALLS = {"openat": "ENOSPC", "write": "ENOSPC", "pwrite64": "EIO", "copy_file_range": "ENOSPC", "sendfile": "ENOSPC",
         "rename": "EROFS", "renameat": "EROFS", "renameat2": "EIO", "unlink": "EROFS", "unlinkat": "EIO",
         "link": "EROFS", "linkat": "EROFS", "fsync": "EIO", "fdatasync": "EIO", "mkdir": "ENOSPC",
         "mkdirat": "EROFS", "ftruncate": "ENOSPC", "fallocate": "ENOSPC", "fchmod": "EROFS", "flock": "ENOLCK"}
READS = re.compile(r"openat\((?!.*O_CREAT)")


class Flash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="qfu-flash-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        cls.addClassCleanup(folder.cleanup)
        cls.dir = pathlib.Path(folder.name)
        cls.pair = images.make_pair(cls.dir / "images", images.LAYOUTS[0])
        cls.image = cls.dir / "images" / f"{images.NEW}.rom"
        cls.template = Machine(cls.dir / "template", BUILD, "coreboot", len(cls.pair.old))
        cls.template.dir.mkdir()
        cls.template.chip.write_bytes(cls.pair.old)
        cls.template.power_on()
        cls.template.stage(cls.image)
        whole = cls.template.copy(cls.dir / "whole")
        cls.good(whole.write(cls.image))
        cls.operations = whole.operations()
        cls.number = 0

    @staticmethod
    def good(done):
        if done.status != 0:
            raise AssertionError(done.said)

    def machine(self):
        Flash.number += 1
        return self.template.copy(self.dir / f"m{Flash.number}")

    @staticmethod
    def states(machine):
        found = {name: list(machine.last_states(name).values())[-1:] for name in ("refvals", "flash")}
        return {name: states[0] for name, states in found.items() if states}

    def holds(self, machine, image, states, said):
        chip = machine.chip.read_bytes()
        wrong = [f"{at:#x}" for at in range(0, len(image), 4096) if chip[at:at + 4096] != image[at:at + 4096]]
        self.assertEqual(wrong, [], f"blocks of the chip hold something else: {said}")
        self.assertIn(self.states(machine), states, said)

    def refused(self, message, *faults):
        """Before anything is touched; the record may still be used."""
        machine = self.machine()
        done = machine.write(self.image, faults=faults)
        self.assertEqual((done.status, done.operations), (1, 0), done.said)
        self.assertIn("nothing was written to the chip", done.said)
        self.assertRegex(done.said, message)
        self.holds(machine, self.pair.old, UNTOUCHED, done.said)

    def brought_back(self, message, *faults):
        machine = self.machine()
        done = machine.write(self.image, faults=faults)
        self.assertEqual(done.status, 1, done.said)
        self.assertRegex(done.said, message)
        self.assertRegex(done.said, "the chip (still )?holds its old contents")
        self.holds(machine, self.pair.old, OLD, done.said)

    def first(self, kind):
        """Offset and length of the first erase or program."""
        return next((offset, length) for name, offset, length in self.operations if name == kind)

    def test_reads_differently(self):
        self.refused("reads differently each time", "--unsteady", "0x1000:64")

    def test_other_size(self):
        self.refused("no flash chip W25Q32.V answers", "--capacity", "17")

    def test_protection_that_cannot_be_lifted(self):
        self.brought_back("[Bb]lock protection", "--status", "9c", "--wp-low")

    def test_protection_that_can(self):
        machine = self.machine()
        done = machine.write(self.image, faults=("--status", "1c"))
        self.good(done)
        self.holds(machine, self.pair.new, NEW, done.said)

    def test_short_program(self):
        self.brought_back("Verifying flash", "--short", f"{len(self.operations) // 2}:1")

    def test_page_that_does_not_take(self):
        offset, length = self.first("program")
        self.brought_back("Verifying flash", "--fail-program", f"{offset}:{length}")

    def test_erase_that_fails(self):
        offset, length = self.first("erase")
        self.brought_back("step .* failed", "--fail-erase", f"{offset}:{length}")

    def test_neither(self):
        """What can neither be written nor brought back is said in full, and recovered once the cause is gone."""
        offset, length = self.first("program")
        machine = self.machine()
        done = machine.write(self.image, faults=("--protect", f"{offset}:{length}"))
        self.assertEqual(done.status, 1)
        for words in ("NEITHER", "do not switch this machine off", "qubes-fwupdmgr recover"):
            self.assertIn(words, done.said)
        self.assertEqual(self.states(machine), {"refvals": "failed", "flash": "neither"})
        again = machine.write(self.image)
        self.assertEqual((again.status, again.operations), (1, 0))
        self.assertIn("unfinished: run `qubes-fwupdmgr recover`", again.said)
        self.good(machine.recover(by_tool=True))
        self.holds(machine, self.pair.old, OLD, done.said)

    # --- any of the system calls ---

    @staticmethod
    def trace(log, *more):
        return ["strace", "-qq", "-y", "-o", str(log), *more, "--"]

    def moments(self, log, machine):
        """The calls of a run that change something below State: (name, which one of that name)."""
        counts, found = {}, []
        for line in log.read_text().splitlines():
            name = re.match(r"(\w+)\(", line)
            if not name:
                continue
            counts[name[1]] = counts.get(name[1], 0) + 1
            if str(machine.state) in line and not READS.match(line):
                found.append((name[1], counts[name[1]]))
        return found

    def settled(self, machine, said):
        """After a recovery in the same boot the chip is old or new in every byte, and the stores say which."""
        done = machine.recover()
        self.assertEqual(done.status, 0, f"{done.said} after {said}")
        if machine.chip.read_bytes() == self.pair.new:
            self.holds(machine, self.pair.new, NEW, said)
        else:
            self.holds(machine, self.pair.old, OLD + UNTOUCHED, said)
        self.assertEqual(machine.recover().said.strip(), "nothing")

    def walk(self, prepare, run, injections):
        """Each moment of run(machine, prefix), one of some, with each injection."""
        machine, log = prepare(), self.dir / "calls"
        known = ",".join("?" + name for name in CALLS)
        self.good(run(machine, self.trace(log, "-e", f"trace={known}")))
        found = self.moments(log, machine)
        self.assertGreater(len(found), 10)
        for name, number in found[::EVERY or 4]:
            for what in injections(name):
                with self.subTest(call=name, number=number, injection=what):
                    machine = prepare()
                    done = run(machine, self.trace("/dev/null", "-e", f"trace={name}",
                                                   "-e", f"inject={name}:{what}:when={number}"))
                    said = f"{name} {number} {what}: {done.status} {done.said}"
                    if what.startswith("signal"):
                        self.assertNotIn(done.status, (0, 1), said)
                    elif done.status != 0:
                        self.assertIn(done.status, (1, 2), said)
                        self.assertRegex(done.said, r"write-chip: |qubes-fwupdmgr: ")
                    self.settled(machine, said)
        print(f"{len(found)} moments", flush=True)

    @staticmethod
    def killed(_name):
        return ["signal=KILL"]

    @staticmethod
    def broken(name):
        return [f"error={CALLS[name]}"]

    def write(self, machine, prefix):
        return machine.run([*prefix, machine.tool("tests/chip/write-chip"), "install",
                            "0123456789abcdef0123456789abcdef01234567", self.image])

    def cut(self):
        """A machine whose write was cut off in the middle."""
        machine = self.machine()
        done = machine.write(self.image, cut=Cut(len(self.operations) // 2, 40))
        self.assertTrue(done.cut, done.said)
        return machine

    def recover(self, machine, prefix):
        return machine.run([*prefix, machine.tool("tests/chip/write-chip"), "recover"])

    def test_write_killed(self):
        self.walk(self.machine, self.write, self.killed)

    def test_write_fails(self):
        self.walk(self.machine, self.write, self.broken)

    def test_recovery_killed(self):
        self.walk(self.cut, self.recover, self.killed)

    def test_recovery_fails(self):
        self.walk(self.cut, self.recover, self.broken)


if __name__ == "__main__":
    if not (BUILD / "tests/chip/write-chip").exists() or not (BUILD / "tests/plugin/stage-record").exists():
        print("skipped: built without libflashrom or without the plugin")
        sys.exit(77)
    if subprocess.run(["strace", "-V"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: strace does not run")
        sys.exit(77)
    unittest.main(verbosity=2)
