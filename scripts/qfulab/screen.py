# SPDX-License-Identifier: LGPL-2.1-or-later
"""A terminal of some width, with somebody before it: runs a command on it, and tells what is on it in the end.

It knows the few sequences that the product may send. Whatever else comes is an error: nobody's words may move a cursor.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

QUESTION = b"[y/N] "
ERASE = "\x1b[K"
PIECE = re.compile(r"[\x20-\x7e]+|\r\n|\r|\n|\x1b\[K|\x1b\[(?:0|1|2|3[0-7])m")


class Strange(ValueError):
    """A sequence that the product never sends."""


def pieces(said):
    """Cut what a command sent into text, line breaks, and what it told the terminal."""
    text, at = said.decode("latin-1"), 0
    while at < len(text):
        found = PIECE.match(text, at)
        if found is None:
            raise Strange(f"{text[at:at + 8]!r} behind {text[max(0, at - 40):at]!r}")
        yield found[0]
        at = found.end()


def lines(said):
    """The lines that are left in the end, without styles."""
    done, line, column = [], "", 0
    for piece in pieces(said):
        if piece in ("\r\n", "\n"):
            done.append(line.rstrip())
            line, column = "", 0
        elif piece == "\r":
            column = 0
        elif piece == ERASE:
            line = line[:column]
        elif not piece.startswith("\x1b"):
            line = line[:column] + piece + line[column + len(piece):]
            column += len(piece)
    return [*done, line.rstrip()] if line.strip() else done


def rows_drawn(said):
    """Every row that was drawn to be taken away again, such as progress."""
    text = re.sub(r"\x1b\[\d+m", "", said.decode("latin-1"))
    return [row for row in re.findall(r"\r\x1b\[K([^\r\n\x1b]+)(?=\r\x1b\[K)", text) if row]


def run(command, columns, answers=(), seconds=120):
    """Run a command on a terminal, where these answers are given. Returns its status and what it sent."""
    terminal, end = pty.openpty()
    try:
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen([str(word) for word in command], stdin=end, stdout=end, stderr=end,
                                   env={**os.environ, "TERM": "xterm"})
        os.close(end)
        said, asked, deadline = b"", 0, time.monotonic() + seconds
        while True:
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                process.kill()
                raise TimeoutError(f"{command}: {said!r}")
            try:
                part = os.read(terminal, 65536)
            except OSError:     # the other end is closed
                break
            said += part
            while said.count(QUESTION) > asked:
                if asked == len(answers):
                    process.kill()
                    raise AssertionError(f"one question too many: {said!r}")
                os.write(terminal, answers[asked].encode() + b"\n")
                asked += 1
        return process.wait(seconds), said
    finally:
        os.close(terminal)
