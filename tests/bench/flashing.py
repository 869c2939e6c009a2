# SPDX-License-Identifier: LGPL-2.1-or-later
"""A flash chip of 16 MiB of which about 1 MiB changes: how long the write takes, and what it does to the chip.

What the plugin calls, and `flashrom` for the same region, write to libflashrom's dummy chip, turn by turn; each waits the
second that libflashrom waits before it verifies. Bytes are counted by tests/chip/nor-emulator.
"""

import json
import pathlib
import shutil
import statistics
import subprocess
import sys

from qfulab import tools
from qfutorture import images, machine

WORK, PEER = "16 MiB chip, 1 MiB changed", "flashrom -i COREBOOT -w"
BLOCK = 4096
REGION = "COREBOOT"
LAYOUT = images.LAYOUTS[0]  # one COREBOOT, beside an Intel descriptor
CHANGED = ("bootblock", "romstage", "postcar", "ramstage", "firmware")
FIRMWARE = 732 * 1024       # with the others a MiB


class Dummy(machine.Machine):
    """The same machine with libflashrom's chip, whose contents are in that file while nobody uses it."""

    def programmer(self, port):
        return f"dummy:bus=spi,emulate=W25Q128FV,image={self.chip}"

    def environment(self):
        kept = {name: value for name, value in super().environment().items() if name != "LD_PRELOAD"}
        return {**kept, "PATH": tools.SYSTEM_PATH}


def make_rom(folder, version, seed):
    path = folder / f"{version}.rom"
    subprocess.run([images.SCRIPTS / "lab-rom", path, "--version", version, "--preserved-seed", seed, "--compress", "none",
                    *LAYOUT.options, "--file", f"firmware,raw,{FIRMWARE}", "--changed", *CHANGED], check=True,
                   timeout=machine.SECONDS)
    return path


def changed_bytes(old, new):
    """In whole erase blocks."""
    return sum(BLOCK for i in range(0, len(old), BLOCK) if old[i:i + BLOCK] != new[i:i + BLOCK])


class Write:
    """An image in a chip, another one to install, and what the chip shall hold then."""

    def __init__(self, bench):
        self.bench, self.dir = bench, bench.dir / "flashing"
        self.dir.mkdir()
        self.old, self.image = make_rom(self.dir, images.OLD, "1"), make_rom(self.dir, images.NEW, "2")
        before = self.old.read_bytes()
        self.new = images.compose(LAYOUT, before, self.image.read_bytes())
        self.changed = changed_bytes(before, self.new)

    def machine(self, kind):
        """One that was just switched on, with the record of the write."""
        folder = self.dir / "machine"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        made = kind(folder, self.bench.build, LAYOUT.layout, self.old.stat().st_size)
        shutil.copyfile(self.old, made.chip)
        made.power_on()
        made.stage(self.image)
        return made

    def check(self, made):
        if made.chip.read_bytes() != self.new:
            raise machine.Failure("the chip holds something else than was to be written")

    def once(self, command_for):
        """Seconds and KiB of one write to the dummy chip."""
        made = self.machine(Dummy)
        line = self.bench.run(self.bench.build / "tests/bench/measure", "1", *command_for(made), env=made.environment(),
                              seconds=machine.SECONDS)
        self.check(made)
        return [float(word) for word in line.split()]

    def ours(self, made):
        return made.tool("tests/chip/write-chip"), "install", machine.DEVICE, self.image

    def peer(self, made):
        offset, size = images.startable.areas(self.image.read_bytes())[REGION]
        layout = made.dir / "layout"
        layout.write_text(f"{offset:08x}:{offset + size - 1:08x} {REGION}\n")
        return "flashrom", "-p", made.programmer(0), "-c", made.model, "-l", layout, "-i", REGION, "-w", self.image

    def counts(self):
        made = self.machine(machine.Machine)
        done = made.write(self.image)
        if done.status != 0:
            raise machine.Failure(done.said)
        self.check(made)
        return json.loads(made.counts.read_text())


def median(rows):
    return statistics.median(seconds for seconds, _ in rows), max(size for _, size in rows)


def measure(bench):
    """A row for the table, and what was counted; None where the build has no flash chip."""
    missing = [name for name in ("tests/chip/write-chip", "tests/plugin/stage-record")
               if not pathlib.Path(bench.build, name).is_file()]
    if missing or not shutil.which("flashrom", path=tools.SYSTEM_PATH):
        print(f"bench: no {' '.join(missing) or 'flashrom'}: writes of a chip are left out", file=sys.stderr)
        return None
    write = Write(bench)
    pairs = [(write.once(write.ours), write.once(write.peer)) for _ in range(bench.runs)]
    ours, peer = (median(rows) for rows in zip(*pairs))
    return ours, peer, write.changed, write.counts()


def report(found):
    """What was counted, in a line."""
    _, _, changed, counts = found
    shares = (f"{counts[name]} {name} ({counts[name] / changed:.1%})" for name in ("erased", "programmed"))
    return f"{WORK}: {changed} bytes in changed blocks; {', '.join(shares)}"


def targets(found):
    """What, its value, the limit, and how it is written."""
    ours, peer, changed, counts = found
    yield f"{WORK}, time against flashrom", ours[0] / peer[0], 1.5, "{:.2f}"
    for name in ("erased", "programmed"):
        yield f"{WORK}, bytes {name} off those in changed blocks", abs(counts[name] / changed - 1), 0.1, "{:.3f}"
