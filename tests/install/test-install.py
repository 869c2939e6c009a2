#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`meson install` puts every file where Qubes, systemd and fwupd look for it, and systemd takes them.

usage: test-install.py PREFIX SYSCONFDIR LOCALSTATEDIR UNITDIR ZSHDIR
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.environ["QFU_BUILD_ROOT"]
DOM0 = {
    "PREFIX/bin/qubes-fwupdmgr",
    "PREFIX/libexec/qubes-fwupd/qfu-worker-archive",
    "PREFIX/libexec/qubes-fwupd/qfu-worker-metadata",
    "PREFIX/libexec/qubes-fwupd/qfu-worker-parse",
    "PREFIX/libexec/qubes-fwupd/qfu-worker-quote",
    "PREFIX/libexec/qubes-fwupd/qfu-worker-signature",
    "PREFIX/libexec/qubes-fwupd/qfu-fwupd",
    "PREFIX/lib/sysusers.d/qubes-fwupd.conf",
    "PREFIX/lib/tmpfiles.d/qubes-fwupd.conf",
    "UNITDIR/qubes-fwupd-attest.service",
    "UNITDIR/qubes-fwupd-recover.service",
    "UNITDIR/qubes-fwupd-refresh.service",
    "UNITDIR/qubes-fwupd-refresh.timer",
    "PREFIX/lib/systemd/system-preset/50-qubes-fwupd.preset",
    "PREFIX/lib/systemd/catalog/qubes-fwupd.catalog",
    "UNITDIR/fwupd.service.d/qubes-fwupd.conf",
    "PREFIX/share/man/man1/qubes-fwupdmgr.1",
    "PREFIX/share/man/man5/qubes-fwupd.conf.5",
    "PREFIX/share/man/man8/qubes-fwupd-refresh.service.8",
    "PREFIX/share/bash-completion/completions/qubes-fwupdmgr",
    "ZSHDIR/_qubes-fwupdmgr",
    "PREFIX/share/qubes-fwupd/layouts/coreboot-locked.conf",
    "PREFIX/share/qubes-fwupd/layouts/coreboot-vboot-ro.conf",
    "PREFIX/share/qubes-fwupd/layouts/coreboot-vboot.conf",
    "PREFIX/share/qubes-fwupd/layouts/coreboot.conf",
    "PREFIX/share/qubes-fwupd/layouts/whole-chip.conf",
    "PREFIX/share/qubes-fwupd/other-hosts/qubes-fwupd-refresh.service.d/network.conf",
    "PREFIX/share/qubes-fwupd/other-hosts/ssh_config",
    "SYSCONFDIR/qubes-fwupd/qubes-fwupd.conf",
    "SYSCONFDIR/qubes/policy.d/30-qubes-fwupd.policy",
}
# Exposure of each verb's unit in tenths, by systemd's own measure. What is left is root with its capabilities, and the TPM;
# of a recovery raw memory, I/O ports and flash devices.
EXPOSURE = {"attest": 20, "recover": 30, "refresh": 18}
VERB = {"attest": "attest", "recover": "recover", "refresh": "refresh --unattended"}
STARTED = {"attest": "service", "recover": "service", "refresh": "timer"}     # what the preset enables
VM = {
    *(f"{folder}/{name}" for name in ("qubes.FwupdFetch", "qubes.FwupdDevices", "qubes.FwupdInstall")
      for folder in ("PREFIX/libexec/qubes-fwupd", "SYSCONFDIR/qubes/rpc-config", "SYSCONFDIR/qubes-rpc")),
    "PREFIX/libexec/qubes-fwupd/qubes-fwupd-serve",
    "PREFIX/share/man/man5/qubes-fwupd-agent.conf.5",
    "PREFIX/share/qubes-fwupd/other-hosts/qubes-fwupd-fetch.socket",
    "PREFIX/share/qubes-fwupd/other-hosts/qubes-fwupd-fetch@.service",
    "SYSCONFDIR/qubes-fwupd/agent.conf",
}


