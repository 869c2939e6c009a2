#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every verb has a schema of what it prints for --json, which is closed, and what it says without a machine fits. What verbs
say with one is held against the schemas wherever a test asks for it: see answer() in schemacase.py.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import schemacase

SOURCE = pathlib.Path(os.environ["QFU_SOURCE_ROOT"])
MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
FILES = {"attestation", "flashjournal", "manifest", "refvalue", "refresh-state", "usb-versions"}    # what is stored
PARTS = {"common", "error", "version"}         # of answers
CLOSED = ("additionalProperties", "unevaluatedProperties")


def objects(schema, path="$"):
    """Every schema below that describes the members of an object."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            yield path, schema
        for name, value in schema.items():
            yield from objects(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from objects(value, f"{path}[{number}]")


class Answers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qfu-answers-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.folder / "conf"
        self.config.write_text(f"[Paths]\nState={folder.name}/state\nCache={folder.name}/cache\n"
                               f"Runtime={folder.name}/run\nPrograms={folder.name}/none\n"
                               "[MeasuredBoot]\nTcti=device:/nonexistent\nEventLog=/nonexistent\n", "ascii")

    def ask(self, *words):
        done = subprocess.run([MANAGER, "--json", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False, env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/none"})
        return schemacase.answer(words, done.returncode, done.stdout)

    def verbs(self):
        return [verb["name"] for verb in self.ask("help")["verbs"]]

    def test_every_verb_has_a_schema(self):
        self.assertGreater(len(self.verbs()), 15)
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertIn(verb, schemacase.schemas())
                self.assertIn(f"`qubes-fwupdmgr {verb} ", schemacase.schemas()[verb]["title"])
        self.assertEqual(set(schemacase.schemas()) - FILES - PARTS, set(self.verbs()))

    def test_schemas_are_closed(self):
        """Nothing is printed that is not described."""
        for name, schema in schemacase.schemas().items():
            if name in FILES:
                continue
            self.assertEqual(schema["$id"], f"urn:qubes-fwupd:{name}-1")
            for path, each in objects(schema):
                with self.subTest(name, path=path):
                    self.assertTrue(any(word in each for word in CLOSED) or "oneOf" in each or path.endswith(".freshness") or
                                    path.endswith(".outcome"))

    def test_error_codes(self):
        names = re.findall(r'\[QFU_ERROR_\w+\] = "([a-z-]+)"', (SOURCE / "qubes-fwupd" / "qfu-error.c").read_text("ascii"))
        codes = schemacase.schemas()["common"]["$defs"]["error"]["properties"]["code"]["enum"]
        self.assertGreater(len(names), 15)
        self.assertCountEqual(codes, names)

    def test_bad_command_lines(self):
        for words in ([], ["updaet"], ["--nonsense"], ["--config"]):
            with self.subTest(words):
                self.assertEqual(self.ask(*words)["error"]["code"], "usage")

    def test_errors_of_every_verb(self):
        """A bad option, a configuration that is none, and a machine where nothing answers."""
        bad = self.folder / "bad"
        bad.write_text("[Nothing]\nKey=1\n", "ascii")
        for verb in self.verbs():
            with self.subTest(verb):
                self.assertEqual(self.ask(verb, "--nonsense")["error"]["code"], "usage")
                if verb != "help":
                    self.assertIn("error", self.ask(verb, "--config", bad))
                self.ask(verb, "--config", self.config)

    def test_notices_what_is_not_described(self):
        said = self.ask("help")
        for changed in (schemacase.with_value(said, ["more"], 1), schemacase.with_value(said, ["verbs", 0, "more"], 1),
                        schemacase.with_value(said, ["verbs", 0, "name"], 1),
                        schemacase.with_value(said, ["options"], None)):
            with self.assertRaisesRegex(AssertionError, "schemas/help.schema.json does not say: at "):
                schemacase.answer(["help"], 0, json.dumps(changed))
        with self.assertRaisesRegex(AssertionError, "help ends with 1, and says None"):
            schemacase.answer(["help"], 1, json.dumps(said))


if __name__ == "__main__":
    unittest.main(verbosity=2)
