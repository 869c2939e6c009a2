# SPDX-License-Identifier: LGPL-2.1-or-later
"""vboot's structures, as far as a measured boot reads them; keys and signatures are noise."""
import hashlib
import struct

from .contents import stream

KEY_VERSION = 1
RSA2048_SHA256, RSA4096_SHA256 = 4, 7
KEY_BYTES = {RSA2048_SHA256: 0x208, RSA4096_SHA256: 0x408}
SIGNATURE_BYTES = {RSA2048_SHA256: 0x100, RSA4096_SHA256: 0x200}


def gbb(size, hwid, *key):
    """The Google Binary Block: the board's name and its digest, then two keys."""
    text = hwid.encode()
    header = struct.pack("<4sHHII", b"$GBB", 1, 2, 0x80, 0)
    header += struct.pack("<8I", 0x80, 0x100, 0x180, 0x1000, 0, 0, 0x1180, 0x1000)
    header += hashlib.sha256(text).digest()
    body = header.ljust(0x80, b"\0") + text.ljust(0x100, b"\0")
    return (body + stream(0x2000, "keys", *key)).ljust(size, b"\0")


def packed_key(at, here, algorithm, version):
    """A key's header: the key lies at `at`, this header at `here`."""
    return struct.pack("<QQQQ", at - here, KEY_BYTES[algorithm], algorithm, version)


def signature(at, here, size, signed):
    return struct.pack("<QQQ", at - here, size, signed)


def key_block(*key):
    """The key that signs the firmware, itself signed."""
    algorithm = RSA4096_SHA256
    signed = 112 + KEY_BYTES[algorithm]
    at_hash = signed
    at_signature = at_hash + 0x40
    size = at_signature + SIGNATURE_BYTES[algorithm]
    head = struct.pack("<8sIIQ", b"CHROMEOS", 2, 1, size)
    head += signature(at_signature, 24, SIGNATURE_BYTES[algorithm], signed)
    head += signature(at_hash, 48, 0x40, signed)
    head += struct.pack("<Q", 0x17)
    head += packed_key(112, 80, algorithm, KEY_VERSION)
    return head + stream(size - len(head), "key block", *key)


def preamble(version, body, *key):
    """What the firmware's owner says about the body: its version and its signature."""
    algorithm = RSA2048_SHA256
    at_kernel_key = 108
    at_body = at_kernel_key + KEY_BYTES[algorithm]
    at_signature = at_body + SIGNATURE_BYTES[algorithm]
    size = at_signature + SIGNATURE_BYTES[algorithm]
    head = struct.pack("<Q", size)
    head += signature(at_signature, 8, SIGNATURE_BYTES[algorithm], at_signature)
    head += struct.pack("<IIQ", 2, 1, version)
    head += packed_key(at_kernel_key, 48, algorithm, 1)
    head += signature(at_body, 80, SIGNATURE_BYTES[algorithm], len(body))
    head += struct.pack("<I", 0)
    noise = stream(size - len(head), "preamble", hashlib.sha256(body).hexdigest(), *key)
    return head + noise


def vblock(size, version, body, *key):
    return (key_block(*key) + preamble(version, body, *key)).ljust(size, b"\xff")
