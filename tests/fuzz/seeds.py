# SPDX-License-Identifier: LGPL-2.1-or-later
"""Seeds for the fuzz targets: small files of each real format, made here or by the format's own
tool, and the fixtures of ../shared/data when they are there."""

import base64
import glob
import gzip
import hashlib
import json
import lzma
import os
import struct
import subprocess
import tempfile
import zipfile
import zlib

import bytesof
import framesof

HERE = os.path.dirname(os.path.abspath(__file__))
METAINFO = os.path.join(HERE, "corpus/metainfo/board.metainfo.xml")
SIGNED_TEXT = b"what is signed\n"


def fixtures(limit, *patterns):
    """Fixtures, decompressed, of at most `limit` bytes."""
    root = os.environ.get("QFU_SHARED_DATA", os.path.join(HERE, "../../../shared/data"))
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            opener = lzma.open if path.endswith(".xz") else open
            with opener(path, "rb") as stream:
                data = stream.read(limit + 1)
            if len(data) <= limit:
                name = os.path.relpath(path, root).replace("/", "-")
                yield name.removesuffix(".xz"), data


def metainfo():
    with open(METAINFO, "rb") as stream:
        return stream.read()


def lengths(*inputs):
    """Several inputs as one: all but the last with their length before them."""
    return b"".join(struct.pack("<I", len(i)) + i for i in inputs[:-1]) + inputs[-1]


def tool(directory, *command):
    subprocess.run(command, cwd=directory, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)


def write(directory, name, data):
    with open(os.path.join(directory, name), "wb") as stream:
        stream.write(data)


def read(directory, name):
    with open(os.path.join(directory, name), "rb") as stream:
        return stream.read()


def signature(_limit):
    with tempfile.TemporaryDirectory() as where:
        write(where, "data", SIGNED_TEXT)
        write(where, "ca.tmpl", b'cn = "seed CA"\nca\ncert_signing_key\nexpiration_days = 10000\n')
        write(where, "leaf.tmpl", b'cn = "seed"\nsigning_key\ncode_signing_key\nexpiration_days = 10000\n')
        for name in ("ca", "leaf"):
            tool(where, "certtool", "--generate-privkey", "--key-type=ecdsa", f"--outfile={name}.key")
        tool(where, "certtool", "--generate-self-signed", "--load-privkey=ca.key",
             "--template=ca.tmpl", "--outfile=ca.pem")
        tool(where, "certtool", "--generate-certificate", "--load-privkey=leaf.key",
             "--load-ca-certificate=ca.pem", "--load-ca-privkey=ca.key", "--template=leaf.tmpl",
             "--outfile=leaf.pem")
        for form, der in (("pem", ()), ("der", ("--outder",))):
            tool(where, "certtool", "--p7-detached-sign", "--p7-time", "--p7-include-cert",
                 "--load-privkey=leaf.key", "--load-certificate=leaf.pem", "--infile=data",
                 f"--outfile=sig.{form}", *der)
        authority = read(where, "ca.pem")
        for form in ("pem", "der"):
            yield form, lengths(SIGNED_TEXT, read(where, f"sig.{form}"), authority)
        yield "other-data", lengths(b"other", read(where, "sig.der"), authority)
        yield "other-authority", lengths(SIGNED_TEXT, read(where, "sig.der"), read(where, "leaf.pem"))


def jcat(_limit):
    blobs = [{"Kind": 1, "Flags": 1, "Timestamp": 1700000000,
              "Data": hashlib.sha256(SIGNED_TEXT).hexdigest()},
             {"Kind": 3, "Flags": 1, "Data": "-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n"},
             {"Kind": 3, "Flags": 0, "AppstreamId": "org.fwupd.lvfs", "Data": "MIIB"}]
    document = {"JcatVersionMajor": 0, "JcatVersionMinor": 1,
                "Items": [{"Id": "firmware-00001.xml.zst", "AliasIds": ["firmware.xml.zst"], "Blobs": blobs},
                          {"Id": "firmware.bin", "Blobs": blobs[:1]}]}
    text = json.dumps(document, indent=1).encode()
    yield "json", text
    yield "gzip", gzip.compress(text, mtime=0)
    yield "escapes", br'{"Items":[{"Id":"\u00e9\\\"","AliasIds":[],"Blobs":[]}],"x":[1.5e3,true,false,null]}'
    yield "two-roots", b"{}{}"
    yield "nested", b"{" + b'"a":[' * 20 + b"]" * 20 + b"}"


