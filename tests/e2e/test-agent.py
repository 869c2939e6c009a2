#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent qubes.FwupdFetch against a real HTTPS server, played to by a dom0 of Python."""

import hashlib
import os
import pathlib
import subprocess
import sys
import time
import unittest

import qfuwire as w
from agentcase import (AGENT, CAB, JCAT, LIMIT, METADATA, METERED, MISMATCH, NOT_FOUND, NOT_METERED, OFFLINE,
                       PROTOCOL, REFUSED, SIGNATURE, UNATTENDED, UNREACHABLE, USAGE, WAIT, AgentCase, Call)
from mirror import CONTENT

LIMITS = (pathlib.Path(os.environ["QFU_SOURCE_ROOT"]) / "schemas" / "limits.md").read_text("utf-8")

PATIENCE = 90       # seconds of deadlines that are not to come first, however loaded the machine is


class AgentTest(AgentCase):
    def test_good_file(self):
        self.expect_file(self.fetch("good"))
        headers = self.mirror.seen[-1][2]
        self.assertRegex(headers["User-Agent"], r"^qubes-fwupd/[0-9.]+$")
        self.assertNotIn("Cookie", headers)
        self.assertNotIn("Authorization", headers)

    def test_empty_file(self):
        self.expect_file(self.fetch("empty"), b"")

    def test_unknown_size(self):
        self.expect_file(self.fetch("chunked"), sized=False)

    def test_exact_maximum(self):
        self.expect_file(self.fetch("good", maximum=len(CONTENT)))

    def test_digest(self):
        good = hashlib.sha256(CONTENT).digest()
        self.expect_file(self.fetch("good", sha256=good))
        self.expect_error(self.fetch("good", sha256=bytes(32)), MISMATCH, 200)

    def test_missing(self):
        self.expect_error(self.fetch("nothing"), NOT_FOUND, 404)

    def test_server_error(self):
        self.expect_error(self.fetch("broken"), UNREACHABLE, 503)

    def test_settings(self):
        """Each number of seconds at what schemas/limits.md says, and one past it."""
        rows = [row for row in LIMITS.splitlines() if row.startswith("| agent |")]
        self.assertEqual(len(rows), 3)
        for row in rows:
            _, _, _, key, lowest, highest, *_ = (cell.strip() for cell in row.split("|"))
            for number, good in ((int(lowest), True), (int(highest), True), (int(lowest) - 1, False),
                                 (int(highest) + 1, False)):
                with self.subTest(key=key, number=number):
                    result = self.fetch("good", config=self.configure("seconds.conf", **{key: number}))
                    self.assertEqual(result[-1], 0 if good else 1)

    def test_settings_drop_ins(self):
        """The later file counts, and an error says file, line, key, value and what is allowed; dom0 hears a code alone."""
        config = self.configure("dropped.conf", CAFile="/nonexistent/ca.pem")
        folder = pathlib.Path(f"{config}.d")
        folder.mkdir()
        (folder / "10.conf").write_text(f"[Agent]\nCAFile={self.mirror.ca}\n", "utf-8")
        self.expect_file(self.fetch("good", config=config))
        (folder / "20.conf").write_text("[Agent]\n\nIdleSeconds=0\n", "utf-8")
        done = subprocess.run([AGENT, "--config", config], stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT, check=False)
        said = done.stderr.decode()
        self.assertIn(f"{folder}/20.conf:3: [Agent] IdleSeconds=0: a number from 1 to 3600 is allowed", said)
        self.assertNotIn(b"IdleSeconds", done.stdout)

    def test_metered(self):
        """Only who asks for it is refused, and only where the connection is known to be metered."""
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        for word, flags, code in (("yes", NOT_METERED, METERED), ("yes", UNATTENDED, None), ("yes", 0, None),
                                  ("no", NOT_METERED, None), ("auto", NOT_METERED | UNATTENDED, None)):
            with self.subTest(word, flags=flags):
                result = self.fetch("good", config=self.configure("metered.conf", Metered=word), environment=bus, flags=flags)
                if code is None:
                    self.expect_file(result)
                else:
                    self.assertEqual(result[0], [w.HELLO, w.ERROR])
                    self.expect_error(result, code)

    def test_offline(self):
        """A name that is not found is no network to who does not wait; everybody else is told what it is."""
        nowhere = "https://mirror.invalid/file"
        self.expect_error(self.fetch("", url=nowhere, flags=UNATTENDED), OFFLINE)
        for flags in (0, NOT_METERED):
            self.expect_error(self.fetch("", url=nowhere, flags=flags), UNREACHABLE)
        # that nobody listens is not the network
        self.expect_error(self.fetch("", url="https://127.0.0.1:1/", flags=UNATTENDED), UNREACHABLE)

    def test_redirect(self):
        self.expect_file(self.fetch("to-good"))

    def test_redirect_refused(self):
        for name in ("to-http", "to-file", "to-user"):
            with self.subTest(name):
                self.expect_error(self.fetch(name), REFUSED, 302)

    def test_redirect_most(self):
        self.expect_file(self.fetch("fifth"))

    def test_redirect_loop(self):
        before = len(self.mirror.seen)
        self.expect_error(self.fetch("loop"), REFUSED, 302)
        self.assertEqual(len(self.mirror.seen) - before, 6)

    def test_announced_too_large(self):
        kinds, data, *rest = self.fetch("huge")
        self.assertEqual((kinds, data), ([w.HELLO, w.ERROR], b""))
        self.expect_error((kinds, data, *rest), LIMIT, 200)
        self.expect_error(self.fetch("good", maximum=len(CONTENT) - 1), LIMIT, 200)

    def test_streams_too_large(self):
        result = self.fetch("endless", maximum=100_000)
        self.expect_error(result, LIMIT, 200)
        self.assertLessEqual(len(result[1]), 100_000)

    def test_cut(self):
        result = self.fetch("cut")
        self.expect_error(result, UNREACHABLE, 200)
        self.assertEqual(result[1], CONTENT[:1000])

    def test_wrong_ca(self):
        config = self.configure("other.conf", CAFile=self.mirror.other_ca)
        self.expect_error(self.fetch("good", config=config), SIGNATURE)

    def test_no_ca_file(self):
        config = self.configure("none.conf", CAFile="/nonexistent")
        self.assertEqual(self.fetch("good", config=config)[0], [w.HELLO, w.ERROR])

    def test_nobody_listens(self):
        request = w.frame(w.REQUEST, {w.PROTOCOL: 1, w.KIND: JCAT, w.MAXIMUM: 9,
                                      w.URL: "https://127.0.0.1:1/x"})
        self.expect_error(Call(self.config, request).run(), UNREACHABLE)

    def test_resume(self):
        kinds, data, size, last, status = self.fetch("good", kind=CAB, offset=1000)
        self.assertEqual(kinds, [w.HELLO, w.SIZE, w.DATA, w.END])
        self.assertEqual(size, {w.LENGTH: len(CONTENT), w.OFFSET: 1000})
        self.assertEqual(data, CONTENT[1000:])
        self.assertEqual((last, status), ({w.TOTAL: len(CONTENT)}, 0))
        self.assertEqual(self.mirror.seen[-1][1], "bytes=1000-")

    def test_resume_where_server_cannot(self):
        for name in ("whole-only", "wrong-range"):
            with self.subTest(name):
                self.expect_file(self.fetch(name, kind=CAB, offset=1000))

    def test_resume_beyond_the_end(self):
        self.expect_file(self.fetch("good", kind=CAB, offset=len(CONTENT)))

    def test_resume_over_maximum(self):
        self.expect_error(self.fetch("good", kind=CAB, offset=10, maximum=len(CONTENT) - 1),
                          LIMIT, 206)

    def test_idle_server(self):
        config = self.configure("idle.conf", IdleSeconds=2, TotalSeconds=PATIENCE)
        start = time.monotonic()
        self.expect_error(self.fetch("stall", config=config), UNREACHABLE, 200)
        self.assertLess(time.monotonic() - start, PATIENCE)

    def test_total_deadline(self):
        config = self.configure("total.conf", TotalSeconds=2, IdleSeconds=PATIENCE)
        start = time.monotonic()
        self.expect_error(self.fetch("stall", config=config), UNREACHABLE, 200)
        self.assertLess(time.monotonic() - start, PATIENCE)

    def test_no_request_in_time(self):
        config = self.configure("connect.conf", ConnectSeconds=1)
        self.expect_error(Call(config, b"").run(), LIMIT)

    def stalled_call(self):
        call = Call(self.configure("patient.conf", IdleSeconds=PATIENCE, TotalSeconds=PATIENCE), self.request("stall"))
        while call.next()[0] != w.DATA:
            pass
        return call

    def test_hang_up(self):
        call = self.stalled_call()
        call.process.stdin.close()
        start = time.monotonic()
        kinds, *_ = call.run()
        self.assertEqual(kinds, [w.ERROR])
        self.assertLess(time.monotonic() - start, PATIENCE)

    def test_reader_gone(self):
        call = self.stalled_call()
        call.process.stdout.close()
        start = time.monotonic()
        self.assertEqual(call.close(), 1)
        self.assertLess(time.monotonic() - start, PATIENCE)

    def test_bytes_after_request(self):
        call = self.stalled_call()
        call.process.stdin.write(b"x")
        call.process.stdin.flush()
        kinds, _, _, last, status = call.run()
        self.assertEqual((kinds, last[w.CODE], status), ([w.ERROR], PROTOCOL, 1))

    def test_bad_requests(self):
        good = {w.PROTOCOL: 1, w.KIND: CAB, w.URL: self.mirror.url("good"), w.MAXIMUM: 100}
        url = self.mirror.url("good")
        cases = [
            ("protocol", {w.PROTOCOL: 2}, PROTOCOL),
            ("kind 0", {w.KIND: 0}, PROTOCOL),
            ("kind 4", {w.KIND: 4}, PROTOCOL),
            ("maximum 0", {w.MAXIMUM: 0}, PROTOCOL),
            ("maximum 2^63", {w.MAXIMUM: 1 << 63}, PROTOCOL),
            ("offset beyond maximum", {w.OFFSET: 101}, PROTOCOL),
            ("offset for metadata", {w.KIND: METADATA, w.OFFSET: 1}, PROTOCOL),
            ("short digest", {w.SHA256: bytes(31)}, PROTOCOL),
            ("flags", {w.FLAGS: 4}, PROTOCOL),
            ("http", {w.URL: url.replace("https", "http")}, USAGE),
            ("file", {w.URL: "file:///etc/passwd"}, USAGE),
            ("user", {w.URL: url.replace("//", "//a:b@")}, USAGE),
            ("space", {w.URL: url + "/a b"}, USAGE),
            ("control byte", {w.URL: url + "\x01"}, PROTOCOL),
            ("long", {w.URL: url.ljust(2049, "a")}, PROTOCOL),
        ]
        before = len(self.mirror.seen)
        for name, change, code in cases:
            with self.subTest(name):
                request = w.frame(w.REQUEST, {**good, **change})
                self.expect_error(Call(self.config, request).run(), code)
        for name, request in [("other frame", w.frame(w.HELLO, {w.PROTOCOL: 1})),
                              ("unknown type", w.frame(999)),
                              ("version", w.frame(w.REQUEST, good, version=2)),
                              ("no field", w.frame(w.REQUEST))]:
            with self.subTest(name):
                self.expect_error(Call(self.config, request).run(), PROTOCOL)
        self.assertEqual(len(self.mirror.seen), before)

    def test_environment_is_ignored(self):
        home = pathlib.Path(self.folder.name) / "home"
        home.mkdir()
        (home / ".netrc").write_text("default login a password b\n")
        proxy = {"https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1",
                 "ALL_PROXY": "http://127.0.0.1:1", "HOME": str(home)}
        self.expect_file(self.fetch("good", environment=proxy))
        self.assertNotIn("Authorization", self.mirror.seen[-1][2])
        for name, value in (("wish.conf", "environment"), ("proxy.conf", "http://127.0.0.1:1")):
            config = self.configure(name, Proxy=value)
            self.expect_error(self.fetch("good", config=config, environment=proxy), UNREACHABLE)

    def test_configuration(self):
        for name, keys in (("unknown.conf", {"CaFile": "x"}), ("zero.conf", {"IdleSeconds": 0}),
                           ("word.conf", {"TotalSeconds": "soon"}), ("choice.conf", {"Metered": "often"})):
            with self.subTest(name):
                config = self.configure(name, **keys)
                self.assertEqual(self.fetch("good", config=config)[3], {w.CODE: 1})
        missing = pathlib.Path(self.folder.name) / "missing.conf"
        self.assertEqual(self.fetch("good", config=missing)[3], {w.CODE: 1})
        usage = subprocess.run([AGENT, "argument"], check=False, capture_output=True, timeout=WAIT)
        self.assertEqual((usage.returncode, usage.stdout), (2, b""))


if __name__ == "__main__":
    if not AGENT.exists():
        print("skipped: the agent was not built")
        sys.exit(77)
    unittest.main()
