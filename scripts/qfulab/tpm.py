# SPDX-License-Identifier: LGPL-2.1-or-later
"""The TPM of dom0: swtpm. Its PCRs start anew with the process; what it stores for good stays in DIR/dom0/tpm."""

from . import namespaces, processes, tools


def start(lab):
    """swtpm writes its pid after it listens; with a FIFO as its pid file that is the sign that it serves."""
    sock = lab.tpm / "tpm.sock"
    sign = lab.tpm / "pid"
    processes.start(lab, "tpm", [
        *namespaces.enter(lab, "dom0"), "swtpm", "socket", "--tpm2", "--server", f"type=unixio,path={sock}",
        "--ctrl", f"type=unixio,path={sock}.ctrl", "--flags", "not-need-init,startup-clear",
        "--tpmstate", f"dir={lab.tpm}", "--pid", f"file={sign}"], env=tools.environment(), sign=sign)


def manufacture(lab, banks):
    """A TPM with these banks of PCRs, "sha1,sha256"; one that nobody made so has all that swtpm knows."""
    if banks:
        tools.run([*namespaces.enter(lab, "dom0"), "swtpm_setup", "--tpm2", "--tpmstate", lab.tpm, "--pcr-banks", banks,
                   "--overwrite"])


def reset(lab):
    """What a reset of the machine does to its TPM."""
    processes.stop(lab, "tpm")
    start(lab)
