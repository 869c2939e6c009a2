#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an update says of sealed secrets is what happens: keys that systemd and Anti Evil Maid's commands sealed to the TPM
of the lab, and that libcryptsetup and tpm2-tools try to get out before and after the boot."""
import json
import pathlib
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import bootcase
import luks
import productcase
from productcase import NEW

STAYS, NOT, UNKNOWN = "stays", "will-not-unseal", "unknown"


class Secrets(bootcase.BootCase):
    def verdicts(self, answer):
        return {row["name"]: row["verdict"] for row in answer["secrets"]}

    def test_update(self):
        lab = self.machine("a", (), ("--banks", "sha1,sha256"))
        tcti = self.info(lab)["tcti"]
        volume = luks.Volume(lab / "dom0" / "volume.img", tcti)
        tokens = {f"{volume.path} token {volume.enrol('--tpm2-pcrs=' + pcrs)}": verdict
                  for pcrs, verdict in (("0+2+3", NOT), ("7", STAYS), ("", STAYS), ("2+23", NOT))}
        # as the system does with what it measures itself, in no log
        luks.tool(tcti, "tpm2_pcrextend", "13:sha256=" + 64 * "1")
        labels = {name: luks.Label(lab / "dom0" / "aem" / name, selection, tcti)
                  for name, selection in (("aem", "sha256:0,2,3"), ("aemkept", "sha256:0,7"),
                                          ("aembank", "sha1:2"), ("aemdrtm", "sha256:17,18,19"),
                                          ("aemdefault", "sha256:13,17,18,19"))}
        expected = tokens | {"aem": NOT, "aemkept": STAYS, "aembank": STAYS, "aemdrtm": STAYS, "aemdefault": UNKNOWN}
        (lab / "dom0" / "boot").mkdir()
        (lab / "dom0" / "boot" / "kexec.sig").touch()
        expected["Heads TOTP"] = NOT
        self.assertEqual([name for name in labels if not labels[name].opens()], [])
        self.assertEqual([name for name in tokens if not volume.opens(int(name.rpartition(" ")[2]))], [])
        image = self.rom("new.rom", NEW)
        self.publish(lab, image, NEW)
        self.do(lab, "refresh")
        with self.setting(lab, "Secrets", "Luks", volume.path):
            updated = self.ask(lab, "update", "-y")["updated"][0]
        rows = {row["name"]: row for row in updated["secrets"]}
        self.assertEqual(self.verdicts(updated), expected)
        self.assertEqual((rows["aem"]["kind"], rows["aem"]["bank"], rows["aem"]["pcrs"]),
                         ("anti-evil-maid", "sha256", [0, 2, 3]))
        self.assertEqual(rows["aem"]["reason"], "PCR 2 changes")
        self.assertRegex(rows["aemdefault"]["reason"], r"^PCR 13 is not predictable: ")
        # before the boot all are as they were
        self.assertTrue(labels["aem"].opens())
        self.lab("boot", lab)
        for name, verdict in expected.items():
            if name in tokens:
                opens = volume.opens(int(name.rpartition(" ")[2]))
            elif name in labels and verdict != UNKNOWN:
                opens = labels[name].opens()
            else:
                continue
            self.assertEqual(opens, verdict == STAYS, name)

    def test_question(self):
        """A person reads it before the question; who says no has lost nothing."""
        lab = self.machine("b", (), ("--banks", "sha256"))
        tcti = self.info(lab)["tcti"]
        label = luks.Label(lab / "dom0" / "aem" / "aem", "sha256:2", tcti)
        self.offer(lab)
        status, said, errors = self.talk(lab, ["update"], "n")
        self.assertEqual(status, 1, said + errors)
        shown = said.partition("[y/N]")[0]
        self.assertRegex(shown, r"secret aem \(anti-evil-maid, sha256:2\): will not unseal: PCR 2 changes\n"
                                r".*anti-evil-maid-seal")
        self.assertTrue(label.opens())

    def test_elsewhere(self):
        """Files of a machine are judged on another one, by predict with what was taken there."""
        lab = self.machine("c", (), ("--banks", "sha256"))
        tcti = self.info(lab)["tcti"]
        volume = luks.Volume(self.scratch / "volume.img", tcti)
        token = volume.enrol("--tpm2-pcrs=2")
        dump = self.scratch / "volume.json"
        dump.write_text(volume.dump())
        broken = self.scratch / "broken.json"
        broken.write_text(volume.dump()[:100])
        selection = self.scratch / "key.pcrs"
        selection.write_text("sha256:7\n")
        image = self.rom("elsewhere.rom", NEW)
        given = [word for path in (dump, volume.path, broken, selection, self.scratch / "none")
                 for word in ("--secrets", path)]
        done = self.manager(lab, "predict", "--new-rom", image, "--json", *given)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.verdicts(json.loads(done.stdout)), {
            f"{dump} token {token}": NOT, f"{volume.path} token {token}": NOT, str(broken): UNKNOWN,
            str(selection): STAYS, str(self.scratch / "none"): UNKNOWN})
        self.assertEqual(len([line for line in done.stderr.splitlines() if line.startswith("warning: ")]), 2)
        # a volume that nobody but the TPM could open is told as such
        volume.run("luksRemoveKey", "--batch-mode", volume.path, "-")
        answer = self.ask(lab, "predict", "--new-rom", image, "--secrets", volume.path)
        self.assertIn("add a passphrase before", answer["secrets"][0]["advice"])

    def test_no_forecast(self):
        """Nobody knows, and that is said of each that is bound to a PCR."""
        lab = self.machine("d", (), ("--banks", "sha256"))
        tcti = self.info(lab)["tcti"]
        luks.Label(lab / "dom0" / "aem" / "aem", "sha256:7", tcti)
        image = self.rom("new.rom", NEW)
        self.publish(lab, image, NEW)
        self.do(lab, "refresh")
        with self.setting(lab, "MeasuredBoot", "Prediction", "off"):
            updated = self.ask(lab, "update", "-y")["updated"][0]
        self.assertEqual(self.verdicts(updated), {"aem": UNKNOWN})
        self.assertIn("there is no forecast", updated["secrets"][0]["reason"])


if __name__ == "__main__":
    productcase.needs()
    for program in ("cryptsetup", "systemd-cryptenroll"):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            sys.exit(productcase.SKIP)
    if not list(pathlib.Path("/usr/lib").glob("*/cryptsetup/libcryptsetup-token-systemd-tpm2.so")):
        print("systemd's token plugin of libcryptsetup is not installed")
        sys.exit(productcase.SKIP)
    unittest.main(verbosity=2)
