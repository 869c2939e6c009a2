#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What make-manifest writes is what schemas/manifest.schema.json and schemas/manifest.cddl say; the
JSON schema and the worker refuse the same; and another reader of CBOR finds the same in the CoRIM.
"""

import copy
import hashlib
import json
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import schemacase

DATA = pathlib.Path(os.environ["QFU_SHARED_DATA"]) / "coreboot"
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
WORKER_UID = 60124  # no user of a test machine has it
IANA = {"sha-1": "sha1", 1: "sha256", 7: "sha384", 8: "sha512"}


def decode(data, at=0):
    """A CBOR item of `data` from `at` on, and where it ends; a tag is a tuple."""
    kind, small = data[at] >> 5, data[at] & 31
    at += 1
    if small >= 24:
        size = 1 << (small - 24)
        small = int.from_bytes(data[at:at + size], "big")
        at += size
    if kind == 0:
        return small, at
    if kind in (2, 3):
        value = data[at:at + small]
        return (value if kind == 2 else value.decode("ascii")), at + small
    if kind == 6:
        value, at = decode(data, at)
        return (small, value), at
    items = []
    for _ in range(small * (2 if kind == 5 else 1)):
        value, at = decode(data, at)
        items.append(value)
    return (dict(zip(items[::2], items[1::2])) if kind == 5 else items), at


def whole(data):
    value, end = decode(data)
    assert end == len(data), (end, len(data))
    return value


def digests(pairs):
    return {IANA[algorithm]: value.hex() for algorithm, value in pairs}


def recipe_of(comid, name):
    (environment, measurements), = comid[4][0]
    assert environment == {0: {2: "boot"}}, environment
    recipe = {"name": name, "steps": [], "pcrs": []}
    for measurement in measurements:
        value = measurement[1]
        if 0 in measurement:
            recipe["pcrs"] += [{"pcr": measurement[0], "bank": bank, "value": hex_value}
                               for bank, hex_value in digests(value[2]).items()]
            continue
        if 11 in value:
            recipe["condition"] = value[11]
        tag, steps = value[4]
        assert tag == 560, tag
        numbers = iter(whole(steps))
        recipe["steps"] = [{"pcr": pcr, "object": item} for pcr, item in zip(numbers, numbers)]
    return recipe


def manifest_of(corim):
    """The JSON that a CoRIM stands for, by the words of the CDDL."""
    tag, root = whole(corim)
    assert tag == 501 and root[3] == (32, "urn:qubes-fwupd:manifest:1"), root[3]
    comids = [(tag, whole(data)) for tag, data in root[1]]
    assert {tag for tag, _ in comids} == {506}
    parts = {comid[1][0].removeprefix(root[0] + "/"): comid for _, comid in comids}
    (environment, (measurement,)), = parts["image"][4][0]
    assert environment == {0: {2: "image"}}, environment
    manifest = {"format": "qubes-fwupd-manifest-1", "image": digests(measurement[1][2]),
                "objects": [], "recipes": []}
    if 0 in measurement[1]:
        manifest["version"] = measurement[1][0][0]
    for environment, measurements in parts["objects"][4][0]:
        for item in measurements:
            entry = {"region": environment[0][2], "digests": digests(item[1][2])}
            manifest["objects"].append(entry | ({"file": item[0]} if 0 in item else {}))
    for name, comid in parts.items():
        if name.startswith("recipe/"):
            manifest["recipes"].append(recipe_of(comid, name.removeprefix("recipe/")))
    assert manifest["image"]["sha256"] == root[0]
    return manifest


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = schemacase.validator("manifest")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.config = cls.folder / "config"
        cls.config.write_text(f"[Worker]\nUser={WORKER_UID}\n", "ascii")
        cls.made = {name: cls.make(name) for name in ("v4", "v6", "v7", "v8")}

    @classmethod
    def run_tool(cls, *arguments):
        return subprocess.run([MANAGER, "--config", cls.config, *arguments], check=False,
                              capture_output=True, timeout=60)

    @classmethod
    def rom(cls, name):
        rom = cls.folder / f"{name}.rom"
        if not rom.exists():
            rom.write_bytes(lzma.open(DATA / name / "rom.xz").read())
        return rom

    @classmethod
    def make(cls, name):
        """JSON and CoRIM of a fixture and its boot."""
        made = []
        for form in ("json", "corim"):
            out = cls.folder / f"{name}.{form}"
            run = cls.run_tool("make-manifest", cls.rom(name), "--eventlog",
                               DATA / name / "cbmem-log.bin", "--pcrs", DATA / name / "pcrs.txt",
                               "--firmware-version", "1.2", "--format", form, "--out", out, "--json")
            said = schemacase.answer(["make-manifest"], run.returncode, run.stdout)
            assert "error" not in said, said
            made.append(out.read_bytes())
            assert said["sha256"] == hashlib.sha256(made[-1]).hexdigest()
        return made

    def test_json_needs_a_file(self):
        """What was made and the manifest would be one behind the other."""
        run = self.run_tool("make-manifest", self.rom("v7"), "--json")
        self.assertIn("--out FILE", schemacase.answer(["make-manifest"], run.returncode, run.stdout)["error"]["message"])

    def test_made_is_valid(self):
        for name, (text, _) in self.made.items():
            with self.subTest(name):
                manifest = json.loads(text)
                self.validator.validate(manifest)
                self.assertGreater(len(manifest["objects"]), 5)
                self.assertTrue(manifest["recipes"][0]["steps"])
                self.assertTrue(manifest["recipes"][0]["pcrs"])

    def test_corim_says_the_same(self):
        for name, (text, corim) in self.made.items():
            with self.subTest(name):
                self.assertEqual(manifest_of(corim), json.loads(text))

    def test_same_input_same_bytes(self):
        self.assertEqual(self.make("v7"), self.made["v7"])

    def test_pcrs_are_the_machines(self):
        """What is declared is what the reference TPM held."""
        for name, (text, _) in self.made.items():
            lines = (DATA / name / "pcrs.txt").read_text("ascii").lower().split("\n")
            held = {tuple(line.split()[:2]): line.split()[2] for line in lines
                    if line and not line.startswith("#")}
            for row in json.loads(text)["recipes"][0]["pcrs"]:
                with self.subTest(name, pcr=row["pcr"]):
                    self.assertEqual(held[row["bank"], str(row["pcr"])], row["value"])

    def verdicts(self, manifest):
        """What schema and worker say of a manifest."""
        path = self.folder / "tried.json"
        path.write_text(json.dumps(manifest), "utf-8")
        run = self.run_tool("make-manifest", self.rom("v7"), "--manifest", path)
        return self.validator.is_valid(manifest), run.returncode == 0, run.stderr

    def test_schema_and_worker_agree(self):
        good = json.loads(self.made["v7"][0])
        self.assertEqual(self.verdicts(good)[:2], (True, True))
        places = ([], ["image"], ["objects", 0], ["objects", 0, "digests"], ["recipes", 0],
                  ["recipes", 0, "steps", 0], ["recipes", 0, "pcrs", 0])
        for place in places:
            for name, value in (("more", 1), ("more", None)):
                self.assert_refused(good, place, name, value)
            target = good
            for step in place:
                target = target[step]
            for name in target:
                for value in (None, True, [], "\n", -1):
                    self.assert_refused(good, place, name, value)
        self.assert_refused(good, ["recipes", 0, "pcrs", 0], "bank", "sha1")
        self.assert_refused(good, ["recipes", 0, "steps", 0], "pcr", 24)
        self.assert_refused(good, ["objects", 0], "region", "x" * 32)

    def assert_refused(self, good, place, name, value):
        changed = copy.deepcopy(good)
        target = changed
        for step in place:
            target = target[step]
        target[name] = value
        with self.subTest(place=place, name=name, value=value):
            schema, worker, message = self.verdicts(changed)
            if name in ("steps", "pcrs", "recipes") and value == []:
                self.assertEqual((schema, worker), (True, True), message)
            else:
                self.assertEqual((schema, worker), (False, False), message)


if __name__ == "__main__":
    if not DATA.is_dir():
        print("no fixtures: set QFU_SHARED_DATA")
        sys.exit(77)
    unittest.main()
