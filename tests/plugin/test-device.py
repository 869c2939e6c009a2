#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The plugin in the packaged daemon: which device it shows, when it shows none, and what it leaves alone."""

import os
import pathlib
import sys
import uuid
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True

from daemon import BOARD, BUILD, PLUGIN, FwupdCase, main

OTHER_VERSION = BUILD / "tests" / "plugin" / "libother-version.so"


def guid(*values):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "&".join(values)))


class Device(FwupdCase):
    def the_device(self):
        found = self.devices()
        self.assertEqual([device["Plugin"] for device in found], ["qubes_coreboot"])
        return found[0]

    def test_device(self):
        self.start_fwupd()
        device = self.the_device()
        self.assertEqual((device["Name"], device["Vendor"], device["Version"], device["VersionFormat"]),
                         ("LabTop", "Star Labs", "25.05", "pair"))
        self.assertEqual((device["VendorIds"], device["Protocols"]), (["DMI:coreboot"], ["org.flashrom"]))
        self.assertLessEqual({"internal", "updatable", "needs-reboot", "require-ac", "can-verify", "can-verify-image"},
                             set(device["Flags"]))
        self.assertNotIn("needs-shutdown", device["Flags"])
        self.assertNotIn("VersionLowest", device)
        b = BOARD
        names = [b["Manufacturer"], b["Family"], b["ProductName"], b["ProductSku"]]
        baseboard = [b["BaseboardManufacturer"], b["BaseboardProduct"]]
        self.assertEqual(set(device["Guid"]), {
            guid(*names, *baseboard), guid(*names), guid(*names[:3]), guid(names[0], names[3], *baseboard),
            guid(*names[:2], *baseboard), guid(*names, "coreboot"), guid(*names[:3], "coreboot"),
            str(uuid.uuid5(uuid.NAMESPACE_DNS, "COREBOOT\\VENDOR_Star Labs&PRODUCT_LabTop")),
        })

    def test_cold_boot_and_minimum(self):
        self.configure(ColdBoot="true", MinimumVersion="24.11")
        self.start_fwupd()
        device = self.the_device()
        self.assertIn("needs-shutdown", device["Flags"])
        self.assertNotIn("needs-reboot", device["Flags"])
        self.assertEqual(device["VersionLowest"], "24.11")

    def test_guid_of_a_real_release(self):
        folder = pathlib.Path(os.environ["QFU_SHARED_DATA"]) / "metainfo"
        metainfo = folder / "LabTop_MkIV_coreboot_25.05_L4.coreboot.metainfo.xml"
        if not metainfo.exists():
            self.skipTest(f"no {metainfo}")
        wanted = {firmware.text for firmware in ET.parse(metainfo).iterfind("provides/firmware")}
        self.start_fwupd()
        self.assertTrue(wanted & set(self.the_device()["Guid"]))

    def test_chip_is_left_alone(self):
        self.start_fwupd()
        self.the_device()
        self.assertFalse(self.chip.exists())
        self.assertFalse((self.dir / "run-ours").exists())

    def disabled(self, *names):
        """Which of the plugins fwupd keeps out."""
        return {name for name in names if "disabled" in self.plugin_flags(name)}

    def offer_capsules(self, *kinds):
        """A UEFI table of firmware that takes capsules, as the kernel shows it; 1 is that of the machine."""
        for number, kind in enumerate(kinds):
            entry = self.dir / f"firmware/efi/esrt/entries/entry{number}"
            entry.mkdir(parents=True)
            values = {"fw_class": f"ddc0ee61-e7f0-4e7d-acc5-c070a398838{number}", "fw_type": kind, "fw_version": 1,
                      "capsule_flags": "0x0", "last_attempt_status": 0, "last_attempt_version": 0,
                      "lowest_supported_fw_version": 0}
            for name, value in values.items():
                (entry / name).write_text(f"{value}\n")
        # the reason why a plugin is disabled is in the log of one that talks
        return {**self.environment(), "FWUPD_SYSFSFWDIR": f"{self.dir}/firmware", "FWUPD_VERBOSE": "*"}

    def test_names_of_neighbours(self):
        # there is no rule for intel_spi, as no fwupd 2 has it; linux_lockdown is one of ours to wait for
        self.start_fwupd()
        known = {name: self.plugin_flags(name) is not None
                 for name in ("flashrom", "mtd", "uefi_capsule", "linux_lockdown", "intel_spi")}
        self.assertEqual(known, {"flashrom": True, "mtd": True, "uefi_capsule": True, "linux_lockdown": True,
                                 "intel_spi": False})

    def test_conflicts(self):
        self.start_fwupd(kept=["mtd"])
        self.assertEqual(self.disabled("flashrom", "mtd", "qubes_coreboot"), {"flashrom"})

    def test_conflicts_by_mtd(self):
        for programmer in ("linux_mtd:dev=0", "linux_mtd", "internal", "linux_spi:dev=/dev/spidev0.0"):
            with self.subTest(programmer=programmer):
                self.configure(Programmer=programmer)
                daemon = self.start_fwupd(kept=["mtd"])
                self.assertEqual(self.disabled("flashrom", "mtd", "qubes_coreboot"), {"flashrom", "mtd"})
                self.the_device()
                self.end(daemon)

    def test_conflicts_with_capsules(self):
        self.start_fwupd(kept=["uefi_capsule"], env=self.offer_capsules(2, 1))
        self.assertRegex(self.log(), "uefi_capsule as conflicts with qubes_coreboot")
        self.assertEqual(self.disabled("uefi_capsule", "qubes_coreboot"), {"uefi_capsule"})
        self.the_device()

    def test_capsules_of_others(self):
        self.start_fwupd(kept=["uefi_capsule"], env=self.offer_capsules(2, 3))
        self.assertRegex(self.log(), "flashrom as conflicts with qubes_coreboot")
        self.assertNotRegex(self.log(), "uefi_capsule as conflicts")
        self.the_device()

    def test_capsules_when_left_alone(self):
        self.configure(Programmer="")
        self.start_fwupd(kept=["uefi_capsule", "mtd"], env=self.offer_capsules(1))
        self.assertNotRegex(self.log(), "(mtd|uefi_capsule) as conflicts")
        self.assertNotIn("disabled", self.plugin_flags("mtd"))

    def test_no_conflict_on_other_machines(self):
        self.configure(Programmer="internal")
        self.start_fwupd({**BOARD, "BiosVendor": "American Megatrends Inc."}, kept=["mtd", "uefi_capsule"],
                         env=self.offer_capsules(1))
        self.assertNotIn("disabled", self.plugin_flags("mtd"))
        self.assertNotRegex(self.log(), "(mtd|uefi_capsule) as conflicts")

    def test_other_firmware(self):
        self.start_fwupd({**BOARD, "BiosVendor": "American Megatrends Inc."})
        self.assertEqual(self.devices(), [])

    def test_other_firmware_configured(self):
        self.configure(BiosVendor="3mdeb")
        self.start_fwupd({**BOARD, "BiosVendor": "3mdeb", "BiosVersion": "Dasharo (coreboot+UEFI) v1.7.2"})
        device = self.the_device()
        self.assertEqual((device["Version"], device["VersionFormat"]), ("1.7.2", "triplet"))
        self.assertEqual(device["VendorIds"], ["DMI:3mdeb"])

    def test_no_programmer(self):
        self.configure(Programmer="")
        self.start_fwupd()
        self.assertEqual(self.devices(), [])

    def test_bad_configuration(self):
        self.configure(Programer="internal")
        self.start_fwupd()
        self.assertEqual(self.devices(), [])
        self.assertRegex(self.log(), r"/qubes-fwupd\.conf:\d+: \[Chip\] Programer=internal: there is no such key")

    def test_another_fwupd(self):
        # alone: without our plugin the packaged flashrom would look at the chip of this machine
        self.start_fwupd(env={**self.environment(PLUGIN), "LD_PRELOAD": str(OTHER_VERSION)})
        self.assertEqual(self.devices(), [])
        self.assertRegex(self.log(), r"qubes_coreboot is built for fwupd 2\.\d+\.\d+, this is 2\.999\.0")


main()
