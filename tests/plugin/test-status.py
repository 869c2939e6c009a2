#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`status` and `get-devices`: what they say of fwupd, of our plugin in it, and of the chip."""

import fcntl
import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

from daemon import BUILD, PLUGIN, SECONDS, FwupdCase, main, packaged_plugins
from machine import MachineCase
from schemacase import answer

PROGRAM = BUILD / "dom0" / "qubes-fwupdmgr"
OTHER_VERSION = BUILD / "tests" / "plugin" / "libother-version.so"
VERSION = packaged_plugins().name.removeprefix("fwupd-")
MODULE = "libfu_plugin_qubes_coreboot.so"


class Status(FwupdCase):
    def configure(self, **chip):
        super().configure(**chip)
        path = self.dir / "qubes-fwupd.conf"
        path.write_text(path.read_text().replace("[Paths]\n", f"[Paths]\nFwupdPlugins={self.dir}/lib\n"))

    def put_plugin(self, version):
        """Our plugin where an fwupd of that version looks for it; returns that folder."""
        folder = self.dir / "lib" / f"fwupd-{version}"
        folder.mkdir(parents=True)
        shutil.copy(PLUGIN / MODULE, folder)
        return folder

    def run_program(self, *words):
        done = subprocess.run([PROGRAM, *words], env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SECONDS, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if "--json" in words:
            answer(words, 0, done.stdout)
        return done

    def status(self):
        """What --json says, which is what the schema says; and the text."""
        report = json.loads(self.run_program("status", "--json").stdout)
        return report, self.run_program("status").stdout

    def test_good(self):
        self.start_fwupd(env=self.environment(self.put_plugin(VERSION)))
        report, text = self.status()
        self.assertEqual(report["fwupd"]["version"], VERSION)
        self.assertEqual((report["fwupd"]["pluginBuilds"], report["fwupd"]["pluginTrouble"]), ([VERSION], None))
        self.assertEqual((report["fwupd"]["device"]["name"], report["fwupd"]["device"]["version"]), ("LabTop", "25.05"))
        self.assertRegex(text, rf"plugin +for fwupd {VERSION}\n  device +LabTop 25.05 ")
        devices = self.run_program("get-devices", "--json")
        self.assertEqual((json.loads(devices.stdout)["pluginTrouble"], devices.stderr), (None, ""))

    def test_fwupd_was_updated(self):
        self.put_plugin("2.0.0")
        self.start_fwupd(env=self.environment(self.dir / "none"))
        trouble = f"plugin qubes_coreboot is built for fwupd 2.0.0, fwupd is {VERSION}: "
        report, text = self.status()
        self.assertTrue(report["fwupd"]["pluginTrouble"].startswith(trouble))
        self.assertIn("qubes-dom0-update", report["fwupd"]["pluginTrouble"])
        self.assertEqual((report["fwupd"]["device"], report["fwupd"]["pluginBuilds"]), (None, ["2.0.0"]))
        self.assertIn(trouble, text)
        self.assertIn(trouble, self.run_program("get-devices").stderr)
        self.assertTrue(json.loads(self.run_program("get-devices", "--json").stdout)["pluginTrouble"].startswith(trouble))

    def test_plugin_that_refuses(self):
        # in the right folder, but fwupd is another one than it says
        env = {**self.environment(self.put_plugin(VERSION)), "LD_PRELOAD": str(OTHER_VERSION)}
        self.start_fwupd(env=env)
        report, text = self.status()
        self.assertEqual((report["fwupd"]["device"], report["fwupd"]["pluginTrouble"]), (None, None))
        self.assertIn("journalctl -u fwupd", text)
        self.assertRegex(self.log(), "this is 2.999.0: it stays out")

    def test_no_fwupd(self):
        report, text = self.status()
        self.assertEqual((report["fwupd"]["version"], report["fwupd"]["error"]["code"]), (None, "unreachable"))
        self.assertIn("plugin      not installed", text)

    def test_chip(self):
        self.configure(Programmer="linux_spi:dev=/dev/spidev-none")
        report, text = self.status()
        self.assertEqual((report["chip"]["programmer"], report["chip"]["arguments"]), ("linux_spi", "dev=/dev/spidev-none"))
        self.assertIn("spidev", report["chip"]["obstacles"][-1])
        self.assertIn(report["chip"]["obstacles"][-1], text)

    def test_chip_is_used(self):
        self.assertEqual(self.status()[0]["chip"]["process"], 0)
        folder = self.dir / "run-ours"
        folder.mkdir()
        with open(folder / "chip.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            report, text = self.status()
        self.assertEqual(report["chip"]["process"], os.getpid())
        self.assertIn(f"process {os.getpid()} uses the chip", text)

    def test_unreadable_parts(self):
        for name in ("refvals/000001-pending.json", "flash/000001.json"):
            (self.dir / "refs" / name).parent.mkdir(parents=True)
            (self.dir / "refs" / name).write_text("none\n")
        report, _ = self.status()
        self.assertEqual(report["journal"]["error"]["code"], "format")
        self.assertEqual(report["updates"]["error"]["code"], "format")


class Updates(MachineCase):
    def status(self):
        env = self.environment()
        report = answer(["status"], 0, self.run_tool(PROGRAM, "status", "--json", env=env))
        return report, self.run_tool(PROGRAM, "status", env=env)

    def test_update_and_cut(self):
        report, text = self.status()
        self.assertEqual((report["updates"]["waiting"], report["journal"]["unfinished"]), ([], None))
        self.assertRegex(text, "all are finished\n(.*\n)*  none waits")
        self.stage()
        self.assertEqual([record["state"] for record in self.status()[0]["updates"]["waiting"]], ["pending"])
        self.install()
        self.assertEqual([record["state"] for record in self.status()[0]["updates"]["waiting"]], ["written"])
        # what the journal says when that write was cut off
        path = self.dir / "refs" / "flash" / "000001.json"
        entry = json.loads(path.read_text())
        self.assertEqual(entry["state"], "new")
        path.write_text(json.dumps({**entry, "state": "intent"}))
        report, text = self.status()
        self.assertEqual((report["journal"]["unfinished"]["entry"], report["journal"]["unfinished"]["state"]), (1, "intent"))
        self.assertIn("`qubes-fwupdmgr recover`", text)


main()
