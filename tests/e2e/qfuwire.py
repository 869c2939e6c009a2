# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frames of schemas/wire.md, written down a second time: for tests that play dom0 or a VM."""

import struct

REQUEST, HELLO, SIZE, PROGRESS, DATA, END, ERROR = range(1, 8)
PROTOCOL, KIND, URL, MAXIMUM, OFFSET, LENGTH, SHA256, CODE, DETAIL, DONE, TOTAL, STATUS = range(1, 13)
FLAGS = 18
KEYBOARDS = 180
NUMBERS = {PROTOCOL, KIND, MAXIMUM, OFFSET, LENGTH, CODE, DONE, TOTAL, STATUS, FLAGS, KEYBOARDS}


def field(number, value):
    if isinstance(value, int):
        value = struct.pack("<Q", value)
    elif isinstance(value, str):
        value = value.encode()
    return struct.pack("<HHI", number, 0, len(value)) + value


def frame(kind, fields=None, payload=b"", version=1):
    payload += b"".join(field(n, v) for n, v in (fields or {}).items())
    return struct.pack("<HHI", kind, version, len(payload)) + payload


def read_exactly(stream, size):
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError(f"{size} bytes wanted")
    return data


def read_frame(stream):
    """(type, fields or bytes), or None at the end of the stream."""
    first = stream.read(1)
    if not first:
        return None
    kind, version, length = struct.unpack("<HHI", first + read_exactly(stream, 7))
    if version != 1 or length > 65536:
        raise ValueError(f"frame {kind}, version {version}, {length} bytes")
    payload = read_exactly(stream, length)
    if kind == DATA:
        return kind, payload
    fields = {}
    while payload:
        number, zero, size = struct.unpack_from("<HHI", payload)
        value = payload[8:8 + size]
        if zero or len(value) != size:
            raise ValueError(f"broken field {number} in frame {kind}")
        fields[number] = struct.unpack("<Q", value)[0] if number in NUMBERS else value
        payload = payload[8 + size:]
    return kind, fields
