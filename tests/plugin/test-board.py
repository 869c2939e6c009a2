#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the plugin takes from an image when SMBIOS says nothing, or something else."""

import sys

sys.dont_write_bytecode = True

from daemon import main
from machine import NEW, OLD, OTHER, MachineCase

NO_VERSION = {"BiosVersion": "", "BiosMajorRelease": "", "BiosMinorRelease": ""}


class NoVersion(MachineCase):
    BOARD = NO_VERSION

    def test_version_of_the_chip(self):
        self.assertEqual(self.devices()[0]["Version"], OLD)
        self.stage()
        self.install()
        self.assertEqual(self.states()[-1], "written")


class NoImage(MachineCase):
    BOARD = NO_VERSION

    def fill_chip(self):
        self.chip.write_bytes(b"\xff" * len(self.before))

    def test_no_version_anywhere(self):
        device = self.devices()[0]
        self.assertNotIn("Version", device)
        self.assertRegex(self.log(), "neither SMBIOS nor the chip says which firmware this is")


class ComputedName(MachineCase):
    """The firmware calls itself otherwise than its image says, as some boards do."""

    BOARD = {"ProductName": "Lab Board Rev. 2"}

    def test_same_image_names(self):
        self.stage()
        self.install()
        self.assertEqual(self.states()[-1], "written")

    def test_other_image_names(self):
        self.stage()
        self.assertIn("the image is for another board: it says 'Other Board' of ", self.install(OTHER, status=1))
        self.assertTrue(self.chip.read_bytes() == self.before)
        self.assertEqual(self.states(), ["pending"])


class KnownName(MachineCase):
    def test_says_both_names(self):
        self.stage(NEW)
        said = self.install(OTHER, status=1)
        self.assertRegex(said, "it says 'Other Board' of '.+', this machine is 'Lab Board' of '.+'")
        self.assertTrue(self.chip.read_bytes() == self.before)


main()
