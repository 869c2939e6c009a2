# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small files of binary formats, built by hand: what no tool makes as small or without checksums."""

import hashlib
import lzma
import struct

NAMES = (b"FMAP: FMAP", b"CBFS: bootblock", b"CBFS: fallback/romstage")


def digest(hash_name, text):
    return hashlib.new(hash_name, text).digest()


def frame(kind, fields=(), payload=b""):
    payload += b"".join(struct.pack("<HHI", number, 0, len(value)) + value for number, value in fields)
    return struct.pack("<HHI", kind, 1, len(payload)) + payload


def cabinet(files, blocks=None, compression=0):
    """A cabinet of one folder; `blocks` are pairs of stored bytes and unpacked size."""
    contents = b"".join(data for _, data in files)
    blocks = blocks or [(contents, len(contents))]
    entries, offset = b"", 0
    for name, data in files:
        entries += struct.pack("<IIHHHH", len(data), offset, 0, 0x5a21, 0, 0x20) + name.encode() + b"\0"
        offset += len(data)
    data_at = 36 + 8 + len(entries)
    # a checksum of zero is no checksum
    stored = b"".join(struct.pack("<IHH", 0, len(b), size) + b for b, size in blocks)
    header = struct.pack("<4sIIIIIHHHHHH", b"MSCF", 0, data_at + len(stored), 0, 44, 0, 0x0103, 1,
                         len(files), 0, 0, 0)
    return header + struct.pack("<IHH", data_at, len(blocks), compression) + entries + stored


def cbfs_file(name, kind, data, attributes=b""):
    name = name.encode() + b"\0"
    name += b"\0" * (-len(name) % 4)
    attributes_at = 24 + len(name) if attributes else 0
    data_at = 24 + len(name) + len(attributes)
    out = b"LARCHIVE" + struct.pack(">IIII", len(data), kind, attributes_at, data_at)
    out += name + attributes + data
    return out + b"\xff" * (-len(out) % 64)


