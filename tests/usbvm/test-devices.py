#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qubes.FwupdDevices: what it tells of the VM's fwupd, and what it does when there is none, or no caller."""

import os
import signal
import subprocess

import usbcase
from usbcase import END, GUID, HELLO, ID, LIST, PARENT, QUBE, USB_DEVICE, VERSION, VERSION_FORMAT, WEBCAM, qfuwire

KEYBOARDS, NAME, VENDOR, VENDOR_ID, PROTOCOL = 180, 13, 30, 31, 46


class DevicesTest(usbcase.UsbCase):
    CONFIG = {"CompositeChild": "true"}
    KEPT = ("test", "cpu")

    def test_list(self):
        frames, status = self.ask()
        self.assertEqual(status, 0)
        kinds = [kind for kind, _ in frames]
        self.assertEqual(kinds, [HELLO, QUBE, *[USB_DEVICE] * 3, END])
        version = subprocess.run(["fwupdmgr", "--version", "--json"], env=self.environment(), capture_output=True, text=True,
                                 check=True, timeout=usbcase.SECONDS)
        self.assertIn(frames[1][1][VERSION].decode(), version.stdout)
        self.assertEqual(set(frames[1][1]), {VERSION, KEYBOARDS})
        webcam = frames[2][1]
        self.assertEqual(webcam[GUID].decode(), WEBCAM)
        self.assertEqual((webcam[NAME], webcam[VENDOR]), (b"Integrated Webcam(TM)", b"ACME Corp."))
        self.assertEqual((webcam[VERSION], webcam[VERSION_FORMAT], webcam[PROTOCOL]), (b"1.2.2", b"triplet", b"com.acme.test"))
        self.assertEqual(webcam[VENDOR_ID], b"USB:0x046D")
        self.assertNotIn(PARENT, webcam)
        self.assertTrue(webcam[qfuwire.FLAGS] & 1)  # updatable
        for _, child in frames[3:5]:
            self.assertEqual(child[PARENT], webcam[ID])

    def test_talkative_libraries(self):
        frames, status = self.ask(env={**self.environment(), "G_MESSAGES_DEBUG": "all"})
        self.assertEqual((status, len(frames)), (0, 6))

    def test_parts_of_the_machine_are_left_out(self):
        internal = [device for device in self.devices() if "internal" in device.get("Flags", [])]
        self.assertGreater(len(internal), 0, "fwupd has no processor here")
        listed = {device[ID].decode() for device in self.listed()}
        self.assertEqual(listed & {device["DeviceId"] for device in internal}, set())
        self.assertEqual(len(listed), 3)


class CallersTest(usbcase.UsbCase):
    def test_other_frames(self):
        for request in (qfuwire.frame(LIST, {qfuwire.PROTOCOL: 2}), qfuwire.frame(HELLO, {qfuwire.PROTOCOL: 1}),
                        qfuwire.frame(999), qfuwire.frame(LIST), qfuwire.frame(LIST, {qfuwire.PROTOCOL: 1}, version=2)):
            with self.subTest(request=request):
                frames = self.ask(request)
                self.check_error(frames, "protocol")
                self.assertEqual(len(frames[0]), 1)

    def test_nothing_said(self):
        agent = self.call("qubes.FwupdDevices")
        agent.stdin.close()
        self.check_error(self.hear(agent), "unreachable")

    def test_arguments(self):
        agent = self.call("qubes.FwupdDevices", "word")
        self.assertEqual(self.hear(agent), ([], 2))

    def hanging(self):
        """An agent whose fwupd does not answer."""
        self.fwupd.send_signal(signal.SIGSTOP)
        self.addCleanup(self.fwupd.send_signal, signal.SIGCONT)
        agent = self.call("qubes.FwupdDevices")
        self.say(agent, qfuwire.frame(LIST, {qfuwire.PROTOCOL: 1}))
        self.assertEqual(qfuwire.read_frame(agent.stdout)[0], HELLO)
        self.assertIsNone(agent.poll())
        return agent

    def test_caller_goes(self):
        agent = self.hanging()
        agent.stdin.close()
        self.check_error(self.hear(agent), "unreachable")

    def test_caller_is_killed(self):
        agent = self.hanging()
        agent.stdout.close()
        agent.stdin.close()
        self.assertEqual(agent.wait(usbcase.SECONDS), 1)

    def test_caller_says_more(self):
        agent = self.hanging()
        self.say(agent, b"x")
        self.check_error(self.hear(agent), "protocol")


class NoFwupdTest(usbcase.UsbCase):
    def test_no_fwupd(self):
        self.end(self.fwupd)
        self.check_error(self.ask(), "unsupported")

    def test_no_bus(self):
        env = {**self.environment(), "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.dir}/none/bus"}
        self.assertFalse(os.path.exists(self.dir / "none/bus"))
        self.check_error(self.ask(env=env), "unreachable")


if __name__ == "__main__":
    usbcase.main()
