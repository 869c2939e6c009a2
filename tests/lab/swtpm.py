# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TPM 2.0 simulator for one test, and its PCRs."""
import os
import re
import select
import subprocess


def banks_and_pcrs(text):
    """tpm2_pcrread's words as {bank: {pcr: hex}}; an inactive bank has a headline, but no rows."""
    values = {}
    for line in text.splitlines():
        head = re.fullmatch(r"  (\w+):", line)
        row = re.fullmatch(r"    (\d+) *: 0x([0-9A-F]+)", line)
        if head:
            bank = head[1]
        elif row:
            values.setdefault(bank, {})[int(row[1])] = row[2].lower()
    return values


class Swtpm:
    """with Swtpm(directory, banks) as tpm: a started simulator, TPM2_Startup not yet sent.

    The directory is made at the first use and can be used again: that is the same TPM after a
    reset, with banks as they were made. setup: further options of swtpm_setup.
    """

    def __init__(self, directory, banks, setup=()):
        self.directory = directory
        self.banks = list(banks)
        self.setup = list(setup)
        self.socket = os.path.join(directory, "s")
        self.tcti = "swtpm:path=" + self.socket
        self.process = None

    def __enter__(self):
        if not os.path.exists(self.directory):
            os.makedirs(self.directory)
            subprocess.run(["swtpm_setup", "--tpm2", "--tpmstate", self.directory, "--pcr-banks",
                            ",".join(self.banks), *self.setup], stdout=subprocess.DEVNULL, check=True)
        # swtpm writes its number when both sockets listen, and removes the file when it ends
        told = os.path.join(self.directory, "pid")
        os.mkfifo(told)
        with open(os.open(told, os.O_RDONLY | os.O_NONBLOCK), "rb") as ready:
            self.process = subprocess.Popen(
                ["swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + self.directory,
                 "--server", "type=unixio,path=" + self.socket,
                 "--ctrl", "type=unixio,path=" + self.socket + ".ctrl",
                 "--pid", "file=" + told, "--flags", "not-need-init"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.wait(ready)
        return self

    def wait(self, ready):
        """Until the number is there, or swtpm has died."""
        end = os.pidfd_open(self.process.pid)
        events = select.poll()
        events.register(ready, select.POLLIN)
        events.register(end, select.POLLIN)
        seen = {descriptor for descriptor, _ in events.poll()}
        os.close(end)
        if ready.fileno() not in seen:
            raise RuntimeError(f"swtpm ended with {self.process.wait()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def tool(self, name, *arguments):
        """What a program of tpm2-tools prints."""
        return subprocess.run([name, "-T", self.tcti, *arguments], stdout=subprocess.PIPE,
                              check=True, text=True).stdout

    def pcrs(self):
        return banks_and_pcrs(self.tool("tpm2_pcrread"))
