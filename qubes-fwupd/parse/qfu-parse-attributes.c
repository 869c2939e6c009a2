/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-attributes.h"

#include <string.h>

struct _QfuAttributes {
  GString *bytes;    /* names and values in turn, each with its NUL */
  GPtrArray *names;  /* into @bytes, %NULL-terminated */
  GPtrArray *values; /* the same */
};

QfuAttributes *
qfu_attributes_new (void)
{
  static const char *none[] = {NULL};
  QfuAttributes *attributes = g_new0 (QfuAttributes, 1);

  attributes->bytes = g_string_new (NULL);
  attributes->names = g_ptr_array_new ();
  attributes->values = g_ptr_array_new ();
  qfu_attributes_set (attributes, none, none);
  return attributes;
}

void
qfu_attributes_free (QfuAttributes *attributes)
{
  (void)g_string_free (attributes->bytes, TRUE);
  g_ptr_array_unref (attributes->names);
  g_ptr_array_unref (attributes->values);
  g_free (attributes);
}

static void
append (GString *bytes, const char *text)
{
  g_string_append_len (bytes, text, (gssize)strlen (text) + 1);
}

void
qfu_attributes_set (QfuAttributes *attributes, const char **names, const char **values)
{
  char *here;

  g_string_truncate (attributes->bytes, 0);
  g_ptr_array_set_size (attributes->names, 0);
  g_ptr_array_set_size (attributes->values, 0);
  for (gsize i = 0; names[i] != NULL; i++) {
    append (attributes->bytes, names[i]);
    append (attributes->bytes, values[i]);
  }
  /* pointers last: the bytes may have moved while they grew */
  here = attributes->bytes->str;
  for (gsize i = 0; names[i] != NULL; i++) {
    g_ptr_array_add (attributes->names, here);
    here += strlen (here) + 1;
    g_ptr_array_add (attributes->values, here);
    here += strlen (here) + 1;
  }
  g_ptr_array_add (attributes->names, NULL);
  g_ptr_array_add (attributes->values, NULL);
}

const char **
qfu_attributes_get (QfuAttributes *attributes, gboolean any, const char ***values)
{
  guint at = any ? 0 : attributes->names->len - 1; /* the end of the list */

  *values = (const char **)attributes->values->pdata + at;
  return (const char **)attributes->names->pdata + at;
}
