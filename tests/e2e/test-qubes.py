#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with Qubes, by qubesd and qrexec's client: which VMs have USB controllers, which is started and which is not,
and what is said of one that cannot do what it is asked."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import qubes
import usbcase
from labcase import LAB
from usbcase import FIRST, LAST, WEBCAM

LIST, PUSH = "qubes.FwupdDevices", "qubes.FwupdInstall"
USB_CONTROLLER = "0x0c0330"
# As R4.2 and as R4.3 name a controller: by its bus, and by its way from the root.
PORTS = {"4.2": ("00_14.0", "03_00.0"), "4.3": ("00_14.0", "00_1c.0-00_00.0")}


class Qubes(usbcase.UsbCase):
    def setUp(self):
        super().setUp()
        fetch = pathlib.Path(self.facts["build"]) / "updatevm" / "qubes.FwupdFetch"
        self.qubes = qubes.Qubes(self.scratch / "qubes",
                                 [LAB, "updatevm", self.machine, "--", fetch, "--config", self.facts["agent_conf"]])
        self.addCleanup(self.qubes.close)
        self.qubes.states.update({"sys-usb": "Running", "usb-two": "Halted", "work": "Running", "fedora-42": "Halted"})
        self.qubes.classes.update({"sys-usb": "DispVM", "fedora-42": "TemplateVM"})
        self.qubes.templates.update({"sys-usb": "default-dvm", "default-dvm": "fedora-42", "sys-net": "debian-12"})
        self.qubes.states.update({"default-dvm": "Halted", "debian-12": "Halted"})
        self.qubes.distributions.update({"fedora-42": "fedora", "debian-12": "debian"})
        self.plug_in("4.3")
        for service in (LIST, PUSH):
            self.qubes.services["sys-usb", service] = [LAB, "usbvm", self.machine, "sys-usb", "--", self.qube()["rpc"] / service]
        self.configure()

    def plug_in(self, release):
        self.qubes.release = release
        first, second = PORTS[release]
        self.qubes.controllers = {"sys-usb": [first], "usb-two": [second]}
        if release == "4.2":        # which does not say what it is
            self.qubes.controllers["sys-net"] = ["00_1f.6"]

    def configure(self):
        """The lab's dom0 as one of Qubes: two controllers that VMs have, one of them behind a bridge."""
        bus = self.scratch / "pci"
        for name, kind in (("0000:00:14.0", USB_CONTROLLER), ("0000:00:1f.6", "0x020000"), ("0000:00:1c.0", "0x060400"),
                           ("0000:00:1c.0/0000:03:00.0", USB_CONTROLLER)):
            folder = self.scratch / "devices" / name
            folder.mkdir(parents=True)
            (folder / "class").write_text(f"{kind}\n")
            bus.mkdir(exist_ok=True)
            (bus / folder.name).symlink_to(folder)
        (bus / "0000:00:1c.0" / "secondary_bus_number").write_text("3\n")
        lines = "".join(f"{key}={value}\n" for key, value in self.qubes.settings().items())
        folder = pathlib.Path(self.facts["config"] + ".d")
        folder.mkdir()
        drop_in = folder / "qubes.conf"
        drop_in.write_text(f"[Transport]\nConnectSeconds=20\n{lines}[Usb]\nQubes=auto\n[Paths]\nPciDevices={bus}\n")
        self.addCleanup(folder.rmdir)
        self.addCleanup(drop_in.unlink)

    def started(self):
        return [vm for method, vm in self.qubes.calls if method == "admin.vm.Start+"]

    def test_releases(self):
        """Both forms of the Admin API; a qube that is off is said and left alone."""
        for release in PORTS:
            self.plug_in(release)
            self.assertEqual(self.domains(), {"dom0": "ok", "sys-usb": "ok", "usb-two": "not-running"}, release)
        self.assertEqual(self.started(), [])
        self.assertEqual({vm for vm, _ in self.qubes.called}, {"sys-usb"})

    def test_update(self):
        """The UpdateVM is started for it, the USB qube that is off is not."""
        self.qubes.states["sys-net"] = "Halted"
        self.do(self.machine, "update", WEBCAM, "-y")
        self.assertEqual(self.runs(), LAST)
        self.assertEqual(self.started(), ["sys-net"])
        self.assertEqual(self.qubes.called.count(("sys-usb", PUSH)), 1)

    def test_no_agent(self):
        """The VM, its template and the command for that are named; for one that nobody named that is no failure."""
        del self.qubes.services["sys-usb", LIST]
        advice = "run `sudo dnf install qubes-fwupd-vm` in the template fedora-42, shut that down, and restart sys-usb"
        done = self.manager(self.machine, "get-devices")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"sys-usb: the agent {LIST} is not installed: {advice}", done.stdout)
        self.qubes.agent = None
        advice = "run `sudo apt install qubes-fwupd-vm` in the template debian-12, shut that down, and restart sys-net"
        self.fails("refresh", says=f"the agent qubes.FwupdFetch is not installed: {advice}")

    def test_statuses(self):
        for command, says in ((["sh", "-c", "kill -9 $$"], "the agent was killed by signal 9"),
                              (["sh", "-c", "exit 126"], "the call was refused"),
                              (["sh", "-c", "exit 125"], "qrexec cannot start the agent there"),
                              (["sh", "-c", "exit 255"], "the connection broke")):
            self.qubes.services["sys-usb", LIST] = command
            self.fails("get-devices", says=says)
        self.assertEqual(self.runs(), FIRST)


if __name__ == "__main__":
    usbcase.needs()
    unittest.main(verbosity=2)
