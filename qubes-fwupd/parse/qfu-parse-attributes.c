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

static gsize
append (GString *bytes, const char *text)
{
  gsize offset = bytes->len;

  g_string_append_len (bytes, text, (gssize)strlen (text) + 1);
  return offset;
}

void
qfu_attributes_set (QfuAttributes *attributes, const char **names, const char **values)
{
  gsize offsets[2 * QFU_XML_ATTRIBUTES_MAX];
  gsize n;

  g_string_truncate (attributes->bytes, 0);
  for (n = 0; names[n] != NULL; n++) {
    g_assert (n < QFU_XML_ATTRIBUTES_MAX); /* a QfuXml refused more */
    offsets[2 * n] = append (attributes->bytes, names[n]);
    offsets[2 * n + 1] = append (attributes->bytes, values[n]);
  }
  /* pointers last: the bytes may have moved while they grew */
  for (gsize i = 0; i < n; i++) {
    attributes->names[i] = attributes->bytes->str + offsets[2 * i];
    attributes->values[i] = attributes->bytes->str + offsets[2 * i + 1];
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
