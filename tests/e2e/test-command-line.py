#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line itself: help, suggestions, options in any place, exit statuses, and nobody there to ask."""

import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree
sys.path.insert(0, os.environ["QFU_SOURCE_ROOT"] + "/tests/schemas")

import schemacase

MANAGER = pathlib.Path(os.environ["QFU_BUILD_ROOT"]) / "dom0" / "qubes-fwupdmgr"
WAIT = 60
NOBODY = 65534
WIDTH = 80
# What scripts and habits of the Python tool of this name consist of.
VERBS = {"get-devices", "get-updates", "get-remotes", "refresh", "update", "downgrade", "install", "update-heads",
         "clean"}
EVERYWHERE = ("--whonix", "--allow-older", "--allow-reinstall", "--force", "--ignore-postquantum")


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.config = self.configure("")

    def configure(self, more):
        path = self.folder / "qubes-fwupd.conf"
        path.write_text(f"[Paths]\nState={self.folder}/state\nCache={self.folder}/cache\nRuntime={self.folder}/run\n{more}")
        return path

    def run_it(self, *words, **more):
        env = {**os.environ, "QFU_CONFIG": str(self.config), **more.pop("env", {})}
        return subprocess.run([MANAGER, *words], capture_output=True, text=True, timeout=WAIT, check=False, env=env,
                              stdin=subprocess.DEVNULL, **more)

    def said(self, *words):
        done = self.run_it(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout

    def refused(self, *words, **more):
        """Exit status 1 and one line, which says where to look."""
        done = self.run_it(*words, **more)
        self.assertEqual((done.returncode, done.stdout), (1, ""), words)
        self.assertRegex(done.stderr, r"\Aqubes-fwupdmgr: .*\n\Z")
        return done.stderr

    def document(self, *words, status=0):
        done = self.run_it(*words)
        self.assertEqual(done.returncode, status, done.stderr)
        return schemacase.answer([*words, "help"], status, done.stdout)

    def test_help(self):
        everything = self.document("help", "--json")
        self.assertEqual(everything, self.document("--help", "--json"))
        listed = self.said("--help")
        self.assertEqual(listed, self.said("help"))
        self.assertEqual(listed, self.said("-h"))
        self.assertEqual(re.findall(r"^  ([a-z][a-z-]+)", listed, re.M), [verb["name"] for verb in everything["verbs"]])
        groups = list(dict.fromkeys(verb["group"] for verb in everything["verbs"]))
        self.assertEqual(re.findall(r"^(?!Options|Usage)([A-Z][a-z]+(?: [a-z]+)?)$", listed, re.M), groups)
        self.assertLessEqual(VERBS, {verb["name"] for verb in everything["verbs"]})
        for verb in everything["verbs"]:
            name = verb["name"]
            with self.subTest(name):
                alone = self.said("help", name)
                self.assertEqual(alone, self.said(name, "--help"))
                self.assertEqual(alone, self.said("-h", name))
                self.assertEqual(self.document("help", name, "--json"), {**everything, "verbs": [verb]})
                self.assertIn(f"Usage: qubes-fwupdmgr {name} [OPTION...]{' ' if verb['arguments'] else ''}{verb['arguments']}\n", alone)
                self.assertIn(verb["help"], alone)
                self.assertRegex(alone, r"Exit status: 0 .*, 1 .*, 2 ")
                self.assertEqual("Root." in alone, verb["needsRoot"])
                named = re.findall(r"^  (?:-\w, )?--([a-z-]+)", alone, re.M)
                self.assertEqual(named, [option["name"] for option in verb["options"] + everything["options"]])
                self.assertLessEqual(max(map(len, alone.splitlines())), WIDTH)

    def test_help_needs_nothing_else(self):
        """No configuration, no root, no HOME."""
        self.config = self.configure("[Nonsense]\nx=y\n")
        self.assertIn("Nonsense", self.refused("refvals"))
        self.assertIn("Usage: ", self.said("help", "update"))
        self.assertRegex(self.said("--version"), r"\Aqubes-fwupdmgr [0-9.]+\n\Z")
        version = schemacase.answer(["version"], 0, self.said("--version", "--json"))["version"]
        self.assertEqual(f"qubes-fwupdmgr {version}\n", self.said("--version"))

    def test_mistyped(self):
        for words, meant in ((["updaet"], "update"), (["upgrade"], "update"), (["get-upgrades"], "get-updates"),
                             (["get-device"], "get-devices"), (["help", "refrehs"], "refresh"), (["insatll", "--help"], "install")):
            self.assertIn(f"; did you mean {meant}? See qubes-fwupdmgr --help", self.refused(*words))
        for words, meant in ((["update", "--alow-older"], "--allow-older"), (["--divice=x", "update"], "--device"),
                             (["refresh", "--ignore-post-quantum"], "--ignore-postquantum")):
            self.assertIn(f"; did you mean {meant}? See qubes-fwupdmgr --help", self.refused(*words))
        for words in (["frobnicate"], ["update", "--frobnicate"], ["update", "-q"], ["update", "--device"], []):
            self.assertRegex(self.refused(*words), r"[Ss]ee qubes-fwupdmgr --help\n")
            self.assertNotIn("did you mean", self.refused(*words))
        self.assertIn("error", self.document("updaet", "--json", status=1))
        self.assertIn("error", self.document("--json", "help", "updaet", status=1))

    def test_not_taken(self):
        for words, message in ((["clean", "--url=x"], "clean does not take --url; see qubes-fwupdmgr help clean"),
                               (["refvals", "-y"], "refvals does not take --assume-yes; see"),
                               (["verify"], "verify needs FILE.cab; see qubes-fwupdmgr help verify"),
                               (["make-manifest"], "make-manifest needs ROM; see"),
                               (["recover", "x"], "recover takes no argument, and x is one; see"),
                               (["update", "a", "b"], "update takes at most 1 argument; see"),
                               (["update", "a", "--device=b"], "update takes DEVICE or --device, not both"),
                               (["update-heads", "a", "--device=b"], "update-heads takes BOARD or --device, not both"),
                               (["update", "--json=no"], "--json takes no value")):
            self.assertIn(message, self.refused(*words))

    def test_places(self):
        """Options before, behind and between, values behind = or a space, -- at the end."""
        wanted = self.run_it("refvals", "--json")
        self.assertEqual(wanted.returncode, 0, wanted.stderr)
        config = str(self.config)
        for words in (["--json", "refvals"], ["--config", config, "refvals", "--json"], [f"--config={config}", "--json", "--", "refvals"],
                      ["-v", "refvals", "--json", "--"]):
            done = self.run_it(*words, env={"QFU_CONFIG": "/nonexistent"} if "config" in words[0] else {})
            self.assertEqual((done.returncode, done.stdout), (0, wanted.stdout), (words, done.stderr))
        self.assertIn("and --json is one;", self.refused("refvals", "--", "--json"))

    def test_words_of_scripts(self):
        """Each verb of the Python tool takes its words, and says so where they do nothing."""
        verbs = {verb["name"]: {option["name"] for option in verb["options"]} for verb in self.document("help", "--json")["verbs"]}
        for verb in VERBS:
            for word in EVERYWHERE:
                with self.subTest(verb=verb, word=word):
                    done = self.run_it(verb, word)
                    idle = f"warning: {word} does nothing for {verb}\n" in done.stderr
                    self.assertEqual(idle, word.strip("-") not in verbs[verb], done.stderr)
                    self.assertNotIn("does not take", done.stderr)
                    self.assertIn(done.returncode, (0, 1, 2))

    def test_postquantum(self):
        """What scripts give is accepted, and never switches off what the configuration demands."""
        self.config = self.configure("[Trust]\nRequirePostQuantum=true\n")
        for verb in ("refresh", "update", "install", "downgrade", "reinstall", "update-heads"):
            self.assertRegex(self.refused(verb, "--ignore-postquantum"), r"RequirePostQuantum=true in .*qubes-fwupd.conf")
        self.assertNotIn("RequirePostQuantum", self.run_it("clean", "--ignore-postquantum").stderr)

    def test_tor(self):
        """Where there is no VM for Tor nothing is fetched, and nothing is asked of another one."""
        for verb in ("refresh", "update", "install", "downgrade", "reinstall", "update-heads"):
            self.assertIn("--whonix: [Transport] TorUpdateVM= names no VM", self.refused(verb, "--whonix"))
        self.config = self.configure("[Transport]\nTorUpdateVM=sys-whonix\n")
        self.assertNotIn("TorUpdateVM", self.run_it("refresh", "--whonix").stderr)

    def test_ordinary_user(self):
        if os.geteuid() == 0:
            more = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
        else:
            more = {}
        for verb in ("refresh", "update", "install", "recover", "attest", "clean"):
            self.assertIn(f"{verb} must be run as root: `sudo qubes-fwupdmgr {verb}`", self.refused(verb, **more))

    def on_terminal(self, env, *words):
        screen, end = pty.openpty()
        self.addCleanup(os.close, screen)
        said = b""
        with subprocess.Popen([MANAGER, *words], stdin=end, stdout=end, stderr=end, env={**os.environ, **env}) as process:
            os.close(end)
            try:
                while part := os.read(screen, 65536):
                    said += part
            except OSError:     # all that was written has been read
                pass
            self.assertEqual(process.wait(WAIT), 0)
        self.assertIn(b"Usage: ", said)
        return said

    def test_colours(self):
        """On a terminal alone; not where NO_COLOR is set, and not on a dumb one."""
        self.assertNotIn("\x1b", self.said("--help"))
        self.assertIn(b"\x1b[1mOptions\x1b[0m", self.on_terminal({"NO_COLOR": "", "TERM": "xterm"}, "help", "update"))
        for env in ({"NO_COLOR": "1", "TERM": "xterm"}, {"NO_COLOR": "", "TERM": "dumb"}):
            self.assertNotIn(b"\x1b", self.on_terminal(env, "help", "update"))


if __name__ == "__main__":
    if not MANAGER.exists():
        print(f"{MANAGER} was not built")
        sys.exit(77)
    unittest.main(verbosity=2)
