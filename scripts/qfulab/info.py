# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a test or a person needs to know about a lab, for `lab info`."""

from . import lifecycle, namespaces, processes, usbvm
from .pki import Pki


def describe(lab):
    lab.require()
    pki = Pki(lab)
    settings = lab.settings()
    running = {each.name: each.pid for each in processes.records(lab)}
    return {
        "directory": str(lab.dir),
        "up": lifecycle.is_up(lab),
        "build": settings["build"],
        "chip": str(lab.chip),
        "programmer": lab.programmer,
        "chip_counts": str(lab.chip_counts),
        "tcti": lab.tcti,
        "event_log": str(lab.event_log),
        "memory": str(lab.memory),
        "boot_id": str(lab.boot_id),
        "config": str(lab.config),
        "store": str(lab.state),
        "cache": str(lab.cache),
        "runtime": str(lab.runtime),
        "worker_uid": settings["uid"],
        "bus": lab.bus_address,
        "fwupd_conf": str(lab.fwupd_conf),
        "mirror_url": lab.mirror_url,
        "metadata_url": lab.metadata_url,
        "downloads": str(lab.downloads),
        "agent_conf": str(lab.agent_conf),
        "ca": str(pki.ca),
        "signer": str(pki.signer),
        "signer_key": str(pki.signer_key),
        "web_ca": str(pki.web_ca),
        "logs": str(lab.logs),
        "services": {name: running.get(name) for name in sorted(lifecycle.SERVICES)},
        "anchors": {room: running.get(namespaces.anchor_name(room)) for room in namespaces.rooms(lab)},
        "usb": usbvm.describe(lab),
    }
