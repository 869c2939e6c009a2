# SPDX-License-Identifier: LGPL-2.1-or-later
"""Seeds of frames: what the peers of dom0 say when nothing is wrong."""

import hashlib
import os
import re
import struct

import bytesof

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../qubes-fwupd/qfu-wire-table.h")
SHA256 = struct.pack("<H", 11) + hashlib.sha256(b"bytes").digest()   # a digest field: TPM's number, then the value


def numbers():
    with open(HEADER, encoding="utf-8") as stream:
        return {name: int(value) for name, value in re.findall(r"QFU_(\w+) = (\d+),", stream.read())}


NUMBER = numbers()


def fields(**values):
    """Fields by their names in lower case; a list is a field that comes several times."""
    out = []
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            data = struct.pack("<Q", one) if isinstance(one, int) else one.encode() if isinstance(one, str) else one
            out.append((NUMBER["FIELD_" + name.upper()], data))
    return out


def frame(name, /, **values):
    return bytesof.frame(NUMBER["FRAME_" + name], fields(**values))


def data(payload):
    return bytesof.frame(NUMBER["FRAME_DATA"], payload=payload)


HELLO = frame("HELLO", protocol=1)
END = frame("END")
ERROR = frame("ERROR", code=6, status=404, detail="too long")


def request(_limit):
    whole = {"protocol": 1, "kind": 3, "url": "https://cdn.example.org/downloads/a%20b.cab?c=d", "maximum": 1 << 20}
    for name, more in (("plain", {}), ("resumed", {"offset": 5, "sha256": hashlib.sha256(b"bytes").digest()}),
                       ("metadata", {"kind": 2, "flags": 3, "url": "https://[2001:db8::1]:443/firmware.xml.zst"})):
        yield name, frame("REQUEST", **(whole | more))[8:]


def usb_order(_limit):
    cab = bytes(range(256)) * 8
    push = frame("PUSH", protocol=1, id="0123456789abcdef" * 2 + "01234567", size=len(cab), sha256=hashlib.sha256(cab).digest(),
                 flags=3)[8:]
    push = struct.pack("<H", len(push)) + push
    whole = [data(cab[at:at + 1500]) for at in range(0, len(cab), 1500)]
    yield "whole", push + b"".join(whole)
    yield "cut", push + whole[0]
    yield "other", push + whole[0] + data(cab[:len(cab) - 1500])
    yield "early-end", push + END


def fetch(_limit):
    yield "whole", (HELLO + frame("PROGRESS", done=2, total=5) + frame("SIZE", size=5) + data(b"by") + data(b"tes") +
                    frame("END", total=5))
    yield "no-size", HELLO + data(b"bytes") + frame("END", total=5)
    yield "error", HELLO + ERROR
    yield "early-end", HELLO + frame("SIZE", size=5) + data(b"by")


def resumed(_limit):
    yield "on", HELLO + frame("SIZE", size=65541, offset=65536) + data(b"bytes") + frame("END", total=65541)
    yield "complete", HELLO + frame("SIZE", size=65536, offset=65536) + frame("END", total=65536)
    yield "anew", HELLO + frame("SIZE", size=5) + data(b"bytes") + frame("END", total=5)
    yield "elsewhere", HELLO + frame("SIZE", size=65536, offset=5) + data(b"bytes")


def jcat(_limit):
    yield "items", (frame("JCAT_ITEM", id="firmware-00001.xml.zst", alias=["firmware.xml.zst", "a"]) +
                    frame("JCAT_BLOB", kind=1, flags=1, time=1700000000, blob=b"00" * 32) +
                    frame("JCAT_BLOB", kind=3, flags=0, blob=b"\x30\x82\0\0") +
                    frame("JCAT_ITEM", id="firmware.bin") + END)
    yield "error", ERROR


def catalog(_limit):
    component = frame("COMPONENT", id="org.a.firmware", name="A", summary="b", vendor="c", branch="d",
                      version_format="triplet", guid=["b8df02ef-e47d-5ff7-9e2b-2a5ee8c57a0b"],
                      update_protocol="org.uefi.capsule")
    release = frame("RELEASE", version="1.2.3", time=1700000000, urgency="high", location="https://a/b.cab",
                    sha256=hashlib.sha256(b"cab").digest(), content_sha256=hashlib.sha256(b"rom").digest(),
                    content_name="firmware.bin", size=1234, installed_size=5678, duration=90, description="words\nand more",
                    cve=["CVE-2023-1"], device_checksum=["00" * 32])
    yield "whole", component + frame("REQUIREMENT", kind=1, compare="ge", version="1.0", value="a") + release + END
    yield "plain", frame("COMPONENT", id="a") + frame("RELEASE", version="1", location="b.cab") + END
    yield "release-first", release + component + END


