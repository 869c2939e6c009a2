# SPDX-License-Identifier: LGPL-2.1-or-later
"""Certificates, signatures and jcat files of every kind, good and bad: certtool signs, the rest is written here."""
import base64
import gzip
import hashlib
import json
import pathlib
import subprocess

PEM = "-----BEGIN PKCS7-----\n{}-----END PKCS7-----\n"
RSA = bytes.fromhex("2a864886f70d010101")            # rsaEncryption, which a signer names
RSA_SHA256 = bytes.fromhex("2a864886f70d01010b")     # sha256WithRSAEncryption, in certificates
ML_DSA_87 = bytes.fromhex("608648016503040313")
ML_DSA_87_SIZE = 4627
OCTETS, OBJECT = 0x04, 0x06
CONSTRUCTED = 0x20


def certtool(*words, text=None):
    done = subprocess.run(["certtool", *map(str, words)], input=text, check=False, capture_output=True, text=True,
                          timeout=60)
    if done.returncode:
        raise RuntimeError(f"certtool {words}: {done.stderr}")
    return done.stdout


class Certificate:
    """A certificate and its key. An authority when it has no issuer."""

    def __init__(self, folder, name, serial, issuer=None, lines=(), bits=2048):
        self.cert = pathlib.Path(folder) / f"{name}.pem"
        self.key = pathlib.Path(folder) / f"{name}.key"
        template = pathlib.Path(folder) / f"{name}.template"
        usage = ["signing_key", "code_signing_key"] if issuer else ["ca", "cert_signing_key"]
        if not any("expiration" in line for line in lines):
            lines = [*lines, "expiration_days = 3650"]
        template.write_text("\n".join([f"cn = {name}", f"serial = {serial}", *usage, *lines]) + "\n")
        certtool("--generate-privkey", "--key-type", "rsa", "--bits", bits, "--outfile", self.key)
        load = ["--load-privkey", self.key, "--template", template, "--outfile", self.cert]
        if issuer:
            certtool("--generate-certificate", "--load-ca-certificate", issuer.cert, "--load-ca-privkey", issuer.key, *load)
        else:
            certtool("--generate-self-signed", *load)

    @classmethod
    def of(cls, cert, key):
        """One that is there."""
        known = cls.__new__(cls)
        known.cert, known.key = pathlib.Path(cert), pathlib.Path(key)
        return known

    def sign(self, path):
        """A PKCS#7 signature over a file, in PEM."""
        return certtool("--p7-detached-sign", "--p7-time", "--p7-include-cert", "--load-certificate", self.cert,
                        "--load-privkey", self.key, "--infile", path)


def wrap(tag, value):
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def parts(der):
    """(tag, value) of each thing in a row."""
    at = 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7f
            size, at = int.from_bytes(der[at:at + count], "big"), at + count
        yield tag, der[at:at + size]
        at += size


def exchange(der):
    """The same structure, whose signer's algorithm is ML-DSA-87, with a value as long as those are."""
    out, signer = b"", False
    for tag, value in parts(der):
        if tag & CONSTRUCTED:
            inner = list(parts(value))
            named = bool(inner) and inner[0] in ((OBJECT, RSA), (OBJECT, RSA_SHA256))
            out += wrap(tag, exchange(value))
            signer = named
            continue
        if tag == OBJECT and value in (RSA, RSA_SHA256):
            value = ML_DSA_87
        elif tag == OCTETS and signer:
            value = hashlib.shake_256(value).digest(ML_DSA_87_SIZE)
        out += wrap(tag, value)
    return out


def ml_dsa(pem):
    """A signature of an algorithm that GnuTLS 3.7 has not, made from a good one."""
    lines = [line for line in pem.splitlines() if line and not line.startswith("-")]
    return PEM.format(base64.encodebytes(exchange(base64.b64decode("".join(lines)))).decode())


def item(path, signatures, alias, checksum=None):
    """An item of a jcat file: one checksum, and these signatures in this order."""
    checksum = checksum or hashlib.sha256(path.read_bytes()).hexdigest()
    blobs = [{"Kind": 1, "Flags": 1, "Data": checksum}] + [{"Kind": 3, "Flags": 1, "Data": each} for each in signatures]
    return {"Id": path.name, "AliasIds": [alias], "Blobs": blobs}


def jcat(*items):
    return gzip.compress(json.dumps({"JcatVersionMajor": 0, "JcatVersionMinor": 1, "Items": items}).encode())
