/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-hint.h"

#include "qfu-build.h"

#include <string.h>
#include <unistd.h>

QfuFlashFacts
qfu_flash_facts (void)
{
  g_autofree char *lockdown = NULL;
  QfuFlashFacts facts = {0};

  facts.locked_down =
      g_file_get_contents ("/sys/kernel/security/lockdown", &lockdown, NULL, NULL) &&
      strstr (lockdown, "[none]") == NULL;
  facts.root = geteuid () == 0;
  facts.mtd = g_file_test ("/dev/mtd0", G_FILE_TEST_EXISTS);
  return facts;
}

static const char *
hint_internal (const QfuFlashFacts *facts)
{
  if (!facts->root)
    return "raw access to the machine needs root";
  if (facts->locked_down)
    return "the kernel is locked down, which closes /dev/mem: use Programmer=linux_mtd:dev=0 with "
           "the kernel's own SPI driver, or boot without lockdown";
  return "if the kernel log says that /dev/mem is restricted, boot with iomem=relaxed; "
         "fwupd.service also needs " QFU_FWUPD_DROPIN;
}

static const char *
hint_mtd (const QfuFlashFacts *facts)
{
  if (!facts->mtd)
    return "there is no /dev/mtd0: load the module spi_intel_pci with writeable=1";
  if (!facts->root)
    return "/dev/mtd0 needs root";
  return "the kernel keeps it read-only unless spi_intel_pci was loaded with writeable=1";
}

const char *
qfu_flash_hint (const char *name, const QfuFlashFacts *facts)
{
  if (strcmp (name, "internal") == 0)
    return hint_internal (facts);
  if (strcmp (name, "linux_mtd") == 0)
    return hint_mtd (facts);
  if (strcmp (name, "linux_spi") == 0)
    return "it needs a device, as in Programmer=linux_spi:dev=/dev/spidev0.0";
  return "is it a programmer of this libflashrom, with the arguments that it needs? `man flashrom` "
         "lists them";
}
