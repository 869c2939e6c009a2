#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/commands.md has every verb and every option, and what it says of fwupdmgr and of the Python tool is so."""

import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

TREE = os.environ["QFU_SOURCE_ROOT"]
MANAGER = os.environ["QFU_BUILD_ROOT"] + "/dom0/qubes-fwupdmgr"
WAIT = 30
NONE = "—"
# The words that the Python tool compares its arguments with.
PYTHON_VERBS = {"get-updates", "get-devices", "get-remotes", "update", "downgrade", "install", "clean", "refresh", "update-heads"}
PYTHON_OPTIONS = {"--url", "--sha", "--device", "--whonix", "--allow-older", "--allow-reinstall", "--force", "--ignore-postquantum",
                  "--help"}


def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT, check=False)


def tables(name="commands"):
    """Heads of each table of a document, and its rows, as lists of cells."""
    with open(f"{TREE}/docs/{name}.md", encoding="utf-8") as file:
        blocks = re.findall(r"(?:^\|.*\n)+", file.read(), re.M)
    for block in blocks:
        rows = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in block.splitlines(keepends=True)]
        yield rows[0], rows[2:]


def words(cell):
    """What a cell names before it explains."""
    if cell == NONE:
        return set()
    return set(re.findall(r"`([a-z-]+)`", cell.partition(":")[0]))


def commands():
    """(file, command) for each command that the tree tells people to give: in documents, settings, units and messages."""
    for path in itertools.chain(*(pathlib.Path(TREE).glob(name) for name in
                                  ("*.md", "docs/**/*.md", "schemas/*", "data/**/*.conf", "data/**/*.in", "dom0/**/*.[ch]",
                                   "qubes-fwupd/**/*.[ch]", "plugins/**/*.[ch]"))):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))     # a literal in several lines
        blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
        lines = [line for block in blocks for line in block.splitlines()]
        for line in [*lines, *re.findall(r"`([^`\n]*)`", text)]:
            if match := re.match(r"(?:sudo )?qubes-fwupdmgr ([a-z][a-z-]+.*)", line):
                yield path, re.split(r"  |, |%s", match[1])[0]


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.verbs, cls.options, *cls.besides = tables()
        told = json.loads(run(MANAGER, "help", "--json").stdout)
        cls.our_verbs = [verb["name"] for verb in told["verbs"]]
        common = {"--" + option["name"] for option in told["options"]}
        cls.taken = {verb["name"]: common | {"--" + option["name"] for option in verb["options"]} for verb in told["verbs"]}
        cls.our_options = set().union(common, *cls.taken.values())
        text = run("fwupdmgr", "--help").stdout
        cls.their_verbs = set(re.findall(r"^  ([a-z][a-z-]+)(?: |$)", text, re.M)) - {"fwupdmgr"}
        cls.their_options = set(re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", text, re.M))

    def test_every_verb_and_option(self):
        for (head, rows), ours, first in ((self.verbs, self.our_verbs, "verb"), (self.options, self.our_options, "option")):
            self.assertEqual(head[0], first)
            self.assertCountEqual([row[0].strip("`") for row in rows], ours)

    def test_python_tool(self):
        for (_, rows), theirs in ((self.verbs, PYTHON_VERBS), (self.options, PYTHON_OPTIONS)):
            for name, cell in ((row[0].strip("`"), row[1]) for row in rows):
                with self.subTest(name):
                    self.assertEqual(words(cell), {name} & theirs)
            self.assertLessEqual(theirs, {row[0].strip("`") for row in rows})

    def test_fwupdmgr(self):
        """Each of its words is in the tables once: where it is here, or where it is said why not."""
        self.assertGreater(len(self.their_verbs), 40)
        self.assertGreater(len(self.their_options), 20)
        for (_, rows), theirs, (_, others) in zip((self.verbs, self.options), (self.their_verbs, self.their_options), self.besides):
            here = [word for row in rows for word in words(row[2])]
            for name, cell in ((row[0].strip("`"), row[2]) for row in rows):
                with self.subTest(name):
                    self.assertEqual(name in theirs, name in words(cell))
            absent = [word for row in others for word in re.findall(r"`([a-z0-9-]+)`", row[0])]
            self.assertCountEqual(here + absent, theirs)

    def test_commands_that_people_are_told(self):
        found = list(commands())
        self.assertGreater(len(found), 60)
        for path, command in found:
            with self.subTest(path=path.relative_to(TREE), command=command):
                verb, *rest = command.split()
                self.assertIn(verb, self.our_verbs)
                given = {word.partition("=")[0] for word in rest if word.startswith("--")}
                self.assertLessEqual(given, self.taken[verb])

    def test_links(self):
        """What a document links to is there, and the README links to every document."""
        tree = pathlib.Path(TREE)
        linked = set()
        for path in (tree / "README.md", *tree.glob("docs/**/*.md"), *tree.glob("schemas/*.md")):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                with self.subTest(path=path.relative_to(tree), target=target):
                    self.assertTrue((path.parent / target).exists())
                linked |= {target} if path.name == "README.md" else set()
        self.assertLessEqual({f"docs/{path.name}" for path in tree.glob("docs/*.md")}, linked)

    def test_messages_that_people_look_up(self):
        (head, rows), = tables("updating")
        self.assertEqual(head[0], "it says")
        said = "".join(re.sub(r'"\s*\n\s*(?:"|G_G?INT64_FORMAT\s*")', "", path.read_text(encoding="utf-8"))
                       for folder in ("dom0", "qubes-fwupd") for path in pathlib.Path(TREE, folder).glob("**/*.c"))
        for row in rows:
            with self.subTest(row[0]):
                # … is what differs from time to time
                self.assertEqual([part for part in row[0].strip("`").split("…") if part not in said], [])

    def test_what_is_not_here(self):
        for word in (word for row in self.besides[0][1] for word in re.findall(r"`([a-z-]+)`", row[0])):
            with self.subTest(word):
                done = run(MANAGER, word)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"there is no verb {word}", done.stderr)
        for word in (word for row in self.besides[1][1] for word in re.findall(r"`([a-z0-9-]+)`", row[0])):
            with self.subTest(word):
                done = run(MANAGER, "get-devices", word)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
