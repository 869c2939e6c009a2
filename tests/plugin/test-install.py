#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installing through the packaged daemon: what the plugin writes, and when it refuses to."""

import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from daemon import BUILD, SECONDS, FwupdCase, main
from qfulab import board, cabinet, layout, pki

# cbfstool is where an ordinary user's PATH does not lead
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
STAGE = BUILD / "tests" / "plugin" / "stage-record"
NEEDS_REBOOT = 4  # FwupdUpdateState
UPDATED = ("FMAP", "COREBOOT")
OLD, NEW, OTHER = "24.02.1", "25.03.0", "25.09.0"


def compose(old, new):
    """What the chip shall hold: the areas that are cbfstool's word, the bytes of one image or the other."""
    done = subprocess.run(["cbfstool", str(new), "layout", "-w"], check=True, capture_output=True, text=True)
    found = {name: (int(offset), int(size)) for name, size, offset
             in re.findall(r"^'(\w+)' \(.*size (\d+), offset (\d+)\)$", done.stdout, re.M)}
    chip = bytearray(old.read_bytes())
    image = new.read_bytes()
    for name in UPDATED:
        offset, size = found[name]
        chip[offset:offset + size] = image[offset:offset + size]
    return bytes(chip)


class Install(FwupdCase):
    """Images, keys and cabs are made once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scratch = tempfile.TemporaryDirectory(prefix="qfu-cabs-")
        cls.addClassCleanup(scratch.cleanup)
        cls.store = layout.Lab(scratch.name)
        cls.store.create({})
        pki.Pki(cls.store).create()
        cls.roms = {}
        cls.cabs = {}
        for version, seed, part in ((OLD, "1", "Lab Board"), (NEW, "2", "Lab Board"), (OTHER, "1", "Other Board")):
            rom = pathlib.Path(scratch.name) / f"{version}.rom"
            subprocess.run([SCRIPTS / "lab-rom", rom, "--version", version, "--preserved-seed", seed,
                            "--board-part", part], check=True, timeout=SECONDS)
            cls.roms[version] = rom
        guid = board.device_guid(board.names(cls.roms[OLD]))
        for version, rom in cls.roms.items():
            cls.cabs[version] = cls.store.downloads / cabinet.build(cls.store, rom, version, [guid]).file

    def setUp(self):
        super().setUp()
        self.before = self.roms[OLD].read_bytes()
        self.chip.write_bytes(self.before)
        pki.Pki(self.store).trust_in(self.dir / "etc/pki/fwupd", self.dir / "etc/pki/fwupd-metadata")
        self.start_fwupd(board.names(self.roms[OLD]))
        self.device = self.devices()[0]["DeviceId"]

    def stage(self, version=NEW):
        self.run_tool(STAGE, self.device, self.chip, self.roms[version])

    def install(self, version=NEW, status=0):
        """fwupd's words; its exit status is checked."""
        done = subprocess.run(["fwupdmgr", "install", "--json", "--assume-yes", "--no-reboot-check", self.cabs[version]],
                              env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + self.log())
        return done.stdout

    def states(self):
        folder = self.dir / "refs" / "refvals"
        return [json.loads(path.read_text())["state"] for path in sorted(folder.glob("*.json"))]

    def assert_refused(self, *words, version=NEW):
        said = self.install(version, status=1)
        for word in words:
            self.assertIn(word, said)
        self.assertTrue(self.chip.read_bytes() == self.before)

    def test_install(self):
        expected = compose(self.chip, self.roms[NEW])
        self.assertNotEqual(expected, self.roms[NEW].read_bytes())
        self.stage()
        self.install()
        self.assertTrue(self.chip.read_bytes() == expected)
        self.assertEqual(self.states(), ["pending", "consumed", "written"])
        history = json.loads(self.run_tool("fwupdmgr", "get-history", "--json"))["Devices"]
        self.assertEqual([(each["DeviceId"], each["UpdateState"]) for each in history],
                         [(self.device, NEEDS_REBOOT)])

    def test_no_record(self):
        self.assert_refused("no pending reference values", "`qubes-fwupdmgr update`")
        self.assertEqual(self.states(), [])

    def test_record_of_another_chip(self):
        self.stage()
        self.before = self.before[:-1] + bytes([self.before[-1] ^ 1])
        self.chip.write_bytes(self.before)
        self.assert_refused("the chip holds something else")
        self.assertEqual(self.states(), ["pending"])

    def test_another_board(self):
        self.stage()
        self.assert_refused("the image is for another board", version=OTHER)
        self.assertEqual(self.states(), ["pending"])

    def test_chip_in_use(self):
        self.stage()
        (self.dir / "run-ours").mkdir(exist_ok=True)
        with open(self.dir / "run-ours" / "chip.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_refused("another program uses the flash chip", "chip.lock")
        self.assertEqual(self.states(), ["pending"])


main()
