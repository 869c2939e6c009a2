# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packaged fwupd daemon with our plugin, on a system bus of its own, all in one directory."""

import json
import os
import pathlib
import pwd
import select
import signal
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["QFU_BUILD_ROOT"])
PLUGIN = BUILD / "plugins" / "qubes-coreboot"
DAEMON = "/usr/libexec/fwupd/fwupd"
BUS_NAME = "org.freedesktop.fwupd"
SECONDS = 60
CHIP_SIZE = 16 * 1024 * 1024


def main():
    """Run the tests of a program; meson takes status 77 for a skip."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        print(f"skipped: dbus-daemon serves no user without a name, and uid {os.getuid()} has none")
        sys.exit(77)
    unittest.main()


BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={dir}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="*"/>
    <allow receive_type="*"/>
  </policy>
</busconfig>
"""

# Every value that fwupd would read from the SMBIOS of the machine that runs the test.
BOARD = {
    "Manufacturer": "Star Labs", "ProductName": "LabTop", "Family": "L4", "ProductSku": "L4",
    "BaseboardManufacturer": "Star Labs", "BaseboardProduct": "LabTop", "BiosVendor": "coreboot",
    "BiosVersion": "CBET4000 25.05", "BiosMajorRelease": "25", "BiosMinorRelease": "5", "EnclosureKind": "a",
}


def packaged_plugins():
    return next(pathlib.Path("/usr/lib").glob("*/fwupd-*/libfwupdengine.so")).parent


class FwupdCase(unittest.TestCase):
    """A directory with keys, configuration and chip; start_fwupd() starts bus and daemon."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="qfu-plugin-")
        self.addCleanup(scratch.cleanup)
        self.dir = pathlib.Path(scratch.name)
        self.chip = self.dir / "chip.bin"
        for name in ("etc/fwupd/remotes.d", "etc/pki/fwupd", "etc/pki/fwupd-metadata", "home", "state", "lock", "run",
                     "none"):
            (self.dir / name).mkdir(parents=True)
        (self.dir / "boot_id").write_text("0d9d0f7c-5a3c-4b56-a1b3-3f1ee0a2b3c4\n")
        self.configure()

    def configure(self, **chip):
        chip = {"Programmer": f"dummy:bus=spi,emulate=W25Q128FV,image={self.chip}", **chip}
        lines = ["[Paths]", f"State={self.dir}/refs", f"Cache={self.dir}/cache", f"Runtime={self.dir}/run-ours",
                 f"Programs={BUILD}/dom0", f"BootId={self.dir}/boot_id",
                 f"Layouts={os.environ['QFU_SOURCE_ROOT']}/data/layouts", "[Worker]",
                 f"User={os.environ.get('QFU_TEST_WORKER_USER', '41799')}", "[Chip]"]
        lines += [f"{key}={value}" for key, value in chip.items()]
        (self.dir / "qubes-fwupd.conf").write_text("\n".join(lines) + "\n")

    def environment(self, *plugins):
        plugins = plugins or (PLUGIN, packaged_plugins())
        return {
            "PATH": os.defpath, "LANG": "C.UTF-8", "HOME": f"{self.dir}/home", "XDG_CACHE_HOME": f"{self.dir}/home",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.dir}/bus", "FWUPD_SYSCONFDIR": f"{self.dir}/etc",
            "FWUPD_LOCALSTATEDIR": f"{self.dir}/state", "FWUPD_LOCKDIR": f"{self.dir}/lock",
            "FWUPD_RUNDIR": f"{self.dir}/run", "FWUPD_LIBDIR_PKG": ",".join(map(str, plugins)),
            "QFU_CONFIG": f"{self.dir}/qubes-fwupd.conf", "G_DEBUG": "fatal-criticals",
        }

    def run_tool(self, *command, env=None, status=(0,)):
        done = subprocess.run(command, env=env or self.environment(), stdin=subprocess.DEVNULL, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertIn(done.returncode, status, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def write_fwupd_conf(self, board, kept=()):
        """Built-in plugins but those kept stay out: they would find devices of the machine that runs the test."""
        env = self.environment(self.dir / "none")
        found = json.loads(self.run_tool("fwupdtool", "get-plugins", "--json", env=env))
        foreign = ";".join(plugin["Name"] for plugin in found["Plugins"] if plugin["Name"] not in kept)
        lines = ["[fwupd]", "OnlyTrusted=true", "UpdateMotd=false", "IdleTimeout=0", "P2pPolicy=nothing",
                 f"DisabledPlugins={foreign}", f"TrustedUids={os.geteuid()}", *(f"{key}={value}" for key, value in board.items())]
        (self.dir / "etc/fwupd/fwupd.conf").write_text("\n".join(lines) + "\n")

    def spawn(self, name, *argv, **more):
        with open(self.dir / f"{name}.log", "wb") as log:
            # the group too: a daemon's worker must not outlive the test
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True,
                                       **{"stdout": log, "stderr": log, **more})
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def log(self, name="fwupd"):
        return (self.dir / f"{name}.log").read_text(errors="replace")

    def start_fwupd(self, board=None, env=None, kept=()):
        self.write_fwupd_conf(board or BOARD, kept)
        (self.dir / "bus.conf").write_text(BUS_CONFIG.format(dir=self.dir))
        bus = self.spawn("bus", "dbus-daemon", f"--config-file={self.dir}/bus.conf", "--nofork", "--nopidfile",
                         "--print-address", stdout=subprocess.PIPE)
        self.assertTrue(bus.stdout.readline(), "the bus did not start")
        daemon = self.spawn("fwupd", DAEMON, env=env or self.environment())
        waiter = self.spawn("waiter", "gdbus", "wait", "--system", "--timeout", str(SECONDS), BUS_NAME,
                            env=self.environment())
        ends = {process: os.pidfd_open(process.pid) for process in (daemon, waiter)}
        select.select(ends.values(), [], [], SECONDS)
        for pidfd in ends.values():
            os.close(pidfd)
        self.assertEqual((daemon.poll(), waiter.poll()), (None, 0), f"fwupd did not start: {self.log()[-2000:]}{self.log('waiter')}{self.log('bus')}")
        self.running = [daemon, bus]
        return daemon

    def stop_fwupd(self):
        """What start_fwupd() started ends, the daemon before its bus."""
        for process in self.running:
            self.end(process)
        (self.dir / "bus").unlink(missing_ok=True)

    def devices(self):
        """All devices; fwupdmgr calls it an error (number 9) when there are none."""
        found = json.loads(self.run_tool("fwupdmgr", "get-devices", "--json", status=(0, 2)))
        if "Error" in found:
            self.assertEqual((found["Error"]["Domain"], found["Error"]["Code"]), ("FwupdError", 9), found)
            return []
        return found["Devices"]

    def plugin_flags(self, name):
        """fwupd's word on a plugin; None when it does not know the plugin."""
        found = json.loads(self.run_tool("fwupdmgr", "get-plugins", "--json"))["Plugins"]
        return next((plugin.get("Flags", []) for plugin in found if plugin["Name"] == name), None)
