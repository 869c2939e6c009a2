/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-attributes.h"

#include "qfu-limits.h"

#include <string.h>

struct _QfuAttributes {
  GString *bytes; /* names and values in turn, each with its NUL */
  gsize count;
  const char *names[QFU_XML_ATTRIBUTES_MAX + 1]; /* into @bytes */
  const char *values[QFU_XML_ATTRIBUTES_MAX + 1];
};

QfuAttributes *
qfu_attributes_new (void)
{
  QfuAttributes *attributes = g_new0 (QfuAttributes, 1);

  attributes->bytes = g_string_new (NULL);
  return attributes;
}

void
qfu_attributes_free (QfuAttributes *attributes)
{
  (void)g_string_free (attributes->bytes, TRUE);
  g_free (attributes);
}

/* Behind what stands at @end. */
static char *
append (char **end, const char *text, gsize size)
{
  char *start = *end;

  memcpy (start, text, size);
  *end += size;
  return start;
}

void
qfu_attributes_set (QfuAttributes *attributes, const char **names, const char **values)
{
  gsize sizes[2 * QFU_XML_ATTRIBUTES_MAX]; /* each with its NUL */
  gsize all = 0;
  char *end;
  gsize n;

  for (n = 0; names[n] != NULL; n++) {
    g_assert (n < QFU_XML_ATTRIBUTES_MAX); /* a QfuXml refused more */
    sizes[2 * n] = strlen (names[n]) + 1;
    sizes[2 * n + 1] = strlen (values[n]) + 1;
    all += sizes[2 * n] + sizes[2 * n + 1];
  }
  g_string_set_size (attributes->bytes, all);
  end = attributes->bytes->str;
  for (gsize i = 0; i < n; i++) {
    attributes->names[i] = append (&end, names[i], sizes[2 * i]);
    attributes->values[i] = append (&end, values[i], sizes[2 * i + 1]);
  }
  attributes->names[n] = NULL;
  attributes->values[n] = NULL;
  attributes->count = n;
}

const char **
qfu_attributes_get (QfuAttributes *attributes, gboolean any, const char ***values)
{
  gsize at = any ? 0 : attributes->count; /* the end of the list */

  *values = attributes->values + at;
  return attributes->names + at;
}
