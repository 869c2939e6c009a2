#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real qrexec between roots in which the programs are where Qubes looks for them: its client and a daemon for each VM in
dom0, its agent in each VM, over sockets in the place of Xen's channels. qubesd is the stand-in of the other tests.

Runs only when QFU_QREXEC names a folder with qrexec as it is installed: see docs/contributing.md.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

TREE = pathlib.Path(os.environ["QFU_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["QFU_BUILD_ROOT"])
sys.path[:0] = [str(TREE / "tests" / "e2e"), str(TREE / "tests" / "package")]

import domain
import packageroot
import productcase
import qubes
import usbcase
from usbcase import FIRST, LAST, WEBCAM

QREXEC = os.environ.get("QFU_QREXEC", "")
NUMBERS = {"dom0": 0, "sys-net": 1, "sys-usb": 2, "bare": 3}
AGENT, DAEMON = "/usr/lib/qubes/qrexec-agent", "/usr/sbin/qrexec-daemon"
FETCH, LIST, PUSH = "qubes.FwupdFetch", "qubes.FwupdDevices", "qubes.FwupdInstall"
SECONDS = 60
# What the VM's fwupd does at present.
STATUS = ("gdbus", "call", "--system", "--dest", "org.freedesktop.fwupd", "--object-path", "/", "--method",
          "org.freedesktop.DBus.Properties.Get", "org.freedesktop.fwupd", "Status")
BUSY = "uint32 12"      # what the webcam is while it takes its time to write
USER = "user:x:1000:1000::/srv/user:/bin/bash\n"
OWN = ("Type=", "Command=", "Qubes=", "Programs=", "Layouts=", "QubesdSocket=")
ADVICE = "run `sudo dnf install qubes-fwupd-vm` in the template fedora-42, shut that down, and restart bare"


def wait_for(what, holds):
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {SECONDS} s")
        time.sleep(0.05)    # between two looks at files and processes that say nothing by themselves


class Qrexec(usbcase.UsbCase):
    def setUp(self):
        super().setUp()
        (self.scratch / "vchan").mkdir()
        (self.scratch / "vchan").chmod(0o1777)
        bus_conf = self.qube()["directory"] / "bus.conf"
        bus_conf.write_text(bus_conf.read_text().replace('<allow user="root"/>', '<allow user="*"/>'))  # as Debian's bus
        self.webcam_does(WriteDelay="4000")
        self.roots = {}
        for name in ("dom0", "sys-net", "sys-usb", "bare"):
            self.make_root(name)
        self.make_dom0()
        self.make_vms()
        self.start_qubesd()
        for name in ("sys-net", "sys-usb", "bare"):
            self.start(name)

    # The machine.

    def make_root(self, name):
        root = self.roots[name] = domain.Domain(services=self.scratch, hidden=(TREE, BUILD))
        self.addCleanup(root.close)
        shutil.copytree(QREXEC, root.path, symlinks=True, dirs_exist_ok=True)
        root.run("ldconfig")
        for folder in ("run/qubes", "run/vchan", "run/dbus", "var/log/qubes"):
            root.file(folder).mkdir(parents=True, exist_ok=True)
        packageroot.mount("--bind", str(self.scratch / "vchan"), str(root.file("run/vchan")))
        root.connect(self.facts["anchors"][{"sys-net": "updatevm", "sys-usb": "sys-usb"}.get(name, "dom0")])
        if name != "bare":
            subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root.path, "--tags",
                            "dom0" if name == "dom0" else "vm"], check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)

    def bind(self, name, source, target):
        file = self.roots[name].file(target)
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.mkdir() if pathlib.Path(source).is_dir() else file.touch()
        packageroot.mount("--bind", str(source), str(file))

    def make_dom0(self):
        """The lab's, but for how VMs are reached and where programs are, which is as installed."""
        lines = pathlib.Path(self.facts["config"]).read_text().splitlines()
        text = "\n".join(line for line in lines if not line.startswith(OWN))
        pci = self.scratch / "pci" / "0000:00:14.0"
        pci.mkdir(parents=True)
        (pci / "class").write_text("0x0c0330\n")
        text = text.replace("[Paths]\n", f"[Paths]\nPciDevices={pci.parent}\n", 1)
        self.roots["dom0"].write("etc/qubes-fwupd/qubes-fwupd.conf", text)
        self.bind("dom0", self.top, self.top)
        self.bind("dom0", self.scratch, self.scratch)
        self.bind("dom0", self.facts["bus"].removeprefix("unix:path="), "run/dbus/system_bus_socket")

    def make_vms(self):
        for name in ("sys-net", "sys-usb", "bare"):
            root = self.roots[name]
            with open(root.file("etc/passwd"), "a", encoding="ascii") as file:
                file.write(USER)
            root.file("srv/user").mkdir(parents=True, exist_ok=True)
            os.chown(root.file("srv/user"), 1000, 1000)
        ca = self.roots["sys-net"].file("etc/ssl/mirror.pem")
        shutil.copy(self.facts["web_ca"], ca)
        self.roots["sys-net"].write("etc/qubes-fwupd/agent.conf", "[Agent]\nCAFile=/etc/ssl/mirror.pem\n")
        self.bind("sys-usb", self.qube()["directory"] / "bus", "run/dbus/system_bus_socket")

    def start_qubesd(self):
        self.qubes = qubes.Qubes(self.scratch / "qubes", None)
        self.addCleanup(self.qubes.close)
        self.qubes.states = dict.fromkeys(("sys-net", "sys-usb", "bare"), "Running") | {"fedora-42": "Halted"}
        self.qubes.classes["fedora-42"] = "TemplateVM"
        self.qubes.templates = {"bare": "fedora-42"}
        self.qubes.distributions = {"fedora-42": "fedora"}
        self.qubes.controllers = {"sys-usb": ["00_14.0"]}
        self.bind("dom0", self.scratch / "qubes" / "qubesd", "run/qubesd.sock")

    def spawn(self, name, number, *words):
        self.roots[name].spawn("env", f"VCHAN_DOMAIN={number}", *words)

    def start(self, name):
        number = NUMBERS[name]
        help_text = self.roots["dom0"].run(DAEMON, "--help", check=False)
        uuid = [f"--uuid=00000000-0000-0000-0000-{number:012}"] if "--uuid" in help_text.stdout + help_text.stderr else []
        self.spawn(name, number, AGENT)
        self.spawn("dom0", 0, DAEMON, "-D", "-q", *uuid, str(number), name, "user")
        wait_for(f"the daemon of {name}", lambda: os.path.lexists(self.roots["dom0"].file(f"run/qubes/qrexec.{name}")))

    # What is done with it.

    def command(self, *words):
        return self.roots["dom0"].command("env", "VCHAN_DOMAIN=0", *words)

    def manager(self, directory, *words, timeout=productcase.VERB_SECONDS):
        return subprocess.run(self.command("qubes-fwupdmgr", *words), env=packageroot.ENVIRONMENT, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def running(self, name, program):
        """The processes of a VM, or of dom0, whose first word is this."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if os.readlink(process / "root") == str(self.roots[name].path) and words[0].decode().endswith(program):
                    found.append(int(process.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):     # ended just now, or none of ours
                continue
        return found

    def replace(self, name, service, script):
        file = self.roots[name].file(f"etc/qubes-rpc/{service}")
        file.unlink()
        file.write_text(script)
        file.chmod(0o755)

    def settings(self, text):
        self.roots["dom0"].write("etc/qubes-fwupd/qubes-fwupd.conf.d/case.conf", text)

    def begin(self, *words):
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            self.command("qubes-fwupdmgr", *words), env=packageroot.ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.kill)
        return process

    def test_way(self):
        """Metadata, list, cab and write, as a person has it; then a write from which dom0 goes away."""
        self.do(self.machine, "refresh", status=2)      # it is as new as when the lab was made
        self.assertIn("as reported by sys-usb", self.do(self.machine, "get-updates"))
        self.do(self.machine, "update", WEBCAM, "-y")
        self.assertEqual(self.runs(), LAST)
        manager = self.begin("reinstall", WEBCAM, "-y")
        wait_for("the agent that writes", lambda: self.running("sys-usb", PUSH))
        wait_for("the write", lambda: BUSY in self.usbvm(*STATUS))
        client, = self.running("dom0", "qrexec-client")
        os.kill(client, signal.SIGKILL)
        said = manager.communicate(timeout=SECONDS)[0]
        self.assertIn("the write may still go on", said)
        self.assertTrue(self.running("sys-usb", PUSH))
        wait_for("the end of the write", lambda: not self.running("sys-usb", PUSH))
        self.assertEqual(self.runs(), LAST)

    def test_refused(self):
        """What the client's exit status means."""
        for vm, says in (("bare", f"the agent {FETCH} is not installed: {ADVICE}"), ("nosuch", "there is no such VM")):
            self.settings(f"[Transport]\nUpdateVM={vm}\n")
            self.fails("refresh", says=says)
        self.settings("[Transport]\nConnectSeconds=3\nIdleSeconds=3\n")
        for script, says in (("kill -9 $$", "killed by signal 9"), ("exit 5", "ended early with status 5"),
                             ("exec cat /dev/zero", "frame of unknown type 0"),
                             ("while :; do echo 'a\033[31m' >&2; done", "did not answer in time"),
                             ("printf '\\033]0;x\\007' >&2; exit 3", "ended early with status 3")):
            for name, service, verb in (("sys-net", FETCH, ("refresh",)), ("sys-usb", LIST, ("get-devices",))):
                self.replace(name, service, f"#!/bin/sh\n{script}\n")
                done = self.fails(*verb, says=says)
                self.assertLess(len(done.stderr), 1000)
                self.assertNotIn("\033", done.stdout + done.stderr)
        self.roots["sys-usb"].file(f"etc/qubes-rpc/{LIST}").chmod(0o644)
        self.fails("get-devices", says="qrexec cannot start the agent there")
        self.assertEqual(self.runs(), FIRST)


if __name__ == "__main__":
    if not QREXEC:
        print("QFU_QREXEC does not say where qrexec is")
        sys.exit(productcase.SKIP)
    if os.geteuid() != 0:
        print("roots are made by root")
        sys.exit(productcase.SKIP)
    packageroot.enter_namespace()
    usbcase.needs()
    unittest.main(verbosity=2)
