# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running the packaged tools that the lab is made of."""

import os
import shutil
import subprocess

from .layout import LabError

# Not in an ordinary user's PATH: nginx, cbfstool, ip.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEPT_VARIABLES = ("LANG", "LC_ALL", "TERM", "COLUMNS", "G_DEBUG", "G_MESSAGES_DEBUG", "G_SLICE", "MALLOC_PERTURB_",
                  "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX")

PACKAGES = {
    "unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "certtool": "gnutls-bin", "nginx": "nginx",
    "swtpm": "swtpm", "swtpm_setup": "swtpm-tools", "tpm2_pcrread": "tpm2-tools", "dbus-daemon": "dbus", "gdbus": "libglib2.0-bin",
    "fwupdtool": "fwupd", "cbfstool": "coreboot-utils", "jcat-tool": "jcat", "gcab": "gcab", "zstd": "zstd",
    "xz": "xz-utils", "gzip": "gzip",
}


def environment(**more):
    """A small environment: what the caller's shell carries beside it (proxies, FWUPD_*, D-Bus) is not the lab's."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {"PATH": SYSTEM_PATH, **kept, **more}


def check_installed():
    missing = sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool, path=SYSTEM_PATH)})
    if missing:
        raise LabError(f"not installed: {' '.join(missing)}")


def run(argv, env=None, cwd=None, seconds=120, data=None):
    """Run a tool to its end and return what it printed; its own words are in the error if it fails."""
    argv = [str(word) for word in argv]
    try:
        done = subprocess.run(argv, env=env or environment(), cwd=cwd, check=False, timeout=seconds, input=data or "",
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(argv)}: no end after {seconds} s") from error
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]}: {error.strerror}") from error
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise LabError(f"{' '.join(argv)} ended with {done.returncode}: {words}")
    return done.stdout
