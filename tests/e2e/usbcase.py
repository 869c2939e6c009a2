# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab with USB qubes, in whose fwupd there is the webcam of its test plugin, and what LVFS has signed for that.

One lab for all cases of a class: each finds its qubes made anew, with dom0's configuration as the lab has made it and
nothing written down of what devices had.
"""
import configparser
import json
import pathlib
import shutil
import sys
import tempfile

import productcase
from labcase import BUILD, LAB, ROM, run
from productcase import OLD

ARCHIVES = pathlib.Path("/usr/share/installed-tests/fwupd")
CAB, OLDER_CAB = ARCHIVES / "fakedevice124.cab", ARCHIVES / "fakedevice123.cab"
GUID = "b585990a-003e-5270-89d5-3705a17f9a43"
WEBCAM = "08d460be0f1f9f128413f816022a6439e0078018"
FIRST, MIDDLE, LAST = "1.2.2", "1.2.3", "1.2.4"     # what it runs when it is made, and what LVFS has for it
MARKS = "usb-versions.json"
KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"     # of an ordinary keyboard
VENDOR = "046d"     # of the webcam, which has no other numbers of the USB
# What a service is for a while: everything it is asked is written down, and then it is done.
WATCHED = '#!/bin/sh\necho "$0" >>"{calls}"\nexec "{program}" "$@"\n'


def needs():
    productcase.needs()
    if not CAB.exists():
        print(f"{CAB} is not there (Debian: fwupd-tests)")
        sys.exit(productcase.SKIP)


def must(*command):
    done = run(*command)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")


class UsbCase(productcase.ProductCase):
    qubes = ("sys-usb",)
    options = ()
    archives = (CAB,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="qfu-usb-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.machine, rom = cls.top / "a", cls.top / "rom"
        must(ROM, rom, "--version", OLD)
        cls.addClassCleanup(run, LAB, "down", cls.machine)
        must(LAB, "up", cls.machine, "--build", BUILD, "--rom", rom, "--usb", ",".join(cls.qubes), *cls.options)
        for archive in cls.archives:
            must(LAB, "publish", cls.machine, "--cab", archive)
        must(LAB, "dom0", cls.machine, "--", "qubes-fwupdmgr", "refresh")
        cls.facts = json.loads(run(LAB, "info", cls.machine).stdout)

    def setUp(self):
        super().setUp()
        config = pathlib.Path(self.facts["config"])
        self.addCleanup(config.write_text, config.read_text())
        self.addCleanup(self.renew, *self.qubes)
        self.addCleanup(self.marks().unlink, missing_ok=True)

    def marks(self):
        """The file of what was read back."""
        return pathlib.Path(self.facts["store"]) / MARKS

    # The qubes.

    def qube(self, name="sys-usb"):
        return {key: pathlib.Path(value) for key, value in self.facts["usb"][name].items() if key not in ("bus", "fwupd")}

    def usbvm(self, *command, name="sys-usb"):
        return self.lab("usbvm", self.machine, name, "--", *command)

    def renew(self, *names):
        """Disposables: what is made anew knows nothing of before."""
        for name in names:
            run(LAB, "stop", self.machine, name)
            self.lab("start", self.machine, name)

    def webcam_does(self, name="sys-usb", **keys):
        """How the webcam behaves, from the next start of the qube's fwupd, which is now."""
        self.fwupd_settings(name, "test", keys)

    def fwupd_settings(self, name, group, keys):
        conf = self.qube(name)["fwupd_conf"]
        self.addCleanup(conf.write_text, conf.read_text())
        settings = configparser.ConfigParser()
        settings.optionxform = str
        settings.read(conf)
        if not settings.has_section(group):
            settings.add_section(group)
        settings[group].update(keys)
        with conf.open("w") as file:
            settings.write(file, space_around_delimiters=False)
        self.renew(name)

    def runs(self, name="sys-usb", device=WEBCAM):
        """The version that the qube's own fwupd says its device has."""
        said = json.loads(self.usbvm("fwupdmgr", "get-devices", "--json", name=name))
        return {each["DeviceId"]: each["Version"] for each in said["Devices"]}.get(device)

    def replace_service(self, service, script, name="sys-usb"):
        """Another program in the place of an agent; None: no agent. It is back after the case."""
        file = self.qube(name)["rpc"] / service
        program = file.readlink()
        self.addCleanup(file.symlink_to, program)
        self.addCleanup(file.unlink, missing_ok=True)
        file.unlink()
        if script is not None:
            file.write_text(script)
            file.chmod(0o755)
        return program

    def watch(self, service, name="sys-usb"):
        """A file that has a line for each call from now on."""
        calls = self.scratch / f"{name}-{service}"
        calls.touch()
        program = self.qube(name)["rpc"] / service
        self.replace_service(service, WATCHED.format(calls=calls, program=program.readlink()), name)
        return calls

    def plug(self, port, vendor, product="0001", name="sys-usb", keyboard=False, driver="usb"):
        """What the qube's kernel would say of a device on its bus."""
        devices = self.qube(name)["sys_bus"] / "usb" / "devices"
        folder = devices / port
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        for file, value in (("idVendor", vendor), ("idProduct", product), ("bcdDevice", "0100")):
            (folder / file).write_text(f"{value}\n")
        (folder / "driver").symlink_to(f"../../../../bus/usb/drivers/{driver}")
        if keyboard:
            keys = folder / f"{port}:1.0" / f"0003:{vendor}:{product}.0001" / "input" / "input3" / "capabilities"
            keys.mkdir(parents=True)
            (keys / "key").write_text(f"{KEYS}\n")
            interface = devices / f"{port}:1.0"     # beside the device, as on every bus of the kernel's
            interface.symlink_to(f"{port}/{interface.name}")
            self.addCleanup(interface.unlink)

    def plug_into_dom0(self):
        """A keyboard of the machine itself."""
        keys = self.machine / "dom0" / "input" / "input0" / "capabilities"
        keys.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, self.machine / "dom0" / "input")
        (keys / "key").write_text(f"{KEYS}\n")

    # What the product says.

    def devices(self):
        """(domain, id) -> device."""
        return {(each["domain"], each["id"]): each for each in self.ask(self.machine, "get-devices")["devices"]}

    def domains(self):
        return {each["name"]: each["state"] for each in self.ask(self.machine, "get-devices")["domains"]}

    def offered(self, *more):
        """(domain, id) -> version offered."""
        answer = self.ask(self.machine, "get-updates", *more)
        return {(each["domain"], each["deviceId"]): each["versionTo"] for each in answer["updates"]}

    def fails(self, *words, says):
        """The command ends with 1 and this text."""
        done = self.manager(self.machine, *words)
        self.assertEqual(done.returncode, 1, f"{words}: {done.stdout}{done.stderr}")
        self.assertRegex(done.stderr, says)
        return done
