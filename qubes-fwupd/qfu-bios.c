/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-bios.h"

#include "qfu-limits.h"

#include <string.h>

#define EC_TAG "CBET"
#define NUMBERS 4       /* at most that many make a version */
#define EC_TAG_LENGTH 9 /* "CBET4000 " */

/* Length of the dotted numbers at @text, and how many they are. */
static gsize
dotted_length (const char *text, guint *numbers)
{
  gsize length = strspn (text, "0123456789");

  *numbers = length > 0 ? 1 : 0;
  while (*numbers > 0 && text[length] == '.' && g_ascii_isdigit (text[length + 1])) {
    length += 1 + strspn (text + length + 1, "0123456789");
    (*numbers)++;
  }
  return length;
}

static gboolean
is_one_word (const char *text)
{
  if (text[0] == '\0' || strlen (text) > QFU_BIOS_TEXT_MAX)
    return FALSE;
  for (; *text != '\0'; text++) {
    if (!g_ascii_isgraph (*text))
      return FALSE;
  }
  return TRUE;
}

char *
qfu_bios_version (const char *text)
{
  g_autofree char *word = NULL;

  if (g_str_has_prefix (text, EC_TAG) && strlen (text) > EC_TAG_LENGTH)
    text += EC_TAG_LENGTH;
  for (const char *here = text; *here != '\0';) {
    guint numbers;
    gsize length = dotted_length (here, &numbers);

    if (numbers >= 2 && numbers <= NUMBERS && length <= QFU_BIOS_TEXT_MAX)
      return g_strndup (here, length);
    here += MAX (length, 1);
  }
  word = g_strstrip (g_strdup (text));
  return is_one_word (word) ? g_steal_pointer (&word) : NULL;
}

static gboolean
is_byte (const char *text)
{
  gsize length = text == NULL ? 0 : strlen (text);

  return length > 0 && length <= 3 && strspn (text, "0123456789") == length;
}

char *
qfu_bios_release (const char *major, const char *minor)
{
  g_autofree char *text = NULL;

  if (!is_byte (major) || !is_byte (minor))
    return NULL;
  text = g_strconcat (major, ".", minor, NULL);
  if (strcmp (text, "0.0") == 0 || strcmp (text, "255.255") == 0)
    return NULL;
  return g_steal_pointer (&text);
}
