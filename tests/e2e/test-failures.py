#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong outside of the product: each time a message, exit 1, an untouched chip, no record that counts.

Each group ends with the way that works, in the same lab: what failed before failed for the reason that was planted.
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD, run

CUT = pathlib.Path(__file__).resolve().with_name("cutmirror.py")
BLOCK = 100_000     # bytes, well inside of a cab


@contextlib.contextmanager
def changed(path, change):
    """A file with other contents for a while."""
    path = pathlib.Path(path)
    before = path.read_bytes()
    path.write_bytes(change(before))
    try:
        yield
    finally:
        path.write_bytes(before)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def setting(key, value):
    """A change of one key of a configuration file."""
    line = f"{key}={value}".encode()
    return lambda text: re.sub(rb"(?m)^" + key.encode() + rb"=.*$", lambda _: line, text)


def metadata_of(lab):
    """The file that the present jcat names."""
    return sorted((lab / "mirror/docroot/downloads").glob("firmware-*-stable.xml.zst"))[-1]


class Failures(productcase.ProductCase):
    @contextlib.contextmanager
    def stopped(self, lab, service):
        self.lab("stop", lab, service)
        try:
            yield
        finally:
            self.lab("start", lab, service)

    @contextlib.contextmanager
    def breaking_mirror(self, lab):
        """Another server in the mirror's place."""
        pid = self.info(lab)["anchors"]["mirror"]
        room = ["nsenter", f"--net=/proc/{pid}/ns/net"]
        if os.geteuid() != 0:
            room += [f"--user=/proc/{pid}/ns/user", "--preserve-credentials"]
        command = [*room, "--", "/usr/bin/python3", str(CUT), "192.0.2.1", str(lab / "pki/server.pem"),
                   str(lab / "pki/server.key"), str(lab / "mirror/docroot")]
        with self.stopped(lab, "mirror"), subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                                           text=True) as server:
            try:
                self.assertEqual(server.stdout.readline(), "listening\n")
                yield
            finally:
                server.terminate()

    def without_agent(self, lab):
        return changed(self.info(lab)["config"], lambda text: text.replace(b"/qubes.FwupdFetch", b"/missing"))

    def with_command(self, lab, script):
        """The agent behind a shell script that gets its command line as arguments."""
        config = self.info(lab)["config"]
        command = re.search(r"^Command=(.*)$", pathlib.Path(config).read_text(), re.MULTILINE)[1]
        return changed(config, setting("Command", f"sh -c '{script}' sh {command}"))

    def with_other_authority(self, lab, key):
        """Trust in an authority that has signed nothing here."""
        keys = self.scratch / "other-keys"
        keys.mkdir(exist_ok=True)
        shutil.copy(self.info(lab)["web_ca"], keys)
        return changed(self.info(lab)["config"], setting(key, keys))

    def test_refresh(self):
        lab = self.board("a")
        self.publish(lab, self.rom("new.rom", NEW), NEW)
        info = self.info(lab)
        for words in (["update", "-y"], ["get-updates"]):
            self.refused(lab, words, r"no metadata yet; .*refresh")
        jcat = pathlib.Path(info["downloads"]) / "firmware.xml.zst.jcat"
        metadata = metadata_of(lab)
        cases = [
            ("agent missing", self.without_agent(lab), r"the agent qubes.FwupdFetch is not installed"),
            ("mirror down", self.stopped(lab, "mirror"), r"the mirror cannot be reached"),
            ("web authority", changed(info["agent_conf"], setting("CAFile", info["ca"])), r"TLS certificate"),
            ("authority", self.with_other_authority(lab, "MetadataKeys"), r"authority that is not accepted"),
            ("metadata", changed(metadata, lambda data: flip(data, len(data) // 2)), r"its sha256 is not the one"),
            ("metadata cut", changed(metadata, lambda data: data[:-1]), r"its sha256 is not the one"),
            ("signature", self.resigned(lab, metadata, jcat), r"the signature does not match"),
            ("jcat", changed(jcat, lambda data: data[:len(data) // 2]), r"not a jcat file"),
            ("mirror breaks off", self.breaking_mirror(lab), r"the mirror cannot be reached or broke off"),
            ("transfer cut", self.with_command(lab, '"$@" | head -c 300'), r"the agent ended early"),
            ("fwupd stopped", self.stopped(lab, "fwupd"), r"fwupd does not answer"),
        ]
        for name, plant, message in cases:
            with self.subTest(name):
                with plant:
                    self.refused(lab, ["refresh"], message)
                self.assertEqual(list(pathlib.Path(info["cache"]).glob("metadata/*/*")), [])
        url = info["metadata_url"]
        for words, message in ((["--url=https://fwupd.org/downloads/firmware.xml.xz"], r"of no remote .*remotes\.d"),
                               (["--url", url.replace("https", "http")], r"of no remote"),
                               (["--url", url, "lab"], r"REMOTE or --url, not both"),
                               (["lap"], r"no remote lap to download from; did you mean lab\?"),
                               (["frobnicate"], r"no remote frobnicate to download from; `")):
            self.refused(lab, ["refresh", *words], message)
        self.refused(lab, ["refresh", "--whonix"], r"--whonix: \[Transport\] TorCommand= is not set")
        self.do(lab, "refresh", f"--url={url}")
        # over Tor, and not otherwise
        command = re.search(r"(?m)^Command=(.*)$", pathlib.Path(info["config"]).read_text())[1]
        with self.setting(lab, "Transport", "TorCommand", command), self.setting(lab, "Transport", "Command", "false"):
            self.refused(lab, ["refresh"], r"the agent ended early")
            self.do(lab, "refresh", "--whonix", status=2)
            self.refused(lab, ["update", "-y", "--dry-run"], r"the agent ended early")
            self.do(lab, "update", "-y", "--dry-run", "--whonix")
        with self.setting(lab, "Transport", "TorCommand", "false"):
            self.refused(lab, ["refresh", "--whonix"], r"VM behind \[Transport\] TorCommand=.*the agent ended early")
        self.do(lab, "refresh", "--ignore-postquantum", status=2)
        self.assertEqual(self.ask(lab, "get-updates")["updates"][0]["versionTo"], NEW)

    @contextlib.contextmanager
    def resigned(self, lab, metadata, jcat):
        """Other metadata with a fresh checksum, and the signature of the true one."""
        with changed(metadata, lambda data: flip(data, len(data) // 2)), changed(jcat, lambda data: data):
            keys = self.scratch / "keyring"
            sums = self.scratch / "signature.der"
            done = run("jcat-tool", "--keyring", keys, "export", jcat, cwd=self.scratch)
            self.assertEqual(done.returncode, 0, done.stderr)
            shutil.copy(next(self.scratch.glob("*.p7b")), sums)
            jcat.unlink()
            for words in (["self-sign", "--kind", "sha256", jcat.name, metadata.name],
                          ["import", jcat.name, metadata.name, str(sums)],
                          ["add-alias", jcat.name, metadata.name, "firmware.xml.zst"]):
                done = run("jcat-tool", "--keyring", keys, *words, cwd=jcat.parent)
                self.assertEqual(done.returncode, 0, done.stderr)
            yield

    def test_cab(self):
        lab = self.board("a")
        rom, cab = self.offer(lab)
        expected = productcase.composed(self.chip(lab).read_bytes(), rom.read_bytes())
        log = lab / "logs" / "mirror-access.log"
        cases = [
            ("tampered", changed(cab, lambda data: flip(data, len(data) // 2)), r"another SHA-256 than promised"),
            ("larger", changed(cab, lambda data: data + b"\0"), r"the file is larger"),
            ("smaller", changed(cab, lambda data: data[:-1]), r"another SHA-256 than promised"),
            ("gone", self.moved(cab), r"the mirror has no such file"),
            ("mirror down", self.stopped(lab, "mirror"), r"the mirror cannot be reached"),
            ("agent missing", self.without_agent(lab), r"the agent qubes.FwupdFetch is not installed"),
            ("fwupd stopped", self.stopped(lab, "fwupd"), r"fwupd does not answer"),
            ("transfer cut", self.with_command(lab, f'"$@" | head -c {BLOCK}'), r"the agent ended early"),
            ("mirror breaks off", self.breaking_mirror(lab), r"the mirror cannot be reached or broke off"),
        ]
        for name, plant, message in cases:
            with self.subTest(name), plant:
                self.refused(lab, ["update", "-y"], message)
        self.assertNotIn('" 206 ', log.read_text())
        self.do(lab, "update", "-y")
        self.assertEqual(self.chip(lab).read_bytes(), expected)
        # What had come before the cut was not fetched again.
        self.assertIn('" 206 ', log.read_text())

    @contextlib.contextmanager
    def moved(self, path):
        aside = path.with_suffix(".aside")
        path.rename(aside)
        try:
            yield
        finally:
            aside.rename(path)

    def test_fwupd_trust(self):
        """fwupd's own check is left on: without the authority it refuses what we let pass."""
        lab = self.board("a")
        self.offer(lab)
        with self.distrustful_fwupd(lab):
            done = self.refused(lab, ["update", "-y"], r"fwupd says: .*signature missing or not trusted")
        # Its advice to switch the check off is no help to anybody.
        self.assertNotIn("OnlyTrusted", done.stderr)
        self.assertEqual(self.states(lab), ["abandoned"])
        self.do(lab, "update", "-y")
        self.assertEqual(self.states(lab), ["abandoned", "written"])

    def test_other_images(self):
        """Signed, and said to be for this board, but not fit for it."""
        lab = self.board("a")
        said = self.lab("publish", lab, "--rom", self.chip(lab), "--version", OLD)
        guids = re.search(r" for (.*) is https:", said)[1].split(", ")
        text = self.scratch / "text"
        text.write_text("no firmware\n" * 100_000)
        cases = [
            ("board", self.rom("other", "2.0.0", "--board-part", "Other Board"), r"for another board"),
            ("size", self.rom("small", "3.0.0", "--size", "8M"), r"bytes, the chip has"),
            ("flash map", self.rom("map", "4.0.0", "--no-intel-areas"), r"flash map has no region SI_DESC"),
            ("no firmware", text, r"the image to install"),
        ]
        for number, (name, rom, message) in enumerate(cases, 2):
            with self.subTest(name):
                self.publish(lab, rom, f"{number}.0.0", "--board-guid", *guids)
                self.do(lab, "refresh")
                self.refused(lab, ["update", "-y"], message)
        self.assertEqual(self.states(lab), [])

    def test_other_guid(self):
        """For another board by the word of its maker: nothing to do, and not to be installed by hand."""
        lab = self.board("a")
        cab = self.publish(lab, self.rom("other", NEW, "--board-part", "Other Board"), NEW)
        self.do(lab, "refresh")
        before = productcase.digest(self.chip(lab))
        self.do(lab, "update", "-y", status=2)
        self.refused(lab, ["install", "-y", cab], r"not a cab that verified metadata names")
        self.assertEqual(productcase.digest(self.chip(lab)), before)
        self.assertEqual(self.states(lab), [])


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
