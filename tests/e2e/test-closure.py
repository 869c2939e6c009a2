#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which libraries are in a process of ours at all: the whole DT_NEEDED closure of every program."""
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

BUILD = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", pathlib.Path(__file__).resolve().parents[2] / "build"))
DOM0 = BUILD / "dom0"
WORKERS = {name: DOM0 / f"qfu-worker-{name}" for name in ("signature", "metadata", "parse", "archive", "quote")}
AGENT = BUILD / "updatevm" / "qubes.FwupdFetch"
USB_AGENTS = [BUILD / "usbvm" / name for name in ("qubes.FwupdDevices", "qubes.FwupdInstall")]
TABLE = pathlib.Path(__file__).resolve().parents[2] / "qubes-fwupd" / "qfu-worker-table.h"
PLUGIN = BUILD / "plugins" / "qubes-coreboot" / "libfu_plugin_qubes_coreboot.so"

# Families of libraries, by the beginning of the name behind `lib`.
PARSERS = ("archive", "xmlb", "xml2", "expat", "jcat", "zstd", "lzma", "bz2", "lz4", "gcab", "cbor")
LARGE = ("archive", "xmlb", "xml2", "icu", "gcab", "jcat")
FWUPD, FLASH, NET, TPM = ("fwupd",), ("flashrom",), ("curl", "soup"), ("tss2",)
BASE = {"glib", "gobject", "gio", "gnutls", "json-glib", "c"}

# Program -> families that must be nowhere in its closure; libraries beyond BASE that it may name itself.
PROGRAMS = {
    DOM0 / "qubes-fwupdmgr": (PARSERS + FWUPD + FLASH + NET + TPM, set()),
    # the one that is believed: GLib and GnuTLS, with what GnuTLS itself needs
    WORKERS["signature"]: (PARSERS + ("gio", "gobject", "json") + FWUPD + FLASH + NET + TPM, {"seccomp"}),
    WORKERS["metadata"]: (LARGE + ("gnutls", "gio", "gobject", "json", "expat", "bz2", "lz4") + FWUPD + FLASH + NET + TPM,
                          {"seccomp", "lzma", "zstd", "z"}),
    WORKERS["parse"]: (LARGE + ("gnutls",) + FWUPD + FLASH + NET + TPM, {"seccomp", "lzma", "cbor"}),
    WORKERS["archive"]: (("gnutls",) + FWUPD + FLASH + NET + TPM, {"seccomp", "archive", "gcab"}),
    # believed about other machines: of tpm2-tss the unmarshalling, which opens and sends nothing
    WORKERS["quote"]: (PARSERS + ("gio", "gobject", "json", "tss2-esys", "tss2-sys", "tss2-tcti") + FWUPD + FLASH + NET,
                       {"seccomp", "tss2-mu"}),
    DOM0 / "qfu-chip": (PARSERS + FWUPD + NET + TPM, {"flashrom"}),
    DOM0 / "qfu-tpm": (("archive", "xmlb", "jcat") + FWUPD + FLASH, {"tss2-esys", "tss2-tctildr", "tss2-rc", "tss2-mu"}),
    DOM0 / "qfu-fwupd": (FLASH + TPM, {"fwupd"}),
    # what libfwupd needs, and nothing beside it
    **{program: (FLASH + TPM, {"fwupd"}) for program in USB_AGENTS},
    AGENT: (("archive", "xmlb", "xml2", "expat", "jcat", "lzma", "gcab") + FWUPD + FLASH + TPM, {"curl-gnutls", "curl"}),
}


def tool(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout


@functools.lru_cache(None)
def loader_cache():
    """What the loader knows: soname -> path, of this machine's own kind of programs first."""
    ldconfig = shutil.which("ldconfig", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    found = {}
    for name, flags, path in re.findall(r"^\t(\S+) \(([^)]*)\) => (\S+)$", tool(ldconfig, "-p"), re.MULTILINE):
        if "64" in flags or sys.maxsize < 2**32:
            found.setdefault(name, path)
    return found


@functools.lru_cache(None)
def dynamic(path):
    """The sonames that a file names, and where it wants them to be looked for first."""
    text = tool("readelf", "-dW", path)
    paths = [folder.replace("$ORIGIN", os.path.dirname(path))
             for found in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", text) for folder in found.split(":") if folder]
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text), paths


def closure(path):
    """soname -> what needs it, along one way."""
    found, todo = {}, [(str(path), (pathlib.Path(path).name,))]
    while todo:
        file, way = todo.pop()
        names, folders = dynamic(file)
        for name in names:
            if name in found:
                continue
            found[name] = way
            local = [f"{folder}/{name}" for folder in folders if os.path.exists(f"{folder}/{name}")]
            todo.append((local[0] if local else loader_cache()[name], (*way, name)))
    return found


def stem(soname):
    """archive of libarchive.so.13, glib of libglib-2.0.so.0"""
    return re.sub(r"(-\d[\d.]*)?\.so.*$", "", soname).removeprefix("lib")


class Closure(unittest.TestCase):
    def test_walk(self):
        """The walk sees what is there."""
        found = closure(WORKERS["archive"])
        self.assertIn("libarchive.so.13", found)
        self.assertIn(("qfu-worker-archive", "libarchive.so.13"), {way[:2] for way in found.values()})

    def test_families(self):
        for program, (families, _) in PROGRAMS.items():
            with self.subTest(program.name):
                bad = [" -> ".join((*way, name)) for name, way in closure(program).items()
                       if any(stem(name).startswith(family) for family in families)]
                self.assertEqual(bad, [])

    def test_named(self):
        for program, (_, own) in PROGRAMS.items():
            with self.subTest(program.name):
                self.assertLessEqual({stem(name) for name in dynamic(str(program))[0]}, BASE | own)

    def test_no_parser_inside(self):
        """Each worker program contains the parsers of its own ops and nobody else any: the library is static, so its
        symbols would be there."""
        rows = re.findall(r"^  OP \(\w+, (\w+), (\w+),", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual({program for _, program in rows}, set(WORKERS))
        names = "|".join(op for op, _ in rows)
        for path in (*PROGRAMS, PLUGIN):
            if not path.exists():
                continue
            with self.subTest(path.name):
                found = set(re.findall(rf" qfu_parse_({names})$", tool("readelf", "-sW", path), re.MULTILINE))
                self.assertEqual(found, {op for op, program in rows if path == WORKERS[program]})

    def test_documented(self):
        """The security page says of each op which program runs it."""
        page = (TABLE.parents[1] / "docs/security.md").read_text(encoding="utf-8")
        rows = re.findall(r"^  OP \(\w+, (\w+), (\w+),", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertGreater(len(rows), 7)
        for op, program in rows:
            with self.subTest(op):
                self.assertRegex(page, rf"\n\| `qfu-worker-{program}` \|[^|]*\b{op}\b")


if __name__ == "__main__":
    for file in PROGRAMS:
        if not file.exists():
            print(f"{file} was not built")
            sys.exit(77)
    unittest.main(verbosity=2)
