# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the packages put into two roots carries whole updates: dom0 and the template of the VMs, from which each VM is made.

Only what is no domain's is the lab's: the mirror and what it signs, the networks, the chip and the TPM of the machine.
"""

import json
import os
import pathlib
import shutil
import sys

import debs
import domain

TREE = pathlib.Path(os.environ["QFU_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["QFU_BUILD_ROOT"])
sys.path.insert(0, str(TREE / "tests" / "e2e"))

import productcase  # noqa: E402
from productcase import NEW  # noqa: E402
from webcamcase import FIRST, GUID  # noqa: E402

HARDWARE = "run/hardware"
CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
# Only what this machine has in other places than usual; all else is as it was installed.
SETTINGS = """[Transport]
Type=exec
Command=socat STDIO UNIX-CONNECT:/{services}/updatevm/qubes.FwupdFetch
[Usb]
Qubes=sys-usb
Command=socat STDIO UNIX-CONNECT:/{services}/{{domain}}/{{service}}
[Remote lab]
SystemFirmware=true
[Paths]
BootId={boot_id}
Dmi=/{hardware}/dmi
[Chip]
Programmer={programmer}
Model={model}
[MeasuredBoot]
Tcti={tcti}
EventLog={event_log}
"""


class TwoRoots(productcase.ProductCase):
    below = ("/",)      # what both are made of

    def setUp(self):
        super().setUp()
        self.machine = self.board("machine")
        self.about = self.info(self.machine)
        self.lab("stop", self.machine, "fwupd")
        (self.scratch / "domains").mkdir()
        self.make_template()
        self.make_usb_qube()
        self.make_dom0()

    def root(self, *below):
        root = domain.Domain(*below, services=self.scratch / "domains", hidden=(TREE, BUILD))
        self.addCleanup(root.close)
        return root

    def make_template(self):
        self.template = self.root(*self.below)
        self.template.install(debs.package(debs.FOLDER, "vm"))
        # as in the VMs of Qubes; a bus serves nobody without a name
        self.template.run("sh", "-c", f"getent passwd {domain.USER} || useradd --uid {domain.USER} user")
        self.template.write("usr/local/share/ca-certificates/mirror.crt",
                            pathlib.Path(self.about["web_ca"]).read_text(encoding="ascii"))
        self.template.run("update-ca-certificates")
        updatevm = self.root(self.template.upper, *self.below)
        updatevm.connect(self.about["anchors"]["updatevm"])
        updatevm.serve("updatevm", "qubes.FwupdFetch")

    def make_usb_qube(self):
        """Its template has fwupd beside; the device is one of fwupd's own for tests."""
        template = self.root(self.template.upper, *self.below)
        template.install("dbus", "fwupd")
        self.qube = self.root(template.upper, self.template.upper, *self.below)
        self.qube.write("etc/fwupd/fwupd.conf", "[fwupd]\nTestDevices=true\n")
        self.qube.disconnect()
        self.qube.start_fwupd()
        for service in ("qubes.FwupdDevices", "qubes.FwupdInstall"):
            self.qube.serve("sys-usb", service)

    def make_dom0(self):
        self.dom0root = self.root(*self.below)
        self.dom0root.install(debs.package(debs.FOLDER, "dom0"), "dbus", "socat")
        self.dom0root.connect(self.about["anchors"]["dom0"])
        lab = self.machine / "dom0"
        self.dom0root.file(HARDWARE).mkdir()
        domain.packageroot.mount("--bind", str(lab), str(self.dom0root.file(HARDWARE)))
        for folder in ("fwupd", "fwupd-metadata"):
            shutil.copy(self.about["ca"], self.dom0root.file(f"etc/pki/{folder}/lab-ca.pem"))
        for path in self.dom0root.file("etc/fwupd/remotes.d").glob("*.conf"):
            path.write_text(path.read_text(encoding="utf-8").replace("Enabled=true", "Enabled=false"), encoding="utf-8")
        shutil.copy(lab / "etc/fwupd/remotes.d/lab.conf", self.dom0root.file("etc/fwupd/remotes.d/lab.conf"))
        self.configure()
        self.dom0root.start_fwupd()

    def configure(self):
        """The chip, the TPM and the log of this machine, and its names, which fwupd takes from its settings."""
        values = {name: self.about[name].replace(str(self.machine / "dom0"), f"/{HARDWARE}")
                  for name in ("boot_id", "programmer", "tcti", "event_log")}
        model = next(line.partition("=")[2] for line in pathlib.Path(self.about["config"]).read_text(encoding="ascii").splitlines()
                     if line.startswith("Model="))
        self.dom0root.write("etc/qubes-fwupd/qubes-fwupd.conf.d/machine.conf",
                            SETTINGS.format(**values, model=model, services=domain.SERVICES, hardware=HARDWARE))
        shutil.copy(self.about["fwupd_conf"], self.dom0root.file("etc/fwupd/fwupd.conf"))

    def manager(self, directory, *words, timeout=productcase.VERB_SECONDS):
        done = self.dom0root.run("qubes-fwupdmgr", *words, check=False)
        return done

    def test_updates(self):
        self.check_apart()
        self.update_chip()
        self.update_webcam()

    def check_apart(self):
        """Nothing is there but what was installed, each half where it belongs."""
        for root in (self.template, self.dom0root):
            for folder in (TREE, BUILD):
                self.assertEqual(list(root.file(folder).glob("*")), [])
        for root, other in ((self.template, "dom0"), (self.dom0root, "vm")):
            for name in debs.files(debs.package(debs.FOLDER, other)):
                self.assertFalse(os.path.lexists(root.file(name)), f"{name} of the package {other}")

    def update_chip(self):
        """From the first values over the update to the next boot."""
        old = self.chip(self.machine).read_bytes()
        self.do(self.machine, "attest", "--learn", "-y")
        rom, _ = self.offer(self.machine)
        self.assertIn(NEW, self.do(self.machine, "get-updates"))
        self.do(self.machine, "update", "-y")
        self.assertEqual(self.chip(self.machine).read_bytes(), productcase.composed(old, rom.read_bytes()))
        self.dom0root.stop()
        self.lab("boot", self.machine)
        self.lab("stop", self.machine, "fwupd")
        self.configure()
        self.dom0root.start_fwupd()
        self.do(self.machine, "attest")
        self.assertEqual([record["versionTo"] for record in self.records(self.machine) if record["state"] == "current"], [NEW])

    def webcam(self):
        """Its version, as dom0 says it, and the USB qube's fwupd, too."""
        listed = self.ask(self.machine, "get-devices")["devices"]
        told = json.loads(self.qube.run("fwupdmgr", "get-devices", "--json").stdout)["Devices"]
        here, = (device for device in listed if GUID in device["guids"])
        there, = (device for device in told if GUID in device["Guid"])
        self.assertEqual(here["domain"], "sys-usb")
        self.assertEqual(here["version"], there["Version"])
        return here["version"]

    def update_webcam(self):
        """An archive as LVFS signed it, which only dom0 fetches and both verify."""
        self.lab("publish", self.machine, "--cab", CAB)
        self.do(self.machine, "refresh")
        self.assertEqual(self.webcam(), FIRST)
        self.do(self.machine, "update", "-y")
        self.assertEqual(self.webcam(), "1.2.4")
