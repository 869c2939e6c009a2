# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that outlive the command which started them, and how to end exactly these again.

A record DIR/run/NAME.pid holds pid and start time. The pair names one process for as long as the machine runs, so a
pid that the kernel has given to somebody else is never signalled: the pidfd is opened first, the start time compared
through /proc after that.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import select
import signal
import subprocess

from .layout import LabError

READY_SECONDS = 30
TERM_SECONDS = 10
READY = "{ready}"  # in a command line: number of the descriptor on which the program reports that it serves


@dataclasses.dataclass(frozen=True)
class Record:
    name: str
    pid: int
    start: int


def start_time(pid):
    """Clock ticks from boot to the start of the process; None if it is gone or only waits to be reaped."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else int(fields[19])


def write_record(lab, name):
    """Runs in the child before exec, so that there is no process without a record."""
    pid = os.getpid()
    temporary = lab.run / f".{name}.pid"
    temporary.write_text(json.dumps({"pid": pid, "start": start_time(pid)}))
    temporary.rename(lab.run / f"{name}.pid")


def record(lab, name):
    """The record of a process that is still alive, or None."""
    try:
        data = json.loads((lab.run / f"{name}.pid").read_text())
    except FileNotFoundError:
        return None
    return Record(name, data["pid"], data["start"]) if start_time(data["pid"]) == data["start"] else None


def records(lab):
    found = (record(lab, path.stem) for path in sorted(lab.run.glob("*.pid")) if not path.name.startswith("."))
    return [each for each in found if each]


def require(lab, name):
    found = record(lab, name)
    if not found:
        raise LabError(f"{name} of the lab {lab.dir} is not running")
    return found


def log_tail(path, lines=12):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def comes_first(sign, daemon, seconds):
    """Whether this descriptor becomes readable before the daemon ends and the time is over."""
    pidfd = os.pidfd_open(daemon)
    try:
        ready, _, _ = select.select([sign, pidfd], [], [], seconds)
        return sign in ready
    finally:
        os.close(pidfd)


def not_ready(lab, name):
    log = lab.logs / f"{name}.log"
    return LabError(f"{name} has not become ready; {log}:\n{log_tail(log)}")


def await_sign(lab, name, pid, reading):
    if not comes_first(reading, pid, READY_SECONDS) or not os.read(reading, 256):
        raise not_ready(lab, name)


@contextlib.contextmanager
def fifo(path):
    """A FIFO, and its reading end, for programs that can only be told a file name."""
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield reading
    finally:
        os.close(reading)


def spawn(lab, name, argv, env, pass_fds=()):
    with open(lab.logs / f"{name}.log", "ab") as output:
        process = subprocess.Popen(
            [str(word) for word in argv], env=env, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, pass_fds=pass_fds, preexec_fn=lambda: write_record(lab, name))
    # The interpreter would warn about a child that it leaves behind.
    process.returncode = 0
    return process.pid


def start(lab, name, argv, env=None, sign=None, probe=None):
    """Start a daemon of the lab and return its pid.

    With a sign, a path, a FIFO is made there and the daemon has served since it wrote to it; a probe, if given, is
    called as long as the FIFO has a reader. Else it has served since it wrote to the descriptor that stands for
    {ready} in argv. With neither, the caller has to see for itself.
    """
    if record(lab, name):
        raise LabError(f"{name} of the lab {lab.dir} is running already")
    if sign:
        with fifo(sign) as reading:
            pid = spawn(lab, name, argv, env)
            await_sign(lab, name, pid, reading)
            if probe:
                probe(lab)
        return pid
    reading, writing = os.pipe()
    try:
        pid = spawn(lab, name, [str(word).replace(READY, str(writing)) for word in argv], env, (writing,))
        if any(READY in str(word) for word in argv):
            await_sign(lab, name, pid, reading)
    finally:
        os.close(reading)
        os.close(writing)
    return pid


def ended(pidfd, seconds):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def end(target):
    """SIGTERM, and SIGKILL if that is not enough. Not an error if the process is gone."""
    try:
        pidfd = os.pidfd_open(target.pid)
    except ProcessLookupError:
        return
    try:
        if start_time(target.pid) != target.start:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        if ended(pidfd, TERM_SECONDS):
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        if not ended(pidfd, TERM_SECONDS):
            raise LabError(f"{target.name}, process {target.pid}, does not end")
    finally:
        os.close(pidfd)


def stop(lab, name):
    """End one daemon and forget it. True if it was running."""
    target = record(lab, name)
    if target:
        end(target)
    (lab.run / f"{name}.pid").unlink(missing_ok=True)
    return target is not None


def members(namespaces):
    """All processes in these network namespaces, given as (device, inode)."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        started = start_time(entry.name)
        try:
            info = os.stat(entry / "ns" / "net")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if started is not None and (info.st_dev, info.st_ino) in namespaces:
            found.append(Record("process", int(entry.name), started))
    return found


@contextlib.contextmanager
def locked(lab):
    """One command at a time changes a lab."""
    directory = os.open(lab.dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise LabError(f"another command is changing the lab {lab.dir}") from error
    finally:
        os.close(directory)
