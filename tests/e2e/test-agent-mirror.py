#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A hostile mirror before the agent: rows of bytes that are no good HTTP, or too good.

Row `UpdateVM, network` of the table "who can lie about what": it can withhold, and send garbage up to the maximum.
"""

import gzip
import pathlib
import resource
import sys
import time
import unittest

import qfuwire as w
from agentcase import AGENT, CAB, IO, LIMIT, REFUSED, SIGNATURE, UNREACHABLE, AgentCase
from mirror import CONTENT, LEAF, Handler

OK = b"HTTP/1.1 200 OK\r\n"
PART = b"HTTP/1.1 206 Partial Content\r\n"
BOMB = gzip.compress(bytes(1 << 22))
MEMORY_MAX = 64 * 1024  # KiB
EXPIRED = 'cn = localhost\nip_address = 127.0.0.1\ntls_www_server\nsigning_key\n' \
    'activation_date = "2020-01-01 00:00:00"\nexpiration_date = "2020-02-01 00:00:00"\n'
STRANGER = "cn = other.example\ndns_name = other.example\ntls_www_server\nsigning_key\nexpiration_days = 30\n"


def length(size):
    return b"Content-Length: %d\r\n" % size


def redirect(place):
    return b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n"


# What the server writes, the code of the agent's error and its HTTP status.
REFUSALS = {
    "nothing": (b"", UNREACHABLE, None),
    "no-http": (b"\x1b[31mhello\r\n\r\n" * 99, UNREACHABLE, None),
    "http-0.9": (CONTENT, UNREACHABLE, None),
    "header-of-1-mib": (OK + b"X: " + b"x" * (1 << 20) + b"\r\n\r\n", IO, 200),
    "length-negative": (OK + b"Content-Length: -5\r\n\r\n" + CONTENT, UNREACHABLE, 200),
    "length-too-long": (OK + length(len(CONTENT) + 1) + b"\r\n" + CONTENT, UNREACHABLE, 200),
    "length-of-2-to-63": (OK + length(2**63) + b"\r\n" + CONTENT, UNREACHABLE, 200),
    "part-unasked": (PART + length(5) + b"Content-Range: bytes 0-4/5\r\n\r\n" + CONTENT[:5], UNREACHABLE, 206),
    "no-content": (b"HTTP/1.1 204 No\r\n\r\n", UNREACHABLE, 204),
    "switching": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + CONTENT, UNREACHABLE, 101),
    "status-1000": (b"HTTP/1.1 1000 X\r\n\r\n" + CONTENT, UNREACHABLE, None),
    "chunk-of-2-to-64": (OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx", UNREACHABLE, 200),
    "chunk-of-words": (OK + b"Transfer-Encoding: chunked\r\n\r\nmany\r\nx", UNREACHABLE, 200),
    "chunks-cut": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", UNREACHABLE, 200),
    **{f"to-{name}": (redirect(place), REFUSED, 302)
       for name, place in (("ftp", b"ftp://127.0.0.1/x"), ("ldap", b"ldap://127.0.0.1/x"), ("data", b"data:,x"),
                           ("gopher", b"gopher://127.0.0.1/x"), ("dict", b"dict://127.0.0.1/x"),
                           ("smb", b"smb://127.0.0.1/x"), ("scp", b"scp://127.0.0.1/x"))},
    "to-nobody": (redirect(b"https://127.0.0.1:1/x"), UNREACHABLE, 302),
    "to-escapes": (redirect(b"https://\x1b[31m\x9b/"), None, None),
}

# What is asked for from byte 1000 on, and is not what was asked for: the file begins anew.
NO_PARTS = {
    "range-backwards": b"Content-Range: bytes 1000-5/300000\r\n",
    "range-of-stars": b"Content-Range: bytes */*\r\n",
    "range-no-total": b"Content-Range: bytes 1000-299999/*\r\n",
    "range-overflow": b"Content-Range: bytes 1000-18446744073709551615/18446744073709551616\r\n",
    "range-minus": b"Content-Range: bytes -1000-5/6\r\n",
    "range-cut": b"Content-Range: bytes 1000-2000/300000\r\n",
    "range-earlier": b"Content-Range: bytes 999-299999/300000\r\n",
    "range-missing": b"",
    "range-of-items": b"Content-Range: items 1000-299999/300000\r\n",
    "range-many": b"Content-Type: multipart/byteranges; boundary=x\r\n",
}


class Hostile(Handler):
    """Answers by the rows above, byte for byte."""

    def do_GET(self):  # pylint: disable=invalid-name
        self.close_connection = True
        name = self.path.strip("/")
        self.server.seen.append((self.path, self.headers.get("Range"), dict(self.headers)))
        if name in REFUSALS:
            self.wfile.write(REFUSALS[name][0])
        elif name in NO_PARTS and "Range" in self.headers:
            self.wfile.write(PART + NO_PARTS[name] + length(len(CONTENT) - 1000) + b"\r\n" + CONTENT[1000:])
        elif name in NO_PARTS:
            self.answer(200, CONTENT)
        else:
            getattr(self, f"get_{name.replace('-', '_')}", self.get_missing)()

    def trickle(self, head, block, pause):
        """A head, then a block again and again until the client has enough or the test is over."""
        self.wfile.write(head)
        while not self.server.over.wait(pause):
            self.wfile.write(block)

    def get_slow_head(self):
        self.trickle(OK, b"X: y\r\n", 0.1)

    def get_slow_body(self):
        self.trickle(OK + length(len(CONTENT)) + b"\r\n", b"x", 0.1)

    def get_heads(self):
        self.trickle(OK, b"X: %s\r\n" % (b"x" * 60_000), 0)

    def get_continues(self):
        self.trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 0)

    def get_trailers(self):
        self.trickle(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X: %s\r\n" % (b"x" * 60_000), 0)

    def get_chunk_words(self):
        self.trickle(OK + b"Transfer-Encoding: chunked\r\n\r\n1", b";x=%s" % (b"x" * 60_000), 0)

    def get_short(self):
        self.answer(200, CONTENT, Content_Length="5")

    def get_two_lengths(self):
        self.wfile.write(OK + length(5) + length(9) + b"\r\n" + CONTENT)

    def get_packed(self):
        self.answer(200, BOMB, Content_Encoding="gzip")

    def get_packed_transfer(self):
        self.wfile.write(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n%x\r\n" % len(BOMB) + BOMB + b"\r\n0\r\n\r\n")


class MirrorTest(AgentCase):
    handler = Hostile

    def test_refusals(self):
        for name, (_, code, status) in REFUSALS.items():
            with self.subTest(name):
                result = self.fetch(name)
                self.assertLessEqual(len(result[1]), len(CONTENT))
                if code is None:
                    code, status = result[3][w.CODE], result[3].get(w.STATUS)
                    self.assertIn(code, (UNREACHABLE, REFUSED))
                self.expect_error(result, code, status)

    def test_no_parts(self):
        for name in NO_PARTS:
            with self.subTest(name):
                self.expect_file(self.fetch(name, kind=CAB, offset=1000))

    def test_length_too_short(self):
        """What is behind the announced length is no part of the file, which a digest tells."""
        self.expect_file(self.fetch("short"), CONTENT[:5])
        self.assertIn(self.fetch("two-lengths")[1], (b"", CONTENT[:5], CONTENT[:9]))

    def test_encodings(self):
        """Nothing is unpacked on the way."""
        self.expect_file(self.fetch("packed"), BOMB)
        self.assertNotIn("Accept-Encoding", self.mirror.seen[-1][2])
        kinds, data, *_ = self.fetch("packed-transfer")
        self.assertIn(data, (b"", BOMB), kinds)

    def test_time_and_memory(self):
        """Endless heads, trailers and drops end with a deadline or a limit, in little memory."""
        config = self.configure("short.conf", TotalSeconds=2)
        for name in ("slow-head", "slow-body", "heads", "continues", "trailers", "chunk-words"):
            start = time.monotonic()
            with self.subTest(name):
                kinds, data, _, last, status = self.fetch(name, config=config)
                self.assertEqual((kinds[-1], status), (w.ERROR, 1))
                self.assertIn(last[w.CODE], (UNREACHABLE, LIMIT))
                self.assertLessEqual(len(data), 100)
                self.assertLess(time.monotonic() - start, 10)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, MEMORY_MAX)

    def test_certificates(self):
        self.addCleanup(self.mirror.present, LEAF)
        for name, template in (("expired", EXPIRED), ("another host", STRANGER)):
            with self.subTest(name):
                self.mirror.present(template)
                self.expect_error(self.fetch("short"), SIGNATURE)


if __name__ == "__main__":
    if not pathlib.Path(AGENT).exists():
        print("skipped: the agent was not built")
        sys.exit(77)
    unittest.main()
