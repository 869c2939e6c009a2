#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""update-heads: firmware for a machine that boots through Heads is found, checked, forecast and put ready; the PCR 2 that
was forecast is the one of the boot with it. One lab for all: what a test puts into the boot folder goes with it."""
import hashlib
import json
import shutil
import subprocess
import sys
import unittest
import zipfile

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase

sys.path.insert(0, str(productcase.ROOT / "tests" / "schemas"))

import schemacase

RUNNING, NEXT = "0.2.0", "0.2.1"
BOARD = "x230-maximized"
ID = "com.3mdeb.heads.x230_maximized.firmware"
SCHEMA = schemacase.validator("update-heads")
KEYRING = ("--file", "heads/initrd/.gnupg/pubring.kbx,raw,3000")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Heads(productcase.ProductCase):
    def heads_rom(self, version, board=BOARD, *options):
        """An image of coreboot with Heads: its board and version as Heads' build writes them."""
        return self.rom(f"{board}-{version}-{len(options)}.rom", version, "--size", "8M", "--board-vendor", "LENOVO",
                        "--board-part", board, "--set", f'LOCALVERSION="Heads-v{version}"', "--set",
                        'MAINBOARD_FAMILY="ThinkPad X230"', "--set", f'MAINBOARD_PART_NUMBER="{board}"', *options)

    def setUp(self):
        super().setUp()
        self.old = self.heads_rom(RUNNING, BOARD, *KEYRING)
        self.machine = self.up("a", "--rom", self.old, "--payload", "heads")
        self.boot = self.machine / "dom0" / "boot"
        self.boot.mkdir()
        self.boot.chmod(0o755)
        (self.boot / "kexec.sig").touch()

    def offer_heads(self, rom, version=NEXT, component=ID, *options):
        self.publish(self.machine, rom, version, "--component", component, *options)
        self.do(self.machine, "refresh")

    def staged(self):
        """Path below the boot folder's updates -> bytes."""
        updates = self.boot / "updates"
        return {str(path.relative_to(updates)): path.read_bytes() for path in updates.rglob("*") if path.is_file()}

    def answer(self, *words):
        """What --json prints of it, which is as the schema says."""
        answer = self.ask(self.machine, "update-heads", *words)
        SCHEMA.validate(answer)
        return answer

    def refuses(self, message, *words, status=1):
        """It says so in both forms, and changes nothing."""
        before = self.staged()
        done = self.manager(self.machine, "update-heads", *words, "--json")
        self.assertEqual(done.returncode, status, f"{done.stdout}{done.stderr}")
        self.assertRegex(done.stderr, message)
        answer = json.loads(done.stdout)
        SCHEMA.validate(answer)
        self.assertRegex(answer["error"]["message"], message)
        self.assertEqual(self.staged(), before)

    def smbios(self, file, text):
        (self.machine / "dom0" / "dmi" / file).write_text(text + "\n")

    def test_whole_way(self):
        new = self.heads_rom(NEXT)
        image = new.read_bytes()
        self.offer_heads(new)

        # for the chip itself that release is there, too: writing it would take the owner's keys out
        self.refused(self.machine, ["update", "-y"], "boots through Heads.*update-heads")
        tried = self.answer("--dry-run")
        self.assertEqual(self.staged(), {})
        done = self.answer()
        self.assertEqual(tried, {**done, "dryRun": True})
        self.assertEqual({key: done[key] for key in ("board", "componentId", "foundBy", "versionFrom", "versionTo", "remote",
                                                     "boardKnown", "sha256", "image", "package")},
                         {"board": "x230_maximized", "componentId": ID, "foundBy": "hardware", "versionFrom": RUNNING,
                          "versionTo": NEXT, "remote": "lab", "boardKnown": True, "sha256": sha256(image),
                          "image": f"{self.boot}/updates/{NEXT}/firmware.rom",
                          "package": f"{self.boot}/updates/{NEXT}/firmware.zip"})
        self.check_staged(image)
        totp = next(row for row in done["secrets"] if row["name"] == "Heads TOTP")
        self.assertEqual((totp["verdict"], totp["reason"]), ("will-not-unseal", "PCR 2 changes"))

        # again: the same is there; clean leaves it alone, and a version that is there stays as well
        before = self.staged()
        self.refuses("holds exactly this firmware already", status=2)
        cabs = self.machine / "dom0" / "cache" / "cabs"
        self.assertEqual(len(list(cabs.glob("*.cab"))), 1)
        self.do(self.machine, "clean")
        self.assertEqual(self.staged(), before)
        self.do(self.machine, "refresh")
        self.refuses("holds exactly this firmware already", status=2)
        # for which it is not fetched again
        self.assertEqual(list(cabs.glob("*.cab")), [])

        # what Heads does: the keys of the owner go into the new image, which then boots
        self.assertEqual([row["bank"] for row in done["pcr2"]], ["sha256"])
        self.assertEqual(done["pcr2"][0]["now"], self.pcr(self.machine, 2))
        retained = self.heads_rom(NEXT, BOARD, *KEYRING)
        self.assertNotEqual(retained.read_bytes(), image)
        self.lab("chip", self.machine, "put", retained)
        self.lab("boot", self.machine, "--payload", "heads")
        self.assertEqual(done["pcr2"][0]["next"], self.pcr(self.machine, 2))
        self.refuses(f"{NEXT} runs, and the newest is {NEXT}", status=2)
        self.refuses("holds exactly this firmware already", "--allow-reinstall", status=2)

    def check_staged(self, image):
        """What lies ready is what Heads takes: checked by its own commands."""
        found = self.staged()
        self.assertEqual(set(found), {f"{NEXT}/firmware.rom", f"{NEXT}/firmware.rom.sha256", f"{NEXT}/firmware.zip"})
        self.assertEqual(found[f"{NEXT}/firmware.rom"], image)
        folder = self.boot / "updates" / NEXT
        subprocess.run(["sha256sum", "--quiet", "-c", "firmware.rom.sha256"], cwd=folder, check=True)
        work = self.scratch / "package"
        with zipfile.ZipFile(folder / "firmware.zip") as package:
            self.assertEqual(package.namelist(), ["firmware.rom", "sha256sum.txt"])
            package.extractall(work)
        subprocess.run(["sha256sum", "--quiet", "-c", "sha256sum.txt"], cwd=work, check=True)
        self.assertEqual((work / "firmware.rom").read_bytes(), image)

    def test_refused(self):
        self.refuses("no metadata yet", status=1)
        self.offer_heads(self.heads_rom(NEXT))
        self.nothing_there()
        self.signatures()
        self.folders()
        self.boards()
        self.terminal()

    def nothing_there(self):
        self.refuses("no firmware with Heads for x230t; they have it for x230_maximized", "x230t", status=2)
        self.refuses("no firmware with Heads for x230-max;", "--device=x230-max", status=2)
        self.refuses("is the metadata of no remote", "--url=https://example.org/firmware.xml.gz")
        version = (self.machine / "dom0" / "dmi" / "bios_version").read_text().strip()
        self.smbios("bios_version", "Overheads-v9")
        self.refuses("does not boot through Heads: SMBIOS has the BIOS version 'Overheads-v9'", status=2)
        self.smbios("bios_version", version)
        with self.setting(self.machine, "Secrets", "Heads", "no"):
            self.refuses("Heads=no stands against", status=2)

    def signatures(self):
        """Signed metadata that name the cab do not make good what is in it."""
        other = self.scratch / "other-authority"
        other.mkdir()
        subprocess.run(["certtool", "--generate-privkey", f"--outfile={other}/key"], check=True, capture_output=True)
        (other / "template").write_text("cn = another\nca\ncert_signing_key\n")
        keys = other / "keys"
        keys.mkdir()
        subprocess.run(["certtool", "--generate-self-signed", f"--load-privkey={other}/key",
                        f"--template={other}/template", f"--outfile={keys}/ca.pem"], check=True, capture_output=True)
        with self.setting(self.machine, "Trust", "FirmwareKeys", keys):
            self.refuses("what is in the cab is not signed: .*")

    def folders(self):
        """What stands in the way in the boot folder is named, and left."""
        folder = self.boot / "updates" / NEXT
        folder.mkdir(parents=True)
        self.refuses("is there without a firmware image")
        (folder / "firmware.rom").write_bytes(b"another image")
        self.refuses(f"{NEXT} holds other firmware .* SHA-256 {sha256(b'another image')}")
        shutil.rmtree(folder)
        fstab = self.machine / "dom0" / "etc" / "fstab"
        fstab.write_text(f"/dev/nonexistent {self.boot} ext4 defaults 0 2\n")
        self.refuses("is not mounted")
        fstab.unlink()
        self.boot.chmod(0o777)
        self.refuses("root alone")
        self.boot.chmod(0o755)

    def boards(self):
        """An image is for this board by its own word, or is not put there."""
        other = self.heads_rom("0.3.0", "t430")
        self.offer_heads(other, "0.3.0", ID, "--board-guid", self.guid())
        self.refuses("the image is for another board: it says 't430' of 'LENOVO'")
        # where the chip cannot be read a person decides, and there is none
        with self.setting(self.machine, "Chip", "Programmer", "dummy:bus=none"):
            self.refuses("'t430'.*--old-rom names", "--verbose")
            self.refuses("'t430'.*--old-rom names", "-y")
        self.refuses("the image is for another board", f"--old-rom={self.old}")
        self.person()
        # a second firmware for the same hardware id: listed, and named by a person
        self.offer_heads(self.heads_rom("0.4.0"), "0.4.0", "com.heads.x230.firmware", "--board-guid", self.guid())
        self.refuses(f"{ID}, com.heads.x230.firmware|com.heads.x230.firmware, {ID}")
        done = self.answer("com.heads.x230.firmware", "--dry-run")
        self.assertEqual((done["foundBy"], done["versionTo"]), ("named", "0.4.0"))
        with self.setting(self.machine, "Chip", "Programmer", "dummy:bus=none"):
            done = self.answer("X230", "--dry-run")
            self.assertEqual((done["prediction"], done["pcr2"], done["boardKnown"]), (None, [], True))
            self.assertIn("what the chip holds is not known", done["predictionReason"])
            known = self.answer("X230", "--dry-run", f"--old-rom={self.old}")
            self.assertEqual(known["pcr2"][0]["now"], self.pcr(self.machine, 2))
            with self.setting(self.machine, "MeasuredBoot", "Prediction", "required"):
                self.refuses("cannot be forecast", "X230")

    def person(self):
        """What no machine can say a person may, at a terminal."""
        with self.setting(self.machine, "Chip", "Programmer", "dummy:bus=none"):
            status, said, errors = self.talk(self.machine, ["update-heads"], "n")
            self.assertEqual((status, self.staged()), (1, {}), said)
            self.assertRegex(said, "leaves a machine that does not start")
            status, said, errors = self.talk(self.machine, ["update-heads"], "y", "n")
            self.assertEqual((status, sorted(self.staged())[0]), (0, "0.3.0/firmware.rom"), errors)
        shutil.rmtree(self.boot / "updates")

    def guid(self):
        """A hardware id of this machine, from the metadata that name it."""
        published = json.loads((self.machine / "mirror" / "published.json").read_text())
        return published["releases"][0]["guids"][0]

    def terminal(self):
        """The reboot is asked for on a terminal alone; here is no logind that could do it."""
        status, said, errors = self.talk(self.machine, ["update-heads", "X230"], "y")
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"(?s)What is left is done in Heads.*Reboot into Heads now\?")
        self.assertIn("logind does not reboot the machine", errors)
        self.assertIn("0.4.0/firmware.rom", self.staged())
        shutil.rmtree(self.boot / "updates")
        status, said, errors = self.talk(self.machine, ["update-heads", "X230"], "n")
        self.assertEqual((status, "logind" in errors), (0, False))
        shutil.rmtree(self.boot / "updates")
        status, said, errors = self.talk(self.machine, ["update-heads", "X230", "-y"])
        self.assertEqual((status, "Reboot" in said), (0, False))


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
