#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What verified metadata and fwupd say of versions, and the verbs that install a certain one."""
import json
import pathlib
import re
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
import webcamcase
from productcase import digest
from webcamcase import COMPONENT, FIRST, GUID, checksum

OLDER, NEWER, BROKEN = "1.2.1", "1.2.4", "1.2.9"
RELEASE = '</release><release version="{version}" timestamp="1700000000" urgency="low">{rest}'
MANY = "0123456789abcdef" * 4


def payload(version):
    return f"{sum(int(part) << shift for part, shift in zip(version.split('.'), (24, 16, 0))):#x}\0".encode()


class Versions(webcamcase.WebcamCase):
    def rest_of(self, version):
        """A release of this version, whose cab is on the mirror."""
        data = payload(version)
        cab = self.cab(version, data)
        info = self.info(self.directory)
        self.cabs[version] = pathlib.Path(shutil.copy(cab, self.scratch))
        shutil.copy(cab, info["downloads"])
        return (f"<location>{info['mirror_url']}/{cab.name}</location>{checksum('container', cab.name, cab.read_bytes())}"
                f"{checksum('content', 'firmware.bin', data)}"
                f'<size type="installed">{len(data)}</size><size type="download">{cab.stat().st_size}</size>'
                f"<description><p>It is {version}.</p></description>"
                "<issues><issue type=\"cve\">CVE-2026-0001</issue></issues>")

    def offer_all(self):
        self.cabs = {}
        more = "".join(RELEASE.format(version=version, rest=self.rest_of(version)) for version in (OLDER, FIRST))
        # without location and digest nothing can be fetched
        more += RELEASE.format(version=BROKEN, rest="")
        self.sign_xml(self.directory, self.signed, COMPONENT.format(guid=GUID, version=NEWER,
                                                                    rest=self.rest_of(NEWER) + more))
        self.do(self.directory, "refresh")

    def says(self, words, status, message):
        self.ends(self.manager(self.directory, *words), status, message)

    def test_all(self):
        self.says(("get-releases",), 1, r"there is no metadata yet; `qubes-fwupdmgr refresh` fetches it")
        self.says(("get-history",), 2, r"fwupd remembers no update")
        self.says(("get-results", GUID), 2, r"fwupd remembers no update")
        self.offer_all()
        self.check_releases()
        self.check_refusals()
        self.check_older()
        self.check_url()
        self.check_terminal()
        self.check_history()
        self.check_details()
        self.check_machine()

    def check_releases(self):
        said = self.ask(self.directory, "get-releases", GUID.upper())
        self.assertEqual([(remote["remote"], remote["stale"]) for remote in said["remotes"]], [("lab", False)])
        (device,) = said["devices"]
        self.name = device["deviceName"]
        self.assertEqual((device["deviceName"][:17], device["version"]), ("Integrated Webcam", FIRST))
        self.assertEqual([(release["version"], release["order"], release["installable"]) for release in device["releases"]],
                         [(BROKEN, "newer", False), (NEWER, "newer", True), (FIRST, "same", True), (OLDER, "older", True)])
        broken, newer = device["releases"][:2]
        self.assertRegex(broken["reason"], "does not say where it is")
        self.assertIsNone(broken["sha256"])
        self.assertEqual((newer["sha256"], newer["urgency"], newer["cves"], newer["reason"], newer["remote"]),
                         (digest(self.cabs[NEWER]), "high", ["CVE-2026-0001"], None, "lab"))
        text = self.do(self.directory, "get-releases", "--verbose", GUID)
        self.assertRegex(text, rf"(?s)  {BROKEN}  newer, lab.*cannot be installed.*  {NEWER}  newer, lab, 2023-11-14\n.*"
                               rf"urgency high, .*fixes CVE-2026-0001\n.*It is {NEWER}\..*  {OLDER}  older")

    def check_refusals(self):
        for words, message in (
                (("downgrade",), rf"which version\? There is {OLDER} \(lab\)\. Nobody is there to choose; give DEVICE and VERSION"),
                (("downgrade", "-y", GUID), r"Nobody is there to choose"),
                (("downgrade", "-y", GUID, NEWER), rf"{NEWER} is not older than the present version {FIRST}; .*update` is for"),
                (("downgrade", "-y", GUID, "1.0.0"), r"the metadata has no version 1\.0\.0 for it; `qubes-fwupdmgr get-releases"),
                (("install", "-y", GUID, OLDER), rf"{OLDER} cannot be installed: it is older than the present version"),
                (("install", "-y", GUID, FIRST), rf"{FIRST} cannot be installed: it is the present version"),
                (("install", "-y", GUID, BROKEN), rf"{BROKEN} cannot be installed: .* where it is"),
                (("install", "-y", "Printer"), r"there is no device Printer"),
                (("install", "-y"), r"install needs the path of a cab, a device .*, or --url and --sha"),
                (("install", "-y", "--url=https://example.org/x.cab"), r"--url and --sha need one another"),
                (("install", "-y", "--url=https://example.org/x.cab", "--sha=0123"), r"--sha takes a SHA-256: 64 hexadecimal"),
                (("install", "-y", "--url=http://example.org/x.cab", f"--sha={MANY}"), r"https"),
                (("install", "-y", "--url=https://example.org/x.cab", f"--sha={MANY}"),
                 rf"names no cab with SHA-256 {MANY} .*`qubes-fwupdmgr install --local FILE\.cab`"),
        ):
            with self.subTest(words):
                self.says(words, 1, message)
        self.assertEqual(self.version(), FIRST)

    def check_older(self):
        said = json.loads(self.do(self.directory, "downgrade", "-y", "--json", GUID, OLDER))
        (done,) = said["updated"]
        self.assertEqual((done["versionFrom"], done["versionTo"]), (FIRST, OLDER))
        self.assertEqual(self.version(), OLDER)
        self.says(("downgrade", "-y", GUID), 2, r"the metadata has no older version of it")
        self.says(("downgrade", "-y"), 2, r"the metadata has no older version of any device")
        (said,) = self.ask(self.directory, "reinstall", "-y")["updated"]
        self.assertEqual((said["versionFrom"], said["versionTo"], self.version()), (OLDER,) * 3)

    def check_url(self):
        """The address is another one than the metadata has: what was asked for is known by its digest."""
        info = self.info(self.directory)
        elsewhere = pathlib.Path(info["downloads"]) / "elsewhere.cab"
        words = ("install", "-y", f"--url={info['mirror_url']}/{elsewhere.name}")
        shutil.copy(self.cabs[FIRST], elsewhere)
        self.says((*words, f"--sha={digest(self.cabs[NEWER])}"), 1, r"is larger, or|SHA-256|bytes|not what was asked for")
        self.assertEqual(self.version(), OLDER)
        self.do(self.directory, *words, f"--sha={digest(self.cabs[FIRST]).upper()}")
        self.assertEqual(self.version(), FIRST)
        self.do(self.directory, "install", "-y", GUID, NEWER)
        self.assertEqual(self.version(), NEWER)

    def check_terminal(self):
        status, said, errors = self.talk(self.directory, ("downgrade",), "")
        self.assertEqual(status, 1, said)
        self.assertIn("you chose none; nothing was changed", errors)
        self.assertRegex(said, rf"  1  {FIRST} \(lab\)\n  2  {OLDER} \(lab\)\nwhich version\? \[1-2, nothing for none\] ")
        status, said, errors = self.talk(self.directory, ("downgrade",), "3")
        self.assertEqual((status, self.version()), (1, NEWER), said + errors)
        status, said, errors = self.talk(self.directory, ("downgrade",), "2", "y")
        self.assertEqual((status, self.version()), (0, OLDER), said + errors)
        self.do(self.directory, "install", "-y", self.name.upper())
        self.assertEqual(self.version(), NEWER)

    def check_history(self):
        history = self.ask(self.directory, "get-history")["history"]
        self.assertEqual({entry["deviceName"] for entry in history}, {history[0]["deviceName"]})
        last = history[-1]
        self.assertEqual((last["versionFrom"], last["versionTo"], last["result"], last["failure"]),
                         (OLDER, NEWER, "success", None))
        (result,) = self.ask(self.directory, "get-results", GUID)["results"]
        self.assertEqual((result["versionTo"], result["result"]), (NEWER, "success"))
        self.assertEqual(self.ask(self.directory, "get-results")["results"], [result])
        self.assertRegex(self.do(self.directory, "get-results"), rf"{OLDER} -> {NEWER}\n(?s:.*)  result      success\n")

    def check_details(self):
        said = self.ask(self.directory, "get-details", self.cabs[OLDER])
        self.assertEqual((said["sha256"], said["reasons"]), (digest(self.cabs[OLDER]), []))
        self.assertEqual([(item["role"], item["signed"]) for item in said["items"]],
                         [("payload", True), ("metainfo", True), ("jcat", False)])
        self.assertEqual((said["component"]["id"], said["component"]["version"]), ("org.example.webcam", OLDER))
        self.assertEqual([(device["version"], device["fits"]) for device in said["devices"]], [(NEWER, False)])
        self.assertEqual([(name["remote"], name["version"], name["installable"]) for name in said["namedBy"]],
                         [("lab", OLDER, False)])
        bad = self.scratch / "bad.cab"
        bad.write_bytes(self.cabs[OLDER].read_bytes()[:-8])
        self.says(("get-details", bad), 1, r"bad\.cab holds nothing that can be read: ")
        self.says(("get-details", self.scratch / "none.cab"), 1, r"none\.cab")

    def check_machine(self):
        said = self.ask(self.directory, "hcl")
        self.assertRegex(said["fwupd"], r"^\d+\.\d+\.\d+$")
        self.assertIn(NEWER, [device["version"] for device in said["updatableDevices"]])
        self.assertIn(said["measuredBoot"], ("yes", "no"))
        lockdown = pathlib.Path("/sys/kernel/security/lockdown")
        told = re.search(r"\[(\w+)\]", lockdown.read_text())[1] if lockdown.exists() else None
        self.assertEqual(said["lockdown"], told)
        text = self.do(self.directory, "hcl")
        self.assertIn(f"\nkernel-lockdown:\n  '{told or 'unknown'}'\n", text)
        self.assertRegex(text, rf"^fwupd:\n  '{said['fwupd']}'\nfwupd-devices:\n  '.*{NEWER}.*'\nfirmware-vendor:\n")


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
