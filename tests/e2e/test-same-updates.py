#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""get-updates and get-releases find what fwupdmgr finds with the same metadata, on a machine of many devices.

Where they differ we are the stricter one, for a reason that docs/same-updates.md has a row for.
"""
import configparser
import json
import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
import updatecases
from productcase import BUILD, SKIP
from timecase import HOUR, now

MANY = pathlib.Path(BUILD) / "tests" / "plugin" / "many"
SECOND = "second.xml.zst"
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "same-updates.md"


class SameUpdates(timecase.TimeCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.directory = self.up("a", "--fwupd-plugins", MANY)
        info = self.info(self.directory)
        etc = pathlib.Path(info["fwupd_conf"]).parents[1]
        conf = configparser.ConfigParser()
        conf.optionxform = str
        for case in updatecases.CASES:
            conf[case.name] = case.device
        with (etc / "many.conf").open("w") as file:
            conf.write(file, space_around_delimiters=False)
        (etc / "fwupd" / "remotes.d" / "second.conf").write_text(
            f"[fwupd Remote]\nEnabled=true\nTitle=Second\nMetadataURI={info['mirror_url']}/{SECOND}\n")
        config = pathlib.Path(info["config"])
        config.write_text(config.read_text() + "\n[Remote second]\nSystemFirmware=true\n")
        self.restart_fwupd(self.directory)
        signed = now() - HOUR
        hardware = re.search(r"\{([0-9a-f-]{36})\}", self.lab("dom0", self.directory, "--", "fwupdmgr", "hwids"))[1]
        self.sign_xml(self.directory, signed, "".join(case.lab for case in updatecases.CASES)
                      .replace(updatecases.HARDWARE, hardware))
        self.sign_xml(self.directory, signed, "".join(case.second for case in updatecases.CASES), SECOND)
        self.do(self.directory, "refresh")

    def theirs(self, *words):
        return json.loads(self.lab("dom0", self.directory, "--", "fwupdmgr", *words, "--json"))

    def test_all(self):
        """The newest version and its remote, for every device; the reason is there where ours is missing."""
        theirs = {device["Name"]: device["Releases"] for device in self.theirs("get-updates")["Devices"]}
        done = self.manager(self.directory, "get-updates", "--json")
        self.assertEqual(done.returncode, 0)  # with offers, whatever else cannot be installed
        self.assertIn("warning: ", done.stderr)
        ours = {row["deviceName"]: row for row in json.loads(done.stdout)["updates"]}
        used = set()
        for case in updatecases.CASES:
            their = theirs.get(case.name, [])
            row = ours.get(case.name, {})
            with self.subTest(case.name):
                if case.why:
                    self.assertNotEqual(row.get("versionTo"), their[0]["Version"] if their else None)
                    if "versionTo" not in row:
                        self.assertIn("cannot be installed: ", row["error"]["message"])
                    used.add(case.why)
                elif their:
                    self.assertEqual((row.get("versionTo"), row.get("remote")), (their[0]["Version"], their[0]["RemoteId"]))
                else:
                    self.assertNotIn("versionTo", row)
        used.add("branch")      # of get-releases alone
        rows = re.findall(r"^\| \*\*([a-z-]+)\*\* \|", DOCUMENT.read_text(), re.M)
        self.assertCountEqual(rows, used)
        self.check_releases()

    def check_releases(self):
        """Every version that fwupdmgr lists for a device can be installed or is of another branch, and no other."""
        said = self.ask(self.directory, "get-releases")["devices"]
        ours = {device["deviceId"]: device for device in said}
        documents = self.lab("dom0", self.directory, "--", "sh", "-c", "; ".join(
            f"fwupdmgr get-releases --json {each}" for each in ours) + "; true")
        cases = {case.name: case for case in updatecases.CASES}
        decoder, at = json.JSONDecoder(), 0
        for device in ours.values():
            document, end = decoder.raw_decode(documents[at:].lstrip())
            at = documents.index("{", at) + end
            case = cases.get(device["deviceName"])
            if case is None or case.why:
                continue
            with self.subTest(case.name):
                self.assertCountEqual({release["version"] for release in device["releases"]
                                       if release["installable"] or "it is of the branch " in release["reason"]},
                                      {release["Version"] for release in document.get("Releases", [])})


if __name__ == "__main__":
    timecase.needs()
    if not list(MANY.glob("libfu_plugin_*.so")):
        print("the plugin for tests was not built")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
