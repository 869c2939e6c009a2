# SPDX-License-Identifier: LGPL-2.1-or-later
"""jcat files: a checksum and a signature for each item, made by jcat-tool with the lab's signer."""

import time

from . import tools
from .pki import Pki


def sign(lab, jcat, files, alias=None):
    """Write a jcat beside the files, all of them in one directory, whose names become the IDs of the items.

    jcat-tool would otherwise keep a key of its own in the caller's home.
    """
    pki = Pki(lab)
    jcat.unlink(missing_ok=True)
    keyring = lab.mirror / "tmp" / "keyring"
    keyring.mkdir(exist_ok=True)
    for file in files:
        common = [jcat.name, file.name]
        tools.run(["jcat-tool", "--keyring", keyring, "self-sign", "--kind", "sha256", *common], cwd=jcat.parent)
        tools.run(["jcat-tool", "--keyring", keyring, "sign", *common, pki.signer, pki.signer_key], cwd=jcat.parent)
        if alias:
            tools.run(["jcat-tool", "--keyring", keyring, "add-alias", *common, alias], cwd=jcat.parent)


def later_second(previous):
    """A time after the previous signature's. Signing times have whole seconds, and metadata that was not signed later
    than the last is not taken for newer; a clock that stands before that second is waited for."""
    while int(time.time()) <= previous:
        time.sleep(previous + 1 - time.time())
    return int(time.time())
