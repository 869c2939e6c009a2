#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The last line of `make check`, and when it counts as a failure."""

import json
import os
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["QFU_SOURCE_ROOT"], "scripts/count-tests")


class CountTests(unittest.TestCase):
    def count(self, *logs):
        """Exit status and last line for logs that hold these results; None is a log that is absent."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [f"{folder}/{n}.json" for n in range(len(logs))]
            for path, results in zip(paths, logs):
                if results is None:
                    continue
                with open(path, "w", encoding="utf-8") as stream:
                    for number, result in enumerate(results):
                        stream.write(json.dumps({"name": f"t{number}", "result": result}) + "\n")
            done = subprocess.run([PROGRAM, *paths], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()[-1]

    def test_all_good(self):
        self.assertEqual(self.count(["OK", "EXPECTEDFAIL", "SKIP"]), (0, "2 passed, 0 failed, 1 skipped"))

    def test_every_kind_of_failure(self):
        for result in ("FAIL", "TIMEOUT", "ERROR", "UNEXPECTEDPASS", "INTERRUPT", "a word to come"):
            self.assertEqual(self.count(["OK", result]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_logs_are_added(self):
        self.assertEqual(self.count(["OK", "SKIP"], ["OK", "FAIL"]), (1, "2 passed, 1 failed, 1 skipped"))
        self.assertEqual(self.count(["OK"], None), (0, "1 passed, 0 failed, 0 skipped"))

    def test_nothing_ran(self):
        self.assertEqual(self.count(None), (1, "0 passed, 0 failed, 0 skipped"))
        self.assertEqual(self.count(["SKIP"]), (1, "0 passed, 0 failed, 1 skipped"))


if __name__ == "__main__":
    unittest.main()
