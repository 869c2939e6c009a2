# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small dom0 for tests of faults: the product with its true workers, a mirror that is a folder, and a stand-in for
fwupd. It is a folder that can be put back as it was in milliseconds.
"""
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("QFU_BUILD_ROOT", ROOT / "build"))
PROGRAM = BUILD / "dom0" / "qubes-fwupdmgr"
SKIP = 77
RUN_SECONDS = 60
PAYLOAD_SIZE = 150_000    # bytes: more than two frames
STRANGER = 54321      # a uid of nobody
WORKER = 54322        # another

CONFIG = """\
[Transport]
Type=exec
Command={agent} {mirror}
[Trust]
MetadataKeys={keys}
FirmwareKeys={keys}
[Remote lab]
SystemFirmware=true
[Paths]
State={root}/state
Cache={root}/cache
Runtime={root}/run
Programs={programs}
[Worker]
User={worker}
"""

# What changes a file, starts or ends a process, or makes what a process needs; and how it can fail. clone3 is a thread of
# GLib's for D-Bus: it ends the process that cannot have it, which is before anything is staged.
CALLS = {
    "openat": "ENOSPC", "open": "ENOSPC", "write": "ENOSPC", "pwrite64": "EIO", "writev": "ENOSPC",
    "rename": "EROFS", "renameat": "EROFS", "renameat2": "EIO", "unlink": "EROFS", "unlinkat": "EIO", "fsync": "EIO",
    "fdatasync": "EIO", "mkdir": "ENOSPC", "mkdirat": "EROFS", "ftruncate": "ENOSPC", "fallocate": "ENOSPC",
    "link": "EROFS", "linkat": "EROFS", "symlinkat": "EROFS", "fchmod": "EROFS", "fchmodat": "EROFS", "flock": "ENOLCK",
    "memfd_create": "EMFILE", "clone": "EAGAIN", "clone3": None, "vfork": "EAGAIN", "pipe2": "EMFILE",
    "copy_file_range": "ENOSPC", "sendfile": "ENOSPC", "kill": None, "wait4": None, "dup3": "EMFILE",
}
# Nobody but the run itself can see these: being ended before one is being ended before the next.
UNSEEN = re.compile(r"(?:pipe2|memfd_create|dup3)\(|openat\((?!.*O_CREAT)")
LOADER = re.compile(r"\.so[.\d]*[\"'>]|/etc/ld\.so|/usr/lib/locale|/gconv|/proc/self")

COMPONENT = """\
  <component type="firmware">
    <id>org.example.board</id>
    <name>Board</name>
    <provides><firmware type="flashed">b8df02ef-e47d-5ff7-9e2b-2a5ee8c57a0b</firmware></provides>
    <custom><value key="LVFS::VersionFormat">triplet</value></custom>
    <releases>
      <release version="{version}" timestamp="1700000000">
        <checksum type="sha256" target="content" filename="firmware.bin">{content}</checksum>
        {about_the_cab}
      </release>
    </releases>
  </component>
"""
ABOUT_THE_CAB = """\
<location>https://mirror.example.org/board-{version}.cab</location>
        <checksum type="sha256" target="container" filename="board.cab">{container}</checksum>
        <size type="download">{size}</size>
        <size type="installed">{installed}</size>
