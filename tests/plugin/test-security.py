#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What fwupd says of the host's security, as the command line passes it on."""

import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

import daemon
from daemon import BUILD, SECONDS
from schemacase import answer

MANAGER = BUILD / "dom0" / "qubes-fwupdmgr"


class Security(daemon.FwupdCase):
    def start(self, kind):
        """fwupd judges real machines and privileged domains alone; it is told what this one is."""
        self.start_fwupd(env={**self.environment(), "FWUPD_MACHINE_KIND": kind})

    def ask(self, *words, status=0):
        done = subprocess.run([MANAGER, *words], env=self.environment(), stdin=subprocess.DEVNULL, timeout=SECONDS,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        if "--json" in words:
            answer(words, status, done.stdout)
        return done

    def test_guest(self):
        self.start("virtual")
        done = self.ask("security", "--json", status=1)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "unsupported")
        self.assertIn("fwupd does not judge the security of this host: HSI unavailable", done.stderr)
        done = self.ask("hcl", "--json")
        self.assertIsNone(json.loads(done.stdout)["hsi"])
        self.assertIn("warning: fwupd does not judge the security of this host", done.stderr)
        self.assertRegex(self.ask("hcl").stdout, r"host-security:\n  'unknown'\n")

    def test_machine(self):
        """The same attributes as fwupd's own client has."""
        self.start("physical")
        said = json.loads(self.ask("security", "--json").stdout)
        theirs = json.loads(self.run_tool("fwupdmgr", "security", "--json"))
        self.assertIn(said["hsi"], self.run_tool("gdbus", "introspect", "--system", "--only-properties",
                                                 f"--dest={daemon.BUS_NAME}", "--object-path=/"))
        self.assertTrue(said["attributes"])
        expected = [(each["AppstreamId"], each.get("HsiLevel", 0), each.get("HsiResult"), each.get("HsiResultSuccess"),
                     "success" in each.get("Flags", [])) for each in theirs["SecurityAttributes"]]
        self.assertCountEqual([(each["id"], each["level"], each["result"], each["expected"], each["good"])
                               for each in said["attributes"]], expected)
        text = self.ask("security", "--verbose").stdout
        self.assertTrue(text.startswith(f"host security: {said['hsi']}\n"), text)
        shown = set(re.findall(r"(org\.fwupd\.hsi\.\S+)\n", text))
        self.assertEqual(shown, {each["id"] for each in said["attributes"] if "obsoleted" not in each["flags"]})
        self.assertEqual(json.loads(self.ask("hcl", "--json").stdout)["hsi"], said["hsi"])


if __name__ == "__main__":
    daemon.main()
