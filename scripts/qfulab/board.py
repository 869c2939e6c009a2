# SPDX-License-Identifier: LGPL-2.1-or-later
"""What board a coreboot image is for, as its own `config` file says, and the hardware IDs that follow from it.

Firmware tells the system its names through SMBIOS. The lab has no SMBIOS of its own, so it takes the names from the
image, with the same precedence as coreboot, and hands them to fwupd as overrides.
"""

import contextlib
import hashlib
import pathlib
import re
import tempfile
import uuid

from . import tools
from .layout import LabError

# SMBIOS value -> Kconfig names, the first one with a value counts.
SOURCES = {
    "Manufacturer": ("MAINBOARD_SMBIOS_MANUFACTURER", "MAINBOARD_VENDOR"),
    "ProductName": ("MAINBOARD_SMBIOS_PRODUCT_NAME", "MAINBOARD_PART_NUMBER"),
    "Family": ("MAINBOARD_FAMILY", "MAINBOARD_PART_NUMBER"),
    "ProductSku": ("MAINBOARD_SKU",),
    "BaseboardManufacturer": ("MAINBOARD_SMBIOS_MANUFACTURER", "MAINBOARD_VENDOR"),
    "BaseboardProduct": ("MAINBOARD_SMBIOS_PRODUCT_NAME", "MAINBOARD_PART_NUMBER"),
    "BiosVendor": ("BIOS_VENDOR",),
    "BiosVersion": ("LOCALVERSION",),
}
# Empty values override as well: the names of the machine that runs the lab must not shine through.
BLANK = {**dict.fromkeys(SOURCES, ""), "Manufacturer": "blank", "ProductName": "blank", "BiosVendor": "coreboot",
         "BiosVersion": "0", "BiosMajorRelease": "", "BiosMinorRelease": "", "EnclosureKind": "3"}

SYSFS = {"bios_vendor": "BiosVendor", "bios_version": "BiosVersion", "sys_vendor": "Manufacturer",
         "product_name": "ProductName", "product_family": "Family"}

HARDWARE_IDS = {
    "HardwareID-3": ("Manufacturer", "Family", "ProductName", "ProductSku", "BaseboardManufacturer",
                     "BaseboardProduct"),
    "HardwareID-4": ("Manufacturer", "Family", "ProductName", "ProductSku"),
    "HardwareID-5": ("Manufacturer", "Family", "ProductName"),
    "HardwareID-6": ("Manufacturer", "ProductSku", "BaseboardManufacturer", "BaseboardProduct"),
    "HardwareID-10": ("Manufacturer", "Family", "BaseboardManufacturer", "BaseboardProduct"),
}
HARDWARE_ID_SPACE = uuid.UUID("70ffd812-4c7f-4c7d-0000-000000000000")


def kconfig(rom, slot):
    """The settings that the firmware was built with; empty if the image carries none. Under vboot it is the chosen slot
    that tells the system of itself."""
    with tempfile.TemporaryDirectory(prefix="qfu-lab-") as scratch:
        out = pathlib.Path(scratch) / "config"
        for region in (f"FW_MAIN_{slot}", "COREBOOT"):
            with contextlib.suppress(LabError):
                tools.run(["cbfstool", rom, "extract", "-r", region, "-n", "config", "-f", out])
                break
        text = out.read_text(errors="replace") if out.exists() else ""
    pairs = re.findall(r'^CONFIG_([A-Z0-9_]+)="?(.*?)"?$', text, re.MULTILINE)
    return dict(pairs)


def names(rom, slot="A"):
    """fwupd's overrides for a machine that booted from this image. An image without settings is no machine yet."""
    config = kconfig(rom, slot)
    if not config:
        return dict(BLANK)
    found = dict(BLANK)
    for key, sources in SOURCES.items():
        found[key] = next((config[source] for source in sources if config.get(source)), "")
    release = re.match(r"(\d+)\.(\d+)", found["BiosVersion"])
    found["BiosMajorRelease"], found["BiosMinorRelease"] = release.groups() if release else ("0", "0")
    return found


def show(folder, board):
    """The names as the kernel shows them in /sys/class/dmi/id."""
    folder.mkdir(exist_ok=True)
    for file, key in SYSFS.items():
        (folder / file).write_text(f"{board[key]}\n")


def guid(board, hardware_id):
    """A hardware ID as fwupd computes it: a version 5 UUID of the values in UTF-16."""
    text = "&".join(board[key] for key in HARDWARE_IDS[hardware_id])
    digest = hashlib.sha1(HARDWARE_ID_SPACE.bytes + text.encode("utf-16-le")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def device_guid(board):
    """The GUID by which LVFS metadata of coreboot firmware names its device: fwupd's hash of an instance ID, which is
    not how it hashes a hardware ID."""
    values = (board[key] for key in ("Manufacturer", "Family", "ProductName", "BiosVendor"))
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "&".join(values)))
