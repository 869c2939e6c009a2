# SPDX-License-Identifier: LGPL-2.1-or-later
"""dom0: our configuration, the chip, and what a boot does."""

import contextlib
import dataclasses
import os
import pathlib
import pwd
import random
import shlex
import shutil
import subprocess
import sys
import uuid

from . import board, chip, fwupd, namespaces, tools, tpm, updatevm, usbvm
from .layout import CHIP_SIZE, SOURCE, LabError

CONFIG = """\
[Transport]
Type=exec
UpdateVM=
QrexecClient=/usr/lib/qubes/qrexec-client
QubesdSocket=/var/run/qubesd.sock
Command={command}
ConnectSeconds=60
FirstByteSeconds=60
IdleSeconds=30
TotalSeconds=3600
MinimumRate=1024

[Usb]
Qubes={usb}
Command={lab.usb}/call {{domain}} {{service}}

[Trust]
MetadataKeys={lab.etc}/pki/fwupd-metadata
FirmwareKeys={lab.etc}/pki/fwupd
DeniedSerials=
RequirePostQuantum=false
MaximumAgeDays=30

[Remote lab]
SystemFirmware=true

[Paths]
State={lab.state}
Cache={lab.cache}
Runtime={lab.runtime}
Programs={programs}
Layouts={layouts}
BootId={lab.boot_id}
PowerSupply={lab.dom0}/power
Dmi={lab.dom0}/dmi
Fstab={lab.etc}/fstab
Input={lab.dom0}/input

[Worker]
User={user}

[Chip]
Programmer={lab.programmer}
Model={lab.chip_model}
BiosVendor=coreboot
Layout={layout}
Size=0

[MeasuredBoot]
Tcti={lab.tcti}
EventLog={lab.event_log};cbmem
Memory={lab.memory}
CorebootBus={lab.dom0}/coreboot-bus

[Secrets]
AntiEvilMaid={lab.dom0}/aem
BlockDevices={lab.dom0}/block
Boot={lab.dom0}/boot
"""


JOURNAL = "flash/*.json"
NOTHING_TO_RECOVER = 2


def process_uids():
    for path in pathlib.Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):     # it has ended meanwhile
                yield path.stat().st_uid


def unused_uid():
    """A uid that belongs to nobody: no account and no process."""
    used = {entry.pw_uid for entry in pwd.getpwall()} | set(process_uids())
    return random.choice([uid for uid in range(30000, 60000) if uid not in used])


def configure(lab):
    """Needs the chip and the namespaces: the first for the programmer, the others for the agent's command line."""
    lab.config.write_text(CONFIG.format(
        lab=lab, usb=";".join(usbvm.names(lab)), user=lab.settings()["uid"], layout=lab.settings()["layout"],
        command=shlex.join(updatevm.agent(lab)), programs=pathlib.Path(lab.settings()["build"]) / "dom0",
        layouts=SOURCE / "data" / "layouts"))


def fill_chip(lab, rom):
    """Put an image into the chip; an erased chip without one."""
    if not rom:
        lab.chip.write_bytes(b"\xff" * CHIP_SIZE)
        return
    if pathlib.Path(rom).stat().st_size not in lab.chips:
        sizes = ", ".join(str(size) for size in lab.chips)
        raise LabError(f"{rom}: a chip holds one of {sizes} bytes")
    shutil.copyfile(rom, lab.chip)


def measure(lab, how):
    """Let the boot model, or what the caller names instead, measure the chip into the fresh TPM."""
    model = [SOURCE / "scripts" / "lab-boot-model", "--log-as", "linux", "--memory", lab.memory, *how.options()]
    words = shlex.split(how.program) if how.program else [str(word) for word in model]
    command = [*words, str(lab.chip), lab.tcti, str(lab.event_log)]
    tools.run([*namespaces.enter(lab, "dom0"), *command], env=tools.environment(HOME=str(lab.fwupd / "home")),
              seconds=600)
    if not lab.event_log.exists():
        raise LabError(f"{command[0]} has written no event log to {lab.event_log}")


def restart(lab):
    """The part of a boot that does not depend on the chip's contents."""
    fwupd.stop(lab)
    chip.reset(lab)
    fwupd.forget_boot(lab)
    tpm.reset(lab)
    for file in (lab.event_log, lab.memory):
        file.unlink(missing_ok=True)
    # As the kernel's file, and replaced at once as it is.
    temporary = lab.boot_id.with_suffix(".new")
    temporary.write_text(f"{uuid.uuid4()}\n")
    os.replace(temporary, lab.boot_id)
    shutil.rmtree(lab.runtime)
    lab.runtime.mkdir()


def recover(lab):
    """As qubes-fwupd-recover.service does, before fwupd is there: only where the journal of writes has entries, and the
    boot goes on whatever comes of it."""
    if not any(lab.state.glob(JOURNAL)):
        return
    done = subprocess.run([*namespaces.enter(lab, "dom0"), "qubes-fwupdmgr", "recover"], env=fwupd.environment(lab),
                          stdin=subprocess.DEVNULL, timeout=600, check=False)
    if done.returncode not in (0, NOTHING_TO_RECOVER):
        print(f"lab: qubes-fwupdmgr recover ended with {done.returncode}", file=sys.stderr)


@dataclasses.dataclass(frozen=True)
class Way:
    """How a machine boots: by which accesses (None: as the image's settings have it), from which of vboot's slots,
    into which payload; or by another program than the boot model."""
    path: str | None = None
    slot: str = "A"
    payload: str = "linux"
    program: str | None = None

    def options(self):
        path = ["--path", self.path] if self.path else []
        return [*path, "--slot", self.slot, "--payload", self.payload]


def boot(lab, how):
    """Model a reboot of dom0: fresh PCRs, the chip's contents measured, and a system that carries its names."""
    restart(lab)
    measure(lab, how)
    fwupd.write_config(lab, board.names(lab.chip, how.slot))
    recover(lab)
    fwupd.start(lab)


def power_on_empty(lab):
    """A machine whose chip has nothing to boot: a TPM without measurements and an empty log."""
    restart(lab)
    lab.event_log.touch()
    fwupd.write_config(lab, dict(board.BLANK))
    fwupd.start(lab)
