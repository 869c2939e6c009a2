#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Quotes of real TPMs (in software): the good way, and every way in which a quote must not count."""
import os
import pathlib
import shutil
import subprocess

import remotecase
from remotecase import EVENTS, HANDLE, RemoteCase, log_of

NONCE = "00112233445566778899aabbccddeeff" * 2
OTHER = "ff" * 8


def check_quote(key, folder, nonce):
    """Whether tpm2-tools takes the quote."""
    done = subprocess.run(["tpm2_checkquote", "-u", key, "-m", folder / "quote.msg", "-s", folder / "quote.sig",
                           "-f", folder / "quote.pcrs", "-q", nonce], capture_output=True, check=False)
    return done.returncode == 0


class Quotes(RemoteCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls.machine("one")
        cls.two = cls.machine("two")

    def setUp(self):
        self.key = self.pin(self.one, "one")
        self.folder = self.top / self.id()

    def test_good(self):
        folder = self.quote(self.one, self.folder, NONCE)
        self.assertEqual({path.name for path in folder.iterdir()},
                         {"quote.msg", "quote.sig", "quote.pcrs", "eventlog"})
        for key in ("ak.pub", "ak.pem"):
            with self.subTest(key):
                enrolled = self.top / "one.enrolled" / key
                self.assertTrue(check_quote(enrolled, folder, NONCE))
                self.assertFalse(check_quote(enrolled, folder, OTHER))
        answer = self.verify(folder, self.key, NONCE)
        self.assertEqual(answer["result"], "passed")
        self.assertEqual(answer["nonce"], NONCE)
        self.assertTrue(answer["logReplays"])
        self.assertEqual(answer["extendedSince"], [])
        pcrs = self.one.tpm.pcrs()
        self.assertEqual(answer["banks"], {bank: {str(index): value for index, value in values.items()}
                                           for bank, values in pcrs.items()})
        self.assertEqual(sum(len(values) for values in pcrs.values()), 48)

    def test_quote_of_tpm2_tools(self):
        """Files of tpm2_quote count as well, whatever PCRs it was asked for."""
        self.folder.mkdir()
        self.one.tpm.tool("tpm2_quote", "-c", HANDLE, "-l", "sha256:7,0,2+sha1:0", "-q", OTHER, "-m",
                          str(self.folder / "quote.msg"), "-s", str(self.folder / "quote.sig"), "-o",
                          str(self.folder / "quote.pcrs"))
        shutil.copy(self.one.log, self.folder / "eventlog")
        subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)
        answer = self.verify(self.folder, self.key, OTHER)
        self.assertEqual({bank: set(values) for bank, values in answer["banks"].items()},
                         {"sha1": {"0"}, "sha256": {"0", "2", "7"}})

    def test_replayed_quote(self):
        folder = self.quote(self.one, self.folder, OTHER)
        self.verify_refused("stale", f"answers nonce {OTHER}", folder, self.key, NONCE)
        self.verify_refused("stale", "another time", folder, self.key, OTHER + "00")

    def test_other_tpm(self):
        """Same PCRs, same log, another TPM."""
        other = self.pin(self.two, "two")
        folder = self.quote(self.two, self.folder, NONCE)
        self.assertEqual(self.one.tpm.pcrs(), self.two.tpm.pcrs())
        self.verify_refused("signature", "not signed by the pinned key", folder, self.key, NONCE)
        self.verify(folder, other, NONCE)

    def test_swapped_events(self):
        folder = self.quote(self.one, self.folder, NONCE)
        for first, second in ((1, 2), (2, 3), (0, 4)):
            swapped = list(EVENTS)
            swapped[first], swapped[second] = ((swapped[first][0], swapped[second][1]),
                                               (swapped[second][0], swapped[first][1]))
            (folder / "eventlog").write_bytes(log_of(swapped))
            with self.subTest(f"{first} and {second}"):
                self.verify_refused("mismatch", rf"PCR {EVENTS[first][0]} in bank sha", folder, self.key, NONCE)
        for events in (EVENTS[:3], EVENTS[:4] + EVENTS[5:], EVENTS[1:], EVENTS + [(2, b"more")], EVENTS + [(9, b"more")],
                       EVENTS + [(4, b"more")]):
            (folder / "eventlog").write_bytes(log_of(events))
            with self.subTest(str(events)):
                self.verify_refused("mismatch", "does not replay", folder, self.key, NONCE)

    def test_no_log(self):
        folder = self.quote(self.one, self.folder, NONCE)
        (folder / "eventlog").unlink()
        self.verify_refused("not-found", "no event log", folder, self.key, NONCE)

    def test_extended_since(self):
        """What the running system measures is not in the log."""
        self.addCleanup(self.one.reboot)
        self.one.tpm.tool("tpm2_pcrextend", "11:sha256=" + "11" * 32)
        folder = self.quote(self.one, self.folder, NONCE)
        answer = self.verify(folder, self.key, NONCE)
        self.assertEqual(answer["extendedSince"], [{"pcr": 11, "bank": "sha256"}])

    def test_changed_files(self):
        folder = self.quote(self.one, self.folder, NONCE)
        for name, at, code in (("quote.msg", 40, "signature"), ("quote.msg", -1, "signature"),
                               ("quote.msg", 0, "signature"), ("quote.sig", -1, "signature"),
                               ("quote.sig", 10, "signature"), ("quote.pcrs", 150, "mismatch"), ("quote.pcrs", 140, "format"),
                               ("quote.pcrs", 4, "unsupported"), ("quote.pcrs", 0, "format")):
            path = folder / name
            data = bytearray(path.read_bytes())
            saved = bytes(data)
            data[at] ^= 0x40
            path.write_bytes(data)
            with self.subTest(f"{name} {at}"):
                self.verify_refused(code, ".", folder, self.key, NONCE)
            path.write_bytes(saved)
        self.verify(folder, self.key, NONCE)

    def test_other_statement(self):
        """What the key has signed besides quotes."""
        folder = self.quote(self.one, self.folder, NONCE)
        self.one.tpm.tool("tpm2_gettime", "-c", HANDLE, "-q", NONCE, "-o", str(folder / "quote.sig"),
                          "--attestation", str(folder / "quote.msg"))
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        self.verify_refused("signature", "no quote", folder, self.key, NONCE)

    def test_unrestricted_key(self):
        """A key that signs what it is given, as a pinned one."""
        self.folder.mkdir()
        context, key = self.folder / "c", self.verifier / "free.ak"
        self.one.tpm.tool("tpm2_createprimary", "-C", "e", "-G", "ecc:ecdsa", "-c", str(context), "-a",
                          "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign")
        self.one.tpm.tool("tpm2_readpublic", "-c", str(context), "-f", "tss", "-o", str(key))
        self.one.tpm.tool("tpm2_quote", "-c", str(context), "-l", "sha256:all", "-q", NONCE, "-m",
                          str(self.folder / "quote.msg"), "-s", str(self.folder / "quote.sig"), "-o",
                          str(self.folder / "quote.pcrs"))
        self.one.flush()
        shutil.copy(self.one.log, self.folder / "eventlog")
        subprocess.run(["chmod", "-R", "a+rX", self.folder, key], check=True)
        self.assertTrue(check_quote(key, self.folder, NONCE))
        self.verify_refused("signature", "not restricted", self.folder, key, NONCE)
        pem = self.top / "one.enrolled" / "ak.pem"
        self.verify_refused("format", "TPM2B_PUBLIC", self.folder, pem, NONCE)

    def test_hostile_folder(self):
        """Links, pipes, folders, gigabytes and rubbish where files should be."""
        good = self.quote(self.one, self.folder, NONCE)
        secret = self.top / "secret"
        secret.write_text("secret of root", "ascii")
        secret.chmod(0o600)
        made = {"link": lambda path: path.symlink_to(secret), "pipe": os.mkfifo, "folder": os.mkdir,
                "empty": pathlib.Path.touch, "rubbish": lambda path: path.write_bytes(os.urandom(100)),
                "large": lambda path: path.touch() or os.truncate(path, 1 << 30)}
        for name in ("quote.msg", "quote.sig", "quote.pcrs", "eventlog"):
            for kind, make in made.items():
                folder = self.top / f"hostile-{name}-{kind}"
                shutil.copytree(good, folder)
                (folder / name).unlink()
                make(folder / name)
                with self.subTest(f"{name} {kind}"):
                    answer = self.call(*self.verify_call(folder, self.key, NONCE))
                    self.assertIn("error", answer)
                    self.assertNotIn("secret of root", str(answer))

    def test_many_logs(self):
        """QFU_ATTEST_LOGS_MAX of them are read; the ninth is no log that is passed over."""
        folder = self.quote(self.one, self.folder, NONCE)
        for number in range(2, 9):
            shutil.copy(folder / "eventlog", folder / f"eventlog-{number}")
        self.assertEqual(self.verify(folder, self.key, NONCE)["logs"], 8)
        shutil.copy(folder / "eventlog", folder / "eventlog-9")
        self.verify_refused("limit", "more than 8", folder, self.key, NONCE)

    def test_nonces(self):
        """QFU_NONCE_MIN and QFU_NONCE_MAX."""
        for nonce in ("", "00" * 7, "00" * 65, "0" * 17, "zz" * 8, "0x" + "00" * 8, " " + "00" * 8):
            with self.subTest(nonce):
                self.refused("usage", "8 to 64 bytes", self.one.config, "--quote", "--nonce", nonce, "--out", self.folder)
        self.assertFalse(self.folder.exists())
        for nonce in ("00" * 8, "Ab" * 64):
            folder = self.quote(self.one, self.folder, nonce)
            self.assertEqual(self.verify(folder, self.key, nonce)["nonce"], nonce.lower())

    def test_folder_of_others(self):
        """Nothing of somebody else is lost, and a failure leaves nothing."""
        self.folder.mkdir()
        (self.folder / "thesis").touch()
        self.refused("refused", "thesis", self.one.config, "--quote", "--nonce", NONCE, "--out", self.folder)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["thesis"])
        elsewhere = self.top / "elsewhere"
        self.refused("unreachable", "cannot be reached", self.plain, "--quote", "--nonce", NONCE, "--out", elsewhere)
        self.assertEqual([path.name for path in self.top.iterdir() if path.name.startswith("elsewhere")], [])

    def test_options(self):
        for words, message in ((["--verify", "x", "--nonce", NONCE], "needs --ak"), (["--verify", "x", "--ak", "y"], "--nonce"),
                               (["--quote", "--nonce", NONCE], "needs --out"), (["--nonce", NONCE], "missing"),
                               (["--quote", "--enroll", "x"], "not both"), (["--learn", "--quote"], "not both"),
                               (["--enroll", "x", "--ak", "y"], "does not take --ak"), (["--out", "x"], "missing")):
            with self.subTest(words):
                self.refused("usage", message, self.one.config, *words)
        self.refused("usage", "root", self.one.config, "--quote", "--nonce", NONCE, "--out", self.folder,
                     prefix=self.as_stranger)


