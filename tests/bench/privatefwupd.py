# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fwupd daemon of our own, on a bus of its own, with the one device of its plugin `test`."""

import contextlib
import json
import os
import pathlib
import select
import subprocess
import tempfile

from qfulab import fwupd, tools

DEVICE = "b585990a-003e-5270-89d5-3705a17f9a43"  # a GUID of the plugin's webcam
UPDATE = f"""<component type="firmware"><id>org.qubes_fwupd.bench</id><name>Webcam</name>
<provides><firmware type="flashed">{DEVICE}</firmware></provides>
<custom><value key="LVFS::UpdateProtocol">com.acme.test</value></custom>
<releases><release version="9.9.9" timestamp="1700000000"><location>https://bench.invalid/9.9.9.cab</location>
<checksum type="sha256" target="container">{"0" * 64}</checksum><size type="download">1000</size></release></releases>
</component>
"""
SECONDS = 60


def configure(folder, env):
    """Other built-in plugins would find devices of the machine that measures."""
    none = folder / "no-plugins"
    none.mkdir()
    found = json.loads(tools.run(["fwupdtool", "get-plugins", "--json"], env={**env, "FWUPD_LIBDIR_PKG": str(none)}))
    foreign = ";".join(plugin["Name"] for plugin in found["Plugins"] if plugin["Name"] != "test")
    lines = ["[fwupd]", "UpdateMotd=false", "IdleTimeout=0", "P2pPolicy=nothing", "TestDevices=true",
             f"DisabledPlugins={foreign}"]
    (folder / "etc/fwupd/fwupd.conf").write_text("\n".join(lines) + "\n")
    return {**env, "FWUPD_LIBDIR_PKG": str(none)}


@contextlib.contextmanager
def process(*command, **more):
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more) as child:
        try:
            yield child
        finally:
            child.terminate()
            child.wait(SECONDS)


@contextlib.contextmanager
def running(folder, env):
    """The environment for programs that talk to it; `folder` has fwupd's configuration, as `env` names it."""
    with tempfile.TemporaryDirectory(prefix="qfu-bus-") as bus_folder:  # a socket's path is short
        env = {**configure(folder, env), "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus_folder}/bus"}
        (pathlib.Path(bus_folder) / "bus.conf").write_text(
            fwupd.BUS_CONFIG.format(address=env["DBUS_SYSTEM_BUS_ADDRESS"]))
        bus = ("dbus-daemon", f"--config-file={bus_folder}/bus.conf", "--nofork", "--nopidfile", "--print-address")
        with process(*bus, stdout=subprocess.PIPE) as started:
            if not started.stdout.readline():
                raise tools.LabError("the bus does not start")
            with process(fwupd.DAEMON, env=env, stdout=subprocess.DEVNULL) as daemon:
                wait_for(daemon, env)
                yield env


def wait_for(daemon, env):
    command = ("gdbus", "wait", "--system", "--timeout", str(SECONDS), fwupd.BUS_NAME)
    with process(*command, env=env, stdout=subprocess.DEVNULL) as waiter:
        ends = [os.pidfd_open(child.pid) for child in (daemon, waiter)]
        select.select(ends, [], [], SECONDS + 5)
        for pidfd in ends:
            os.close(pidfd)
        if daemon.poll() is not None or waiter.poll() != 0:
            raise tools.LabError("fwupd does not start")
