# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab whose fwupd has the device of its own plugin for tests: a webcam, whose firmware is its version, as a number."""
import configparser
import hashlib
import pathlib
import shutil

import timecase
from timecase import HOUR, now

GUID = "b585990a-003e-5270-89d5-3705a17f9a43"
FIRST = "1.2.2"      # what the device runs at first
COMPONENT = """<component type="firmware"><id>org.example.webcam</id><name>Webcam</name><summary>Of a test</summary>
<developer_name>T</developer_name><metadata_license>CC0-1.0</metadata_license><project_license>CC0-1.0</project_license>
<provides><firmware type="flashed">{guid}</firmware></provides>
<custom><value key="LVFS::VersionFormat">triplet</value><value key="LVFS::UpdateProtocol">com.acme.test</value></custom>
<releases><release version="{version}" timestamp="1700000000" urgency="high">{rest}</release></releases></component>"""
CHECKSUM = '<checksum type="sha256" filename="{name}" target="{target}">{digest}</checksum>'


def checksum(target, name, data):
    return CHECKSUM.format(target=target, name=name, digest=hashlib.sha256(data).hexdigest())


class WebcamCase(timecase.TimeCase):
    def setUp(self):
        super().setUp()
        self.directory = self.up("a", *self.machine())
        self.set_fwupd(self.directory, TestDevices="true")
        self.signed = now() - HOUR
        self.assertEqual(self.version(), FIRST)

    def set_fwupd(self, directory, **keys):
        """Keys of fwupd's own configuration, which it reads when it starts."""
        conf = pathlib.Path(self.info(directory)["fwupd_conf"])
        settings = configparser.ConfigParser()
        settings.optionxform = str
        settings.read(conf)
        settings["fwupd"].update(keys)
        with conf.open("w") as file:
            settings.write(file, space_around_delimiters=False)
        self.restart_fwupd(directory)

    def machine(self):
        """Options of the lab."""
        return ()

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

    def offer_cab(self, cab, version, payload, more=""):
        """Metadata that names this cab as this version, and says more of it."""
        self.signed += 1
        data = cab.read_bytes()
        url = f"{self.info(self.directory)['mirror_url']}/{cab.name}"
        rest = (f"<location>{url}</location>{checksum('container', cab.name, data)}"
                f"{checksum('content', 'firmware.bin', payload)}"
                f'<size type="installed">{len(payload)}</size><size type="download">{len(data)}</size>{more}')
        self.sign_xml(self.directory, self.signed, COMPONENT.format(guid=GUID, version=version, rest=rest))
        shutil.copy(cab, self.info(self.directory)["downloads"])
        self.do(self.directory, "refresh")
