# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab whose dom0 has owned parts: what each test of a whole way asks before and after."""

import contextlib
import pathlib
import re

import ownedcase
import productcase
from productcase import LAB, run


class OwnedLab(productcase.ProductCase, ownedcase.OwnedCase):
    """One lab for each test, with a machine that booted version OLD."""

    options = ()        # of the lab

    def setUp(self):
        super().setUp()
        self.dir = self.board("a", *self.options)
        self.facts = self.info(self.dir)
        self.programs = ownedcase.Programs(self.scratch / "programs")
        self.set_config("Programs", self.programs.folder)
        words = run(LAB, "dom0", self.dir, "--", "env", "-0").stdout.split("\0")
        self.env = dict(word.split("=", 1) for word in words if word)
        self.env["G_DEBUG"] = "fatal-criticals"
        room = f"/proc/{self.facts['anchors']['dom0']}/ns"
        self.enter = ["nsenter", f"--net={room}/net"]
        if productcase.os.geteuid() != 0:
            self.enter += [f"--user={room}/user", "--preserve-credentials"]
        self.cache = pathlib.Path(self.facts["cache"])
        self.chip_before = productcase.digest(self.facts["chip"])

    def set_config(self, key, value):
        """KEY, or GROUP/KEY when several groups have one of that name."""
        config = pathlib.Path(self.facts["config"])
        group, _, key = key.rpartition("/")
        parts, found = re.split(r"(?m)^(?=\[)", config.read_text()), 0
        for number, part in enumerate(parts):
            if part.startswith(f"[{group}]" if group else "["):
                parts[number], count = re.subn(rf"(?m)^{key}=.*$", lambda _: f"{key}={value}", part)
                found += count
        assert found == 1, key
        config.write_text("".join(parts))

    @contextlib.contextmanager
    def configured(self, **settings):
        """Other settings for a while."""
        config = pathlib.Path(self.facts["config"])
        before = config.read_text()
        for key, value in settings.items():
            self.set_config(key, value)
        try:
            yield
        finally:
            config.write_text(before)

    def tell(self, *words, seconds=ownedcase.SECONDS):
        """One command of the product, to its end; nothing of its workers or agents is left then."""
        return ownedcase.Done([*self.enter, "--", ownedcase.PROGRAM, *words], seconds, env=self.env)

    def check_untouched(self, files, records=()):
        """The cache holds what it held, the chip as well, and no record can be used."""
        self.assertEqual(ownedcase.tree(self.cache), files)
        self.assertEqual(productcase.digest(self.facts["chip"]), self.chip_before)
        told = self.check(self.tell("refvals", "--json"), 0)
        self.assertEqual([record["state"] for record in told["records"]], list(records))

    def refuse(self, words, message, files, records=()):
        """A command fails with this message, and changes nothing."""
        done = self.tell(*words)
        self.check(done, 1, message)
        self.check_untouched(files, records)
        return done
