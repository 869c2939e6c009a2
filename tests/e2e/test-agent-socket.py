#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent behind a socket of systemd, as data/other-hosts has it for hosts that neither have qrexec nor call by ssh."""
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import qfuwire as w
from agentcase import AGENT, NOT_FOUND, AgentCase, Call

FOLDER = pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "data" / "other-hosts"
PATIENCE = 90       # seconds of deadlines that are not to come first, however loaded the machine is


def setting(name, key):
    """The value of a key that stands once in this unit."""
    (value,) = (line.partition("=")[2] for line in (FOLDER / name).read_text("ascii").splitlines() if line.startswith(f"{key}="))
    return value


class AgentSocketTest(AgentCase):
    def setUp(self):
        """systemd's own program for trying out such units, which gives each connection as standard input and output."""
        self.assertEqual(setting("qubes-fwupd-fetch.socket", "Accept"), "yes")
        self.assertEqual(setting("qubes-fwupd-fetch@.service.in", "StandardInput"), "socket")
        self.assertEqual(setting("qubes-fwupd-fetch@.service.in", "ExecStart"), "@sysconfdir@/qubes-rpc/qubes.FwupdFetch")
        self.assertRegex(setting("qubes-fwupd-fetch.socket", "ListenStream"), r"^vsock::[0-9]+$")
        self.socket = pathlib.Path(self.folder.name) / "socket"
        self.systemd = subprocess.Popen(
            ["systemd-socket-activate", "--accept", "--inetd", f"--listen={self.socket}", AGENT, "--config",
             self.configure("patient.conf", IdleSeconds=PATIENCE, TotalSeconds=PATIENCE)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.socket.unlink)
        self.addCleanup(self.systemd.stderr.close)
        self.addCleanup(self.systemd.wait)
        self.addCleanup(self.systemd.kill)
        self.hears(b"Listening on")

    def hears(self, words):
        """Wait until it says so; returns the line."""
        while words not in (line := self.systemd.stderr.readline()):
            self.assertTrue(line)
        return line

    def call(self, name, **request):
        return Call(None, self.request(name, **request), environment={"PATH": os.environ["PATH"]},
                    command=["socat", "-", f"UNIX-CONNECT:{self.socket}"])

    def test_calls(self):
        """One agent for each; an exit status does not come through a socket, so that it is the frames that tell."""
        self.expect_file(self.call("good").run())
        kinds, _, _, last, status = self.call("nothing").run()
        self.assertEqual((kinds, last[w.CODE], status), ([w.HELLO, w.ERROR], NOT_FOUND, 0))
        self.expect_file(self.call("good").run())

    def test_caller_gone(self):
        """When the host's side is killed, the agent ends long before its deadlines."""
        call = self.call("stall")
        while call.next()[0] != w.DATA:
            pass
        agent = os.pidfd_open(int(re.search(rb"as PID ([0-9]+)", self.hears(b"as PID"))[1]))
        self.addCleanup(os.close, agent)
        call.process.kill()
        self.assertTrue(select.select([agent], [], [], PATIENCE / 2)[0])
        self.assertNotEqual(call.close(), 0)


if __name__ == "__main__":
    for tool in ("socat", "systemd-socket-activate"):
        if not shutil.which(tool):
            print(f"no {tool}")
            sys.exit(77)
    unittest.main()
