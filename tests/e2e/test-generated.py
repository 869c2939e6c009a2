#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Forecasts from one generated image to another, held against a boot of the other.

The images are made by coreboot's own tools, both boots are the boot model's, which shares no code with the product. Each
value that the forecast gives has to be the one that the second boot leaves in the TPM.
"""
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "schemas")]

import labcase
import pairs
import schemacase
import productcase
from labcase import run
from swtpm import Swtpm

MANAGER = pathlib.Path(labcase.BUILD) / "dom0" / "qubes-fwupdmgr"
MODEL = ROOT / "scripts" / "lab-boot-model"
BANKS = ("sha1", "sha256", "sha384", "sha512")
WORKER_UID = 60125      # no user of a test machine has it
COMPARED = range(16)


class Boot:
    """What one boot left: PCRs as {(bank, PCR): hex}, the logs, and a file of the PCRs."""

    def __init__(self, scratch, image, options, order):
        self.log, self.console, self.pcrs = scratch / "log", scratch / "console", scratch / "pcrs"
        words = list(options)
        if order:
            (scratch / "order").write_text("\n".join(order) + "\n")
            words += ["--order", scratch / "order"]
        with Swtpm(str(scratch / "tpm"), BANKS) as tpm:
            done = run(MODEL, image, tpm.tcti, self.log, "--console", self.console, *words)
            if done.returncode:
                raise AssertionError(done.stderr)
            values = tpm.pcrs()
        self.values = {(bank, pcr): value for bank, rows in values.items() for pcr, value in rows.items()}
        self.pcrs.write_text("".join(f"{bank} {pcr} {value}\n" for (bank, pcr), value in self.values.items()))


class Generated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="qfu-generated-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.config = cls.scratch / "qubes-fwupd.conf"
        cls.config.write_text(f"[Worker]\nUser={WORKER_UID}\n[Paths]\nLayouts={ROOT}/data/layouts\n")
        cls.images, cls.boots = {}, {}

    def image(self, version, size, options):
        """A ROM; made once."""
        key = (version, size, options)
        if key not in self.images:
            path = self.scratch / f"{len(self.images)}.rom"
            done = run(labcase.ROM, path, "--version", version, "--size", size, *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.images[key] = path
        return self.images[key]

    def boot(self, image, options, order):
        key = (image, options, order)
        if key not in self.boots:
            scratch = self.scratch / f"boot{len(self.boots)}"
            scratch.mkdir()
            self.boots[key] = Boot(scratch, image, options, order)
        return self.boots[key]

    def with_decoys(self, image):
        """The image with copies of its flash map before and behind the true one, which say other things."""
        data = bytearray(image.read_bytes())
        areas = productcase.flash_map(data)
        offset, _ = areas["FMAP"]
        decoy = bytearray(data[offset:offset + 1024])
        coreboot = decoy.index(b"COREBOOT") - 8
        decoy[coreboot:coreboot + 4] = (areas["SMMSTORE"][0]).to_bytes(4, "little")
        for name, place in (("SMMSTORE", 4096), ("CONSOLE", 64)):
            start = areas[name][0] + place
            data[start:start + len(decoy)] = decoy
        free = data.rindex(b"\xff" * 8192)
        data[free:free + len(decoy)] = decoy
        path = self.scratch / f"decoys-{image.name}"
        path.write_bytes(data)
        return path

    def truth(self, pair, old, new):
        """The PCRs of the next boot; with a layout, of what the chip then holds."""
        if pair.layout:
            image = self.scratch / "composed"
            image.write_bytes(productcase.composed(old.read_bytes(), new.read_bytes(), pair.layout))
        else:
            image = new
        options = pair.boot if pair.new_boot is None else pair.new_boot
        return self.boot(image, options, pair.order if pair.new_order is None else pair.new_order).values

    def forecast(self, pair, old, new, before):
        logs = [before.console, before.log] if pair.console else [before.log]
        words = [word for log in logs for word in ("--eventlog", log)]
        layout = ("--layout", pair.layout) if pair.layout else ()
        done = run(MANAGER, "--config", self.config, "predict", "--json", "--old-rom", old, "--new-rom", new,
                   "--pcrs", before.pcrs, *words, *layout)
        return schemacase.answer(["predict"], done.returncode, done.stdout)

    def check(self, pair):
        old, new = (self.image(version, size, options) for version, size, options in
                    (("1.0", pair.size[0], pair.old), ("1.1", pair.size[1], pair.new)))
        before = self.boot(old, pair.boot, pair.order)
        shown = self.image("1.1", pair.size[1], pair.shown) if pair.shown else new
        if pair.decoy:
            old, shown = self.with_decoys(old), self.with_decoys(shown)
        answer = self.forecast(pair, old, shown, before)
        if pair.refused:
            self.assertEqual(answer.get("error", {}).get("code"), "prediction")
            self.assertRegex(answer["error"]["message"], pair.refused)
            return
        self.assertNotIn("error", answer)
        self.check_rows(pair, {(row["bank"], row["pcr"]): row for row in answer["pcrs"]}, before.values,
                        self.truth(pair, old, new))
        self.assertLessEqual(set(pair.warns), {warning["code"] for warning in answer["warnings"]})

    def check_rows(self, pair, rows, before, truth):
        for at, row in rows.items():
            if row["status"] == "not-predictable":
                self.assertIsNone(row["value"], at)
                self.assertTrue(row["reason"], at)
            elif at[1] in COMPARED and at not in pair.differs:
                self.assertEqual(row["value"], truth[at], f"{at} {row}")
                self.assertEqual(row["status"], "unchanged" if row["value"] == before[at] else "predicted", at)
        for at in pair.known:
            self.assertIsNotNone(rows[at]["value"], f"{at} {rows[at]}")
        for at in pair.unknown:
            self.assertIsNone(rows[at]["value"], f"{at} {rows[at]}")
        for at in pair.differs:
            self.assertNotEqual(rows[at]["value"], truth[at], at)


for name, one in pairs.ALL.items():
    setattr(Generated, "test_" + name.replace("-", "_"), lambda self, pair=one: self.check(pair))


if __name__ == "__main__":
    if not MANAGER.exists():
        print(f"{MANAGER} was not built")
        sys.exit(labcase.SKIP)
    os.environ["PATH"] += ":/usr/sbin"
    unittest.main(verbosity=2)
