# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of owned parts have in common: programs in which workers are somebody else's, and a look at all that a
command has said, used and left behind."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

OWNED = pathlib.Path(__file__).resolve().parent
ROOT = OWNED.parents[1]
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "schemas")]

import frames
import schemacase

DOM0 = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build")) / "dom0"
PROGRAM = DOM0 / "qubes-fwupdmgr"
PEAK = DOM0.parent / "tests" / "owned" / "peak"
WORKER_UID = 54322      # of nobody
SECONDS = 60            # after which a command counts as hanging
LEAVING_SECONDS = 60    # after which a process that a command started counts as left behind
SAID_MAX = 16 * 1024    # bytes of messages that one command may need
MEMORY_MAX = 64 * 1024  # KiB of any process in dom0, where an attacker decides how much there is to read
SKIP = 77

COUNT = 'echo >> "$here/scenario/$op.calls"\nn=$(wc -l < "$here/scenario/$op.calls")\n'
# Through a pipe: a worker may write to no file.
OVERHEAR = 'now=$here/scenario/$op.$$\n("$here/real/${0##*/}" "$@"; echo $? > "$now.status") | cat > "$now"\n' \
    'flock "$here/scenario/$op.said" cat "$now" >> "$here/scenario/$op.said"\ncat "$now"\n' \
    'exit "$(cat "$now.status")"\n'
# Workers of one op can run beside one another: what tells them apart is what they are given.
GIVEN = 'if cmp -s /proc/self/fd/3 "$here/scenario/$op.given"; then\n'
EXIT_0 = "exit 0"
HANG = 'exec sleep 900'


def needs(*files):
    """End this program as skipped where something is missing."""
    for file in (PROGRAM, PEAK, *files):
        if not file.exists():
            print(f"{file} is not there")
            sys.exit(SKIP)


class Programs:
    """A folder with links to all programs, but for the workers, in whose places owned ones lie."""

    def __init__(self, folder):
        self.folder = folder
        self.scenario = folder / "scenario"
        self.scenario.mkdir(parents=True)
        (folder / "real").symlink_to(DOM0)
        for program in DOM0.iterdir():
            if program.is_file() and os.access(program, os.X_OK) and program.name.startswith("qfu-"):
                if program.name.startswith("qfu-worker"):
                    shutil.copy(OWNED / "owned-worker", folder / program.name)
                else:
                    (folder / program.name).symlink_to(program)

    @contextlib.contextmanager
    def playing(self, op, script, sends=b""):
        (self.scenario / f"{op}.frames").write_bytes(sends)
        (self.scenario / f"{op}.calls").unlink(missing_ok=True)
        (self.scenario / op).write_text(script)
        try:
            yield
        finally:
            (self.scenario / op).unlink()

    def owned(self, op, sends=b"", then=EXIT_0, call=None, given=None):
        """While this lasts, workers of this op send these bytes and go on with a line of shell: all, the n-th, or those
        that are given a certain first input."""
        script = f'cat "$here/scenario/$op.frames"\n{then}\n'
        if call is not None:
            script = f'{COUNT}if [ "$n" = {call} ]; then\n{script}fi\n'
        if given is not None:
            (self.scenario / f"{op}.given").write_bytes(given)
            script = f"{GIVEN}{script}fi\n"
        return self.playing(op, script, sends)

    @contextlib.contextmanager
    def overheard(self, op):
        """While this lasts, what the true workers of this op say is also written to a file."""
        said = self.scenario / f"{op}.said"
        said.write_bytes(b"")
        with self.playing(op, OVERHEAR):
            yield said


class Done:
    """A command that has ended: status, what it said, and the largest memory of it and of what it waited for. No process
    that it started, however far down, is left."""

    def __init__(self, argv, seconds=SECONDS, env=None, stdin=subprocess.DEVNULL, leaving=LEAVING_SECONDS):
        self.argv = argv
        self.words = " ".join(str(word) for word in argv[-4:])
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as peak:
            command = [str(word) for word in (PEAK, peak.name, leaving, *argv)]
            with subprocess.Popen(command, stdin=stdin, stdout=out, stderr=err, env=env) as process:
                try:
                    self.status = process.wait(seconds + leaving)
                except subprocess.TimeoutExpired as problem:
                    process.kill()
                    raise AssertionError(f"{self.words}: no end after {seconds + leaving} s") from problem
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read()
            memory, *left = peak.read().decode(errors="replace").splitlines()
        self.memory = int(memory)
        if left:
            raise AssertionError(f"{self.words}: left behind: {left}")


def tree(folder):
    """Every file below a folder, with its contents' size."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


class OwnedCase(unittest.TestCase):
    voices = "qubes-fwupdmgr|warning"       # what each line of messages begins with

    def heard(self, op, *words, status=0):
        """What the true workers of this op say while a command runs: for each call a list of frames."""
        with self.programs.overheard(op) as said:
            self.check(self.tell(*words), status)
            stream = said.read_bytes()
        calls = [[]]
        for frame in frames.decode(stream):
            calls[-1].append(frame)
            if frame[0] in ("END", "ERROR"):
                calls.append([])
        return calls[:-1]

    def check_said(self, done):
        """Nothing in it that a terminal would act on, in lines of ours alone, and not without end."""
        for name, said in (("output", done.out), ("messages", done.err)):
            bad = set(said) - set(range(0x20, 0x7f)) - {0x0a}
            self.assertEqual(bad, set(), f"{name} of {done.words}: {said[:2000]}")
        self.assertLess(len(done.err), SAID_MAX, done.words)
        for line in done.err.decode().splitlines():
            self.assertRegex(line, rf"^({self.voices}): ")

    def check(self, done, status, message=None):
        """A command ended as it should; returns its JSON when it printed one."""
        text = done.err.decode(errors="replace")
        self.assertEqual(done.status, status, f"{done.words}: {text}{done.out.decode(errors='replace')[:2000]}")
        self.check_said(done)
        self.assertLess(done.memory, MEMORY_MAX, done.words)
        if message is not None:
            self.assertRegex(text, message, done.words)
            self.assertIsNone(re.search(r"assertion|CRITICAL|core dumped", text), text)
        return schemacase.answer(done.argv, done.status, done.out) if "--json" in done.argv else None


def configure(folder, programs):
    """A configuration of a dom0 with these programs, all of whose folders lie in one."""
    folder.mkdir(exist_ok=True)
    config = folder / "qubes-fwupd.conf"
    config.write_text(f"[Paths]\nPrograms={programs.folder}\nLayouts={ROOT}/data/layouts\nState={folder}/state\n"
                      f"Cache={folder}/cache\nRuntime={folder}/run\n[Worker]\nUser={WORKER_UID}\n")
    return config


class PlainCase(OwnedCase):
    """Commands that need no lab, such as verify and predict."""

    writes = False      # whether a command here has something to keep

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qfu-owned-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.programs = Programs(self.folder / "programs")
        self.config = configure(self.folder, self.programs)
        self.addCleanup(self.check_left)

    def check_left(self):
        """Nothing was written anywhere."""
        for name in ("state", "cache", "run"):
            self.assertTrue(self.writes or not (self.folder / name).exists(), name)

    def tell(self, *words, seconds=SECONDS):
        return Done([PROGRAM, "--config", self.config, "--json", *words], seconds, env={"G_DEBUG": "fatal-criticals"})
