# SPDX-License-Identifier: LGPL-2.1-or-later
"""Payloads as cbfstool compressed them, kept for the next image: most of the time that an image takes goes there.

They are kept where QFU_ROM_CACHE says, and nowhere when it says nothing.
"""
import hashlib
import os
import shutil
import tempfile


def place(program, compression):
    """Where this program is kept, or will be; None: nowhere. It depends on the tool, too."""
    folder = os.environ.get("QFU_ROM_CACHE")
    tool = shutil.which("cbfstool")
    if not folder or not tool:
        return None
    state = os.stat(tool)
    key = f"{compression} {state.st_size} {state.st_mtime_ns} ".encode() + program
    return os.path.join(folder, hashlib.sha256(key).hexdigest())


def keep(place_of_it, extract):
    """extract(path) writes it. A folder that is somebody else's is left as it is."""
    folder = os.path.dirname(place_of_it)
    os.makedirs(folder, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as scratch:
        path = os.path.join(scratch, "payload")
        extract(path)
        os.chmod(path, 0o644)
        os.replace(path, place_of_it)
