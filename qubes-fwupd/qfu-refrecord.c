/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refrecord.h"

#include "qfu-error.h"
#include "qfu-jsonread.h"

#include <string.h>

#define SCHEMA "qubes-fwupd-refvalue-1"

static const char *const state_names[] = {
    [QFU_REF_PENDING] = "pending",       [QFU_REF_CONSUMED] = "consumed",
    [QFU_REF_WRITTEN] = "written",       [QFU_REF_CURRENT] = "current",
    [QFU_REF_SUPERSEDED] = "superseded", [QFU_REF_FAILED] = "failed",
    [QFU_REF_ABANDONED] = "abandoned",
};

static const char *const basis_names[] = {
    [QFU_BASIS_PREDICTED] = "predicted",
    [QFU_BASIS_UNPREDICTED] = "unpredicted",
    [QFU_BASIS_DECLARED] = "declared",
    [QFU_BASIS_LEARNED] = "learned",
};

/* The strings and digests of a record, by their JSON names. What is optional is not in entries that
 * were written before it was invented. */
static const struct {
  const char *name;
  gsize offset;
  gboolean optional;
} strings[] =
    {
        {"whyUnpredicted", G_STRUCT_OFFSET (QfuRefRecord, why_unpredicted), TRUE},
        {"bootId", G_STRUCT_OFFSET (QfuRefRecord, boot_id), FALSE},
        {"deviceId", G_STRUCT_OFFSET (QfuRefRecord, device_id), FALSE},
        {"deviceName", G_STRUCT_OFFSET (QfuRefRecord, device_name), FALSE},
        {"versionFrom", G_STRUCT_OFFSET (QfuRefRecord, version_from), FALSE},
        {"versionTo", G_STRUCT_OFFSET (QfuRefRecord, version_to), FALSE},
},
  digests[] = {
      {"oldChip", G_STRUCT_OFFSET (QfuRefRecord, old_chip), FALSE},
      {"image", G_STRUCT_OFFSET (QfuRefRecord, image), FALSE},
      {"payload", G_STRUCT_OFFSET (QfuRefRecord, payload), FALSE},
      {"cab", G_STRUCT_OFFSET (QfuRefRecord, cab), FALSE},
      {"manifest", G_STRUCT_OFFSET (QfuRefRecord, manifest), TRUE},
};

const char *
qfu_ref_state_name (QfuRefState state)
{
  return state_names[state];
}

const char *
qfu_ref_basis_name (QfuRefBasis basis)
{
  return basis_names[basis];
}

QfuRefRecord *
qfu_ref_record_new (void)
{
  QfuRefRecord *record = g_new0 (QfuRefRecord, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    *(char **)G_STRUCT_MEMBER_P (record, strings[i].offset) = g_strdup ("");
  record->reason = g_strdup ("");
  record->state_boot_id = g_strdup ("");
  record->basis = QFU_BASIS_PREDICTED;
  record->forecasts = qfu_forecasts_new ();
  return record;
}

void
qfu_ref_record_set (char **member, const char *text)
{
  g_free (*member);
  *member = g_strdup (text == NULL ? "" : text);
}

void
qfu_ref_record_free (QfuRefRecord *record)
{
  if (record == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*(char **)G_STRUCT_MEMBER_P (record, strings[i].offset));
  g_free (record->reason);
  g_free (record->state_boot_id);
  g_array_unref (record->forecasts);
  g_free (record);
}

static void
set_basis (QfuRefRecord *record, QfuRefBasis basis, const char *why)
{
  record->basis = basis;
  qfu_ref_record_set (&record->why_unpredicted, why);
}

void
qfu_ref_record_unpredicted (QfuRefRecord *record, const char *why)
{
  set_basis (record, QFU_BASIS_UNPREDICTED, why);
}

void
qfu_ref_record_declared (QfuRefRecord *record, const QfuDigest *value, const char *why)
{
  set_basis (record, QFU_BASIS_DECLARED, why);
  qfu_forecasts_add_value (record->forecasts, 0, value, QFU_SOURCE_VENDOR,
                           "declared by the vendor");
}

static void
add_head (JsonBuilder *builder,
          guint sequence,
          guint id,
          QfuRefState state,
          gint64 time,
          const char *reason)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  json_builder_add_string_value (builder, SCHEMA);
  json_builder_set_member_name (builder, "sequence");
  json_builder_add_int_value (builder, sequence);
  json_builder_set_member_name (builder, "record");
  json_builder_add_int_value (builder, id);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, state_names[state]);
  json_builder_set_member_name (builder, "time");
  json_builder_add_int_value (builder, time);
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, reason);
}

