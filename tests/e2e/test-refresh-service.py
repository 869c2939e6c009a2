#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""refresh --unattended as its unit runs it: nobody there, the unit's capabilities and system calls, a journal, and VMs
behind qubesd and qrexec that run or do not."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import qubes
import timecase
import unitcase
import webcamcase
from productcase import LAB, ROOT
from timecase import DAY, HOUR, now

sys.path.insert(0, str(ROOT / "tests" / "schemas"))

import schemacase

SECONDS = 60
NEWER = "1.2.4"
IDS = {
    "refreshed": ("0c3451d7347e45a6ac05911a5dd1795e", "6"),
    "updates": ("26d606444567477080083c69c0b82fd4", "5"),
    "skipped": ("0d0d320575b94b6a85c4977ab7fd1412", "6"),
    "failed": ("0b25fed4cc944d599a6b5fa025e780a8", "4"),
    "stale": ("5e42dba724fb47dbb910a97dd861ccd0", "4"),
    "too-stale": ("693dc7c3ebce41b49fbbe48deba13aaf", "3"),
}


class RefreshService(webcamcase.WebcamCase):
    def setUp(self):
        super().setUp()
        lab = self.directory
        self.service = unitcase.Unit("refresh")
        info = self.info(lab)
        self.agent_conf = pathlib.Path(info["agent_conf"])
        enter = [LAB, "updatevm", lab, "--"] if os.geteuid() else [
            "nsenter", f"--net=/proc/{info['anchors']['updatevm']}/ns/net", "--"]
        self.qubes = qubes.Qubes(self.scratch / "qubes", [
            *enter, pathlib.Path(info["build"]) / "updatevm" / "qubes.FwupdFetch", "--config", self.agent_conf])
        self.addCleanup(self.qubes.close)
        self.store = pathlib.Path(info["store"])
        self.config = pathlib.Path(info["config"])
        text = self.config.read_text()
        start, end = text.index("[Transport]\n"), text.index("[Trust]\n")
        transport = "".join(f"{key}={value}\n" for key, value in self.qubes.settings().items())
        self.plain = f"{text[:start]}[Transport]\nConnectSeconds=20\n{transport}\n{text[end:]}"
        self.rules()

    def rules(self, **keys):
        """What [Refresh] says, and nothing else there."""
        lines = "".join(f"{key}={value}\n" for key, value in {"Retries": 0, "RetrySeconds": 1, **keys}.items())
        self.config.write_text(f"{self.plain}\n[Refresh]\n{lines}")

    def state(self):
        path = self.store / "refresh.json"
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        state = json.loads(path.read_text())
        schemacase.validator("refresh-state").validate(state)
        return state

    def tick(self, status, *events, offset=0, **state):
        """The timer's service runs: it ends so, writes these entries and no other, and leaves this state."""
        self.qubes.fetches.clear()
        environment = [f"{name}={value}" for name, value in timecase.clock(offset).items()] if offset else []
        returned, said, errors, entries = self.service.run(self.directory, self.scratch, environment)
        self.assertEqual(returned, status, errors)
        self.assertEqual([entry["QFU_RESULT"] for entry in entries], list(events), errors)
        self.assertEqual(said, "")
        # standard error is for what is wrong; the entries say the rest
        self.assertEqual(errors != "", status != 0, errors)
        for entry in entries:
            self.assertEqual((entry["MESSAGE_ID"], entry["PRIORITY"]), IDS[entry["QFU_RESULT"]])
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], self.service.setting("SyslogIdentifier")[0])
        left = self.state()
        self.assertEqual({name: left[name] for name in state}, state)
        self.assertEqual(left["next"], left["time"] + DAY)
        return {entry["QFU_RESULT"]: entry for entry in entries}, left

    def offer(self):
        cab = self.cab(NEWER, b"firmware")
        self.signed += 1
        data = cab.read_bytes()
        url = f"{self.info(self.directory)['mirror_url']}/{cab.name}"
        rest = (f"<location>{url}</location>{webcamcase.checksum('container', cab.name, data)}"
                f"{webcamcase.checksum('content', 'firmware.bin', b'firmware')}"
                f'<size type="installed">8</size><size type="download">{len(data)}</size>')
        self.sign_xml(self.directory, self.signed, webcamcase.COMPONENT.format(guid=webcamcase.GUID, version=NEWER, rest=rest))

    def test_days(self):
        """Nothing new, new firmware, a mirror that is down, and all that is no time for it."""
        self.sign(self.directory, self.signed, "nothing")
        begin = now()
        _, state = self.tick(0, "refreshed", result="refreshed", unattended=True, updates=[], failures=0, staleness="fresh")
        self.assertEqual((state["firstTime"], state["lastSuccess"], state["updatesTime"]), (state["time"],) * 3)
        self.assertGreaterEqual(state["time"], begin)
        self.assertEqual([(each["remote"], each["signed"], each["ageDays"], each["stale"]) for each in state["remotes"]],
                         [("lab", self.signed, 0, False)])
        self.tick(0, result="unchanged", updates=[])
        self.assertEqual(self.qubes.fetches, ["sys-net"] * 2)

        self.offer()
        entries, state = self.tick(0, "refreshed", "updates", result="refreshed")
        self.assertRegex(entries["updates"]["QFU_UPDATES"], rf"^.+: {webcamcase.FIRST} -> {NEWER}$")
        self.assertIn(entries["updates"]["QFU_UPDATES"], entries["updates"]["MESSAGE"])
        listed = [{name: each[name] for name in each if name not in ("size", "description", "sha256")}
                  for each in self.ask(self.directory, "get-updates")["updates"]]
        for each in state["updates"]:
            self.assertIn(each.items(), [{name: one.get(name) for name in each}.items() for one in listed])
        self.assertEqual([(each["versionFrom"], each["versionTo"], each["urgency"]) for each in state["updates"]],
                         [(webcamcase.FIRST, NEWER, "high")])
        self.tick(0, result="unchanged", updates=state["updates"])     # told once
        self.assertEqual(self.version(), webcamcase.FIRST)              # and never installed
        self.check_mirror_down(state)
        self.check_status()

    def check_mirror_down(self, good):
        self.lab("stop", self.directory, "mirror")
        self.rules(Retries=2)
        begin = time.monotonic()
        entries, state = self.tick(1, "failed", result="failed", reason="unreachable", failures=1, updates=good["updates"])
        self.assertGreater(time.monotonic() - begin, 1 + 2)     # with pauses that grow
        self.assertEqual(self.qubes.fetches, ["sys-net"] * 3)
        self.assertEqual(entries["failed"]["QFU_CAUSE"], "unreachable")
        self.assertIn("the mirror cannot be reached", entries["failed"]["MESSAGE"])
        self.assertLess(state["lastSuccess"], state["time"])
        self.rules()
        self.tick(1, "failed", failures=2, lastSuccess=state["lastSuccess"], firstTime=good["firstTime"])
        self.lab("start", self.directory, "mirror")
        self.tick(0, result="unchanged", failures=0, reason=None)

    def skipped(self, cause, **more):
        entries, state = self.tick(0, "skipped", result="skipped", reason=cause, staleness="fresh", **more)
        self.assertEqual(entries["skipped"]["QFU_CAUSE"], cause)
        return state

    def test_no_time_for_it(self):
        """An UpdateVM that does not run, costs or has no network: next time, without a word."""
        self.sign(self.directory, self.signed, "nothing")
        self.tick(0, "refreshed")
        self.qubes.states["sys-net"] = "Halted"
        self.qubes.calls.clear()
        state = self.skipped("vm-not-running")
        self.assertEqual((self.qubes.fetches, self.qubes.states), ([], {"sys-net": "Halted"}))
        self.assertNotIn("admin.vm.Start+", [method for method, _ in self.qubes.calls])
        self.rules(StartVM="true")
        self.tick(0, result="unchanged")
        self.assertEqual(self.qubes.states, {"sys-net": "Running"})
        self.rules()
        # who waits for it is not made to start it first
        self.qubes.states["sys-net"] = "Halted"
        self.do(self.directory, "refresh", status=2)
        self.assertEqual(self.qubes.states, {"sys-net": "Running"})
        # of several the first one that runs
        self.qubes.states = {"sys-net": "Halted", "sys-whonix": "Paused", "sys-firewall": "Running"}
        with self.setting(self.directory, "Transport", "UpdateVM", "sys-net;gone;sys-whonix;sys-firewall"):
            self.tick(0, result="unchanged")
        self.assertEqual(self.qubes.fetches, ["sys-firewall"] * 2)
        self.qubes.states = {"sys-net": "Running"}

        before = self.agent_conf.read_text()
        self.agent_conf.write_text(before + "Metered=yes\n")
        self.skipped("metered", lastSuccess=self.state()["lastSuccess"])
        self.assertGreaterEqual(self.state()["time"], state["time"])
        self.rules(AllowMetered="true")
        self.tick(0, result="unchanged")
        self.agent_conf.write_text(before)
        self.rules()
        self.updatevm(self.directory, "ip", "link", "set", "eth0", "down")
        self.skipped("offline")
        self.updatevm(self.directory, "ip", "link", "set", "eth0", "up")
        self.assertRegex(self.do(self.directory, "status"), r"the last refresh was skipped \(.*, unattended\): .*has no network")
        self.check_two_at_once()

    def check_status(self):
        """People see it, and other programs get it from status, too."""
        state = self.state()
        report = self.ask(self.directory, "status")
        self.assertEqual(report["refresh"], state)
        said = self.do(self.directory, "status")
        self.assertRegex(said, r"the last refresh found nothing newer \(.*, unattended\)\n")
        self.assertRegex(said, rf"newer firmware: .*: {webcamcase.FIRST} -> {NEWER}\n")
        done = self.manager(self.directory, "refresh", "--unattended", "lab")
        self.assertEqual(done.returncode, 1)
        self.assertIn("takes no REMOTE", done.stderr)
        # without a journal the same run is as silent; JSON is what the file holds
        done = self.manager(self.directory, "refresh", "--unattended")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        said = self.ask(self.directory, "refresh", "--unattended")
        self.assertEqual(said, self.state())
        # a person's run counts, and leaves the updates as they are
        self.do(self.directory, "refresh", status=2)
        self.assertEqual((self.state()["unattended"], self.state()["result"]), (False, "unchanged"))
        self.assertEqual(self.state()["updates"], state["updates"])

    def check_two_at_once(self):
        """A person's run and the timer's: who comes second waits, is told, and gives up in time."""
        self.tick(0, result="unchanged")
        before = self.state()
        first = self.start_and_hold(["refresh"])
        self.rules(LockSeconds=1)
        entries, _ = self.tick(0, "skipped", **before)          # what is kept is the other's affair
        self.assertEqual(entries["skipped"]["QFU_CAUSE"], "busy")
        self.assertIn("refresh", entries["skipped"]["MESSAGE"])
        said = self.ask(self.directory, "refresh", "--unattended")
        self.assertEqual((said["result"], said["reason"]), ("skipped", "busy"))
        self.finish(first, 2)

        first = self.start_and_hold(["refresh", "--unattended"])
        done = self.manager(self.directory, "refresh")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"at work \(process \d+: refresh, unattended\); waiting up to 1 s")
        self.assertRegex(done.stderr, r"qubes-fwupdmgr: another qubes-fwupdmgr is at work .* Try again when it is done")
        self.rules(LockSeconds=SECONDS)
        second = self.start(["refresh"])
        self.assertIn("waiting up to 60 s", second.stderr.readline())
        self.finish(first, 0)
        self.finish(second, 2)

        # in its pauses it keeps nobody waiting
        self.lab("stop", self.directory, "mirror")
        self.rules(Retries=1, RetrySeconds=10, LockSeconds=0)
        self.qubes.fetches.clear()
        first = self.start_and_hold(["refresh", "--unattended"])
        self.qubes.gate.set()
        self.until(lambda: self.manager(self.directory, "clean").returncode == 0)
        self.lab("start", self.directory, "mirror")
        self.finish(first, 0)
        self.assertEqual(self.qubes.fetches, ["sys-net"] * 3)

    def start(self, words):
        process = subprocess.Popen([str(LAB), "dom0", str(self.directory), "--", "qubes-fwupdmgr", *words],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def start_and_hold(self, words):
        """A run that is at its first fetch until it is told to go on."""
        self.qubes.gate.clear()
        self.qubes.reached.clear()
        process = self.start(words)
        self.assertTrue(self.qubes.reached.wait(SECONDS))
        return process

    def finish(self, process, status):
        self.qubes.gate.set()
        said, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, status, said + errors)

    def until(self, done):
        deadline = time.monotonic() + SECONDS
        while not done():
            self.assertLess(time.monotonic(), deadline)

    def test_grows_old(self):
        """Old metadata is a warning, and an error at twice the age: whether the mirror is down, lies, or is never asked."""
        lab = self.directory
        clock = self.marks(lab) / ".clock"
        self.qubes.states["sys-net"] = "Halted"
        self.tick(0, "skipped", staleness="fresh")              # never refreshed
        first = self.state()["firstTime"]
        self.tick(0, "skipped", "stale", offset=31 * DAY, staleness="stale", firstTime=first)
        entries, state = self.tick(1, "skipped", "too-stale", offset=61 * DAY, staleness="too-stale")
        self.assertIn("remote lab has been without metadata for 61 days", entries["too-stale"]["MESSAGE"])
        self.assertEqual([(each["signed"], each["ageDays"], each["stale"]) for each in state["remotes"]], [(None, 61, True)])
        clock.unlink()
        self.qubes.states["sys-net"] = "Running"

        # stale: it is old when it comes
        self.sign(lab, now() - 61 * DAY, "one")
        entries, _ = self.tick(1, "refreshed", "too-stale", result="refreshed", staleness="too-stale")
        self.assertIn("had nothing newer for 61 days (MaximumAgeDays=30)", entries["too-stale"]["MESSAGE"])
        self.sign(lab, now() - 31 * DAY, "two")
        self.tick(0, "refreshed", "stale", result="refreshed", staleness="stale")
        self.lab("stop", lab, "mirror")
        self.tick(1, "failed", "stale", result="failed", staleness="stale")
        self.lab("start", lab, "mirror")
        self.sign(lab, now() - HOUR, "three")
        self.tick(0, "refreshed", result="refreshed", staleness="fresh")

        # frozen: the mirror is there, and gives the same for ever
        self.tick(0, offset=29 * DAY, result="unchanged", staleness="fresh")
        self.tick(0, "stale", offset=31 * DAY, result="unchanged", staleness="stale")
        self.tick(1, "too-stale", offset=61 * DAY, result="unchanged", staleness="too-stale")
        with self.setting(lab, "Trust", "MaximumAgeDays", "0"):
            self.tick(0, offset=62 * DAY, staleness="fresh")


if __name__ == "__main__":
    timecase.needs()
    unitcase.needs()
    unittest.main(verbosity=2)
