# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine whose chip holds one image, cabs of others, and the packaged daemon with our plugin."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from daemon import BUILD, SECONDS, FwupdCase
from qfulab import board, cabinet, layout, pki

# cbfstool is where an ordinary user's PATH does not lead
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
STAGE = BUILD / "tests" / "plugin" / "stage-record"
UPDATED = ("FMAP", "COREBOOT")
OLD, NEW, OTHER = "24.02.1", "25.03.0", "25.09.0"


def areas(rom):
    """Name -> (offset, size) of every area of an image, in cbfstool's word."""
    done = subprocess.run(["cbfstool", str(rom), "layout", "-w"], check=True, capture_output=True, text=True)
    return {name: (int(offset), int(size)) for name, size, offset
            in re.findall(r"^'(\w+)' \(.*size (\d+), offset (\d+)\)$", done.stdout, re.M)}


def compose(old, new):
    """What the chip shall hold: the areas that updates write from the new image, the others from the old one."""
    found = areas(new)
    chip = bytearray(old.read_bytes())
    image = new.read_bytes()
    for name in UPDATED:
        offset, size = found[name]
        chip[offset:offset + size] = image[offset:offset + size]
    return bytes(chip)


class MachineCase(FwupdCase):
    """Images, keys and cabs are made once. BOARD is what SMBIOS says otherwise than the image on the chip."""

    BOARD = {}

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
        guid = board.device_guid({**board.names(cls.roms[OLD]), **cls.BOARD})
        for version, rom in cls.roms.items():
            cls.cabs[version] = cls.store.downloads / cabinet.build(cls.store, rom, version, [guid]).file

    def setUp(self):
        super().setUp()
        self.before = self.roms[OLD].read_bytes()
        self.fill_chip()
        pki.Pki(self.store).trust_in(self.dir / "etc/pki/fwupd", self.dir / "etc/pki/fwupd-metadata")
        self.start_fwupd({**board.names(self.roms[OLD]), **self.BOARD})
        self.device = self.devices()[0]["DeviceId"]

    def fill_chip(self):
        self.chip.write_bytes(self.before)

    def flip(self, area):
        """Changes one byte in an area of the chip."""
        offset, size = areas(self.roms[OLD])[area]
        chip = bytearray(self.chip.read_bytes())
        chip[offset + size // 2] ^= 0x40
        self.chip.write_bytes(chip)

    def stage(self, version=NEW):
        self.run_tool(STAGE, self.device, self.chip, self.roms[version])

    def install(self, version=NEW, status=0, more=()):
        """fwupd's words; its exit status is checked."""
        done = subprocess.run(["fwupdmgr", "install", "--json", "--assume-yes", "--no-reboot-check", *more,
                               self.cabs[version]],
                              env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + self.log())
        return done.stdout

    def states(self):
        folder = self.dir / "refs" / "refvals"
        return [json.loads(path.read_text())["state"] for path in sorted(folder.glob("*.json"))]
