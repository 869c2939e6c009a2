#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pinning a machine's attestation key: enrolment, challenge, activation, and who must fail at each."""
import os
import shutil
import subprocess

import remotecase
from remotecase import HANDLE, RemoteCase

FOREIGN = "0x81010099"


class Enrolment(RemoteCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setup, cls.authorities = remotecase.authority(cls.top / "ca")
        cls.one = cls.machine("one", cls.setup)
        cls.two = cls.machine("two", cls.setup)
        cls.bare = cls.machine("bare")

    def setUp(self):
        self.folder = self.top / self.id()

    def enroll(self, machine, folder):
        answer = self.good(machine.config, "--enroll", folder)
        machine.flush()
        return answer

    def vouchers(self):
        return [word for path in self.authorities for word in ("--ek-ca", path)]

    def test_files(self):
        answer = self.enroll(self.one, self.folder)
        self.assertTrue(answer["certificate"])
        self.assertEqual({path.name for path in self.folder.iterdir()},
                         {"ak.pub", "ak.pem", "ak.name", "ek.pub", "ek.pem", "ek.crt"})
        name = self.top / "name"
        said = self.one.tpm.tool("tpm2_readpublic", "-c", HANDLE, "-n", str(name))
        self.assertEqual((self.folder / "ak.name").read_bytes(), name.read_bytes())
        self.assertEqual(name.read_bytes().hex(), answer["akName"])
        self.assertRegex(said, "fixedtpm.fixedparent.sensitivedataorigin.userwithauth.noda.restricted.sign\n")
        certified = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", self.folder / "ek.crt", "-noout",
                                    "-pubkey"], check=True, capture_output=True).stdout
        self.assertEqual(certified.split(), (self.folder / "ek.pem").read_bytes().split())

    def test_again(self):
        """The same key, in the place of the same files."""
        first = self.enroll(self.one, self.folder)["akName"]
        (self.folder / "answer").touch()
        self.assertEqual(self.enroll(self.one, self.folder)["akName"], first)
        self.assertFalse((self.folder / "answer").exists())
        self.assertEqual(self.enroll(self.one, self.top / "another")["akName"], first)
        self.assertNotEqual(self.enroll(self.two, self.top / "third")["akName"], first)
        handles = self.one.tpm.tool("tpm2_getcap", "handles-persistent").split()
        self.assertEqual(handles.count(HANDLE), 1)

    def test_foreign_object(self):
        """An object at the handle that is not ours stays, also if it could attest."""
        context = str(self.top / "context")
        self.bare.tpm.tool("tpm2_createprimary", "-C", "e", "-G", "ecc:ecdsa:null", "-c", context, "-a",
                           "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|sign")
        self.bare.tpm.tool("tpm2_evictcontrol", "-C", "o", "-c", context, FOREIGN)
        self.bare.flush()
        before = self.bare.tpm.tool("tpm2_readpublic", "-c", FOREIGN)
        config = self.top / "foreign.conf"
        config.write_text(self.bare.config.read_text("ascii") + f"AkHandle={FOREIGN}\n", "ascii")
        self.refused("refused", "foreign object", config, "--enroll", self.folder)
        self.assertEqual(self.bare.tpm.tool("tpm2_readpublic", "-c", FOREIGN), before)
        self.assertFalse(self.folder.exists())
        for wrong in ("0x80000001", "81017175", "0x81", "", "0x810171750"):
            config.write_text(self.bare.config.read_text("ascii") + f"AkHandle={wrong}\n", "ascii")
            self.refused("usage", "AkHandle", config, "--enroll", self.folder)

    def test_passwords(self):
        """A hierarchy with a password is said to have one."""
        machine = self.machine("locked")
        machine.tpm.tool("tpm2_changeauth", "-c", "e", "secret")
        self.refused("io", "has a password", machine.config, "--enroll", self.folder)
        machine.tpm.tool("tpm2_changeauth", "-c", "e", "-p", "secret")
        machine.tpm.tool("tpm2_changeauth", "-c", "o", "secret")
        self.refused("io", "has a password", machine.config, "--enroll", self.folder)
        self.refused("not-found", "no attestation key", machine.config, "--quote", "--nonce", "00" * 8, "--out", self.folder)

    def challenge(self, folder, *more):
        """The verifier has a TPM, too: any one."""
        answer = self.good(self.two.config, "--challenge", folder, *more)
        self.two.flush()
        return answer

    def test_ceremony(self):
        key = self.top / "ceremony.ak"
        self.enroll(self.one, self.folder)
        answer = self.challenge(self.folder, *self.vouchers())
        self.assertEqual(answer["certificate"], "good")
        self.assertEqual(answer["akName"], (self.folder / "ak.name").read_bytes().hex())
        kept = self.top / (self.folder.name + ".verifier")
        self.assertEqual(kept.stat().st_mode & 0o777, 0o700)
        secret = (kept / "secret").read_bytes()
        self.assertEqual(len(secret), 32)
        for path in self.folder.iterdir():
            self.assertNotIn(secret, path.read_bytes(), path)
        answer = self.call(self.plain, "--accept", self.folder, "--ak", key)
        self.assertIn(str(self.folder / "answer"), answer["error"]["message"])
        self.good(self.one.config, "--activate", self.folder)
        self.one.flush()
        # what travelled back does not decide which key is pinned
        challenged = (self.folder / "ak.pub").read_bytes()
        self.enroll(self.two, self.top / "exchanged")
        shutil.copy(self.top / "exchanged" / "ak.pub", self.folder / "ak.pub")
        self.good(self.plain, "--accept", self.folder, "--ak", key)
        self.assertEqual(key.read_bytes(), challenged)
        self.assertFalse(kept.exists())

    def test_other_tpm_cannot_answer(self):
        self.enroll(self.one, self.folder)
        self.enroll(self.two, self.top / "second")
        self.challenge(self.folder)
        self.refused("mismatch", "not for the keys of this TPM", self.two.config, "--activate", self.folder)
        self.assertFalse((self.folder / "answer").exists())

    def test_borrowed_endorsement_key(self):
        """An attestation key beside the endorsement key, and certificate, of another TPM."""
        self.enroll(self.one, self.folder)
        self.enroll(self.two, self.top / "lender")
        for name in ("ek.pub", "ek.pem", "ek.crt"):
            shutil.copy(self.top / "lender" / name, self.folder / name)
        self.assertEqual(self.challenge(self.folder, *self.vouchers())["certificate"], "good")
        for machine in (self.one, self.two):
            self.refused("mismatch", "not for the keys", machine.config, "--activate", self.folder)
            machine.flush()
        (self.folder / "answer").write_bytes(b"\0" * 32)
        key = self.top / "borrowed.ak"
        self.refused("mismatch", "not in the TPM", self.plain, "--accept", self.folder, "--ak", key)
        self.assertFalse(key.exists())

    def test_certificates(self):
        other_setup, other = remotecase.authority(self.top / "other-ca")
        self.machine("stranger", other_setup)
        self.enroll(self.one, self.folder)
        self.refused("signature", "none of the authorities", self.two.config, "--challenge", self.folder, "--ek-ca", other[0])
        self.assertEqual(self.challenge(self.folder)["certificate"], "unchecked")
        shutil.copy(self.folder / "ak.pub", self.folder / "ek.pub")
        self.refused("signature", "templates", self.two.config, "--challenge", self.folder)
        self.enroll(self.two, self.top / "issued")
        self.enroll(self.one, self.folder)
        shutil.copy(self.top / "issued" / "ek.crt", self.folder / "ek.crt")
        self.refused("signature", "another endorsement key", self.two.config, "--challenge", self.folder)
        (self.folder / "ek.crt").write_bytes(b"\x30\x82\x01\x00" + b"\1" * 256)
        self.refused("signature", "cannot be read", self.two.config, "--challenge", self.folder)
        (self.folder / "ek.crt").unlink()
        self.refused("signature", "no certificate", self.two.config, "--challenge", self.folder, *self.vouchers())
        self.assertEqual(self.challenge(self.folder)["certificate"], "none")

    def test_padded_certificate(self):
        """Room behind the certificate in the TPM is no part of it."""
        self.enroll(self.one, self.folder)
        with open(self.folder / "ek.crt", "ab") as certificate:
            certificate.write(b"\xff" * 200)
        self.assertEqual(self.challenge(self.folder, *self.vouchers())["certificate"], "good")

    def test_signing_key(self):
        """A key that signs whatever it is given is not challenged at all."""
        self.enroll(self.bare, self.folder)
        context = str(self.top / "free")
        self.bare.tpm.tool("tpm2_createprimary", "-C", "e", "-G", "ecc:ecdsa", "-c", context, "-a",
                           "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign")
        self.bare.tpm.tool("tpm2_readpublic", "-c", context, "-f", "tss", "-o", str(self.folder / "ak.pub"))
        self.bare.flush()
        self.refused("signature", "not restricted", self.two.config, "--challenge", self.folder)

    def test_pinned_key_stays(self):
        key = self.top / "stays.ak"
        for number, machine in enumerate((self.one, self.one, self.bare)):
            self.enroll(machine, self.folder)
            self.challenge(self.folder)
            self.good(machine.config, "--activate", self.folder)
            machine.flush()
            if number < 2:
                self.good(self.plain, "--accept", self.folder, "--ak", key)
                pinned = key.read_bytes()
                continue
            self.refused("refused", "something else", self.plain, "--accept", self.folder, "--ak", key)
            self.assertEqual(key.read_bytes(), pinned)
        self.assertEqual([path.name for path in self.top.iterdir() if path.name.startswith("stays.ak.")], [])

    def test_hostile_challenge(self):
        """Up to QFU_CREDENTIAL_MAX bytes are taken, and it is the TPM that reads them."""
        self.enroll(self.one, self.folder)
        for credential, seed in ((b"", b""), (b"\0" * 1024, b"\0" * 1024), (b"\0" * 68, b"\0" * 1024),
                                 (os.urandom(68), os.urandom(256)), (b"\0" * 1025, b"")):
            (self.folder / "credential.blob").write_bytes(credential)
            (self.folder / "credential.seed").write_bytes(seed)
            answer = self.call(self.one.config, "--activate", self.folder)
            self.one.flush()
            self.assertIn(answer["error"]["code"], ("limit",) if len(credential) > 1024 else ("format", "mismatch"))


if __name__ == "__main__":
    remotecase.main()
