/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-declared.h"

#include "qfu-print.h"

static gboolean
read_value (const char *text, QfuDigest *value)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);

  return parts[0] != NULL && parts[1] != NULL &&
         qfu_digest_from_hex (value, qfu_hash_from_name (parts[0]), parts[1]);
}

GArray *
qfu_declared_values (char *const *checksums)
{
  GArray *values = g_array_new (FALSE, TRUE, sizeof (QfuDigest));

  for (gsize i = 0; checksums != NULL && checksums[i] != NULL; i++) {
    QfuDigest value = {0};

    if (read_value (checksums[i], &value))
      g_array_append_val (values, value);
  }
  return values;
}

void
qfu_declared_record (QfuRefRecord *record, const GArray *values, const char *plugin)
{
  g_autofree char *why = g_strdup_printf ("fwupd's plugin %s writes it; the vendor declares PCR 0",
                                          plugin == NULL ? "(unnamed)" : plugin);

  for (guint i = 0; i < values->len; i++)
    qfu_ref_record_declared (record, &g_array_index (values, QfuDigest, i), why);
}

void
qfu_declared_say (const QfuOptions *options, const GArray *declared, const char *plugin)
{
  for (guint i = 0; i < declared->len; i++) {
    const QfuDigest *value = &g_array_index (declared, QfuDigest, i);
    g_autofree char *hex = qfu_digest_to_hex (value);

    qfu_say (options, "  PCR 0  %-6s  declared by the vendor  %s", qfu_hash_name (value->hash),
             hex);
  }
  qfu_say (options,
           "  fwupd's plugin %s writes it: what the other PCRs will hold is not forecast, and "
           "secrets sealed to them may not open",
           plugin);
}
