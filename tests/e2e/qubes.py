# SPDX-License-Identifier: LGPL-2.1-or-later
"""What dom0 of Qubes has besides: a qubesd that knows VMs, and a qrexec client that reaches their agent.

The client is a program of its own, as on Qubes: it hands its standard streams to who plays qrexec's daemon, on the outside
of whatever the caller is locked into, and ends as the agent does.
"""
import os
import pathlib
import socket
import socketserver
import subprocess
import threading

CLIENT = """#!/usr/bin/python3
import socket
import sys
with socket.socket(socket.AF_UNIX) as daemon:
    daemon.connect({socket!r})
    socket.send_fds(daemon, [" ".join(sys.argv[1:]).encode()], [0, 1])
    status = daemon.recv(1)
sys.exit(status[0] if status else 255)
"""
NOT_STARTED, NO_SERVICE, NO_ANSWER = 125, 127, 255
FETCH = "qubes.FwupdFetch"
CALL = "DEFAULT:QUBESRPC"


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


class Qubes:
    """One machine: `states` is VM -> power state, `agent` the command that is each VM's agent for files, `calls` what was
    asked. A VM has what is said of it in `classes`, `templates`, `distributions` and `controllers`, and nothing else."""

    def __init__(self, folder, agent):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.agent = agent
        self.services = {}      # (VM, service) -> command; None: not installed there
        self.states = {"sys-net": "Running"}
        self.update_vm = "sys-net"
        self.classes = {}       # VM -> class
        self.templates = {}     # VM -> its template
        self.distributions = {}     # VM -> what it says that it runs
        self.controllers = {}   # VM -> PCI devices that it has, as this release names them
        self.release = "4.3"
        self.calls = []         # of qubesd
        self.called = []        # (VM, service)
        self.fetches = []       # VMs whose agent was called
        self.gate = threading.Event()
        self.gate.set()         # cleared, an agent waits before it begins
        self.reached = threading.Event()
        self.servers = []
        self.serve("qubesd", self.answer)
        self.serve("qrexec", self.call)
        self.client = self.folder / "qrexec-client"
        self.client.write_text(CLIENT.format(socket=str(self.folder / "qrexec")))
        self.client.chmod(0o755)

    def serve(self, name, what):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                what(self.request)
        server = Server(str(self.folder / name), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)

    def close(self):
        self.gate.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def settings(self):
        """What the configuration's [Transport] has to say."""
        return {"Type": "qrexec", "QrexecClient": self.client, "QubesdSocket": self.folder / "qubesd"}

    def answer(self, connection):
        query = b""
        while data := connection.recv(4096):
            query += data
        header, _, _ = query.partition(b"\0")
        method, _, _, name = header.decode().split(" ")
        self.calls.append((method, name))
        connection.sendall(self.reply(method, name))

    def reply(self, method, name):
        if (method, name) == ("admin.property.Get+updatevm", "dom0"):
            return f"0\0default=False type=vm {self.update_vm}".encode()
        if (method, name) == ("admin.vm.List+", "dom0"):
            return b"0\0" + "".join(self.row(vm) for vm in sorted(self.states)).encode()
        if name not in self.states:
            return b"2\0QubesVMNotFoundError\0\0No such domain: %r\0" + name.encode() + b"\0"
        if method == "admin.vm.CurrentState+":
            return f"0\0mem=0 mem_static_max=0 cputime=0 power_state={self.states[name]}".encode()
        if method == "admin.vm.Start+":
            self.states[name] = "Running"
            return b"0\0"
        if method == "admin.vm.property.Get+template" and name in self.templates:
            return f"0\0default=False type=vm {self.templates[name]}".encode()
        if method == "admin.vm.feature.Get+os-distribution" and name in self.distributions:
            return f"0\0{self.distributions[name]}".encode()
        if method.startswith("admin.vm.device.pci."):
            return self.devices(method, name)
        return b""

    def row(self, vm):
        uuid = "" if self.release == "4.2" else " uuid=3b1c8ac8-0b36-4d6b-b5ae-0e8f4a4fcd36"
        return f"{vm} class={self.classes.get(vm, 'AppVM')} state={self.states[vm]}{uuid}\n"

    def devices(self, method, vm):
        """R4.2 has one list; R4.3 one of what is there and one of what is meant to be, each with what the device is."""
        ports = self.controllers.get(vm, ())
        if self.release == "4.2" and method == "admin.vm.device.pci.List+":
            rows = [f"dom0+{port} no-strict-reset=True persistent=yes\n" for port in ports]
        elif self.release == "4.3" and method in ("admin.vm.device.pci.Attached+", "admin.vm.device.pci.Assigned+"):
            what = "0x8086:0xa36d::p0c0330"
            rows = [f"dom0+{port}:{what} device_id='{what}' port_id='{port}' devclass='pci' mode='required'\n" for port in ports]
        else:
            return b""      # no such method, which ends the connection
        return b"0\0" + "".join(rows).encode()

    def call(self, connection):
        words, fds, _, _ = socket.recv_fds(connection, 4096, 2)
        _, vm, *call = words.decode().split(" ")
        kind, service, caller = call if len(call) == 3 else ("", "", "")
        status = NO_ANSWER
        agent = self.services.get((vm, service), self.agent if service == FETCH else None)
        if (kind, caller) != (CALL, "dom0") or self.states.get(vm) in (None, "Halted"):
            status = NOT_STARTED
        elif agent is None:
            status = NO_SERVICE
        elif self.states[vm] == "Running":
            self.called.append((vm, service))
            if service == FETCH:
                self.fetches.append(vm)
                self.reached.set()
                self.gate.wait()
            done = subprocess.run(agent, stdin=fds[0], stdout=fds[1], stderr=subprocess.DEVNULL, check=False)
            # of one that was killed, a shell's
            status = 128 - done.returncode if done.returncode < 0 else done.returncode
        for fd in fds:
            os.close(fd)
        try:
            connection.sendall(bytes([status]))
        except BrokenPipeError:     # dom0 has killed its client
            pass
