# SPDX-License-Identifier: LGPL-2.1-or-later
"""LUKS2 volumes in files, opened by libcryptsetup itself, and keys that are sealed to a TPM as Anti Evil Maid seals them."""
import ctypes
import json
import os
import pathlib
import subprocess

MIB = 1024 * 1024
PASSPHRASE = "passphrase"
SRK = "0x81000001"


def tool(tcti, name, *arguments, status=0, **more):
    """A program of tpm2-tools; what it left in the TPM is dropped, as a simulator has no resource manager."""
    done = subprocess.run([name, "-T", tcti, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, timeout=60, **more)
    for kind in ("-t", "-l", "-s"):
        subprocess.run(["tpm2_flushcontext", "-T", tcti, kind], stdin=subprocess.DEVNULL, capture_output=True,
                       check=True, timeout=60)
    assert done.returncode == status, (name, arguments, done.stderr.decode())
    return done.stdout


class Parameters(ctypes.Structure):
    """What systemd's token plugin takes instead of looking for a TPM."""
    _fields_ = [("mask", ctypes.c_uint32), ("device", ctypes.c_char_p), ("signature", ctypes.c_char_p)]


class Volume:
    """A LUKS2 volume in a file."""

    def __init__(self, path, tcti):
        self.path, self.tcti = pathlib.Path(path), tcti
        with open(path, "wb") as file:
            file.truncate(20 * MIB)
        self.run("luksFormat", "--type", "luks2", "--batch-mode", "--pbkdf", "pbkdf2",
                 "--pbkdf-force-iterations", "1000", self.path, "-")

    def run(self, *arguments):
        return subprocess.run(["cryptsetup", *map(str, arguments)], input=PASSPHRASE, capture_output=True, check=True,
                              text=True, timeout=60).stdout

    def enrol(self, *options):
        """Seal a key to the TPM; returns the number of its token."""
        before = self.tokens()
        subprocess.run(["systemd-cryptenroll", f"--tpm2-device={self.tcti}", *options, str(self.path)],
                       env=os.environ | {"PASSWORD": PASSPHRASE}, stdin=subprocess.DEVNULL, capture_output=True,
                       check=True, timeout=60)
        tool(self.tcti, "tpm2_flushcontext", "-t")
        return (self.tokens() - before).pop()

    def dump(self):
        return self.run("luksDump", "--dump-json-metadata", self.path)

    def tokens(self):
        return {int(number) for number in json.loads(self.dump())["tokens"]}

    def opens(self, token):
        """Whether the TPM gives out the key of this token, and the key opens the volume."""
        library = ctypes.CDLL("libcryptsetup.so.12")
        device = ctypes.c_void_p()
        assert library.crypt_init(ctypes.byref(device), os.fsencode(self.path)) == 0
        try:
            assert library.crypt_load(device, b"LUKS2", None) == 0
            parameters = Parameters(0xffffffff, self.tcti.encode(), None)
            got = library.crypt_activate_by_token_pin(device, None, b"systemd-tpm2", token, None, ctypes.c_size_t(0),
                                                      ctypes.byref(parameters), 0)
        finally:
            library.crypt_free(device)
        tool(self.tcti, "tpm2_flushcontext", "-t")
        return got >= 0


class Label:
    """A folder of Anti Evil Maid with its key, by the commands that it uses."""

    def __init__(self, folder, selection, tcti):
        self.folder, self.selection, self.tcti = pathlib.Path(folder), selection, tcti
        self.folder.mkdir(parents=True)
        if SRK not in tool(tcti, "tpm2_getcap", "handles-persistent").decode():
            tool(tcti, "tpm2_createprimary", "-Q", "-C", "o", "-c", self.folder / "srk.ctx")
            tool(tcti, "tpm2_evictcontrol", "-Q", "-C", "o", "-c", self.folder / "srk.ctx", SRK)
        policy = self.folder / "policy"
        (self.folder / "key").write_bytes(os.urandom(16))
        tool(tcti, "tpm2_createpolicy", "-Q", "--policy-pcr", "-l", selection, "-L", policy)
        tool(tcti, "tpm2_create", "-Q", "-C", SRK, "-L", policy, "-i", self.folder / "key",
             "-u", self.folder / "key.pub", "-r", self.folder / "key.priv")
        (self.folder / "key.pcrs").write_text(selection + "\n")

    def opens(self):
        """Whether the TPM gives out the key."""
        context = self.folder / "key.ctx"
        subprocess.run(["tpm2_load", "-T", self.tcti, "-Q", "-C", SRK, "-u", self.folder / "key.pub",
                        "-r", self.folder / "key.priv", "-c", context], check=True, capture_output=True, timeout=60)
        done = subprocess.run(["tpm2_unseal", "-T", self.tcti, "-Q", "-c", context, "-p", "pcr:" + self.selection],
                              capture_output=True, check=False, timeout=60)
        tool(self.tcti, "tpm2_flushcontext", "-t")
        return done.returncode == 0 and done.stdout == (self.folder / "key").read_bytes()