def catalog(limit):
    text = b'<components origin="lvfs" version="0.9">' + metainfo().split(b"?>", 1)[1] + b"</components>"
    yield "xml", text
    yield "gzip", gzip.compress(text, mtime=0)
    yield "xz", lzma.compress(text)
    with tempfile.TemporaryDirectory() as where:
        write(where, "xml", text)
        tool(where, "zstd", "-q", "xml")
        yield "zst", read(where, "xml.zst")
    for name, data in fixtures(limit, "metainfo/*.xml"):
        yield name, b"<components>" + data[data.index(b"<component"):] + b"</components>"


def cab(limit):
    data = metainfo()
    yield "stored", bytesof.cabinet([("firmware.metainfo.xml", data), ("firmware.rom", b"\xff" * 300)])
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"CK" + deflate.compress(data) + deflate.flush()
    yield "mszip", bytesof.cabinet([("firmware.metainfo.xml", data)], [(block, len(data))], 1)
    with tempfile.TemporaryDirectory() as where:
        write(where, "firmware.metainfo.xml", data)
        write(where, "firmware.rom", b"\xff" * 40000)
        tool(where, "gcab", "-c", "--zip", "real.cab", "firmware.metainfo.xml", "firmware.rom")
        yield "gcab", read(where, "real.cab")
    yield from fixtures(limit, "cabs/*.cab")


def pack(_limit):
    jcat = gzip.compress(b'{"Items":[]}', mtime=0)
    yield "small", lengths(metainfo(), b"\xff" * 300, jcat)
    yield "empty-member", lengths(metainfo(), b"", jcat)
    yield "blocks", lengths(metainfo(), b"\xff" * 70000, jcat)


def rom(limit):
    yield "small", bytesof.rom(b"CONFIG_TPM2=y\nCONFIG_PCR_SRTM=2\n", compressed=True)
    yield "plain-config", bytesof.rom(b"CONFIG_MAINBOARD_DIR=\"a/b\"\n", compressed=False)
    yield "vboot", bytesof.rom_vboot()
    yield "descriptor", bytesof.descriptor(16) + bytesof.rom(b"CONFIG_TPM2=y\n", compressed=False, at=4096)
    yield "volumes", bytesof.volume(512) + b"\xff" * 64 + bytesof.volume(256)
    yield from fixtures(limit, "coreboot/hostile/*.rom.xz", "coreboot/*/rom.xz")


def ifd(_limit):
    yield "newer", bytesof.descriptor(16)
    yield "oldest", bytesof.descriptor(0)
    yield "none", b"\xff" * 4096


def eventlog(limit):
    yield "coreboot", bytesof.coreboot_log()
    yield "tcg1", bytesof.tcg1_log()
    yield "tcg2", bytesof.tcg2_log(vendor=True)
    yield "tcg2-locality", bytesof.tcg2_log(vendor=False)
    yield "console", bytesof.console_log()
    yield "ring", bytesof.ring(bytesof.console_log(), 4096)
    yield "ring-full", bytesof.ring(b"[INFO ] earlier text\n" * 60 + bytesof.console_log(), 1024)
    yield from fixtures(limit, "eventlogs/*.bin", "uefi/runs/*/log.bin", "coreboot/*/*log*.bin*",
                        "coreboot/*/console-events.txt")


def luks(_limit):
    protected = {"alg": "dir", "clevis": {"pin": "tpm2", "tpm2": {"pcr_bank": "sha256", "pcr_ids": "0,7"}}, "enc": "A256GCM"}
    text = base64.urlsafe_b64encode(json.dumps(protected).encode()).decode().rstrip("=")
    tokens = {"0": {"type": "systemd-tpm2", "keyslots": ["1"], "tpm2-blob": "AAAA", "tpm2-pcrs": [0, 2, 7],
                    "tpm2-pcr-bank": "sha256", "tpm2-primary-alg": "ecc", "tpm2-policy-hash": "00" * 32, "tpm2-pin": False},
              "1": {"type": "systemd-tpm2", "keyslots": ["2"], "tpm2-pcrs": [], "tpm2_pubkey_pcrs": [11],
                    "tpm2_pubkey": "AAAA", "tpm2-pin": True, "tpm2_pcrlock": True},
              "2": {"type": "clevis", "keyslots": ["3"], "jwe": {"protected": text, "tag": "AA"}},
              "3": {"type": "systemd-recovery", "keyslots": ["0"]}, "4": {"type": "other-tpm", "keyslots": ["0"]}}
    header = {"keyslots": {str(n): {"type": "luks2", "key_size": 64} for n in range(4)}, "tokens": tokens,
              "segments": {"0": {"type": "crypt"}},
              "digests": {"0": {"keyslots": ["0", "1", "2", "3"], "segments": ["0"]}},
              "config": {"json_size": "12288"}}
    yield "all", json.dumps(header, indent=2).encode()
    header["tokens"] = {}
    yield "none", json.dumps(header).encode()


