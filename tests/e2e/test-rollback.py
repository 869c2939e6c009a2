#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Older metadata, whichever way it comes, and the marks that tell it; what fwupd has, and remotes that fail by themselves."""
import json
import pathlib
import shutil
import sys
import unittest

sys.dont_write_bytecode = True      # root may run this in somebody's tree

import timecase
from timecase import DAY, FILE, HOUR, LAB, now, run

OLDER = r"remote lab: the metadata was signed at .*, but newer one, signed at .*, was verified before"
NOTHING = r"no newer metadata"


class Rollback(timecase.TimeCase):
    def state(self, lab):
        return self.mark(lab), self.kept(lab)

    def test_older(self):
        """A genuine older pair is refused, before and after `clean`, and costs nothing that is kept."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        before = self.state(lab)
        self.assertEqual(before[0], signed)
        self.sign(lab, signed - 1, "older")
        self.ends(self.manager(lab, "refresh"), 1, OLDER)
        self.sign(lab, signed - DAY, "much older")
        self.ends(self.manager(lab, "refresh"), 1, OLDER)
        self.assertEqual(self.state(lab), before)
        self.assertIn("marks", self.do(lab, "clean"))
        self.ends(self.manager(lab, "refresh"), 1, OLDER)
        self.assertEqual(self.mark(lab), signed)
        self.sign(lab, signed + 1, "newer")
        self.do(lab, "refresh")
        self.assertEqual(self.mark(lab), signed + 1)

    def test_equal(self):
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        before = self.state(lab)
        done = self.ends(self.manager(lab, "refresh", "--json"), 2, NOTHING)
        said = json.loads(done.stdout)
        self.assertEqual((said["remotes"][0]["changed"], said["error"]["code"]), (False, "nothing-to-do"))
        self.assertEqual(self.state(lab), before)
        self.do(lab, "clean")
        self.do(lab, "refresh")                     # equal, but not kept any more
        self.assertEqual(self.state(lab), before)
        self.sign(lab, signed, "another")
        self.ends(self.manager(lab, "refresh"), 1, r"there are two of one second")
        self.assertEqual(self.state(lab), before)

    def test_no_metadata(self):
        """A newer file that somebody who counts has signed, but which is no metadata, takes nothing's place."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        before = self.state(lab)
        payload = b"\x7fELF, or whatever else a payload is" * 100
        metainfo = b'<?xml version="1.0"?><component type="firmware"><id>a.b</id></component>'
        for seconds, data in ((5, payload), (6, metainfo), (7, b"<components><component>")):
            with self.subTest(data[:20]):
                self.sign_file_as_metadata(lab, signed + seconds, data)
                self.ends(self.manager(lab, "refresh"), 1, r"the worker for catalog: ")
                self.assertEqual(self.state(lab), before)
        self.sign(lab, signed + 1, "two")           # signed before those, and newer than what counts
        self.do(lab, "refresh")
        self.assertEqual(self.mark(lab), signed + 1)

    def sign_file_as_metadata(self, lab, when, data):
        info = self.info(lab)
        work = self.scratch / "other"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        item = f"{when}-{FILE}"
        (work / item).write_bytes(data)
        self.sign_file(info, work, item, when, FILE)
        for name in (item, f"{FILE}.jcat"):
            shutil.copy(work / name, info["downloads"])

    def test_old_cache(self):
        """What somebody put back into the cache, under its own names or under those of what counts."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        folder = pathlib.Path(self.info(lab)["cache"]) / "metadata/lab"
        old = self.kept(lab)
        self.sign(lab, signed + 5, "two")
        self.do(lab, "refresh")
        new = self.kept(lab)
        self.assertEqual(set(old) & set(new) - {"index"}, set())
        for name, data in old.items():
            (folder / name).write_bytes(data)
        self.assertEqual(self.ask_remotes(lab)[0]["signed"], signed + 5)
        shutil.rmtree(folder)
        folder.mkdir()
        for name, data in old.items():
            (folder / name).write_bytes(data)
        self.ends(self.manager(lab, "get-updates"), 1, r"no metadata yet; .*refresh")
        for old_name, name in self.pairs(old, new):
            (folder / name).write_bytes(old[old_name])
        self.ends(self.manager(lab, "get-updates"), 1, r"something else than the newest metadata .*refresh")
        self.do(lab, "refresh")
        self.assertEqual(self.ask_remotes(lab)[0]["signed"], signed + 5)
        self.assertEqual(set(self.kept(lab)) - {"index"}, set(new) - {"index"})

    @staticmethod
    def pairs(old, new):
        """Names of the same part in two states of the cache, without the index."""
        return list(zip(sorted(set(old) - {"index"}), sorted(set(new) - {"index"}), strict=True))

    def ask_remotes(self, lab):
        """Where updates could come from. There may be none."""
        done = self.manager(lab, "get-updates", "--json")
        self.assertIn(done.returncode, (0, 2), done.stderr)
        return json.loads(done.stdout)["remotes"]

    def test_marks(self):
        """A mark that cannot be believed is never taken for none."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        self.sign(lab, signed - DAY, "older")
        mark = self.marks(lab) / "lab"
        good = mark.read_text()
        elsewhere = self.scratch / "mark"
        elsewhere.write_text(good.replace(str(signed), str(signed - 2 * DAY)))

        def write(text, mode=0o644):
            mark.write_text(text)
            mark.chmod(mode)

        cases = [
            ("empty", lambda: write(""), r"highwater/lab is damaged.*move it out"),
            ("cut", lambda: write(good[:-9]), r"highwater/lab is damaged.*move it out"),
            ("other key", lambda: write(good + "Other=1\n"), r"highwater/lab is damaged.*move it out"),
            ("writable", lambda: write(good, 0o666), r"highwater/lab is not a file that root alone can write"),
            ("link", lambda: (mark.unlink(), mark.symlink_to(elsewhere)), r"highwater/lab is a link"),
        ]
        for name, plant, message in cases:
            plant()
            for words in (["refresh"], ["get-updates"], ["update", "-y"]):
                with self.subTest(name, words=words):
                    self.ends(self.manager(lab, *words), 1, message)
            mark.unlink()
            write(good)
        self.ends(self.manager(lab, "refresh"), 1, OLDER)
        (self.marks(lab) / ".clock").write_text("x")
        self.ends(self.manager(lab, "refresh"), 1, r"highwater/\.clock is damaged.*remove that file")

    def test_fwupd_lost_it(self):
        """Then it gets it again, although nothing is new here."""
        lab = self.up("a")
        self.do(lab, "refresh")
        self.ends(self.manager(lab, "refresh"), 2, NOTHING)
        shutil.rmtree(self.fwupd_metadata(lab))
        done = self.ends(self.manager(lab, "refresh"), 0)
        self.assertIn("fwupd had lost the metadata", done.stdout)
        self.assertTrue((self.fwupd_metadata(lab) / FILE).exists())
        self.ends(self.manager(lab, "refresh"), 2, NOTHING)

    @staticmethod
    def fwupd_metadata(lab):
        return lab / "dom0/fwupd/state/lib/fwupd/metadata/lab"

    def test_fwupd_has_newer(self):
        """Somebody gave fwupd newer metadata by hand: ours is kept, and the difference is no secret."""
        lab = self.up("a")
        signed = self.sign(lab, now() - HOUR, "one")
        self.do(lab, "refresh")
        newer = self.sign(lab, signed + 60, "two")
        downloads = lab / "mirror/docroot/downloads"
        done = run(LAB, "dom0", lab, "--", "fwupdmgr", "refresh", downloads / f"{newer}-{FILE}", downloads / f"{FILE}.jcat",
                   "lab")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sign(lab, signed + 30, "between")
        self.ends(self.manager(lab, "refresh"), 1, r"fwupd keeps its own. If that is newer.*fwupd says: ")
        self.assertEqual(self.mark(lab), signed + 30)
        self.sign(lab, newer + 1, "three")
        self.do(lab, "refresh")

    def test_several_remotes(self):
        """Those that fail are named, each, and the others are refreshed."""
        lab = self.up("a")
        remotes = lab / "dom0/etc/fwupd/remotes.d"
        url = self.info(lab)["mirror_url"]
        for name in ("gone", "old"):
            text = (remotes / "lab.conf").read_text().replace(FILE, f"{name}.xml.zst").replace("Laboratory", name)
            (remotes / f"{name}.conf").write_text(text)
            self.assertIn(f"{url}/{name}.xml.zst", text)
        self.restart_fwupd(lab)
        signed = self.sign(lab, now() - HOUR, "one")
        old = self.sign(lab, signed - 50, "other", "old.xml.zst")
        done = self.ends(self.manager(lab, "refresh", "--json"), 1, r"remote gone: ")
        said = {remote["remote"]: remote for remote in json.loads(done.stdout)["remotes"]}
        self.assertEqual((said["lab"]["changed"], said["old"]["changed"]), (True, True))
        self.assertEqual(said["gone"]["error"]["code"], "not-found")
        self.assertEqual((self.mark(lab), self.mark(lab, "old")), (signed, old))    # each has its own
        self.sign(lab, old - 50, "older", "old.xml.zst")
        newer = self.sign(lab, signed + 1, "newer")
        done = self.ends(self.manager(lab, "refresh"), 1, r"remote gone: ", r"remote old: .*was verified before")
        self.assertEqual((self.mark(lab), self.mark(lab, "old")), (newer, old))
        self.ends(self.manager(lab, "refresh", "lab"), 2, NOTHING)
        self.ends(self.manager(lab, "refresh", "old"), 1, r"remote old: .*was verified before")


if __name__ == "__main__":
    timecase.needs()
    unittest.main(verbosity=2)
