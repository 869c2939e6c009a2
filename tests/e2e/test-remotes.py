#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Remotes of fwupd that are files of this machine: signed metadata, and a folder of cabinets."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
import signing
from labcase import BUILD, LAB, ROM, run
from productcase import NEW, OLD

NEWER = "1.2.0"
NAME = "vendor.xml.zst"
REMOTE = "[fwupd Remote]\nEnabled=true\nTitle={title}\nMetadataURI={place}\n{more}"
OPEN = "\n[Remote {}]\nSystemFirmware=true\n"
# what a case may alter of its lab while fwupd does not run
KEPT = ("dom0/cache", "dom0/chip.bin", "dom0/etc", "dom0/fwupd", "dom0/state", "mirror/docroot", "mirror/published.json")


def copy(source, target):
    """A file or folder with its owners, in the place of what is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


class Remotes(productcase.ProductCase):
    """One lab for all cases: each finds the files of dom0 and of the mirror as they were when it came up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.top = pathlib.Path(tempfile.mkdtemp(prefix="qfu-remotes-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.board_lab, old = cls.top / "a", cls.top / "old.rom"
        cls.must(ROM, old, "--version", OLD)
        cls.addClassCleanup(run, LAB, "down", cls.board_lab)
        cls.must(LAB, "up", cls.board_lab, "--build", BUILD, "--rom", old)
        cls.must(LAB, "stop", cls.board_lab, "fwupd")
        for name in KEPT:
            copy(cls.board_lab / name, cls.top / "kept" / name)

    @staticmethod
    def must(*command):
        done = run(*command)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")

    def setUp(self):
        super().setUp()
        self.addCleanup(self.lab, "stop", self.board_lab, "fwupd")
        for name in KEPT:
            copy(self.top / "kept" / name, self.board_lab / name)
        info = self.info(self.board_lab)
        self.config = pathlib.Path(info["config"])
        self.drop_ins = pathlib.Path(f"{self.config}.d")
        self.downloads = pathlib.Path(info["downloads"])
        self.signer = signing.Certificate.of(info["signer"], info["signer_key"])
        self.folder = self.board_lab / "dom0" / "etc" / "vendor"
        self.folder.mkdir()
        self.drop_ins.mkdir(exist_ok=True)
        self.lab("start", self.board_lab, "fwupd")

    def add(self, name, place, more=""):
        """One more remote, that may offer firmware of the machine."""
        remotes = self.board_lab / "dom0" / "etc" / "fwupd" / "remotes.d"
        (remotes / f"{name}.conf").write_text(REMOTE.format(title=name, place=place, more=more), "utf-8")
        (self.drop_ins / f"50-{name}.conf").write_text(OPEN.format(name), "utf-8")
        self.restart_fwupd(self.board_lab)

    def remote(self, name):
        return next(each for each in self.ask(self.board_lab, "get-remotes")["remotes"] if each["id"] == name)

    def make_local(self, location):
        """The mirror's metadata as a file of dom0, its cab at another place; not signed."""
        stable = max(self.downloads.glob("firmware-*-stable.xml.zst"))
        text = subprocess.run(["zstd", "-dc", stable], check=True, capture_output=True).stdout.decode()
        text = re.sub(r"<location>[^<]*</location>", f"<location>{location}</location>", text)
        plain = self.scratch / "vendor.xml"
        plain.write_text(text, "utf-8")
        subprocess.run(["zstd", "-q", "-f", plain, "-o", self.folder / NAME], check=True)

    def sign_local(self):
        metadata = self.folder / NAME
        (self.folder / f"{NAME}.jcat").write_bytes(
            signing.jcat(signing.item(metadata, [self.signer.sign(metadata)], NAME)))

    def test_local(self):
        """What is not signed counts for nothing; what is, as that of a mirror, before one of lower priority."""
        cab = self.publish(self.board_lab, self.rom("new.rom", NEW), NEW)
        shutil.copy(cab, self.folder / "here.cab")
        self.make_local("here.cab")
        self.add("vendor", f"file://{self.folder / NAME}", "OrderBefore=lab\n")
        self.do(self.board_lab, "refresh", "lab")

        found = self.remote("vendor")
        self.assertEqual((found["kind"], found["path"], found["freshness"]), ("local", str(self.folder / NAME), None))
        self.assertIn("no signature", found["trouble"])
        self.refused(self.board_lab, ["refresh", "vendor"], "remote vendor: its metadata is not signed")
        self.assertEqual(self.ask(self.board_lab, "get-updates")["updates"][0]["remote"], "lab")

        self.sign_local()
        self.assertRegex(self.do(self.board_lab, "refresh", "vendor"), "vendor: metadata read and verified")
        found = self.remote("vendor")
        self.assertIsNone(found["trouble"])
        self.assertIs(found["freshness"]["stale"], False)
        self.assertGreater(found["priority"], self.remote("lab")["priority"])
        self.assertEqual(self.ask(self.board_lab, "get-updates")["updates"][0]["remote"], "vendor")
        self.do(self.board_lab, "refresh", "vendor", status=2)

        # the cab is the one beside it: the mirror has none any more
        cab.unlink()
        self.assertIn(NEW, self.do(self.board_lab, "update", "-y"))

    def test_local_places(self):
        """Where the cab of local metadata may be."""
        self.publish(self.board_lab, self.rom("new.rom", NEW), NEW)
        self.make_local("../pki/here.cab")
        self.sign_local()
        self.add("vendor", f"file://{self.folder / NAME}")
        self.do(self.board_lab, "refresh", "vendor")
        self.refused(self.board_lab, ["update", "-y"], "unfit location")

    def test_directory(self):
        """A cab in a folder is shown with the way to install it, by the rules of that remote."""
        self.offer(self.board_lab)
        cab = self.publish(self.board_lab, self.rom("newer.rom", NEWER), NEWER)
        file = self.folder / "newer.cab"
        shutil.copy(cab, file)
        (self.folder / "broken.cab").write_bytes(b"MSCF")
        self.add("folder", f"file://{self.folder}")
        self.assertEqual(self.remote("folder")["kind"], "directory")
        self.do(self.board_lab, "refresh", "folder", status=1)

        done = self.manager(self.board_lab, "get-updates")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"qubes-fwupdmgr install --local {file}", done.stdout)
        self.assertRegex(" ".join(done.stderr.split()), r"warning: remote folder: \S+/broken\.cab is left out: ")
        local = self.ask(self.board_lab, "get-updates")["local"]
        self.assertEqual([(each["remote"], each["versionTo"], each["file"]) for each in local], [("folder", NEWER, str(file))])
        # nobody is there
        self.refused(self.board_lab, ["install", "--local", "-y", file], "is never unattended")

        strangers = self.scratch / "keys"
        strangers.mkdir()
        shutil.copy(signing.Certificate(self.scratch, "other", 5).cert, strangers / "other.pem")
        for lines, message in ((f"FirmwareKeys={strangers}\n", "is rejected: .*not accepted"),
                               ("SystemFirmware=\n", "remote folder may not offer firmware of the machine itself"),
                               ("Devices=USB:0x1209\n", "remote folder may not offer firmware for this device")):
            with self.subTest(lines):
                (self.drop_ins / "60-folder.conf").write_text(f"[Remote folder]\n{lines}", "utf-8")
                status, said, errors = self.talk(self.board_lab, ["install", "--local", file])
                self.assertEqual(status, 1)
                self.assertRegex(" ".join((said + errors).split()), message)
                self.assertEqual(self.ask(self.board_lab, "get-updates")["local"], [])
        (self.drop_ins / "60-folder.conf").unlink()
        status, said, errors = self.talk(self.board_lab, ["install", "--local", file], "y")
        self.assertEqual(status, 0, said + errors)

    def test_password(self):
        """What would have to be given to the UpdateVM is not used: passed over, and refused when it is asked for."""
        url = self.info(self.board_lab)["metadata_url"]
        self.add("closed", url.replace("firmware.xml", "closed.xml"), "Username=me\nPassword=secret\n")
        trouble = self.remote("closed")["trouble"]
        self.assertIn("wants a password", trouble)
        done = self.manager(self.board_lab, "refresh")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("lab: metadata fetched", done.stdout)
        self.assertIn(f"warning: remote closed: {trouble}", " ".join(done.stderr.split()))
        for words in (["refresh", "closed"], ["refresh", f"--url={self.remote('closed')['url']}"]):
            done = self.manager(self.board_lab, *words)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"remote closed: {trouble}", " ".join(done.stderr.split()))
        self.assertEqual(self.manager(self.board_lab, "refresh", "--unattended").returncode, 0)
        state = json.loads((pathlib.Path(self.info(self.board_lab)["store"]) / "refresh.json").read_text("utf-8"))
        self.assertEqual([each["remote"] for each in state["remotes"]], ["lab"])
        # nobody was asked for anything of it
        log = (self.board_lab / "logs" / "mirror-access.log").read_text("utf-8")
        self.assertIn("firmware.xml", log)
        self.assertNotIn("closed.xml", log)

    def test_settings(self):
        """status names the files that were read; one that others may write ends every verb."""
        drop_in = self.drop_ins / "50-x.conf"
        drop_in.write_text("[Transport]\nIdleSeconds=31\n", "utf-8")
        files = self.ask(self.board_lab, "status")["settings"]["files"]
        self.assertEqual(files[0], str(self.config))
        self.assertIn(str(drop_in), files)
        drop_in.chmod(0o666)
        for verb in ("get-remotes", "status", "refresh"):
            done = self.manager(self.board_lab, verb)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(" ".join(done.stderr.split()), rf"{re.escape(str(drop_in))} may be written by others than root")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
