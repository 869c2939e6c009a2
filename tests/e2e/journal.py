#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""usage: journal.py OUT COMMAND…

Runs a command as a unit of systemd runs: standard error leads to the journal, and standard input and output nowhere and
to a file. The journal is one of our own, in a mount namespace that must be ours. OUT.entries gets what was written to it,
one JSON object a line, OUT.out what was printed, OUT.err what went to standard error.
"""
import json
import os
import socket
import subprocess
import sys

FOLDER = "/run/systemd/journal"


def fields(message):
    """Of an entry that has no value with a line break."""
    return dict(line.split("=", 1) for line in message.decode().splitlines())


def listen(kind, name):
    listener = socket.socket(socket.AF_UNIX, kind)
    listener.bind(f"{FOLDER}/{name}")
    if kind == socket.SOCK_STREAM:
        listener.listen()
    return listener


def main():
    out, command = sys.argv[1], sys.argv[2:]
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.makedirs(FOLDER)
    entries = listen(socket.SOCK_DGRAM, "socket")
    with listen(socket.SOCK_STREAM, "stdout") as listener, socket.socket(socket.AF_UNIX) as stderr:
        stderr.connect(f"{FOLDER}/stdout")
        reader, _ = listener.accept()
        with open(f"{out}.out", "wb") as stdout:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, check=False)
    with open(f"{out}.err", "wb") as file, reader:
        while data := reader.recv(65536):
            file.write(data)
    entries.setblocking(False)
    with open(f"{out}.entries", "w", encoding="utf-8") as file:
        try:
            while message := entries.recv(65536):
                print(json.dumps(fields(message)), file=file)
        except BlockingIOError:
            pass
    sys.exit(done.returncode)


main()
