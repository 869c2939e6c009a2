# SPDX-License-Identifier: LGPL-2.1-or-later
"""USB qubes: each a room without any network and with a bus in sysfs of its own, where the packaged fwupd runs as it does
in a VM: with the authorities of its package, LVFS', and none of the lab's.

DIR/usb/NAME/rpc has the services that dom0 can call, as /etc/qubes-rpc has them; DIR/usb/call NAME SERVICE is how it
calls. A qube that is stopped and started again is a disposable: nothing of its fwupd is left.
"""

import pathlib
import re
import shlex
import shutil

from . import fwupd, namespaces, processes, tools
from .layout import LabError

NAME = re.compile(r"[a-z][a-z0-9-]{0,13}")
SERVICES = ("qubes.FwupdDevices", "qubes.FwupdInstall")
PACKAGED_KEYS = pathlib.Path("/etc/pki")
LVFS = "LVFS-CA.pem"
# Plugins for devices that fwupd can be told to emulate; none of them would find any in the qube.
EMULATED = ("dfu", "framework_qmk", "huddly_usb", "hughski_colorhug")
FOLDERS = ("home", "lock", "run", "state", "cache")
# The exit codes are those of qrexec's client: no such service, no such VM.
CALL = """\
#!/bin/sh
# dom0's way to a service of a USB qube: call NAME SERVICE
case $1 in {names}) ;; *) exit 125;; esac
[ -e {usb}/"$1"/running ] || exit 125
[ -x {usb}/"$1"/rpc/"$2" ] || exit 127
exec {usb}/"$1"/enter {usb}/"$1"/rpc/"$2"
"""


class Qube:
    """Where everything of one USB qube lies."""

    def __init__(self, lab, name):
        self.name = name
        self.dir = lab.usb / name
        self.etc = self.dir / "etc"
        self.conf = self.etc / "fwupd" / "fwupd.conf"
        self.rpc = self.dir / "rpc"
        self.bus_in_sysfs = self.dir / "sys-bus"
        self.fwupd = self.dir / "fwupd"
        self.bus_conf = self.dir / "bus.conf"
        self.socket = self.dir / "bus"
        self.running = self.dir / "running"
        self.bus_record = f"{name}-bus"
        self.daemon_record = f"{name}-fwupd"

    @property
    def bus_address(self):
        return f"unix:path={self.socket}"


def names(lab):
    return lab.settings()["usb"]


def check(wanted):
    for name in wanted:
        if not NAME.fullmatch(name) or name in namespaces.ROOMS or wanted.count(name) > 1:
            raise LabError(f"{name}: a USB qube has a name of its own, of at most 14 small letters, digits and -")


def find(lab, name):
    """The qube of this name, or the lab's first."""
    if not names(lab):
        raise LabError("this lab has no USB qube: lab up --usb NAME makes one")
    if name and name not in names(lab):
        raise LabError(f"{name} is no USB qube of the lab {lab.dir}")
    return Qube(lab, name or names(lab)[0])


def environment(lab, qube):
    build = pathlib.Path(lab.settings()["build"])
    return tools.environment(
        PATH=f"{build / 'usbvm'}:{tools.SYSTEM_PATH}", HOME=str(qube.fwupd / "home"),
        XDG_CACHE_HOME=str(qube.fwupd / "cache"), DBUS_SYSTEM_BUS_ADDRESS=qube.bus_address,
        FWUPD_SYSCONFDIR=str(qube.etc), FWUPD_LOCALSTATEDIR=str(qube.fwupd / "state"),
        FWUPD_LOCKDIR=str(qube.fwupd / "lock"), FWUPD_RUNDIR=str(qube.fwupd / "run"),
        # None of the packaged modules: `flashrom` would look at the chip of the machine that runs the lab.
        FWUPD_LIBDIR_PKG=str(qube.fwupd / "home"))


