# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether a machine with these bytes in its chip would come as far as its operating system.

Judged from the maps and files of the two images alone, without the product's code, and rather too strictly: whatever
is read on the way has to be of one image, be it the old or the new one.
"""

import dataclasses
import struct

FMAP = b"__FMAP__"
FMAP_HEADER = struct.Struct("<8sBBQI32sH")
FMAP_AREA = struct.Struct("<II32sH")
CBFS_HEADER = struct.Struct(">8sIIII")
CBFS_MAGIC = b"LARCHIVE"
CBFS_ALIGN = 64
# What runs from reset to the operating system, and what that needs of data; a splash image is not among it.
READ = ("romstage", "postcar", "ramstage", "payload", "dsdt.aml", "verstage", "cpu_microcode_blob.bin")


def name_of(field):
    return field.rstrip(b"\0").decode("ascii", "replace")


def areas(image):
    """The flash map: name -> (offset, size)."""
    at = image.find(FMAP)
    while at >= 0:
        _, _, _, _, size, _, count = FMAP_HEADER.unpack_from(image, at)
        if size == len(image):
            rows = (FMAP_AREA.unpack_from(image, at + FMAP_HEADER.size + i * FMAP_AREA.size) for i in range(count))
            return {name_of(name): (offset, length) for offset, length, name, _ in rows}
        at = image.find(FMAP, at + 1)
    raise ValueError("no flash map")


def cbfs_files(image, area):
    """The files of a CBFS as coreboot finds them: name -> all bytes of the first of that name. What is no file is
    passed over in steps of the alignment."""
    at, size = area
    end = at + size
    found = {}
    while at + CBFS_HEADER.size <= end:
        magic, length, _, _, offset = CBFS_HEADER.unpack_from(image, at)
        if magic != CBFS_MAGIC or offset < CBFS_HEADER.size or offset + length > end - at:
            at += CBFS_ALIGN
            continue
        whole = bytes(image[at:at + offset + length])
        found.setdefault(name_of(whole[CBFS_HEADER.size:offset].split(b"\0")[0]), whole)
        at += -(-len(whole) // CBFS_ALIGN) * CBFS_ALIGN
    return found


def part(image, area):
    offset, size = area
    return bytes(image[offset:offset + size])


def signed_length(block):
    """How much of a slot's firmware its signature covers: vboot's keyblock, then the preamble."""
    preamble = struct.unpack_from("<Q", block, 16)[0]
    return struct.unpack_from("<Q", block, preamble + 96)[0]


@dataclasses.dataclass
class Version:
    """One image: what has to be in the chip if the machine shall start by it."""
    image: bytes

    def __post_init__(self):
        self.areas = areas(self.image)
        self.files = cbfs_files(self.image, self.areas["COREBOOT"])

    def fixed(self):
        """Ranges that are read without looking for them first: the map and the bootblock."""
        yield self.areas["FMAP"] if "FMAP" in self.areas else self.map_in_cbfs()
        if "BOOTBLOCK" in self.areas:
            yield self.areas["BOOTBLOCK"]
        else:
            offset, size = self.areas["COREBOOT"]
            yield offset + part(self.image, (offset, size)).index(self.files["bootblock"]), len(self.files["bootblock"])
        for name in ("SI_DESC", "GBB"):
            if name in self.areas:
                yield self.areas[name]

    def map_in_cbfs(self):
        at = self.image.index(FMAP)
        return at, FMAP_HEADER.size + len(self.areas) * FMAP_AREA.size

    def read_files(self):
        return [name for name in self.files if name.rsplit("/", 1)[-1] in READ]

    def root_is_in(self, chip):
        """The descriptor, the map and the bootblock: without them not even a slot is chosen."""
        return all(part(chip, area) == part(self.image, area) for area in self.fixed())

    def files_are_in(self, chip):
        there = cbfs_files(chip, self.areas["COREBOOT"])
        return all(there.get(name) == self.files[name] for name in self.read_files())

    def slot_is_in(self, chip, slot):
        """A slot whose signature holds: block and body of one image."""
        block, (offset, _) = self.areas["VBLOCK_" + slot], self.areas["FW_MAIN_" + slot]
        body = offset, signed_length(part(self.image, block))
        return part(chip, block) == part(self.image, block) and part(chip, body) == part(self.image, body)


def can_start(chip, versions):
    """Whether a machine starts from the chip, by either version."""
    rooted = [version for version in versions if version.root_is_in(chip)]
    if "FW_MAIN_A" not in versions[0].areas:
        return any(version.files_are_in(chip) for version in rooted)
    return bool(rooted) and any(version.slot_is_in(chip, slot) for version in versions for slot in "AB")
