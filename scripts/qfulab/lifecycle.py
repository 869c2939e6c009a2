# SPDX-License-Identifier: LGPL-2.1-or-later
"""From nothing to a running lab, and back."""

import dataclasses
import signal
import typing

from . import catalog, chip, dom0, fwupd, mirror, namespaces, processes, tools, tpm, updatevm, usbvm
from .layout import LabError
from .pki import Pki

# In the order of dependence.
SERVICES = {"chip": chip.start, "mirror": mirror.start, "tpm": tpm.start, "bus": fwupd.start_bus, "fwupd": fwupd.start}


@dataclasses.dataclass(frozen=True)
class Part:
    """One that can be started and stopped alone; stop() says whether it was running."""
    start: typing.Callable
    stop: typing.Callable


def part(lab, name):
    if name in SERVICES:
        return Part(lambda: SERVICES[name](lab), lambda: processes.stop(lab, name))
    if name in usbvm.names(lab):
        return Part(lambda: usbvm.start(lab, name), lambda: usbvm.stop(lab, name))
    raise LabError(f"{name} is none of {', '.join([*sorted(SERVICES), *usbvm.names(lab)])}")


def is_up(lab):
    return lab.exists() and bool(processes.records(lab))


def make(lab, rom, how):
    """The order is that of dependence; each step returns when its part serves."""
    Pki(lab).create()
    catalog.serve(lab, catalog.Ledger(lab))
    namespaces.connect(lab)
    mirror.configure(lab)
    mirror.start(lab)
    updatevm.configure(lab)
    dom0.fill_chip(lab, rom)
    chip.connect(lab)
    dom0.configure(lab)
    fwupd.configure(lab)
    usbvm.configure(lab)
    tpm.manufacture(lab, lab.settings()["banks"])
    fwupd.start_bus(lab)
    if rom:
        dom0.boot(lab, how)
    else:
        dom0.power_on_empty(lab)


def up(lab, rom, how, **settings):
    tools.check_installed()
    usbvm.check(settings["usb"])
    if is_up(lab):
        raise LabError(f"the lab {lab.dir} is up already; end it with: lab down {lab.dir}")
    lab.create({**settings, "uid": dom0.unused_uid()})
    try:
        with processes.locked(lab):
            make(lab, rom, how)
    except BaseException:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all(lab)
        raise


def end_all(lab):
    """The services, then whatever else still runs in the lab's namespaces; the anchors of these last."""
    for name in usbvm.names(lab):
        usbvm.stop(lab, name)
    for name in reversed(SERVICES):
        processes.stop(lab, name)
    anchors = [namespaces.anchor_name(room) for room in namespaces.rooms(lab)]
    holding = {each.pid for each in processes.records(lab) if each.name in anchors}
    for stray in processes.members(namespaces.net_namespaces(lab)):
        if stray.pid not in holding:
            processes.end(stray)
    for name in anchors:
        processes.stop(lab, name)


def down(lab):
    lab.require()
    with processes.locked(lab):
        end_all(lab)
