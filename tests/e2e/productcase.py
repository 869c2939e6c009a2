# SPDX-License-Identifier: LGPL-2.1-or-later
"""What whole-way tests have in common: a lab with a board, the product in its dom0, and eyes of their own.

Nothing here asks the product what it did to the chip: the flash map is read by a few lines below, the PCRs by tpm2-tools.
"""
import configparser
import contextlib
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "schemas")]

import labcase
import schemacase
from labcase import BUILD, LAB, SKIP, run

OLD, NEW = "1.0.0", "1.1.0"
PROGRAM = pathlib.Path(BUILD) / "dom0" / "qubes-fwupdmgr"
PLUGIN = pathlib.Path(BUILD) / "plugins" / "qubes-coreboot" / "libfu_plugin_qubes_coreboot.so"
VERB_SECONDS = 120
QUESTION = re.compile(rb"\[y/N\] |, nothing for none\] ")
STRANGER = 54321      # a uid of nobody


def needs():
    """End this program as skipped where a whole way cannot be gone, with the reason."""
    labcase.skip_without_namespaces()
    if os.geteuid() != 0:
        done = run("unshare", "--user", "--map-root-user", "--map-auto", "true")
        if done.returncode:
            print(f"neither root nor subordinate uids for the parsers' process: {done.stderr.strip()}")
            sys.exit(SKIP)
    for file in (PROGRAM, PLUGIN):
        if not file.exists():
            print(f"{file} was not built")
            sys.exit(SKIP)


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def flash_map(image):
    """Name -> (offset, size) of the flash map whose own area points at itself."""
    at = image.find(b"__FMAP__")
    while at >= 0:
        count = struct.unpack_from("<H", image, at + 54)[0]
        areas = {}
        for i in range(count):
            offset, size, name = struct.unpack_from("<II32s", image, at + 56 + 42 * i)
            areas[name.rstrip(b"\0").decode()] = offset, size
        if areas.get("FMAP", (None,))[0] == at:
            return areas
        at = image.find(b"__FMAP__", at + 1)
    raise AssertionError("the image has no flash map")


def updatable_regions(name):
    """The regions that a shipped layout lets an update write."""
    layout = configparser.ConfigParser()
    layout.optionxform = str
    layout.read(ROOT / "data" / "layouts" / f"{name}.conf")
    assert layout["Layout"]["Default"] == "preserve"
    return {name for name, rule in layout["Regions"].items() if rule == "update"}


def composed(old, new, layout="coreboot"):
    """What the chip has to hold after an update: the new image where it may be written, the old one elsewhere."""
    expected = bytearray(old)
    for name, (offset, size) in flash_map(old).items():
        if name in updatable_regions(layout):
            expected[offset:offset + size] = new[offset:offset + size]
    return bytes(expected)


