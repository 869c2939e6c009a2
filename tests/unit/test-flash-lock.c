/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-lock.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

/* What libflashrom 1.3 and later say, the lock it is (-1: none), its bytes, and words that help. */
static const struct {
  const char *line;
  int kind;
  guint64 first;
  guint64 last;
  const char *help;
} lines[] = {
    {"PR0: Warning: 0x00600000-0x00ffffff is read-only.", QFU_FLASH_LOCK_RANGE, 0x600000, 0xffffff,
     "FLOCKDN"},
    {"GPR0: Warning: 0x00600000-0x00600fff is locked.", QFU_FLASH_LOCK_RANGE, 0x600000, 0x600fff,
     "PRx"},
    {"PR2: Warning: 0x00600000-0x00ffffff is write-only.", -1, 0, 0, NULL},
    {"FREG0: Flash Descriptor region (0x00000000-0x00000fff) is read-only.",
     QFU_FLASH_LOCK_DESCRIPTOR, 0, 0xfff, "rule never"},
    {"FREG2: Management Engine region (0x00001000-0x001fffff) is locked.",
     QFU_FLASH_LOCK_DESCRIPTOR, 0x1000, 0x1fffff, "descriptor"},
    {"FREG1: BIOS region (0x00200000-0x00ffffff) is read-write.", -1, 0, 0, NULL},
    {"Disabling SPI read protection of flash addresses from 0x00000000 to 0x000fffff failed.",
     QFU_FLASH_LOCK_RANGE, 0, 0xfffff, "external programmer"},
    {"Warning: BIOS region SMM protection is enabled!", QFU_FLASH_LOCK_BIOS, 0, 0, "SMM_BWP"},
    {"Warning: Setting BIOS Control at 0xdc from 0x2a to 0x09 failed.", QFU_FLASH_LOCK_BIOS, 0, 0,
     "BIOS_CNTL"},
    {"Writes have been disabled for safety reasons because the presence of the IMC",
     QFU_FLASH_LOCK_EC, 0, 0, "IMC"},
    {"2 locks could not be disabled, disabling writes (reads may also fail).",
     QFU_FLASH_LOCK_CHIPSET, 0, 0, "writes nothing"},
    {"At least some flash regions are write protected. For write operations,", -1, 0, 0, NULL},
    {"SPI Configuration is locked down.", -1, 0, 0, NULL},
    {"PR0: Warning: 0x00ffffff-0x00600000 is read-only.", QFU_FLASH_LOCK_RANGE, 0, 0, "PRx"},
    {"PR0: Warning: 0x0000ffffffffffffff-0x00 is read-only.", QFU_FLASH_LOCK_RANGE, 0, 0, "PRx"},
    {"", -1, 0, 0, NULL},
};

static GArray *
one_range (guint64 offset, guint64 length)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange range = {offset, length};

  g_array_append_val (ranges, range);
  return ranges;
}

static void
assert_refused (const GArray *locks, guint64 offset, guint64 length, const char *part)
{
  g_autoptr (GArray) ranges = one_range (offset, length);
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_flash_locks_check (locks, ranges, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
  if (strstr (error->message, part) == NULL)
    g_error ("'%s' is not in '%s'", part, error->message);
}

static void
assert_allowed (const GArray *locks, guint64 offset, guint64 length)
{
  g_autoptr (GArray) ranges = one_range (offset, length);
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_flash_locks_check (locks, ranges, &error));
  g_assert_no_error (error);
}

static void
test_lines (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GArray) locks = qfu_flash_locks_new ();
    const QfuFlashLock *lock;

    qfu_flash_locks_note (locks, lines[i].line);
    g_test_message ("%s", lines[i].line);
    g_assert_cmpuint (locks->len, ==, lines[i].kind >= 0 ? 1 : 0);
    if (locks->len == 0)
      continue;
    lock = &g_array_index (locks, QfuFlashLock, 0);
    g_assert_cmpint ((int)lock->kind, ==, lines[i].kind);
    g_assert_cmpuint (lock->range.offset, ==, lines[i].first);
    g_assert_cmpuint (lock->range.length, ==,
                      lines[i].last > 0 ? lines[i].last - lines[i].first + 1 : QFU_FLASH_LOCK_ALL);
    assert_refused (locks, lines[i].first, 0x1000, lines[i].help);
  }
}

static void
test_edges (void)
{
  g_autoptr (GArray) locks = qfu_flash_locks_new ();

  assert_allowed (locks, 0, 0x1000000);
  qfu_flash_locks_add (locks, QFU_FLASH_LOCK_PIN, 0x3000, 0x2000);
  assert_allowed (locks, 0, 0x3000);
  assert_allowed (locks, 0x5000, 0x1000);
  assert_refused (locks, 0x2000, 0x1001, "at 0x2000-0x3000: ");
  assert_refused (locks, 0x4fff, 1, "0x3000-0x4fff");
  assert_refused (locks, 0, 0x10000, "WP#");
}

static void
test_every_kind (void)
{
  for (int kind = QFU_FLASH_LOCK_OPEN; kind <= QFU_FLASH_LOCK_KERNEL; kind++) {
    g_autoptr (GArray) locks = qfu_flash_locks_new ();

    qfu_flash_locks_add (locks, (QfuFlashLockKind)kind, 0, QFU_FLASH_LOCK_ALL);
    assert_refused (locks, 0xfff000, 0x1000, "the whole chip. ");
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/flash-lock/lines", test_lines);
  g_test_add_func ("/flash-lock/edges", test_edges);
  g_test_add_func ("/flash-lock/every-kind", test_every_kind);
  return g_test_run ();
}
