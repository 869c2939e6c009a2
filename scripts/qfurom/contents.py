# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contents of files and areas.  All bytes follow from the arguments."""
import hashlib
import re
import struct

from .areas import KIB

HASHES = ("sha1", "sha256", "sha384", "sha512")


def stream(size, *key):
    """size pseudo-random bytes that follow from key."""
    return hashlib.shake_256("\0".join(map(str, key)).encode()).digest(size)


def code(size, *key):
    """Like stream(), but as compressible as machine code is."""
    words = stream(256 * 4, "words", *key)
    picks = stream(size // 4 + 1, "picks", *key)
    table = [words[at:at + 4] for at in range(0, len(words), 4)]
    return b"".join(map(table.__getitem__, picks))[:size]


def elf(data, load):
    """A 32-bit x86 ELF program with one segment and one section, as cbfstool wants to parse it."""
    names = b"\0.text\0.shstrtab\0"
    names += bytes(-(0x54 + len(data) + len(names)) % 4)
    at_names = 0x54 + len(data)
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 3, 1, load, 0x34,
                         at_names + len(names), 0, 0x34, 0x20, 1, 0x28, 3, 2)
    segment = struct.pack("<8I", 1, 0x54, load, load, len(data), len(data) + 0x1000, 7, 16)
    sections = bytes(40)
    sections += struct.pack("<10I", 1, 1, 6, load, 0x54, len(data), 0, 0, 16, 0)
    sections += struct.pack("<10I", 7, 3, 0, 0, at_names, len(names), 0, 0, 1, 0)
    return header + segment + data + names + sections


def dsdt(size, *key):
    """An ACPI table's header, so that the file is told from noise; its sum is not right."""
    return struct.pack("<4sIBB6s8sI4sI", b"DSDT", size, 2, 0, b"COREv4", b"COREBOOT", 0x20110725,
                       b"INTL", 0x20200925) + code(size - 36, *key)


def coreboot_version(args, version):
    return "25.03-" + stream(4, "commit", args.seed, version).hex()


def build_info(args, version):
    return (f"COREBOOT_VERSION: {coreboot_version(args, version)}\n"
            f"MAINBOARD_VENDOR: {args.board_vendor}\n"
            f"MAINBOARD_PART_NUMBER: {args.board_part}\n").encode()


def revision(args, version):
    return (f'#define COREBOOT_VERSION "{coreboot_version(args, version)}"\n'
            f'#define COREBOOT_EXTRA_VERSION "{version}"\n').encode()


def config(args, version, cbfs_size):
    """The settings that coreboot's build leaves in the ROM, as far as anybody reads them."""
    others = [f"# CONFIG_TPM_HASH_{name.upper()} is not set" for name in HASHES if name != args.hash]
    vboot = ["CONFIG_VBOOT=y", "CONFIG_VBOOT_SLOTS_RW_AB=y", "CONFIG_VBOOT_STARTS_IN_BOOTBLOCK=y",
             f'CONFIG_GBB_HWID="{hwid(args)}"'] if args.vboot else ["# CONFIG_VBOOT is not set"]
    lines = [
        f"# This image was built using coreboot {coreboot_version(args, version)}",
        "CONFIG_TPM_MEASURED_BOOT=y",
        "CONFIG_TPM2=y",
        "CONFIG_PAYLOAD_LINUX=y",
        "# End of defconfig. Derivable values start here.",
        f'CONFIG_LOCALVERSION="{version}"',
        'CONFIG_CBFS_PREFIX="fallback"',
        "CONFIG_COMPRESS_RAMSTAGE_LZMA=y",
        "CONFIG_INCLUDE_CONFIG_FILE=y",
        f'CONFIG_MAINBOARD_PART_NUMBER="{args.board_part}"',
        'CONFIG_MAINBOARD_VERSION="1.0"',
        f'CONFIG_MAINBOARD_VENDOR="{args.board_vendor}"',
        f'CONFIG_MAINBOARD_SMBIOS_MANUFACTURER="{args.board_vendor}"',
        f'CONFIG_MAINBOARD_SMBIOS_PRODUCT_NAME="{args.board_part}"',
        f"CONFIG_CBFS_SIZE={cbfs_size:#010x}",
        f"CONFIG_COREBOOT_ROMSIZE_KB={args.size // KIB}",
        f"CONFIG_ROM_SIZE={args.size:#010x}",
        "CONFIG_BOOTBLOCK_IN_CBFS=y",
        "CONFIG_ARCH_X86=y",
        "CONFIG_POSTCAR_STAGE=y",
        "CONFIG_TPM=y",
        "CONFIG_TPM_LOG_TPM2=y",
        "# CONFIG_TPM_LOG_CB is not set",
        f"CONFIG_TPM_HASH_{args.hash.upper()}=y",
        *others,
        'CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA=""',
        *vboot,
        "CONFIG_PCR_BOOT_MODE=1",
        "CONFIG_PCR_HWID=1",
        "CONFIG_PCR_SRTM=2",
        "CONFIG_PCR_FW_VER=10",
        "CONFIG_PCR_RUNTIME_DATA=3",
        'CONFIG_BIOS_VENDOR="coreboot"',
        "CONFIG_COMPRESSED_PAYLOAD_LZMA=y",
    ]
    return ("\n".join(overridden(lines, args.settings)) + "\n").encode()


def overridden(lines, settings):
    """The lines with these settings, "n" for one that is not set; one that no line has is added."""
    left = dict(settings)
    for line in lines:
        name = re.sub(r"^(# )?CONFIG_(\w+)(=.*| is not set)$", r"\2", line)
        yield setting(name, left.pop(name)) if name in left else line
    yield from (setting(name, value) for name, value in left.items())


def setting(name, value):
    return f"# CONFIG_{name} is not set" if value == "n" else f"CONFIG_{name}={value}"


def hwid(args):
    """vboot's name for the board."""
    return f"{args.board_part} TEST {stream(2, args.board_vendor, args.board_part).hex()}".upper()


def firmware_id(args, version):
    """vboot's name for a part of the ROM, for an area that holds nothing else."""
    text = f"{args.board_vendor}_{args.board_part}.{version}".encode()
    return text[:63].ljust(64, b"\0")
