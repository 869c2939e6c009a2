# SPDX-License-Identifier: LGPL-2.1-or-later
"""The mirror's metadata in the shape of LVFS, and publishing, which adds a release to it.

A catalogue is served under a name with its number, firmware-00007-stable.xml.zst, and under the fixed name
firmware.xml.zst; the jcat of the fixed name has one item whose ID is the first and whose alias is the second.
"""

import dataclasses
import json
import shutil
import xml.etree.ElementTree as ET

from . import cabinet, signing, tools

COMPRESSORS = {"zst": ["zstd", "-q", "-f", "-k", "--no-progress"], "xz": ["xz", "-f", "-k"],
               "gz": ["gzip", "-f", "-k", "-n"]}


def add_release(lab, releases, item):
    release = ET.SubElement(releases, "release", version=item.version, timestamp=str(item.timestamp), urgency="high",
                            install_duration="120")
    ET.SubElement(release, "location").text = f"{lab.mirror_url}/{item.file}"
    for target, filename, sums in (("container", item.file, item.container),
                                   ("content", cabinet.PAYLOAD, item.content)):
        for algorithm, value in sums.items():
            ET.SubElement(release, "checksum", type=algorithm, filename=filename, target=target).text = value
    ET.SubElement(release, "size", type="installed").text = str(item.installed)
    ET.SubElement(release, "size", type="download").text = str(item.size)
    cabinet.describe(release, item.version)


def document(lab, items, archives):
    """All releases, newest first, in one component for each set of board and GUIDs; and those of archives as they are."""
    root = ET.Element("components", origin="lab", version="0.9")
    groups = {}
    for item in reversed(items):
        groups.setdefault((item.component, tuple(item.guids)), []).append(item)
    root.extend(map(ET.fromstring, reversed(archives)))
    for members in groups.values():
        newest = members[0]
        component, releases = cabinet.common_elements(newest.component, newest.name, newest.guids, newest.version)
        for item in members:
            add_release(lab, releases, item)
        root.append(component)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


class Ledger:
    """What has been published, beside the document root: number of the catalogue, time of its signature, releases."""

    def __init__(self, lab):
        self.file = lab.mirror / "published.json"
        data = json.loads(self.file.read_text()) if self.file.exists() else {"number": 0, "signed": 0, "releases": [], "archives": []}
        self.number = data["number"]
        self.signed = data["signed"]
        self.releases = [cabinet.Release(**each) for each in data["releases"]]
        self.archives = data["archives"]

    def save(self):
        data = {"number": self.number, "signed": self.signed,
                "releases": [dataclasses.asdict(each) for each in self.releases],
                "archives": self.archives}
        self.file.write_text(json.dumps(data, indent=2) + "\n")


def serve(lab, ledger):
    """Put the next catalogue on the mirror. The jcat comes last: what it names is there already."""
    ledger.number += 1
    ledger.signed = signing.later_second(ledger.signed)
    work = lab.mirror / "tmp" / "catalog"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    plain = work / f"firmware-{ledger.number:05}-stable.xml"
    plain.write_bytes(document(lab, ledger.releases, ledger.archives))
    for suffix, compress in COMPRESSORS.items():
        tools.run([*compress, plain])
        numbered = work / f"{plain.name}.{suffix}"
        fixed = f"firmware.xml.{suffix}"
        jcat = work / f"{fixed}.jcat"
        signing.sign(lab, jcat, [numbered], alias=fixed)
        shutil.copy(numbered, work / fixed)
        numbered.replace(lab.downloads / numbered.name)
        (work / fixed).replace(lab.downloads / fixed)
        jcat.replace(lab.downloads / jcat.name)
    ledger.save()


def publish(lab, rom, version, guids, component=None):
    """Sign an image and offer it. Returns the release."""
    ledger = Ledger(lab)
    release = cabinet.build(lab, rom, version, guids, component)
    ledger.releases.append(release)
    serve(lab, ledger)
    return release


def publish_cab(lab, cab):
    """Offer an archive that somebody else has made and signed. Returns its name on the mirror."""
    ledger = Ledger(lab)
    file, component = cabinet.describe_archive(lab, cab)
    ledger.archives.append(ET.tostring(component, encoding="unicode"))
    shutil.copy(cab, lab.downloads / file)
    serve(lab, ledger)
    return file
