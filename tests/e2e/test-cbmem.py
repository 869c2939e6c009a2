#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sources of event logs on a machine: files, the coreboot bus, and memory with coreboot's tables in it."""

import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "fuzz"), str(ROOT / "tests" / "schemas")]
sys.dont_write_bytecode = True

import framesof     # noqa: E402
import qfuwire      # noqa: E402
import schemacase   # noqa: E402
from qfuboot import cbmem, log   # noqa: E402

DOM0 = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0"
WORKER_UID = 60126  # no user of a test machine has it
WAIT = 60
NAMES = ("FMAP: FMAP", "CBFS: bootblock", "CBFS: fallback/romstage")
READS_MAX = 64      # QFU_CBMEM_READS_MAX
LARGEST = 16 << 20
ADDRESS_END = 4076 << 20


def digest(name):
    return hashlib.sha256(name.encode()).digest()


def filled(form="cb", names=NAMES):
    out = log.Log(form, "sha256")
    for name in names:
        out.add(2, digest(name), name)
    return out


def replayed(names=NAMES):
    value = bytes(32)
    for name in names:
        value = hashlib.sha256(value + digest(name)).digest()
    return value.hex()


class Machine(unittest.TestCase):
    """A machine whose memory, bus and logs are files."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.memory = self.folder / "memory"
        self.bus = self.folder / "devices"

    def configure(self, sources="cbmem", **more):
        keys = {"EventLog": sources, "Memory": self.memory, "CorebootBus": self.bus,
                "Tcti": f"sysfs:{self.folder}/no-tpm"} | more
        path = self.folder / "qubes-fwupd.conf"
        path.write_text(f"[Worker]\nUser={WORKER_UID}\n[MeasuredBoot]\n" +
                        "".join(f"{key}={value}\n" for key, value in keys.items()), "ascii")
        return path

    def eventlog(self, *arguments, status=0, config=None, user=None):
        command = [DOM0 / "qubes-fwupdmgr", "--config", config or self.configure(), "--json", "eventlog", *arguments]
        run = subprocess.run(command, capture_output=True, timeout=WAIT, check=False, user=user)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return schemacase.answer(command, run.returncode, run.stdout)

    def refused(self, code, *words, **options):
        error = self.eventlog(status=1, **options)["error"]
        self.assertEqual(error["code"], code, error)
        for word in words:
            self.assertIn(word, error["message"])
        return error["message"]

    def put_memory(self, form="cb", made=None):
        made = made or filled(form)
        identity = log.FORMS[form][0]
        cbmem.write(self.memory, {}, cbmem.boot_lines({}, made), identity, made.bytes()[1])

    def put_bus(self, identity, data):
        folder = self.bus / f"cbmem-{identity:08x}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mem").write_bytes(data)

    def put(self, address, data):
        with open(self.memory, "r+b") as memory:
            memory.seek(address)
            memory.write(data)

    def assert_pcr2(self, answer, names=NAMES):
        self.assertEqual(answer["banks"]["sha256"]["2"], replayed(names))


class Memory(Machine):
    def test_each_form(self):
        for form in log.FORMS:
            with self.subTest(form):
                bank = "sha1" if form == "tpm1" else "sha256"
                made = log.Log(form, bank)
                made.add(2, hashlib.new(bank, b"x").digest(), "CBFS: bootblock")
                self.put_memory(form, made)
                answer = self.eventlog()
                start = bytes(hashlib.new(bank).digest_size)
                expected = hashlib.new(bank, start + hashlib.new(bank, b"x").digest()).hexdigest()
                self.assertEqual(answer["banks"][bank]["2"], expected)
                self.assertEqual([e["name"] for e in answer["events"] if e["name"].startswith("CBFS")],
                                 ["CBFS: bootblock"])

    def test_console_alone(self):
        """The log is empty, as a payload leaves it; the console has the listing, of the last boot."""
        made = filled()
        lines = [*cbmem.boot_lines({}, filled(names=("CBFS: old",))), *cbmem.boot_lines({}, made)]
        cbmem.write(self.memory, {}, lines, log.FORMS["cb"][0], filled(names=()).bytes()[1])
        self.assert_pcr2(self.eventlog())

    def test_console_that_ran_over(self):
        lines = [(6, f"line {n} of an earlier boot\n") for n in range(9000)]
        cbmem.write(self.memory, {}, [*lines, *cbmem.boot_lines({}, filled())], log.FORMS["tpm2"][0], bytes(4096))
        self.assert_pcr2(self.eventlog())

    def test_table_in_the_upper_place(self):
        self.put_memory()
        with open(self.memory, "r+b") as memory:
            memory.seek(cbmem.LOW)
            table = memory.read(64)
            memory.seek(cbmem.LOW)
            memory.write(bytes(64))
        self.put(0xf0010, table)
        self.assert_pcr2(self.eventlog())
        self.put(0xf0010, bytes(64))
        self.put(0xf0008, table)
        self.refused("not-found", "no table of coreboot")

    def test_tables_forward(self):
        self.put_memory()
        hops = [0x10000000, 0x20000000, 0x30000000]
        for here, there in zip([cbmem.LOW, *hops], [*hops, cbmem.CBMEM]):
            self.put(here, cbmem.table(cbmem.record(cbmem.TAG_FORWARD, struct.pack("<Q", there))))
        self.assert_pcr2(self.eventlog())
        self.put(hops[2], cbmem.table(cbmem.record(cbmem.TAG_FORWARD, struct.pack("<Q", hops[0]))))
        self.refused("format", "forward")

    def test_damaged_table(self):
        self.put_memory()
        self.put(cbmem.CBMEM + 30, b"\xff")
        self.refused("not-found", "no table of coreboot")

    def test_addresses_that_nobody_reads(self):
        for address, size in ((ADDRESS_END, 1), (ADDRESS_END - 4096, 8192), (1 << 63, 4096), (0xffffffffffffffff, 1)):
            with self.subTest(hex(address)):
                self.put_memory()
                self.put(cbmem.CBMEM, cbmem.table(cbmem.entry(log.FORMS["cb"][0], address, size)))
                self.refused("protocol", "ADDRESS" if address > ADDRESS_END else "SIZE")
        self.put(cbmem.LOW, cbmem.table(cbmem.record(cbmem.TAG_FORWARD, struct.pack("<Q", ADDRESS_END))))
        self.refused("protocol", "ADDRESS")

    def test_area_too_large(self):
        self.put_memory()
        self.put(cbmem.CBMEM, cbmem.table(cbmem.entry(log.FORMS["cb"][0], cbmem.LOG, LARGEST + 1)))
        self.refused("limit", "16 MiB")
        self.put(cbmem.CBMEM, cbmem.table(cbmem.entry(log.FORMS["cb"][0], cbmem.LOG, LARGEST)))
        self.assert_pcr2(self.eventlog())

    def test_area_that_is_no_log(self):
        self.put_memory()
        self.put(cbmem.LOG, b"\x7fELF" + bytes(range(256)))
        self.refused("format", "cbmem")

    def test_nothing_wanted(self):
        self.put_memory()
        self.put(cbmem.CBMEM, cbmem.table(cbmem.entry(0x11111111, cbmem.LOG, 4096)))
        self.refused("not-found", "keeps neither")

    def test_other_firmware(self):
        self.memory.write_bytes(bytes(1 << 20))
        self.refused("not-found", "no table of coreboot", "EventLog=")
        self.memory.write_bytes(b"")
        self.refused("not-found", "no table of coreboot")

    def test_no_device(self):
        self.refused("not-found", str(self.memory), "CONFIG_DEVMEM")

    @unittest.skipIf(os.geteuid(), "needs root, to be somebody else")
    def test_for_root_alone(self):
        self.put_memory()
        self.memory.chmod(0o600)
        self.refused("not-found", "for root alone", user=WORKER_UID)


class Sources(Machine):
    def test_bus_before_memory(self):
        self.put_memory(made=filled(names=("CBFS: other",)))
        self.put_bus(log.FORMS["tpm2"][0], filled("tpm2").bytes()[1])
        self.assert_pcr2(self.eventlog())

    def test_bus_without_logs(self):
        self.put_memory()
        self.put_bus(0x11111111, b"x")
        self.assert_pcr2(self.eventlog())

    def test_absent_and_empty_are_passed_over(self):
        self.put_memory()
        empty = self.folder / "empty"
        empty.write_bytes(b"")
        zeros = self.folder / "zeros"
        zeros.write_bytes(bytes(4096))
        self.assert_pcr2(self.eventlog(config=self.configure(f"/nonexistent;{empty};{zeros};cbmem")))
        single = self.folder / "log"
        single.write_bytes(filled().bytes()[0])
        self.memory.unlink()
        self.assert_pcr2(self.eventlog(config=self.configure(f"cbmem;{single}")))

    def test_all_absent(self):
        empty = self.folder / "empty"
        empty.write_bytes(b"")
        said = self.refused("not-found", "/nonexistent", str(empty), "cbmem", "EventLog=",
                            config=self.configure(f"/nonexistent;{empty};cbmem"))
        self.assertNotIn("\n", said)
        self.refused("not-found", "EventLog=", config=self.configure(""))

    def test_spoilt_is_no_absence(self):
        self.put_memory()
        spoilt = self.folder / "spoilt"
        spoilt.write_bytes(filled("tpm2").bytes()[0][:-3])
        self.refused("format", str(spoilt), config=self.configure(f"{spoilt};cbmem"))


class Program(Machine):
    """qfu-cbmem reads numbers, and no more of them than it shall."""

    def ask(self, *reads, end=True):
        """(bytes of each answer, the last frame)"""
        frames = framesof.frame("ARGUMENTS") + b"".join(
            framesof.frame("READ", address=address, size=size) for address, size in reads)
        environment = {"QFU_CONFIG": str(self.configure())}
        run = subprocess.run([DOM0 / "qfu-cbmem", "read"], input=frames + (framesof.END if end else b""),
                             capture_output=True, timeout=WAIT, check=False, env=environment)
        stream, answers = run.stdout, []
        with tempfile.TemporaryFile() as file:
            file.write(stream)
            file.seek(0)
            while frame := qfuwire.read_frame(file):
                if frame[0] == qfuwire.SIZE:
                    answers.append(b"")
                elif frame[0] == qfuwire.DATA:
                    answers[-1] += frame[1]
                else:
                    return answers, frame
        raise AssertionError("no last frame")

    def setUp(self):
        super().setUp()
        self.memory.write_bytes(b"0123456789" * 1000)

    def test_reads_most(self):
        answers, last = self.ask(*[(n, 3) for n in range(READS_MAX)])
        self.assertEqual(last[0], qfuwire.END)
        self.assertEqual(len(answers), READS_MAX)       # QFU_CBMEM_READS_MAX
        self.assertEqual(answers[12], b"234")

    def test_reads_more(self):
        answers, last = self.ask(*[(n, 3) for n in range(READS_MAX + 1)])   # QFU_CBMEM_READS_MAX
        self.assertEqual(last[0], qfuwire.ERROR)
        self.assertEqual(len(answers), READS_MAX)

    def test_where_memory_ends(self):
        answers, last = self.ask((9998, 100), (10000, 1), (ADDRESS_END - 1, 1))
        self.assertEqual((answers, last[0]), ([b"89", b"", b""], qfuwire.END))

    def test_refused(self):
        for address, size in ((0, 0), (0, LARGEST + 1), (ADDRESS_END, 1), (ADDRESS_END - 1, 2), (1 << 63, 16)):
            with self.subTest(address=address, size=size):
                answers, last = self.ask((0, 1), (address, size))
                self.assertEqual((answers, last[0]), ([b"0"], qfuwire.ERROR))

    def test_hung_up(self):
        answers, last = self.ask((0, 1), end=False)
        self.assertEqual((answers, last[0]), ([b"0"], qfuwire.ERROR))


if __name__ == "__main__":
    unittest.main(verbosity=2)
