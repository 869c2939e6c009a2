# SPDX-License-Identifier: LGPL-2.1-or-later
"""The layouts that are tried, and for each an image that is in the chip and one that is installed."""

import dataclasses
import pathlib
import subprocess

from . import startable

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
OLD, NEW = "2.0", "3.0"  # whose settings compress to the same length, so that no file moves


@dataclasses.dataclass(frozen=True)
class Layout:
    """One row: [Chip] Layout=, words for lab-rom, and the areas that the new image replaces (None: all bytes)."""
    name: str
    layout: str
    options: tuple
    updated: tuple | None


SLOTS = tuple(name + slot for slot in "AB" for name in ("VBLOCK_", "FW_MAIN_", "RW_FWID_"))
FLAT = ("--no-intel-areas", "--bootblock-area")
LAYOUTS = (
    Layout("one COREBOOT", "coreboot", ("--descriptor", "pch"), ("FMAP", "COREBOOT")),
    Layout("vboot A/B", "coreboot-vboot", ("--vboot", "--descriptor", "pch"), SLOTS),
    Layout("no descriptor", "coreboot", FLAT, ("FMAP", "BOOTBLOCK", "COREBOOT")),
    Layout("whole chip", "whole-chip", FLAT, None),
)
COMMON = ("--size", "4M", "--compress", "none", "--ramstage-load", "0xe00000")
CHANGED = ("bootblock", "romstage", "postcar")
GROWN = ("--file", "more,raw,32768")  # the new firmware needs some of the free space


@dataclasses.dataclass(frozen=True)
class Pair:
    """Old contents of the chip, the image to install, and the contents that it shall give."""
    layout: Layout
    old: bytes
    image: bytes
    new: bytes

    def versions(self):
        return [startable.Version(self.old), startable.Version(self.new)]


def make_rom(folder, layout, version, seed, *more):
    path = folder / f"{version}.rom"
    subprocess.run([SCRIPTS / "lab-rom", path, "--version", version, "--preserved-seed", seed, *COMMON,
                    *layout.options, *more, "--changed", *CHANGED], check=True, timeout=120)
    return path.read_bytes()


def compose(layout, old, image):
    """The new contents, by the image's own map."""
    if layout.updated is None:
        return image
    chip = bytearray(old)
    places = startable.areas(image)
    for name in layout.updated:
        offset, size = places[name]
        chip[offset:offset + size] = image[offset:offset + size]
    return bytes(chip)


def make_pair(folder, layout):
    folder.mkdir()
    old, image = make_rom(folder, layout, OLD, "1"), make_rom(folder, layout, NEW, "2", *GROWN)
    return Pair(layout, old, image, compose(layout, old, image))
