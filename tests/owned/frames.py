# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frames of workers by name, with the numbers of schemas/wire.md: right ones, and any wrong one."""

import copy
import pathlib
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIRE = (ROOT / "schemas" / "wire.md").read_text("utf-8")
ROW = r"(?m)^\| (\d+) \| ([A-Z0-9_]+) \| "
FRAMES = {name: int(number) for number, name in re.findall(ROW, WIRE.split("\n## Frames")[1].split("\n## Fields")[0])}
FIELDS = {name: int(number) for number, name in re.findall(ROW, WIRE.split("\n## Fields")[1])}
NUMBERS = set(re.findall(r"(?m)^\| \d+ \| ([A-Z0-9_]+) \| number \|", WIRE))
FRAME_NAMES = {number: name for name, number in FRAMES.items()}
FIELD_NAMES = {number: name for name, number in FIELDS.items()}


def encode(value):
    if isinstance(value, int):
        return struct.pack("<Q", value)
    return value.encode() if isinstance(value, str) else value


def field(name, value):
    data = encode(value)
    return struct.pack("<HHI", FIELDS[name], 0, len(data)) + data


def header(kind, length, version=1):
    return struct.pack("<HHI", FRAMES.get(kind, kind), version, length)


def frame(kind, **fields):
    """A frame; a field that is a list stands there once for each element."""
    payload = b"".join(field(name, each) for name, value in fields.items()
                       for each in (value if isinstance(value, list) else [value]))
    return header(kind, len(payload)) + payload


def data(content):
    """DATA frames of a content."""
    parts = (content[at:at + 65536] for at in range(0, len(content), 65536))
    return b"".join(header("DATA", len(part)) + part for part in parts)


END = frame("END")


def decode(stream):
    """[(name, {field: [values]} or bytes)] of what a peer sent."""
    found = []
    while stream:
        kind, _, length = struct.unpack_from("<HHI", stream)
        payload, stream = stream[8:8 + length], stream[8 + length:]
        if kind == FRAMES["DATA"]:
            found.append(("DATA", payload))
            continue
        fields = {}
        while payload:
            number, _, size = struct.unpack_from("<HHI", payload)
            name, value = FIELD_NAMES[number], payload[8:8 + size]
            fields.setdefault(name, []).append(struct.unpack("<Q", value)[0] if name in NUMBERS else value)
            payload = payload[8 + size:]
        found.append((FRAME_NAMES[kind], fields))
    return found


def join(decoded):
    """The other way round."""
    return b"".join(header("DATA", len(fields)) + fields if kind == "DATA" else frame(kind, **fields)
                    for kind, fields in decoded)


def first(said, name):
    """Where the first frame of a name stands."""
    return next(number for number, (kind, _) in enumerate(said) if kind == name)


def changed(said, which, **fields):
    """What was said, with other fields in the frame at a place or in the first of a name; None takes a field away."""
    said = copy.deepcopy(said)
    own = said[first(said, which) if isinstance(which, str) else which][1]
    own.update(fields)
    for name in [name for name, value in fields.items() if value is None]:
        del own[name]
    return join(said)


def shifted(said):
    """What was said of an image, with each file ending a byte earlier than it does."""
    said = copy.deepcopy(said)
    for name, fields in said:
        if name == "FILE" and fields["SIZE"][0] > 0:
            fields["SIZE"] = [fields["SIZE"][0] - 1]
    return join(said)
