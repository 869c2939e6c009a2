#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk that is full or read-only, folders that are somebody else's, links where folders belong."""
import os
import shutil
import subprocess
import sys
import threading

sys.dont_write_bytecode = True

import faultcase
from faultcase import STATE, STRANGER, TOLD, contents

SMALL = 64 * 1024     # bytes of a disk that cannot hold a cab
RACES = 40


class Store(faultcase.FaultCase):
    def mounted(self, folder, options):
        """A disk of its own in the place of a folder, with the same files."""
        path = self.root / folder
        aside = self.root / f"{folder}.aside"
        path.mkdir(exist_ok=True)
        path.rename(aside)
        path.mkdir(mode=0o755)
        faultcase.tool("mount", "-t", "tmpfs", "-o", f"mode=0755,{options}", "none", path)
        shutil.copytree(aside, path, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(aside)
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(path)], check=False)
        return path

    def fill(self, path, left=0):
        """Leave this many bytes on a disk."""
        with open(path / ".filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * 4096)
            except OSError:
                pass
        if left:
            os.truncate(path / ".filler", os.path.getsize(path / ".filler") - left)

    def known(self):
        self.good("refresh")
        self.serve("new")

    def unchanged(self, before, *folders):
        """Nothing has become of it but what is being written, and what tells others how it went."""
        def lasting(folder, found):
            return {path: data for path, data in found.items()
                    if not os.path.basename(path).startswith(".") and f"{folder}/{path}" not in TOLD}
        for folder in folders:
            self.assertEqual(lasting(folder, contents(self.root / folder)), lasting(folder, before[folder]))

    def remembered(self, *folders):
        return {folder: contents(self.root / folder) for folder in folders}

    def test_full(self):
        """Each amount of room that ends somewhere within a refresh: a message, the old metadata; then room again."""
        self.known()
        for folder in ("cache", "state"):
            path = self.mounted(folder, f"size={SMALL}")
            for left in (0, 4096, 8192):
                with self.subTest(folder, left=left):
                    self.fill(path, left)
                    done = self.run_verb("refresh")
                    if done.returncode:
                        self.failed(done, r"No space left on device")
                        self.assertEqual(self.offered(), "1.1.0")
                    else:
                        self.assertGreater(left, 0, "there was no room")
                        self.assertEqual(self.offered(), "1.2.0")
                    self.no_process_left()
                    (path / ".filler").unlink()
                    self.assertIn(self.run_verb("refresh").returncode, (0, 2))
                    self.assertEqual(self.offered(), "1.2.0")
                    self.reset_on(path)

    def reset_on(self, path):
        """The old metadata again, on the same disk."""
        (self.root / STATE).unlink()
        for folder in ("cache", "state"):
            for entry in (self.root / folder).iterdir():
                shutil.rmtree(entry)
        shutil.rmtree(self.root / "fwupd")
        (self.root / "fwupd").mkdir()
        self.serve("old")
        self.good("refresh")
        self.serve("new")
        self.assertTrue(os.path.ismount(path))

    def test_full_of_cabs(self):
        """A cab that does not fit is not installed, and half of it is not taken for it."""
        self.serve("new")
        self.good("refresh")
        path = self.mounted("cache", f"size={SMALL}")
        done = self.run_verb("update", "-y")
        if done.returncode:
            self.failed(done, r"No space left on device")
            self.assertFalse((self.root / "fwupd" / "installed").exists())
        self.assertEqual([p for p in contents(path) if p.startswith("cabs/")
                          and not os.path.basename(p).startswith(".")], [])
        faultcase.tool("mount", "-o", "remount,size=4m", path)
        self.good("update", "-y")
        self.assertEqual((self.root / "fwupd" / "installed").read_bytes(),
                         (self.scratch / "new" / "board-1.2.0.cab").read_bytes())

    def test_read_only(self):
        self.known()
        for folder in ("cache", "state"):
            with self.subTest(folder):
                path = self.mounted(folder, "size=4m")
                before = self.remembered("cache", "state")
                faultcase.tool("mount", "-o", "remount,ro", path)
                self.failed(self.run_verb("refresh"), r"Read-only file system")
                self.assertEqual(self.offered(), "1.1.0")
                self.unchanged(before, "cache", "state")
                faultcase.tool("mount", "-o", "remount,rw", path)

    def test_owners(self):
        """What somebody else can write says nothing, and nothing is put there."""
        self.known()
        (self.root / "state" / "refvals").mkdir(mode=0o755)
        for place, words in (("cache", ["refresh"]), ("cache/metadata", ["refresh"]), ("cache/metadata/lab", ["refresh"]),
                             ("state/highwater", ["refresh"]), ("state/refvals", ["refvals"])):
            path = self.root / place
            for plant, undo in ((lambda p=path: os.chown(p, STRANGER, STRANGER), lambda p=path: os.chown(p, 0, 0)),
                                (lambda p=path: p.chmod(0o777), lambda p=path: p.chmod(0o755))):
                with self.subTest(place):
                    before = self.remembered("cache", "state")
                    plant()
                    self.failed(self.run_verb(*words), r"is not a folder that root alone can write")
                    self.unchanged(before, "cache", "state")
                    undo()
        self.good("refvals")
        self.good("refresh")
        self.assertEqual(self.offered(), "1.2.0")

    def test_links(self):
        """A link in the place of a folder is not followed, neither to write nor to delete."""
        self.known()
        outside = self.scratch / "outside"
        for place in ("cache", "cache/metadata", "cache/metadata/lab", "state/highwater", "run"):
            with self.subTest(place):
                path = self.root / place
                shutil.rmtree(outside, ignore_errors=True)
                shutil.copytree(path, outside)
                outside.chmod(0o755)
                before = contents(outside)
                aside = path.rename(self.scratch / "aside")
                path.symlink_to(outside)
                for words in (["refresh"], ["clean"]):
                    done = self.run_verb(*words)
                    if words == ["refresh"] and place != "run":
                        self.failed(done, r"link")
                    if place != "run":
                        self.assertEqual(contents(outside), before, f"{words}: {done.stdout}{done.stderr}")
                path.unlink(missing_ok=True)      # clean may have removed the link itself
                aside.rename(path)
        self.assertIn(self.run_verb("refresh").returncode, (0, 2))

    def test_exchanged(self):
        """Somebody puts a link in the place of a folder, and takes it away again, all the time."""
        self.known()
        outside = self.scratch / "elsewhere"
        shutil.rmtree(outside, ignore_errors=True)
        (outside / "lab").mkdir(parents=True)
        (outside / "lab" / "mine").write_text("untouched")
        path = self.root / "cache" / "metadata"
        aside = self.root / "cache" / "metadata.aside"
        stop = threading.Event()

        def exchange():
            while not stop.is_set():
                try:
                    path.rename(aside)
                    path.symlink_to(outside)
                    path.unlink()
                    aside.rename(path)
                except OSError:
                    # the product has made a folder in between: that is its right
                    shutil.rmtree(aside, ignore_errors=True)
                    if path.is_symlink():
                        path.unlink()

        thread = threading.Thread(target=exchange)
        thread.start()
        try:
            for number in range(RACES):
                done = self.run_verb(("clean", "refresh")[number % 2])
                self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(contents(outside), {"lab/mine": b"untouched"})
        if path.is_symlink():
            path.unlink()
        self.assertIn(self.run_verb("refresh").returncode, (0, 2))
        self.assertEqual(self.offered(), "1.2.0")


faultcase.main()
