# SPDX-License-Identifier: LGPL-2.1-or-later
"""A colorimeter that is not there: what its firmware would answer, as fwupd's emulation of devices reads it.

The device takes 64 bytes and gives 64: a command with what belongs to it; an error code, the command, what was asked for.
It runs either its firmware or its bootloader, which are two devices on the bus: an update makes it leave, come back as its
bootloader, be written and read back there, leave, and come back.
"""
import base64
import hashlib
import json
import zipfile

GUID = "40338ceb-b966-4eae-adae-9c32edfcc484"
PROTOCOL = "com.hughski.colorhug"
VENDOR, RUNTIME, BOOTLOADER = 0x273F, 0x1001, 0x1000
MANUFACTURER, PRODUCT = 1, 2
GET_VERSION, RESET, READ, WRITE, BOOT, SET_SUCCESS, ERASE = 0x07, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29
PACKET, BLOCK, START = 64, 32, 0x4000
PACKET_OUT, PACKET_IN = 0x01, 0x81
SMALLEST = 0x2000       # of the firmware that it takes


def event(name, data):
    """fwupd asks for what happened by a part of the digest of its name."""
    return {"Id": "#" + hashlib.sha1(name.encode()).hexdigest()[:8], "Data": base64.b64encode(data).decode()}


def transfer(endpoint, sent, data):
    return event(f"InterruptTransfer:Endpoint=0x{endpoint:02x},Data={base64.b64encode(sent).decode()},Length=0x{PACKET:x}", data)


def command(code, words=b"", answer=b""):
    """A packet to the device, and the one that it answers with. The buffer of the first is what the second is read into."""
    sent = (bytes([code]) + words).ljust(PACKET, b"\0")
    received = (bytes([0, code]) + answer).ljust(PACKET, b"\0")
    return [transfer(PACKET_OUT, sent, sent), transfer(PACKET_IN, sent, received)]


def text(index, words):
    return event(f"GetStringDescriptor:DescIndex=0x{index:02x}", words.encode().ljust(128, b"\0"))


def describe(events, product, made, release):
    """The device on the bus; it counts as another one whenever it was made at another time."""
    names = [text(MANUFACTURER, "Hughski Ltd."), text(PRODUCT, "ColorHug")]
    return {"UsbDevices": [{
        "GType": "FuUsbDevice", "PlatformId": "1-1", "Created": f"2026-01-01T00:00:{made:02}Z", "IdVendor": VENDOR,
        "IdProduct": product, "Device": release, "USB": 0x0200, "Manufacturer": MANUFACTURER, "Product": PRODUCT,
        "UsbEvents": [*names, *events]}]}


def running(version, made, *events):
    numbers = b"".join(int(part).to_bytes(2, "little") for part in version.split("."))
    return describe([*command(GET_VERSION, answer=numbers), *sum(events, [])], RUNTIME, made, 0x0002)


def waiting(made, *events):
    return describe([*command(GET_VERSION, answer=bytes(6)), *sum(events, [])], BOOTLOADER, made, 0x0002)


def written(payload):
    """Everything between the erasing and the reading back of the last block."""
    said = command(SET_SUCCESS, b"\0")
    said += command(ERASE, START.to_bytes(2, "little") + len(payload).to_bytes(2, "little"))
    places = [((START + at).to_bytes(2, "little"), payload[at:at + BLOCK]) for at in range(0, len(payload), BLOCK)]
    for place, block in places:
        total = 0xFF
        for byte in block:
            total ^= byte
        said += command(WRITE, place + bytes([len(block), total]) + block)
    for place, block in places:
        said += command(READ, place + bytes([len(block)]), b"\0" + block)
    return said


NOTHING = {"UsbDevices": []}


def recording(file, before, after, payload, starts_in_bootloader=False, comes_back=True):
    """A recording in which the device runs one version at first and is given another."""
    phases = {
        "setup": waiting(2) if starts_in_bootloader else running(before, 1),
        "detach": waiting(2) if starts_in_bootloader else running(before, 1, command(RESET)),
        "install": waiting(2, written(payload)),
        "attach": waiting(2, command(BOOT)),
        "reload": running(after, 3, command(SET_SUCCESS, b"\1")) if comes_back else NOTHING,
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, phase in phases.items():
            archive.writestr(f"{name}.json", json.dumps(phase))
