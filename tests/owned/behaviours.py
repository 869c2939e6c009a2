# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an owned worker of any op can do to the wire and to its process."""
import frames
from frames import END, frame, header
from ownedcase import EXIT_0

HOARD = 'ulimit -v 40000; a=0123456789abcdef; while :; do a=$a$a; done'
FLOOD = 'while cat "$here/scenario/$op.frames"; do :; done'
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202eaccepted\b\b"
NOT_FOR_WORKERS = {"mismatch": 8, "nothing-to-do": 11, "busy": 14, "stale": 15, "refused": 17, "unreachable": 4}

# Each op has its own words for a frame that is not its own.
OTHER = "REQUEST|ARGUMENTS|DEVICE|PROGRESS|DATA|up to 8 SIGNATURE|too early or too much|begin with the image|than one QUOTE"

# What it is, what is sent, what is done then, and what the message says.
BEHAVIOURS = [
    ("nothing", b"", EXIT_0, "ended early with status 0"),
    ("status alone", b"", "exit 3", "ended early with status 3"),
    ("crash", b"", "kill -SEGV $$", "ended by signal 11"),
    ("killed within a frame", header("DATA", 100) + b"x" * 50, "kill -KILL $$", "ended by signal 9"),
    ("frame cut", header("DATA", 100) + b"x" * 50, EXIT_0, "ended early with status 0"),
    ("header cut", header("DATA", 100)[:5], EXIT_0, "ended early"),
    ("memory", b"", HOARD, "ended early with status|ended by signal"),
    ("END, then a status", END, "exit 3", "ended with status 3"),
    ("END, then a signal", END, "kill -SEGV $$", "ended with status 139"),
    ("END twice", END + END, EXIT_0, "more after the end"),
    ("bytes after END", END + b"\x1b[2J", EXIT_0, "more after the end"),
    ("END with a foreign field", frame("END", CODE=1), EXIT_0, "END with a broken or foreign field"),
    ("unknown type", header(999, 0), EXIT_0, "unknown type 999"),
    ("other version", header("END", 0, version=2), EXIT_0, "version 2"),
    ("frame too long", header("DATA", 65537), EXIT_0, "65537 bytes is too long"),
    ("frame of 4 GiB", header("DATA", 0xffffffff), EXIT_0, "4294967295 bytes is too long"),
    ("field beyond its frame", header("END", 8) + frames.field("TOTAL", 1)[:8], EXIT_0, "broken or foreign field"),
    ("DATA without bytes", header("DATA", 0), EXIT_0, "DATA without bytes"),
    ("text", b"accepted\n" * 1000, EXIT_0, "unknown type"),
    ("a request", frame("REQUEST", PROTOCOL=1, KIND=1, URL="https://x/", MAXIMUM=1) + END, EXIT_0, OTHER),
    ("arguments", frame("ARGUMENTS", ID="x") + END, EXIT_0, OTHER),
    ("a device", frame("DEVICE", ID="x", FLAGS=1) + END, EXIT_0, OTHER),
    ("progress without end", frame("PROGRESS", DONE=1), FLOOD, OTHER),
    ("data without end", frames.data(bytes(65536)), FLOOD, OTHER),
    ("error with escapes", frame("ERROR", CODE=7, DETAIL=ESCAPES), "exit 1", "ERROR with an unfit DETAIL"),
    ("error with a line break", frame("ERROR", CODE=7, DETAIL="a\nqubes-fwupdmgr: b"), "exit 1", "unfit DETAIL"),
    ("error of 1 MiB", header("ERROR", 1 << 20) + b"x" * (1 << 20), "exit 1", "too long"),
    ("error of a frame", header("ERROR", 65520) + frames.field("DETAIL", "x" * 65512), "exit 1", "unfit DETAIL"),
    ("longest error", frame("ERROR", CODE=7, DETAIL="x" * 1024), "exit 1", "the worker for [a-z]+: x{1024}"),
    ("error without code", frame("ERROR"), "exit 1", "0 times CODE"),
    ("error of no code", frame("ERROR", CODE=2**64 - 1), "exit 1", "the worker for [a-z]+: internal"),
    *((f"error {name}", frame("ERROR", CODE=code), "exit 1", f"not its to send \\({name}\\)")
      for name, code in NOT_FOR_WORKERS.items()),
]
