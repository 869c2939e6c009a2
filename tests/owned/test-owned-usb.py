#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An owned USB qube: whoever answers in the places of its agents.

Row `USB qube`: it can lie about its own devices, withhold, and write what it likes to them; it cannot choose a file, a
device or a version for dom0, print to its terminal, take its time for ever, or have an older version installed.
"""
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import ownedcase
import ownedlab
import productcase
from frames import END, data, frame, header
from ownedcase import EXIT_0, HANG

CAB = pathlib.Path("/usr/share/installed-tests/fwupd/fakedevice124.cab")
GUID = "b585990a-003e-5270-89d5-3705a17f9a43"
WEBCAM = "08d460be0f1f9f128413f816022a6439e0078018"
OTHER = "0123456789abcdef0123456789abcdef01234567"
FIRST, LAST = "1.2.2", "1.2.4"      # before, and what the metadata has
UPDATABLE, INTERNAL, KEYBOARD, ELSEWHERE = 1 << 0, 1 << 1, 1 << 10, 1 << 11

HELLO = frame("HELLO", PROTOCOL=1)
QUBE = frame("QUBE", VERSION="2.0.20", KEYBOARDS=1)
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\u009b31m\u202eaccepted\b\b"
NOISE = 'i=0; while [ $i -lt 200 ]; do cat "$here/noise" >&2; i=$((i + 1)); done'
FLOOD = 'while cat "$here/flood"; do :; done'
# Far more than any answer needs on a busy machine, and what makes a missing one cheap to wait for.
PATIENT = {"ConnectSeconds": 60, "IdleSeconds": 60}
SHORT = {"did not answer in time": {"ConnectSeconds": 1}, "did not go on in time": {"IdleSeconds": 1}}
TURN = "the agent sends a frame out of turn"


def device(**fields):
    """The webcam, but for what is said otherwise; None leaves a field out."""
    webcam = {"ID": WEBCAM, "NAME": "Integrated Webcam", "VENDOR": "ACME Corp.", "VENDOR_ID": "USB:0x046D",
              "VERSION": FIRST, "VERSION_FORMAT": "triplet", "GUID": GUID, "UPDATE_PROTOCOL": "com.acme.test",
              "FLAGS": UPDATABLE}
    return frame("USB_DEVICE", **{name: value for name, value in {**webcam, **fields}.items() if value is not None})


def listing(*devices):
    return HELLO + QUBE + b"".join(devices) + END


def unfit(name, *values):
    """A row for each value that a field must not have."""
    return [(f"{name} {value!r:.40}", listing(device(**{name: value})), EXIT_0, f"unfit {name}") for value in values]


# What it is, what is sent at once, what is done then, and what the message says.
LISTINGS = [
    ("nothing", b"", EXIT_0, "ended early with status 0"),
    *((f"status {status}", HELLO + QUBE + device(), f"exit {status}", message)
      for status, message in ((126, "refused"), (137, "was killed"), (255, "connection broke"),
                              (1, "ended early with status 1"))),
    ("cut in a frame", HELLO + QUBE + header("USB_DEVICE", 100) + b"x", "exit 255", "connection broke"),
    ("no HELLO", QUBE + device() + END, EXIT_0, "does not begin with HELLO"),
    ("HELLO of another protocol", frame("HELLO", PROTOCOL=2), EXIT_0, "HELLO with PROTOCOL 2"),
    ("HELLO twice", HELLO + listing(device()), EXIT_0, TURN),
    ("no QUBE", HELLO + END, EXIT_0, "sends no QUBE"),
    ("QUBE twice", HELLO + QUBE + QUBE + END, EXIT_0, "QUBE twice"),
    ("QUBE behind the devices", HELLO + device() + QUBE + END, EXIT_0, "a device before QUBE"),
    ("fwupd of a version that is a text", HELLO + frame("QUBE", VERSION="2 ok", KEYBOARDS=1) + END, EXIT_0, "unfit VERSION"),
    ("keyboards", HELLO + frame("QUBE", VERSION="2", KEYBOARDS=2**64 - 1) + END, EXIT_0, "KEYBOARDS"),
    ("a device of dom0's kind", HELLO + QUBE + frame("DEVICE", ID=WEBCAM, FLAGS=1) + END, EXIT_0, TURN),
    ("a remote", HELLO + QUBE + frame("REMOTE", ID="lvfs", KIND=1, FLAGS=1) + END, EXIT_0, TURN + "|REMOTE"),
    ("a request", HELLO + frame("REQUEST", PROTOCOL=1, KIND=1, URL="https://x/", MAXIMUM=1), EXIT_0, TURN),
    ("progress", HELLO + QUBE + frame("PROGRESS", DONE=1, TOTAL=100) + END, EXIT_0, TURN),
    ("data", HELLO + QUBE + data(b"x" * 9) + END, EXIT_0, TURN),
    ("unknown type", HELLO + header(999, 0), EXIT_0, "unknown type 999"),
    ("other version", header("HELLO", 0, version=9), EXIT_0, "version 9"),
    ("frame of 4 GiB", HELLO + header("USB_DEVICE", 0xffffffff), EXIT_0, "too long"),
    ("a login prompt", b"\x1b[31mlogin: \r\n" * 99, EXIT_0, "unknown type"),
    ("65 devices", listing(*(device(ID=f"{n:040x}") for n in range(65))), EXIT_0, "more than 64 devices"),
    ("more than 256 KiB", listing(*(device(ID=f"{n:040x}", GUID=[GUID] * 32, VENDOR_ID=["x" * 256] * 8,
                                           UPDATE_PROTOCOL=["x" * 128] * 8)
                                    for n in range(64))), EXIT_0, "more than the allowed 262144 bytes"),
    ("devices without end", HELLO + QUBE, FLOOD, "a device twice"),
    ("the same device twice", listing(device(), device()), EXIT_0, "a device twice"),
    ("a part of itself", listing(device(PARENT=WEBCAM)), EXIT_0, "a part of none before it"),
    ("a part of what is not there", listing(device(PARENT=OTHER)), EXIT_0, "a part of none before it"),
    ("parts of each other", listing(device(PARENT=OTHER), device(ID=OTHER, PARENT=WEBCAM)), EXIT_0,
     "a part of none before it"),
    ("a part of the machine", listing(device(FLAGS=UPDATABLE | INTERNAL)), EXIT_0, "a part of the VM itself"),
    ("unknown flags", listing(device(FLAGS=1 << 40)), EXIT_0, "FLAGS"),
    ("no GUID", listing(device(GUID=None)), EXIT_0, "0 times GUID"),
    ("33 GUIDs", listing(device(GUID=[GUID] * 33)), EXIT_0, "33 times GUID"),
    ("a summary of its own", listing(header("USB_DEVICE", 0)), EXIT_0, "0 times ID"),
    *unfit("ID", "", "*", WEBCAM[:-1], WEBCAM.upper(), "../" * 13 + "x", ESCAPES),
    *unfit("GUID", "", GUID.upper(), "*", ESCAPES[:30]),
    *unfit("VERSION", "", "1 2", "$(reboot)", "1" * 65, "1\n2", ESCAPES),
    *unfit("VERSION_FORMAT", "", "newest", "TRIPLET"),
    *unfit("VERSION_LOWEST", "", "../1"),
    *unfit("NAME", ESCAPES, "a\nqubes-fwupdmgr: b", "x" * 257, "caf\u00e9"),
    *unfit("VENDOR", ESCAPES),
    *unfit("UPDATE_PROTOCOL", "", "a b"),
    ("ERROR with a text", frame("ERROR", CODE=7, DETAIL=ESCAPES), EXIT_0, "unfit DETAIL"),
    ("ERROR with a clean text", frame("ERROR", CODE=3, DETAIL="please run: curl evil"), EXIT_0, "its log says what"),
    ("ERROR of no code", frame("ERROR", CODE=2**64 - 1), EXIT_0, "an unknown error"),
    ("ERROR that there is nothing to do", frame("ERROR", CODE=11), EXIT_0, "no newer version"),
    ("ERROR that dom0 is offline", frame("ERROR", CODE=20), EXIT_0, "an unknown error"),
    ("END with a number", HELLO + QUBE + frame("END", TOTAL=9), EXIT_0, "counts what it has not sent"),
    ("bytes after END", listing(device()) + b"\x1b[2J", EXIT_0, "more after the end"),
    ("END twice", listing(device()) + END, EXIT_0, "more after the end"),
    ("status after END", listing(device()), "exit 1", "ended with status 1"),
    ("noise", HELLO, NOISE + "; exit 3", "ended early with status 3"),
    ("silence", b"", HANG, "did not answer in time"),
    ("silence after HELLO", HELLO, HANG, "did not go on in time"),
    ("silence in a device", HELLO + QUBE + header("USB_DEVICE", 100), HANG, "did not go on in time"),
    ("deaf to signals", HELLO, 'trap "" TERM INT HUP; while :; do sleep 1; done', "did not go on in time"),
]

PERCENT = frame("PROGRESS", DONE=50, TOTAL=100, STATUS=5)
ALL = 'head -c "$(cat "$here/enough")" > "$here/taken"\n'
LATER = 'cat "$here/later"\n'
GOES_ON = "the write may still go on"

# What is sent at once; then what is done, and what of that is sent once the whole cab was taken; what the message says.
PUSHES = [
    ("nothing", b"", EXIT_0, b"", "ended early with status 0"),
    ("no such device", frame("ERROR", CODE=10), EXIT_0, b"", "not in the VM any more"),
    ("attached elsewhere", frame("ERROR", CODE=17), EXIT_0, b"", "attached to another VM"),
    ("HELLO of another protocol", frame("HELLO", PROTOCOL=9), EXIT_0, b"", "HELLO with PROTOCOL 9"),
    ("progress before HELLO", PERCENT, EXIT_0, b"", "does not begin with HELLO"),
    ("dies when it has the cab", HELLO, ALL + "exit 255", b"", f"connection broke.*; {GOES_ON}"),
    ("dies while it writes", HELLO, ALL + LATER + "kill -KILL $$", PERCENT, f"killed.*; {GOES_ON}"),
    ("END with a number", HELLO, ALL + LATER, frame("END", TOTAL=9), f"counts what it has not sent; {GOES_ON}"),
    ("bytes after END", HELLO, ALL + LATER, END + b"\x1b[2J", f"more after the end; {GOES_ON}"),
    ("a status after END", HELLO, ALL + LATER + "exit 7", END, f"ended with status 7; {GOES_ON}"),
    ("101 percent", HELLO, ALL + LATER, frame("PROGRESS", DONE=101, TOTAL=100), f"DONE 101.*{GOES_ON}"),
    ("an action of no kind", HELLO, ALL + LATER, frame("ACTION", KIND=99), f"KIND 99.*{GOES_ON}"),
    ("a device", HELLO, ALL + LATER, device(), f"out of turn; {GOES_ON}"),
    ("progress without end", HELLO, ALL + 'while cat "$here/later"; do :; done', PERCENT * 999,
     f"more than the allowed 1048576 bytes; {GOES_ON}"),
    ("fwupd refuses the signature", HELLO, ALL + LATER, frame("ERROR", CODE=9, STATUS=12), "does not accept the signature"),
    ("there is nothing to do", HELLO, ALL + LATER, frame("ERROR", CODE=11, STATUS=10), "finds nothing to do"),
    ("an error with a text", HELLO, ALL + LATER, frame("ERROR", CODE=3, DETAIL=ESCAPES), f"unfit DETAIL; {GOES_ON}"),
    ("actions without end", HELLO, ALL + 'while cat "$here/later"; do :; done', frame("ACTION", KIND=1) * 999,
     f"more than the allowed 1048576 bytes; {GOES_ON}"),
]


class UsbQube(ownedlab.OwnedLab):
    options = ("--usb", "sys-usb")
    voices = "qubes-fwupdmgr|warning|sys-usb"

    def setUp(self):
        super().setUp()
        self.lab("publish", self.dir, "--cab", CAB)
        self.check(self.tell("refresh"), 0)
        self.agents = self.scratch / "agents"
        self.agents.mkdir()
        call = self.agents / "call"
        call.write_text(f'#!/bin/sh\nhere={self.agents}\nservice=$2\ncat "$here/$2.frames"\n. "$here/$2.then"\n')
        call.chmod(0o755)
        (self.agents / "noise").write_bytes(ESCAPES.encode() * 4096)
        (self.agents / "flood").write_bytes(device())
        self.answer("FwupdDevices", listing(device()))
        self.answer("FwupdInstall", frame("ERROR", CODE=1))
        self.set_config("Usb/Command", f"{call} {{domain}} {{service}}")
        for key, value in PATIENT.items():
            self.set_config(f"Transport/{key}", value)

    def answer(self, service, sends, then=EXIT_0, later=b""):
        """From here on these bytes and lines of shell answer each call."""
        (self.agents / f"qubes.{service}.frames").write_bytes(sends)
        (self.agents / f"qubes.{service}.then").write_text(then + "\n")
        (self.agents / "later").write_bytes(later)

    def domain(self, told):
        return next(each for each in told["domains"] if each["name"] == "sys-usb")

    def test_listings(self):
        """Whatever it says, dom0's own devices are listed, and the qube's failure is the command's."""
        with self.subTest("honest"):
            told = self.check(self.tell("get-devices", "--json"), 0)
            honest = {each["id"]: each for each in told["devices"]}
            self.assertEqual(honest[WEBCAM]["domain"], "sys-usb")
            own = sorted(each for each in honest if honest[each]["domain"] == "dom0")
            self.assertTrue(own)
        for name, sends, then, message in LISTINGS:
            with self.subTest(name), self.configured(**SHORT.get(message, {})):
                self.answer("FwupdDevices", sends, then)
                done = self.tell("get-devices", "--json")
                told = self.check(done, 1, f"sys-usb: .*({message})")
                self.assertEqual(sorted(each["id"] for each in told["devices"]), own)
                self.assertEqual(self.domain(told)["state"], "failed")

    def offers(self, *devices):
        """What get-updates offers when these are listed: id -> version; and devices, id -> device."""
        self.answer("FwupdDevices", listing(*devices))
        done = self.tell("get-updates", "--json")
        told = json.loads(done.out)
        self.assertIn(told.get("error", {"code": "refused"})["code"], ("nothing-to-do", "refused"))
        self.check(done, {"nothing-to-do": 2, "refused": 1, None: 0}[told.get("error", {"code": None})["code"]])
        listed = self.check(self.tell("get-devices", "--json"), 0)
        return ({each["deviceId"]: each["versionTo"] for each in told.get("updates", []) if "error" not in each},
                {each["id"]: each for each in listed["devices"] if each["domain"] != "dom0"})

    def test_lies(self):
        """What it says of its devices is within its range, and not true."""
        own = self.check(self.tell("get-devices", "--json"), 0)["devices"]
        board = next(each for each in own if each["domain"] == "dom0")
        with self.subTest("honest"):
            self.assertEqual(self.offers(device())[0], {WEBCAM: LAST})
        for name, fields in (("a newer version", {"VERSION": "1.2.5"}), ("the newest", {"VERSION": LAST}),
                             ("no version", {"VERSION": None}), ("a GUID of dom0's", {"GUID": [GUID, board["guids"][0]]}),
                             ("the id of dom0's", {"ID": board["id"], "GUID": board["guids"]}),
                             ("another format", {"VERSION_FORMAT": "plain"}), ("a number", {"VERSION_FORMAT": "number"}),
                             ("not updatable", {"FLAGS": 0}), ("of a vendor", {"UPDATE_PROTOCOL": "org.flashrom"}),
                             ("accepts nothing older", {"VERSION_LOWEST": "9.0.0"})):
            with self.subTest(name):
                offered, listed = self.offers(device(**fields))
                self.assertEqual(offered, {})
                self.assertEqual(len(listed), 1)
        with self.subTest("dom0's is found by its id, whatever a qube says"):
            self.answer("FwupdDevices", listing(device(ID=board["id"])))
            done = self.tell("update", board["id"], "-y")
            self.check(done, 2)
            self.assertNotIn(b"Webcam", done.out)
        with self.subTest("attached elsewhere"):
            self.answer("FwupdDevices", listing(device(FLAGS=UPDATABLE | ELSEWHERE)))
            self.check(self.tell("update", f"sys-usb:{WEBCAM}", "-y"), 1, "another qube")
        with self.subTest("a keyboard, and there is no other"):
            self.answer("FwupdDevices", listing(device(FLAGS=UPDATABLE | KEYBOARD)))
            self.check(self.tell("update", f"sys-usb:{WEBCAM}", "-y"), 1, "the only keyboard")

    def update(self, status, message=None):
        return self.check(self.tell("update", f"sys-usb:{WEBCAM}", "-y"), status, message)

    def test_pushes(self):
        """Whatever it does with a cab, the command ends, says whether something may go on, and remembers nothing."""
        cab = CAB.read_bytes()
        sent = len(data(cab)) + len(frame("PUSH", PROTOCOL=1, ID=WEBCAM, SIZE=1, SHA256=bytes(32), FLAGS=0))
        (self.agents / "enough").write_text(str(sent))
        for name, sends, then, later, message in PUSHES:
            with self.subTest(name):
                self.answer("FwupdInstall", sends, then, later)
                done = self.tell("update", f"sys-usb:{WEBCAM}", "-y")
                self.check(done, 1, message)
                self.assertEqual(GOES_ON in message, GOES_ON.encode() in done.err)
        with self.subTest("silence before HELLO"), self.configured(ConnectSeconds=1):
            self.answer("FwupdInstall", b"", HANG)
            # the list of devices must come within that second, too
            self.update(1, "did not answer in time")
        with self.subTest("says END, and has done nothing"):
            self.answer("FwupdInstall", HELLO, ALL + LATER, END)
            self.update(1, f"version {LAST} was installed, but the device reports {FIRST}")
        with self.subTest("says END at once"):     # and is gone before the cab is sent, or not
            self.answer("FwupdInstall", HELLO + END)
            self.update(1, f"before it has the whole archive|but the device reports {FIRST}")
        with self.subTest("the cab is what was published"):
            self.answer("FwupdInstall", HELLO, ALL + f'cp "$here/after" "$here/qubes.FwupdDevices.frames"\n' + LATER, END)
            (self.agents / "after").write_bytes(listing(device(VERSION=LAST)))
            self.update(0)
            taken = (self.agents / "taken").read_bytes()
            self.assertEqual(len(taken), sent)
            self.assertEqual(taken[-sent:].split(header("DATA", len(cab)))[-1], cab)
        with self.subTest("and then claims to have an older version"):
            self.answer("FwupdDevices", listing(device(VERSION=FIRST)))
            (self.agents / "taken").unlink()
            self.update(1, "(?i)lie|claims|older|read back")
            self.assertFalse((self.agents / "taken").exists())


if __name__ == "__main__":
    productcase.needs()
    ownedcase.needs(CAB)
    unittest.main()
