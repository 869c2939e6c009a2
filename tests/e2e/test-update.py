#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole way: from a signed mirror to a flashed chip and an attested boot."""
import os
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import productcase
from productcase import NEW, OLD, PROGRAM, STRANGER, run


class Update(productcase.ProductCase):
    def device(self, lab):
        devices = [device for device in self.ask(lab, "get-devices")["devices"] if device["plugin"] == "qubes_coreboot"]
        self.assertEqual(len(devices), 1)
        return devices[0]

    def check_before(self, lab):
        remotes = self.ask(lab, "get-remotes")["remotes"]
        self.assertEqual([(remote["id"], remote["enabled"]) for remote in remotes], [("lab", True)])
        refreshed = self.ask(lab, "refresh")["remotes"]
        self.assertEqual([remote["remote"] for remote in refreshed], ["lab"])
        self.assertIn("Lab Firmware CA", refreshed[0]["authority"])
        device = self.device(lab)
        self.assertEqual((device["version"], device["updatable"]), (OLD, True))
        offers = self.ask(lab, "get-updates")["updates"]
        self.assertEqual([(offer["deviceId"], offer["versionFrom"], offer["versionTo"]) for offer in offers],
                         [(device["id"], OLD, NEW)])
        return device

    def check_chip(self, lab, old, new):
        old, new = old.read_bytes(), new.read_bytes()
        expected = productcase.composed(old, new)
        self.assertNotIn(expected, (old, new))   # else this comparison shows nothing
        self.assertEqual(self.chip(lab).read_bytes(), expected)

    def check_stranger(self, lab, records):
        """refvals for an ordinary user who may read the store."""
        config = self.info(lab)["config"]
        for folder in (self.scratch, lab):
            folder.chmod(0o755)
        user = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"] if os.geteuid() == 0 else []
        reach = run(*user, PROGRAM, "--version")
        if reach.returncode:
            self.skipTest(f"an ordinary user cannot run it: {reach.stderr.strip()}")
        done = run(*user, PROGRAM, "--config", config, "refvals")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for record in records:
            self.assertIn(f"record {record['record']}: {record['state']}", done.stdout)

    def test_whole_way(self):
        lab = self.board("a")
        old, new = self.scratch / "a-old.rom", self.rom("a-new.rom", NEW)
        self.publish(lab, new, NEW)
        device = self.check_before(lab)

        updated = self.ask(lab, "update", "-y")["updated"]
        self.assertEqual([(each["deviceId"], each["versionTo"], each["needsReboot"]) for each in updated],
                         [(device["id"], NEW, True)])
        self.check_chip(lab, old, new)
        record = self.records(lab)[-1]
        self.assertEqual((record["state"], record["record"], record["versionFrom"], record["versionTo"]),
                         ("written", updated[0]["record"], OLD, NEW))
        status = self.ask(lab, "status")
        self.assertEqual([each["record"] for each in status["updates"]["waiting"]], [record["record"]])
        self.assertEqual(status["refresh"]["result"], "refreshed")
        self.assertIn("sha256", status["tpm"]["banks"])
        self.assertEqual(record["payload"], productcase.digest(new))
        self.assertEqual(record["image"], productcase.digest(self.chip(lab)))
        self.assertEqual(record["oldChip"], productcase.digest(old))
        before = self.pcr(lab, 2)

        self.lab("boot", lab)
        predicted = [pcr["value"] for pcr in record["pcrs"]
                     if (pcr["pcr"], pcr["bank"], pcr["status"]) == (2, "sha256", "predicted")]
        self.assertEqual(predicted, [self.pcr(lab, 2)])
        self.assertNotEqual(predicted, [before])
        attested = self.ask(lab, "attest")
        self.assertEqual((attested["result"], attested["record"], attested["logReplays"], attested["differences"]),
                         ("passed", record["record"], True, []))
        self.assertEqual(self.records(lab)[-1]["state"], "current")
        self.assertEqual(self.device(lab)["version"], NEW)
        self.check_stranger(lab, self.records(lab))

        for words in (["update", "-y"], ["get-updates"]):
            self.do(lab, *words, status=2)
        self.check_chip(lab, old, new)

    def test_attest_other_firmware(self):
        """Written, but something else boots: an alarm, and the record is not believed again."""
        lab = self.board("a")
        self.do(lab, "attest", "--learn", "-y")
        self.assertEqual(self.ask(lab, "attest")["result"], "passed")
        self.offer(lab)
        self.do(lab, "update", "-y")
        changed = bytearray(self.chip(lab).read_bytes())
        new = self.rom("other.rom", "6.6.6").read_bytes()
        offset, size = productcase.flash_map(new)["COREBOOT"]
        changed[offset:offset + size] = new[offset:offset + size]
        self.chip(lab).write_bytes(changed)
        self.lab("boot", lab)
        done = self.manager(lab, "attest")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("neither the old nor the new", done.stderr)
        self.assertEqual(self.states(lab), ["current", "failed"])
        self.assertEqual(self.manager(lab, "attest").returncode, 1)

    def test_clean(self):
        """What was fetched can be deleted; the reference values stay."""
        lab = self.board("a")
        self.do(lab, "attest", "--learn", "-y")
        self.offer(lab)
        cache = productcase.pathlib.Path(self.info(lab)["cache"])
        self.assertTrue([path for path in cache.rglob("*") if path.is_file()])
        self.assertGreater(self.ask(lab, "clean")["removed"], 0)
        self.assertEqual([path for path in cache.rglob("*") if path.is_file()], [])
        self.assertEqual(self.states(lab), ["current"])
        self.refused(lab, ["update", "-y"], "no metadata yet")


if __name__ == "__main__":
    productcase.needs()
    unittest.main(verbosity=2)