def cab(_limit):
    yield "members", (frame("MEMBER", name="firmware.metainfo.xml", size=5) + data(b"bytes") +
                      frame("MEMBER", name="empty", size=0) + frame("MEMBER", name="a.rom", size=4) + data(b"ab") +
                      data(b"cd") + END)
    yield "way-up", frame("MEMBER", name="../a", size=0) + END
    yield "too-few", frame("MEMBER", name="a", size=9) + data(b"bytes") + END


def descriptor():
    """Of the image that the reader is given."""
    return frame("DESCRIPTOR", offset=16, registers=[struct.pack("<3I", 0x04040003, 0x100008, 0x20),
                                                     struct.pack("<2I", 0, 0xf0001) + struct.pack("<I", 0x7fff) * 14,
                                                     b"\xff" * 4])


def ifd(_limit):
    yield "descriptor", descriptor() + END
    yield "twice", descriptor() * 2 + END
    yield "none", END


def rom(_limit):
    areas = (descriptor() + frame("REGION", name="FMAP", offset=4096, size=512, flags=0) +
             frame("REGION", name="COREBOOT", offset=4608, size=50000, flags=0) +
             frame("REGION", name="FW_MAIN_A", offset=60512, size=64, flags=0))
    yield "unused", (areas + frame("UNUSED", region=1, offset=4648, size=9000, header=40) +
                     frame("FILE", region=1, name="bootblock", kind=1, offset=20000, size=72) + END)
    yield "image", (areas + frame("FILE", region=1, name="bootblock", kind=1, offset=14600, size=72) +
                    frame("FILE", region=1, name="fallback/romstage", kind=0x11, offset=14700, size=64, load_address=9) +
                    frame("SETTING", region=1, name="CONFIG_TPM2", value="y") +
                    frame("SETTING", region=2, name="CONFIG_TPM2", value="n") + END)
    yield "outside", areas + frame("FILE", region=2, name="a", kind=1, offset=60512, size=65) + END
    yield "no-region", frame("FILE", region=0, name="a", kind=1, offset=0, size=1) + END


def eventlog(_limit):
    events = (frame("EVENT", pcr=2, kind=5, name="CBFS: a", digest=[SHA256], flags=1) +
              frame("EVENT", pcr=0, kind=3, digest=[SHA256, struct.pack("<H", 4) + b"\1" * 20]) +
              frame("EVENT", pcr=7, kind=4, digest=[struct.pack("<H", 0x0c) + b"\1" * 48], blob=b"\xff" * 4))
    yield "log", frame("LOG", kind=3, flags=1, locality=3) + events + END
    yield "event-first", events + END
    yield "two-logs", frame("LOG", kind=1) + frame("LOG", kind=1) + END


def cbtable(_limit):
    area = frame("CBMEM", kind=0x54435041, address=0xbfe40000, size=0x10000)
    yield "areas", area + frame("CBMEM", kind=0x434f4e53, address=0xfebf0000, size=0x10000) + END
    yield "forward", frame("FORWARD", address=0xbfe00000) + END
    yield "outside", frame("CBMEM", kind=1, address=0xfebf0000, size=0x10001) + END
    yield "nowhere", frame("FORWARD", address=0) + END


def secrets(_limit):
    volume = frame("LUKS", keyslots=3, others=1)
    token = frame("SECRET", kind=1, index=0, flags=1, selection=11 << 32 | 0x85, signed=11 << 32 | 0x800)
    yield "volume", volume + token + frame("SECRET", kind=4, index=2, name="vendor-tpm", flags=4) + END
    yield "token-first", token + volume + END
    yield "no-bank", volume + frame("SECRET", kind=2, index=31, selection=0x80) + END
    yield "other-bank", volume + frame("SECRET", kind=1, index=1, selection=0x12 << 32 | 1) + END


