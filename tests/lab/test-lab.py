#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab itself: what its rooms reach, what a boot and a publishing change, and that nothing of it stays."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import labcase
from labcase import BUILD, LAB, ROOT, run

sys.path.insert(0, str(ROOT / "scripts"))
from qfulab import board

ZERO = "00" * 32
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 443), 5).close()
    print("connected")
except OSError as error:
    print(error.strerror)
"""

DROP = "import os; os.setgroups([]); os.setresgid(*[54321] * 3); os.setresuid(*[54321] * 3)"


def cbmem_entries(memory):
    """{id: bytes} as the table at the start of memory leads to them."""
    def at(offset, size):
        memory.seek(offset)
        return memory.read(size)

    def records(base):
        offset = at(0, 4096).find(b"LBIO") if base is None else base
        size, _, length, _, count = struct.unpack("<IIIII", at(offset + 4, 20))
        body = at(offset + size, length)
        for _ in range(count):
            tag, length = struct.unpack_from("<II", body)
            yield tag, body[8:length]
            body = body[length:]

    forward = dict(records(None))[0x11]
    found = [struct.unpack("<QII", body) for tag, body in records(struct.unpack("<Q", forward)[0]) if tag == 0x31]
    return {identity: at(address, size) for address, size, identity in found}


class Rooms(labcase.LabCase):
    def reach(self, room, directory, address):
        return self.lab(room, directory, "--", "/usr/bin/python3", "-c", CONNECT, address).strip()

    def test_network(self):
        lab = self.up("a")
        links = json.loads(self.dom0(lab, "ip", "-json", "link"))
        self.assertEqual([link["ifname"] for link in links], ["lo"])
        self.assertNotIn("UP", links[0]["flags"])
        for family in ("-4", "-6"):
            self.assertEqual(self.dom0(lab, "ip", family, "route", "show", "table", "all").strip(), "")
        self.assertEqual(self.reach("dom0", lab, "192.0.2.1"), "Network is unreachable")
        self.assertEqual(self.reach("dom0", lab, "127.0.0.1"), "Network is unreachable")
        self.assertEqual(self.reach("updatevm", lab, "192.0.2.1"), "connected")
        self.assertEqual(self.reach("updatevm", lab, "198.51.100.1"), "Network is unreachable")
        routes = json.loads(self.updatevm(lab, "ip", "-json", "route"))
        self.assertEqual([route["dst"] for route in routes], ["192.0.2.0/30"])

    def test_two_labs(self):
        first, second = self.up("a"), self.up("b")
        rooms = [os.stat(f"/proc/{pid}/ns/net").st_ino for lab in (first, second)
                 for pid in self.info(lab)["anchors"].values()]
        self.assertEqual(len(set(rooms)), 6)
        self.dom0(first, "tpm2_pcrextend", "2:sha256=" + "11" * 32)
        self.assertNotEqual(self.pcr(first, 2), ZERO)
        self.assertEqual(self.pcr(second, 2), ZERO)
        self.lab("publish", first, "--rom", self.rom("r", "1.0"), "--version", "1.0")
        self.assertEqual(len(list((first / "mirror/docroot/downloads").glob("*.cab"))), 1)
        self.assertEqual(list((second / "mirror/docroot/downloads").glob("*.cab")), [])
        self.lab("down", first)
        self.assertEqual(self.reach("updatevm", second, "192.0.2.1"), "connected")

    def test_parts_alone(self):
        lab = self.up("a")
        self.lab("stop", lab, "mirror")
        self.assertEqual(self.reach("updatevm", lab, "192.0.2.1"), "Connection refused")
        self.assertIn("is not running", self.lab("stop", lab, "mirror", status=1))
        self.lab("start", lab, "mirror")
        self.assertEqual(self.reach("updatevm", lab, "192.0.2.1"), "connected")
        self.assertIn("running already", self.lab("start", lab, "mirror", status=1))

    def test_own_fwupd(self):
        lab = self.up("a")
        remotes = json.loads(self.dom0(lab, "fwupdmgr", "get-remotes", "--json"))["Remotes"]
        self.assertEqual([(remote["Id"], remote["MetadataUri"]) for remote in remotes],
                         [("lab", self.info(lab)["metadata_url"])])
        # Devices of the machine on which this runs are not the lab's; an erased chip need not be a device either.
        said = json.loads(run(LAB, "dom0", lab, "--", "fwupdmgr", "get-devices", "--json").stdout)
        self.assertLessEqual({device["Plugin"] for device in said.get("Devices", [])}, {"qubes_coreboot"})
        self.assertEqual("Devices" in said, said.get("Error", {}).get("Message") != "No detected devices")


class Boots(labcase.LabCase):
    def test_boot(self):
        lab = self.up("a", "--rom", self.rom("r", "1.0"))
        info = self.info(lab)
        first = self.pcr(lab, 2), pathlib.Path(info["boot_id"]).read_text()
        self.assertNotEqual(first[0], ZERO)
        log = pathlib.Path(info["event_log"]).read_bytes()
        self.assertIn(b"Spec ID Event03", log)
        self.dom0(lab, "tpm2_nvdefine", "0x1500016", "-s", "8", "-a", "ownerread|ownerwrite")
        self.dom0(lab, "tpm2_pcrextend", "2:sha256=" + "11" * 32, "0:sha256=" + "22" * 32)
        self.lab("boot", lab)
        self.assertEqual(self.pcr(lab, 2), first[0])
        self.assertEqual(self.pcr(lab, 0), ZERO)
        self.assertNotEqual(pathlib.Path(info["boot_id"]).read_text(), first[1])
        self.assertEqual(pathlib.Path(info["event_log"]).read_bytes(), log)
        self.assertIn("0x1500016", self.dom0(lab, "tpm2_nvreadpublic"))

    def test_chip_decides(self):
        lab = self.up("a", "--rom", self.rom("r", "1.0"))
        before = self.pcr(lab, 2)
        shutil.copy(self.rom("s", "2.5", "--board-part", "Other Board"), self.info(lab)["chip"])
        self.lab("boot", lab)
        self.assertNotEqual(self.pcr(lab, 2), before)
        names = board.names(self.info(lab)["chip"])
        self.assertEqual((names["ProductName"], names["BiosVersion"]), ("Other Board", "2.5"))
        said = self.dom0(lab, "fwupdtool", "hwids")
        self.assertIn("ProductName: Other Board\n", said)
        self.assertIn("BiosVersion: 2.5\n", said)
        for name, keys in board.HARDWARE_IDS.items():
            self.assertIn(f"{{{board.guid(names, name)}}}   <- {' + '.join(keys)}\n", said)

    def test_other_firmware(self):
        lab = self.up("a", "--rom", self.rom("r", "1.0"))
        program = self.scratch / "firmware"
        program.write_text('#!/bin/sh -e\ncmp "$1" "$ROM"\ntpm2_pcrextend -T "$2" 3:sha256=' + "33" * 32
                           + '\necho events > "$3"\n')
        program.write_text(program.read_text().replace("$ROM", str(self.scratch / "r")))
        program.chmod(0o755)
        self.lab("boot", lab, "--with", program)
        self.assertEqual(self.pcr(lab, 2), ZERO)
        self.assertEqual(self.pcr(lab, 3), hashlib.sha256(bytes(32) + b"\x33" * 32).hexdigest())
        self.assertEqual(pathlib.Path(self.info(lab)["event_log"]).read_text(), "events\n")
        self.assertIn("has written no event log", self.lab("boot", lab, "--with", "true", status=1))

    def test_banks_and_path(self):
        lab = self.up("a", "--rom", self.rom("r", "1.0", "--hash", "sha384"), "--banks", "sha1,sha384")
        banks = self.dom0(lab, "tpm2_getcap", "pcrs")
        self.assertRegex(banks, r"(?s)sha1: \[ 0,.*sha384: \[ 0,")
        self.assertNotRegex(banks, r"sha256: \[ 0,")
        first = self.dom0(lab, "tpm2_pcrread", "sha384:2")
        self.assertNotIn("sha256", first)
        self.lab("boot", lab, "--path", "noacpi")
        self.assertNotEqual(self.dom0(lab, "tpm2_pcrread", "sha384:2"), first)
        self.lab("boot", lab)
        self.assertEqual(self.dom0(lab, "tpm2_pcrread", "sha384:2"), first)

    def test_slot(self):
        rom = self.rom("r", "2.0", "--vboot", "--ro-version", "1.0")
        lab = self.up("a", "--rom", rom)
        first = self.pcr(lab, 2)
        # what the read-only part has booted says what it is called
        self.assertIn("BiosVersion: 2.0\n", self.dom0(lab, "fwupdtool", "hwids"))
        self.lab("boot", lab, "--slot", "B")
        self.assertNotEqual(self.pcr(lab, 2), first)

    def test_chip(self):
        old, new = self.rom("r", "1.0"), self.rom("s", "1.1")
        lab = self.up("a", "--rom", old)
        kept = self.scratch / "kept"
        self.lab("chip", lab, "put", new)
        self.lab("chip", lab, "get", kept)
        self.assertEqual(kept.read_bytes(), new.read_bytes())
        kept.write_bytes(bytes(4096))
        self.assertIn("the chip holds 16777216 bytes", self.lab("chip", lab, "put", kept, status=1))
        self.assertEqual(pathlib.Path(self.info(lab)["chip"]).read_bytes(), new.read_bytes())

    def test_memory(self):
        """The log lies where the coreboot table says, and a payload that begins its own leaves the listing."""
        lab = self.up("a", "--rom", self.rom("r", "1.0"))
        info = self.info(lab)
        with open(info["memory"], "rb") as memory:
            entries = cbmem_entries(memory)
            log = pathlib.Path(info["event_log"]).read_bytes()
            self.assertEqual(entries[0x54504d32][:len(log)], log)
            self.assertEqual(entries[0x54504d32][len(log):].strip(b"\0"), b"")
        self.lab("boot", lab, "--payload", "seabios")
        with open(info["memory"], "rb") as memory:
            entries = cbmem_entries(memory)
        self.assertIn(b"Calling INT 19h", entries[0x54504d32])
        self.assertNotIn(b"FMAP: FMAP", entries[0x54504d32])
        self.assertRegex(entries[0x434f4e53], rb"\x16 PCR-2 [0-9a-f]{64} SHA256 \[CBFS: fallback/payload\]\n")

    def test_empty_chip(self):
        lab = self.up("a")
        self.assertEqual(pathlib.Path(self.info(lab)["chip"]).stat().st_size, 16 * 1024 * 1024)
        self.assertIn("cbfstool", self.lab("boot", lab, status=1))


class Mirror(labcase.LabCase):
    def jcat(self, lab, jcat):
        """jcat-tool's word on every item of a jcat against the lab's authority."""
        info = self.info(lab)
        return run("jcat-tool", "--keyring", self.scratch / "keys", "--public-key", info["ca"], "verify", jcat,
                   cwd=pathlib.Path(jcat).parent)

    def test_publish(self):
        lab = self.up("a")
        roms = {version: self.rom(version, version) for version in ("1.0.0", "2.0.0")}
        for version, rom in roms.items():
            self.lab("publish", lab, "--rom", rom, "--version", version)
        downloads = pathlib.Path(self.info(lab)["downloads"])
        for suffix in ("zst", "xz", "gz"):
            verified = self.jcat(lab, downloads / f"firmware.xml.{suffix}.jcat")
            self.assertEqual(verified.returncode, 0, verified.stderr)
            self.assertIn("PASSED sha256", verified.stdout)
            self.assertIn("PASSED pkcs7", verified.stdout)
            said = run("jcat-tool", "info", downloads / f"firmware.xml.{suffix}.jcat").stdout
            self.assertIn(f"firmware-00003-stable.xml.{suffix}\n", said)
            self.assertIn(f"firmware.xml.{suffix}\n", said)
        self.check_archives(lab, downloads, roms)
        self.dom0(lab, "fwupdmgr", "refresh", downloads / "firmware.xml.zst", downloads / "firmware.xml.zst.jcat",
                  "lab")

    def check_archives(self, lab, downloads, roms):
        text = run("zstd", "-dc", downloads / "firmware.xml.zst").stdout
        for version, rom in roms.items():
            release = re.search(f'<release version="{version}".*?</release>', text, re.DOTALL)[0]
            cab = downloads / re.search("/([^/]*)</location>", release)[1]
            data = cab.read_bytes()
            self.assertIn(f">{hashlib.sha256(data).hexdigest()}</checksum>", release)
            self.assertIn(f'<size type="download">{len(data)}</size>', release)
            self.assertIn(f">{hashlib.sha256(rom.read_bytes()).hexdigest()}</checksum>", release)
            out = self.scratch / f"cab-{version}"
            out.mkdir()
            self.assertEqual(run("gcab", "-x", "-n", cab, cwd=out).returncode, 0)
            self.assertEqual((out / "firmware.rom").read_bytes(), rom.read_bytes())
            verified = self.jcat(lab, out / "firmware.jcat")
            self.assertEqual(verified.stdout.count("PASSED pkcs7"), 2, verified.stdout)

    def test_board(self):
        lab = self.up("a")
        rom = self.rom("r", "1.0")
        names = board.names(rom)
        self.assertIn(board.device_guid(names), self.lab("publish", lab, "--rom", rom, "--version", "1.0"))
        other = "12345678-1234-5678-9abc-123456789abc"
        self.assertIn(other, self.lab("publish", lab, "--rom", rom, "--version", "1.1", "--board-guid", other))
        self.assertIn("a version has only", self.lab("publish", lab, "--rom", rom, "--version", "1/2", status=1))


class Ends(labcase.LabCase):
    def assert_gone(self, lab):
        self.assertEqual(labcase.processes_with(str(lab)), [])
        for service, pid in {**self.info(lab)["services"], **self.info(lab)["anchors"]}.items():
            self.assertIsNone(pid, service)

    def test_down(self):
        beside = self.scratch / "beside"
        beside.write_text("stays")
        lab = self.up("a")
        (lab / "logs" / "link").symlink_to(self.scratch)
        sign = self.scratch / "sign"
        os.mkfifo(sign)
        stray = subprocess.Popen([str(LAB), "dom0", str(lab), "--", "sh", "-c",
                                  f"echo here > {sign}; exec sleep infinity"])
        self.addCleanup(stray.kill)
        self.assertEqual(sign.read_text(), "here\n")
        self.lab("down", lab)
        self.assertEqual(stray.wait(), -signal.SIGTERM)
        self.assert_gone(lab)
        self.assertTrue((lab / "logs" / "fwupd.log").exists())
        self.lab("down", lab, "--remove")
        self.assertFalse(lab.exists())
        self.assertEqual(beside.read_text(), "stays")
        self.assertIn("there is no lab", self.lab("down", lab, status=1))

    def test_again(self):
        lab = self.up("a")
        self.assertIn("is up already", self.lab("up", lab, status=1))
        self.lab("down", lab)
        self.lab("up", lab, "--build", BUILD)
        foreign = self.scratch / "foreign"
        foreign.mkdir()
        (foreign / "file").write_text("mine")
        self.assertIn("neither empty nor a lab", self.lab("up", foreign, status=1))
        self.assertEqual(os.listdir(foreign), ["file"])

    def test_recycled_pid(self):
        lab = self.up("a")
        with subprocess.Popen(["sleep", "infinity"]) as bystander:
            (lab / "run" / "fwupd.pid").rename(self.scratch / "fwupd.pid")
            (lab / "run" / "fwupd.pid").write_text(json.dumps({"pid": bystander.pid, "start": 1}))
            self.lab("down", lab)
            self.assertIsNone(bystander.poll())
            bystander.kill()
        # fwupd, of which no record was left, is found by its network namespace.
        self.assert_gone(lab)

    def test_failed_up(self):
        small = self.scratch / "small"
        small.write_bytes(bytes(4096))
        lab = self.scratch / "a"
        self.assertIn("a chip holds", self.lab("up", lab, "--rom", small, status=1))
        self.assert_gone(lab)

    def interrupt_up(self, lab, number):
        """Send a signal to `lab up` while its first boot goes on; its exit status and last words."""
        sign = self.scratch / "sign"
        os.mkfifo(sign)
        program = self.scratch / "firmware"
        program.write_text(f"#!/bin/sh\necho here > {sign}\nexec sleep infinity\n")
        program.chmod(0o755)
        with subprocess.Popen([str(LAB), "up", str(lab), "--rom", str(self.rom("r", "1.0")), "--with", str(program)],
                              stderr=subprocess.PIPE, text=True) as process:
            self.assertEqual(sign.read_text(), "here\n")
            process.send_signal(number)
            status = process.wait(60)
            # After SIGKILL the program that it ran still has the other end.
            words = process.stderr.read() if number != signal.SIGKILL else ""
        return status, words

    def test_interrupted_up(self):
        lab = self.scratch / "a"
        status, words = self.interrupt_up(lab, signal.SIGTERM)
        self.assertEqual(status, 1)
        self.assertIn("interrupted by SIGTERM", words)
        self.assert_gone(lab)

    def test_killed_up(self):
        lab = self.scratch / "a"
        self.assertEqual(self.interrupt_up(lab, signal.SIGKILL)[0], -signal.SIGKILL)
        self.assertTrue(self.info(lab)["up"])
        self.lab("down", lab)
        self.assert_gone(lab)

    def test_odd_directory(self):
        self.assertIn("letters, digits", self.lab("up", self.scratch / "a b", status=1))
        self.assertIn("longer than", self.lab("up", self.scratch / ("a" * 80), status=1))


class Filter(labcase.LabCase):
    def allowed(self, lab, *command):
        """Whether this works under the filter with which the lab runs fwupd."""
        runner = pathlib.Path(BUILD) / "tests" / "lab" / "syscall-runner"
        return run(runner, lab / "dom0" / "fwupd" / "syscalls", *command).returncode == 0

    def test_filter(self):
        for kind, works in (("packaged", False), ("shipped", True)):
            lab = self.up(kind, "--fwupd-filter", kind)
            status = pathlib.Path(f"/proc/{self.info(lab)['services']['fwupd']}/status").read_text()
            self.assertRegex(status, "Seccomp:\t2")
            self.assertTrue(self.allowed(lab, "/usr/bin/true"))
            self.assertFalse(self.allowed(lab, "/usr/bin/setarch", "-R", "/usr/bin/true"))
            self.assertEqual(self.allowed(lab, "/usr/bin/flock", self.scratch, "/usr/bin/true"), works)
            # Every parser, under the lock-down that it has inside fwupd.service.
            self.assertEqual(self.allowed(lab, pathlib.Path(BUILD) / "tests" / "sandbox" / "test-sandbox-worker"), works)
            if os.geteuid() == 0:
                self.assertEqual(self.allowed(lab, "/usr/bin/python3", "-c", DROP), works)


class WithoutRoot(labcase.LabCase):
    def test_whole(self):
        user = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
        if os.geteuid() != 0:
            self.skipTest("the other tests have run without root")
        for need in (["unshare", "--user", "--map-root-user", "--net", "true"], [str(LAB), "--help"]):
            done = run(*user, *need)
            if done.returncode:
                self.skipTest(f"{' '.join(need)}: {done.stderr.strip()}")
        home = self.scratch / "home"
        rom = self.rom("r", "1.0")
        home.mkdir()
        os.chown(home, 54321, 54321)
        self.scratch.chmod(0o755)
        lab = home / "a"
        self.addCleanup(run, *user, LAB, "down", lab)
        done = run(*user, LAB, "up", lab, "--build", BUILD, "--rom", rom)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no uid to drop to", done.stderr)
        for words in (["boot", lab], ["publish", lab, "--rom", rom, "--version", "1.0"],
                      ["dom0", lab, "--", "tpm2_pcrread", "sha256:2"], ["dom0", lab, "--", "fwupdmgr", "get-remotes"]):
            done = run(*user, LAB, *words)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        self.assertEqual(run(*user, LAB, "down", lab).returncode, 0)
        self.assertEqual(labcase.processes_with(str(lab)), [])


if __name__ == "__main__":
    labcase.skip_without_namespaces()
    unittest.main(verbosity=2)