def write_conf(lab, qube):
    wanted = EMULATED if lab.settings()["usb_emulation"] else ()
    disabled = ";".join(name for name in lab.settings()["disabled_plugins"] if name not in wanted)
    qube.conf.write_text(f"[fwupd]\nOnlyTrusted=true\nUpdateMotd=false\nIdleTimeout=0\nP2pPolicy=nothing\n"
                         f"DisabledPlugins={disabled}\nTestDevices=true\n")


def make_template(lab, qube):
    """What a restart leaves as it is."""
    build = pathlib.Path(lab.settings()["build"])
    for folder in (qube.conf.parent, qube.rpc, qube.bus_in_sysfs / "usb" / "devices"):
        folder.mkdir(mode=0o755, parents=True)
    for service in SERVICES:
        (qube.rpc / service).symlink_to(build / "usbvm" / service)
    for folder in ("fwupd", "fwupd-metadata"):
        shutil.copytree(PACKAGED_KEYS / folder, qube.etc / "pki" / folder)
    qube.bus_conf.write_text(fwupd.BUS_CONFIG.format(address=qube.bus_address))
    write_conf(lab, qube)


def write_call(lab):
    call = lab.usb / "call"
    call.write_text(CALL.format(usb=lab.usb, names="|".join(names(lab))))
    call.chmod(0o755)


def write_enter(lab, qube):
    words = [f"{key}={value}" for key, value in environment(lab, qube).items()]
    enter = qube.dir / "enter"
    enter.write_text("#!/bin/sh\nexec " + shlex.join([*namespaces.enter(lab, qube.name), "env", "-i", *words]) + ' "$@"\n')
    enter.chmod(0o755)


def configure(lab):
    """What all qubes have, and that dom0 believes LVFS of firmware as well as the lab's own authority."""
    if not names(lab):
        return
    keys = PACKAGED_KEYS / "fwupd" / LVFS
    if not keys.exists():
        raise LabError(f"{keys}, of the package fwupd, is not installed")
    shutil.copy(keys, lab.etc / "pki" / "fwupd")
    write_call(lab)
    for name in names(lab):
        qube = Qube(lab, name)
        make_template(lab, qube)
        namespaces.hold_usb(lab, name, qube.bus_in_sysfs)
        write_enter(lab, qube)
        start(lab, name)


def prefix(lab, name):
    """What runs fwupd in a qube. Its emulated devices belong to its udev backend, which in Debian 12 libusb keeps from
    starting: see tests/lab/udev-first.c."""
    room = namespaces.enter(lab, name)
    if not lab.settings()["usb_emulation"]:
        return room
    runner = pathlib.Path(lab.settings()["build"]) / "tests" / "lab" / "udev-first"
    if not runner.exists():
        raise LabError(f"{runner} is not built")
    return [*room, runner]


def start(lab, name):
    """A qube as it is made from its template."""
    qube = find(lab, name)
    if processes.record(lab, qube.daemon_record):
        raise LabError(f"{name} of the lab {lab.dir} is running already")
    shutil.rmtree(qube.fwupd, ignore_errors=True)
    for folder in FOLDERS:
        (qube.fwupd / folder).mkdir(mode=0o755, parents=True)
    fwupd.serve_bus(lab, qube.bus_record, qube.name, qube.bus_conf)
    fwupd.serve(lab, qube.daemon_record, prefix(lab, name), environment(lab, qube))
    qube.running.touch()


def stop(lab, name):
    """True if it was running."""
    qube = find(lab, name)
    qube.running.unlink(missing_ok=True)
    found = processes.stop(lab, qube.daemon_record)
    return processes.stop(lab, qube.bus_record) or found


def describe(lab):
    """For `lab info`."""
    found = {}
    for qube in (Qube(lab, name) for name in names(lab)):
        daemon = processes.record(lab, qube.daemon_record)
        found[qube.name] = {"directory": str(qube.dir), "bus": qube.bus_address, "fwupd_conf": str(qube.conf),
                            "rpc": str(qube.rpc), "sys_bus": str(qube.bus_in_sysfs), "fwupd": daemon and daemon.pid}
    return found
