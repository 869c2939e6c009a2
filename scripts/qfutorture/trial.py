# SPDX-License-Identifier: LGPL-2.1-or-later
"""One trial: a write is cut off, perhaps its recovery too, and what comes of it is judged."""

import dataclasses
import itertools
import shutil

from . import startable
from .machine import Cut, Failure

FINISHED = {"refvals": "written", "flash": "new"}
RESTORED = {"refvals": "failed", "flash": "old"}
BLOCK = 4096
# How far an operation gets, in sixteenths: not begun but for some bits, in the first pass, in the second, and done but
# not answered.
DEPTHS = (0, 3, 7, 11, 16, 1, 5, 9, 13, 15)


@dataclasses.dataclass(frozen=True)
class Plan:
    """Where the power goes: in the write (faults: of the chip, which make it turn back), then, if at all, in the
    recovery. trouble: faults of the chip while it is recovered; by_tool: recovery by the tool that people use, not by
    the library function that it calls."""
    cut: Cut
    faults: tuple = ()
    again: Cut | None = None
    trouble: tuple = ()
    by_tool: bool = False


@dataclasses.dataclass(frozen=True)
class Verdict:
    """cuts: how many; mixed: after the first one the chip held neither; startable: by itself; lost: why, or None."""
    plan: Plan
    cuts: int
    mixed: bool
    startable: bool
    outcome: str
    lost: str | None


def spread(numbers, count):
    """At most so many of the numbers, evenly, both ends among them."""
    if len(numbers) <= count:
        return numbers
    return [numbers[round(i * (len(numbers) - 1) / max(1, count - 1))] for i in range(count)]


def candidates(operations, numbers):
    """All cut points of these operations, each of them once before the first for the second time."""
    for turn, (scattered, _) in enumerate(itertools.product((False, True), DEPTHS)):
        for i, number in enumerate(numbers):
            kind, _, length = operations[number - 1]
            whole = 2 * length if kind == "erase" else length
            depth = DEPTHS[(turn + i) % len(DEPTHS)]
            yield Cut(number, whole * depth // 16, scattered != (i % 3 == 2))


def cuts_of(operations, count):
    """Cut points in a run whose operations are known: as many in erases as in programs, all over the run."""
    points = []
    for wanted in ("erase", "program"):
        numbers = [number for number, (kind, _, _) in enumerate(operations, 1) if kind == wanted]
        points += itertools.islice(candidates(operations, spread(numbers, count // 2)), count // 2)
    return sorted(points, key=lambda cut: (cut.operation, cut.at))


def states(machine):
    """The last word of each store."""
    return {folder: list(machine.last_states(folder).values())[-1:] for folder in FINISHED}


def judge(machine, pair):
    """What the recovery came to, and what is wrong with it."""
    chip = machine.chip.read_bytes()
    now = states(machine)
    for outcome, image, wanted in (("finished", pair.new, FINISHED), ("restored", pair.old, RESTORED)):
        if chip == image:
            wrong = {name: now[name] for name in wanted if now[name] != [wanted[name]]}
            return outcome, f"the chip is {outcome}, the stores say {wrong}" if wrong else None
    mixed = sum(chip[i:i + BLOCK] not in (pair.old[i:i + BLOCK], pair.new[i:i + BLOCK])
                for i in range(0, len(chip), BLOCK))
    return "lost", f"the chip holds neither; {mixed} of its blocks are of neither; the stores say {now}"


def recover(machine, plan, cut):
    machine.power_on()
    done = machine.recover(by_tool=plan.by_tool, cut=cut, faults=plan.trouble)
    if not done.cut and done.status != 0:
        return done, f"recovery ended with status {done.status}: {done.said.strip()}"
    return done, None


def run(template, pair, image, plan, folder):
    """Do all of one plan in a folder, which is removed."""
    machine = template.copy(folder)
    try:
        done = machine.write(image, cut=plan.cut, faults=plan.faults)
        if not done.cut:
            raise Failure(f"{plan}: the power did not go: {done}")
        chip = machine.chip.read_bytes()
        mixed = chip not in (pair.old, pair.new)
        able = startable.can_start(chip, pair.versions())
        cuts, problem = 1, None
        if plan.again:
            done, problem = recover(machine, plan, plan.again)
            cuts += done.cut
        if problem is None and (done.cut or not plan.again):
            done, problem = recover(machine, plan, None)
        outcome, wrong = judge(machine, pair)
        return Verdict(plan, cuts, mixed, able, outcome, problem or wrong)
    finally:
        shutil.rmtree(folder)
