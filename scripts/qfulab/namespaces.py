# SPDX-License-Identifier: LGPL-2.1-or-later
"""Network namespaces of a lab: mirror <-> UpdateVM, and a dom0 and USB qubes with nothing but a downed `lo`.

Each is held by a small process that does nothing, its anchor, so nothing is left in /run/netns and labs do not see
each other. Without root, everything happens inside one user namespace in which the caller is root.
"""

import os
import subprocess
import sys

from . import processes
from .layout import MIRROR_ADDRESS, SOURCE, UPDATEVM_ADDRESS, LabError

ROOMS = ("mirror", "updatevm", "dom0")
HOLD = ["/bin/sh", "-c", 'echo ready >"/proc/self/fd/$0"; exec sleep infinity', processes.READY]

# A USB qube has another /sys/bus than the machine that runs the lab. $0: that bus, $1: where it says that it is there.
HOLD_WITH_BUS = ["/bin/sh", "-ec", 'mount --bind "$0" /sys/bus; echo ready >"/proc/self/fd/$1"; exec sleep infinity']

REFUSED = {
    "net": "the kernel refuses a network namespace. The lab needs CAP_SYS_ADMIN for it: run it as root, not in a "
           "container without that capability; /proc/sys/user/max_net_namespaces may be 0.",
    "user": "the kernel refuses a user namespace, which the lab needs when not run as root: run it with sudo, or see "
            "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns and "
            "user.max_user_namespaces.",
}


def anchor_name(room):
    return f"net-{room}"


def hold(lab, room):
    """Start the anchor of a room in a new network namespace."""
    try:
        processes.start(lab, anchor_name(room), ["unshare", "--net", "--", *HOLD])
    except LabError as error:
        raise LabError(f"{REFUSED['net']}\n{error}") from error


def hold_usb(lab, room, bus):
    """The same for a USB qube, whose /sys/bus is this folder."""
    processes.start(lab, anchor_name(room), ["unshare", "--net", "--mount", "--propagation", "private", "--",
                                             *HOLD_WITH_BUS, bus, processes.READY])


def rooms(lab):
    return [*ROOMS, *lab.settings()["usb"]]


def enter(lab, room):
    """The command prefix that runs something in one of the rooms."""
    pid = processes.require(lab, anchor_name(room)).pid
    # whoever comes into a namespace of mounts is at its root, which is not that of a lab in a chroot
    mounts = [] if room in ROOMS else [f"--mount=/proc/{pid}/ns/mnt", f"--root=/proc/{pid}/root"]
    return ["nsenter", f"--net=/proc/{pid}/ns/net", *mounts, "--"]


def ip(lab, room, *words):
    done = subprocess.run([*enter(lab, room), "ip", *words], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise LabError(f"ip {' '.join(words)} for {room}: {done.stderr.strip()}")


def connect(lab):
    """Make the rooms and the one wire between mirror and UpdateVM. There is no route to anything else."""
    for room in ROOMS:
        hold(lab, room)
    mirror = processes.require(lab, anchor_name("mirror")).pid
    ip(lab, "updatevm", "link", "add", "name", "eth0", "type", "veth", "peer", "name", "eth0", "netns", str(mirror))
    for room, address in (("mirror", MIRROR_ADDRESS), ("updatevm", UPDATEVM_ADDRESS)):
        ip(lab, room, "address", "add", f"{address}/30", "dev", "eth0")
        ip(lab, room, "link", "set", "eth0", "up")


def net_namespaces(lab):
    """The network namespaces that belong to this lab for certain: those of its living anchors."""
    found = set()
    for room in rooms(lab):
        anchor = processes.record(lab, anchor_name(room))
        if anchor:
            info = os.stat(f"/proc/{anchor.pid}/ns/net")
            found.add((info.st_dev, info.st_ino))
    return found


def may_unshare(*options):
    """What the kernel says against a user namespace; empty if nothing."""
    done = subprocess.run(["unshare", "--user", "--map-root-user", *options, "true"], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return "" if done.returncode == 0 else done.stderr.strip() or f"unshare ended with {done.returncode}"


def again(command):
    """Replace this process by the same lab command behind a prefix."""
    command = [*command, "--", "/usr/bin/python3", str(SOURCE / "scripts" / "lab"), *sys.argv[1:]]
    sys.stdout.flush()
    os.execvp(command[0], command)


def create_as_root():
    """Become root for `up`: in a new user namespace, which the rooms' anchors then keep alive. Returns if root."""
    if os.geteuid() == 0:
        return
    refused = may_unshare()
    if refused:
        raise LabError(f"{REFUSED['user']}\n{refused}")
    # More than one uid takes newuidmap: without it the parsers' process has none that it could drop to.
    more = [] if may_unshare("--map-auto") else ["--map-auto"]
    if not more:
        print("lab: no subordinate uids for this user (package uidmap, /etc/subuid): the parsers' process has no uid "
              "to drop to and will refuse to run", file=sys.stderr)
    again(["unshare", "--user", "--map-root-user", *more])


def enter_as_root(lab):
    """Become root for a command on a lab that is up. Returns if root."""
    if os.geteuid() != 0:
        pid = processes.require(lab, anchor_name("dom0")).pid
        again(["nsenter", f"--user=/proc/{pid}/ns/user", "--preserve-credentials"])
