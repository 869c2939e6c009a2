#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What data/ says of settings, verbs and options is what the programs have, both ways."""

import json
import os
import re
import subprocess
import unittest

TREE = os.environ["QFU_SOURCE_ROOT"]
PROGRAMS = os.environ["QFU_BUILD_ROOT"] + "/dom0"


def read(name):
    with open(f"{TREE}/{name}", encoding="utf-8") as file:
        return file.read()


def keys_of_program():
    """(group, key) -> default, from the table of qfu-config.c."""
    table = read("qubes-fwupd/qfu-config.c").split("keys[] = {")[1].split("\n};")[0]
    rows = re.findall(r'[A-Z]+\s*\(\s*"(\w+)",\s*"(\w+)",\s*\w+,\s*([^,)]+)', table)
    remote = re.findall(r'\{"(\w+)", set_\w+\}', read("qubes-fwupd/qfu-remote-rules.c"))
    return {("Remote ID", key): "" for key in remote} | {
        (group, key): default.strip().replace("QFU_LOCALSTATEDIR ", '"/var').replace('var"', "var")
        .strip('"')
        for group, key, default in rows
    }


def keys_of_file(name):
    """(group, key) -> value, of a file that shows each key behind a #; and the lines before each."""
    group, keys, comments, said = None, {}, {}, 0
    for line in read(name).splitlines():
        if match := re.fullmatch(r"#?\[([\w ]+)\]", line):
            group = match[1]
        elif match := re.fullmatch(r"#(\w+)=(.*)", line):
            keys[group, match[1]] = match[2]
            comments[group, match[1]] = said
            said = 0
            continue
        elif re.match(r"\w+=", line):
            raise AssertionError(f"{name}: {line} is not behind a #")
        said = said + 1 if line.startswith("# ") else 0
    return keys, comments


class Settings(unittest.TestCase):
    def test_configuration_shows_all_defaults(self):
        program = keys_of_program()
        shown, comments = keys_of_file("data/qubes-fwupd.conf")
        self.assertGreater(len(program), 20)
        self.assertIn(("Remote ID", "Devices"), program)
        self.assertEqual(shown, program)
        for key, lines in comments.items():
            self.assertGreater(lines, 0, f"{key} is not explained")

    @classmethod
    def setUpClass(cls):
        document = json.loads(subprocess.run([f"{PROGRAMS}/qubes-fwupdmgr", "help", "--json"], check=True,
                                             capture_output=True, text=True, timeout=30).stdout)
        cls.verbs = {verb["name"]: verb for verb in document["verbs"]}
        cls.common = {option["name"] for option in document["options"]}
        cls.options = cls.common | {option["name"] for verb in document["verbs"] for option in verb["options"]}

    def test_every_option_is_taken(self):
        rows = re.findall(r'^    (?:FLAG|TEXT|NAME|LIST) \(\s*"([a-z-]+)"', read("dom0/options/qfu-options.c"), re.M)
        self.assertGreater(len(rows), 30)
        self.assertEqual(set(rows), self.options)

    def test_manual(self):
        text = read("data/man/qubes-fwupdmgr.1").replace("\\-", "-")
        sections = dict(re.findall(r"^\.SH ([A-Z ]+)\n(.*?)(?=^\.SH|\Z)", text, re.M | re.S))
        verbs = re.findall(r"^\.TP\n\.[BRI]+ ([a-z-]+)", sections["VERBS"], re.M)
        options = re.findall(r"^\.TP\n\.[BRI]+ (?:-\w \", \" )?--([a-z-]+)", sections["OPTIONS"], re.M)
        self.assertCountEqual(verbs, self.verbs)
        self.assertCountEqual(options, self.options)

    def complete(self, *words):
        """What bash offers when the last of the words is completed."""
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
                 '_qubes_fwupdmgr; printf "%s\\n" "${COMPREPLY[@]}"'
        path = f"{TREE}/data/completions/qubes-fwupdmgr"
        result = subprocess.run(["bash", "-c", script, "bash", path, "qubes-fwupdmgr", *words], check=True, timeout=30,
                                capture_output=True, text=True, env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"})
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_completion(self):
        self.assertEqual(self.complete(""), list(self.verbs))
        self.assertEqual(self.complete("--json", "upd"), ["update"])
        self.assertEqual(self.complete("help", "upd"), ["update"])
        self.assertCountEqual([w.lstrip("-") for w in self.complete("--")], self.options)
        for name, verb in self.verbs.items():
            offered = [word.lstrip("-") for word in self.complete(name, "--")]
            self.assertCountEqual(offered, {*self.common, *(option["name"] for option in verb["options"])}, name)
        self.assertIn(f"{TREE}/COPYING", self.complete("verify", f"{TREE}/COP"))
        self.assertEqual(self.complete("verify", "--keys", f"{TREE}/COP"), [])
        self.assertEqual(self.complete("verify", "--keys", f"{TREE}/dat"), [f"{TREE}/data"])
        self.assertEqual(self.complete("verify", "--keys", "=", f"{TREE}/dat"), [f"{TREE}/data"])
        self.assertEqual(self.complete("--keys", "update", "verify", f"{TREE}/COP"), [f"{TREE}/COPYING"])
        self.assertEqual(self.complete("make-manifest", "--format", "=", "c"), ["corim"])
        self.assertEqual(self.complete("attest", ""), [])

    def test_policy_denies_both_directions(self):
        rows = [line.split() for line in read("data/30-qubes-fwupd.policy").splitlines()
                if not line.startswith("#")]
        services = {row[0] for row in rows}
        self.assertIn("qubes.FwupdFetch", services)
        self.assertCountEqual(rows, [
            [service, "*", "@anyvm", target, "deny"]
            for service in services for target in ("@anyvm", "@adminvm")
        ])


if __name__ == "__main__":
    unittest.main(verbosity=2)
