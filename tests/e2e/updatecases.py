# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices, and what metadata offers for them: one case each."""
import dataclasses
import hashlib
import uuid

COMPONENT = """<component type="firmware"><id>org.example.{name}</id><name>{name}</name><summary>Of a test</summary>
<developer_name>T</developer_name><metadata_license>CC0-1.0</metadata_license><project_license>CC0-1.0</project_license>
<provides>{guids}</provides>{branch}{requires}<custom>{custom}</custom><releases>{releases}</releases></component>"""
OTHER = "00000000-0000-4000-8000-000000000000"
FWUPD = '<id compare="ge" version="2.0.0">org.freedesktop.fwupd</id>'


@dataclasses.dataclass
class Case:
    name: str
    device: dict
    lab: str
    second: str
    why: str        # "" where both have to say the same


def guid(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def release(version, attributes="", leave=()):
    """One release; leave out what is named."""
    digest = hashlib.sha256(version.encode()).hexdigest()
    parts = {
        "location": f"<location>https://mirror.example.org/{digest}.cab</location>",
        "sha256": f'<checksum type="sha256" filename="{digest}.cab" target="container">{digest}</checksum>',
        "content": f'<checksum type="sha256" filename="firmware.bin" target="content">{digest}</checksum>',
        "size": '<size type="installed">1000</size><size type="download">2000</size>',
    }
    inner = "".join(text for part, text in parts.items() if part not in leave)
    return f'<release version="{version}" timestamp="1700000000" urgency="high" {attributes}>{inner}</release>'


def component(name, *releases, guids=None, branch="", requires="", version_format="triplet", protocol="org.example.many",
              suffix=""):
    custom = ""
    if version_format:
        custom += f'<value key="LVFS::VersionFormat">{version_format}</value>'
    if protocol:
        custom += f'<value key="LVFS::UpdateProtocol">{protocol}</value>'
    return COMPONENT.format(
        name=name + suffix, guids="".join(f'<firmware type="flashed">{each}</firmware>' for each in guids or [guid(name)]),
        branch=f"<branch>{branch}</branch>" if branch else "", custom=custom,
        requires=f"<requires>{requires}</requires>" if requires else "",
        releases="".join(each if each.startswith("<") else release(each) for each in releases))


def device(name, **keys):
    base = {"Version": "1.2.2", "Format": "triplet", "Guids": guid(name), "VendorIds": "USB:0x1234", "Protocol": "org.example.many",
            "Flags": "updatable;unsigned-payload"}
    return {key: value for key, value in {**base, **keys}.items() if value is not None}


# a hardware id of the lab's machine: the SMBIOS names of scripts/qfulab/board.py
HARDWARE = "@HARDWARE@"
# where we differ: the row of docs/same-updates.md that says why
DIFFERENT = {
    "require-fwupd-regex": "regex",
    "require-current-regex": "regex",
    "require-vendor-id-regex": "regex",
    "require-bootloader": "bootloader",
    "require-vendor-id-other": "vendor-id",
    "require-other-device": "other-device",
    "require-not-child": "other-device",
    "require-phased": "phased",
    "component-upper-case": "capitals",
    "release-without-size": "size",
    "release-newest-without-size": "size",
    "device-no-vendor-id": "problem",
    "device-hidden": "problem",
    "device-all": "every-release",
}
CASES = []


def case(name, *releases, second="", lab=None, device_keys=None, **keys):
    why = DIFFERENT.get(name, "")
    CASES.append(Case(name, device(name, **(device_keys or {})), component(name, *releases, **keys) if lab is None else lab,
                      second, why))


def formats():
    rows = {
        "plain": ("abc", ("abd", "abb", "abca", "1")), "number": ("100", ("99", "1000", "101")),
        "pair": ("1.9", ("1.10", "1.8", "2.0")), "triplet": ("1.2.2", ("1.2.3", "1.2.1", "1.10.0", "1.2.2")),
        "quad": ("1.2.3.4", ("1.2.3.5", "1.2.3.10", "1.2.3.3")), "bcd": ("1.2", ("1.3", "1.1", "1.12")),
        "intel-me": ("11.8.50.3425", ("11.8.55.3510", "11.7.1.1", "12.0.0.1")),
        "intel-me2": ("11.8.50.3425", ("11.8.55.3510", "11.7.1.1")), "surface": ("1.2.3", ("1.2.10", "1.1.9")),
        "surface-legacy": ("1.2.3", ("1.3.1", "1.2.2")), "dell-bios": ("1.2.3", ("1.2.4", "1.1.30")),
        "dell-bios-msb": ("1.2.3", ("1.2.4", "1.1.30")), "hex": ("0x12", ("0x13", "0x100", "0x9")),
    }
    for name, (present, versions) in rows.items():
        case(f"format-{name}", *versions, device_keys={"Version": present, "Format": name}, version_format=name)
    case("format-only-old", "1.2.1", "1.2.0")
    case("format-same", "1.2.2")
    case("format-tilde", "1.2.3~rc1", "1.2.2~rc9", version_format="")
    case("format-letters", "1.2.2a", "1.2.2b", "1.2.10", version_format="")
    case("format-leading-zeros", "1.02.3", "01.2.10", version_format="")
    case("format-more-parts", "1.2.2.1", version_format="quad")
    case("format-fewer-parts", "1.3", version_format="pair")
    case("format-other", "1.2.3", version_format="quad")
    case("format-unsaid", "1.2.3", version_format="")
    case("format-unsaid-by-device", "1.2.3", device_keys={"Format": None})
    case("format-unsaid-by-both", "1.2.3", device_keys={"Format": None}, version_format="")
    case("format-nonsense", "1.2.3", version_format="moon")


def requirements():
    this = HARDWARE
    rows = {
        "hardware-device": f'<hardware>{guid("require-hardware-device")}</hardware>',
        "fwupd-old": '<id compare="ge" version="1.0.0">org.freedesktop.fwupd</id>',
        "fwupd-future": '<id compare="ge" version="99.0.0">org.freedesktop.fwupd</id>',
        "fwupd-less": '<id compare="lt" version="1.0.0">org.freedesktop.fwupd</id>',
        "fwupd-glob": '<id compare="glob" version="2.*">org.freedesktop.fwupd</id>',
        "fwupd-regex": '<id compare="regex" version="2[.]0[.][0-9]+">org.freedesktop.fwupd</id>',
        "fwupd-nonsense": '<id compare="near" version="2.0.0">org.freedesktop.fwupd</id>',
        "kernel": '<id compare="ge" version="3.0.0">org.kernel</id>',
        "kernel-future": '<id compare="ge" version="99.0.0">org.kernel</id>',
        "unknown-id": '<id compare="ge" version="1.0.0">org.example.moon</id>',
        "current": '<firmware compare="ge" version="1.2.0"/>', "current-newer": '<firmware compare="ge" version="1.2.3"/>',
        "current-eq": '<firmware compare="eq" version="1.2.2"/>', "current-ne": '<firmware compare="ne" version="1.2.2"/>',
        "current-glob": '<firmware compare="glob" version="1.2.*|1.3.*"/>',
        "current-regex": '<firmware compare="regex" version="1[.].*"/>',
        "bootloader": '<firmware compare="ge" version="1.0.0">bootloader</firmware>',
        "vendor-id": '<firmware compare="eq" version="USB:0x1234">vendor-id</firmware>',
        "vendor-id-other": '<firmware compare="eq" version="USB:0x9999">vendor-id</firmware>',
        "vendor-id-regex": '<firmware compare="regex" version="USB:0x(1234|1235)">vendor-id</firmware>',
        "vendor-id-glob": '<firmware compare="glob" version="USB:0x12*">vendor-id</firmware>',
        "other-device": f'<firmware compare="ge" version="1.0.0">{guid("format-triplet")}</firmware>',
        "other-device-newer": f'<firmware compare="ge" version="9.0.0">{guid("format-triplet")}</firmware>',
        "absent-device": f'<firmware compare="ge" version="1.0.0">{OTHER}</firmware>',
        "not-child": "<firmware>not-child</firmware>",
        "hardware": f"<hardware>{this}</hardware>", "hardware-one-of": f"<hardware>{OTHER}|{this}</hardware>",
        "hardware-other": f"<hardware>{OTHER}</hardware>", "not-hardware": f"<not_hardware>{this}</not_hardware>",
        "not-hardware-other": f"<not_hardware>{OTHER}</not_hardware>",
        "client": "<client>switch-branch</client>", "client-detach": "<client>detach-action</client>",
        "client-several": "<client>switch-branch|detach-action</client>", "client-unknown": "<client>moon</client>",
        "phased": "<phased_update>50</phased_update>", "unknown": "<moon>full</moon>",
        "memory": '<memory>1</memory>', "two": '<id compare="ge" version="1.0.0">org.freedesktop.fwupd</id><firmware compare="ge" version="1.2.3"/>',
    }
    for name, text in rows.items():
        # LVFS says with each requirement which fwupd knows it, and fwupd asks for that
        case(f"require-{name}", "1.2.3", requires=FWUPD + text)


def branches():
    case("branch-of-release", "1.2.3", branch="free")
    case("branch-of-device", "1.2.3", device_keys={"Branch": "free"})
    case("branch-same", "1.2.3", branch="free", device_keys={"Branch": "free"})
    case("branch-other", "1.2.3", branch="open", device_keys={"Branch": "free"})
    case("branch-two", lab=component("branch-two", "1.2.3", branch="free", suffix=".a") +
         component("branch-two", "1.2.9", branch="open", suffix=".b"), device_keys={"Branch": "free"})


def remotes():
    for name, first, second in (("second-newer", "1.2.3", "1.2.4"), ("first-newer", "1.2.4", "1.2.3"), ("both", "1.2.3", "1.2.3")):
        case(f"remote-{name}", first, second=component(f"remote-{name}", second))
    case("remote-second-alone", lab="", second=component("remote-second-alone", "1.2.3"))
    case("remote-other-requires", "1.2.4", requires='<id compare="ge" version="99.0.0">org.freedesktop.fwupd</id>',
         second=component("remote-other-requires", "1.2.3"))


def components():
    name = "component-guids"
    case(name, "1.2.3", guids=[OTHER, guid(name)], device_keys={"Guids": f"{guid(name)};{guid('component-more')}"})
    case("component-upper-case", "1.2.3", guids=[guid("component-upper-case").upper()])
    case("component-of-another", "1.2.3", guids=[OTHER])
    case("component-two", lab=component("component-two", "1.2.3", suffix=".a") + component("component-two", "1.2.4", suffix=".b"))
    case("component-order", "1.2.3", "1.2.5", "1.2.4")
    case("component-twice", "1.2.3", "1.2.3")
    case("component-none", lab="")
    case("component-protocol", "1.2.3", protocol="org.example.other")
    case("component-no-protocol", "1.2.3", protocol="")
    case("component-no-releases")
    for part in ("location", "sha256", "content", "size"):
        case(f"release-without-{part}", release("1.2.3", leave=(part,)))
        case(f"release-newest-without-{part}", release("1.2.9", leave=(part,)), "1.2.3")
    case("release-development", release("1.2.3", 'type="development"'))


def devices():
    case("device-fixed", "1.2.3", device_keys={"Flags": ""})
    case("device-locked", "1.2.3", device_keys={"Flags": "updatable;locked"})
    case("device-no-version", "1.2.3", device_keys={"Version": None})
    case("device-no-vendor-id", "1.2.3", device_keys={"VendorIds": None})
    case("device-no-protocol", "1.2.3", device_keys={"Protocol": None})
    case("device-reboot", "1.2.3", device_keys={"Flags": "updatable;needs-reboot"})
    case("device-internal", "1.2.3", device_keys={"Flags": "updatable;internal"})
    case("device-ac", "1.2.3", device_keys={"Flags": "updatable;require-ac"})
    case("device-lowest", "1.2.3", device_keys={"Lowest": "1.2.3"})
    case("device-lowest-above", "1.2.3", device_keys={"Lowest": "1.2.4"})
    case("device-only-upgrade", "1.2.3", device_keys={"Flags": "updatable;only-version-upgrade"})
    case("device-unreachable", "1.2.3", device_keys={"Flags": "updatable;unreachable"})
    case("device-bootloader", "1.2.3", device_keys={"Flags": "updatable;is-bootloader"})
    case("device-hidden", "1.2.3", device_keys={"Flags": "updatable-hidden"})
    case("device-signed", "1.2.3", device_keys={"Flags": "updatable;signed-payload"})
    case("device-all", "1.2.3", "1.2.5", "1.2.4", requires=FWUPD + '<firmware compare="ge" version="1.2.0"/>',
         device_keys={"Flags": "updatable;install-all-releases"})
    case("device-version-check", "1.2.3", requires=FWUPD + '<firmware compare="ge" version="1.2.0"/>',
         device_keys={"Flags": "updatable;version-check-required"})
    case("device-install-all", "1.2.3", "1.2.4", device_keys={"Flags": "updatable;install-all-releases"})
    case("device-emulated", "1.2.3", device_keys={"Flags": "updatable;emulated"})


for make in (formats, requirements, branches, remotes, components, devices):
    make()
