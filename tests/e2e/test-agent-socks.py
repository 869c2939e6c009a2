#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Behind a SOCKS proxy, as Tor is one, the agent asks nobody else: not even for the address of the mirror's name.

No resolver knows the mirror here; the proxy does, as a relay of Tor would.
"""

import select
import socket
import socketserver
import threading
import unittest

from agentcase import UNREACHABLE, AgentCase
from mirror import LEAF

NAME = "mirror.invalid"
OFFER, CREDENTIALS, CONNECT, REFUSED = 5, 1, 1, b"\x05\x04\x00\x01\0\0\0\0\0\0"
BY_NAME = 3


class Relay(socketserver.StreamRequestHandler):
    """One connection by SOCKS 5 (RFC 1928) with user and password (RFC 1929)."""

    def handle(self):
        version, count = self.rfile.read(2)
        methods = self.rfile.read(count)
        assert version == OFFER and 2 in methods, methods
        self.wfile.write(b"\x05\x02")
        assert self.rfile.read(1)[0] == CREDENTIALS
        user, _ = (self.rfile.read(self.rfile.read(1)[0]) for _ in range(2))
        self.wfile.write(b"\x01\x00")
        _, command, _, kind = self.rfile.read(4)
        assert command == CONNECT
        host = self.rfile.read(self.rfile.read(1)[0]) if kind == BY_NAME else self.rfile.read(4)
        port = int.from_bytes(self.rfile.read(2), "big")
        self.server.asked.append((user.decode(), kind, host))
        if kind != BY_NAME or host.decode() != NAME:
            self.wfile.write(REFUSED)
            return
        with socket.create_connection(("127.0.0.1", port)) as mirror:
            self.wfile.write(b"\x05\x00\x00\x01\0\0\0\0\0\0")
            self.pass_on(mirror)

    def pass_on(self, mirror):
        to = {mirror: self.connection, self.connection: mirror}
        while True:
            for one in select.select(list(to), [], [])[0]:
                data = one.recv(65536)
                if not data:
                    return
                to[one].sendall(data)


class Proxy(socketserver.ThreadingTCPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Relay)
        self.asked = []
        threading.Thread(target=self.serve_forever).start()

    def close(self):
        self.shutdown()
        self.server_close()


class SocksCase(AgentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mirror.present(LEAF + f"dns_name = {NAME}\n")

    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)
        self.url = self.mirror.url("good").replace("127.0.0.1", NAME)

    def through(self, scheme, url=None):
        config = self.configure("socks.conf", Proxy=f"{scheme}://one:two@127.0.0.1:{self.proxy.server_address[1]}")
        return self.fetch("good", config=config, url=url or self.url)

    def test_name_goes_to_the_proxy(self):
        self.expect_file(self.through("socks5h"))
        self.assertEqual(self.proxy.asked, [("one", BY_NAME, NAME.encode())])

    def test_nobody_else_is_asked(self):
        """A relay that refuses is the end of it."""
        before = len(self.mirror.seen)
        self.expect_error(self.through("socks5h", self.url.replace(NAME, "other.invalid")), UNREACHABLE)
        self.assertEqual(self.proxy.asked, [("one", BY_NAME, b"other.invalid")])
        self.proxy.close()
        self.expect_error(self.through("socks5h", self.mirror.url("good")), UNREACHABLE)
        self.assertEqual(len(self.mirror.seen), before)


if __name__ == "__main__":
    unittest.main()
