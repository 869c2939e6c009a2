#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What data/ says of settings, verbs and options is what the programs have, both ways."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import shells

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

    def test_manual_has_all_settings(self):
        """Each key with its default, as the program has it."""
        page, keys = self.page("qubes-fwupd.conf.5"), {}
        for group, body in re.findall(r"^\.SS \[([\w ]+)\]\n(.*?)(?=^\.S|\Z)", page, re.M | re.S):
            for key, value, said in re.findall(r"^\.TP\n\.BI? (\w+)= ?(.*)\n(.*)", body, re.M):
                keys[group, key] = value
                self.assertRegex(said, r"\A\w", key)
        self.assertEqual(keys, keys_of_program())

    def page(self, name):
        """A page of the manual that is made when the program is built, without roff's hyphens."""
        with open(f"{os.path.dirname(PROGRAMS)}/data/{name}", encoding="utf-8") as file:
            return file.read().replace("\\-", "-")

    def test_manual_is_well_formed(self):
        pages = [f"{TREE}/data/man/{name}" for name in os.listdir(f"{TREE}/data/man") if re.search(r"\.[1-9]$", name)]
        pages += [f"{os.path.dirname(PROGRAMS)}/data/{name}.5" for name in ("qubes-fwupd.conf", "qubes-fwupd-agent.conf")]
        self.assertGreater(len(pages), 2)
        for page in pages:
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], check=True, capture_output=True, text=True,
                                  timeout=30)
            self.assertEqual(done.stderr, "", page)

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

    def completion(self, complete):
        """What a shell offers is what the table has, for each verb."""
        self.addCleanup(complete.close)
        self.assertEqual(complete(""), list(self.verbs))
        self.assertEqual(complete("--json", "pred"), ["predict"])
        self.assertEqual(complete("help", "refr"), ["refresh"])
        self.assertCountEqual([word.lstrip("-") for word in complete("--")], self.options)
        for name, verb in self.verbs.items():
            offered = [word.lstrip("-") for word in complete(name, "--")]
            self.assertCountEqual(offered, {*self.common, *(option["name"] for option in verb["options"])}, name)
        self.assertEqual(complete("make-manifest", "--format=c"), ["corim"])
        self.assertEqual(complete("make-manifest", "--format", ""), ["json", "corim"])
        self.assertEqual(complete("attest", ""), [])
        for words, files in ((("verify", "COP"), True), (("verify", "--keys", "COP"), False), (("verify", "--keys=COP"), False),
                             (("verify", "--metadata", "COP"), True), (("--keys", "update", "verify", "COP"), True)):
            *before, last = words
            offered = complete(*before, last.replace("COP", f"{TREE}/COP"))
            self.assertEqual([os.path.basename(name) for name in offered], ["COPYING"] if files else [], words)
        folders = complete("verify", "--keys", f"{TREE}/dat")
        self.assertEqual([os.path.basename(name.rstrip("/")) for name in folders], ["data"])

    def test_completion_of_bash(self):
        self.completion(shells.Bash(PROGRAMS))

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_completion_of_zsh(self):
        self.completion(shells.Zsh(PROGRAMS))

    def test_policy_denies_both_directions(self):
        rows = [line.split() for line in read("data/30-qubes-fwupd.policy").splitlines()
                if not line.startswith("#")]
        services = {row[0] for row in rows}
        self.assertEqual(services, {"qubes.FwupdFetch", "qubes.FwupdDevices", "qubes.FwupdInstall"})
        self.assertCountEqual(rows, [
            [service, "*", "@anyvm", target, "deny"]
            for service in services for target in ("@anyvm", "@adminvm")
        ])


if __name__ == "__main__":
    unittest.main(verbosity=2)
