#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian packages of this tree are whole, clean, and do no harm when they come, are replaced, and go.

usage: test-packages.py [--packages DIR] [--base ROOT] [TEST...]

--packages DIR   packages that are there, instead of some that are made here
--base ROOT      the two roots are made of this one, instead of this machine's own, with what its apt brings
"""

import argparse
import fcntl
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import debs
import packageroot
from tworoots import TwoRoots

TREE = os.environ["QFU_SOURCE_ROOT"]
BUILD = os.environ["QFU_BUILD_ROOT"]
STATE = "var/lib/qubes-fwupd"
# Guesses of lintian, each looked at: programs that call nothing that could be fortified; a drop-in for fwupd's unit, and units
# of a system whose firmware only systemd's fwupd.service can update; the page of a unit, which is no program.
QUIET = ["hardening-no-fortify-functions", "package-supports-alternative-init-but-no-init.d-script", "spare-manual-page"]
CONF = "etc/qubes-fwupd/qubes-fwupd.conf"
WANTS = "etc/systemd/system/multi-user.target.wants"


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def package(domain):
    return debs.package(debs.FOLDER, domain)


def field(domain, name):
    return output("dpkg-deb", "-f", package(domain), name).strip()


class Control(unittest.TestCase):
    """What the packages say of themselves."""

    def test_files_are_those_of_the_tags(self):
        for domain in ("dom0", "vm"):
            with tempfile.TemporaryDirectory() as folder, self.subTest(domain):
                subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--tags", domain],
                               check=True, env={**os.environ, "DESTDIR": folder}, stdout=subprocess.DEVNULL)
                wanted = {"/" + str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*")
                          if path.is_symlink() or not path.is_dir()}
                self.assertGreater(len(wanted), 3)
                self.assertEqual(debs.files(package(domain)), wanted)

    def test_settings_are_conffiles(self):
        for domain in ("dom0", "vm"):
            wanted = {name for name in debs.files(package(domain))
                      if name.startswith("/etc/") and not name.startswith("/etc/qubes-rpc/")}
            self.assertGreater(len(wanted), 1)
            self.assertEqual(debs.conffiles(package(domain)), wanted)

    def test_plugin_wants_its_own_fwupd(self):
        version = output("pkg-config", "--modversion", "fwupd").strip()
        depends = field("dom0", "Depends").split(", ")
        wanted = [word for word in depends if word.startswith("fwupd ")]
        limits = [re.fullmatch(r"fwupd \((\S+) (\S+)\)", word).groups() for word in wanted]
        self.assertEqual(len(limits), 2)

        def fits(other):
            return all(subprocess.run(["dpkg", "--compare-versions", other, sign, limit], check=False).returncode == 0
                       for sign, limit in limits)

        self.assertTrue(fits(output("dpkg-query", "-W", "-f=${Version}", "fwupd")))
        head, last = version.rsplit(".", 1)
        for other, fitting in ((f"{version}-9", True), (f"{version}-1~bpo13+1", True), (f"{version}~rc1-1", False),
                               (f"{version}.1-1", False), (f"{head}.{int(last) + 1}-1", False),
                               (f"{head}.{int(last) - 1}-9", False)):
            self.assertEqual(fits(other), fitting, other)
        self.assertNotIn("fwupd", [word.split()[0] for word in field("vm", "Depends").split(", ")])

    def test_lintian(self):
        rows = output("lintian", "--allow-root", "--fail-on", "none", "--suppress-tags", ",".join(QUIET), "--display-info",
                      "--show-overrides", *map(str, pathlib.Path(debs.FOLDER).glob("*.deb"))).splitlines()
        rows = [row for row in rows if not row.startswith("N:")]
        self.assertEqual([row.split()[:3] for row in rows], [["O:", "qubes-fwupd-dom0:", "custom-library-search-path"]])


class Installed(unittest.TestCase):
    def setUp(self):
        self.root = packageroot.PackageRoot()
        self.addCleanup(self.root.close)
        self.debs = self.root.give(package("dom0"), package("vm"))

    def install(self):
        return self.root.run("dpkg", "-i", *self.debs)

    def newer(self):
        """The package of dom0 as its next version, with another default in its settings."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg-deb", "-R", package("dom0"), folder], check=True)
            control = pathlib.Path(folder, "DEBIAN/control")
            text = control.read_text(encoding="utf-8")
            version = field("dom0", "Version")
            control.write_text(text.replace(f"Version: {version}\n", f"Version: {version}.1\n"), encoding="utf-8")
            with open(f"{folder}/{CONF}", "a", encoding="ascii") as file:
                file.write("# one more word\n")
            self.shorten(pathlib.Path(folder, "DEBIAN/prerm"))
            path = f"{folder}.deb"
            subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, path], check=True, stdout=subprocess.DEVNULL)
        self.addCleanup(os.unlink, path)
        return self.root.give(path)[0]

    def shorten(self, prerm):
        """Lets the script wait for a second."""
        text = prerm.read_text(encoding="ascii")
        self.assertIn("--wait 120", text)
        prerm.write_text(text.replace("--wait 120", "--wait 1"), encoding="ascii")

    def status(self):
        return self.root.run("dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", "qubes-fwupd-dom0").stdout

    def entry(self, state, number=1):
        """A write in the journal, as json-glib puts it."""
        self.root.write(f"{STATE}/flash/{number:06}.json", f'{{\n  "entry" : {number},\n  "state" : "{state}"\n}}\n')

    def test_install_upgrade_remove_purge(self):
        root = self.root
        self.install()
        self.assertIn(":/usr/sbin/nologin", root.run("getent", "passwd", "qubes-fwupd-worker").stdout)
        for folder, mode in ((STATE, 0o755), (f"{STATE}/images", 0o700), ("run/qubes-fwupd", 0o700),
                             ("var/cache/qubes-fwupd", 0o755)):
            self.assertEqual(root.file(folder).stat().st_mode & 0o777, mode, folder)
        self.assertEqual(root.run("qubes-fwupdmgr", "--version").stdout.split()[-1], field("dom0", "Version").rsplit("-", 1)[0])
        programs = [path for path in root.file("usr/libexec/qubes-fwupd").iterdir() if path.read_bytes().startswith(b"\x7fELF")]
        self.assertGreater(len(programs), 5)
        self.assertNotIn("not found", root.run("ldd", *(f"/{path.relative_to(root.path)}" for path in programs)).stdout)
        self.assertIn("qubes_coreboot", root.run("timeout", "120", "fwupdtool", "get-plugins").stdout)
        enabled = {path.name for path in root.file("etc/systemd/system").glob("*.wants/qubes-fwupd-*")}
        self.assertEqual(enabled, {"qubes-fwupd-attest.service", "qubes-fwupd-recover.service", "qubes-fwupd-refresh.timer"})

        # what a person set stays set
        root.file(CONF).write_text("[Chip]\nLayout=coreboot\n", encoding="ascii")
        root.run("systemctl", "disable", "qubes-fwupd-attest.service")
        root.write(f"{STATE}/refvals/000001.json", "{}")
        root.run("dpkg", "--force-confdef", "--force-confold", "-i", self.newer())
        self.assertEqual(root.file(CONF).read_text(encoding="ascii"), "[Chip]\nLayout=coreboot\n")
        self.assertFalse(root.file(WANTS).joinpath("qubes-fwupd-attest.service").is_symlink())
        self.assertTrue(root.file(WANTS).joinpath("qubes-fwupd-recover.service").is_symlink())

        root.write("var/cache/qubes-fwupd/cabs/x", "x")
        root.run("dpkg", "-r", "qubes-fwupd-dom0")
        for kept in (CONF, "var/cache/qubes-fwupd/cabs/x", f"{STATE}/refvals/000001.json"):
            self.assertTrue(root.file(kept).exists(), kept)
        said = root.run("dpkg", "--purge", "qubes-fwupd-dom0", "qubes-fwupd-vm")
        self.assertIn(f"/{STATE} stays", said.stderr)
        self.assertTrue(root.file(f"{STATE}/refvals/000001.json").exists())
        for gone in ("etc/qubes-fwupd", "etc/qubes-rpc/qubes.FwupdFetch", "var/cache/qubes-fwupd", f"{STATE}/flash",
                     "usr/libexec/qubes-fwupd", "usr/share/qubes-fwupd"):
            self.assertFalse(os.path.lexists(root.file(gone)), gone)
        self.assertEqual(list(root.file("etc/systemd").rglob("qubes-fwupd*")), [])

    def test_nothing_is_left_of_one_that_was_never_used(self):
        self.install()
        said = self.root.run("dpkg", "--purge", "qubes-fwupd-dom0", "qubes-fwupd-vm")
        self.assertNotIn("stays", said.stderr)
        for gone in (STATE, "var/cache/qubes-fwupd", "etc/qubes-fwupd"):
            self.assertFalse(self.root.file(gone).exists(), gone)

    def test_nobody_is_disturbed(self):
        """Neither a newer version nor a removal takes the programs from under a write of the chip."""
        self.install()
        newer = self.newer()
        self.shorten(self.root.file("var/lib/dpkg/info/qubes-fwupd-dom0.prerm"))
        for name in ("chip", "update"):
            with open(self.root.file(f"run/qubes-fwupd/{name}.lock"), "w", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for words in (("-r", "qubes-fwupd-dom0"), ("--force-confdef", "-i", newer)):
                    refused = self.root.run("dpkg", *words, check=False)
                    self.assertNotEqual(refused.returncode, 0)
                    self.assertIn(f"{name}.lock", refused.stderr)
                    self.assertIn("still at work", refused.stderr)
                    self.assertEqual(self.status(), f"installed {field('dom0', 'Version')}")
        self.root.run("dpkg", "--force-confdef", "-i", newer)
        self.assertEqual(self.status(), f"installed {field('dom0', 'Version')}.1")

    def test_unfinished_write(self):
        """Who could end a cut-off write stays, and so does what it needs."""
        self.install()
        for state in ("intent", "neither"):
            self.entry(state)
            refused = self.root.run("dpkg", "--purge", "qubes-fwupd-dom0", check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("qubes-fwupdmgr recover", refused.stderr)
            self.assertEqual(self.status(), f"installed {field('dom0', 'Version')}")
        self.root.run("dpkg", "--force-confdef", "-i", self.newer())
        self.entry("new")
        self.root.run("dpkg", "-r", "qubes-fwupd-dom0")
        self.entry("intent", 2)
        self.root.write(f"{STATE}/images/0.rom", "chip")
        said = self.root.run("dpkg", "--purge", "qubes-fwupd-dom0")
        self.assertRegex(said.stderr, r"WARNING: /var/lib/qubes-fwupd/flash/000002\.json .*recover")
        self.assertNotIn("000001.json", said.stderr)
        for kept in ("flash/000001.json", "flash/000002.json", "images/0.rom"):
            self.assertTrue(self.root.file(f"{STATE}/{kept}").exists(), kept)

    def test_what_systemd_is_asked(self):
        """Timers wait from the start on; nothing is started or stopped that looks at the chip or the TPM."""
        self.root.pretend_systemd()
        self.install()
        timers = [path.name for path in self.root.file("usr/lib/systemd/system").glob("qubes-fwupd-*.timer")]
        asked = self.root.asked()
        self.assertEqual(timers, ["qubes-fwupd-refresh.timer"])
        self.assertLess(asked.index("--system daemon-reload"), asked.index("--quiet --system restart fwupd.service"))
        for timer in timers:
            self.assertIn(timer, " ".join(row for row in asked if " start " in row))
        self.root.run("dpkg", "--force-confdef", "-i", self.newer())
        upgraded = self.root.asked()
        # before anybody waits for its lock; and nobody waits for it to end
        self.assertIn("stop qubes-fwupd-refresh.service", upgraded)
        asked += upgraded
        for timer in timers:
            self.assertIn(timer, " ".join(row for row in asked if " restart " in row))
        self.root.run("dpkg", "-r", "qubes-fwupd-dom0")
        removed = self.root.asked()
        for timer in timers:
            self.assertIn(timer, " ".join(row for row in removed if row.startswith("stop ")))
        for row in asked + removed:
            if re.search(r"(^| )(re)?start |(^| )(stop|try-restart) ", row):
                self.assertNotRegex(row, "attest|recover")
            if re.search(r"(^| )(re)?start ", row):
                self.assertNotIn("refresh.service", row)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages")
    parser.add_argument("--base")
    options, rest = parser.parse_known_args()
    if os.geteuid() != 0:
        print("needs root, for a root of its own")
        sys.exit(77)
    packageroot.enter_namespace()
    if not packageroot.works():
        print("this kernel, or what contains this machine, does not let root mount an overlay")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        debs.FOLDER = options.packages or folder
        if not options.packages:
            subprocess.run([f"{TREE}/scripts/package", "deb", "--output", folder], check=True, timeout=800)
        if options.base:
            TwoRoots.below = (options.base,)
        program = unittest.main(argv=[sys.argv[0], *rest], verbosity=2, exit=False)
    sys.exit(0 if program.result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