"""
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def enter():
    """Be root, of this machine or of a user namespace, in a mount namespace of our own; else end as skipped."""
    if os.environ.get("QFU_FAULTS_INSIDE"):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    command = ["unshare", *user, "--mount", "--propagation=private"]
    done = subprocess.run([*command, "true"], check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"neither root nor subordinate uids, and a mount namespace: {done.stderr.strip()}")
        sys.exit(SKIP)
    os.environ["QFU_FAULTS_INSIDE"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def tool(*command, cwd=None):
    subprocess.run([str(word) for word in command], cwd=cwd, check=True, timeout=60, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Signer:
    """An authority and a leaf, made once for all tests of a program."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = folder / "keys"
        self.keys.mkdir(parents=True)
        for name, words in (("ca", "ca\ncert_signing_key\n"), ("leaf", "signing_key\ncode_signing_key\n")):
            (folder / f"{name}.template").write_text(f"cn = {name}\nexpiration_days = 365\n{words}")
            tool("certtool", "--generate-privkey", "--key-type=rsa", "--bits=2048", f"--outfile={name}.key", cwd=folder)
        tool("certtool", "--generate-self-signed", "--load-privkey=ca.key", "--template=ca.template",
             "--outfile=keys/ca.pem", cwd=folder)
        tool("certtool", "--generate-certificate", "--load-privkey=leaf.key", "--load-ca-certificate=keys/ca.pem",
             "--load-ca-privkey=ca.key", "--template=leaf.template", "--outfile=leaf.pem", cwd=folder)

    @staticmethod
    def firmware(folder, version):
        """A cab, not compressed. Returns the metadata that names it."""
        payload = (version.encode() * PAYLOAD_SIZE)[:PAYLOAD_SIZE]
        known = {"version": version, "content": hashlib.sha256(payload).hexdigest()}
        cab = folder / f"board-{version}.cab"
        with tempfile.TemporaryDirectory() as work:
            pathlib.Path(work, "firmware.bin").write_bytes(payload)
            pathlib.Path(work, "firmware.metainfo.xml").write_text(XML + COMPONENT.format(about_the_cab="", **known))
            tool("gcab", "--create", "--nopath", cab, "firmware.metainfo.xml", "firmware.bin", cwd=work)
        data = cab.read_bytes()
        about = ABOUT_THE_CAB.format(container=hashlib.sha256(data).hexdigest(), size=len(data),
                                     installed=len(payload), **known)
        return (f'{XML}<components origin="lab" version="0.9">\n' +
                COMPONENT.format(about_the_cab=about.strip(), **known) + "</components>\n")

    def mirror(self, folder, version):
        """A mirror with signed metadata that offers this version. Returns the second of its signature or one before."""
        folder.mkdir()
        name = f"firmware-{version}.xml.gz"
        (folder / name).write_bytes(gzip.compress(self.firmware(folder, version).encode(), mtime=0))
        ring = ["jcat-tool", "--keyring", self.folder / "ring"]
        jcat = "firmware.xml.gz.jcat"
        second = int(time.time())
        tool(*ring, "self-sign", "--kind", "sha256", jcat, name, cwd=folder)
        tool(*ring, "sign", jcat, name, self.folder / "leaf.pem", self.folder / "leaf.key", cwd=folder)
        tool(*ring, "add-alias", jcat, name, "firmware.xml.gz", cwd=folder)
        return second


