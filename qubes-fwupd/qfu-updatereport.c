/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-updatereport.h"

#include <string.h>

#define PREFIX "QubesFwupd"

/* @value: (transfer full). fwupd keeps all of them in one text, with ';' between them. */
static void
put (GHashTable *report, const char *name, char *value)
{
  g_strdelimit (value, ";", ',');
  g_hash_table_insert (report, g_strconcat (PREFIX, name, NULL), value);
}

static void
put_digest (GHashTable *report, const char *name, const QfuDigest *digest)
{
  if (digest->size > 0)
    put (report, name, qfu_digest_to_hex (digest));
}

/* (transfer full): "sha256:2=HEX sha256:3=HEX": what the next boot is to give. */
static char *
pcrs_text (const GArray *forecasts)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);
    g_autofree char *hex = NULL;

    if (forecast->value.size == 0)
      continue;
    hex = qfu_digest_to_hex (&forecast->value);
    g_string_append_printf (text, "%s%s:%u=%s", text->len > 0 ? " " : "",
                            qfu_hash_name (forecast->bank), forecast->pcr, hex);
  }
  return g_string_free (text, FALSE);
}

void
qfu_update_report_before (const QfuConfig *config,
                          const char *device_id,
                          const char *library,
                          GHashTable *report)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = qfu_refstore_open (config, FALSE, &error);
  const QfuRefRecord *record = store == NULL ? NULL : qfu_refstore_latest (store, QFU_REF_PENDING);

  put (report, "Library", g_strdup (library));
  put (report, "Layout", g_strdup (config->layout));
  /* without its arguments, which may name files of this machine */
  put (report, "Programmer", g_strndup (config->programmer, strcspn (config->programmer, ":")));
  if (record == NULL || strcmp (record->device_id, device_id) != 0)
    return;
  put (report, "Record", g_strdup_printf ("%u", record->id));
  put (report, "Basis", g_strdup (qfu_ref_basis_name (record->basis)));
  put_digest (report, "OldImage", &record->old_chip);
  put_digest (report, "NewImage", &record->image);
  put_digest (report, "Payload", &record->payload);
  if (record->forecasts != NULL && record->forecasts->len > 0)
    put (report, "Pcrs", pcrs_text (record->forecasts));
}

void
qfu_update_report_after (const QfuAftermath *aftermath, const char *outcome, GHashTable *report)
{
  const QfuFlashEntry *entry = aftermath->entry;

  put (report, "Outcome", g_strdup (outcome));
  if (entry == NULL)
    return;
  put (report, "Write", g_strdup_printf ("%u", entry->id));
  put (report, "WriteState", g_strdup (qfu_flash_state_name (entry->state)));
  put (report, "BytesWritten", g_strdup_printf ("%" G_GUINT64_FORMAT, entry->bytes_written));
  put_digest (report, "OldImage", &entry->old_image);
  put_digest (report, "NewImage", &entry->new_image);
  if (aftermath->record != NULL)
    put (report, "RecordState", g_strdup (qfu_ref_state_name (aftermath->record->state)));
}