def descriptor(at):
    """Intel's flash descriptor with the signature at 16, or at 0 as in the first chipsets."""
    regions, masters = 0x40, 0x60 if at == 0 else 0x80
    out = bytearray(b"\xff" * 4096)
    struct.pack_into("<4I", out, at, 0x0ff0a55a, 4 << 24 | regions >> 4 << 16 | 3, 0x100000 | masters >> 4, 0)
    registers = [0, 0x00010001] + [0x7fff] * ((masters - regions) // 4 - 2)
    struct.pack_into(f"<{len(registers)}I", out, regions, *registers)
    struct.pack_into("<I", out, masters, 0xffff0f00)
    return bytes(out)


def rom(config, compressed, at=0):
    """A chip of 4 KiB, or that much of one: FMAP, a CBFS and an area that is none."""
    size, fmap_size = 4096, 512
    attributes = b""
    if compressed:
        attributes = struct.pack(">4sIII", b"BCZL", 16, 1, len(config))
        # coreboot's header states the length; Python's encoder says that it does not know it
        packed = lzma.compress(config, lzma.FORMAT_ALONE, preset=0)
        config = packed[:5] + struct.pack("<Q", len(config)) + packed[13:]
    stage = struct.pack(">4sIQII", b"StgH", 24, 0xff801000, 0x31, 0x100)
    files = [cbfs_file("cbfs master header", 0x02, b"ORBC1112" + b"\0" * 24),
             cbfs_file("fallback/romstage", 0x11, b"romstage" * 8, stage),
             cbfs_file("config", 0x50, config, attributes),
             cbfs_file("", 0xffffffff, b"\xff" * 64),
             cbfs_file("bootblock", 0x01, b"bootblock" * 8)]
    areas = [("FLASH", 0, size), ("FMAP", 0, fmap_size), ("COREBOOT", fmap_size, 3072),
             ("SMMSTORE", fmap_size + 3072, 512)]
    table = struct.pack("<8sBBQI32sH", b"__FMAP__", 1, 1, 0, size, b"FLASH", len(areas))
    for name, offset, length in areas:
        table += struct.pack("<II32sH", at + offset, length, name.encode(), 0)
    out = table + b"\xff" * (fmap_size - len(table)) + b"".join(files)
    return out + b"\xff" * (size - len(out))


def rom_vboot():
    """FMAP, GBB and a keyblock with its preamble: what vboot extends, and no CBFS."""
    size, fmap_size = 4096, 512
    areas = [("FMAP", 0, fmap_size), ("GBB", fmap_size, 512), ("VBLOCK_A", 1024, 1024)]
    table = struct.pack("<8sBBQI32sH", b"__FMAP__", 1, 1, 0, size, b"FLASH", len(areas))
    for name, offset, length in areas:
        table += struct.pack("<II32sH", offset, length, name.encode(), 0)
    gbb = b"$GBB" + b"\0" * 44 + bytes(range(32))
    block = b"CHROMEOS" + struct.pack("<III", 2, 1, 512) + b"\0" * 52 + struct.pack("<I", 7)
    block = block.ljust(104, b"\0") + struct.pack("<I", 1)
    block = block.ljust(552, b"\0") + struct.pack("<I", 2)
    out = table.ljust(fmap_size, b"\xff") + gbb.ljust(512, b"\0") + block
    return out.ljust(size, b"\xff")


def volume(size):
    """A firmware volume of UEFI."""
    header = b"\0" * 32 + struct.pack("<Q4sIHHHBBQQ", size, b"_FVH", 0, 72, 0, 0, 0, 2, 0, 0)
    total = sum(struct.unpack("<36H", header))
    return (header[:50] + struct.pack("<H", -total & 0xffff) + header[52:]).ljust(size, b"\xff")


def coreboot_log():
    entries = b"".join(struct.pack("<I10s64sI50s", 2, b"SHA256", digest("sha256", n), 32, n) for n in NAMES)
    return struct.pack("<HH", 8, len(NAMES)) + entries + b"\0" * 132


def tcg1_log():
    vendor = b"\0\1\0CBT1" + struct.pack("<HHI", 8, len(NAMES), 82)
    spec = b"Spec ID Event00\0" + struct.pack("<IBBBBB", 0, 2, 1, 1, 0, len(vendor)) + vendor
    # the header's last field is the size of what follows it
    out = struct.pack("<II20sI", 0, 3, b"", len(spec)) + spec
    for name in NAMES:
        out += struct.pack("<II20sI50s", 2, 5, digest("sha1", name), 50, name)
    return out + b"\0" * 82


def tcg2_log(vendor):
    info = b"\0\1\0CBT2" + struct.pack("<HHI", 8, len(NAMES), 134) if vendor else b""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHHH", 0, 0, 2, 0, 2, 2, 4, 20, 11, 32)
    spec += bytes([len(info)]) + info
    out = struct.pack("<II20sI", 0, 3, b"", len(spec)) + spec

    def event(pcr, kind, data):
        return (struct.pack("<III", pcr, kind, 2) + struct.pack("<H20s", 4, digest("sha1", data)) +
                struct.pack("<H32s", 11, digest("sha256", data)) + struct.pack("<I", len(data)) + data)

    if not vendor:
        out += event(0, 3, b"StartupLocality\0\3") + event(0, 8, "1.0\0".encode("utf-16-le"))
        out += event(7, 4, b"\0\0\0\0")
    for name in NAMES:
        out += event(2, 5, name.ljust(50, b"\0"))
    return out


def console_log():
    lines = ["[INFO ]  coreboot TPM 2.0 measurements:", ""]
    lines += [f"[INFO ]   PCR-2 {digest('sha256', n).hex()} SHA256 [{n.decode()}]" for n in NAMES]
    return "\n".join(lines).encode() + b"\n"


def ring(text, size):
    """A console in memory; what does not fit has overwritten the beginning."""
    cursor = len(text) % size | 1 << 31 if len(text) > size else len(text)
    body = bytearray(size)
    for at in range(0, len(text), size):
        part = text[at:at + size]
        body[:len(part)] = part
    return struct.pack("<II", size, cursor) + body


def ip_sum(data):
    total = sum(struct.unpack(f"<{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def cb_table(*records):
    body = b"".join(records)
    tail = struct.pack("<III", len(body), ip_sum(body), len(records))
    head = struct.pack("<4sII", b"LBIO", 24, 0) + tail
    return struct.pack("<4sII", b"LBIO", 24, ip_sum(head)) + tail + body


def cbor(value):
    """Numbers, texts, bytes, lists, maps, and tags as pairs, in their shortest form."""
    def head(kind, number):
        for size, limit in enumerate((24, 1 << 8, 1 << 16, 1 << 32)):
            if number < limit:
                extra = number.to_bytes(1 << (size - 1), "big") if size else b""
                return bytes([kind << 5 | (23 + size if size else number)]) + extra
        return bytes([kind << 5 | 27]) + number.to_bytes(8, "big")

    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value)) + value.encode()
    if isinstance(value, tuple):
        return head(6, value[0]) + cbor(value[1])
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(item) for pair in value.items() for item in pair)
    return head(4, len(value)) + b"".join(map(cbor, value))


def corim(steps=None, version=None, condition=None):
    """A manifest in the form of schemas/manifest.cddl."""
    sha256 = [1, hashlib.sha256(b"image").digest()]
    name = sha256[1].hex()

    def comid(part, triples):
        return 506, cbor({1: {0: f"{name}/{part}"}, 4: {0: triples}})

    image = ({0: {0: version}} if version else {}) | {2: [sha256]}
    path = ({4: (560, cbor(steps))} if steps else {}) | ({11: condition} if condition else {})
    pcrs = [{0: 2, 1: {2: [["sha-1", b"\1" * 20], sha256, [7, b"\2" * 48], [8, b"\3" * 64]]}}]
    regions = [[{0: {2: "FMAP"}}, [{1: {2: [sha256]}}]],
               [{0: {2: "COREBOOT"}}, [{0: "bootblock", 1: {2: [sha256]}}]]]
    tags = [comid("image", [[{0: {2: "image"}}, [{1: image}]]]), comid("objects", regions),
            comid("recipe/normal", [[{0: {2: "boot"}}, ([{1: path}] if path else []) + pcrs]])]
    return cbor((501, {0: name, 1: tags, 3: (32, "urn:qubes-fwupd:manifest:1")}))
