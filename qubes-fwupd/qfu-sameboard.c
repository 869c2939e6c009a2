/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-sameboard.h"

#include "qfu-error.h"

#include <string.h>

/* Whether @key is @setting of COREBOOT, or `REGION:setting`. */
static gboolean
key_is (const char *key, const char *setting)
{
  const char *colon = strrchr (key, ':');

  return strcmp (colon != NULL ? colon + 1 : key, setting) == 0;
}

/* Finds the value that every region gives @setting; %NULL when none has it. */
static gboolean
find_value (
    const QfuRom *rom, const char *setting, const char *whose, const char **value, GError **error)
{
  GHashTableIter iter;
  gpointer key;
  gpointer text;

  *value = NULL;
  g_hash_table_iter_init (&iter, rom->settings);
  while (g_hash_table_iter_next (&iter, &key, &text)) {
    if (!key_is (key, setting))
      continue;
    if (*value != NULL && strcmp (*value, text) != 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                   "%s is for several boards: %s is %s in one region and %s in another", whose,
                   setting, *value, (const char *)text);
      return FALSE;
    }
    *value = text;
  }
  return TRUE;
}

gboolean
qfu_sameboard_check (const QfuRom *old_rom, const QfuRom *new_rom, GError **error)
{
  static const char *const settings[] = {"CONFIG_MAINBOARD_VENDOR", "CONFIG_MAINBOARD_PART_NUMBER"};

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
    const char *was;
    const char *is;

    if (!find_value (new_rom, settings[i], "the image", &is, error) ||
        !find_value (old_rom, settings[i], "what the chip holds", &was, error))
      return FALSE;
    if (g_strcmp0 (was, is) == 0)
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "the image is for another board: %s is %s on the chip and %s in the image",
                 settings[i], was == NULL ? "unset" : was, is == NULL ? "unset" : is);
    return FALSE;
  }
  return TRUE;
}
