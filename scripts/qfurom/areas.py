# SPDX-License-Identifier: LGPL-2.1-or-later
"""Flash maps: what lies where, in the words of fmaptool."""

KIB = 1024
FWID_SIZE = 64


class Areas:
    """A flash map, filled from its lowest address."""

    def __init__(self, size):
        self.size = size
        self.end = 0
        self.base = 0
        self.lines = []
        self.place = {}     # name -> (offset, size), sections left out
        self.cbfs = []      # the regions that are a CBFS, COREBOOT first

    def add(self, name, size, note="", listed=True):
        if listed:
            self.lines.append(f"{name}{note}@{self.end - self.base:#x} {size:#x}")
        self.place[name] = (self.end, size)
        self.end += size

    def add_cbfs(self, name, size):
        self.add(name, size, "(CBFS)")
        self.cbfs = sorted([*self.cbfs, name])      # COREBOOT precedes FW_MAIN_A

    def begin(self, name, size):
        """A section of that size from here, around the areas that follow."""
        self.lines.append(f"{name}@{self.end:#x} {size:#x} {{")
        self.base = self.end

    def finish(self):
        self.lines.append("}")
        self.base = 0

    def fmd(self):
        return "\n".join([f"FLASH {self.size:#x} {{", *self.lines, "}", ""])


def around(areas, listed):
    """What an Intel laptop has below its BIOS, in a quarter of the chip; the map lists the regions of
    the descriptor or does not."""
    areas.add("SI_DESC", 4 * KIB, listed=listed)
    areas.add("SI_GBE", 8 * KIB, listed=listed)
    areas.add("SI_ME", areas.size // 8 - 12 * KIB, listed=listed)
    areas.add("RW_MRC_CACHE", 64 * KIB, "(PRESERVE)")
    areas.add("SMMSTORE", 256 * KIB, "(PRESERVE)")
    areas.add("RW_VPD", 16 * KIB, "(PRESERVE)")
    areas.add("CONSOLE", 128 * KIB)
    areas.end = areas.size // 4     # leaves a hole that no area covers, as real maps do


def plain(size, bootblock, listed=True):
    """The map without vboot, with an area of its own for the bootblock if that is not a file."""
    areas = Areas(size)
    around(areas, listed)
    if bootblock:
        areas.add("BOOTBLOCK", 32 * KIB)
    areas.add("FMAP", 4 * KIB)
    areas.add_cbfs("COREBOOT", size - areas.end)
    return areas


def vboot(size, listed=True):
    """The map with vboot: two slots that are updated, and a part that stays as it was made."""
    areas = Areas(size)
    around(areas, listed)
    for slot in "AB":
        areas.begin("RW_SECTION_" + slot, size // 4)
        areas.add("VBLOCK_" + slot, 64 * KIB)
        areas.add_cbfs("FW_MAIN_" + slot, size // 4 - 64 * KIB - FWID_SIZE)
        areas.add("RW_FWID_" + slot, FWID_SIZE)
        areas.finish()
    areas.begin("WP_RO", size - areas.end)
    areas.add("FMAP", 2 * KIB)
    areas.add("RO_FRID", FWID_SIZE)
    areas.add("RO_FRID_PAD", 2 * KIB - FWID_SIZE)
    areas.add("RO_VPD", 16 * KIB, "(PRESERVE)")
    areas.add("GBB", 12 * KIB)
    areas.add_cbfs("COREBOOT", size - areas.end)
    areas.finish()
    return areas
