#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""qubes.FwupdInstall: firmware from dom0 into the VM's fwupd, with the cabs of Debian's fwupd, which the LVFS has signed."""

import signal

import usbcase
from usbcase import ACTION, DATA, END, cab, qfuwire

ALLOW_OLDER, ALLOW_REINSTALL = 1, 2
INVALID_DATA, VERSION_SAME, VERSION_NEWER = 18, 2, 1   # fwupd's numbers
REPLUG = 1
MIB = 1024 * 1024


class InstallTest(usbcase.UsbCase):
    KEPT = ("test", "cpu")

    def test_way_up_and_down(self):
        frames, status = self.install(cab())
        self.assertEqual((frames[-1], status), ((END, {}), 0), self.log("agent"))
        steps = [fields for kind, fields in frames[:-1] if kind == qfuwire.PROGRESS]
        self.assertEqual(len(steps), len(frames) - 1)
        self.assertGreater(len(steps), 0)
        self.assertTrue(all(step[qfuwire.TOTAL] == 100 and step[qfuwire.DONE] <= 100 for step in steps))
        self.assertEqual(self.version(), "1.2.4")
        with self.subTest("the same again"):
            self.check_error(self.install(cab()), "nothing", VERSION_SAME)
            self.assertEqual(self.install(cab(), ALLOW_REINSTALL)[1], 0)
            self.assertEqual(self.version(), "1.2.4")
        with self.subTest("an older one"):
            self.check_error(self.install(cab("fakedevice123.cab")), "nothing", VERSION_NEWER)
            self.assertEqual(self.version(), "1.2.4")
            self.assertEqual(self.install(cab("fakedevice123.cab"), ALLOW_OLDER)[1], 0)
            self.assertNotEqual(self.version(), "1.2.4")

    def refuse(self, push, code):
        """A PUSH that has an ERROR for answer, and no HELLO before it."""
        agent = self.call("qubes.FwupdInstall")
        self.say(agent, push)
        answer = self.hear(agent)
        self.check_error(answer, code)
        self.assertEqual(len(answer[0]), 1)

    def test_unfit_orders(self):
        data = cab()
        internal = next(device for device in self.devices() if "internal" in device.get("Flags", []))["DeviceId"]
        for name, push, code in (
                ("another device", self.push(data, id="0" * 40), "not-found"),
                ("a part of the machine", self.push(data, id=internal), "refused"),
                ("an id of capitals", self.push(data, id="A" * 40), "protocol"),
                ("a path", self.push(data, id="../" * 13 + "a"), "protocol"),
                ("nothing to install", self.push(data, size=0), "protocol"),
                ("too much to install", self.push(data, size=512 * MIB + 1), "limit"),
                ("half a digest", self.push(data, sha256=b"\0" * 16), "protocol"),
                ("unknown flags", self.push(data, 4), "protocol"),
                ("force", self.push(data, 1 << 63), "protocol"),
                ("another protocol", self.push(data, protocol=2), "protocol"),
                ("another frame", qfuwire.frame(usbcase.LIST, {qfuwire.PROTOCOL: 1}), "protocol")):
            with self.subTest(name):
                self.refuse(push, code)
        self.assertEqual(self.version(), "1.2.2")

    def test_unfit_data(self):
        data = cab()
        other = data[:-1] + bytes([data[-1] ^ 1])
        for name, sent, code in (
                ("other bytes", self.data(other), "mismatch"),
                ("more bytes", self.data(data[:-1]) + qfuwire.frame(DATA, payload=data[-1:] + b"x"), "protocol"),
                ("another frame", self.data(data[:-1]) + qfuwire.frame(END), "protocol"),
                ("no bytes", qfuwire.frame(DATA), "protocol")):
            with self.subTest(name):
                agent = self.order(self.push(data))
                self.say(agent, sent)
                self.check_error(self.hear(agent), code)
        self.assertEqual(self.version(), "1.2.2")

    def test_what_fwupd_refuses(self):
        for name, data, number in (("no cabinet", b"text" * 100, INVALID_DATA), ("a part", cab()[:2000], INVALID_DATA)):
            with self.subTest(name):
                self.check_error(self.install(data), "format", number)
        self.assertEqual(self.version(), "1.2.2")

    def test_caller_goes_before_the_last_byte(self):
        data = cab()
        agent = self.order(self.push(data))
        self.say(agent, self.data(data[:-1]))
        agent.stdin.close()
        self.check_error(self.hear(agent), "unreachable")
        self.assertEqual(self.version(), "1.2.2")

    def test_caller_goes_before_data(self):
        agent = self.order(self.push(cab()))
        agent.stdin.close()
        self.check_error(self.hear(agent), "unreachable")


class ActionCase(usbcase.UsbCase):
    """A device that wants to be taken out and put in again."""

    DELAY = 2000    # milliseconds that fwupd's plugin waits for that, and says nothing

    def setUp(self):
        self.CONFIG = {"RequestSupported": "true", "RequestDelay": self.DELAY}
        super().setUp()

    def ordered(self):
        """An agent whose fwupd waits for somebody."""
        agent = self.order(self.push(cab()))
        self.say(agent, self.data(cab()))
        while (frame := qfuwire.read_frame(agent.stdout))[0] != ACTION:
            self.assertEqual(frame[0], qfuwire.PROGRESS)
        self.assertEqual(frame[1], {qfuwire.KIND: REPLUG})
        return agent


class AliveTest(ActionCase):
    DELAY = 5500

    def test_signs_of_life(self):
        agent = self.ordered()
        self.assertEqual(qfuwire.read_frame(agent.stdout)[0], qfuwire.PROGRESS)
        frames, status = self.hear(agent)
        self.assertEqual((frames[-1], status), ((END, {}), 0))
        self.assertEqual(self.version(), "1.2.4")


class CutTest(ActionCase):
    def test_caller_is_killed_behind_the_last_byte(self):
        agent = self.ordered()
        agent.stdin.close()
        agent.stdout.close()
        self.assertEqual(agent.wait(usbcase.SECONDS), 1)
        self.assertEqual(self.version(), "1.2.4")

    def test_hangup_and_bytes_behind_the_last(self):
        agent = self.ordered()
        self.say(agent, b"x")
        agent.stdin.close()
        frames, status = self.hear(agent)
        self.assertEqual((frames[-1], status), ((END, {}), 0))
        self.assertEqual(self.version(), "1.2.4")

    def test_fwupd_dies(self):
        agent = self.ordered()
        self.fwupd.send_signal(signal.SIGKILL)
        # the bus has no better word for it
        self.check_error(self.hear(agent), "internal", 0)


class OtherKeysTest(usbcase.UsbCase):
    TRUSTED = False

    def test_signature(self):
        self.check_error(self.install(cab()), "signature")
        self.assertEqual(self.version(), "1.2.2")


if __name__ == "__main__":
    usbcase.main()
