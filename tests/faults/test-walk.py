#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call of a run is a moment at which it can be killed, be told to end, or fail.

strace counts the calls of a whole run; then the run is repeated once a call, from the same state, and ended or
failed there. What is left must be what a whole run left before or leaves after, nothing else may be believed by
the next run, and the next run gets to the end.

Refresh is walked whole. Of verbs that do the same things in the same modules only each third moment is taken, or
so; QFU_FAULTS_EVERY=1 takes all (minutes).
"""
import json
import os
import re
import shutil
import sys

sys.dont_write_bytecode = True

import faultcase
from faultcase import CALLS, LOCK, STATE, TOLD, contents, strace

EVERY = int(os.environ.get("QFU_FAULTS_EVERY", "0"))
FOLDERS = ("state", "cache", "run", "fwupd")
CAB = "/usr/share/installed-tests/fwupd/fakedevice124.cab"

MARK = {b"Version", b"Signed", b"Metadata"}     # what every mark has


def of_version(path, data, whole):
    """Whether a file is that of a whole run. A mark is written twice: without, and then with, what was made of the
    metadata that it names."""
    if whole is None or data == whole:
        return data == whole
    said, all_of_it = data.splitlines(keepends=True), whole.splitlines(keepends=True)
    return path.startswith("state/highwater/") and set(said) <= set(all_of_it) and MARK <= {
        line.partition(b"=")[0] for line in said}


class Walk(faultcase.FaultCase):
    def save(self, name):
        """Keep the present state under a name."""
        target = self.scratch / "saved" / name
        shutil.rmtree(target, ignore_errors=True)
        for folder in FOLDERS:
            if (self.root / folder).exists():
                shutil.copytree(self.root / folder, target / folder, symlinks=True)

    def restore(self, name):
        for folder in FOLDERS:
            shutil.rmtree(self.root / folder, ignore_errors=True)
            if (self.scratch / "saved" / name / folder).exists():
                shutil.copytree(self.scratch / "saved" / name / folder, self.root / folder, symlinks=True)

    def durable(self):
        """What a run leaves: all files, without the time that was last seen and what is being written, by us or by the
        stand-in for fwupd, whose way of writing is GLib's."""
        return {path: data for path, data in contents(self.root).items()
                if path.split("/")[0] in FOLDERS and not os.path.basename(path).startswith(".")
                and path not in TOLD and not re.fullmatch(r"fwupd/\w+\.[A-Z0-9]{6}", path)}

    def check_told(self):
        """What is kept for others to read is whole, or not there."""
        found = contents(self.root)
        self.assertRegex(found.get(LOCK, b""), rb"\A(\d+ [a-z-]+\n)?\Z")
        state = json.loads(found.get(STATE, b"null"))
        self.assertTrue(state is None or state["schema"] == "qubes-fwupd-refresh-1", state)
        return state

    def temporary(self):
        return [path for path in contents(self.root) if path.split("/")[0] in ("state", "cache")
                and os.path.basename(path).startswith(".")]

    def walk(self, words, prepare, injections, versions, every=1):
        """Each moment, or one of some, with each injection; `versions` is what may be offered afterwards, the last one
        after a whole run."""
        self.reset()
        prepare()
        self.save("before")
        legitimate = [self.durable()]
        moments = self.moments(words)
        legitimate.append(self.durable())
        if injections != self.broken:
            moments = [moment for moment in moments if moment[2]]
        tried = 0
        for name, number, _shows in moments[::EVERY or every]:
            for what in injections(name, number):
                tried += 1
                with self.subTest(" ".join(words), call=name, number=number, injection=what):
                    self.restore("before")
                    prefix = strace("-e", f"trace={name}", "-e", f"inject={name}:{what}:when={number}")
                    self.check(words, self.run_verb(*words, prefix=prefix), what, legitimate, versions)
        print(f"{' '.join(words)}: {len(moments)} moments, {tried} runs", flush=True)
        self.assertGreater(tried, 0)

    def check(self, words, done, what, legitimate, versions):
        said = f"{done.returncode} {done.stdout}{done.stderr}"
        self.no_process_left()
        self.check_told()
        after = legitimate[1]
        for path, data in self.durable().items():
            self.assertTrue(any(of_version(path, data, files.get(path)) for files in legitimate),
                            f"{path}: {data[:2000]}: {said}")
        if what.startswith("error") and done.returncode not in (0, 2):
            self.failed(done)
        elif what.startswith("error"):
            self.assertEqual(self.offered(), versions[-1], f"not complete, but {said}")
        else:
            number = 9 if what.endswith("KILL") else 2 if what.endswith("INT") else 15
            # strace ends by the signal that its child ended by; what must not be halved is finished first
            self.assertIn(done.returncode, (-number,) if number == 9 else (-number, 0, 2), said)
        self.assertIn(self.offered(), versions, said)
        again = self.run_verb(*words)
        self.assertIn(again.returncode, (0, 2), f"after {said}: {again.stdout}{again.stderr}")
        self.assertEqual(self.durable(), after, said)
        state = self.check_told()
        self.assertTrue(words != ["refresh"] or state["result"] in ("refreshed", "unchanged"), state)
        self.assertLessEqual(len(self.temporary()), 3, self.temporary())

    @staticmethod
    def ended(_name, _number):
        return ["signal=KILL"]

    @staticmethod
    def told(_name, number):
        return ["signal=INT" if number % 2 else "signal=TERM"]

    @staticmethod
    def broken(name, _number):
        return [f"error={CALLS[name]}"] if CALLS[name] else []

    def old(self):
        """The old metadata is known, the mirror has the new."""
        self.good("refresh")
        self.serve("new")

    def known(self):
        """The new metadata is known."""
        self.old()
        self.good("refresh")

    def test_refresh_killed(self):
        self.walk(["refresh"], lambda: None, self.ended, (None, "1.1.0"), 2)
        self.walk(["refresh"], self.old, self.ended, ("1.1.0", "1.2.0"))

    def test_refresh_fails(self):
        self.walk(["refresh"], self.old, self.broken, ("1.1.0", "1.2.0"), 3)

    def test_refresh_told_to_end(self):
        self.walk(["refresh"], self.old, self.told, ("1.1.0", "1.2.0"), 2)

    def test_clean(self):
        for injections in (self.ended, self.told, self.broken):
            self.walk(["clean"], self.known, injections, ("1.2.0", None))

    def test_update(self):
        for injections in (self.ended, self.told, self.broken):
            self.walk(["update", "-y"], self.known, injections, ("1.2.0",), 4)

    def test_verify(self):
        if not os.path.exists(CAB):
            self.skipTest(f"no {CAB}")
        words = ["verify", "--keys", "/etc/pki/fwupd", CAB]
        for injections in (self.ended, self.told, self.broken):
            self.walk(words, self.known, injections, ("1.2.0",), 7)


faultcase.main()