class Counters(RemoteCase):
    def test_counters(self):
        machine = self.machine("machine")
        key = self.pin(machine, "machine")

        def changes():
            folder = self.quote(machine, self.top / "q", NONCE)
            answer = self.verify(folder, key, NONCE)
            return [change["code"] for change in answer["changes"]]

        self.assertEqual(changes(), [])
        self.assertEqual(changes(), [])
        machine.reboot()
        machine.reboot()
        self.assertEqual(changes(), ["reset"])
        self.assertEqual(changes(), [])
        machine.tpm.tool("tpm2_clear", "-c", "p")
        self.refused("not-found", "--enroll", machine.config, "--quote", "--nonce", NONCE, "--out", self.top / "q")
        self.assertEqual(self.pin(machine, "again").read_bytes(), key.read_bytes())
        self.assertEqual(changes(), ["went-back"])
        # QFU_SEEN_TEXT_MAX
        seen = pathlib.Path(str(key) + ".seen")
        seen.write_text(seen.read_text("ascii").ljust(1024, "\n"), "ascii")
        self.verify(self.top / "q", key, NONCE)
        seen.write_text(seen.read_text("ascii").ljust(1025, "\n"), "ascii")
        self.verify_refused("format", "seen", self.top / "q", key, NONCE)
        seen.write_text("[Seen]\nKey=x\n", "ascii")
        self.verify_refused("format", "damaged", self.top / "q", key, NONCE)

    def test_shared_folder(self):
        """Beside a key that others could write to, nothing is kept, and that is said."""
        machine = self.machine("sharer")
        shared = self.top / "shared"
        shared.mkdir()
        shared.chmod(0o777)
        key = pathlib.Path(shutil.copy(self.pin(machine, "sharer"), shared / "ak"))
        folder = self.quote(machine, self.top / "s", NONCE)
        self.assertEqual(self.verify(folder, key, NONCE)["changes"], [])
        self.assertEqual([path.name for path in shared.iterdir()], ["ak"])

    def test_reference_values(self):
        machine = self.machine("learner")
        key = self.pin(machine, "learner")
        exported = self.top / "refvals.json"

        def run(*words):
            printed = subprocess.run([str(remotecase.MANAGER), "--config", machine.config, "--json", *words],
                                     capture_output=True, check=True, timeout=60).stdout
            remotecase.schemacase.answer(words, 0, printed)
            return printed

        run("attest", "--learn", "-y")
        exported.write_bytes(run("refvals"))
        folder = self.quote(machine, self.top / "r", NONCE)
        answer = self.verify(folder, key, NONCE, "--refvals", exported)
        self.assertEqual(answer["reference"]["differences"], [])
        self.assertGreaterEqual(answer["reference"]["compared"], 16)
        (folder / "eventlog").unlink()
        self.verify(folder, key, NONCE, "--refvals", exported)
        machine.reboot([(0, b"another version"), *EVENTS[1:]])
        folder = self.quote(machine, folder, NONCE)
        self.verify(folder, key, NONCE)
        answer = self.verify_refused("mismatch", "none of those", folder, key, NONCE, "--refvals", exported)
        self.assertEqual({(row["pcr"], row["bank"]) for row in answer["reference"]["differences"]},
                         {(0, "sha1"), (0, "sha256")})
        self.assertEqual(answer["result"], "mismatch")
        for rubbish in ("", "{}", "[]", '{"records":[]}', "[" * 100000, '{"records":[{"record":1,"state":"current"}]}'):
            exported.write_text(rubbish, "ascii")
            with self.subTest(rubbish[:40]):
                answer = self.call(*self.verify_call(folder, key, NONCE, "--refvals", exported))
                self.assertIn(answer["error"]["code"], ("format", "limit", "not-found"))


if __name__ == "__main__":
    remotecase.main()
