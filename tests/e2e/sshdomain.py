# SPDX-License-Identifier: LGPL-2.1-or-later
"""A domain of a lab that dom0 reaches by ssh: a wire between the two, OpenSSH's own server there, and its client here, with
the settings that this project ships. Everything is private to the test: keys, settings, and the server's /run."""
import contextlib
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

from productcase import BUILD, LAB, ROOT, SKIP, run

SHIPPED = ROOT / "data" / "other-hosts" / "ssh_config"
SERVE = pathlib.Path(BUILD) / "data" / "qubes-fwupd-serve"
SECONDS = 30
SERVER = """\
Port 22
ListenAddress {address}
HostKey {folder}/host
PidFile none
UsePAM no
StrictModes no
PermitRootLogin {root_login}
PasswordAuthentication {password}
KbdInteractiveAuthentication no
AuthorizedKeysFile {folder}/authorized_keys
"""


def needs():
    """End this program as skipped where no server can be had, with the reason."""
    if not os.path.exists("/usr/sbin/sshd"):
        print("no sshd (Debian: openssh-server)")
        sys.exit(SKIP)
    if os.geteuid() != 0:
        print("sshd changes to users of this machine, which root alone can let it")
        sys.exit(SKIP)


def children(parent):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid, rest = path.read_text().split(" ", 1)
            if int(rest.rpartition(")")[2].split()[1]) == parent:
                found.append(int(pid))
    return found


class SshDomain:
    """`number` tells several of a lab apart, `room` is the way in: words for `lab`."""

    def __init__(self, case, lab, number, name, room):
        self.case, self.lab, self.name, self.room = case, lab, name, room
        self.dom0, self.address = f"198.51.100.{4 * number + 1}", f"198.51.100.{4 * number + 2}"
        self.wire = f"ssh{number}"
        self.folder = case.scratch / f"ssh-{name}"
        self.services = self.folder / "services"
        self.services.mkdir(parents=True)
        self.known = self.folder / "known_hosts"
        self.server = None
        for key in ("host", "key"):
            self.make_key(key)
        self.connect()
        self.know("host")
        self.write_client()

    def make_key(self, name):
        done = run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.folder / name)
        self.case.assertEqual(done.returncode, 0, done.stderr)

    def public(self, name):
        return (self.folder / f"{name}.pub").read_text()

    def inside(self, *words):
        return [LAB, self.room[0], self.lab, *self.room[1:], "--", *words]

    def ip(self, *words, room=None):
        done = run(*(room or self.inside()), "ip", *words)
        self.case.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")

    def connect(self):
        """dom0's only wire; nobody passes packets on from it."""
        dom0 = [LAB, "dom0", self.lab, "--"]
        anchor = self.case.info(self.lab)["anchors"]["dom0"]
        self.ip("link", "add", "name", self.wire, "type", "veth", "peer", "name", self.wire, "netns", str(anchor))
        for address, room in ((self.dom0, dom0), (self.address, None)):
            self.ip("address", "add", f"{address}/30", "dev", self.wire, room=room)
            self.ip("link", "set", self.wire, "up", room=room)

    def know(self, *keys):
        self.known.write_text("".join(f"{self.address} {self.public(key)}" for key in keys))

    def write_client(self, **changes):
        """The shipped settings with this domain's name and folder, and what a case needs otherwise."""
        text = SHIPPED.read_text().replace("/etc/qubes-fwupd/ssh", str(self.folder))
        rows = {"HostName": self.address, "User": "root", **{name: str(value) for name, value in changes.items()}}
        text = text.replace("Host updatevm\n", f"Host {self.name}\n")
        for name, value in rows.items():
            text, count = re.subn(rf"(?m)^  {name} .*$", f"  {name} {value}", text)
            self.case.assertEqual(count, 1, name)
        (self.folder / "config").write_text(text)

    def add_to_client(self, *lines):
        """More settings of this domain's."""
        config = self.folder / "config"
        head = f"Host {self.name}\n"
        config.write_text(config.read_text().replace(head, head + "".join(f"  {line}\n" for line in lines)))

    def command(self, service):
        """As the documentation has it."""
        return ["ssh", "-F", self.folder / "config", "-T", self.name, service]

    def give(self, service, *words):
        """A service of this domain: a command of these words."""
        path = self.services / service
        path.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + "\n")
        path.chmod(0o755)

    def allow(self, *services, key="key"):
        """What the key of dom0 may call."""
        (self.folder / "authorized_keys").write_text(
            f'restrict,command="{SERVE} --from {self.services} {" ".join(services)}" {self.public(key)}')

    def start(self, root_login="forced-commands-only", password="no", socket=None):
        """Serve; /run is the server's own. With a socket, by one server for each connection to it."""
        settings = self.folder / "sshd_config"
        settings.write_text(SERVER.format(folder=self.folder, address=self.address, root_login=root_login, password=password))
        command = f"/usr/sbin/sshd -D -e -f {settings}"
        if socket:
            command = f"systemd-socket-activate --accept --inetd --listen={socket} /usr/sbin/sshd -i -e -f {settings}"
        script = f"mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec {command}"
        self.server = subprocess.Popen([str(word) for word in self.inside("unshare", "--mount", "sh", "-c", script)],
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.case.addCleanup(self.stop)
        self.hears("Listening on" if socket else "Server listening on")

    def hears(self, words):
        """Wait until the server's log says so; returns what it said until then."""
        said, end = b"", time.monotonic() + SECONDS
        while words.encode() not in said:
            ready = select.select([self.server.stderr], [], [], max(end - time.monotonic(), 0))[0]
            more = os.read(self.server.stderr.fileno(), 4096) if ready else b""
            self.case.assertTrue(more, said)
            said += more
        return said.decode(errors="replace")

    def stop(self):
        """The listener, and every call that it serves."""
        if self.server is None:
            return
        self.cut()
        self.server.kill()
        self.server.wait()
        self.server.stderr.close()
        self.server = None

    def cut(self):
        """Kill what serves the calls at present, as the end of a VM does; returns how many there were."""
        sessions = children(self.server.pid)
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)
        return len(sessions)
