# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root in which packages are installed: this machine's own, below a layer that takes what changes.

The layer and the mounts live in a mount namespace of this process, so that they end with it.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# What maintainer scripts ask of systemd while they run; the machine's own is out of reach.
SYSTEMCTL = """#!/bin/sh
echo "$*" >> /systemctl.log
case $* in
  *preset*) SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl.real "$@" ;;
  *is-active*fwupd.service* | *is-active*.timer*) exit 0 ;;
  *is-active*) exit 3 ;;
  *is-enabled*) SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl.real is-enabled "${4:-$3}" ;;
esac
"""


def enter_namespace():
    """Starts this program anew in a mount namespace of its own."""
    if "QFU_MOUNTS" not in os.environ:
        os.environ["QFU_MOUNTS"] = os.readlink("/proc/self/ns/mnt")
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    if os.readlink("/proc/self/ns/mnt") == os.environ["QFU_MOUNTS"]:
        raise RuntimeError("no mount namespace of its own")


def works():
    """Whether layers can be mounted here."""
    with open("/proc/filesystems", encoding="ascii") as file:
        known = any(line.split()[-1] == "overlay" for line in file)
    with tempfile.TemporaryDirectory() as folder:
        return known and subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=False).returncode == 0 \
            and subprocess.run(["umount", folder], check=False).returncode == 0


def mount(*words):
    subprocess.run(["mount", *words], check=True)


ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}
# What programs may expect of any machine.
DEVICES = ("null", "zero", "full", "random", "urandom")


class PackageRoot:
    def __init__(self, *below, alone=False):
        """@below: the roots below the layer, the uppermost first. An @alone root has no device and no sysfs of this machine."""
        self.holder = tempfile.mkdtemp()
        mount("-t", "tmpfs", "tmpfs", self.holder)
        for name in ("upper", "work", "root"):
            os.mkdir(f"{self.holder}/{name}")
        self.path = pathlib.Path(self.holder, "root")
        self.upper = f"{self.holder}/upper"
        mount("-t", "overlay", "overlay", "-o",
              f"lowerdir={':'.join(below or '/')},upperdir={self.upper},workdir={self.holder}/work", str(self.path))
        mount("-t", "proc", "proc", f"{self.path}/proc")
        for name in ("run", "tmp"):
            mount("-t", "tmpfs", "-o", "mode=1777" if name == "tmp" else "mode=755", "tmpfs", f"{self.path}/{name}")
        if alone:
            self.put_devices()
        else:
            for name in ("dev", "sys"):
                mount("--rbind", f"/{name}", f"{self.path}/{name}")
        # the index of manual pages is none of ours, and slow
        self.file("var/lib/man-db/auto-update").unlink(missing_ok=True)
        # a container's may forbid to ask systemd
        self.file("usr/sbin/policy-rc.d").unlink(missing_ok=True)

    def put_devices(self):
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{self.path}/dev")
        for name in DEVICES:
            self.file(f"dev/{name}").touch()
            mount("--bind", f"/dev/{name}", f"{self.path}/dev/{name}")
        self.file("dev/fd").symlink_to("/proc/self/fd")

    def close(self):
        subprocess.run(["umount", "--recursive", self.holder], check=True)
        os.rmdir(self.holder)

    def file(self, name):
        return self.path / str(name).lstrip("/")

    def write(self, name, text):
        self.file(name).parent.mkdir(parents=True, exist_ok=True)
        self.file(name).write_text(text, encoding="ascii")

    def command(self, *words):
        """What runs this in the root."""
        return ["chroot", str(self.path), *map(str, words)]

    def run(self, *words, check=True):
        result = subprocess.run(self.command(*words), check=False, env=ENVIRONMENT, timeout=300,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if check and result.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: {result.stdout}{result.stderr}")
        return result

    def give(self, *packages):
        """Paths in the root of copies of these packages."""
        return ["/" + os.path.relpath(shutil.copy(package, self.file("tmp")), self.path) for package in packages]

    def pretend_systemd(self):
        """From now on systemd seems to run, and what it is asked is noted."""
        self.file("run/systemd/system").mkdir(parents=True, exist_ok=True)
        self.file("usr/bin/systemctl").rename(self.file("usr/bin/systemctl.real"))
        self.write("usr/bin/systemctl", SYSTEMCTL)
        self.file("usr/bin/systemctl").chmod(0o755)

    def asked(self):
        """What systemd was asked since the last time, in order."""
        log = self.file("systemctl.log")
        rows = log.read_text(encoding="ascii").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return rows
