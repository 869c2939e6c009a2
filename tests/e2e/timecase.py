# SPDX-License-Identifier: LGPL-2.1-or-later
"""Metadata signed at any time, and the product under any clock.

Signatures are made by jcat-tool with the lab's signer; libfaketime moves the clock of jcat-tool and of qubes-fwupdmgr alone.
The fwupd daemon, the mirror and the agent have the true time.
"""
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import time

import productcase
from productcase import LAB, SKIP, run

FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
HOUR, DAY = 3600, 86400
FILE = "firmware.xml.zst"
SECONDS = 60


def needs():
    productcase.needs()
    if not FAKETIME:
        print("no libfaketime (Debian: faketime)")
        sys.exit(SKIP)


def clock(offset):
    """The environment of a program whose clock is so many seconds ahead."""
    return {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"{offset:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def clock_at(when):
    """The environment of a program whose clock stands still at this time: however long the program takes to start."""
    return {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": str(when), "FAKETIME_FMT": "%s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def now():
    return int(time.time())


class TimeCase(productcase.ProductCase):
    def sign(self, lab, when, content, name=FILE):
        """Put metadata on the mirror that offers nothing and is signed at this time. Returns the time."""
        return self.sign_xml(lab, when, f"<!-- {content} -->", name)

    def sign_xml(self, lab, when, components, name=FILE):
        info = self.info(lab)
        downloads = pathlib.Path(info["downloads"])
        work = self.scratch / "signing"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        item = f"{when}-{name}"
        xml = f'<?xml version="1.0"?>\n<components origin="lab" version="0.9">{components}</components>\n'
        (work / item.removesuffix(".zst")).write_text(xml)
        self.tool(work, "zstd", "-q", item.removesuffix(".zst"))
        self.sign_file(info, work, item, when, name)
        shutil.copy(work / item, downloads)
        shutil.copy(work / f"{name}.jcat", downloads)
        return when

    def sign_again(self, lab, when):
        """Sign what the mirror offers at another time."""
        info = self.info(lab)
        downloads = pathlib.Path(info["downloads"])
        newest = max(downloads.glob("firmware-*-stable.xml.zst"))
        work = self.scratch / "signing"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        shutil.copy(newest, work)
        self.sign_file(info, work, newest.name, when, FILE)
        shutil.copy(work / f"{FILE}.jcat", downloads)

    def sign_file(self, info, work, item, when, alias):
        jcat = ["jcat-tool", "--keyring", work / "keyring"]
        words = [f"{alias}.jcat", item]
        self.tool(work, *jcat, "self-sign", "--kind", "sha256", *words)
        self.tool(work, *jcat, "sign", *words, info["signer"], info["signer_key"], env=clock_at(when))
        self.tool(work, *jcat, "add-alias", *words, alias)

    def tool(self, work, *command, env=None):
        done = run(*command, cwd=work, env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")

    def at(self, lab, offset, *words):
        """The product, with a clock that is so many seconds ahead."""
        env = [f"{name}={value}" for name, value in clock(offset).items()]
        return run(LAB, "dom0", lab, "--", "env", *env, "qubes-fwupdmgr", *words, timeout=SECONDS)

    def ends(self, done, status, *says):
        """It ended so, and said each of this on stderr."""
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for text in says:
            self.assertRegex(done.stderr, text)
        return done

    def attended(self, lab, offset, *words):
        """The same with somebody at the terminal."""
        env = [f"{name}={value}" for name, value in clock(offset).items()]
        terminal, end = pty.openpty()
        try:
            return subprocess.run([str(LAB), "dom0", str(lab), "--", "env", *env, "qubes-fwupdmgr", *words], stdin=end,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=SECONDS)
        finally:
            os.close(terminal)
            os.close(end)

    def marks(self, lab):
        return pathlib.Path(self.info(lab)["store"]) / "highwater"

    def mark(self, lab, remote="lab"):
        """The signing time in a remote's mark."""
        lines = (self.marks(lab) / remote).read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Signed=")).partition("=")[2])

    def kept(self, lab, remote="lab"):
        """Name -> contents of what the cache holds of a remote."""
        return {file.name: file.read_bytes()
                for file in (pathlib.Path(self.info(lab)["cache"]) / "metadata" / remote).iterdir()}

    def configure(self, lab, before, after):
        config = pathlib.Path(self.info(lab)["config"])
        text = config.read_text()
        self.assertIn(before, text)
        config.write_text(text.replace(before, after))
