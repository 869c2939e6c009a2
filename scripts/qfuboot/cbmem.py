# SPDX-License-Identifier: LGPL-2.1-or-later
"""CBMEM: what coreboot leaves at the end of memory, and the table by which it is found.

```
 0x00000500   "LBIO" table: one record, forward to the table in CBMEM
 0xbfe00000   "LBIO" table: memory, board, one record for each CBMEM entry
 0xbfe10000   entry CONS: console, {u32 size, u32 cursor, text}
 0xbfe40000   entry with the event log
```
"""
import struct

LOW, CBMEM, CONSOLE, LOG = 0x500, 0xbfe00000, 0xbfe10000, 0xbfe40000
END = 0xbff00000
CONSOLE_SIZE = 0x20000
ID_CONSOLE, ID_TABLE = 0x434f4e53, 0x43425442
TAG_MEMORY, TAG_MAINBOARD, TAG_VERSION, TAG_FORWARD = 1, 3, 4, 0x11
TAG_CONSOLE, TAG_ENTRY, TAG_CB_LOG = 0x17, 0x31, 0x36
ID_CB_LOG = 0x54435041
RAM, TABLES = 1, 16
CURSOR_MASK, OVERFLOW = (1 << 28) - 1, 1 << 31
MARKER = 0x10   # of a line's level, in a console that is stored


def ip_sum(data):
    """The Internet checksum, of 16-bit words in the order of the machine."""
    words = struct.unpack(f"<{(len(data) + 1) // 2}H", data + bytes(len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def record(tag, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", tag, 8 + len(body)) + body


def table(*records):
    body = b"".join(records)
    tail = struct.pack("<III", len(body), ip_sum(body), len(records))
    head = struct.pack("<4sII", b"LBIO", 24, 0) + tail
    return struct.pack("<4sII", b"LBIO", 24, ip_sum(head)) + tail + body


def entry(identity, address, size):
    return record(TAG_ENTRY, struct.pack("<QII", address, size, identity))


def board(vendor, part):
    names = f"{vendor}\0{part}\0".encode()
    return record(TAG_MAINBOARD, struct.pack("<BB", 0, len(vendor) + 1) + names)


def console(lines, size=CONSOLE_SIZE):
    """The ring of text: lines as (level or None, text); what does not fit has overwritten the beginning."""
    text = b"".join((b"" if level is None else bytes([MARKER + level])) + line.encode()
                    for level, line in lines)
    room = size - 8
    cursor = len(text) % room | OVERFLOW if len(text) > room else len(text)
    ring = bytearray(room)
    for start in range(0, len(text), room):
        part = text[start:start + room]
        ring[:len(part)] = part
    return struct.pack("<II", room, cursor) + ring


def serial(lines):
    """The same lines for a reader: the level as a word."""
    words = {5: "[NOTE ]  ", 6: "[INFO ]  ", 7: "[DEBUG]  ", None: ""}
    return "".join(words[level] + line for level, line in lines)


def boot_lines(config, log):
    """What coreboot says on its way, as far as anybody looks for it."""
    version = config.get("LOCALVERSION", "")
    for stage in ("bootblock", "romstage", "postcar", "ramstage"):
        yield None, "\n\n"
        yield 5, f"coreboot-25.03 {version} x86_32 {stage} starting (log level: 7)...\n"
        yield 6, f"CBFS: Found '{config.get('CBFS_PREFIX', 'fallback')}/{stage}' @0x20200 size 0x5f2c\n"
    yield from log.listing()
    yield 7, "Jumping to boot code at 0x00040000(0xbfdd2000)\n"


def write(path, config, lines, identity, log):
    """A file that is to this machine what /dev/mem is to a real one; most of it is a hole."""
    text = console(list(lines))
    records = [
        record(TAG_MEMORY, struct.pack("<QQIQQI", 0, CBMEM, RAM, CBMEM, END - CBMEM, TABLES)),
        board(config.get("MAINBOARD_VENDOR", ""), config.get("MAINBOARD_PART_NUMBER", "")),
        record(TAG_VERSION, b"25.03\0"),
        record(TAG_CONSOLE, struct.pack("<Q", CONSOLE)),
        entry(ID_TABLE, CBMEM, 0x8000),
        entry(ID_CONSOLE, CONSOLE, len(text)),
        entry(identity, LOG, len(log)),
    ]
    if identity == ID_CB_LOG:
        records.append(record(TAG_CB_LOG, struct.pack("<Q", LOG)))
    with open(path, "wb") as memory:
        memory.truncate(END)
        for place, data in ((LOW, table(record(TAG_FORWARD, struct.pack("<Q", CBMEM)))),
                            (CBMEM, table(*records)), (CONSOLE, text), (LOG, log)):
            memory.seek(place)
            memory.write(data)
