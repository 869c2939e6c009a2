#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""attest is killed, or a call of it fails, at each system call that changes something: settling an update, failing it,
learning one that had no forecast. What is left is the store from before, or after, or between two entries; the next run
gets to the same end, and nothing is ever adopted that nobody confirmed.

Failing is tried at each third call; QFU_FAULTS_EVERY=1 takes all.
"""
import hashlib
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True


import faultcase
from faultcase import CALLS, ROOT, contents, strace

sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "schemas")]

from schemacase import answer, validator
from swtpm import Swtpm

EVERY = int(os.environ.get("QFU_FAULTS_EVERY", "3"))
FOLDERS = ("state", "run")
EARLIER, HERE = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
ALL = tuple(range(8))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Attest(faultcase.FaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries, cls.outcome = validator("refvalue"), validator("attestation")
        cls.tpm = Swtpm(str(cls.scratch / "tpm"), ["sha256"])
        cls.tpm.__enter__()
        cls.addClassCleanup(cls.tpm.__exit__)
        cls.tpm.tool("tpm2_startup", "-c")
        boot = cls.root / "boot_id"
        boot.write_text(f"{HERE}\n")
        text = cls.config.read_text().replace("[Paths]\n", f"[Paths]\nBootId={boot}\n")
        cls.config.write_text(f"{text}[MeasuredBoot]\nTcti={cls.tpm.tcti}\nEventLog=/nonexistent\n")
        cls.held = cls.tpm.pcrs()["sha256"]

    def entry(self, state, **members):
        """Append an entry to the store, as schemas/refvalue.schema.json says."""
        folder = self.root / "state" / "refvals"
        folder.mkdir(parents=True, exist_ok=True)
        sequence = len(list(folder.glob("*.json"))) + 1
        entry = {"schema": "qubes-fwupd-refvalue-1", "sequence": sequence, "record": sequence, "state": state,
                 "time": 1800000000 + sequence, "reason": "test", **members}
        self.entries.validate(entry)
        (folder / f"{sequence:06}-{state}.json").write_text(json.dumps(entry))
        return sequence

    def first(self, state, basis, values):
        """The first entry of a record that promises these values of PCRs."""
        source = {"predicted": "forecast", "declared": "vendor"}.get(basis, "measured")
        status = "unchanged" if basis == "learned" else "predicted"
        why = "test" if basis in ("unpredicted", "declared") else ""
        rows = [{"pcr": pcr, "bank": "sha256", "status": status, "source": source, "value": value, "reason": ""}
                for pcr, value in values.items()]
        return self.entry(state, basis=basis, whyUnpredicted=why, bootId=EARLIER, deviceId="x", deviceName="X",
                          versionFrom="1", versionTo="2", oldChip=sha256("a"), image=sha256("b"), payload=sha256("c"),
                          cab=sha256("d"), manifest="", pcrs=rows)

    def update(self, basis, values):
        """An update that an earlier boot wrote, over a firmware whose values are others."""
        self.first("current", "learned", {2: sha256("old")})
        record = self.first("pending", basis, values)
        self.entry("consumed", record=record)
        self.entry("written", record=record)

    def whole(self):
        """The update is what boots."""
        self.update("predicted", {pcr: self.held[pcr] for pcr in ALL})

    def declared(self):
        self.update("declared", {0: self.held[0]})

    def neither(self):
        self.update("predicted", {2: sha256("new")})

    def unpredicted(self):
        self.update("unpredicted", {})

    def state(self):
        """(state and basis of each record, result of the last attestation)."""
        known = answer(["refvals"], 0, self.good("refvals", "--json").stdout)
        records = [(record["state"], record["basis"]) for record in known["records"]]
        return records, (known["attestation"] or {}).get("result")

    def check_files(self):
        """Whatever happened, each file is as its schema says."""
        for path in (self.root / "state" / "refvals").glob("*.json"):
            self.entries.validate(json.loads(path.read_text("ascii")))
        outcome = self.root / "state" / "attestation.json"
        if outcome.exists():
            self.outcome.validate(json.loads(outcome.read_text("ascii")))

    def restore(self, prepare):
        self.reset()
        prepare()

    def walk(self, words, prepare, status, injections, every, ends):
        """Each moment of a whole run; `ends` are the results that the next attest may come to, the last that of a whole
        run, with the records that are there then."""
        self.restore(prepare)
        before = self.state()[0]
        moments = [moment for moment in self.moments(words, (status,)) if moment[2]]
        between = [before, self.state()[0]]
        tried = 0
        for name, number, _shows in moments[::every]:
            for what in injections(name):
                tried += 1
                with self.subTest(" ".join(words), call=name, number=number, injection=what):
                    self.restore(prepare)
                    prefix = strace("-e", f"trace={name}", "-e", f"inject={name}:{what}:when={number}")
                    done = self.run_verb(*words, prefix=prefix)
                    self.check(done, what, status, between, ends)
        print(f"{' '.join(words)} {prepare.__name__}: {len(moments)} moments, {tried} runs", flush=True)
        self.assertGreater(tried, 5)

    def check(self, done, what, status, between, ends):
        said = f"{done.returncode} {done.stdout}{done.stderr}"
        self.no_process_left()
        if what.startswith("signal"):
            self.assertEqual(done.returncode, -9, said)
        elif done.returncode != status:
            self.failed(done)
        self.check_files()
        records = self.state()[0]
        self.assertTrue(self.is_between(records, between), f"{records}: {said}")
        again = self.run_verb("attest")
        self.check_files()
        records, result = self.state()
        self.assertIn((again.returncode, result, records), ends, f"{said} then {again.stdout}{again.stderr}")
        self.assertLessEqual(len([path for path in contents(self.root / "state")
                                  if os.path.basename(path).startswith(".")]), 3)

    @staticmethod
    def is_between(records, between):
        """Each record is as it was before or after; one that was learned is there or not."""
        before, after = between
        return len(before) <= len(records) <= len(after) and all(
            record in (*before[i:i + 1], after[i]) for i, record in enumerate(records))

    @staticmethod
    def killed(_name):
        return ["signal=KILL"]

    @staticmethod
    def broken(name):
        return [f"error={CALLS[name]}"] if CALLS[name] else []

    def both(self, *rest):
        words, prepare, status, ends = rest
        self.walk(words, prepare, status, self.killed, 1, ends)
        self.walk(words, prepare, status, self.broken, EVERY, ends)

    def test_settle(self):
        self.both(["attest"], self.whole, 0,
                  [(0, "passed", [("superseded", "learned"), ("current", "predicted")])])

    def test_declared(self):
        """The vendor's word for PCR 0 settles; that the other PCRs have no values is said, and no yes is taken for one."""
        self.restore(self.declared)
        done = self.good("attest", "-y")
        self.assertRegex(done.stdout, "1 PCR value is as the vendor declares(.|\n)*attest --learn")
        self.both(["attest"], self.declared, 0,
                  [(0, "passed", [("superseded", "learned"), ("current", "declared")])])
        self.good("attest", "--learn", "-y")
        record = answer(["refvals"], 0, self.good("refvals", "--json").stdout)["records"][-1]
        self.assertEqual((record["basis"], record["versionTo"]), ("learned", "2"))
        self.assertEqual({row["pcr"]: row["source"] for row in record["pcrs"] if row["pcr"] in ALL},
                         {pcr: "measured" if pcr else "vendor" for pcr in ALL})

    def test_declared_otherwise(self):
        self.restore(lambda: self.update("declared", {0: sha256("other")}))
        self.failed(self.run_verb("attest"), "neither the old nor the new")
        self.assertEqual(self.state(), ([("current", "learned"), ("failed", "declared")], "mismatch"))

    def test_fail(self):
        self.both(["attest"], self.neither, 1, [(1, "mismatch", [("current", "learned"), ("failed", "predicted")])])

    def test_learn(self):
        self.both(["attest", "--learn", "-y"], self.unpredicted, 0, [
            (1, "unsettled", [("current", "learned"), ("written", "unpredicted")]),
            (0, "passed", [("superseded", "learned"), ("superseded", "unpredicted"), ("current", "learned")])])

    def test_not_confirmed(self):
        """Nothing but --learn and a word adopts, wherever it is stopped."""
        self.both(["attest", "-y"], self.unpredicted, 1,
                  [(1, "unsettled", [("current", "learned"), ("written", "unpredicted")])])


if not shutil.which("swtpm"):
    print("no swtpm")
    sys.exit(faultcase.SKIP)
faultcase.main()