JsonNode *
qfu_ref_move_to_json (guint sequence,
                      guint id,
                      QfuRefState state,
                      gint64 time,
                      const char *boot_id,
                      const char *reason)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  add_head (builder, sequence, id, state, time, reason);
  if (boot_id != NULL) {
    json_builder_set_member_name (builder, "bootId");
    json_builder_add_string_value (builder, boot_id);
  }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_hex (JsonBuilder *builder, const char *name, const QfuDigest *digest)
{
  g_autofree char *hex = qfu_digest_to_hex (digest);

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, hex);
}

static void
add_forecast (JsonBuilder *builder, const QfuForecast *forecast)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "pcr");
  json_builder_add_int_value (builder, forecast->pcr);
  json_builder_set_member_name (builder, "bank");
  json_builder_add_string_value (builder, qfu_hash_name (forecast->bank));
  json_builder_set_member_name (builder, "status");
  json_builder_add_string_value (builder, qfu_pcr_status_name (forecast->status));
  json_builder_set_member_name (builder, "source");
  json_builder_add_string_value (builder, qfu_pcr_source_name (forecast->source));
  if (forecast->value.size > 0)
    add_hex (builder, "value", &forecast->value);
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, forecast->reason == NULL ? "" : forecast->reason);
  json_builder_end_object (builder);
}

