#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The RPM packages' scriptlets do with rpm what the Debian packages' do, as far as a Debian can show it.

usage: test-rpms.py --packages DIR [TEST...]     part of scripts/package-check

rpm knows no package of a Debian, so that dependencies are not looked at.
"""

import argparse
import fcntl
import os
import pathlib
import sys
import unittest

import packageroot

STATE = "var/lib/qubes-fwupd"
CONF = "etc/qubes-fwupd/qubes-fwupd.conf"
UNITS = {"qubes-fwupd-attest.service", "qubes-fwupd-recover.service", "qubes-fwupd-refresh.timer"}


class Rpms(unittest.TestCase):
    folder = None

    def setUp(self):
        self.root = packageroot.PackageRoot()
        self.addCleanup(self.root.close)
        self.root.pretend_systemd()
        found = sorted(path for path in pathlib.Path(self.folder).glob("*.rpm"))
        self.assertEqual(len(found), 2)
        self.rpm("-i", *self.root.give(*found))

    def rpm(self, *words, check=True):
        return self.root.run("rpm", "--nodeps", *words, check=check)

    def test_installation(self):
        root = self.root
        self.assertIn(":/usr/sbin/nologin", root.run("getent", "passwd", "qubes-fwupd-worker").stdout)
        for folder, mode in ((STATE, 0o755), (f"{STATE}/images", 0o700), ("run/qubes-fwupd", 0o700)):
            self.assertEqual(root.file(folder).stat().st_mode & 0o777, mode, folder)
        self.assertEqual({path.name for path in root.file("etc/systemd/system").glob("*.wants/qubes-fwupd-*")}, UNITS)
        self.assertIn("qubes_coreboot", root.run("timeout", "120", "fwupdtool", "get-plugins").stdout)
        asked = root.asked()
        self.assertIn("start qubes-fwupd-refresh.timer", asked)
        self.assertIn("try-restart fwupd.service", asked)
        for row in asked:
            if " start " in f" {row}":
                self.assertNotRegex(row, "attest|recover|refresh.service")

    def test_erasure(self):
        root = self.root
        root.write(CONF, "[Chip]\nLayout=coreboot\n")
        root.write("var/cache/qubes-fwupd/cabs/x", "x")
        root.write(f"{STATE}/refvals/000001.json", "{}")
        root.asked()
        self.rpm("-e", "qubes-fwupd-dom0", "qubes-fwupd-vm")
        disabled = [row.split() for row in root.asked() if " disable --now " in row]
        self.assertEqual(len(disabled), 1)
        self.assertEqual(set(disabled[0][3:]), UNITS)
        self.assertEqual(root.file(f"{CONF}.rpmsave").read_text(encoding="ascii"), "[Chip]\nLayout=coreboot\n")
        self.assertTrue(root.file(f"{STATE}/refvals/000001.json").exists())
        for gone in ("usr/bin/qubes-fwupdmgr", "usr/libexec/qubes-fwupd", "usr/share/qubes-fwupd", "var/cache/qubes-fwupd",
                     "etc/qubes-rpc/qubes.FwupdFetch"):
            self.assertFalse(os.path.lexists(root.file(gone)), gone)

    def refused(self, why):
        done = self.rpm("-e", "qubes-fwupd-dom0", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(why, done.stderr)
        self.assertTrue(self.root.file("usr/bin/qubes-fwupdmgr").exists())

    def test_unfinished_write(self):
        for state in ("intent", "neither"):
            self.root.write(f"{STATE}/flash/000001.json", f'{{\n  "entry" : 1,\n  "state" : "{state}"\n}}\n')
            self.refused("qubes-fwupdmgr recover")
        self.root.write(f"{STATE}/flash/000001.json", '{\n  "entry" : 1,\n  "state" : "new"\n}\n')
        self.rpm("-e", "qubes-fwupd-dom0")

    def test_nobody_is_disturbed(self):
        """The two minutes that it waits are not waited for here."""
        flock = self.root.file("usr/bin/flock")
        flock.rename(f"{flock}.real")
        self.root.write("usr/bin/flock", '#!/bin/sh\n[ "$2" = --wait ]\nexec flock.real "$1" --wait 1 "$4" "$5"\n')
        flock.chmod(0o755)
        with open(self.root.file("run/qubes-fwupd/chip.lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refused("chip.lock")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", required=True)
    options, rest = parser.parse_known_args()
    packageroot.enter_namespace()
    Rpms.folder = options.packages
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
