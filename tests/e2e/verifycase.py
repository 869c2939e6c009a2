# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of verify have in common: every answer has to be what schemas/verify.schema.json says."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "schemas"))

import schemacase

PROGRAM = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build")) / "dom0" / "qubes-fwupdmgr"
WORKER = 54322      # a uid of nobody
CONFIG = "[Trust]\nFirmwareKeys={keys}\nMetadataKeys={keys}\n[Worker]\nUser={worker}\n" \
    "[Paths]\nState={folder}/state\nCache={folder}/cache\nRuntime={folder}/run\nLayouts={layouts}\n" \
    "[Chip]\nProgrammer=dummy:bus=none\n"


class VerifyCase(unittest.TestCase):
    KEYS = None     # the configured authorities; a folder of the test's own when None

    @classmethod
    def setUpClass(cls):
        cls.schema = schemacase.validator("verify")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qfu-verify-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.keys = self.KEYS or self.folder / "keys"
        self.keys.mkdir(exist_ok=True)
        self.config = self.folder / "qubes-fwupd.conf"
        self.config.write_text(CONFIG.format(keys=self.keys, worker=WORKER, folder=self.folder,
                                             layouts=ROOT / "data" / "layouts"))

    def run_verify(self, cab, *options, user=None):
        prefix = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        command = [*prefix, PROGRAM, "--config", self.config, "verify", cab, *options]
        return subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)

    def verify(self, cab, *options, user=None):
        """What it says, checked against the schema and its exit status."""
        done = self.run_verify(cab, "--json", *options, user=user)
        said = schemacase.answer(["verify"], done.returncode, done.stdout)
        if done.returncode:
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stderr.startswith("qubes-fwupdmgr: "), done.stderr)
            self.assertIn("error", said)
        else:
            self.assertEqual((said["verdict"], done.stderr), ("accepted", ""))
        return said

    def accepted(self, cab, *options, user=None):
        said = self.verify(cab, *options, user=user)
        self.assertEqual((said.get("verdict"), said.get("reasons")), ("accepted", []), said.get("error"))
        return said

    def rejected(self, cab, reason, *options, user=None):
        said = self.verify(cab, *options, user=user)
        self.assertEqual(said.get("verdict"), "rejected", said.get("error"))
        self.assertRegex("; ".join(said["reasons"]), reason)
        return said

    def schema_refuses(self, said, *path, value):
        """The schema would notice another value there."""
        changed = json.loads(json.dumps(said))
        place = changed
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        self.assertFalse(self.schema.is_valid(changed), path)
