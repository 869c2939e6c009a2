/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-keyboards.h"

#include <stdlib.h>
#include <string.h>

/* KEY_ESC to KEY_S: who has all of these types. */
#define TYPING G_GUINT64_CONSTANT (0xfffffffe)

/* Below this the kernel places what no hardware stands behind. */
#define VIRTUAL "/devices/virtual/"

/* The last word of the kernel's bitmap is that of the lowest keys. */
static gboolean
types (const char *input)
{
  g_autofree char *path = g_build_filename (input, "capabilities", "key", NULL);
  g_autofree char *text = NULL;
  const char *last;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  last = strrchr (g_strstrip (text), ' ');
  return (g_ascii_strtoull (last == NULL ? text : last + 1, NULL, 16) & TYPING) == TYPING;
}

static gboolean
is_virtual (const char *input)
{
  char *real = realpath (input, NULL);
  gboolean is = real == NULL || strstr (real, VIRTUAL) != NULL;

  free (real);
  return is;
}

guint
qfu_keyboards_count (const QfuConfig *config)
{
  g_autoptr (GDir) folder = g_dir_open (config->input, 0, NULL);
  const char *name;
  guint count = 0;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *input = g_build_filename (config->input, name, NULL);

    /* beside each of them are its ways to programs: event3, mouse0 */
    if (g_str_has_prefix (name, "input") && types (input) && !is_virtual (input))
      count++;
  }
  return count;
}
