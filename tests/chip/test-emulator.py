#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The emulator as a program: its ports, its counts, who dies with it, and what it says when something is wrong."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

from serprogpeer import BLOCK, SECONDS, Peer

EMULATOR = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "tests" / "chip" / "nor-emulator"
WRITER = pathlib.Path(__file__).resolve().parent / "serprogpeer.py"
SIZE = 1024 * 1024


class Emulator(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-emulator-")
        self.addCleanup(scratch.cleanup)
        self.dir = pathlib.Path(scratch.name)
        self.image = self.dir / "chip.bin"
        self.image.write_bytes(b"\x5a" * SIZE)

    @staticmethod
    def command(blocks):
        return [sys.executable, WRITER, "{port}", blocks]

    def run_emulator(self, *words):
        words = [str(word) for word in (EMULATOR, "--counts", self.dir / "counts", *words)]
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
                              check=False)

    def start(self, *words, pass_fds=()):
        reading, writing = os.pipe()
        process = subprocess.Popen([str(word) for word in (EMULATOR, f"--ready={writing}", "--counts",
                                                           self.dir / "counts", *words, self.image)],
                                   pass_fds=(writing, *pass_fds))
        self.addCleanup(self.end, process)
        os.close(writing)
        with os.fdopen(reading) as said:
            return process, int(said.readline())

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        self.assertIn(process.wait(SECONDS), (0, -signal.SIGKILL))

    def counts(self):
        return json.loads((self.dir / "counts").read_text())

    def erased(self):
        data = self.image.read_bytes()
        return sum(data[at:at + BLOCK] == b"\xff" * BLOCK for at in range(0, SIZE, BLOCK))

    def test_command(self):
        done = self.run_emulator(self.image, "--", *self.command(3))
        self.assertEqual((done.returncode, done.stdout), (7, "done\n"), done.stderr)
        self.assertEqual(self.erased(), 3)
        counts = self.counts()
        self.assertEqual((counts["operations"], counts["erased"], counts["cut"]), (3, 3 * BLOCK, 0))

    def test_cut(self):
        done = self.run_emulator("--cut", f"2:{BLOCK + 100}", self.image, "--", *self.command(3))
        self.assertEqual((done.returncode, done.stdout), (-signal.SIGKILL, ""))
        self.assertEqual(self.erased(), 1)
        block = self.image.read_bytes()[BLOCK:2 * BLOCK]
        self.assertEqual((block[:100], block[116:]), (b"\xff" * 100, bytes(BLOCK - 116)))
        self.assertEqual(self.counts()["cut"], 1)

    def test_only_the_writer(self):
        """The operation ends, the command is dead; its status says so."""
        done = self.run_emulator("--cut", "2:0", "--survive", self.image, "--", *self.command(3))
        self.assertEqual((done.returncode, done.stdout), (128 + signal.SIGKILL, ""))
        self.assertEqual(self.erased(), 2)

    def test_other_writers(self):
        writer = subprocess.Popen(["sleep", "infinity"])
        self.addCleanup(writer.wait)
        self.addCleanup(writer.kill)
        process, port = self.start("--cut", "1:5", "--kill", writer.pid)
        peer = Peer(port)
        with self.assertRaises((EOFError, ConnectionError)):
            peer.erase(0)
        peer.socket.close()
        self.assertEqual(process.wait(SECONDS), -signal.SIGKILL)
        self.assertEqual(writer.wait(SECONDS), -signal.SIGKILL)

    def test_one_after_another(self):
        """What one peer wrote the next one reads, and the file holds it before."""
        process, port = self.start()
        first = Peer(port)
        first.erase(BLOCK)
        self.assertEqual(self.erased(), 1)
        self.assertEqual(self.counts()["erases"], 1)
        first.socket.close()
        second = Peer(port)
        self.assertEqual(second.read(BLOCK - 2, 4), b"\x5a\x5a\xff\xff")
        second.socket.close()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(SECONDS), 0)

    def test_given_socket(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            waiting = Peer(listener.getsockname()[1])
            _, port = self.start("--listen", listener.fileno(), pass_fds=(listener.fileno(),))
            self.assertEqual(port, listener.getsockname()[1])
        self.assertEqual(waiting.say(b"\x00\x10", 3), b"\x06\x15\x06")
        self.assertEqual(waiting.say(b"\x01", 3), b"\x06\x01\x00")
        self.assertEqual(waiting.say(b"\x77", 1), b"\x15")
        waiting.socket.close()

    def test_wrong_words(self):
        short = self.dir / "short"
        short.write_bytes(b"x")
        for words in ((), ("--cut", "3", self.image), ("--cut", "x:1", self.image), ("--protect", "1", self.image),
                      ("--status", "1:2:3:4", self.image), ("--nothing", self.image), (short,), (self.dir / "none",)):
            done = self.run_emulator(*words)
            self.assertEqual(done.returncode, 125, words)
            self.assertTrue(done.stderr.startswith("nor-emulator: "), done.stderr)


unittest.main()
