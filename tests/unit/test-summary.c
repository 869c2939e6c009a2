/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashentry.h"
#include "qfu-summary.h"
#include "testconfig.h"

#define MIB (1024u * 1024)

/* Takes seconds in one boot for that many bytes of a chip of 16 MiB. */
static QfuFlashEntry *
entry_new (QfuFlashState state, gint64 seconds, guint64 bytes)
{
  QfuFlashEntry *entry = qfu_flash_entry_new ();

  entry->state = state;
  entry->time = 1000;
  entry->state_time = 1000 + seconds;
  entry->size = 16 * MIB;
  entry->bytes_written = bytes;
  return entry;
}

static void
test_estimate (void)
{
  g_autoptr (GPtrArray) writes =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_flash_entry_free);
  QfuFlashEntry *other;

  g_assert_cmpuint (qfu_summary_estimate (writes, MIB, 16 * MIB), ==, 0);
  g_ptr_array_add (writes, entry_new (QFU_FLASH_NEW, 100, 4 * MIB));
  g_assert_cmpuint (qfu_summary_estimate (writes, 4 * MIB, 16 * MIB), ==, 100);
  g_assert_cmpuint (qfu_summary_estimate (writes, 14 * MIB, 16 * MIB), ==, 150);
  g_ptr_array_add (writes, entry_new (QFU_FLASH_OLD, 7, 4 * MIB));
  g_ptr_array_add (writes, entry_new (QFU_FLASH_NEITHER, 7, 4 * MIB));
  g_ptr_array_add (writes, entry_new (QFU_FLASH_NEW, -7, 4 * MIB)); /* the clock was set back */
  other = entry_new (QFU_FLASH_NEW, 5000, 4 * MIB);
  g_free (other->state_boot_id);
  other->state_boot_id = g_strdup ("recovered in another boot");
  g_ptr_array_add (writes, other);
  g_assert_cmpuint (qfu_summary_estimate (writes, 4 * MIB, 16 * MIB), ==, 100);
  g_ptr_array_add (writes, entry_new (QFU_FLASH_NEW, 0, 4 * MIB));
  g_assert_cmpuint (qfu_summary_estimate (writes, 4 * MIB, 16 * MIB), ==, 1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/summary/estimate", test_estimate);
  return g_test_run ();
}