def install(folder, *options):
    """The files that meson installs, with the configured folders by name."""
    env = {**os.environ, "DESTDIR": folder}
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", *options],
                   check=True, env=env, stdout=subprocess.DEVNULL)
    found = set()
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_dir() and not path.is_symlink():
            continue
        name = "/" + str(path.relative_to(folder))
        for word, place in PLACES:
            if name.startswith(place + "/"):
                name = word + name[len(place):]
                break
        found.add(name)
    return found


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """What is installed in dom0, for all that only look at it."""
        holder = tempfile.TemporaryDirectory()      # pylint: disable=consider-using-with
        cls.addClassCleanup(holder.cleanup)
        cls.dom0 = holder.name
        install(cls.dom0, "--tags", "dom0")

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name

    def place(self, name):
        for word, place in PLACES:
            name = name.replace(word + "/", place + "/")
        return self.dom0 + name

    def test_everything(self):
        found = install(self.folder)
        self.assertLessEqual(DOM0 | VM, found)
        for link in (pathlib.Path(self.folder + dict(PLACES)["SYSCONFDIR"]) / "qubes-rpc").iterdir():
            target = pathlib.Path(self.folder + os.readlink(link))
            self.assertTrue(os.access(target, os.X_OK), link)
        self.assertFalse([name for name in found if name.endswith((".a", ".h"))])

    def test_by_domain(self):
        found = install(self.folder, "--tags", "vm")
        self.assertEqual(found, VM)
        found = install(self.folder, "--tags", "dom0") - VM
        self.assertLessEqual(DOM0, found)

    def test_schemas(self):
        """All that programs in dom0 may want to read, and what they refer to."""
        found = install(self.folder, "--tags", "dom0")
        tree = pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "schemas"
        self.assertEqual({name for name in found if "/schemas/" in name},
                         {f"PREFIX/share/qubes-fwupd/schemas/{path.name}" for path in tree.glob("*.schema.json")})

    def test_everything_belongs_to_a_domain(self):
        """The packages are made of these two tags: what has neither would be in none."""
        found = install(self.folder)
        with tempfile.TemporaryDirectory() as tagged:
            self.assertEqual(install(tagged, "--tags", "dom0,vm"), found)

    def test_systemd_takes_it(self):
        users = subprocess.run(
            ["systemd-sysusers", "--dry-run", self.place("PREFIX/lib/sysusers.d/qubes-fwupd.conf")],
            check=True, capture_output=True, text=True)
        self.assertNotIn("ignoring", users.stderr)
        with open(self.place("PREFIX/lib/tmpfiles.d/qubes-fwupd.conf"), encoding="ascii") as file:
            rows = [line.split() for line in file if not line.startswith("#")]
        self.assertEqual({row[1]: row[2] for row in rows}, {
            "/run/qubes-fwupd": "0700",
            f"{STATE}/lib/qubes-fwupd": "0755",
            f"{STATE}/lib/qubes-fwupd/flash": "0755",
            f"{STATE}/lib/qubes-fwupd/highwater": "0755",
            f"{STATE}/lib/qubes-fwupd/images": "0700",
            f"{STATE}/lib/qubes-fwupd/refvals": "0755",
            f"{STATE}/cache/qubes-fwupd": "0755",
        })

    def unit(self, verb):
        """A copy of the verb's unit whose program is there."""
        unit = self.place(f"UNITDIR/qubes-fwupd-{verb}.service")
        copy = f"{self.folder}/qubes-fwupd-{verb}.service"
        with open(unit, encoding="ascii") as file:
            text = file.read().replace("ExecStart=", f"ExecStart={sys.executable} ")
        with open(copy, "w", encoding="ascii") as file:
            file.write(text)
        return copy, text

    def test_units(self):
        for verb in EXPOSURE:
            with self.subTest(verb):
                copy, text = self.unit(verb)
                checked = subprocess.run(["systemd-analyze", "verify", "--man=no", copy],
                                         check=True, capture_output=True, text=True)
                self.assertNotIn("qubes-fwupd", checked.stderr)
                self.assertIn(f"/qubes-fwupdmgr {VERB[verb]}\n", text)
                for word in ("network", "Requires=", "BindsTo="):
                    self.assertNotIn(word, "\n".join(line for line in text.splitlines() if not line.startswith("#")))

    def test_units_of_other_hosts(self):
        """systemd takes those that a host without Qubes may use, and the drop-in undoes what the unit says of networks."""
        share = pathlib.Path(self.place("PREFIX/share/qubes-fwupd/other-hosts"))
        copy, _ = self.unit("refresh")
        dropin = pathlib.Path(f"{copy}.d")
        shutil.copytree(share / "qubes-fwupd-refresh.service.d", dropin)
        tree = pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "data/other-hosts"
        shutil.copy(tree / "qubes-fwupd-fetch.socket", self.folder)
        service = (pathlib.Path(BUILD) / "data/qubes-fwupd-fetch@.service").read_text("ascii")
        self.assertIn(f"\nExecStart={dict(PLACES)['SYSCONFDIR']}/qubes-rpc/qubes.FwupdFetch\n", service)
        pathlib.Path(self.folder, "qubes-fwupd-fetch@.service").write_text(
            service.replace("ExecStart=", f"ExecStart={sys.executable} "), "ascii")
        units = [f"{self.folder}/qubes-fwupd-fetch.socket", f"{self.folder}/qubes-fwupd-fetch@1.service", copy]
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], check=True, capture_output=True, text=True)
        self.assertNotIn("qubes-fwupd", checked.stderr)
        checked = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=yes", units[1]], check=True,
                                 capture_output=True, text=True)
        self.assertIn("Overall exposure level for qubes-fwupd-fetch@1.service", checked.stdout)

    def test_recovery_comes_first(self):
        """At the next start a write that was cut off is ended before anybody looks at the chip or writes it."""
        _, text = self.unit("recover")
        self.assertIn("\nBefore=qubes-fwupd-attest.service fwupd.service\n", text)
        self.assertIn(f"\nConditionPathExistsGlob={STATE}/lib/qubes-fwupd/flash/*.json\n", text)
        self.assertIn("\nTimeoutStartSec=infinity\n", text)

    def test_units_are_hardened(self):
        for verb, exposure in EXPOSURE.items():
            with self.subTest(verb):
                copy, _ = self.unit(verb)
                checked = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=yes",
                                          f"--threshold={exposure}", copy], check=False, capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_timer(self):
        """Daily, made up for after a time without power, at a random moment; and the figure that the unit states is true."""
        copy, text = self.unit("refresh")
        timer = f"{self.folder}/qubes-fwupd-refresh.timer"
        with open(self.place("UNITDIR/qubes-fwupd-refresh.timer"), encoding="ascii") as file:
            rows = dict(line.rstrip().split("=", 1) for line in file if "=" in line and not line.startswith("#"))
        with open(timer, "w", encoding="ascii") as file:
            file.write("".join(f"[{group}]\n" + "".join(f"{key}={rows[key]}\n" for key in keys) for group, keys in (
                ("Unit", ["Description"]), ("Timer", ["OnCalendar", "OnBootSec", "RandomizedDelaySec", "Persistent"]))))
        self.assertEqual((rows["OnCalendar"], rows["Persistent"]), ("daily", "true"))
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", timer, copy], check=True, capture_output=True,
                                 text=True)
        self.assertNotIn("qubes-fwupd", checked.stderr)
        self.assertIn(f"`systemd-analyze security` says {EXPOSURE['refresh'] / 10}:", text)
        for line in ("Nice=19", "IOSchedulingClass=idle", "CPUSchedulingPolicy=idle"):
            self.assertIn(f"\n{line}\n", text)

    def test_catalog(self):
        """`journalctl -x` explains each entry that we write, and nothing else."""
        place = pathlib.Path(self.folder) / "root" / "usr" / "lib" / "systemd" / "catalog"
        place.mkdir(parents=True)
        shutil.copy(self.place("PREFIX/lib/systemd/catalog/qubes-fwupd.catalog"), place)
        catalog = ["journalctl", f"--root={self.folder}/root", "--no-pager"]
        made = subprocess.run([*catalog, "--update-catalog"], check=True, capture_output=True, text=True)
        self.assertEqual(made.stderr, "")
        listed = subprocess.run([*catalog, "--list-catalog"], check=True, capture_output=True, text=True).stdout
        source = pathlib.Path(os.environ["QFU_SOURCE_ROOT"], "dom0", "attest", "qfu-journal.c").read_text(encoding="ascii")
        self.assertEqual(sorted(line.split(" ", 2)[:2] for line in listed.splitlines()),
                         sorted([number, "qubes-fwupd:"] for number in re.findall(r'"([0-9a-f]{32})"', source)))

    def test_preset(self):
        with open(self.place("PREFIX/lib/systemd/system-preset/50-qubes-fwupd.preset"), encoding="ascii") as file:
            rules = [line.split() for line in file if not line.startswith("#")]
        self.assertEqual(rules, [["enable", f"qubes-fwupd-{verb}.{kind}"] for verb, kind in STARTED.items()])


if __name__ == "__main__":
    PREFIX, SYSCONFDIR, STATE, UNITS, ZSH = sys.argv[1:]
    del sys.argv[1:]
    PLACES = [("UNITDIR", UNITS), ("ZSHDIR", ZSH), ("SYSCONFDIR", SYSCONFDIR), ("PREFIX", PREFIX)]
    unittest.main(verbosity=2)
