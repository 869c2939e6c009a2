/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-text.h"

#define PLANE 0x10000
#define NO_BREAK_SPACE "\xc2\xa0"

char *
qfu_text_clean (const char *text)
{
  GString *clean = g_string_new (text);

  /* GLib writes sizes with it */
  g_string_replace (clean, NO_BREAK_SPACE, " ", 0);
  for (gsize i = 0; i < clean->len; i++) {
    if (!g_ascii_isprint (clean->str[i]))
      clean->str[i] = '?';
  }
  return g_string_free (clean, FALSE);
}

char *
qfu_text_quote (const char *text, const char *prefix)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *quoted = g_string_new (NULL);

  for (gsize i = 0; lines[i] != NULL; i++) {
    g_autofree char *clean = qfu_text_clean (lines[i]);

    g_string_append_printf (quoted, "%s%s%s", i == 0 ? "" : "\n", prefix, clean);
  }
  return g_string_free (quoted, FALSE);
}

/* JSON counts in UTF-16. */
static void
append_escape (GString *out, gunichar c)
{
  if (c < PLANE) {
    g_string_append_printf (out, "\\u%04x", c);
    return;
  }
  c -= PLANE;
  g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

char *
qfu_text_json (const char *json)
{
  g_autofree char *valid = g_utf8_make_valid (json, -1);
  GString *out = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    if (*at == '\n' || g_ascii_isprint (*at))
      g_string_append_c (out, *at);
    else
      append_escape (out, g_utf8_get_char (at));
  }
  return g_string_free (out, FALSE);
}
