# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packaged fwupd daemon of dom0 on a system bus of its own, with our plugin beside the packaged ones."""

import contextlib
import json
import os
import pathlib
import re
import sqlite3
import subprocess

from . import board, namespaces, processes, syscalls, tools
from .layout import LabError
from .pki import Pki

DAEMON = "/usr/libexec/fwupd/fwupd"
BUS_NAME = "org.freedesktop.fwupd"
READY_SECONDS = 60

BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="root"/>
    <allow own="*"/>
    <allow send_type="*"/>
    <allow receive_type="*"/>
  </policy>
</busconfig>
"""

REMOTE = """\
[fwupd Remote]
Enabled=true
Title=Laboratory
MetadataURI={url}
"""


def packaged_plugins():
    """The directory of the packaged plugin modules, which carries fwupd's version."""
    found = sorted(path.parent for path in pathlib.Path("/usr/lib").glob("*/fwupd-*/libfwupdengine.so"))
    if not found:
        raise LabError("fwupd's plugin directory is not below /usr/lib")
    return found[-1]


def environment(lab):
    """All that keeps the daemon, its client library and our programs away from the machine's own fwupd."""
    build = pathlib.Path(lab.settings()["build"])
    plugins = [build / "plugins" / "qubes-coreboot"]
    # The packaged module is `flashrom`. Ours keeps it from opening a programmer; alone it would look at the flash chip
    # of the machine that runs the lab.
    if list(plugins[0].glob("libfu_plugin_*.so")):
        plugins.append(packaged_plugins())
    plugins += lab.settings().get("plugins", [])
    return tools.environment(
        PATH=f"{build / 'dom0'}:{tools.SYSTEM_PATH}",
        HOME=str(lab.fwupd / "home"),
        XDG_CACHE_HOME=str(lab.fwupd / "cache"),
        DBUS_SYSTEM_BUS_ADDRESS=lab.bus_address,
        FWUPD_SYSCONFDIR=str(lab.etc),
        FWUPD_LOCALSTATEDIR=str(lab.fwupd / "state"),
        FWUPD_LOCKDIR=str(lab.fwupd / "lock"),
        FWUPD_RUNDIR=str(lab.fwupd / "run"),
        FWUPD_LIBDIR_PKG=",".join(map(str, plugins)),
        QFU_CONFIG=str(lab.config),
        TPM2TOOLS_TCTI=lab.tcti,
    )


def foreign_plugins(lab):
    """The names of fwupd's built-in plugins: they would find devices of the machine that runs the lab. `test` makes
    devices only when told to."""
    env = {**environment(lab), "FWUPD_LIBDIR_PKG": str(lab.fwupd / "home")}
    plugins = json.loads(tools.run([*namespaces.enter(lab, "dom0"), "fwupdtool", "get-plugins", "--json"], env=env))
    return [plugin["Name"] for plugin in plugins["Plugins"] if plugin["Name"] != "test"]


def configure(lab):
    (lab.dbus / "bus.conf").write_text(BUS_CONFIG.format(address=lab.bus_address))
    (lab.etc / "fwupd" / "remotes.d" / "lab.conf").write_text(REMOTE.format(url=lab.metadata_url))
    Pki(lab).trust_in(lab.etc / "pki" / "fwupd", lab.etc / "pki" / "fwupd-metadata")
    write_config(lab, dict(board.BLANK))
    settings = {**lab.settings(), "disabled_plugins": foreign_plugins(lab)}
    lab.settings_file.write_text(json.dumps(settings, indent=2) + "\n")


def write_config(lab, names):
    """fwupd.conf for a machine whose firmware says these names."""
    lines = ["[fwupd]", "OnlyTrusted=true", "UpdateMotd=false", "IdleTimeout=0", "P2pPolicy=nothing",
             f"DisabledPlugins={';'.join(lab.settings().get('disabled_plugins', []))}"]
    lines += [f"{key}={value}" for key, value in names.items()]
    lab.fwupd_conf.write_text("\n".join(lines) + "\n")
    board.show(lab.dom0 / "dmi", names)


def forget_boot(lab):
    """fwupd tells boots apart by the time at which the kernel started, which the lab cannot change: the one that it has
    noted with an update becomes another."""
    history = lab.fwupd / "state" / "lib" / "fwupd" / "pending.db"
    if history.exists():
        with contextlib.closing(sqlite3.connect(history)) as database, database:
            database.create_function("earlier", 1, lambda text: re.sub(r"BootTime=\d+", "BootTime=1", text or ""))
            database.execute("UPDATE history SET metadata = earlier(metadata)")


def serve_bus(lab, name, room, conf):
    processes.start(lab, name, [
        *namespaces.enter(lab, room), "dbus-daemon", f"--config-file={conf}", "--nofork", "--nopidfile",
        f"--print-address={processes.READY}"], env=tools.environment())


def start_bus(lab):
    serve_bus(lab, "bus", "dom0", lab.dbus / "bus.conf")


def start(lab):
    env = environment(lab)
    limit = syscalls.wrap(lab, lab.settings()["build"], lab.settings()["filter"])
    if limit:
        env["FWUPD_SYSCALL_FILTER"] = "systemd"  # as the unit says
    serve(lab, "fwupd", [*namespaces.enter(lab, "dom0"), *limit], env)


def serve(lab, name, prefix, env):
    """Start a daemon and return when it has taken its name on its bus, which it does when it is ready."""
    daemon = processes.start(lab, name, [*prefix, DAEMON], env=env)
    command = ["gdbus", "wait", "--system", "--timeout", str(READY_SECONDS), BUS_NAME]
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as waiter:
        waiting = os.pidfd_open(waiter.pid)
        first = processes.comes_first(waiting, daemon, READY_SECONDS + 5)
        os.close(waiting)
        if not first:
            waiter.kill()
    if waiter.returncode:
        raise processes.not_ready(lab, name)


def stop(lab):
    return processes.stop(lab, "fwupd")
