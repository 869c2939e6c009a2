# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is in Debian packages."""

import pathlib
import re
import subprocess

FOLDER = None       # where the packages under test are


def package(folder, domain):
    found = sorted(pathlib.Path(folder).glob(f"qubes-fwupd-{domain}_*.deb"))
    if len(found) != 1:
        raise AssertionError(f"{len(found)} packages of {domain} in {folder}")
    return found[0]


def files(path):
    """Files of a package, without those that all packages have, as another distribution calls them."""
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True).stdout
    names = subprocess.run(["tar", "-t"], input=tar, check=True, capture_output=True).stdout.decode().splitlines()
    found = set()
    for name in names:
        if name.endswith("/") or name.startswith(("./usr/share/doc/", "./usr/share/lintian/")):
            continue
        name = re.sub(r"^\./(lib/)?", lambda match: "/usr/lib/" if match[1] else "/", name)
        name = re.sub(r"(/man/.*)\.gz$", r"\1", name)
        found.add(name.replace("/zsh/vendor-completions/", "/zsh/site-functions/"))
    return found


def conffiles(path):
    return set(subprocess.run(["dpkg-deb", "-I", path, "conffiles"], check=True, capture_output=True,
                              text=True).stdout.split())