def index(limit):
    """The frames of a catalogue as they lie in an index: without an end."""
    for name, frames in catalog(limit):
        yield name, frames.removesuffix(END)
    other = frame("COMPONENT", id="b", guid=["11111111-1111-1111-1111-111111111111"])
    yield "broken", frame("COMPONENT", id="a", flags=1, summary="why") + other
    yield "not-wanted", other + frame("RELEASE", version="1") + frame("COMPONENT", id="c")
    yield "cut", other + frame("RELEASE", version="1")[:-1]


def quote(_limit):
    good = {"status": 0, "key_name": b"\0\x0b" + b"\1" * 32, "nonce": b"\2" * 8, "digest": SHA256,
            "selection": [11 << 32 | 0xffffff, 4 << 32 | 7], "clock": 1000, "reset_count": 3, "restart_count": 0, "flags": 1}
    yield "good", frame("QUOTE", **good) + END
    yield "bad", frame("QUOTE", status=2, key_name=good["key_name"]) + END
    yield "no-selection", frame("QUOTE", **{name: value for name, value in good.items() if name != "selection"}) + END


def enrolment(_limit):
    good = {"status": 0, "key_name": b"\0\x0b" + b"\1" * 32, "kind": 2, "key": b"\3" * 64, "authority": "CN=a", "serial": b"\5"}
    yield "good", frame("ENROLMENT", **good) + END
    yield "bad", frame("ENROLMENT", status=5) + END


def pcrfile(_limit):
    yield "two", frame("PCR", pcr=0, digest=SHA256) + frame("PCR", pcr=23, digest=SHA256) + END


def refvals(_limit):
    value = frame("REFERENCE", index=1, status=4, pcr=2, kind=1, digest=SHA256, flags=1)
    yield "two", (frame("REFERENCE", index=1, status=4, version="1.0") + value + value +
                  frame("REFERENCE", index=2, status=3) + END)


def manifest(_limit):
    head = frame("MANIFEST", version="1.2", sha256=b"\1" * 32)
    objects = frame("MANIFEST_OBJECT", name="FMAP", digest=SHA256) + frame(
        "MANIFEST_OBJECT", name="COREBOOT", file_name="bootblock", digest=[SHA256, b"\4\0" + b"\2" * 20])
    recipe = (frame("RECIPE", name="normal", summary="as delivered") + frame("RECIPE_STEP", pcr=2, index=1) +
              frame("RECIPE_STEP", pcr=2, index=0) + frame("PCR", pcr=2, digest=SHA256))
    yield "whole", head + objects + recipe + frame("RECIPE", name="rescue") + END
    yield "objects", head + objects + END
    yield "late", head + objects + recipe + objects + END
    yield "twice", head + objects + recipe + recipe + END


def usbqube(_limit):
    qube = frame("QUBE", version="2.0.20", keyboards=1)
    webcam = {"id": "0123456789abcdef" * 2 + "01234567", "guid": ["b585990a-003e-5270-89d5-3705a17f9a43"] * 2, "flags": 1}
    rest = {"name": " Webcam", "vendor": "ACME", "vendor_id": "USB:0x046D", "branch": "default", "version": "1.2.2~rc1",
            "version_format": "triplet", "version_lowest": "1.2.0", "update_protocol": "com.acme.test"}
    part = frame("USB_DEVICE", **webcam | {"id": "89abcdef" * 5, "parent": webcam["id"]})
    yield "whole", HELLO + qube + frame("USB_DEVICE", **webcam, **rest) + part + END
    yield "none", HELLO + qube + END
    yield "twice", HELLO + qube + frame("USB_DEVICE", **webcam) * 2 + END
    yield "orphan", HELLO + qube + part + END
    yield "internal", HELLO + qube + frame("USB_DEVICE", **webcam | {"flags": 3}) + END
    yield "error", HELLO + frame("ERROR", code=12, status=11)
    yield "no-qube", HELLO + END


MAKERS = {"request": request, "usb-order": usb_order, "reader-usbqube": usbqube,
          "reader-fetch": fetch, "reader-resumed": resumed, "reader-jcat": jcat,
          "reader-catalog": catalog, "reader-cab": cab, "reader-rom": rom, "reader-ifd": ifd, "reader-eventlog": eventlog,
          "reader-index": index, "reader-cbtable": cbtable, "reader-quote": quote, "reader-enrolment": enrolment,
          "reader-pcrfile": pcrfile, "reader-refvals": refvals,
          "reader-secrets": secrets, "reader-manifest": manifest}
