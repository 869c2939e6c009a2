#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hold scripts/lab-boot-model against the recorded boots of the coreboot fixtures.

Each fixture's image goes through the model in the order in which its events happened.  PCRs of
all banks have to be those that the boot left behind, and the event log equal to the byte.
"""
import glob
import json
import lzma
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

from swtpm import Swtpm

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MODEL = os.path.join(ROOT, "scripts", "lab-boot-model")
DATA = os.environ.get("QFU_SHARED_DATA", os.path.join(ROOT, "..", "shared", "data"))
FIXTURES = sorted(glob.glob(os.path.join(DATA, "coreboot", "v*")))
# what SeaBIOS measures whatever the machine: option ROM scan, INT 19h, separator
CONSTANT_EVENTS = {"5374617274204f7074696f6e20524f4d205363616e", "43616c6c696e6720494e5420313968",
                   "ffffffff"}
# fixtures whose boot took the accesses of the order file that the lab uses
DEFAULT_ORDER = {"v2", "v6", "v9", "v12", "v16", "v19"}


def order_lines(events):
    """The firmware's events in the words of an order file."""
    slot = next((event["region"][-1] for event in events
                 if (event["region"] or "").startswith("FW_MAIN_")), "")
    vboot = {"VBOOT: boot mode": "vboot boot-mode",
             "VBOOT: GBB HWID": "vboot hwid",
             "VBOOT: firmware ver": f"vboot firmware-version VBLOCK_{slot}"}
    for event in events:
        mark = "" if event["logged"] else "unlogged "
        if event["name"] in vboot:
            yield mark + vboot[event["name"]]
        elif event["region"] == "FMAP":
            yield f"{mark}area {event['file']}"
        else:
            yield f"{mark}file {event['region']}:{event['file']}"


class Fixture:
    def __init__(self, folder, scratch):
        self.folder = folder
        self.name = os.path.basename(folder)
        with open(os.path.join(folder, "expected.json"), encoding="utf-8") as text:
            self.expected = json.load(text)
        self.rom = os.path.join(scratch, "rom")
        with lzma.open(os.path.join(folder, "rom.xz")) as packed, open(self.rom, "wb") as rom:
            rom.write(packed.read())
        self.order = os.path.join(scratch, "order")
        with open(self.order, "w", encoding="utf-8") as order:
            order.write("\n".join(order_lines(self.events("firmware"))) + "\n")

    def events(self, source):
        return [event for event in self.expected["events"] if event["source"] == source]

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as data:
            return data.read()

    def firmware_logs(self):
        """(bytes, how the model writes such a log) of the logs that the firmware alone wrote."""
        for log in self.expected["logs"]:
            if log["contains"] == "firmware events" and log["format"] != "text":
                yield self.read(log["file"]), \
                    "linux" if log["origin"].startswith("linux") else "cbmem"

    def final_pcrs(self):
        """pcrs.txt as {bank: {pcr: hex}}, as far as firmware and constant events made it."""
        moved = {event["pcr"] for event in self.events("payload")
                 if event.get("data_hex") not in CONSTANT_EVENTS}
        values = {}
        for line in self.read("pcrs.txt").decode().splitlines():
            bank, pcr, digest = line.split()
            # IMA extends PCR 10 after the firmware
            if int(pcr) not in moved | {10}:
                values.setdefault(bank, {})[int(pcr)] = digest.lower()
        return values


class BootModel(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-test-")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def boot(self, fixture, *options):
        """-> (PCRs of all banks, the log)"""
        log = os.path.join(self.scratch, "log")
        with Swtpm(os.path.join(self.scratch, "tpm"), fixture.expected["banks"]) as tpm:
            subprocess.run([MODEL, fixture.rom, tpm.tcti, log, *options], check=True)
            pcrs = tpm.pcrs()
        self.assertEqual(sorted(pcrs), sorted(fixture.expected["banks"]))
        with open(log, "rb") as data:
            return pcrs, data.read()

    def assert_pcrs(self, pcrs, expected):
        self.assertEqual(sorted(pcrs), sorted(expected))
        for bank, values in expected.items():
            self.assertTrue(values)
            for pcr, value in values.items():
                self.assertEqual(pcrs[bank][int(pcr)], value, f"{bank} PCR {pcr}")

    def check(self, folder):
        fixture = Fixture(folder, self.scratch)
        pcrs, _ = self.boot(fixture, "--order", fixture.order)
        self.assert_pcrs(pcrs, fixture.expected["pcrs_after_firmware"])
        for log, kind in fixture.firmware_logs():
            _, made = self.boot(fixture, "--order", fixture.order, "--log-as", kind)
            self.assertEqual(made, log, f"{kind} log")
        payload = "seabios" if fixture.expected["flags"]["payload_extends_pcrs"] else "linux"
        pcrs, _ = self.boot(fixture, "--order", fixture.order, "--payload", payload)
        final = fixture.final_pcrs()
        self.assertIn(2, final[fixture.expected["measurement_algorithm"]])
        self.assert_pcrs(pcrs, final)
        if fixture.name in DEFAULT_ORDER:
            pcrs, _ = self.boot(fixture)
            self.assert_pcrs(pcrs, fixture.expected["pcrs_after_firmware"])


def add_tests():
    for folder in FIXTURES:
        setattr(BootModel, "test_" + os.path.basename(folder),
                lambda self, folder=folder: self.check(folder))


if __name__ == "__main__":
    if not FIXTURES:
        print(f"skip: no coreboot fixtures in {DATA}")
        sys.exit(77)
    add_tests()
    unittest.main(verbosity=2)
