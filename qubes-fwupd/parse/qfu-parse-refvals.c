/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `refvals --json` of another machine said: of its records, those that a boot may have the
 * values of. */
#include "qfu-error.h"
#include "qfu-parse-json.h"
#include "qfu-pcr.h"

static const QfuJsonForm form = {"file of reference values", QFU_REFVALS_DEPTH_MAX,
                                 QFU_REFVALS_NODES_MAX};

typedef struct {
  const char *name;
  guint number;
} Word;

/* The states, of #QfuRefState, in which a record says what a boot shall have; and the words of
 * #QfuPcrStatus and #QfuPcrSource. The modules that know them link more than a parser may. */
static const Word states[] = {{"consumed", 2}, {"written", 3}, {"current", 4}, {NULL, 0}};
static const Word statuses[] = {{"predicted", QFU_PCR_PREDICTED},
                                {"unchanged", QFU_PCR_UNCHANGED},
                                {"not-predictable", QFU_PCR_NOT_PREDICTABLE},
                                {NULL, 0}};
static const Word sources[] = {{"forecast", QFU_SOURCE_FORECAST},
                               {"vendor", QFU_SOURCE_VENDOR},
                               {"measured", QFU_SOURCE_MEASURED},
                               {NULL, 0}};

/* The number of the member @name of @object; 0 when it is none of @words. */
static guint
word_of (JsonObject *object, const char *name, const Word *words)
{
  const char *text = qfu_json_member_string (object, name);

  while (words->name != NULL && g_strcmp0 (words->name, text) != 0)
    words++;
  return words->number;
}

static QfuMessage *
message_of (gint64 id, guint state)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REFERENCE);

  qfu_message_add_number (message, QFU_FIELD_INDEX, (guint64)id);
  qfu_message_add_number (message, QFU_FIELD_STATUS, state);
  return message;
}

/* A value that is not known is a forecast that says nothing: null or empty. */
static gboolean
emit_value (JsonObject *value, gint64 id, guint state, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = message_of (id, state);
  gint64 pcr = qfu_json_member_int (value, "pcr", QFU_PCR_COUNT - 1);
  const char *bank = qfu_json_member_string (value, "bank");
  const char *hex = qfu_json_member_string (value, "value");
  guint kind = word_of (value, "status", statuses);
  gboolean sourced = qfu_json_member_string (value, "source") != NULL;
  guint source = sourced ? word_of (value, "source", sources) : QFU_SOURCE_FORECAST;
  QfuDigest digest;

  if (hex == NULL || *hex == '\0')
    return TRUE;
  if (pcr < 0 || kind == 0 || source == 0 || bank == NULL ||
      !qfu_digest_from_hex (&digest, qfu_hash_from_name (bank), hex))
    return qfu_json_fail (
        &form, "a value without pcr, bank, status or a known source, or that is no digest", error);
  qfu_message_add_number (message, QFU_FIELD_PCR, (guint64)pcr);
  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, source);
  return qfu_parse_emit (sink, message, error);
}

static gboolean
emit_record (JsonObject *record, const QfuParseSink *sink, GError **error)
{
  gint64 id = qfu_json_member_int (record, "record", G_MAXINT32);
  JsonArray *values = qfu_json_member_array (record, "pcrs");
  const char *version = qfu_json_member_string (record, "versionTo");
  guint n = values == NULL ? 0 : json_array_get_length (values);
  guint state = word_of (record, "state", states);
  g_autoptr (QfuMessage) head = NULL;

  if (id <= 0 || values == NULL || state == 0)
    return qfu_json_fail (&form, "a record without number or values", error);
  if (n > QFU_REFVALS_VALUES_MAX)
    return qfu_json_fail_limit (&form, "values of a record", QFU_REFVALS_VALUES_MAX, error);
  head = message_of (id, state);
  qfu_message_add_text (head, QFU_FIELD_VERSION, version);
  if (!qfu_parse_emit (sink, head, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    if (!emit_value (qfu_json_object (json_array_get_element (values, i)), id, state, sink, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
emit_records (JsonArray *records, const QfuParseSink *sink, GError **error)
{
  guint taken = 0;

  for (guint i = 0; i < json_array_get_length (records); i++) {
    JsonObject *record = qfu_json_object (json_array_get_element (records, i));

    if (record == NULL)
      return qfu_json_fail (&form, "a record that is no object", error);
    if (word_of (record, "state", states) == 0)
      continue;
    if (++taken > QFU_REFVALS_RECORDS_MAX)
      return qfu_json_fail_limit (&form, "records", QFU_REFVALS_RECORDS_MAX, error);
    if (!emit_record (record, sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_parse_refvals (const QfuMessage *arguments,
                   const QfuParseInput *inputs,
                   gsize n_inputs,
                   const QfuParseSink *sink,
                   GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonArray *records;

  if (inputs[0].size > QFU_REFVALS_SIZE_MAX)
    return qfu_json_fail_limit (&form, "bytes", QFU_REFVALS_SIZE_MAX, error);
  parser = qfu_json_read (&form, inputs[0].data, inputs[0].size, error);
  if (parser == NULL)
    return FALSE;
  records = qfu_json_member_array (qfu_json_object (json_parser_get_root (parser)), "records");
  if (records == NULL)
    return qfu_json_fail (&form, "there are no records in it", error);
  return emit_records (records, sink, error);
}
