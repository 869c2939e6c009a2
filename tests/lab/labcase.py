# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of the lab, and tests in a lab, have in common."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "scripts" / "lab"
ROM = ROOT / "scripts" / "lab-rom"
BUILD = os.environ.get("QFU_BUILD_ROOT", str(ROOT / "build"))
SKIP = 77


def run(*command, timeout=120, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=timeout, **more)


def skip_without_namespaces():
    """End this program as skipped where the kernel gives no network namespace, with its reason."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = run("unshare", *user, "--net", "true")
    if done.returncode:
        print(f"no network namespace for the lab: {done.stderr.strip()}")
        sys.exit(SKIP)


def processes_with(text):
    """Command lines of all processes, without those that only wait to be reaped, in which this text occurs."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text in line and int(entry.parent.name) != os.getpid():
            found.append(line)
    return found


class LabCase(unittest.TestCase):
    """A scratch directory, and labs that are ended and removed after the test."""

    def setUp(self):
        # Sockets below it must fit into 108 bytes, so TMPDIR is not asked.
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="qfu-lab-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def lab(self, *words, status=0, timeout=120):
        done = run(LAB, *words, timeout=timeout)
        self.assertEqual(done.returncode, status, f"lab {words}: {done.stdout}{done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def up(self, name, *options):
        directory = self.scratch / name
        self.lab("up", directory, "--build", BUILD, *options)
        self.addCleanup(run, LAB, "down", directory)
        return directory

    def info(self, directory):
        return json.loads(self.lab("info", directory))

    def dom0(self, directory, *command, status=0):
        return self.lab("dom0", directory, "--", *command, status=status)

    def updatevm(self, directory, *command, status=0):
        return self.lab("updatevm", directory, "--", *command, status=status)

    def rom(self, name, version, *options):
        path = self.scratch / name
        done = run(ROM, path, "--version", version, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def pcr(self, directory, number):
        text = self.dom0(directory, "tpm2_pcrread", f"sha256:{number}")
        return text.rpartition("0x")[2].strip().lower()
