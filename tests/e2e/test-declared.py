#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware of the machine that another plugin of fwupd writes: the vendor declares PCR 0, and the next boot is held to it.

The device is the one of fwupd's plugin for tests, which the real daemon updates; what tells us of fwupd's devices calls it
a part of the machine.
"""
import os
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
import timecase
import webcamcase
from webcamcase import FIRST, GUID

DOM0 = pathlib.Path(productcase.BUILD) / "dom0"
WIRE = pathlib.Path(__file__).resolve().parents[1] / "fuzz"
NEXT, PAYLOAD = "1.2.7", b"0x1020007\0"
OTHER = "5a" * 32
# Runs the true program and changes what it says of the one device.
TELLER = """#!/usr/bin/python3
import struct, subprocess, sys
DEVICE, PLUGIN, FLAGS, GUID_FIELD, INTERNAL = {numbers}
process = subprocess.Popen([{real!r}, *sys.argv[1:]], stdout=subprocess.PIPE, close_fds=False)
while head := process.stdout.read(8):
    kind, version, length = struct.unpack("<HHI", head)
    left, fields = process.stdout.read(length), []
    payload = left
    while kind == DEVICE and left:
        number, zero, size = struct.unpack_from("<HHI", left)
        fields.append((number, left[8:8 + size]))
        left = left[8 + size:]
    if (GUID_FIELD, {guid!r}) in fields:
        payload = b""
        for number, value in fields:
            if number == FLAGS:
                value = struct.pack("<Q", struct.unpack("<Q", value)[0] | INTERNAL)
            elif number == PLUGIN:
                value = {plugin!r}
            payload += struct.pack("<HHI", number, 0, len(value)) + value
    sys.stdout.buffer.write(struct.pack("<HHI", kind, version, len(payload)) + payload)
    sys.stdout.buffer.flush()
sys.exit(process.wait())
"""


class Declared(webcamcase.WebcamCase):
    def setUp(self):
        super().setUp()
        self.programs = self.scratch / "programs"
        self.programs.mkdir()
        for program in DOM0.iterdir():
            if program.name.startswith("qfu-") and program.is_file() and os.access(program, os.X_OK):
                (self.programs / program.name).symlink_to(program)
        self.set_teller("test")

    def machine(self):
        return "--rom", self.rom("old.rom", productcase.OLD), "--payload", "seabios"

    def set_teller(self, plugin):
        """Let the device be of this plugin, and a part of the machine."""
        sys.path.insert(0, str(WIRE))
        from framesof import NUMBER         # pylint: disable=import-outside-toplevel
        teller = self.programs / "qfu-fwupd"
        teller.unlink()
        numbers = *(NUMBER[name] for name in ("FRAME_DEVICE", "FIELD_PLUGIN", "FIELD_FLAGS", "FIELD_GUID")), 1 << 1
        teller.write_text(TELLER.format(numbers=numbers, real=str(DOM0 / "qfu-fwupd"), guid=GUID.encode(),
                                        plugin=plugin.encode()))
        teller.chmod(0o755)

    def programs_set(self):
        return self.setting(self.directory, "Paths", "Programs", self.programs)

    def offer_declared(self, *values):
        declared = "".join(f'<checksum type="sha256" target="device">{value}</checksum>' for value in values)
        self.offer_cab(self.cab(NEXT, PAYLOAD), NEXT, PAYLOAD, declared)

    def update(self):
        before = productcase.digest(self.chip(self.directory))
        updated = self.ask(self.directory, "update", "-y")["updated"]
        self.assertEqual([(each["versionTo"], each["prediction"]) for each in updated], [(NEXT, None)])
        self.assertEqual((self.version(), productcase.digest(self.chip(self.directory))), (NEXT, before))
        return updated[0]

    def check_record(self, values):
        record = self.records(self.directory)[-1]
        entry = self.entry(self.directory, record["record"])
        self.assertEqual((record["state"], entry["basis"], entry["versionTo"]), ("written", "declared", NEXT))
        self.assertEqual([(row["pcr"], row["source"], row["value"]) for row in entry["pcrs"]],
                         [(0, "vendor", value) for value in values])
        states = sorted(path.name for path in (pathlib.Path(self.info(self.directory)["store"]) / "refvals").iterdir())
        self.assertEqual([name[7:] for name in states if name.endswith(".json")][-3:],
                         ["pending.json", "consumed.json", "written.json"])

    def start(self, *values):
        """A machine of which an update is offered for which these values are declared; with its first values learnt."""
        self.do(self.directory, "attest", "--learn", "-y")
        self.offer_declared(*values)

    def test_settled(self):
        with self.programs_set():
            self.start(self.pcr(self.directory, 0), OTHER)
            value = self.pcr(self.directory, 0)
            self.update()
            self.check_record([value, OTHER])
            self.lab("boot", self.directory, "--payload", "seabios")
            self.assertEqual(self.ask(self.directory, "attest")["result"], "passed")
            self.assertEqual(self.states(self.directory), ["superseded", "current"])

    def test_other_value(self):
        """Another PCR 0 than was declared, and than there was: nothing is adopted."""
        with self.programs_set():
            self.start(OTHER)
            self.update()
            self.check_record([OTHER])
            self.lab("boot", self.directory, "--payload", "linux")
            self.assertEqual(self.manager(self.directory, "attest").returncode, 1)
            self.assertEqual(self.states(self.directory), ["current", "failed"])

    def test_nothing_declared(self):
        """A capsule of which nothing is known is a person's decision."""
        self.set_teller("uefi_capsule")
        with self.programs_set():
            self.start()
            self.refused(self.directory, ["update", "-y"], "cannot be forecast: .*plugin uefi_capsule writes it")
            self.assertEqual(self.version(), FIRST)
            status, said, errors = self.talk(self.directory, ["update"], "y")
            self.assertEqual(status, 0, said + errors)
            self.assertEqual(self.version(), NEXT)
            record = self.records(self.directory)[-1]
            entry = self.entry(self.directory, record["record"])
            self.assertEqual((record["state"], entry["basis"], entry["pcrs"]), ("written", "unpredicted", []))

    def test_fwupd_fails(self):
        """What fwupd did not write is no record that counts."""
        with self.programs_set():
            self.start(OTHER)
            with self.distrustful_fwupd(self.directory):
                self.refused(self.directory, ["update", "-y"], "fwupd says")
        self.assertEqual(self.states(self.directory), ["current", "failed"])


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
