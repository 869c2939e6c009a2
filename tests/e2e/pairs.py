# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pairs of generated images: how both are made and booted, and what a forecast from one to the other has to say.

Each is (name, Pair). `known` are (bank, PCR) that must have a value; `unknown` those that must have none; a value that is
given must be true in any case, unless `differs` says that no forecast can know it. `refused` is what a refusal says,
`warns` the codes of warnings that must be among those given.
"""
import dataclasses

TPM1 = ("--set", "TPM1=y", "--set", "TPM2=n", "--set", "TPM_LOG_TPM1=y", "--set", "TPM_LOG_TPM2=n")
CB = ("--set", "TPM_LOG_CB=y", "--set", "TPM_LOG_TPM2=n")
VERSTAGE = ("--vboot", "--set", "VBOOT_SEPARATE_VERSTAGE=y")
LONG = ("--set", 'CBFS_PREFIX="a-prefix-that-leaves-no-room-for-the-name-behind-it"')
FOO = ("--file", "foo.bin,raw,2000")
FOO_LISTED = (*FOO, "--set", 'TPM_MEASURED_BOOT_RUNTIME_DATA="foo.bin other.bin"')
FOO_CHANGED = ("--changed", "foo.bin", "romstage")
MRC = ("--file", "mrc.cache,mrc_cache,4000")
MANY = tuple(word for i in range(55) for word in ("--file", f"blob{i},raw,64"))
OPTIONS = ("--set", "TPM_MEASURED_BOOT_INIT_BOOTBLOCK=y", "--set", "USE_OPTION_TABLE=y")
SEABIOS = ("--set", "PAYLOAD_SEABIOS=y", "--set", "PAYLOAD_LINUX=n")

USUAL = ("area FMAP", "file bootblock", "file $PREFIX/romstage", "file $PREFIX/postcar", "file $PREFIX/ramstage",
         "file $PREFIX/dsdt.aml", "file $PREFIX/payload")
WITH_FOO = (*USUAL[:5], "file foo.bin", *USUAL[5:])
WITH_MRC = (*USUAL[:3], "file mrc.cache", *USUAL[3:])
TWICE = (*USUAL[:4], "file cmos_layout.bin", USUAL[4], "file cmos_layout.bin", *USUAL[5:])
HIDDEN = (*USUAL[:4], "unlogged file cmos_layout.bin", *USUAL[4:])
FULL = (*USUAL[:5], *(f"file blob{i}" for i in range(55)), *USUAL[5:])
READ_ONLY = ("area FMAP", "file bootblock", "file $PREFIX/verstage", "vboot boot-mode", "vboot hwid",
             "vboot firmware-version VBLOCK_$SLOT", *(f"file FW_MAIN_$SLOT:{line[5:]}" for line in USUAL[2:5]),
             "file COREBOOT:cmos_layout.bin", *(f"file FW_MAIN_$SLOT:{line[5:]}" for line in USUAL[5:]))

SRTM = frozenset({("sha256", 2)})


@dataclasses.dataclass(frozen=True)
class Pair:
    old: tuple = ()                 # options of lab-rom beside the version
    new: tuple = ()
    boot: tuple = ()                # options of both boots
    new_boot: tuple | None = None   # of the second, when others
    order: tuple = ()               # lines, when not as usual
    new_order: tuple | None = None
    known: frozenset = SRTM
    unknown: frozenset = frozenset()
    differs: frozenset = frozenset()
    refused: str = ""
    warns: tuple = ()
    shown: tuple | None = None      # options of the image that is shown to the tool instead of the one that boots
    decoy: bool = False
    console: bool = False           # the listing on the console is among the logs
    layout: str = ""
    size: tuple = ("4M", "4M")


def both(*options, **more):
    return Pair(old=options, new=options, **more)


def bank(name, pcr=2):
    return frozenset({(name, pcr)})


FORMS = {
    "plain": Pair(),
    "sha1": both("--hash", "sha1", known=bank("sha1")),
    "sha384": both("--hash", "sha384", known=bank("sha384")),
    "sha512": both("--hash", "sha512", known=bank("sha512")),
    "tpm1-log": both(*TPM1, known=bank("sha1")),
    "cb-log": both(*CB),
    "cb-log-sha1": both(*CB, "--hash", "sha1", known=bank("sha1")),
    "old-names": both(boot=("--names", "old")),
    "old-names-vboot": both(*VERSTAGE, boot=("--names", "old")),
    "no-fmap": both(boot=("--names", "old"), order=USUAL[1:]),
    "console-alone": both(*CB, console=True, boot=("--log-as", "linux")),
}
IMAGES = {
    "lz4": both("--compress", "LZ4"),
    "uncompressed": both("--compress", "none"),
    "lzma-to-lz4": Pair(new=("--compress", "LZ4")),
    "bigger-chip": Pair(size=("4M", "8M")),
    "bootblock-area": both("--bootblock-area", boot=("--path", "area")),
    "decoys": Pair(decoy=True),
    "load-address": Pair(old=("--changed", "romstage"), new=("--changed", "romstage", "--ramstage-load", "0xf00000"),
                         warns=("load-address-changed",)),
    "unloaded-file": Pair(new=("--file", "extra.bin,raw,5000", "--changed")),
    "long-names": both(*LONG),
    "prefix-changes": Pair(new=("--set", 'CBFS_PREFIX="normal"'), refused="romstage"),
    "file-missing": Pair(new=("--without", "dsdt.aml"), new_boot=("--path", "noacpi"), refused=r"dsdt\.aml"),
    "type-changes": Pair(old=FOO, new=("--file", "foo.bin,mrc,2000"), order=WITH_FOO),
}
SETTINGS = {
    "sha256-to-sha384": Pair(new=("--hash", "sha384"), known=SRTM | bank("sha384")),
    "sha384-to-sha1": Pair(old=("--hash", "sha384"), new=("--hash", "sha1"), known=bank("sha384") | bank("sha1")),
    "none-chosen": Pair(old=("--hash", "sha384"), new=(*CB, "--set", "TPM_HASH_SHA256=n"), known=SRTM | bank("sha384")),
    # what kind of payload it is says the same file
    "no-settings": Pair(shown=("--without", "config"), known=frozenset(), warns=("no-settings",)),
    "pcr-4": both("--set", "PCR_SRTM=4", known=bank("sha256", 4)),
    "pcr-2-to-4": Pair(new=("--set", "PCR_SRTM=4"), known=SRTM | bank("sha256", 4)),
    "listed": both(*FOO_LISTED, *FOO_CHANGED, order=WITH_FOO, known=SRTM | bank("sha256", 3)),
    "listed-now": Pair(old=FOO, new=FOO_LISTED, order=WITH_FOO, known=SRTM | bank("sha256", 3)),
    "listed-no-more": Pair(old=FOO_LISTED, new=FOO, order=WITH_FOO, known=SRTM | bank("sha256", 3)),
    "listed-elsewhere": both(*FOO_LISTED, "--set", "PCR_RUNTIME_DATA=5", *FOO_CHANGED, order=WITH_FOO,
                             known=SRTM | bank("sha256", 5)),
    "mrc-cache": both(*MRC, order=WITH_MRC),
    "verified": both("--set", "CBFS_VERIFICATION=y", warns=("bootblock-not-measured",)),
    "verified-now": Pair(new=("--set", "CBFS_VERIFICATION=y"), refused="CBFS_VERIFICATION"),
}
BOOTS = {
    "twice": both(order=TWICE),
    "hidden": both(order=HIDDEN, refused="do not replay to the present value of PCR 2"),
    "hidden-as-known": both(*OPTIONS, order=HIDDEN, known=frozenset(), unknown=SRTM, warns=("unlogged-extends",)),
    "log-is-full": both(*MANY, order=FULL, known=frozenset(), unknown=SRTM, warns=("unlogged-extends",)),
    "other-path": Pair(new_boot=("--path", "noacpi"), differs=SRTM),
    "heads": both(boot=("--payload", "heads"), unknown=bank("sha256", 5) | bank("sha256", 6) | bank("sha256", 7)),
    "linux-to-heads": Pair(new_boot=("--payload", "heads"), differs=frozenset(("sha256", n) for n in (5, 6, 7)),
                           warns=("payload-changed",)),
    "seabios": both(*SEABIOS, boot=("--payload", "seabios"), console=True, known=SRTM | bank("sha256", 4),
                    warns=("log-overwritten",)),
    # the settings name another payload than the one that measured: what that one does next time is not known
    "seabios-unnamed": both(boot=("--payload", "seabios"), console=True, known=frozenset(), unknown=SRTM),
    "seabios-without-console": both(*SEABIOS, boot=("--payload", "seabios"), refused="console"),
}
VBOOT = {
    "vboot-a": both("--vboot", unknown=frozenset()),
    "vboot-b": both("--vboot", boot=("--slot", "B")),
    "verstage": both(*VERSTAGE, known=SRTM | bank("sha256", 1) | bank("sha256", 10)),
    "verstage-version": Pair(old=VERSTAGE, new=(*VERSTAGE, "--fw-version", "7"),
                             known=SRTM | bank("sha256", 1) | bank("sha256", 10)),
    "verstage-b": both(*VERSTAGE, boot=("--slot", "B"), known=SRTM | bank("sha256", 1) | bank("sha256", 10)),
    "verstage-other-slot": both(*VERSTAGE, new_boot=("--slot", "B"), differs=SRTM),
    "verstage-file-of-both": both(*VERSTAGE, order=READ_ONLY),
    "read-only-stays": Pair(old=VERSTAGE, new=(*VERSTAGE, "--fw-version", "3"), layout="coreboot-vboot"),
    "vboot-goes": Pair(old=VERSTAGE, refused="FW_MAIN_A|VBOOT"),
    "vboot-comes": Pair(new=VERSTAGE, refused="."),
}
ALL = {**FORMS, **IMAGES, **SETTINGS, **BOOTS, **VBOOT}