def wait_for(condition, what, seconds=30):
    """Wait until something is so that another process brings about."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)


# how the last refresh ended, and who holds the lock: for others to read, with times and processes in it
STATE, LOCK = TOLD = ("state/refresh.json", "run/update.lock")


def contents(folder):
    """Path -> bytes of all files below, links as where they lead."""
    found = {}
    for where, _folders, files in os.walk(folder):
        for name in files:
            path = pathlib.Path(where, name)
            found[str(path.relative_to(folder))] = (os.readlink(path) if path.is_symlink() else path.read_bytes())
    return found


class FaultCase(unittest.TestCase):
    """Tests whose dom0 is self.root; `old` and `new` are signed metadata, one second or more apart."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="qfu-faults-", dir="/tmp")
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = pathlib.Path(folder.name)
        cls.scratch.chmod(0o755)
        cls.root = cls.scratch / "dom0"
        cls.root.mkdir()
        signer = Signer(cls.scratch / "signer")
        second = signer.mirror(cls.scratch / "old", "1.1.0")
        wait_for(lambda: int(time.time()) > second + 1, "another second")
        signer.mirror(cls.scratch / "new", "1.2.0")
        programs = cls.root / "programs"
        programs.mkdir()
        for path in (BUILD / "dom0").iterdir():
            if path.is_file() and os.access(path, os.X_OK) and path.name not in ("qfu-fwupd", "qubes-fwupdmgr"):
                (programs / path.name).symlink_to(path)
        (programs / "qfu-fwupd").symlink_to(BUILD / "tests" / "faults" / "standin-fwupd")
        cls.config = cls.root / "qubes-fwupd.conf"
        cls.config.write_text(CONFIG.format(root=cls.root, programs=programs, keys=signer.keys, worker=WORKER,
                                            mirror=cls.root / "mirror",
                                            agent=BUILD / "tests" / "faults" / "folder-agent"))
        cls.command = [str(PROGRAM), "--config", str(cls.config)]

    def setUp(self):
        self.reset()
        self.addCleanup(self.no_process_left)

    def reset(self):
        """Before the first refresh, with the old metadata on the mirror and nothing in fwupd."""
        for name in ("state", "cache", "run", "fwupd", "mirror"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        (self.root / "fwupd").mkdir()
        self.serve("old")

    def serve(self, which):
        shutil.rmtree(self.root / "mirror", ignore_errors=True)
        shutil.copytree(self.scratch / which, self.root / "mirror")

    def run_verb(self, *words, prefix=(), **more):
        """A verb to its end."""
        command = [*map(str, prefix), *self.command, *map(str, words)]
        more.setdefault("timeout", RUN_SECONDS)
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, **more)

    def start_verb(self, *words, prefix=(), **more):
        command = [*map(str, prefix), *self.command, *map(str, words)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, start_new_session=True, **more)

    def good(self, *words, status=0):
        done = self.run_verb(*words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def failed(self, done, message=".", status=1):
        """It ended by itself, with a message of ours."""
        self.assertEqual(done.returncode, status, f"{done.stdout}{done.stderr}")
        self.assertIn("qubes-fwupdmgr: ", done.stderr)
        self.assertRegex(done.stderr, message)

    def moments(self, words, good=(0, 2)):
        """The calls of a whole run, (name, which one of that name, whether it shows), without those of the loader."""
        log = self.scratch / "calls"
        done = self.run_verb(*words, prefix=["strace", "-qq", "-y", "-o", str(log), "-e", "trace=" +
                                             ",".join("?" + name for name in CALLS), "--"])
        self.assertIn(done.returncode, good, f"{words}: {done.stdout}{done.stderr}")
        counts, found = {}, []
        for line in log.read_text().splitlines():
            name = re.match(r"(\w+)\(", line)
            if not name:
                continue
            counts[name[1]] = counts.get(name[1], 0) + 1
            if not LOADER.search(line):
                found.append((name[1], counts[name[1]], not UNSEEN.match(line)))
        return found

    def offered(self):
        """The version that verified metadata offers; None before there is any, or with metadata that is refused."""
        done = self.run_verb("get-updates")
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        found = [version for version in ("1.1.0", "1.2.0") if version in done.stdout]
        self.assertEqual(len(found), done.returncode == 0, f"{done.stdout}{done.stderr}")
        return found[0] if found else None

    def processes(self):
        """Command lines of the processes that have something to do with this dom0."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                descriptors = [os.readlink(fd) for fd in (entry / "fd").iterdir()]
                zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            ours = str(self.root)
            if int(entry.name) != os.getpid() and not zombie and (
                    ours.encode() in said or any(text.startswith(ours) for text in descriptors)):
                found.append(f"{entry.name} {said[:300]!r}")
        return found

    def no_process_left(self):
        """What a killed run started dies with it, which the kernel needs a moment for."""
        wait_for(lambda: not self.processes(), f"the end of {self.processes()}", 10)


def strace(*options):
    return ["strace", "-qq", "-o", "/dev/null", *options, "--"]


def main():
    sys.dont_write_bytecode = True
    enter()
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "none:"    # not this machine's logind
    if not (BUILD / "tests" / "faults" / "standin-fwupd").exists():
        print("the stand-in for fwupd was not built")
        sys.exit(SKIP)
    unittest.main(module="__main__", verbosity=2)


__all__ = ["CALLS", "FaultCase", "contents", "main", "strace", "wait_for"]
