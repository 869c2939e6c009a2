# SPDX-License-Identifier: LGPL-2.1-or-later
"""TCG event logs of every shape, made here, and their replay by arithmetic of our own."""

import hashlib
import struct

ALGORITHMS = {"sha1": (4, 20), "sha256": (11, 32), "sha384": (12, 48), "sha512": (13, 64), "sm3": (0x12, 32)}
NO_ACTION, SEPARATOR, ACTION, CRTM_VERSION = 3, 4, 5, 8
TWO = ("sha1", "sha256")
FOUR = ("sha1", "sha256", "sha384", "sha512")
EVENT_TYPES = (1, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0x401, 0x402, 0x40f, 0x4ff, 0x502, 0x504,
               0x80000003, 0x80000007, 0x80000008, 0x80000009, 0x8000000a, 0x8000000b, 0x80000010, 0x800000e1, 0x90000000)


def digest(bank, data):
    return hashlib.sha256(b"sm3" + data).digest() if bank == "sm3" else hashlib.new(bank, data).digest()


def zeros(bank, _data):
    return bytes(ALGORITHMS[bank][1])


def plain(pcr, kind, data, made=digest):
    """An event of a log of SHA-1 alone."""
    return struct.pack("<II20sI", pcr, kind, made("sha1", data), len(data)) + data


def header(banks, vendor=b""):
    data = b"Spec ID Event03\0" + struct.pack("<IBBBBI", 0, 0, 2, 0, 2, len(banks))
    data += b"".join(struct.pack("<HH", *ALGORITHMS[bank]) for bank in banks) + bytes([len(vendor)]) + vendor
    return plain(0, NO_ACTION, data, zeros)


def event(banks, pcr, kind, data, made=digest):
    digests = b"".join(struct.pack("<H", ALGORITHMS[bank][0]) + made(bank, data) for bank in banks)
    return struct.pack("<III", pcr, kind, len(banks)) + digests + struct.pack("<I", len(data)) + data


def agile(banks, *events, vendor=b""):
    return header(banks, vendor) + b"".join(event(banks, *one) for one in events)


def locality(number):
    return (0, NO_ACTION, b"StartupLocality\0" + bytes([number]), zeros)


BOOT = ((0, CRTM_VERSION, b"v\0"), (2, ACTION, b"CBFS: x"), (7, SEPARATOR, bytes(4)), (23, ACTION, b"last"))
LAUNCH = ((17, 0x402, b""), (17, 0x404, b"mle"), (18, 0x410, b"key"), (17, 0x502, b"Measured Kernel initrd"))


def replay(banks, events, launched=False):
    """{bank: {PCR: value}} of the PCRs that events extend."""
    values, first = {}, {}
    for pcr, kind, data, *made in events:
        if kind == NO_ACTION and data.startswith(b"StartupLocality\0"):
            first[0] = data[16]
    for pcr, kind, data, *made in events:
        for bank in banks if kind != NO_ACTION else ():
            size = ALGORITHMS[bank][1]
            start = bytes(size - 1) + bytes([first.get(pcr, 0)])
            if 17 <= pcr <= 22 and not launched:
                start = b"\xff" * size
            value = values.setdefault(bank, {}).get(pcr, start)
            values[bank][pcr] = hashlib.new(bank, value + (made[0] if made else digest)(bank, data)).digest()
    return {bank: {str(pcr): value.hex() for pcr, value in of.items()} for bank, of in values.items()}


def readable():
    """Logs that tpm2_eventlog reads and replays rightly, by name."""
    for name, banks in (("one", ("sha256",)), ("sha1", ("sha1",)), ("two", TWO), ("four", FOUR)):
        yield name, agile(banks, *BOOT)
    yield "plain", b"".join(plain(*one) for one in BOOT)
    yield "vendor", agile(TWO, *BOOT, vendor=b"some vendor")
    yield "sm3", agile(("sha256", "sm3"), *BOOT)
    yield "sm3-alone-in-an-event", agile(("sha256", "sm3"), *BOOT) + event(("sm3",), 4, ACTION, b"x") + \
        event(("sha256",), 4, ACTION, b"y")
    yield "one-bank-an-event", header(TWO) + event(("sha1",), 2, ACTION, b"a") + event(("sha256",), 2, ACTION, b"b")
    yield "launch", agile(TWO, *BOOT, *LAUNCH)
    yield "header-alone", header(TWO)
    yield "large-data", agile(TWO, (4, 0x80000007, b"x" * 70000))
    yield "many", agile(TWO, *[(n % 24, ACTION, b"%d" % n) for n in range(5000)])
    for kind in EVENT_TYPES:
        yield f"type-{kind:x}", agile(TWO, *BOOT, (3, kind, b"abcdefgh" * 8))


# What tpm2_eventlog 5.4 replays wrongly: it extends EV_NO_ACTION, and passes over the locality.
WITH_NO_ACTION = {
    "locality-3": (locality(3), *BOOT),
    "locality-4": (locality(4), (0, 0x80000010, b"HCRTM"), *BOOT),
    "no-action": ((17, NO_ACTION, b"x", zeros), *BOOT, (2, NO_ACTION, b"some note", zeros)),
}
