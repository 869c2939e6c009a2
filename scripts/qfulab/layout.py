# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where everything of one lab lies. Nothing of a lab is outside its directory."""

import json
import pathlib
import re
import shutil

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# Paths are written into nginx.conf, D-Bus addresses, TCTI and programmer strings. Each of them has another way to
# quote, and some have none, so a lab lies only where no quoting is needed.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
# sun_path holds 108 bytes with its NUL; the longest socket is dom0/tpm/tpm.sock.ctrl.
LONGEST_PATH = 107 - len("/dom0/tpm/tpm.sock.ctrl")

MIRROR_ADDRESS = "192.0.2.1"
UPDATEVM_ADDRESS = "192.0.2.2"
# By size: which of libflashrom's models the chip answers as (several share an identification), and with which words
# for its programmer. The dummy programmer keeps a chip's contents in itself until it is closed; behind serprog is a
# program of ours, tests/chip/nor-emulator, whose file holds what was written so far.
MIB = 1024 * 1024
SERPROG = "serprog:ip=127.0.0.1:4242"
CHIPS = {
    "dummy": {8 * MIB: ("MX25L6436E/MX25L6445E/MX25L6465E/MX25L6473E/MX25L6473F",
                        "dummy:bus=spi,emulate=MX25L6436,image={file}"),
              16 * MIB: ("W25Q128.V", "dummy:bus=spi,emulate=W25Q128FV,image={file}")},
    "serprog": {MIB: ("W25Q80.V", SERPROG), 2 * MIB: ("W25Q16.V", SERPROG), 4 * MIB: ("W25Q32.V", SERPROG),
                8 * MIB: ("W25Q64BV/W25Q64CV/W25Q64FV", SERPROG), 16 * MIB: ("W25Q128.V", SERPROG)},
}
CHIP_SIZE = 16 * MIB


class LabError(Exception):
    """Something the caller can understand and change; printed without a stack trace."""


class Lab:
    """Paths and lasting settings of the lab in one directory."""

    # What `up` creates; only these are deleted when a lab is made anew.
    parts = ("mirror", "pki", "updatevm", "dom0", "usb", "run", "logs", "lab.json")

    def __init__(self, directory):
        self.dir = pathlib.Path(directory).resolve()
        self.mirror = self.dir / "mirror"
        self.docroot = self.mirror / "docroot"
        self.downloads = self.docroot / "downloads"
        self.pki = self.dir / "pki"
        self.updatevm = self.dir / "updatevm"
        self.agent_conf = self.updatevm / "agent.conf"
        self.usb = self.dir / "usb"
        self.run = self.dir / "run"
        self.logs = self.dir / "logs"
        self.settings_file = self.dir / "lab.json"
        self.dom0 = self.dir / "dom0"
        self.etc = self.dom0 / "etc"
        self.config = self.etc / "qubes-fwupd.conf"
        self.fwupd_conf = self.etc / "fwupd" / "fwupd.conf"
        self.state = self.dom0 / "state"
        self.cache = self.dom0 / "cache"
        self.runtime = self.dom0 / "run"
        self.fwupd = self.dom0 / "fwupd"
        self.dbus = self.dom0 / "dbus"
        self.tpm = self.dom0 / "tpm"
        self.chip = self.dom0 / "chip.bin"
        self.chip_counts = self.dom0 / "chip-counts.json"
        self.event_log = self.dom0 / "eventlog.bin"
        self.memory = self.dom0 / "memory"
        self.boot_id = self.dom0 / "boot_id"

    @property
    def bus_address(self):
        return f"unix:path={self.dbus}/bus.sock"

    @property
    def tcti(self):
        return f"swtpm:path={self.tpm}/tpm.sock"

    @property
    def chips(self):
        """The chips that this lab can have, by size."""
        return CHIPS[self.settings()["chip"]]

    def model_and_programmer(self):
        return self.chips[self.chip.stat().st_size if self.chip.exists() else CHIP_SIZE]

    @property
    def chip_model(self):
        return self.model_and_programmer()[0]

    @property
    def programmer(self):
        return self.model_and_programmer()[1].format(file=self.chip)

    @property
    def mirror_url(self):
        return f"https://{MIRROR_ADDRESS}/downloads"

    @property
    def metadata_url(self):
        return f"{self.mirror_url}/firmware.xml.zst"

    def exists(self):
        return self.settings_file.is_file()

    def require(self):
        if not self.exists():
            raise LabError(f"there is no lab in {self.dir}; make one with: lab up {self.dir}")

    def settings(self):
        """What `up` was told: build directory, worker uid and how fwupd is run."""
        self.require()
        return json.loads(self.settings_file.read_text())

    def check_path(self):
        if not PLAIN_PATH.fullmatch(str(self.dir)):
            raise LabError(f"{self.dir}: the path of a lab has only letters, digits and ._+-/ in it")
        if len(str(self.dir)) > LONGEST_PATH:
            raise LabError(f"{self.dir}: longer than {LONGEST_PATH} bytes, which sockets below it cannot have")

    def create(self, settings):
        """Make the empty directories. A lab that is down is replaced; any other directory has to be empty."""
        self.check_path()
        if self.exists():
            self.remove()
        elif self.dir.exists() and any(self.dir.iterdir()):
            raise LabError(f"{self.dir} is neither empty nor a lab")
        self.dir.mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o700)
        self.settings_file.write_text(json.dumps(settings, indent=2) + "\n")
        for path in (self.downloads, self.pki, self.updatevm, self.usb, self.run, self.logs, self.state, self.cache,
                     self.runtime, self.dbus, self.tpm, self.etc / "fwupd" / "remotes.d",
                     self.etc / "pki" / "fwupd", self.etc / "pki" / "fwupd-metadata",
                     self.fwupd / "home", self.fwupd / "lock", self.fwupd / "run", self.fwupd / "state",
                     self.fwupd / "cache", self.mirror / "tmp"):
            path.mkdir(mode=0o755, parents=True)  # the product refuses folders that others can write

    def remove(self):
        for name in self.parts:
            path = self.dir / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