def aem(_limit):
    yield "default", b"sha256:13,17,18,19\n"
    yield "banks", b"sha1:0,2+0xb:23"
    yield "empty", b""


def cbtable(_limit):
    def record(tag, *numbers, form="<Q"):
        body = struct.pack(form, *numbers)
        return struct.pack("<II", tag, 8 + len(body)) + body

    areas = [record(0x31, 0xbfe40000, 0x10000, number, form="<QII") for number in (0x54435041, 0x434f4e53)]
    yield "areas", bytesof.cb_table(record(3, 0, 2, form="<HH"), *areas, record(0x17, 0xbfe10000))
    yield "forward", bytes(0x500) + bytesof.cb_table(record(0x11, 0xbfe00000))
    yield "decoy", b"LBIO" * 8 + bytesof.cb_table(*areas)
    yield "cut", bytesof.cb_table(*areas)[:-4]
    yield "empty", bytesof.cb_table()


def manifest(_limit):
    digests = {name: hashlib.new(name, b"x").hexdigest() for name in ("sha1", "sha256", "sha384", "sha512")}
    document = {"format": "qubes-fwupd-manifest-1", "version": "1.2", "image": {"sha256": digests["sha256"]},
                "objects": [{"region": "FMAP", "digests": {"sha256": digests["sha256"]}},
                            {"region": "COREBOOT", "file": "fallback/romstage", "digests": digests}],
                "recipes": [{"name": "normal", "condition": "as delivered", "steps": [{"pcr": 2, "object": 1}],
                             "pcrs": [{"pcr": 2, "bank": bank, "value": value} for bank, value in digests.items()]},
                            {"name": "rescue"}]}
    yield "whole", json.dumps(document, indent=1).encode()
    yield "twice", json.dumps(document).encode().replace(b'"image"', b'"format": "qubes-fwupd-manifest-1", "image"')
    del document["recipes"], document["version"]
    yield "objects", json.dumps(document).encode()


def corim(_limit):
    yield "whole", bytesof.corim(steps=[2, 0, 2, 1], version="1.2", condition="as delivered")
    yield "no-path", bytesof.corim()
    yield "odd-steps", bytesof.corim(steps=[2, 0, 2])


def wire(_limit):
    number = struct.Struct("<Q").pack
    hello, size = bytesof.frame(2, [(1, number(1))]), bytesof.frame(3, [(6, number(5))])
    progress = bytesof.frame(4, [(10, number(2)), (11, number(5))])
    yield "fetch", hello + size + progress + bytesof.frame(5, payload=b"bytes") + bytesof.frame(6)
    yield "error", hello + bytesof.frame(7, [(8, number(6)), (9, b"too long"), (12, number(404))])
    yield "item", bytesof.frame(16, [(14, b"firmware.xml.gz"), (15, b"alias")]) + bytesof.frame(6)
    yield "digest", bytesof.frame(52, [(43, number(2)), (13, b"CBFS: a"), (44, b"\x0b\0" + b"\1" * 32)])


def metainfo_files(limit):
    yield "comment-no-utf8", metainfo().replace(b"<releases>", b"<!-- \xc3 --><releases>")
    yield from fixtures(limit, "metainfo/*.xml")


