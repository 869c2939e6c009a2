#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several runs at once, runs that are told to end in the midst of a step, peers that hang, a clock that jumps."""
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
import unittest

sys.dont_write_bytecode = True

import faultcase
from faultcase import wait_for

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
YEAR = 365 * 24 * 3600


# where a whole run was started by nohup, nobody would end at it
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Together(faultcase.FaultCase):
    def hold(self, where):
        """Let the agent (`mirror`) or fwupd (`fwupd`) wait in its next call; returns what says that it does."""
        (self.root / where / "wait").touch()
        return (self.root / where / "waiting").exists

    def go_on(self, where):
        (self.root / where / "wait").unlink()
        (self.root / where / "waiting").unlink()

    def known(self):
        self.good("refresh")
        self.serve("new")

    def finish(self, process):
        said, problem = process.communicate(timeout=faultcase.RUN_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, said, problem)

    def test_two_runs(self):
        """Whoever comes second is told so and changes nothing; readers need not wait."""
        self.known()
        waiting = self.hold("mirror")
        first = self.start_verb("refresh")
        wait_for(waiting, "the agent's word")
        for words in (["refresh"], ["update", "-y"], ["clean"]):
            with self.subTest(words):
                self.failed(self.run_verb(*words), r"another qubes-fwupdmgr is at work")
        self.assertEqual(self.offered(), "1.1.0")
        self.go_on("mirror")
        done = self.finish(first)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.offered(), "1.2.0")

    def test_many_runs(self):
        """All at once, without order: each ends well or says that another is at work, and the end is right."""
        self.known()
        verbs = (["refresh"], ["get-updates"], ["clean"], ["refresh"], ["get-remotes"], ["refresh"])
        for done in [self.finish(run) for run in [self.start_verb(*words) for words in verbs * 3]]:
            self.assertIn(done.returncode, (0, 1, 2), done.stderr)
            if done.returncode == 1:
                self.failed(done, r"is at work|no metadata yet|has no metadata|is not in the cache")
        self.assertIn(self.run_verb("refresh").returncode, (0, 2))
        self.assertEqual(self.offered(), "1.2.0")

    def test_told_to_end(self):
        """In a transfer, and while fwupd works: at an end within a moment, with nothing left."""
        for where in ("mirror", "fwupd"):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(where, signal=number):
                    self.reset()
                    self.known()
                    waiting = self.hold(where)
                    process = self.start_verb("refresh")
                    wait_for(waiting, "the peer's word")
                    process.send_signal(number)
                    done = self.finish(process)
                    self.assertEqual(done.returncode, -number, f"{done.stdout}{done.stderr}")
                    self.no_process_left()
                    self.assertIn(self.offered(), ("1.1.0",) if where == "mirror" else ("1.1.0", "1.2.0"))
                    self.go_on(where)
                    self.assertIn(self.run_verb("refresh").returncode, (0, 2))
                    self.assertEqual(self.offered(), "1.2.0")

    def test_question(self):
        """Ctrl-C at the question ends it, leaves the terminal as it was, and nothing installed."""
        self.serve("new")
        self.good("refresh")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.command[0], [*self.command, "update"])
        before = termios.tcgetattr(terminal)
        said = b""
        while not re.search(rb"\[[yY]/[nN]\]", said):
            said += os.read(terminal, 1000)
        os.write(terminal, b"\x03")
        _pid, status = os.waitpid(pid, 0)
        self.assertTrue(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, said)
        self.assertEqual(termios.tcgetattr(terminal), before)
        os.close(terminal)
        self.assertFalse((self.root / "fwupd" / "installed").exists())
        self.good("update", "-y")
        self.assertTrue((self.root / "fwupd" / "installed").exists())

    def test_agent_hangs(self):
        self.known()
        text = self.config.read_text()
        self.addCleanup(self.config.write_text, text)
        self.config.write_text(text.replace("[Transport]\n", "[Transport]\nConnectSeconds=1\nFirstByteSeconds=1\n"
                                                             "IdleSeconds=1\n"))
        self.hold("mirror")
        self.failed(self.run_verb("refresh"), r"remote lab: .*(time|second)")
        self.no_process_left()
        self.go_on("mirror")
        self.assertEqual(self.offered(), "1.1.0")
        self.good("refresh")

    def faked(self, what):
        """The environment in which the command line alone has another clock; `what` as faketime(1) has it."""
        return {**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME": what, "FAKETIME_NO_CACHE": "1"}

    @unittest.skipUnless(os.path.exists(FAKETIME), "no libfaketime")
    def test_fwupd_hangs(self):
        """The deadline of two minutes, with a clock that runs a hundred times as fast."""
        self.known()
        self.hold("fwupd")
        started = time.monotonic()
        done = self.run_verb("refresh", env=self.faked("+0 x100"))
        self.assertLess(time.monotonic() - started, 30)
        self.failed(done, r"qfu-fwupd|fwupd")
        self.no_process_left()
        self.go_on("fwupd")
        self.assertIn(self.offered(), ("1.1.0", "1.2.0"))
        self.assertIn(self.run_verb("refresh").returncode, (0, 2))

    @unittest.skipUnless(os.path.exists(FAKETIME), "no libfaketime")
    def test_clock_jumps(self):
        """A year on between two steps, and back: refused until the clock is right again, with the way out."""
        self.known()
        clock = self.scratch / "clock"
        clock.write_text("+0\n")
        environment = self.faked("")
        del environment["FAKETIME"]
        environment["FAKETIME_TIMESTAMP_FILE"] = str(clock)
        waiting = self.hold("mirror")
        process = self.start_verb("refresh", env=environment)
        wait_for(waiting, "the agent's word")
        clock.write_text(f"-{YEAR}s\n")
        self.go_on("mirror")
        done = self.finish(process)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertIn(self.offered(), ("1.1.0", "1.2.0"))
        self.failed(self.run_verb("refresh", env=environment), r"qvm-sync-clock")
        self.assertIn(self.run_verb("refresh").returncode, (0, 2))
        self.assertEqual(self.offered(), "1.2.0")
        clock.write_text(f"+{YEAR}s\n")
        done = self.run_verb("refresh", env=environment)
        self.failed(done, r"expired|qvm-sync-clock|days")
        self.failed(self.run_verb("refresh"), r"qvm-sync-clock")


faultcase.main()