class ProductCase(labcase.LabCase):
    """Labs whose dom0 runs the product."""

    def board(self, name, *options):
        """A lab with a machine that booted version OLD."""
        directory = self.up(name, "--rom", self.rom(f"{name}-old.rom", OLD), *options)
        return directory

    def publish(self, directory, rom, version, *options):
        """Publish an image; returns its cab on the mirror."""
        said = self.lab("publish", directory, "--rom", rom, "--version", version, *options)
        return pathlib.Path(self.info(directory)["downloads"]) / said.rpartition("/")[2].strip()

    def offer(self, directory):
        """Publish version NEW and let dom0 know of it. Returns the image and its cab on the mirror."""
        rom = self.rom(f"{directory.name}-new.rom", NEW)
        cab = self.publish(directory, rom, NEW)
        self.do(directory, "refresh")
        return rom, cab

    def manager(self, directory, *words, timeout=VERB_SECONDS):
        """One command of the product in dom0, to its end; what it prints for --json is what the verb's schema says."""
        done = run(LAB, "dom0", directory, "--", "qubes-fwupdmgr", *words, timeout=timeout)
        if "--json" in words:
            schemacase.answer(words, done.returncode, done.stdout)
        return done

    def do(self, directory, *words, status=0):
        done = self.manager(directory, *words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, directory, *words):
        """A command's JSON; what else there is to say are warnings, on stderr."""
        done = self.manager(directory, *words, "--json")
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        self.assertEqual([line for line in done.stderr.splitlines() if not line.startswith("warning: ")], [])
        return json.loads(done.stdout)

    def talk(self, directory, words, *answers):
        """A command on a plain terminal, where a person gives these answers. Returns exit status, what was said, stderr."""
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen([str(LAB), "dom0", str(directory), "--", "qubes-fwupdmgr", *map(str, words)],
                                   stdin=end, stdout=end, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "TERM": "dumb"})     # colours are another test's affair
        os.close(end)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        said, asked = b"", 0
        deadline = time.monotonic() + VERB_SECONDS
        while True:
            self.assertTrue(select.select([terminal], [], [], deadline - time.monotonic())[0], said)
            try:
                said += os.read(terminal, 65536)
            except OSError:             # the other end is closed
                break
            while len(QUESTION.findall(said)) > asked:
                self.assertLess(asked, len(answers), f"one question too many: {said.decode()}")
                os.write(terminal, answers[asked].encode() + b"\n")
                asked += 1
        errors = process.stderr.read()
        said = re.sub(r"\r\n|\r", "\n", said.decode())
        self.assertEqual(asked, len(answers), f"{said}{errors}")
        return process.wait(VERB_SECONDS), said, errors

    @contextlib.contextmanager
    def setting(self, directory, group, key, value):
        """One key of the configuration is another for a while."""
        config = pathlib.Path(self.info(directory)["config"])
        before = config.read_text()
        without = re.sub(rf"(?m)^{key}=.*\n", "", before)
        config.write_text(without.replace(f"[{group}]\n", f"[{group}]\n{key}={value}\n"))
        try:
            yield
        finally:
            config.write_text(before)

    def records(self, directory):
        return self.ask(directory, "refvals")["records"]

    def entry(self, directory, record):
        """What was written down first of this record, as the store's file has it."""
        folder = pathlib.Path(self.info(directory)["store"]) / "refvals"
        return next(entry for entry in map(json.loads, map(pathlib.Path.read_text, sorted(folder.glob("*.json"))))
                    if entry["record"] == record)

    def states(self, directory):
        return [record["state"] for record in self.records(directory)]

    def restart_fwupd(self, directory):
        """The daemon reads its authorities, and the plugin looks at the chip, when it starts."""
        self.lab("stop", directory, "fwupd")
        self.lab("start", directory, "fwupd")

    @contextlib.contextmanager
    def distrustful_fwupd(self, directory):
        """The daemon without the lab's authority, which it takes from both of its directories; ours stays."""
        info = self.info(directory)
        keys = directory / "dom0" / "etc" / "pki"
        ours = self.scratch / "our-keys"
        shutil.copytree(keys / "fwupd-metadata", ours)
        config = pathlib.Path(info["config"])
        before = config.read_text()
        config.write_text(before.replace(f"{keys}/fwupd-metadata", str(ours)))
        aside = keys.rename(self.scratch / "pki")
        self.restart_fwupd(directory)
        yield
        aside.rename(keys)
        config.write_text(before)
        self.restart_fwupd(directory)

    def chip(self, directory):
        return pathlib.Path(self.info(directory)["chip"])

    def refused(self, directory, words, message, pending=0):
        """The command ends with 1 and this message, the chip is as before and no record is left that could be used."""
        before = digest(self.chip(directory))
        done = self.manager(directory, *words)
        self.assertEqual(done.returncode, 1, f"{words}: {done.stdout}{done.stderr}")
        self.assertRegex(done.stderr, message)
        self.assertTrue(done.stderr.startswith("qubes-fwupdmgr: ") or "\nqubes-fwupdmgr: " in done.stderr, done.stderr)
        self.assertEqual(digest(self.chip(directory)), before)
        self.assertEqual(self.states(directory).count("pending"), pending)
        return done
