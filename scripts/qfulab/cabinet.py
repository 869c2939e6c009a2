# SPDX-License-Identifier: LGPL-2.1-or-later
"""A firmware archive as a vendor uploads it and LVFS signs it: payload, metainfo, jcat."""

import dataclasses
import datetime
import hashlib
import pathlib
import re
import shutil
import tempfile
import time
import xml.etree.ElementTree as ET

from . import board, signing, tools
from .layout import LabError

PAYLOAD = "firmware.rom"
METAINFO = "firmware.metainfo.xml"
PROTOCOL = "org.flashrom"
FORMATS = {1: "plain", 2: "pair", 3: "triplet", 4: "quad"}


@dataclasses.dataclass(frozen=True)
class Release:
    """What the catalogue says of one archive; checksums by algorithm."""
    component: str
    name: str
    guids: list
    version: str
    timestamp: int
    file: str
    container: dict
    content: dict
    size: int
    installed: int


def version_format(version):
    parts = version.split(".")
    return FORMATS.get(len(parts), "plain") if all(part.isdigit() for part in parts) else "plain"


def checksums(path):
    data = path.read_bytes()
    return {name: hashlib.new(name, data).hexdigest() for name in ("sha1", "sha256")}


def common_elements(component, name, guids, version):
    """The elements that metainfo and catalogue share, with an empty <releases>."""
    root = ET.Element("component", type="firmware")
    for tag, text in (("id", component), ("name", f"{name} coreboot firmware"),
                      ("summary", f"coreboot firmware for {name}"), ("developer_name", "Laboratory"),
                      ("metadata_license", "CC0-1.0"), ("project_license", "GPL-2.0-only")):
        ET.SubElement(root, tag).text = text
    description = ET.SubElement(root, "description")
    ET.SubElement(description, "p").text = "Pseudo-random contents in the shape of a coreboot image."
    provides = ET.SubElement(root, "provides")
    for guid in guids:
        ET.SubElement(provides, "firmware", type="flashed").text = guid
    requires = ET.SubElement(root, "requires")
    ET.SubElement(requires, "id", compare="ge", version="1.9.0").text = "org.freedesktop.fwupd"
    custom = ET.SubElement(root, "custom")
    for key, value in (("UpdateProtocol", PROTOCOL), ("VersionFormat", version_format(version))):
        ET.SubElement(custom, "value", key=f"LVFS::{key}").text = value
    ET.SubElement(ET.SubElement(root, "categories"), "category").text = "X-System"
    return root, ET.SubElement(root, "releases")


def describe(release, version):
    description = ET.SubElement(release, "description")
    ET.SubElement(description, "p").text = f"This is version {version}."


def metainfo(component, name, guids, version, rom, timestamp):
    root, releases = common_elements(component, name, guids, version)
    release = ET.SubElement(releases, "release", version=version, timestamp=str(timestamp), urgency="high")
    ET.SubElement(release, "checksum", type="sha256", target="content",
                  filename=PAYLOAD).text = hashlib.sha256(rom).hexdigest()
    describe(release, version)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def build(lab, rom, version, guids, component=None):
    """Make and sign the archive of one image and put it on the mirror, named by its checksum as on LVFS."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", version):
        raise LabError(f"{version}: a version has only letters, digits and ._+- in it")
    names = board.names(rom)
    title = f"{names['Manufacturer']} {names['ProductName']}"
    component = component or "org.qubes_fwupd.lab." + re.sub(r"[^a-z0-9]+", "_", title.lower())
    guids = guids or [board.device_guid(names)]
    timestamp = int(time.time())
    with tempfile.TemporaryDirectory(dir=lab.mirror / "tmp") as directory:
        work = pathlib.Path(directory)
        shutil.copyfile(rom, work / PAYLOAD)
        data = (work / PAYLOAD).read_bytes()
        (work / METAINFO).write_bytes(metainfo(component, title, guids, version, data, timestamp))
        signing.sign(lab, work / "firmware.jcat", [work / METAINFO, work / PAYLOAD])
        cab = work / "firmware.cab"
        tools.run(["gcab", "--create", "--zip", "--nopath", cab, METAINFO, PAYLOAD, "firmware.jcat"], cwd=work)
        container = checksums(cab)
        file = f"{container['sha256']}-{component.rpartition('.')[2]}-{version}.cab"
        release = Release(component, title, guids, version, timestamp, file, container, checksums(work / PAYLOAD),
                          cab.stat().st_size, len(data))
        cab.chmod(0o644)
        cab.replace(lab.downloads / file)
    return release


def unpack(cab, work):
    """Unpack an archive into this folder. Returns its metainfo."""
    tools.run(["gcab", "--extract", "--nopath", cab], cwd=work)
    metainfos = list(work.glob("*.metainfo.xml"))
    if len(metainfos) != 1:
        raise LabError(f"{cab}: has {len(metainfos)} metainfo files, and one is wanted")
    return metainfos[0]


def describe_archive(lab, cab):
    """An archive as LVFS would list it: its metainfo, and besides where it lies and what it weighs. Returns its name on
    the mirror and the component."""
    container = checksums(cab)
    file = f"{container['sha256']}-{cab.name}"
    with tempfile.TemporaryDirectory(dir=lab.mirror / "tmp") as directory:
        work = pathlib.Path(directory)
        component = ET.parse(unpack(cab, work)).getroot()
        release = component.find("releases/release")
        payload = work / release.find("checksum[@target='content']").get("filename")
        installed = payload.stat().st_size
    date = release.attrib.pop("date", None)
    if date:
        release.set("timestamp", str(int(datetime.datetime.fromisoformat(f"{date}T00:00:00+00:00").timestamp())))
    for artifacts in release.findall("artifacts"):
        release.remove(artifacts)
    ET.SubElement(release, "location").text = f"{lab.mirror_url}/{file}"
    for algorithm, value in container.items():
        ET.SubElement(release, "checksum", type=algorithm, filename=file, target="container").text = value
    ET.SubElement(release, "size", type="installed").text = str(installed)
    ET.SubElement(release, "size", type="download").text = str(cab.stat().st_size)
    return file, component
