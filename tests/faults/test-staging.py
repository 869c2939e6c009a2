#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware that is put ready for Heads: killed, told to end, or failing at each system call of it, there is all of it
or nothing, what lay there stays, and the next run gets to the end. A boot disk that is full is told by name."""
import hashlib
import os
import shutil
import sys
import zipfile

sys.dont_write_bytecode = True

import faultcase
from faultcase import BUILD, CALLS, contents, strace

VERSION = "0.2.1"
IMAGE = bytes(range(256)) * 3000
OLDER = {"0.1/firmware.rom": b"an older one", "notes": b"of somebody"}


class Staging(faultcase.FaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boot = cls.root / "boot"
        image = cls.root / "image"
        image.write_bytes(IMAGE)
        cls.command = [str(BUILD / "tests" / "faults" / "put-staging"), str(cls.boot), VERSION, str(image)]

    def reset(self):
        if os.path.ismount(self.boot):
            faultcase.tool("umount", "--lazy", self.boot)
        shutil.rmtree(self.boot, ignore_errors=True)
        (self.boot / "updates" / "0.1").mkdir(parents=True, mode=0o755)
        for name, data in OLDER.items():
            (self.boot / "updates" / name).write_bytes(data)

    def found(self):
        return contents(self.boot / "updates")

    def check_whole(self):
        """The version is there, and Heads would take it. Returns what else is there."""
        found = self.found()
        self.assertEqual(found.pop(f"{VERSION}/firmware.rom"), IMAGE)
        sums = f"{hashlib.sha256(IMAGE).hexdigest()}  firmware.rom\n"
        self.assertEqual(found.pop(f"{VERSION}/firmware.rom.sha256").decode(), sums)
        with zipfile.ZipFile(self.boot / "updates" / VERSION / "firmware.zip") as package:
            self.assertIsNone(package.testzip())
            self.assertEqual(package.read("sha256sum.txt").decode(), sums)
            self.assertEqual(package.read("firmware.rom"), IMAGE)
        found.pop(f"{VERSION}/firmware.zip")
        return found

    def check(self, may_leave):
        """All of it or nothing; and nobody else's is touched."""
        there = (self.boot / "updates" / VERSION).exists()
        found = self.check_whole() if there else self.found()
        left = {name for name in found if name not in OLDER}
        self.assertEqual({name: found[name] for name in OLDER}, OLDER)
        self.assertTrue(all(name.startswith(".qubes-fwupd.new/") for name in left), left)
        if not may_leave:
            self.assertFalse((self.boot / "updates" / ".qubes-fwupd.new").exists(), left)
        return there

    def walk(self, injections, after):
        self.reset()
        moments = self.moments([])
        self.assertEqual(self.check_whole(), OLDER)
        tried = 0
        for name, number, _shows in moments:
            for what in injections(name):
                tried += 1
                with self.subTest(call=name, number=number, injection=what):
                    self.reset()
                    done = self.run_verb(prefix=strace("-e", f"trace={name}", "-e", f"inject={name}:{what}:when={number}"))
                    after(done)
                    self.assertIn(self.run_verb().returncode, (0, 2))
                    self.assertEqual(self.check_whole(), OLDER)
                    self.assertFalse((self.boot / "updates" / ".qubes-fwupd.new").exists())
        print(f"{len(moments)} moments, {tried} runs", flush=True)
        self.assertGreater(tried, 20)

    def test_killed(self):
        def after(done):
            self.assertEqual(done.returncode, -9)
            self.check(may_leave=True)

        self.walk(lambda _name: ["signal=KILL"], after)

    def test_told_to_end(self):
        """What was begun is finished first."""
        def after(done):
            self.assertIn(done.returncode, (-15, 0))
            self.check(may_leave=False)

        self.walk(lambda _name: ["signal=TERM"], after)

    def test_fails(self):
        def after(done):
            self.assertIn(done.returncode, (0, 1), done.stderr)
            if done.returncode:
                self.assertRegex(done.stderr, r"^qubes-fwupdmgr: \S")
            # what cannot even be removed lies there until the next run
            there = self.check(may_leave="cannot be removed" in done.stderr or done.returncode == 1)
            self.assertTrue(there or done.returncode == 1)

        self.walk(lambda name: [f"error={CALLS[name]}"] if CALLS[name] else [], after)

    def test_full(self):
        """A disk without enough room, said before anything is written."""
        self.reset()
        shutil.rmtree(self.boot / "updates")
        faultcase.tool("mount", "-t", "tmpfs", "-o", "mode=0755,size=2m", "none", self.boot)
        done = self.run_verb()
        self.failed(done, r"boot has 2\.1.MB left, 2\.6.MB are needed: remove kernels")
        self.assertEqual(list(self.boot.iterdir()), [])
        (self.boot / "updates" / "0.1").mkdir(parents=True)
        (self.boot / "updates" / "0.1" / "firmware.rom").write_bytes(b"an older one")
        self.failed(self.run_verb(), r"nothing is removed for you; in updates lies 0\.1")
        self.assertEqual(os.listdir(self.boot / "updates"), ["0.1"])
        faultcase.tool("mount", "-o", "remount,size=4m", self.boot)
        self.good()
        self.assertEqual(self.check_whole(), {"0.1/firmware.rom": b"an older one"})
        self.good(status=2)

    def test_read_only(self):
        self.reset()
        shutil.rmtree(self.boot / "updates")
        faultcase.tool("mount", "-t", "tmpfs", "-o", "mode=0755,ro,size=8m", "none", self.boot)
        self.failed(self.run_verb(), "Read-only file system")


faultcase.main()
