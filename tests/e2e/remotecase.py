# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of remote attestation share: machines with a TPM and an event log, and a verifier without either."""
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
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "schemas")]

import schemacase  # pylint: disable=wrong-import-position
import swtpm  # pylint: disable=wrong-import-position

MANAGER = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build")) / "dom0" / "qubes-fwupdmgr"
BANKS = {"sha1": 4, "sha256": 11}
HANDLE = "0x81017175"
WORKER = 60124      # no user of a test machine has it
STRANGER = 54321    # a uid of nobody
SECONDS = 60
SKIP = 77
EVENTS = [(0, b"version"), (2, b"FMAP: FMAP"), (2, b"CBFS: fallback/romstage"), (2, b"CBFS: fallback/ramstage"),
          (7, b"separator"), (9, b"initrd"), (11, b"unified kernel")]


def log_of(events):
    """A crypto-agile log of the TCG."""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHHH", 0, 0, 2, 0, 2, 2, 4, 20, 11, 32) + b"\0"
    out = struct.pack("<II20sI", 0, 3, b"", len(spec)) + spec
    for pcr, data in events:
        out += struct.pack("<III", pcr, 5, len(BANKS))
        for name, algorithm in BANKS.items():
            out += struct.pack("<H", algorithm) + hashlib.new(name, data).digest()
        out += struct.pack("<I", len(data)) + data
    return out


def authority(directory):
    """Options of swtpm_setup for a TPM with a certificate by an authority of its own, and the authority's files."""
    directory.mkdir()
    local = directory / "localca.conf"
    local.write_text(f"statedir = {directory}\nsigningkey = {directory}/key.pem\n"
                     f"issuercert = {directory}/issuer.pem\ncertserial = {directory}/serial\n", "ascii")
    options = directory / "options"
    options.write_text("--platform-manufacturer Test\n--platform-version 1\n--platform-model Test\n", "ascii")
    setup = directory / "setup.conf"
    setup.write_text(f"create_certs_tool= {shutil.which('swtpm_localca')}\ncreate_certs_tool_config = {local}\n"
                     f"create_certs_tool_options = {options}\n", "ascii")
    return ["--config", str(setup), "--create-ek-cert"], [directory / "issuer.pem",
                                                         directory / "swtpm-localca-rootca-cert.pem"]


class Machine:
    """One machine under attestation: a TPM that has measured EVENTS, and the log of it."""

    def __init__(self, directory, setup=()):
        self.directory = directory
        directory.mkdir()
        self.log = directory / "log"
        self.tpm = swtpm.Swtpm(str(directory / "tpm"), BANKS, setup)
        self.config = directory / "conf"
        self.config.write_text(
            f"[Paths]\nState={directory}/state\nCache={directory}/cache\nRuntime={directory}/run\n"
            f"[Worker]\nUser={WORKER}\n[MeasuredBoot]\nTcti={self.tpm.tcti}\nEventLog={self.log}\n", "ascii")
        self.start()

    def start(self, events=tuple(EVENTS)):
        self.tpm.__enter__()
        self.tpm.tool("tpm2_startup", "-c")
        for pcr, data in events:
            digests = ",".join(f"{bank}={hashlib.new(bank, data).hexdigest()}" for bank in BANKS)
            self.tpm.tool("tpm2_pcrextend", f"{pcr}:{digests}")
        self.log.write_bytes(log_of(events))

    def stop(self):
        self.tpm.__exit__()

    def reboot(self, events=tuple(EVENTS)):
        self.stop()
        self.start(events)

    def flush(self):
        for what in "tls":
            self.tpm.tool("tpm2_flushcontext", "-" + what)


class RemoteCase(unittest.TestCase):
    """Runs the command line on a machine or, as an ordinary user, on the verifier."""

    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp())
        cls.top.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.verifier = cls.top / "verifier"
        cls.verifier.mkdir()
        os.chown(cls.verifier, STRANGER, STRANGER)
        cls.plain = cls.top / "plain.conf"
        cls.plain.write_text("[MeasuredBoot]\nTcti=device:/nonexistent\n", "ascii")

    @classmethod
    def machine(cls, name, setup=()):
        machine = Machine(cls.top / name, setup)
        cls.addClassCleanup(machine.stop)
        return machine

    def call(self, config, *words, prefix=()):
        command = [*prefix, MANAGER, "--config", config, "--json", "attest", *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=SECONDS,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return schemacase.answer(command, done.returncode, done.stdout)

    def good(self, *call, **more):
        answer = self.call(*call, **more)
        self.assertNotIn("error", answer)
        return answer

    def refused(self, code, words, *call, **more):
        answer = self.call(*call, **more)
        self.assertIn("error", answer)
        self.assertEqual(answer["error"]["code"], code, answer["error"]["message"])
        self.assertRegex(answer["error"]["message"], words)
        return answer

    def quote(self, machine, folder, nonce):
        self.good(machine.config, "--quote", "--nonce", nonce, "--out", folder)
        return folder

    def verify_call(self, folder, key, nonce, *more):
        """What the verifier runs: no root, no TPM."""
        return [self.plain, "--verify", folder, "--ak", key, "--nonce", nonce, *more]

    as_stranger = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups")

    def verify(self, folder, key, nonce, *more):
        return self.good(*self.verify_call(folder, key, nonce, *more), prefix=self.as_stranger)

    def verify_refused(self, code, words, folder, key, nonce, *more):
        return self.refused(code, words, *self.verify_call(folder, key, nonce, *more), prefix=self.as_stranger)

    def pin(self, machine, name):
        """The machine's key as a file of the verifier, without the ceremony."""
        folder = self.top / (name + ".enrolled")
        self.good(machine.config, "--enroll", folder)
        key = self.verifier / (name + ".ak")
        shutil.copy(folder / "ak.pub", key)
        os.chown(key, STRANGER, STRANGER)
        return key


def main():
    if os.geteuid() != 0 or not all(map(shutil.which, ("swtpm", "swtpm_setup", "tpm2_checkquote", "setpriv"))):
        print("needs root, swtpm, tpm2-tools and setpriv")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
