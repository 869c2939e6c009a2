# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system-call filter under which fwupd runs on a real machine: its packaged unit, with or without our drop-in."""

import pathlib

from . import tools
from .layout import SOURCE, LabError

UNITS = (pathlib.Path("/usr/lib/systemd/system/fwupd.service"), pathlib.Path("/lib/systemd/system/fwupd.service"))
DROP_IN = SOURCE / "data" / "fwupd.service.d" / "qubes-fwupd.conf"
DEFAULT = "@default"  # systemd permits it whenever a filter lists what is allowed


def filter_words(path):
    """The words of all SystemCallFilter= lines of a unit or drop-in, one list for each line."""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    found = [line.partition("=")[2].split() for line in lines if line.startswith("SystemCallFilter=")]
    for words in found:
        if not words or words[0].startswith("~"):
            raise LabError(f"{path}: a filter that takes away is not understood here")
    return [word for words in found for word in words]


def expand(word):
    """The system calls of a group, and of the groups in it."""
    if not word.startswith("@"):
        return {word.partition(":")[0]}
    names = set()
    for line in tools.run(["systemd-analyze", "--no-pager", "syscall-filter", word]).splitlines()[1:]:
        inner = line.strip()
        if inner and not inner.startswith("#"):
            names |= expand(inner)
    return names


def allowed(drop_in):
    unit = next((path for path in UNITS if path.exists()), None)
    if not unit:
        raise LabError("fwupd.service is not installed")
    words = [DEFAULT, *filter_words(unit), *(filter_words(DROP_IN) if drop_in else [])]
    return sorted(set().union(*map(expand, words)))


def wrap(lab, build, kind):
    """The command prefix for a kind of filter: none, packaged or shipped. Writes the list that it needs."""
    if kind == "none":
        return []
    runner = pathlib.Path(build) / "tests" / "lab" / "syscall-runner"
    if not runner.exists():
        raise LabError(f"{runner} is not built")
    names = lab.fwupd / "syscalls"
    names.write_text("\n".join(allowed(drop_in=kind == "shipped")) + "\n")
    return [str(runner), str(names)]
