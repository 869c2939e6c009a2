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
NO_VM, NO_ANSWER = 125, 255


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


class Qubes:
    """One machine: `states` is VM -> power state, `agent` the command that is its agent, `calls` what was asked."""

    def __init__(self, folder, agent):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.agent = agent
        self.states = {"sys-net": "Running"}
        self.update_vm = "sys-net"
        self.calls = []         # of qubesd
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
        if name not in self.states:
            return b"2\0QubesVMNotFoundError\0\0No such domain: %r\0" + name.encode() + b"\0"
        if method == "admin.vm.CurrentState+":
            return f"0\0mem=0 mem_static_max=0 cputime=0 power_state={self.states[name]}".encode()
        if method == "admin.vm.Start+":
            self.states[name] = "Running"
            return b"0\0"
        return b""

    def call(self, connection):
        words, fds, _, _ = socket.recv_fds(connection, 4096, 2)
        _, vm, *service = words.decode().split(" ")
        status = NO_ANSWER
        if service != ["DEFAULT:QUBESRPC", "qubes.FwupdFetch", "dom0"] or vm not in self.states:
            status = NO_VM
        elif self.states[vm] == "Running":
            self.fetches.append(vm)
            self.reached.set()
            self.gate.wait()
            done = subprocess.run(self.agent, stdin=fds[0], stdout=fds[1], stderr=subprocess.DEVNULL, check=False)
            status = done.returncode % 256
        for fd in fds:
            os.close(fd)
        try:
            connection.sendall(bytes([status]))
        except BrokenPipeError:     # dom0 has killed its client
            pass
