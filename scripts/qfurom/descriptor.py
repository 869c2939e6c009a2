# SPDX-License-Identifier: LGPL-2.1-or-later
"""The flash descriptor of Intel's chipsets: which master may reach which region of the chip."""
import struct

from .areas import KIB

SIZE = 4 * KIB
SIGNATURE = 0x0ff0a55a
UNUSED = 0x7fff     # base above limit
# index of a region's register, which is its bit in the masters' registers, too
REGIONS = {"SI_DESC": 0, "SI_BIOS": 1, "SI_ME": 2, "SI_GBE": 3}
# kind: where the signature, the regions' and the masters' registers lie; first bits of a master's
# rights to read and to write
KINDS = {"pch": (0x10, 0x40, 0x80, 8, 20), "ich": (0, 0x40, 0x60, 16, 24)}


def register(offset, size):
    """A region, in units of 4 KiB: first and last."""
    return offset // SIZE | (offset + size - 1) // SIZE << 16


def descriptor(kind, size, place, closed, oem):
    """The descriptor of a chip of that size with regions in these places, and 256 bytes of the board's
    maker.  The host may reach all of them but the closed ones."""
    at, regions, masters, read, write = KINDS[kind]
    data = bytearray(b"\xff" * (SIZE - len(oem)) + oem)
    components, straps = 0x30, 0x100
    struct.pack_into("<4I", data, at, SIGNATURE, regions >> 4 << 16 | components >> 4,
                     straps >> 4 << 16 | 2 << 8 | masters >> 4, 0)
    struct.pack_into("<3I", data, components, (size // (512 * KIB)).bit_length() - 1, 0, 0)
    registers = [UNUSED if kind == "pch" else 0] * ((masters - regions) // 4)
    for name, index in REGIONS.items():
        registers[index] = register(*place[name]) if name in place else UNUSED
    struct.pack_into(f"<{len(registers)}I", data, regions, *registers)
    rights = 0xf & ~sum(1 << REGIONS[name] for name in closed)
    struct.pack_into("<3I", data, masters, rights << read | rights << write, 0xc << read | 0xc << write,
                     0x8 << read | 0x8 << write)
    return bytes(data)