def record(_limit):
    head = {"schema": "qubes-fwupd-refvalue-1", "sequence": 1, "record": 1, "state": "pending", "time": 1700000000,
            "reason": ""}
    texts = {name: name for name in ("bootId", "deviceId", "deviceName", "versionFrom", "versionTo")}
    sums = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("oldChip", "image", "payload", "cab")}
    pcrs = [{"pcr": 2, "bank": "sha256", "status": "predicted", "value": "00" * 32, "reason": ""},
            {"pcr": 7, "bank": "sha1", "status": "not-predictable", "reason": "words"}]
    yield "whole", json.dumps({**head, **texts, **sums, "pcrs": pcrs}, indent=1).encode()
    sourced = [{**row, "source": source} for row, source in zip(pcrs * 2, ("forecast", "measured", "vendor", "forecast"))]
    for basis in ("predicted", "unpredicted", "declared", "learned"):
        yield basis, json.dumps({**head, "basis": basis, "whyUnpredicted": "no TPM", **texts, **sums, "manifest": "",
                                 "pcrs": sourced}).encode()
    yield "move", json.dumps({**head, "sequence": 2, "state": "consumed"}).encode()


def refvals(_limit):
    pcrs = [{"pcr": 2, "bank": "sha256", "status": "predicted", "value": "00" * 32, "reason": "", "source": "forecast"},
            {"pcr": 7, "bank": "sha1", "status": "not-predictable", "value": "", "reason": "words"},
            {"pcr": 0, "bank": "sha384", "status": "unchanged", "value": "11" * 48, "source": "measured"}]
    records = [{"record": i + 1, "state": state, "versionTo": "1.2", "pcrs": pcrs}
               for i, state in enumerate(("superseded", "current", "written", "consumed", "pending"))]
    yield "whole", json.dumps({"records": records}, indent=1).encode()
    yield "none", b'{"records":[]}'


def config(_limit):
    shipped = read(os.path.join(HERE, "../../data"), "qubes-fwupd.conf")
    yield "shipped", shipped
    yield "all-keys", b"\n".join(line.removeprefix(b"#") for line in shipped.splitlines()
                                 if not line.startswith(b"# "))
    yield "remotes", (b"[Remote lab]\nMetadataKeys=/a\nDevices=USB:0x1209;b8df02ef-e47d-5ff7-9e2b-2a5ee8c57a0b\n"
                      b"SystemFirmware=true\n[Trust]\nDeniedSerials=00Ab;12\nRequirePostQuantum=true\n")
    yield "exec", b"[Transport]\nType=exec\nCommand=/bin/true\n[Paths]\nState=/a\n[Chip]\nSize=4096\n"


def mark(_limit):
    text = b"[HighWater]\nVersion=1\nSigned=1700000000\nMetadata=" + b"0a" * 32 + b"\n"
    yield "plain", text
    yield "whole", (text + b"Index=" + b"0b" * 32 + b"\nAuthorities=" + b"0c" * 32 +
                    b"\nSerial=0123abc\nNotAfter=1800000000\n")


MAKERS = {
    **framesof.MAKERS,
    "aem": aem,
    "cab": cab,
    "catalog": catalog,
    "cbtable": cbtable,
    "config": config,
    "corim": corim,
    "eventlog": eventlog,
    "ifd": ifd,
    "jcat": jcat,
    "luks": luks,
    "manifest": manifest,
    "mark": mark,
    "metainfo": metainfo_files,
    "pack": pack,
    "record": record,
    "refvals": refvals,
    "rom": rom,
    "signature": signature,
    "wire": wire,
}


def pack_path(op):
    return os.path.join(HERE, "corpus", op + ".zip")


def packed(op):
    """What fuzzing found for `op`, as scripts/fuzz --minimise left it."""
    if not os.path.exists(pack_path(op)):
        return
    with zipfile.ZipFile(pack_path(op)) as archive:
        for info in archive.infolist():
            yield "found-" + os.path.basename(info.filename), archive.read(info)


def keep(op, paths):
    """Keeps these files for `op`; the same files give the same archive."""
    with zipfile.ZipFile(pack_path(op), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(paths, key=os.path.basename):
            info = zipfile.ZipInfo(os.path.basename(path))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, read(*os.path.split(path)))


def collect(op, directory, limit):
    """Writes the seeds of `op`, none longer than `limit` bytes, into `directory`."""
    committed = os.path.join(HERE, "corpus", op)
    names = sorted(os.listdir(committed)) if os.path.isdir(committed) else []
    for name in names:
        write(directory, "corpus-" + name, read(committed, name))
    for name, data in packed(op):
        write(directory, name, data)
    for name, data in MAKERS[op](limit) if op in MAKERS else ():
        if len(data) <= limit:
            write(directory, name, data)
