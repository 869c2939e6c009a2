# SPDX-License-Identifier: LGPL-2.1-or-later
"""A peer of the emulated chip that speaks flashrom's serial protocol itself.

As a program, `serprogpeer.py PORT BLOCKS`, it erases so many blocks from the first one, says "done" and ends with 7.
"""
import socket
import struct
import sys

BLOCK = 4096
SECONDS = 60


class Peer:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)

    def say(self, data, length):
        """The answer, of that length."""
        self.socket.sendall(data)
        got = b""
        while len(got) < length:
            part = self.socket.recv(length - len(got))
            if not part:
                raise EOFError
            got += part
        return got

    def spi(self, sent, count=0):
        lengths = struct.pack("<I", len(sent))[:3] + struct.pack("<I", count)[:3]
        return self.say(b"\x13" + lengths + sent, 1 + count)[1:]

    def read(self, offset, count):
        return self.spi(b"\x03" + struct.pack(">I", offset)[1:], count)

    def erase(self, offset):
        self.spi(b"\x06")
        self.spi(b"\x20" + struct.pack(">I", offset)[1:])
        while self.spi(b"\x05", 1)[0] & 1:
            pass


def main():
    peer = Peer(int(sys.argv[1]))
    for block in range(int(sys.argv[2])):
        peer.erase(block * BLOCK)
    print("done")
    sys.exit(7)


if __name__ == "__main__":
    main()
