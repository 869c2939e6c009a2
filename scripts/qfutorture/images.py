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
    """One row: words for lab-rom, [Chip] Layout=, and the areas that the new image replaces (None: all bytes)."""
    name: str
    options: tuple
    layout: str
    updated: tuple | None


SLOTS = tuple(name + slot for slot in "AB" for name in ("VBLOCK_", "FW_MAIN_", "RW_FWID_"))
LAYOUTS = (
    Layout("one COREBOOT", ("--descriptor", "pch"), "coreboot", ("FMAP", "COREBOOT")),
    Layout("vboot A/B", ("--vboot", "--descriptor", "pch"), "coreboot-vboot", SLOTS),
    Layout("no descriptor", ("--no-intel-areas", "--bootblock-area"), "coreboot", ("FMAP", "BOOTBLOCK", "COREBOOT")),
)
COMMON = ("--size", "4M", "--compress", "none", "--ramstage-load", "0xe00000")
CHANGED = ("bootblock", "romstage", "postcar")


@dataclasses.dataclass(frozen=True)
class Pair:
    """Old contents of the chip, the image to install, and the contents that it shall give."""
    layout: Layout
    old: bytes
    image: bytes
    new: bytes

    def versions(self):
        return [startable.Version(self.old), startable.Version(self.new)]


def make_rom(folder, layout, version, seed):
    path = folder / f"{version}.rom"
    subprocess.run([SCRIPTS / "lab-rom", path, "--version", version, "--preserved-seed", seed, *COMMON,
                    *layout.options, "--changed", *CHANGED], check=True, timeout=120)
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
    old, image = make_rom(folder, layout, OLD, "1"), make_rom(folder, layout, NEW, "2")
    return Pair(layout, old, image, compose(layout, old, image))
