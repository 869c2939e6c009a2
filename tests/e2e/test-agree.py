#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mix and match: metadata, cab, payload and device each name a version, and all of them have to agree.

Everything here is signed by the authority that counts. The device is the one of fwupd's own plugin for tests: its firmware
is its version, as a number.
"""
import configparser
import hashlib
import pathlib
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
from timecase import HOUR, now

GUID = "b585990a-003e-5270-89d5-3705a17f9a43"
OTHER = "00000000-0000-4000-8000-000000000000"
FIRST = "1.2.2"      # what the device runs at first
COMPONENT = """<component type="firmware"><id>org.example.webcam</id><name>Webcam</name><summary>Of a test</summary>
<developer_name>T</developer_name><metadata_license>CC0-1.0</metadata_license><project_license>CC0-1.0</project_license>
<provides><firmware type="flashed">{guid}</firmware></provides>
<custom><value key="LVFS::VersionFormat">triplet</value><value key="LVFS::UpdateProtocol">com.acme.test</value></custom>
<releases><release version="{version}" timestamp="1700000000" urgency="high">{rest}</release></releases></component>"""
CHECKSUM = '<checksum type="sha256" filename="{name}" target="{target}">{digest}</checksum>'


def checksum(target, name, data):
    return CHECKSUM.format(target=target, name=name, digest=hashlib.sha256(data).hexdigest())


class Agree(timecase.TimeCase):
    def setUp(self):
        super().setUp()
        self.directory = self.up("a")
        conf = pathlib.Path(self.info(self.directory)["fwupd_conf"])
        settings = configparser.ConfigParser()
        settings.optionxform = str
        settings.read(conf)
        settings["fwupd"]["TestDevices"] = "true"
        with conf.open("w") as file:
            settings.write(file, space_around_delimiters=False)
        self.restart_fwupd(self.directory)
        self.signed = now() - HOUR
        self.assertEqual(self.version(), FIRST)

    def version(self):
        devices = [device for device in self.ask(self.directory, "get-devices")["devices"] if GUID in device["guids"]]
        self.assertEqual(len(devices), 1)
        return devices[0]["version"]

    def cab(self, version, payload, guid=GUID):
        """A cab as a vendor would make it."""
        info = self.info(self.directory)
        work = self.scratch / "cab"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        (work / "firmware.bin").write_bytes(payload)
        (work / "firmware.metainfo.xml").write_text(COMPONENT.format(
            guid=guid, version=version, rest=checksum("content", "firmware.bin", payload)))
        for name in ("firmware.bin", "firmware.metainfo.xml"):
            jcat = ["jcat-tool", "--keyring", work / "keyring"]
            self.tool(work, *jcat, "self-sign", "--kind", "sha256", "firmware.jcat", name)
            self.tool(work, *jcat, "sign", "firmware.jcat", name, info["signer"], info["signer_key"])
        self.tool(work, "gcab", "-c", "-n", "--zip", f"{version}.cab", "firmware.bin", "firmware.metainfo.xml",
                  "firmware.jcat")
        return work / f"{version}.cab"

    def offer_cab(self, cab, version, payload):
        """Metadata that names this cab as this version."""
        self.signed += 1
        data = cab.read_bytes()
        url = f"{self.info(self.directory)['mirror_url']}/{cab.name}"
        rest = (f"<location>{url}</location>{checksum('container', cab.name, data)}"
                f"{checksum('content', 'firmware.bin', payload)}"
                f'<size type="installed">{len(payload)}</size><size type="download">{len(data)}</size>')
        self.sign_xml(self.directory, self.signed, COMPONENT.format(guid=GUID, version=version, rest=rest))
        shutil.copy(cab, self.info(self.directory)["downloads"])
        self.do(self.directory, "refresh")

    def refuses(self, message, version):
        """An update says so, and the device runs this version then."""
        self.ends(self.manager(self.directory, "update", "-y"), 1, message)
        self.assertEqual(self.version(), version)

    def test_all(self):
        good, other = b"0x1020004\0", b"0x1020005\0"
        cases = [
            ("metainfo of another version", ("1.2.5", other), "1.2.6", other,
             r"the metadata calls it version 1\.2\.6, but it is 1\.2\.5"),
            ("metainfo of another device", ("1.2.5", other, OTHER), "1.2.5", other, r"it is for other devices"),
            ("another payload", ("1.2.5", other), "1.2.5", good, r"no file in the cab of 1\.2\.5 is the signed"),
        ]
        for name, cab, version, payload, message in cases:
            with self.subTest(name):
                self.offer_cab(self.cab(*cab), version, payload)
                self.refuses(message, FIRST)
        with self.subTest("another cab in its place"):
            # one that was never fetched before: a kept cab would be used without asking the mirror
            self.offer_cab(self.cab("1.2.3", b"0x1020003\0"), "1.2.3", b"0x1020003\0")
            shutil.copy(self.cab("1.2.3", good), self.info(self.directory)["downloads"])
            self.refuses(r"is larger, or|SHA-256|bytes|not what was asked for", FIRST)
        with self.subTest("what the device says"):
            self.offer_cab(self.cab("1.2.6", other), "1.2.6", other)
            self.refuses(r"version 1\.2\.6 was installed, but the device reports 1\.2\.5", "1.2.5")
        self.offer_cab(self.cab("1.2.7", b"0x1020007\0"), "1.2.7", b"0x1020007\0")
        self.do(self.directory, "update", "-y")
        self.assertEqual(self.version(), "1.2.7")


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
