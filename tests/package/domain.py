# SPDX-License-Identifier: LGPL-2.1-or-later
"""Roots as domains: each in a network namespace, with its own processes, and nothing of the tree that the packages are of.

The one way from dom0 to a service of another domain is a socket at SERVICES/DOMAIN/SERVICE.
"""

import contextlib
import os
import pathlib
import select
import signal
import socketserver
import subprocess
import threading

import packageroot

SERVICES = "run/domains"
BUS = "run/dbus/system_bus_socket"
USER = 1000
READY_SECONDS = 60


class Domain(packageroot.PackageRoot):
    def __init__(self, *below, services, hidden=()):
        """@services: a folder for sockets, the same for all domains. @hidden: folders that are empty in this one."""
        super().__init__(*below, alone=True)
        self.prefix = []
        self.file("tmp/log").touch()
        self.processes = []
        self.servers = []
        for folder in filter(pathlib.Path.is_dir, map(self.file, hidden)):
            packageroot.mount("-t", "tmpfs", "-o", "ro", "tmpfs", str(folder))
        self.file(SERVICES).mkdir()
        packageroot.mount("--bind", str(services), str(self.file(SERVICES)))

    def connect(self, anchor):
        """From now on its processes are in the network namespace of this one."""
        self.prefix = ["nsenter", f"--net=/proc/{anchor}/ns/net", "--"]

    def disconnect(self):
        """From now on each of its processes has a network of its own, in which there is nobody."""
        self.prefix = ["unshare", "--net", "--"]

    def command(self, *words):
        return [*self.prefix, *super().command(*words)]

    def install(self, *packages):
        """Packages of ours, given as files, and some of the archive; what they recommend stays away."""
        files = self.give(*(word for word in packages if os.path.isabs(word)))
        names = [word for word in packages if not os.path.isabs(word)]
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
        self.file("usr/sbin/policy-rc.d").chmod(0o755)
        self.run("apt-get", "-y", "--no-install-recommends", "install", *files, *names)

    def spawn(self, *words, **more):
        with open(self.file("tmp/log"), "ab") as log:
            self.processes.append(subprocess.Popen(  # pylint: disable=consider-using-with
                self.command(*words), env=packageroot.ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more))

    def user_of(self, service):
        """As whom Qubes would start it."""
        return 0 if "\nforce-user='root'\n" in self.file(f"etc/qubes/rpc-config/{service}").read_text(encoding="ascii") else USER

    def serve(self, name, service):
        """Lets dom0 reach a service of this domain, which is called @name: one process for each call, with the connection as its
        standard input and output, as systemd's Accept=yes has it."""
        user = self.user_of(service)
        path = self.file(f"{SERVICES}/{name}/{service}")
        path.parent.mkdir(exist_ok=True)
        command = self.command("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", f"/etc/qubes-rpc/{service}")
        log = self.file("tmp/log")

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with open(log, "ab") as errors:
                    subprocess.run(command, stdin=self.request, stdout=self.request, stderr=errors, check=False,
                                   env=packageroot.ENVIRONMENT)

        server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        threading.Thread(target=server.serve_forever).start()
        self.servers.append(server)

    def start_fwupd(self):
        """The packaged daemon on the packaged bus."""
        self.file("run/dbus").mkdir(exist_ok=True)
        reading, writing = os.pipe()
        with open(reading, "rb") as ready:
            self.spawn("dbus-daemon", "--system", "--nofork", "--nopidfile", f"--print-address={writing}", pass_fds=(writing,))
            os.close(writing)
            if not ready.readline():
                raise AssertionError(f"no bus: {self.said()}")
        self.spawn("/usr/libexec/fwupd/fwupd")
        address = {**packageroot.ENVIRONMENT, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.file(BUS)}"}
        done = subprocess.run(["gdbus", "wait", "--system", "--timeout", str(READY_SECONDS), "org.freedesktop.fwupd"],
                              env=address, check=False)
        if done.returncode:
            raise AssertionError(f"no fwupd: {self.said()}")

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(READY_SECONDS)
        self.processes = []
        self.end_activated()

    def end_activated(self):
        """What a bus has started ends when the bus is gone, in its own time."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):   # gone, or nobody's of this root
                if os.readlink(entry / "root") != str(self.path):
                    continue
                with open(os.pidfd_open(int(entry.name)), "rb") as process:
                    signal.pidfd_send_signal(process.fileno(), signal.SIGTERM)
                    if not select.select([process], [], [], READY_SECONDS)[0]:
                        raise AssertionError(f"process {entry.name} does not end")

    def said(self):
        return self.file("tmp/log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.stop()
        super().close()
