# SPDX-License-Identifier: LGPL-2.1-or-later
"""All trials of one layout."""

import itertools

from . import images, trial
from .machine import Cut, Failure, Machine

BY_TOOL = 25  # every so many cut points are recovered by the tool
TURN = 7  # of so many cut points, one is followed by each of the troubles below


class Campaign:
    """Old and new image of a layout, and the machine that stands before its write."""

    def __init__(self, folder, build, layout):
        folder.mkdir()
        self.dir = folder
        self.pair = images.make_pair(folder / "images", layout)
        self.image = folder / "images" / f"{images.NEW}.rom"
        self.machine = Machine(folder / "machine", build, layout.layout, len(self.pair.old))
        self.machine.dir.mkdir()
        self.machine.chip.write_bytes(self.pair.old)
        self.machine.power_on()
        self.machine.stage(self.image)
        self.numbers = itertools.count()

    def whole(self, wanted, **more):
        """The operations of a write that nobody cuts; the contents that it leaves are checked."""
        machine = self.machine.copy(self.dir / f"whole{next(self.numbers)}")
        done = machine.write(self.image, **more)
        if machine.chip.read_bytes() != wanted:
            raise Failure(f"{self.pair.layout.name}: an uncut write leaves something else: {done}")
        return machine.operations()

    def plans(self, points):
        """Most are cuts of the write; one in four hits it while it turns back, since the chip has failed it."""
        operations = self.whole(self.pair.new)
        plans = [self.vary(number, cut, operations[cut.operation - 1])
                 for number, cut in enumerate(trial.cuts_of(operations, points * 3 // 4))]
        worn = ("--short", f"{len(operations) * 2 // 3}:1")
        both = self.whole(self.pair.old, faults=worn)
        same = (mine == theirs for mine, theirs in zip(both, operations, strict=False))
        turned = next((n for n, equal in enumerate(same) if not equal), len(operations))
        for number, cut in enumerate(trial.cuts_of(both[turned:], points // 4)):
            cut = Cut(cut.operation + turned, cut.at, cut.scattered)
            plans.append(self.vary(number, cut, both[cut.operation - 1], worn))
        return plans

    @staticmethod
    def vary(number, cut, operation, faults=()):
        """Some have their recovery cut off too, in its first operations and later ones; in some, what was being written
        reads differently a few times, or the chip leaves out a part of what it is told."""
        again, trouble, by_tool = None, (), False
        if number % TURN == 3:
            again = Cut(1 + number // TURN * 5 % 97, number * 37 % 256, number % 2 == 0)
        elif number % TURN == 4:
            trouble = ("--unsteady", f"{operation[1]}:16:3")
        elif number % TURN == 5:
            trouble = ("--short", f"{1 + number // TURN * 3 % 17}:1")
        else:
            by_tool = number % BY_TOOL == BY_TOOL - 1
        return trial.Plan(cut, faults, again, trouble, by_tool)

    def one(self, plan):
        return trial.run(self.machine, self.pair, self.image, plan, self.dir / f"trial{next(self.numbers)}")

    def run(self, pool, points):
        return list(pool.map(self.one, self.plans(points)))
