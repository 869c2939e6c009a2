# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware archives taken apart and joined as a vendor, or somebody else, would: gcab, certtool and a few lines of JSON."""
import dataclasses
import gzip
import hashlib
import json
import pathlib
import subprocess
import tempfile

AUTHORITY = "cn = {name}\nserial = {serial}\nca\ncert_signing_key\nexpiration_days = 100\n"
LEAF = "cn = {name}\nserial = {serial}\nsigning_key\ncode_signing_key\nexpiration_days = 100\n"


def tool(*command, cwd=None, data=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, input=data, check=False, capture_output=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate and its key."""
    pem: pathlib.Path
    key: pathlib.Path


def certify(folder, name, serial, issuer=None):
    """A new certificate: an authority's, or one that an authority issued for signing code."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    template = (LEAF if issuer else AUTHORITY).format(name=name, serial=serial)
    by = ["--generate-certificate", "--load-ca-certificate", issuer.pem, "--load-ca-privkey", issuer.key] \
        if issuer else ["--generate-self-signed"]
    tool("certtool", "--generate-privkey", "--key-type", "ecdsa", "--outfile", pair.key)
    tool("certtool", "--load-privkey", pair.key, "--template", "/dev/stdin", "--outfile", pair.pem, *by,
         data=template.encode())
    return pair


def item(name, data, signer):
    """What a jcat file says of one file."""
    with tempfile.TemporaryDirectory() as where:
        folder = pathlib.Path(where)
        (folder / "data").write_bytes(data)
        tool("certtool", "--p7-detached-sign", "--p7-time", "--p7-include-cert", "--load-privkey", signer.key,
             "--load-certificate", signer.pem, "--infile", folder / "data", "--outfile", folder / "signature")
        signature = (folder / "signature").read_text()
    return {"Id": name, "Blobs": [{"Kind": 1, "Flags": 1, "Data": hashlib.sha256(data).hexdigest()},
                                  {"Kind": 3, "Flags": 1, "Data": signature}]}


def jcat(*items):
    document = {"JcatVersionMajor": 0, "JcatVersionMinor": 1, "Items": list(items)}
    return gzip.compress(json.dumps(document).encode(), mtime=0)


def items(data):
    """The items of a jcat file by their names."""
    return {each["Id"]: each for each in json.loads(gzip.decompress(data))["Items"]}


def metainfo(data, name, version="1.0.0", more="", identity="org.example.firmware", guid="b585990a-003e-5270-89d5-3705a17f9a43"):
    """Metainfo of one payload."""
    digest = hashlib.sha256(data).hexdigest()
    return (f'<component type="firmware"><id>{identity}</id><name>Example</name><developer_name>Example Ltd</developer_name>'
            f'<provides><firmware type="flashed">{guid}</firmware></provides>{more}<releases>'
            f'<release version="{version}" date="2026-01-02" urgency="high"><checksum type="sha256" target="content" '
            f'filename="{name}">{digest}</checksum><issues><issue type="cve">CVE-2026-0001</issue></issues>'
            f'<description><p>Words.</p></description></release></releases></component>').encode()


def pack(path, members, *options):
    """Write a cabinet of these members, a dictionary, in their order."""
    with tempfile.TemporaryDirectory() as where:
        for name, data in members.items():
            (pathlib.Path(where) / name).write_bytes(data)
        tool("gcab", "--create", "--nopath", *options, path, *members, cwd=where)
    return path


def unpack(path):
    """The members of a cabinet by their names, in its order."""
    names = tool("gcab", "--list", path).decode().split("\n")
    with tempfile.TemporaryDirectory() as where:
        tool("gcab", "--extract", "--directory", where, path)
        return {name: (pathlib.Path(where) / name).read_bytes() for name in names if name}


def signed(path, members, signer, extra=None):
    """A cabinet with a jcat file that `signer` made for all of `members`, and with `extra` members beside."""
    container = jcat(*(item(name, data, signer) for name, data in members.items()))
    return pack(path, {**members, "firmware.jcat": container, **(extra or {})})
