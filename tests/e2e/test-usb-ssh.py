#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The USB devices of a domain that a host without Qubes calls by ssh, with the settings that this project ships."""
import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import sshdomain
import usbcase
from productcase import LAB
from usbcase import FIRST, LAST, WEBCAM

LIST, INSTALL = "qubes.FwupdDevices", "qubes.FwupdInstall"
NAME = "sys-usb"
BY_HAND = "run the line of Command= by hand to see what it says"


class UsbSsh(usbcase.UsbCase):
    def setUp(self):
        super().setUp()
        self.vm = sshdomain.SshDomain(self, self.machine, 2, NAME, ["usbvm", NAME])
        folder = self.machine / "usb" / NAME
        for service in (LIST, INSTALL):
            self.vm.give(service, folder / "enter", folder / "rpc" / service)
        self.vm.allow(LIST, INSTALL)
        self.vm.start()
        config = pathlib.Path(self.facts["config"])
        *client, _, _ = self.vm.command("")
        command = shlex.join([*map(str, client), "{domain}", "{service}"])
        text, count = re.subn(r"(?ms)(^\[Usb\]\n.*?^Command=)[^\n]*$", lambda found: found[1] + command, config.read_text())
        self.assertEqual(count, 1)
        config.write_text(text)

    def test_all(self):
        self.check_host_key()
        self.check_missing()
        self.check_cut()
        self.check_key()
        self.check_cut_write()
        self.do(self.machine, "update", "-y")
        self.assertEqual((self.runs(), self.devices()[NAME, WEBCAM]["version"]), (LAST, LAST))
        self.check_no_network()

    def state(self, state, says):
        """The domain is in this state, and the machine's own devices are listed all the same."""
        done = self.manager(self.machine, "get-devices", "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        answer = usbcase.json.loads(done.stdout)
        self.assertEqual({each["name"]: each["state"] for each in answer["domains"]}, {"dom0": "ok", NAME: state})
        self.assertIn("dom0", [each["domain"] for each in answer["devices"]])
        self.assertIn(says, " ".join(done.stderr.split()))

    def check_host_key(self):
        self.vm.make_key("other")
        self.vm.know("other")
        self.state("failed", BY_HAND)
        self.vm.know("host")
        self.assertEqual(self.domains()[NAME], "ok")

    def check_missing(self):
        kept = (self.vm.services / LIST).rename(self.scratch / "kept")
        self.state("no-agent", f"the agent {LIST} is not installed: install the package qubes-fwupd-vm there")
        kept.rename(self.vm.services / LIST)

    def check_cut(self):
        """The connection is killed while dom0 waits for an answer."""
        sign = self.scratch / "sign"
        os.mkfifo(sign)
        kept = (self.vm.services / LIST).rename(self.scratch / "kept")
        self.vm.give(LIST, "sh", "-c", f"echo $$ >{sign}; exec sleep infinity")
        process = subprocess.Popen([str(LAB), "dom0", str(self.machine), "--", "qubes-fwupdmgr", "get-devices"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with open(sign, encoding="ascii") as file:
            agent = int(file.read())
        self.assertEqual(self.vm.cut(), 1)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertIn(BY_HAND, " ".join(errors.split()))
        os.kill(agent, 9)
        kept.rename(self.vm.services / LIST)

    def check_key(self):
        """A key that may list and not install: refused before a byte of the cabinet goes out."""
        self.vm.allow(LIST)
        calls = self.watch(INSTALL)
        self.fails("update", "-y", says=r"the\s+call\s+was\s+refused")
        self.assertEqual((self.runs(), calls.read_text()), (FIRST, ""))
        self.vm.allow(LIST, INSTALL)

    def check_cut_write(self):
        """The connection is killed while the device is written: dom0 ends, and the domain writes to the end."""
        sign = self.scratch / "pid"
        os.mkfifo(sign)
        kept = (self.vm.services / INSTALL).read_text()
        self.webcam_does(WriteDelay="3000")     # milliseconds
        (self.vm.services / INSTALL).write_text(kept.replace("\nexec ", f"\necho $$ >{sign}\nexec "))
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen([str(LAB), "dom0", str(self.machine), "--", "qubes-fwupdmgr", "update", "-y"],
                                   stdin=subprocess.DEVNULL, stdout=end, stderr=end)
        self.addCleanup(process.kill)
        os.close(end)
        with open(sign, encoding="ascii") as file:
            agent = os.pidfd_open(int(file.read()))
        self.addCleanup(os.close, agent)
        said = b""
        while b"%" not in said:
            said += self.more(terminal)
        self.assertEqual(self.vm.cut(), 1)
        while more := self.more(terminal):
            said += more
        self.assertEqual(process.wait(60), 1, said)
        self.assertIn("the write may still go on", " ".join(said.decode().split()))
        self.assertTrue(select.select([agent], [], [], 60)[0])
        self.assertEqual(self.runs(), LAST)
        (self.vm.services / INSTALL).write_text(kept)
        self.renew(NAME)

    def more(self, terminal):
        self.assertTrue(select.select([terminal], [], [], 60)[0])
        try:
            return os.read(terminal, 65536)
        except OSError:             # nobody has it open any more
            return b""

    def check_no_network(self):
        """The wire to dom0 is all that the domain has."""
        said = self.usbvm("ip", "-4", "-o", "address", "show")
        self.assertEqual([line.split()[3] for line in said.splitlines()], [f"{self.vm.address}/30"])
        self.assertEqual(self.usbvm("ip", "route", "show", "default"), "")


if __name__ == "__main__":
    usbcase.needs()
    sshdomain.needs()
    unittest.main()
