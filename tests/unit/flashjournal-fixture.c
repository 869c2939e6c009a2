/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flashjournal-fixture.h"

#define MIB (1024 * 1024)

static void
replace (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

void
fixture_boot (QfuConfig *config, const char *directory, const char *boot_id)
{
  g_autofree char *line = g_strconcat (boot_id, "\n", NULL);
  g_autoptr (GError) error = NULL;

  replace (&config->boot_id_file, g_build_filename (directory, "boot_id", NULL));
  g_file_set_contents (config->boot_id_file, line, -1, &error);
  g_assert_no_error (error);
}

void
fixture_step (GPtrArray *steps, const char *name, guint64 offset, guint64 length, gboolean window)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange range = {offset, length};

  g_array_append_val (ranges, range);
  g_ptr_array_add (steps, qfu_step_new (g_strdup (name), ranges, window));
}

QfuFlashEntry *
fixture_entry (void)
{
  QfuFlashEntry *entry = qfu_flash_entry_new ();
  QfuRange half = {8 * MIB, 8 * MIB};

  entry->record = 7;
  entry->size = 16 * MIB;
  replace (&entry->boot_id, g_strdup (FIXTURE_BOOT));
  replace (&entry->device_id, g_strdup (FIXTURE_DEVICE));
  replace (&entry->programmer, g_strdup ("dummy:bus=spi"));
  qfu_digest_compute (QFU_HASH_SHA256, "old", 3, &entry->old_image);
  qfu_digest_compute (QFU_HASH_SHA256, "new", 3, &entry->new_image);
  fixture_step (entry->steps, "FW_MAIN_A", 0, 8192, FALSE);
  fixture_step (entry->steps, "BOOTBLOCK", 65536, 4096, TRUE);
  g_array_append_val (entry->preserved, half);
  return entry;
}
