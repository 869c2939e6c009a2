# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running the command of a unit of ours as near to systemd's way as can be had in a lab."""
import functools
import json
import os
import pathlib
import sys

import productcase
from productcase import BUILD, ROOT, SKIP, run

sys.path.insert(0, str(ROOT / "scripts"))

from qfulab import syscalls

RUNNER = pathlib.Path(BUILD) / "tests" / "lab" / "syscall-runner"
JOURNAL = ROOT / "tests" / "e2e" / "journal.py"


def needs():
    productcase.needs()
    if not RUNNER.exists() or os.system("setpriv --help >/dev/null") != 0:
        print(f"no {RUNNER}, or no setpriv")
        sys.exit(SKIP)


@functools.cache
def allowed(path):
    """The system calls that a unit may make."""
    words = [syscalls.DEFAULT, *syscalls.filter_words(path)]
    return sorted(set().union(*map(syscalls.expand, words)))


class Unit:
    """A unit of data/systemd, by the last word of its name."""

    def __init__(self, name):
        self.path = ROOT / "data" / "systemd" / f"qubes-fwupd-{name}.service.in"

    def setting(self, name):
        """The values of a setting."""
        return [line.partition("=")[2] for line in self.path.read_text().splitlines() if line.startswith(f"{name}=")]

    def command(self, names):
        """Its program with its capabilities and system calls, whose list goes into the file `names`."""
        names.write_text("\n".join(allowed(self.path)) + "\n")
        capabilities = ",".join(word.lower().replace("cap_", "+") for word in self.setting("CapabilityBoundingSet")[0].split())
        program, *verb = self.setting("ExecStart")[0].split()
        assert program.endswith("/qubes-fwupdmgr")
        return ["setpriv", f"--bounding-set=-all,{capabilities}", "--no-new-privs", RUNNER, names, productcase.PROGRAM, *verb]

    def run(self, lab, scratch, environment=()):
        """To its end: status, what it printed, what it said on standard error, its entries in the journal."""
        out = scratch / "unit"
        done = run(productcase.LAB, "dom0", lab, "--", "unshare", "--mount", "/usr/bin/python3", JOURNAL, out,
                   *(["env", *environment] if environment else []), *self.command(scratch / "syscalls"))
        entries = [json.loads(line) for line in pathlib.Path(f"{out}.entries").read_text().splitlines()]
        errors = pathlib.Path(f"{out}.err").read_text() + done.stderr
        return done.returncode, pathlib.Path(f"{out}.out").read_text(), errors, entries
