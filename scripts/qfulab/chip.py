# SPDX-License-Identifier: LGPL-2.1-or-later
"""The flash chip of dom0, where it is a program of its own that libflashrom reaches over the loopback device."""

import pathlib

from . import namespaces, processes, tools
from .layout import SERPROG, LabError


def is_served(lab):
    return lab.settings()["chip"] == "serprog"


def start(lab, options=()):
    """Power for the chip. @options: of tests/chip/nor-emulator, until the next reset."""
    if not is_served(lab):
        raise LabError("this lab's chip is libflashrom's own: lab up --chip serprog makes another")
    emulator = pathlib.Path(lab.settings()["build"]) / "tests" / "chip" / "nor-emulator"
    processes.start(lab, "chip", [
        *namespaces.enter(lab, "dom0"), emulator, "--port", SERPROG.rpartition(":")[2], f"--ready={processes.READY}",
        "--counts", lab.chip_counts, *options, lab.chip], env=tools.environment())


def connect(lab):
    """The one address that dom0 reaches is itself, for the chip's sake."""
    if is_served(lab):
        namespaces.ip(lab, "dom0", "link", "set", "lo", "up")


def reset(lab):
    """What a reset of the machine does to its chip: it forgets protection, and what it was told to fail at."""
    if is_served(lab):
        processes.stop(lab, "chip")
        start(lab)