JsonNode *
qfu_ref_record_to_json (const QfuRefRecord *record, guint sequence)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  add_head (builder, sequence, record->id, record->state, record->time, record->reason);
  json_builder_set_member_name (builder, "basis");
  json_builder_add_string_value (builder, qfu_ref_basis_name (record->basis));
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++) {
    json_builder_set_member_name (builder, strings[i].name);
    json_builder_add_string_value (builder,
                                   *(char *const *)G_STRUCT_MEMBER_P (record, strings[i].offset));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    add_hex (builder, digests[i].name,
             (const QfuDigest *)G_STRUCT_MEMBER_P (record, digests[i].offset));
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->forecasts->len; i++)
    add_forecast (builder, &g_array_index (record->forecasts, QfuForecast, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
qfu_ref_entry_head (
    JsonObject *entry, guint *id, QfuRefState *state, gint64 *time, const char **reason)
{
  gint64 record = qfu_json_member_number (entry, "record");
  const char *name = qfu_json_member_text (entry, "state");

  *time = qfu_json_member_number (entry, "time");
  *reason = qfu_json_member_text (entry, "reason");
  *state = 0;
  for (gsize i = QFU_REF_PENDING; name != NULL && i < G_N_ELEMENTS (state_names); i++) {
    if (strcmp (state_names[i], name) == 0)
      *state = (QfuRefState)i;
  }
  *id = record > 0 && record <= G_MAXINT32 ? (guint)record : 0;
  return g_strcmp0 (qfu_json_member_text (entry, "schema"), SCHEMA) == 0 && *id != 0 &&
         *state != 0 && *time >= 0 && *reason != NULL;
}

const char *
qfu_ref_entry_boot (JsonObject *entry)
{
  return qfu_json_member_text (entry, "bootId");
}

/* The number of the word at @name, by @from_name; @otherwise when there is no such member, 0 when
 * it is unfit. */
static guint
get_word (JsonObject *object, const char *name, guint (*from_name) (const char *), guint otherwise)
{
  const char *word = qfu_json_member_text (object, name);

  if (!json_object_has_member (object, name))
    return otherwise;
  return word == NULL ? 0 : from_name (word);
}

static guint
basis_from_name (const char *name)
{
  for (guint i = QFU_BASIS_PREDICTED; i < G_N_ELEMENTS (basis_names); i++) {
    if (strcmp (basis_names[i], name) == 0)
      return i;
  }
  return 0;
}

static gboolean
read_forecast (QfuRefRecord *record, JsonNode *node)
{
  /* entries from before values had a source */
  QfuPcrSource otherwise =
      record->basis == QFU_BASIS_LEARNED ? QFU_SOURCE_MEASURED : QFU_SOURCE_FORECAST;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *bank = object == NULL ? NULL : qfu_json_member_text (object, "bank");
  const char *hex = object == NULL ? NULL : qfu_json_member_text (object, "value");
  guint hash = bank == NULL ? 0 : qfu_hash_from_name (bank);
  guint kind = object == NULL ? 0 : get_word (object, "status", qfu_pcr_status_from_name, 0);
  guint source =
      object == NULL ? 0 : get_word (object, "source", qfu_pcr_source_from_name, otherwise);
  gint64 pcr = object == NULL ? -1 : qfu_json_member_number (object, "pcr");
  QfuDigest value = {0};

  if (hash == 0 || kind == 0 || source == 0 || pcr < 0 || pcr >= QFU_PCR_COUNT ||
      (hex != NULL && !qfu_digest_from_hex (&value, hash, hex)) ||
      (hex == NULL && kind == QFU_PCR_PREDICTED))
    return FALSE;
  qfu_forecasts_add (record->forecasts, (guint)pcr, (QfuHash)hash, (QfuPcrStatus)kind,
                     hex == NULL ? NULL : &value, qfu_json_member_text (object, "reason"));
  g_array_index (record->forecasts, QfuForecast, record->forecasts->len - 1).source =
      (QfuPcrSource)source;
  return TRUE;
}

static gboolean
read_forecasts (QfuRefRecord *record, JsonObject *entry)
{
  JsonNode *node = json_object_get_member (entry, "pcrs");
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    if (!read_forecast (record, json_array_get_element (array, i)))
      return FALSE;
  }
  return array != NULL;
}

/* What may be left out is left as it is. */
static gboolean
read_strings (QfuRefRecord *record, JsonObject *entry)
{
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++) {
    const char *value = qfu_json_member_text (entry, strings[i].name);
    char **member = (char **)G_STRUCT_MEMBER_P (record, strings[i].offset);

    if (strings[i].optional && !json_object_has_member (entry, strings[i].name))
      continue;
    if (value == NULL)
      return FALSE;
    qfu_ref_record_set (member, value);
  }
  return TRUE;
}

static gboolean
read_digests (QfuRefRecord *record, JsonObject *entry)
{
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++) {
    const char *hex = qfu_json_member_text (entry, digests[i].name);
    QfuDigest *digest = (QfuDigest *)G_STRUCT_MEMBER_P (record, digests[i].offset);

    if (digests[i].optional && !json_object_has_member (entry, digests[i].name))
      continue;
    if (hex == NULL || (hex[0] != '\0' && !qfu_digest_from_hex (digest, QFU_HASH_SHA256, hex)))
      return FALSE;
  }
  return TRUE;
}

/* Before records had a basis, those without a cabinet were learned. */
static gboolean
read_basis (QfuRefRecord *record, JsonObject *entry)
{
  QfuRefBasis otherwise = record->cab.size == 0 ? QFU_BASIS_LEARNED : QFU_BASIS_PREDICTED;

  record->basis = get_word (entry, "basis", basis_from_name, otherwise);
  return record->basis != 0;
}

QfuRefRecord *
qfu_ref_record_from_json (JsonObject *entry, GError **error)
{
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();
  const char *reason;

  if (!qfu_ref_entry_head (entry, &record->id, &record->state, &record->time, &reason) ||
      !read_strings (record, entry) || !read_digests (record, entry) ||
      !read_basis (record, entry) || !read_forecasts (record, entry)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                         "the entry lacks a member or holds an unfit one");
    return NULL;
  }
  record->state_time = record->time;
  qfu_ref_record_set (&record->reason, reason);
  qfu_ref_record_set (&record->state_boot_id, record->boot_id);
  return g_steal_pointer (&record);
}
