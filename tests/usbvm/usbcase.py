# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agents of a USB qube as programs, with the packaged fwupd daemon and the devices of its own plugin for tests."""

import hashlib
import pathlib
import shutil
import subprocess
import sys

for folder in ("plugin", "e2e"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import daemon
import qfuwire
from qfuwire import DATA, END, ERROR, HELLO

LIST, QUBE, USB_DEVICE, PUSH, ACTION = range(120, 125)
ID, GUID, VERSION, VERSION_FORMAT, PARENT = 14, 24, 25, 26, 150
AGENTS = daemon.BUILD / "usbvm"
WEBCAM = "b585990a-003e-5270-89d5-3705a17f9a43"
CABS = pathlib.Path("/usr/share/installed-tests/fwupd")
CODE = {"internal": 1, "io": 3, "unreachable": 4, "protocol": 5, "limit": 6, "format": 7, "mismatch": 8, "signature": 9, "not-found": 10, "nothing": 11,
        "unsupported": 12, "refused": 17}
SECONDS = daemon.SECONDS


class UsbCase(daemon.FwupdCase):
    CONFIG = {}     # of fwupd's plugin
    KEPT = ("test",)
    TRUSTED = True  # whether this fwupd has the keys of the LVFS

    def setUp(self):
        super().setUp()
        for kind in ("fwupd", "fwupd-metadata"):
            if self.TRUSTED:
                shutil.copy(f"/etc/pki/{kind}/LVFS-CA.pem", self.dir / "etc/pki" / kind)
        self.fwupd = self.start_fwupd()

    def start_fwupd(self, board=None, env=None, kept=()):
        # our own plugin has no place here
        env = self.environment(daemon.packaged_plugins())
        return super().start_fwupd({**daemon.BOARD, "TestDevices": "true"}, env, self.KEPT)

    def write_fwupd_conf(self, board, kept=()):
        super().write_fwupd_conf(board, kept)
        with open(self.dir / "etc/fwupd/fwupd.conf", "a") as file:
            file.write("[test]\n" + "".join(f"{key}={value}\n" for key, value in self.CONFIG.items()))

    def call(self, name, *arguments, env=None):
        """A call of dom0: the agent with pipes for its streams."""
        log = open(self.dir / "agent.log", "ab")
        agent = subprocess.Popen([AGENTS / name, *arguments], env=env or self.environment(), stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=log)
        log.close()
        self.addCleanup(self.end_call, agent)
        return agent

    def end_call(self, agent):
        for stream in (agent.stdin, agent.stdout):
            stream.close()
        if agent.poll() is None:
            agent.kill()
        agent.wait()

    def say(self, agent, data):
        agent.stdin.write(data)
        agent.stdin.flush()

    def hear(self, agent):
        """All frames to the end of the stream, and the exit status."""
        frames = []
        while (frame := qfuwire.read_frame(agent.stdout)) is not None:
            frames.append(frame)
        return frames, agent.wait(SECONDS)

    def ask(self, request=None, env=None):
        agent = self.call("qubes.FwupdDevices", env=env)
        self.say(agent, request or qfuwire.frame(LIST, {qfuwire.PROTOCOL: 1}))
        return self.hear(agent)

    def listed(self):
        """The devices, as the agent tells them."""
        frames, status = self.ask()
        self.assertEqual((status, frames[0][0], frames[-1][0]), (0, HELLO, END), self.log("agent"))
        return [fields for kind, fields in frames if kind == USB_DEVICE]

    def webcam(self):
        return next(device for device in self.listed() if device[GUID].decode() == WEBCAM)

    def version(self):
        return self.webcam()[VERSION].decode()

    def push(self, cab, flags=0, **other):
        fields = {qfuwire.PROTOCOL: 1, ID: self.webcam()[ID].decode(), qfuwire.LENGTH: len(cab),
                  qfuwire.SHA256: hashlib.sha256(cab).digest(), qfuwire.FLAGS: flags}
        names = {"id": ID, "size": qfuwire.LENGTH, "sha256": qfuwire.SHA256, "protocol": qfuwire.PROTOCOL}
        fields.update({names[name]: value for name, value in other.items()})
        return qfuwire.frame(PUSH, fields)

    def data(self, cab):
        return b"".join(qfuwire.frame(DATA, payload=cab[start:start + 65536]) for start in range(0, len(cab), 65536))

    def order(self, push):
        """An agent that has said HELLO to a PUSH, and waits for DATA."""
        agent = self.call("qubes.FwupdInstall")
        self.say(agent, push)
        self.assertEqual(qfuwire.read_frame(agent.stdout), (HELLO, {qfuwire.PROTOCOL: 1}), self.log("agent"))
        return agent

    def install(self, cab, flags=0):
        """Frames behind HELLO, and the exit status."""
        agent = self.order(self.push(cab, flags))
        self.say(agent, self.data(cab))
        return self.hear(agent)

    def check_error(self, answer, code, fwupd=None):
        """The last frame is an ERROR of this code, with fwupd's number or none."""
        (*_, (kind, fields)), status = answer
        expected = {qfuwire.CODE: CODE[code]}
        if fwupd is not None:
            expected[qfuwire.STATUS] = fwupd + 1
        self.assertEqual((kind, fields, status), (ERROR, expected, 1), self.log("agent"))


def cab(name="fakedevice124.cab"):
    return (CABS / name).read_bytes()


def main():
    if not (CABS / "fakedevice124.cab").exists():
        print("skipped: the cabs of the package fwupd-tests are not here")
        sys.exit(77)
    daemon.main()
