# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine in a folder: a chip of the emulator's, a configuration, and the state that outlives a power cut."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEVICE = "0123456789abcdef0123456789abcdef01234567"
MODELS = {1: "W25Q80.V", 2: "W25Q16.V", 4: "W25Q32.V", 8: "W25Q64BV/W25Q64CV/W25Q64FV", 16: "W25Q128.V"}
MIB = 1024 * 1024
SECONDS = 120
CONFIG = """\
[Paths]
State={dir}/state
Cache={dir}/cache
Runtime={dir}/run
Programs={build}/dom0
BootId={dir}/boot_id
Layouts={layouts}

[Worker]
User={user}

[Chip]
Programmer={programmer}
Model={model}
Layout={layout}
Size=0
"""


@dataclasses.dataclass(frozen=True)
class Cut:
    """The power goes in this operation, after so many bytes of it; scattered: as the emulator explains."""
    operation: int
    at: int
    scattered: bool = False

    def words(self):
        mode = ["--scattered"] if self.scattered else []
        return ["--cut", f"{self.operation}:{self.at}", "--seed", str(self.operation * 31 + self.at), *mode]


@dataclasses.dataclass(frozen=True)
class Done:
    """How a run with the chip ended; cut: the power went."""
    status: int
    cut: bool
    operations: int
    said: str


class Failure(Exception):
    """The trial itself does not work."""


class Machine:
    def __init__(self, folder, build, layout, size):
        self.dir = pathlib.Path(folder)
        self.build = pathlib.Path(build)
        self.layout = layout
        self.model = MODELS[size // MIB]
        self.chip = self.dir / "chip.bin"
        self.state = self.dir / "state"
        self.counts = self.dir / "counts.json"
        self.log = self.dir / "operations"

    def tool(self, name):
        return str(self.build / name)

    def environment(self):
        """libflashrom's busy second at each opening is cut short (tests/chip/quick-clock.c), by a library that an address
        sanitizer would rather see behind its own."""
        sanitizer = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
        kept = {name: os.environ[name] for name in ("PATH", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE") if name in os.environ}
        return {**kept, "LANG": "C.UTF-8", "LD_PRELOAD": self.tool("tests/chip/libquick-clock.so"),
                "ASAN_OPTIONS": sanitizer, "QFU_CONFIG": str(self.dir / "qubes-fwupd.conf"),
                "G_DEBUG": "fatal-criticals"}

    def programmer(self, port):
        return f"serprog:ip=127.0.0.1:{port}"

    def configure(self, port=0):
        user = os.environ.get("QFU_TEST_WORKER_USER", "41799")
        (self.dir / "qubes-fwupd.conf").write_text(CONFIG.format(
            dir=self.dir, build=self.build, layouts=SOURCE / "data/layouts", user=user, model=self.model, layout=self.layout,
            programmer=self.programmer(port)))

    def power_on(self):
        """Another boot."""
        number = int(self.boot_id.read_text()[:8], 16) + 1 if self.boot_id.exists() else 1
        self.boot_id.write_text(f"{number:08x}-2222-4333-8444-555555555555\n")
        shutil.rmtree(self.dir / "run", ignore_errors=True)

    @property
    def boot_id(self):
        return self.dir / "boot_id"

    def copy(self, folder):
        """The same machine once more."""
        other = Machine(folder, self.build, self.layout, self.chip.stat().st_size)
        other.dir.mkdir()
        shutil.copytree(self.state, other.state)
        for name in ("chip.bin", "boot_id"):
            shutil.copyfile(self.dir / name, other.dir / name)
        return other

    def stage(self, image):
        """The pending record, as `qubes-fwupdmgr update` leaves it."""
        self.configure()
        subprocess.run([self.tool("tests/plugin/stage-record"), DEVICE, self.chip, image], env=self.environment(),
                       check=True, timeout=SECONDS)

    def run(self, command, cut=None, faults=()):
        """A program that uses the chip, and dies with it if the power goes."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            self.configure(listener.getsockname()[1])
            words = [self.tool("tests/chip/nor-emulator"), "--listen", str(listener.fileno()), "--counts", self.counts,
                     "--log", self.log, *faults, *(cut.words() if cut else ()), self.chip, "--", *command]
            done = subprocess.run([str(word) for word in words], env=self.environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, text=True,
                                  pass_fds=[listener.fileno()], check=False)
        counts = json.loads(self.counts.read_text())
        if (done.returncode == -signal.SIGKILL) != bool(counts["cut"]):
            raise Failure(f"{command}: status {done.returncode}, {counts}: {done.stdout}")
        return Done(done.returncode, bool(counts["cut"]), counts["operations"], done.stdout)

    def write(self, image, **more):
        return self.run([self.tool("tests/chip/write-chip"), "install", DEVICE, image], **more)

    def recover(self, by_tool=False, **more):
        if by_tool:
            return self.run([self.tool("dom0/qubes-fwupdmgr"), "recover"], **more)
        return self.run([self.tool("tests/chip/write-chip"), "recover"], **more)

    def operations(self):
        """What the last run did: (erase or program, offset, length) in order."""
        rows = (line.split() for line in self.log.read_text().splitlines())
        return [(kind, int(offset, 16), int(length)) for _, kind, offset, length in rows]

    def last_states(self, folder):
        """Of each entry of a store under State: the state that counts."""
        found = {}
        for path in sorted((self.state / folder).glob("*.json")):
            entry = json.loads(path.read_text())
            found[entry.get("id", path.stem)] = entry["state"]
        return found
