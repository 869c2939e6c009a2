# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guest itself: QEMU without help of the hardware, a TPM of swtpm, and OVMF with Secure Boot on request."""

import contextlib
import pathlib
import shutil
import subprocess

from . import kernel

OVMF = pathlib.Path("/usr/share/OVMF")
SNAKEOIL = pathlib.Path("/usr/share/ovmf/PkKek-1-snakeoil")     # whose certificate is in the variables of that name



def sign(folder, image):
    """The kernel with a signature that the firmware's variables know."""
    key, signed = folder / "snakeoil.key", folder / "vmlinuz.signed"
    kernel.run("openssl", "rsa", "-in", f"{SNAKEOIL}.key", "-passin", "pass:snakeoil", "-out", key, stderr=subprocess.DEVNULL)
    kernel.run("sbsign", "--key", key, "--cert", f"{SNAKEOIL}.pem", "--output", signed, image, stderr=subprocess.DEVNULL)
    return signed


def firmware(folder):
    variables = folder / "variables.fd"
    shutil.copy(OVMF / "OVMF_VARS_4M.snakeoil.fd", variables)
    return ["-global", "driver=cfi.pflash01,property=secure,value=on",
            "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF / 'OVMF_CODE_4M.secboot.fd'}",
            "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]


@contextlib.contextmanager
def tpm(folder):
    """Options for a TPM that is made anew."""
    state = folder / "tpm"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    kernel.run("swtpm_setup", "--tpm2", "--tpmstate", state, "--pcr-banks", "sha256", stderr=subprocess.DEVNULL)
    socket = state / "socket"
    process = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--ctrl",
                                f"type=unixio,path={socket}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield ["-chardev", f"socket,id=tpm,path={socket}", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
               "-device", "tpm-tis,tpmdev=tpm0"]
    finally:
        process.kill()
        process.wait()


def boot(folder, tree, command, *, words="", secure=False, seconds=600):
    """Run a command as the guest's first process; what it says goes to standard output. Returns all of it."""
    archive = folder / "initramfs"
    kernel.initramfs(tree, command, archive)
    image = sign(folder, kernel.image(tree)) if secure else kernel.image(tree)
    said = ""
    with tpm(folder) as options:
        argv = ["qemu-system-x86_64", "-machine", f"q35,smm={'on' if secure else 'off'},accel=tcg", "-cpu", "max", "-smp", "2", "-m", "2048", "-display", "none", "-no-reboot", "-nodefaults",
                "-serial", "stdio", "-kernel", image, "-initrd", archive,
                "-append", f"console=ttyS0 quiet panic=-1 {words}", *options, *(firmware(folder) if secure else []),
                "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap"]
        guest = subprocess.Popen(["timeout", "--kill-after=5", str(seconds), *map(str, argv)], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, text=True, errors="replace")
        for line in guest.stdout:
            print(line, end="", flush=True)
            said += line
        guest.wait()
    return said
