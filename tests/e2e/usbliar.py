#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agents of a USB qube that say what a test wants: usbliar.py FOLDER SERVICE.

FOLDER/plan.json has `devices`: of each listing, one after the other and the last one for ever, the fields of the webcam that
differ (null: it is not there); `keyboards`; `actions`: that are asked for before the end of a write; `gate`: whether the end
waits until FOLDER/gate is there; `silent`: whether a write is not even begun; `dies`: whether
it is left in the middle. FOLDER/calls gets a line for each call, FOLDER/pushed the bytes that came.
"""

import hashlib
import json
import pathlib
import sys
import time

from qfuwire import CODE, DATA, DONE, END, ERROR, FLAGS, HELLO, KIND, LENGTH, PROGRESS, PROTOCOL, SHA256, STATUS, TOTAL
from qfuwire import frame, read_frame

LIST, QUBE, USB_DEVICE, PUSH, ACTION = range(120, 125)
NAME, ID, GUID, VERSION, VERSION_FORMAT, VENDOR, UPDATE_PROTOCOL, KEYBOARDS = 13, 14, 24, 25, 26, 30, 46, 180
UPDATABLE = 1
MISMATCH = 8
DEVICE = {"id": "08d460be0f1f9f128413f816022a6439e0078018", "name": "Integrated Webcam", "vendor": "ACME",
          "version": "1.2.2", "format": "triplet", "guid": "b585990a-003e-5270-89d5-3705a17f9a43", "flags": UPDATABLE}


def send(kind, fields=None):
    sys.stdout.buffer.write(frame(kind, fields))
    sys.stdout.buffer.flush()


def of_this_call(plan, calls):
    number = sum(line == "qubes.FwupdDevices\n" for line in calls)
    states = plan["devices"]
    return states[min(number, len(states)) - 1]


def tell(plan, calls):
    state = of_this_call(plan, calls)
    send(HELLO, {PROTOCOL: 1})
    send(QUBE, {VERSION: "2.0.20", KEYBOARDS: plan.get("keyboards", 0)})
    if state is not None:
        device = DEVICE | state
        send(USB_DEVICE, {ID: device["id"], NAME: device["name"], VENDOR: device["vendor"], VERSION: device["version"],
                          VERSION_FORMAT: device["format"], GUID: device["guid"], UPDATE_PROTOCOL: "com.acme.test",
                          FLAGS: device["flags"]})
    send(END)


def install(plan, push):
    if plan.get("silent"):
        sys.stdin.buffer.read()
        return
    send(HELLO, {PROTOCOL: 1})
    taken = b""
    while len(taken) < push[LENGTH]:
        kind, payload = read_frame(sys.stdin.buffer)
        if kind != DATA:
            raise ValueError(f"frame {kind} instead of DATA")
        taken += payload
    (FOLDER / "pushed").write_bytes(taken)
    if hashlib.sha256(taken).digest() != push[SHA256]:
        send(ERROR, {CODE: MISMATCH})
        return
    for action in plan.get("actions", []):
        send(ACTION, {KIND: action})
    if plan.get("dies"):
        sys.exit(1)
    while plan.get("gate") and not (FOLDER / "gate").exists():
        send(PROGRESS, {DONE: 50, TOTAL: 100, STATUS: 5})
        time.sleep(0.1)
    send(PROGRESS, {DONE: 100, TOTAL: 100, STATUS: 5})
    send(END)


FOLDER = pathlib.Path(sys.argv[1])
SERVICE = sys.argv[2]
with (FOLDER / "calls").open("a", encoding="ascii") as log:
    log.write(SERVICE + "\n")
with (FOLDER / "calls").open(encoding="ascii") as log:
    CALLS = log.readlines()
PLAN = json.loads((FOLDER / "plan.json").read_text(encoding="ascii"))
TYPE, FIELDS = read_frame(sys.stdin.buffer)
if TYPE == LIST:
    tell(PLAN, CALLS)
else:
    install(PLAN, FIELDS)
