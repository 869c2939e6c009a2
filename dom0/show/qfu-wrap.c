/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wrap.h"

#include <string.h>

#define ROOM_MIN 12 /* columns that text has at least, whatever stands before it */

#define SECONDS_PLAIN 100 /* up to here, seconds and minutes are counted as such */
#define MINUTE 60
#define HOUR (60 * MINUTE)

/* How much of @text goes into a row of @room columns: up to a blank, where there is one. */
static gsize
row_length (const char *text, gsize room)
{
  gsize length = strlen (text);
  gsize end = room;

  if (length <= room)
    return length;
  while (end > 0 && text[end] != ' ')
    end--;
  while (end > 0 && text[end - 1] == ' ')
    end--;
  return end > 0 ? end : room;
}

char *
qfu_wrap (const char *text, const char *first, const char *rest, guint width)
{
  GString *rows = g_string_new (first);
  gsize before = strlen (first);

  while (width > 0) {
    gsize room = width > before + ROOM_MIN ? width - before : ROOM_MIN;
    gsize length = row_length (text, room);

    g_string_append_len (rows, text, (gssize)length);
    text += length;
    while (*text == ' ')
      text++;
    if (*text == '\0')
      return g_string_free (rows, FALSE);
    g_string_append_printf (rows, "\n%s", rest);
    before = strlen (rest);
  }
  g_string_append (rows, text);
  return g_string_free (rows, FALSE);
}

char *
qfu_duration_text (guint64 seconds)
{
  if (seconds < SECONDS_PLAIN)
    return g_strdup_printf ("%u s", (guint)seconds);
  if (seconds < SECONDS_PLAIN * MINUTE)
    return g_strdup_printf ("%u min", (guint)((seconds + MINUTE / 2) / MINUTE));
  return g_strdup_printf ("%" G_GUINT64_FORMAT " h", (seconds + HOUR / 2) / HOUR);
}
