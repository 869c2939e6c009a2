/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-selection.h"

#include "qfu-pcr.h"

gboolean
qfu_selection_add (QfuSelection *selection, guint64 pcr)
{
  if (pcr >= QFU_PCR_COUNT)
    return FALSE;
  selection->pcrs |= 1u << pcr;
  return TRUE;
}

gboolean
qfu_selection_add_list (QfuSelection *selection, const char *list)
{
  g_auto (GStrv) words = g_strsplit (list, ",", -1);

  for (gsize i = 0; words[i] != NULL; i++) {
    guint64 pcr;

    if (!g_ascii_string_to_unsigned (g_strstrip (words[i]), 10, 0, G_MAXUINT32, &pcr, NULL) ||
        !qfu_selection_add (selection, pcr))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_selection_set_bank (QfuSelection *selection, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  guint64 number;

  selection->bank = qfu_hash_from_name (lower);
  if (selection->bank != 0)
    return TRUE;
  if (!g_str_has_prefix (lower, "0x") ||
      !g_ascii_string_to_unsigned (lower + 2, 16, 0, G_MAXUINT16, &number, NULL) ||
      qfu_hash_size ((guint)number) == 0)
    return FALSE;
  selection->bank = (guint)number;
  return TRUE;
}

guint64
qfu_selection_number (const QfuSelection *selection)
{
  return (guint64)selection->bank << 32 | selection->pcrs;
}
