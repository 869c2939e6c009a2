/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-lock.h"

#include "qfu-error.h"

/* What libflashrom says, from 1.3 to 1.8. Two groups, where there are any, are the first and the
 * last byte. */
static const struct {
  const char *pattern;
  QfuFlashLockKind kind;
} messages[] = {
    {"^G?PR\\d+: Warning: 0x([0-9a-f]+)-0x([0-9a-f]+) is (?:read-only|locked)",
     QFU_FLASH_LOCK_RANGE},
    {"^FREG\\d+: .* region \\(0x([0-9a-f]+)-0x([0-9a-f]+)\\) is (?:read-only|locked)",
     QFU_FLASH_LOCK_DESCRIPTOR},
    {"^Disabling .*protection of flash addresses from 0x([0-9a-f]+) to 0x([0-9a-f]+) failed",
     QFU_FLASH_LOCK_RANGE},
    {"^Warning: BIOS region SMM protection is enabled", QFU_FLASH_LOCK_BIOS},
    {"^Warning: Setting BIOS Control at .* failed", QFU_FLASH_LOCK_BIOS},
    {"^Writes have been disabled for safety reasons", QFU_FLASH_LOCK_EC},
    {"^\\d+ locks could not be disabled, disabling writes", QFU_FLASH_LOCK_CHIPSET},
};

#define BY_REGISTER "its status register protects"
#define BY_HAND "An external programmer does not meet this lock."
/* @who keeps bytes, and what helps. */
static const struct {
  const char *who;
  const char *help;
} words[] = {
    [QFU_FLASH_LOCK_OPEN] = {BY_REGISTER,
                             "Nothing keeps that register: `flashrom --wp-range=0,0` opens it."},
    [QFU_FLASH_LOCK_PIN] = {BY_REGISTER ", as long as the chip's pin WP# is low (bit SRP)",
                            "With the pin released, as the board's manual says, `flashrom "
                            "--wp-disable --wp-range=0,0` opens it."},
    [QFU_FLASH_LOCK_POWER_CYCLE] =
        {BY_REGISTER ", until the chip loses its power (bit SRL)",
         "The firmware locks it at each boot: its setup, or coreboot's option BOOTMEDIA_LOCK, says "
         "so. " BY_HAND},
    [QFU_FLASH_LOCK_PERMANENT] = {BY_REGISTER ", for good (bits SRP and SRL)",
                                  "Nothing but another chip helps."},
    [QFU_FLASH_LOCK_RANGE] = {"a protected range of the chipset (PRx) holds",
                              "The firmware sets it at each boot and locks it (FLOCKDN): its "
                              "setup, or coreboot's option "
                              "BOOTMEDIA_LOCK, says so. " BY_HAND},
    [QFU_FLASH_LOCK_DESCRIPTOR] = {"the flash descriptor lets the processor not write",
                                   "The layout must leave that region alone (rule never), or the "
                                   "descriptor be unlocked. " BY_HAND},
    [QFU_FLASH_LOCK_BIOS] =
        {"the chipset lets nothing but System Management Mode write (BIOS_CNTL: BLE, SMM_BWP) in",
         "The firmware sets that at each boot: its setup may call it BIOS lock. " BY_HAND},
    [QFU_FLASH_LOCK_EC] = {"libflashrom does not dare to write, as a controller beside the "
                           "processor (IMC) uses the same chip, in",
                           "The firmware has to stop that controller. " BY_HAND},
    [QFU_FLASH_LOCK_CHIPSET] =
        {"libflashrom could not open the chipset's locks and writes nothing in", BY_HAND},
    [QFU_FLASH_LOCK_KERNEL] =
        {"the kernel lends it for reading only (/sys/class/mtd) in",
         "Boot with spi_intel.writeable=1; where the firmware has locked the chip, that does "
         "not help either."},
};

GArray *
qfu_flash_locks_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (QfuFlashLock));
}

void
qfu_flash_locks_add (GArray *locks, QfuFlashLockKind kind, guint64 offset, guint64 length)
{
  QfuFlashLock lock = {kind, {offset, length}};

  g_array_append_val (locks, lock);
}

static gboolean
number (const GMatchInfo *match, int group, guint64 *out)
{
  g_autofree char *text = g_match_info_fetch (match, group);

  return text != NULL && g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT32, out, NULL);
}

void
qfu_flash_locks_note (GArray *locks, const char *line)
{
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++) {
    g_autoptr (GRegex) regex = g_regex_new (messages[i].pattern, G_REGEX_CASELESS, 0, NULL);
    g_autoptr (GMatchInfo) match = NULL;
    guint64 first;
    guint64 last;

    if (!g_regex_match (regex, line, 0, &match))
      continue;
    if (number (match, 1, &first) && number (match, 2, &last) && first <= last)
      qfu_flash_locks_add (locks, messages[i].kind, first, last - first + 1);
    else
      /* where it does not say what it keeps, it may keep everything */
      qfu_flash_locks_add (locks, messages[i].kind, 0, QFU_FLASH_LOCK_ALL);
    return;
  }
}

/* Whether the lock keeps some of a range. */
static gboolean
keeps (const QfuFlashLock *lock, const QfuRange *range)
{
  if (range->offset < lock->range.offset)
    return range->length > lock->range.offset - range->offset;
  return lock->range.length > range->offset - lock->range.offset;
}

static gboolean
refuse (const QfuFlashLock *lock, const QfuRange *range, GError **error)
{
  g_autofree char *kept =
      lock->range.length == QFU_FLASH_LOCK_ALL
          ? g_strdup ("the whole chip")
          : g_strdup_printf ("%#" G_GINT64_MODIFIER "x-%#" G_GINT64_MODIFIER "x",
                             lock->range.offset, lock->range.offset + lock->range.length - 1);

  g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
               "the flash chip cannot be written at %#" G_GINT64_MODIFIER "x-%#" G_GINT64_MODIFIER
               "x: %s %s. %s",
               range->offset, range->offset + range->length - 1, words[lock->kind].who, kept,
               words[lock->kind].help);
  return FALSE;
}

gboolean
qfu_flash_locks_check (const GArray *locks, const GArray *ranges, GError **error)
{
  for (guint i = 0; i < locks->len; i++) {
    const QfuFlashLock *lock = &g_array_index (locks, QfuFlashLock, i);

    for (guint k = 0; k < ranges->len; k++) {
      const QfuRange *range = &g_array_index (ranges, QfuRange, k);

      if (keeps (lock, range))
        return refuse (lock, range, error);
    }
  }
  return TRUE;
}
