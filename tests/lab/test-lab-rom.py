#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What scripts/lab-rom makes, and what scripts/lab-boot-model does with it and refuses."""
import hashlib
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

sys.dont_write_bytecode = True      # root may run this in somebody's tree

from swtpm import Swtpm

# coreboot's tools are where an ordinary user's PATH does not lead
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROM = os.path.join(ROOT, "scripts", "lab-rom")
os.environ.pop("QFU_ROM_CACHE", None)       # what is kept is tested by itself
VBOOT_ORDER = os.path.join(ROOT, "tests", "lab", "boot-order-vboot.txt")
MODEL = os.path.join(ROOT, "scripts", "lab-boot-model")
PRESERVED = ("SI_DESC", "SI_GBE", "SI_ME", "RW_MRC_CACHE", "SMMSTORE", "RW_VPD", "CONSOLE")
BANKS = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)


def replay(bank, digests):
    """PCR after these extends: the arithmetic by hashlib, not by the TPM."""
    value = bytes(BANKS[bank])
    for digest in digests:
        value = hashlib.new(bank, value + digest).digest()
    return value.hex()


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-test-")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def path(self, name):
        return os.path.join(self.scratch, name)

    def rom(self, name, *options):
        done = run(ROM, self.path(name), "--size", "4M", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.path(name)

    def read(self, path):
        with open(path, "rb") as data:
            return data.read()

    def cbfstool(self, rom, *command):
        """The bytes that cbfstool takes from the image."""
        out = self.path("out")
        done = run("cbfstool", rom, *command, "-f", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.read(out)

    def area(self, rom, name):
        return self.cbfstool(rom, "read", "-r", name)

    def stored(self, rom, name, region="COREBOOT"):
        return self.cbfstool(rom, "extract", "-U", "-r", region, "-n", name)

    def names(self, rom):
        done = run("cbfstool", rom, "print", "-k")
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [line.split("\t")[0] for line in done.stdout.splitlines() if "\t" in line]
        return [name for name in names if name not in ("Name", "(empty)", "cbfs master header")]

    def changed(self, old, new):
        self.assertEqual(self.names(old), self.names(new))
        return {name for name in self.names(old) if self.stored(old, name) != self.stored(new, name)}


class Roms(Case):
    def test_equal_arguments_give_equal_bytes(self):
        first, second = (self.rom(name, "--version", "1.0") for name in "ab")
        self.assertEqual(self.read(first), self.read(second))
        self.assertEqual(os.path.getsize(first), 4 << 20)

    def test_a_kept_payload_gives_equal_bytes(self):
        for options in ((), ("--vboot", "--compress", "LZ4"), ("--compress", "none")):
            plain = self.rom("a", "--version", "1.0", *options)
            with unittest.mock.patch.dict(os.environ, QFU_ROM_CACHE=self.path("kept")):
                self.assertEqual(self.read(self.rom("b", "--version", "1.0", *options)), self.read(plain), options)
                there = set(os.listdir(self.path("kept")))
                self.assertEqual(self.read(self.rom("c", "--version", "1.0", *options)), self.read(plain), options)
                self.assertEqual(set(os.listdir(self.path("kept"))), there, options)
        self.assertEqual(len(there), 3)

    def test_two_versions(self):
        old, new = self.rom("a", "--version", "1.0"), self.rom("b", "--version", "1.1")
        self.assertEqual(self.area(old, "FMAP"), self.area(new, "FMAP"))
        self.assertEqual(self.changed(old, new), {
            "bootblock", "fallback/romstage", "fallback/postcar", "fallback/ramstage",
            "fallback/payload", "config", "revision", "build_info"})
        for name in PRESERVED:
            self.assertNotEqual(self.area(old, name), self.area(new, name), name)

    def test_seeds(self):
        old = self.rom("a", "--version", "1.0", "--preserved-seed", "7")
        new = self.rom("b", "--version", "1.1", "--preserved-seed", "7")
        for name in PRESERVED:
            self.assertEqual(self.area(old, name), self.area(new, name), name)
        other = self.rom("c", "--version", "1.0", "--seed", "2")
        self.assertIn("fallback/dsdt.aml", self.changed(old, other))

    def test_changed_files(self):
        old = self.rom("a", "--version", "1.0", "--changed", "bootsplash.jpg")
        new = self.rom("b", "--version", "1.1", "--changed", "bootsplash.jpg")
        self.assertEqual(self.changed(old, new),
                         {"bootsplash.jpg", "config", "revision", "build_info"})

    def test_config(self):
        rom = self.rom("a", "--version", "2.5", "--board-vendor", "Some", "--board-part", "Board 3",
                       "--hash", "sha384")
        lines = self.cbfstool(rom, "extract", "-n", "config").decode().splitlines()
        for line in ('CONFIG_LOCALVERSION="2.5"', 'CONFIG_MAINBOARD_VENDOR="Some"',
                     'CONFIG_MAINBOARD_PART_NUMBER="Board 3"', "CONFIG_TPM_HASH_SHA384=y",
                     "# CONFIG_TPM_HASH_SHA256 is not set", "CONFIG_TPM_MEASURED_BOOT=y"):
            self.assertIn(line, lines)

    def test_vboot_keeps_the_read_only_part(self):
        old = self.rom("a", "--version", "1.0", "--vboot")
        new = self.rom("b", "--version", "1.1", "--vboot", "--ro-version", "1.0")
        for name in ("FMAP", "RO_FRID", "GBB", "COREBOOT"):
            self.assertEqual(self.area(old, name), self.area(new, name), name)
        for name in ("VBLOCK_", "FW_MAIN_", "RW_FWID_"):
            for slot in "AB":
                self.assertNotEqual(self.area(old, name + slot), self.area(new, name + slot))
        self.assertEqual(self.area(new, "RW_FWID_B").rstrip(b"\0"), b"QFU_Lab Board.1.1")
        slots = [{name: self.stored(new, name, region) for name in
                  ("fallback/romstage", "fallback/ramstage")} for region in
                 ("FW_MAIN_A", "FW_MAIN_B")]
        self.assertNotEqual(slots[0]["fallback/romstage"], slots[1]["fallback/romstage"])
        self.assertEqual(slots[0]["fallback/ramstage"], slots[1]["fallback/ramstage"])

    def test_descriptor(self):
        for kind, platform in (("pch", ("-p", "sklkbl")), ("ich", ())):
            rom = self.rom("a", "--version", "1.0", "--descriptor", kind, "--closed", "SI_ME")
            text = run("ifdtool", "-d", *platform, rom).stdout
            for line in ("(Flash Descriptor): 00000000 - 00000fff", "(BIOS): 00080000 - 003fffff",
                         "(Intel ME): 00003000 - 0007ffff", "(GbE): 00001000 - 00002fff",
                         "Component 1 Density:                 4MB"):
                self.assertIn(line, text)
            host = text[text.index("FLMSTR1"):text.index("FLMSTR2")]
            for line in ("GbE Region Write Access:           enabled",
                         "GbE Region Read Access:            enabled",
                         "Intel ME Region Write Access:      disabled",
                         "Intel ME Region Read Access:       disabled",
                         "BIOS Region Read Access:  enabled"):
                self.assertIn(line, host)

    def test_a_map_without_the_regions_of_the_descriptor(self):
        listed = self.read(self.rom("a", "--version", "1.0", "--descriptor", "pch"))
        for options in ((), ("--vboot",)):
            rom = self.rom("b", "--version", "1.0", "--no-intel-areas", "--descriptor", "pch", *options)
            self.assertEqual(self.read(rom)[:512 << 10], listed[:512 << 10])
            layout = run("cbfstool", rom, "layout").stdout
            self.assertIn("SMMSTORE", layout)
            self.assertNotIn("SI_", layout)

    def test_bad_arguments(self):
        for options in (("--version", 'a"b'), ("--version", ""), (),
                        ("--version", "1", "--size", "3M"), ("--version", "1", "--size", "1M"),
                        ("--version", "1", "--changed", "other"),
                        ("--version", "1", "--ro-version", "1"),
                        ("--version", "1", "--closed", "SI_ME"),
                        ("--version", "1", "--vboot", "--fw-version", "65536")):
            done = run(ROM, self.path("bad"), *options)
            self.assertEqual(done.returncode, 2, options)
            self.assertFalse(os.path.exists(self.path("bad")))


class Boots(Case):
    def boot(self, tpm, rom, *options):
        return run(MODEL, rom, tpm.tcti, self.path("log"), *options)

    def order(self, *lines):
        with open(self.path("order"), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        return ("--order", self.path("order"))

    def refused(self, message, rom, *options, banks=("sha256",)):
        with Swtpm(self.path("tpm"), banks) as tpm:
            done = self.boot(tpm, rom, *options)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, message)
        self.assertFalse(os.path.exists(self.path("log")))

    def measured(self, rom):
        files = [self.stored(rom, name) for name in
                 ("bootblock", "fallback/romstage", "fallback/postcar", "fallback/ramstage",
                  "fallback/dsdt.aml", "fallback/payload")]
        return [self.area(rom, "FMAP"), *files]

    def test_every_bank(self):
        for bank in BANKS:
            rom = self.rom("a", "--version", "1.0", "--hash", bank)
            with Swtpm(self.path("tpm"), BANKS) as tpm:
                done = self.boot(tpm, rom, "--log-as", "linux")
                self.assertEqual(done.returncode, 0, done.stderr)
                pcrs = tpm.pcrs()
            expected = replay(bank, [hashlib.new(bank, data).digest()
                                     for data in self.measured(rom)])
            for other, values in pcrs.items():
                used = {pcr for pcr in range(16) if int(values[pcr], 16)}
                self.assertEqual(used, {2} if other == bank else set(), other)
            self.assertEqual(pcrs[bank][2], expected)
            done = run("tpm2_eventlog", self.path("log"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, rf"{bank}:\n +2 +: 0x{expected}")

    def test_only_measured_files_count(self):
        values = []
        for version in ("1.0", "1.1"):
            rom = self.rom(version, "--version", version, "--changed", "bootsplash.jpg",
                           "cpu_microcode_blob.bin", "cmos_layout.bin")
            with Swtpm(self.path("tpm"), ["sha256"]) as tpm:
                self.assertEqual(self.boot(tpm, rom).returncode, 0)
                values.append(tpm.pcrs())
        self.assertEqual(*values)

    def test_vboot(self):
        rom = self.rom("a", "--version", "1.1", "--vboot", "--ro-version", "1.0", "--fw-version",
                       "515")
        hwid = self.area(rom, "GBB")[0x80:0x180].rstrip(b"\0")
        mode = hashlib.sha1(bytes((0, 0, 1))).digest() + bytes(12)
        read_only = [self.area(rom, "FMAP"), self.stored(rom, "bootblock")]
        for slot in "AB":
            with Swtpm(self.path("tpm"), ["sha256"]) as tpm:
                done = self.boot(tpm, rom, "--order", VBOOT_ORDER, "--slot", slot)
                self.assertEqual(done.returncode, 0, done.stderr)
                pcrs = tpm.pcrs()["sha256"]
            files = read_only + [self.stored(rom, "fallback/" + name, "FW_MAIN_" + slot) for name in
                                 ("romstage", "postcar", "ramstage", "dsdt.aml", "payload")]
            code = [hashlib.sha256(data).digest() for data in files]
            self.assertEqual(pcrs[1], replay("sha256", [mode, hashlib.sha256(hwid).digest()]))
            self.assertEqual(pcrs[2], replay("sha256", code))
            self.assertEqual(pcrs[10], replay("sha256", [struct.pack("<HH28x", 515, 1)]))
            self.assertNotIn(b"VBOOT", self.read(self.path("log")))

    def test_vboot_in_another_bank(self):
        rom = self.rom("a", "--version", "1.0", "--vboot", "--hash", "sha384")
        self.refused("SHA-256 bank alone", rom, "--order", VBOOT_ORDER, banks=("sha384",))

    def test_log_is_full(self):
        rom = self.rom("a", "--version", "1.0")
        options = self.order(*["area FMAP"] * 52, "optional file absent", "unlogged area FMAP")
        with Swtpm(self.path("tpm"), ["sha256"]) as tpm:
            self.assertEqual(self.boot(tpm, rom, *options).returncode, 0)
            pcrs = tpm.pcrs()
        digest = hashlib.sha256(self.area(rom, "FMAP")).digest()
        self.assertEqual(pcrs["sha256"][2], replay("sha256", [digest] * 53))
        log = self.read(self.path("log"))
        self.assertEqual(len(re.findall(re.escape(digest), log)), 50)
        self.assertEqual(len(log), 80 + 50 * 100)

    def test_refusals(self):
        rom = self.rom("a", "--version", "1.0")
        self.refused("no file absent in COREBOOT", rom, *self.order("file absent"))
        self.refused("order:2: not understood", rom, *self.order("# first", "fil bootblock"))
        self.refused("order:1:", rom, *self.order("area ABSENT"))
        self.refused("order:1:", rom, *self.order("file $WHAT/payload"))
        self.refused("no sha1 bank", rom, "--bank", "sha1")
        with open(self.path("empty"), "wb") as out:
            out.write(bytes(4096))
        self.refused("cbfstool", self.path("empty"))

    def test_second_boot_without_reset(self):
        rom = self.rom("a", "--version", "1.0")
        with Swtpm(self.path("tpm"), ["sha256"]) as tpm:
            self.assertEqual(self.boot(tpm, rom).returncode, 0)
            before = tpm.pcrs()
            done = self.boot(tpm, rom)
            self.assertEqual(done.returncode, 1)
            self.assertIn("start it anew", done.stderr)
            self.assertEqual(tpm.pcrs(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
