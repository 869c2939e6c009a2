/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: write-flashjournal FOLDER: fills FOLDER/flash with an entry in every state. */

#include "../unit/flashjournal-fixture.h"

int
main (int argc, char **argv)
{
  QfuConfig config = {0};
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    return 2;
  config.state = argv[1];
  fixture_boot (&config, argv[1], FIXTURE_LATER_BOOT);
  for (int state = QFU_FLASH_INTENT; state <= QFU_FLASH_NEITHER; state++) {
    g_autoptr (QfuFlashEntry) entry = fixture_entry ();
    QfuRange unread = {4096, 4096};

    g_array_append_val (entry->unread, unread);
    g_assert_true (qfu_flashjournal_begin (&config, entry, &error));
    if (state != QFU_FLASH_INTENT)
      g_assert_true (
          qfu_flashjournal_move (&config, entry, (QfuFlashState)state, "on its way", &error));
  }
  g_free (config.boot_id_file);
  return 0;
}
