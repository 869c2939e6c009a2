# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the shells offer when the last of some words is completed."""

import os
import pathlib
import pty
import subprocess
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
COMPLETIONS = HERE.parents[1] / "data/completions"
SECONDS = 60


class Bash:
    """A bash for each question."""

    SCRIPT = """
        source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _qubes_fwupdmgr; printf "%s\\n" "${COMPREPLY[@]}"
    """

    def __init__(self, programs):
        self.env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def __call__(self, *words):
        parts = [part for word in words for part in word.replace("=", " = ").split(" ")]
        done = subprocess.run(["bash", "-c", self.SCRIPT, "bash", COMPLETIONS / "qubes-fwupdmgr", "qubes-fwupdmgr", *parts],
                              check=True, timeout=SECONDS, capture_output=True, text=True, env=self.env)
        if done.stderr:
            raise AssertionError(done.stderr)
        return done.stdout.split()

    def close(self):
        pass


class Zsh:
    """One zsh on a terminal, of which offers.zsh makes the key TAB write what it offers."""

    def __init__(self, programs):
        self.folder = tempfile.TemporaryDirectory()
        self.pipe = os.path.join(self.folder.name, "offers")
        os.mkfifo(self.pipe)
        path = subprocess.run(["zsh", "-f", "-c", "print -r -- $FPATH"], check=True, timeout=SECONDS, capture_output=True, text=True)
        env = {**os.environ, "OFFERS": self.pipe, "FPATH": f"{COMPLETIONS}:{path.stdout.strip()}", "HOME": self.folder.name,
               "PATH": f"{programs}:{os.environ['PATH']}", "TERM": "dumb"}
        self.keys, end = pty.openpty()
        self.process = subprocess.Popen(["zsh", "-f", "-i"], stdin=end, stdout=end, stderr=end, env=env, start_new_session=True)
        os.close(end)
        self.screen = threading.Thread(target=self.watch)
        self.screen.start()
        os.write(self.keys, f"source {HERE}/offers.zsh\n".encode())

    def watch(self):
        """A terminal that nobody reads would stop the shell."""
        try:
            while os.read(self.keys, 65536):
                pass
        except OSError:     # the shell has ended
            pass

    def __call__(self, *words):
        clear = b"\x15"
        os.write(self.keys, clear + " ".join(("qubes-fwupdmgr", *words)).encode() + b"\t")
        with open(self.pipe, encoding="utf-8") as offers:
            return offers.read().split()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.screen.join()
        os.close(self.keys)
        self.folder.cleanup()
