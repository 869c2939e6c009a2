#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host without Qubes that calls its VMs by ssh: OpenSSH on both sides, with the settings and the forced command that this
project ships."""
import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import sshdomain
import unitcase
import webcamcase
from productcase import LAB, run

NEWER = "1.2.4"
SECONDS = 60
FETCH = "qubes.FwupdFetch"


def payload(version):
    """What the test device takes for this version."""
    major, minor, micro = map(int, version.split("."))
    return f"{major << 24 | minor << 16 | micro:#x}\0".encode()


class Ssh(webcamcase.WebcamCase):
    def setUp(self):
        super().setUp()
        info = self.info(self.directory)
        self.config = pathlib.Path(info["config"])
        self.agent = [pathlib.Path(info["build"]) / "updatevm" / FETCH, "--config", info["agent_conf"]]
        self.vm = sshdomain.SshDomain(self, self.directory, 1, "updatevm", ["updatevm"])
        self.vm.give(FETCH, *self.agent)
        self.vm.allow(FETCH)
        self.vm.start()
        self.transport(self.vm.command(FETCH))

    def transport(self, command, **more):
        """What [Transport] has to say."""
        text = re.sub(r"(?m)^Command=.*$", lambda _: f"Command={shlex.join(map(str, command))}", self.config.read_text())
        for key, value in more.items():
            text = re.sub(rf"(?m)^{key}=.*$", f"{key}={value}", text)
        self.config.write_text(text)

    def in_dom0(self, *words):
        return run(LAB, "dom0", self.directory, "--", *words, timeout=SECONDS)

    def refresh(self, status, *says):
        """One refresh, to its end; the mirror has nothing newer."""
        return self.ends(self.manager(self.directory, "refresh"), status, *says)

    def offer(self, version):
        self.offer_cab(self.cab(version, payload(version)), version, payload(version))

    def test_all(self):
        self.check_update()
        self.check_service()
        self.check_key()
        self.check_missing()
        self.check_host_key()
        self.check_no_password()
        self.check_cut()
        self.check_caller_gone()
        self.check_socket()

    def check_update(self):
        """The whole way, from a dom0 that reaches nothing but its VM."""
        self.offer(NEWER)
        self.do(self.directory, "update", "-y")
        self.assertEqual(self.version(), NEWER)
        mirror = self.info(self.directory)["mirror_url"]
        done = self.in_dom0("/usr/bin/python3", "-c", "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])", mirror)
        self.assertIn("Network is unreachable", done.stderr)

    def check_service(self):
        """The timer's service, with the rights of its unit: ssh needs no others than those that its drop-in gives."""
        status, _, errors, entries = unitcase.Unit("refresh").run(self.directory, self.scratch)
        self.assertEqual((status, errors), (0, ""))
        self.assertNotIn("skipped", [entry["QFU_RESULT"] for entry in entries])

    def check_key(self):
        """The key of dom0 runs the service and nothing else, whatever it asks for."""
        *client, host, _ = self.vm.command(FETCH)
        for words in (["id"], [f"{FETCH};id"], [f"{FETCH} x"], [f"../{FETCH}"], ["qubes.FwupdInstall"], []):
            with self.subTest(words):
                done = self.in_dom0(*client, host, *words)
                self.assertEqual((done.returncode, done.stdout), (126, ""))
                self.assertIn(f"this key may call: {FETCH}", done.stderr)
        done = self.in_dom0(*client, "-o", "LogLevel=INFO", "-W", "192.0.2.1:443", host)
        self.assertEqual((done.returncode, done.stdout), (255, ""))
        self.assertIn("administratively prohibited", done.stderr)

    def check_missing(self):
        """No agent there, and a key that may not call it."""
        kept = (self.vm.services / FETCH).rename(self.scratch / "kept")
        self.refresh(1, f"the agent {FETCH} is not installed: install the package qubes-fwupd-vm there")
        kept.rename(self.vm.services / FETCH)
        self.vm.allow("qubes.FwupdDevices")
        self.refresh(1, "refused")
        self.vm.allow(FETCH)
        self.refresh(2, "there is no newer metadata")

    def check_host_key(self):
        """Another server than the one that a person wrote down gets no request."""
        self.vm.make_key("other")
        for keys in (["other"], []):
            self.vm.know(*keys)
            before = self.vm.known.read_text()
            self.refresh(1, self.broken())
            self.assertEqual(self.vm.known.read_text(), before)
        self.vm.know("other", "host")
        self.refresh(2, "there is no newer metadata")
        self.vm.know("host")

    def broken(self):
        return "the connection broke; run the line of Command= by hand to see what it says"

    def check_no_password(self):
        """Where the key does not count and the server would take a password, nobody is asked for one: not with the shipped
        settings, and not with others that ask, even from a terminal."""
        self.vm.stop()
        self.vm.start(root_login="yes", password="yes")
        (self.vm.folder / "authorized_keys").write_text("")
        self.refresh(1, self.broken())
        self.vm.write_client(BatchMode="no", PreferredAuthentications="publickey,password")
        begin = time.monotonic()
        said = self.on_terminal("refresh")
        self.assertLess(time.monotonic() - begin, 50)       # [Transport] ConnectSeconds= has not been waited for
        self.assertNotIn("password:", said)
        self.assertRegex(said, self.broken())
        self.vm.write_client()
        self.vm.stop()
        self.vm.start()
        self.vm.allow(FETCH)
        self.refresh(2, "there is no newer metadata")

    def on_terminal(self, *words):
        """All that is said on the terminal that controls the program, where nobody answers; it ends with 1."""
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen(["setsid", "--ctty", str(LAB), "dom0", str(self.directory), "--", "qubes-fwupdmgr", *words],
                                   stdin=end, stdout=end, stderr=end)
        os.close(end)
        self.addCleanup(process.kill)
        said, deadline = b"", time.monotonic() + SECONDS
        while True:
            self.assertTrue(select.select([terminal], [], [], deadline - time.monotonic())[0], said)
            try:
                said += os.read(terminal, 65536)
            except OSError:             # nobody has it open any more
                break
        self.assertEqual(process.wait(SECONDS), 1, said)
        return " ".join(said.decode().split())

    def stalled(self):
        """A call whose agent has started and says nothing; returns dom0's program and the agent's pid."""
        sign = self.scratch / "sign"
        sign.unlink(missing_ok=True)
        os.mkfifo(sign)
        self.vm.give(FETCH, "sh", "-c", f"echo $$ >{sign}; exec sleep infinity")
        process = subprocess.Popen([str(LAB), "dom0", str(self.directory), "--", "qubes-fwupdmgr", "refresh"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        with open(sign, encoding="ascii") as file:
            agent = int(file.read())
        return process, agent

    def check_cut(self):
        """The VM's end of the connection is killed, and then the wire is cut: both are noticed long before the deadline."""
        process, agent = self.stalled()
        self.assertEqual(self.vm.cut(), 1)
        _, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(" ".join(errors.split()), self.broken())
        os.kill(agent, 9)
        self.vm.write_client(ServerAliveInterval=1, ServerAliveCountMax=2)
        process, agent = self.stalled()
        begin = time.monotonic()
        self.vm.ip("link", "set", self.vm.wire, "down")
        _, errors = process.communicate(timeout=SECONDS)
        self.assertLess(time.monotonic() - begin, 50)
        self.assertRegex(" ".join(errors.split()), self.broken())
        self.vm.ip("link", "set", self.vm.wire, "up")
        os.kill(agent, 9)
        self.vm.write_client()

    def check_caller_gone(self):
        """dom0's program is killed while the agent waits for a mirror that does not answer: the agent ends, too."""
        sign = self.scratch / "sign"
        self.vm.give(FETCH, "sh", "-c", f"echo $$ >{sign}; exec {shlex.join(map(str, self.agent))}")
        mirror = self.info(self.directory)["anchors"]["mirror"]
        inside = ["nsenter", f"--net=/proc/{mirror}/ns/net", "--"]
        self.vm.ip("link", "set", "eth0", "down", room=inside)
        process = subprocess.Popen([str(LAB), "dom0", str(self.directory), "--", "qubes-fwupdmgr", "refresh"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(sign, encoding="ascii") as file:
            agent = os.pidfd_open(int(file.read()))
        self.addCleanup(os.close, agent)
        process.kill()
        process.wait()
        self.assertTrue(select.select([agent], [], [], SECONDS)[0])
        self.vm.ip("link", "set", "eth0", "up", room=inside)

    def check_socket(self):
        """ssh without a network: through a socket, behind which the VM has a server for each connection."""
        self.vm.stop()
        self.vm.ip("link", "set", self.vm.wire, "down")
        socket = self.scratch / "socket"
        self.vm.give(FETCH, *self.agent)
        self.vm.start(socket=socket)
        self.vm.add_to_client(f"HostKeyAlias {self.vm.address}", f"ProxyCommand socat - UNIX-CONNECT:{socket}")
        self.refresh(2, "there is no newer metadata")
        self.vm.make_key("third")
        self.vm.know("third")
        self.refresh(1, self.broken())


if __name__ == "__main__":
    unitcase.needs()
    sshdomain.needs()
    unittest.main()
