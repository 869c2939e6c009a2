#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The clock: behind, set back, ahead; metadata from the future, and metadata that grows old."""
import json
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
from productcase import NEW
from timecase import DAY, HOUR, now

VERBS = (["refresh"], ["get-updates"], ["update", "-y"], ["install", "/nothing.cab"])
STALE = r"warning: the metadata of remote lab is 31 days old \(signed at .* UTC; MaximumAgeDays=30\).*qubes-fwupdmgr refresh"


class Time(timecase.TimeCase):
    def test_clock_before_mark(self):
        """Every verb that decides on time says so, none changes anything."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        (self.marks(lab) / ".clock").unlink()      # the mark alone
        for words in VERBS:
            with self.subTest(words):
                self.ends(self.at(lab, -2 * HOUR, *words), 1, r"clock says .*metadata of remote lab was signed at",
                          "qvm-sync-clock")
        self.assertFalse((self.marks(lab) / ".clock").exists())
        self.assertEqual(self.mark(lab), signed)
        done = self.at(lab, -2 * HOUR, "get-updates", "--json")
        self.assertEqual(timecase.productcase.schemacase.answer(["get-updates"], 1, done.stdout)["error"]["code"], "clock")
        self.ends(self.at(lab, 0, "refresh"), 2)
        self.do(lab, "clean")                      # needs no time
        self.ends(self.at(lab, -2 * HOUR, "clean"), 0)

    def test_clock_set_back(self):
        """Below the last time seen, long after the last signature."""
        lab = self.up("a")
        self.do(lab, "refresh")
        self.ends(self.at(lab, 2 * DAY, "refresh"), 2)
        for words in VERBS:
            with self.subTest(words):
                self.ends(self.manager(lab, *words), 1, r"but it said .* in an earlier run", "qvm-sync-clock",
                          str(self.marks(lab) / ".clock"))
        self.ends(self.at(lab, 2 * DAY + HOUR, "refresh"), 2)
        (self.marks(lab) / ".clock").unlink()      # as the message says
        self.ends(self.manager(lab, "refresh"), 2)

    def test_readers_keep_no_time(self):
        lab = self.up("a")
        self.do(lab, "refresh")
        before = (self.marks(lab) / ".clock").read_text()
        self.at(lab, DAY, "get-updates")
        self.assertEqual((self.marks(lab) / ".clock").read_text(), before)
        self.at(lab, DAY, "update", "-y")
        self.assertNotEqual((self.marks(lab) / ".clock").read_text(), before)

    def test_future(self):
        """25 hours ahead is refused and forgotten; 23 is believed, with the consequence for the clock."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        before = self.kept(lab)
        self.sign(lab, now() + 25 * HOUR, "two")
        self.ends(self.manager(lab, "refresh"), 1, r"remote lab: .*more than 24 hours ahead", "qvm-sync-clock")
        self.assertEqual((self.mark(lab), self.kept(lab)), (signed, before))
        self.sign(lab, now() - HOUR + 5, "three")  # the way of honest metadata is free
        self.do(lab, "refresh")
        ahead = self.sign(lab, now() + 23 * HOUR, "four")
        self.ends(self.manager(lab, "refresh"), 0, r"warning: .*clock has not reached", "qvm-sync-clock")
        self.assertEqual(self.mark(lab), ahead)
        self.ends(self.manager(lab, "get-updates"), 1, r"metadata of remote lab was signed at")
        self.ends(self.at(lab, DAY, "refresh"), 2)

    def test_first_from_the_future(self):
        """There is no mark yet that could be hurt, and none comes of it."""
        lab = self.up("a")
        self.sign(lab, now() + 25 * HOUR, "one")
        self.ends(self.manager(lab, "refresh"), 1, r"more than 24 hours ahead")
        self.assertFalse((self.marks(lab) / "lab").exists())
        self.ends(self.at(lab, 2 * HOUR, "refresh"), 0)

    def check_stale_reading(self, lab):
        """What only reads warns, and says it in JSON."""
        done = self.ends(self.manager(lab, "get-updates", "--json"), 0, STALE)
        remotes = json.loads(done.stdout)["remotes"]
        self.assertEqual([(remote["remote"], remote["ageDays"], remote["stale"]) for remote in remotes],
                         [("lab", 31, True)])
        self.configure(lab, "MaximumAgeDays=30", "MaximumAgeDays=32")
        done = self.ends(self.manager(lab, "get-updates", "--json"), 0)
        self.assertEqual(json.loads(done.stdout)["remotes"][0]["stale"], False)
        self.assertNotIn("days old", done.stderr)
        self.configure(lab, "MaximumAgeDays=32", "MaximumAgeDays=30")

    def test_freeze(self):
        """A mirror that gives what it gave a month ago."""
        lab = self.board("a")
        cab = self.publish(lab, self.rom("new.rom", NEW), NEW)
        self.sign_again(lab, now() - 31 * DAY)
        before = self.chip(lab).read_bytes()
        for words in (["refresh"], ["update", "-y"], ["update"], ["install", cab, "-y"], ["install", cab]):
            with self.subTest(words):
                self.ends(self.manager(lab, *words), 1, STALE, "nobody is there to judge that")
        self.check_stale_reading(lab)
        self.ends(self.attended(lab, 0, "update", "-y"), 1, STALE, "nobody is there to judge that")
        self.ends(self.attended(lab, 0, "refresh"), 2, STALE)
        # it gets as far as the question, which needs a terminal to be printed on as well
        self.ends(self.attended(lab, 0, "update"), 1, STALE, "nobody is there to answer")
        self.ends(self.attended(lab, 0, "install", cab), 1, STALE, "nobody is there to answer")
        self.assertEqual(self.chip(lab).read_bytes(), before)
        self.configure(lab, "MaximumAgeDays=30", "MaximumAgeDays=0")
        self.assertNotIn("days old", self.ends(self.manager(lab, "update", "-y"), 0).stderr)
        self.assertNotEqual(self.chip(lab).read_bytes(), before)

    def test_grows_old(self):
        """Metadata that was fresh when it came."""
        lab = self.up("a")
        self.do(lab, "refresh")
        self.assertNotIn("days old", self.at(lab, 29 * DAY, "refresh").stderr)
        self.ends(self.at(lab, 31 * DAY, "refresh"), 1, STALE)

    def test_stale_from_the_mirror(self):
        """What `refresh` verified is kept, also when its age is an error."""
        lab = self.up("a")
        self.sign(lab, now() - 40 * DAY, "one")
        self.do(lab, "refresh", status=1)
        first = self.mark(lab)
        second = self.sign(lab, now() - 31 * DAY, "two")
        done = self.ends(self.manager(lab, "refresh", "--json"), 1, STALE)
        said = json.loads(done.stdout)
        self.assertEqual((said["error"]["code"], said["remotes"][0]["error"]["code"]), ("stale", "stale"))
        self.assertEqual((said["remotes"][0]["signed"], said["remotes"][0]["stale"], said["remotes"][0]["changed"]),
                         (second, True, True))
        self.assertGreater(self.mark(lab), first)
        self.assertEqual(self.mark(lab), second)
        self.ends(self.attended(lab, 0, "refresh"), 2, STALE)


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
