/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-refrecord.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

static JsonObject *
entry_of (JsonNode *node)
{
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return json_node_get_object (node);
}

static JsonNode *
first_entry (void)
{
  g_autoptr (QfuRefRecord) record = fixture_record ("image");

  record->id = 12;
  record->state = QFU_REF_PENDING;
  record->time = 1700000000;
  return qfu_ref_record_to_json (record, 12);
}

static void
test_round_trip (void)
{
  g_autoptr (QfuRefRecord) expected = fixture_record ("image");
  g_autoptr (JsonNode) node = first_entry ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefRecord) record = qfu_ref_record_from_json (entry_of (node), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (record->id, ==, 12);
  g_assert_cmpint (record->state, ==, QFU_REF_PENDING);
  g_assert_cmpint (record->time, ==, 1700000000);
  g_assert_cmpint (record->state_time, ==, 1700000000);
  g_assert_cmpstr (record->reason, ==, "");
  g_assert_cmpstr (record->device_name, ==, expected->device_name);
  g_assert_true (qfu_digest_equal (&record->old_chip, &expected->old_chip));
  g_assert_true (qfu_digest_equal (&record->image, &expected->image));
  g_assert_true (qfu_digest_equal (&record->payload, &expected->payload));
  g_assert_true (qfu_digest_equal (&record->cab, &expected->cab));
  g_assert_true (qfu_digest_equal (&record->manifest, &expected->manifest));
  g_assert_cmpint (record->basis, ==, QFU_BASIS_PREDICTED);
  g_assert_cmpstr (record->why_unpredicted, ==, "");
  g_assert_cmpuint (record->forecasts->len, ==, expected->forecasts->len);
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *a = &g_array_index (record->forecasts, QfuForecast, i);
    const QfuForecast *b = &g_array_index (expected->forecasts, QfuForecast, i);

    g_assert_cmpuint (a->pcr, ==, b->pcr);
    g_assert_cmpint (a->bank, ==, b->bank);
    g_assert_cmpint (a->status, ==, b->status);
    g_assert_cmpint (a->source, ==, b->source);
    g_assert_cmpuint (a->value.size, ==, b->value.size);
    g_assert_cmpmem (a->value.data, a->value.size, b->value.data, b->value.size);
    g_assert_cmpstr (a->reason == NULL ? "" : a->reason, ==, b->reason == NULL ? "" : b->reason);
  }
}

/* Learned values have no image and no cab: their digests are empty. */
static void
test_set (void)
{
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();

  qfu_ref_record_set (&record->version_to, "2.0");
  g_assert_cmpstr (record->version_to, ==, "2.0");
  qfu_ref_record_set (&record->version_to, NULL);
  g_assert_cmpstr (record->version_to, ==, "");
}

static void
test_empty_digests (void)
{
  g_autoptr (QfuRefRecord) bare = qfu_ref_record_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (QfuRefRecord) record = NULL;

  bare->id = 1;
  bare->state = QFU_REF_CURRENT;
  node = qfu_ref_record_to_json (bare, 1);
  record = qfu_ref_record_from_json (entry_of (node), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (record->cab.size, ==, 0);
  g_assert_cmpuint (record->forecasts->len, ==, 0);
}

static QfuRefRecord *
again (const QfuRefRecord *record)
{
  g_autoptr (JsonNode) node = qfu_ref_record_to_json (record, 1);
  g_autoptr (GError) error = NULL;
  QfuRefRecord *read = qfu_ref_record_from_json (entry_of (node), &error);

  g_assert_no_error (error);
  return read;
}

static QfuRefRecord *
bare_record (void)
{
  QfuRefRecord *record = qfu_ref_record_new ();

  record->id = 1;
  record->state = QFU_REF_PENDING;
  return record;
}

static void
test_unpredicted (void)
{
  g_autoptr (QfuRefRecord) record = bare_record ();
  g_autoptr (QfuRefRecord) read = NULL;

  qfu_ref_record_unpredicted (record, "no TPM");
  read = again (record);
  g_assert_cmpint (read->basis, ==, QFU_BASIS_UNPREDICTED);
  g_assert_cmpstr (read->why_unpredicted, ==, "no TPM");
  g_assert_cmpuint (read->forecasts->len, ==, 0);
}

static void
test_declared (void)
{
  g_autoptr (QfuRefRecord) record = bare_record ();
  g_autoptr (QfuRefRecord) read = NULL;
  const QfuForecast *forecast;
  QfuDigest value;

  qfu_digest_compute (QFU_HASH_SHA1, "x", 1, &value);
  qfu_ref_record_declared (record, &value, "of another plugin");
  read = again (record);
  g_assert_cmpint (read->basis, ==, QFU_BASIS_DECLARED);
  g_assert_cmpstr (read->why_unpredicted, ==, "of another plugin");
  forecast = &g_array_index (read->forecasts, QfuForecast, 0);
  g_assert_cmpuint (forecast->pcr, ==, 0);
  g_assert_cmpint (forecast->bank, ==, QFU_HASH_SHA1);
  g_assert_cmpint (forecast->source, ==, QFU_SOURCE_VENDOR);
  g_assert_cmpint (forecast->status, ==, QFU_PCR_PREDICTED);
  g_assert_true (qfu_digest_equal (&forecast->value, &value));
}

/* An entry as it was before records had a basis. */
static JsonNode *
entry_without_basis (gboolean with_cab)
{
  JsonNode *node = first_entry ();
  JsonObject *entry = entry_of (node);
  JsonArray *pcrs = json_object_get_array_member (entry, "pcrs");

  json_object_remove_member (entry, "basis");
  json_object_remove_member (entry, "whyUnpredicted");
  json_object_remove_member (entry, "manifest");
  for (guint i = 0; i < json_array_get_length (pcrs); i++)
    json_object_remove_member (json_array_get_object_element (pcrs, i), "source");
  if (!with_cab)
    json_object_set_string_member (entry, "cab", "");
  return node;
}

static void
test_before_basis (void)
{
  static const struct {
    gboolean with_cab;
    QfuRefBasis basis;
    QfuPcrSource source;
  } rows[] = {{TRUE, QFU_BASIS_PREDICTED, QFU_SOURCE_FORECAST},
              {FALSE, QFU_BASIS_LEARNED, QFU_SOURCE_MEASURED}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonNode) node = entry_without_basis (rows[i].with_cab);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRefRecord) record = qfu_ref_record_from_json (entry_of (node), &error);

    g_assert_no_error (error);
    g_assert_cmpint (record->basis, ==, rows[i].basis);
    g_assert_cmpstr (record->why_unpredicted, ==, "");
    g_assert_cmpuint (record->manifest.size, ==, 0);
    g_assert_cmpuint (record->forecasts->len, ==, 3);
    g_assert_cmpint (g_array_index (record->forecasts, QfuForecast, 0).source, ==, rows[i].source);
  }
}

/* What may be missing may still not be wrong. */
static void
test_unfit_optional (void)
{
  static const char *const names[] = {"basis", "whyUnpredicted", "manifest"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (JsonNode) node = first_entry ();
    g_autoptr (GError) error = NULL;

    json_object_set_int_member (entry_of (node), names[i], 1);
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
  for (gsize i = 0; i < 2; i++) {
    g_autoptr (JsonNode) node = first_entry ();
    g_autoptr (GError) error = NULL;

    json_object_set_string_member (entry_of (node), i == 0 ? "basis" : "manifest", "guessed");
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_move (void)
{
  g_autoptr (JsonNode) node =
      qfu_ref_move_to_json (13, 12, QFU_REF_FAILED, 1700000001, NULL, "cut \"x\"");
  const char *reason;
  QfuRefState state;
  gint64 time;
  guint id;

  g_assert_true (qfu_ref_entry_head (entry_of (node), &id, &state, &time, &reason));
  g_assert_cmpuint (id, ==, 12);
  g_assert_cmpint (state, ==, QFU_REF_FAILED);
  g_assert_cmpint (time, ==, 1700000001);
  g_assert_cmpstr (reason, ==, "cut \"x\"");
}

/* Every member is needed, and none may be of another kind. */
static void
test_members (void)
{
  static const char *const names[] = {
      "schema",      "record",    "state",   "time",  "reason",  "bootId", "deviceId", "deviceName",
      "versionFrom", "versionTo", "oldChip", "image", "payload", "cab",    "pcrs"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (JsonNode) node = first_entry ();
    g_autoptr (GError) missing = NULL;
    g_autoptr (GError) unfit = NULL;

    json_object_set_boolean_member (entry_of (node), names[i], TRUE);
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &unfit));
    g_assert_error (unfit, QFU_ERROR, QFU_ERROR_FORMAT);
    json_object_remove_member (entry_of (node), names[i]);
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &missing));
    g_assert_error (missing, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_bad_numbers (void)
{
  static const struct {
    const char *name;
    gint64 value;
  } rows[] = {{"record", 0}, {"record", -1}, {"record", G_MAXINT64}, {"time", -1}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonNode) node = first_entry ();
    g_autoptr (GError) error = NULL;

    json_object_set_int_member (entry_of (node), rows[i].name, rows[i].value);
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_bad_forecasts (void)
{
  static const char *const rows[] = {
      "[7]",
      "[{}]",
      "[{\"pcr\":24,\"bank\":\"sha256\",\"status\":\"unchanged\",\"reason\":\"\"}]",
      "[{\"pcr\":-1,\"bank\":\"sha256\",\"status\":\"unchanged\",\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"md5\",\"status\":\"unchanged\",\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"sha256\",\"status\":\"certain\",\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"sha256\",\"status\":\"predicted\",\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"sha256\",\"status\":\"unchanged\",\"source\":\"luck\","
      "\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"sha256\",\"status\":\"unchanged\",\"source\":1,\"reason\":\"\"}]",
      "[{\"pcr\":2,\"bank\":\"sha1\",\"status\":\"predicted\",\"value\":\"" HEX "\"}]",
      "[{\"pcr\":2,\"bank\":\"sha256\",\"status\":\"predicted\",\"value\":\"" HEX "0\"}]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonNode) node = first_entry ();
    g_autoptr (GError) error = NULL;
    JsonNode *pcrs = json_from_string (rows[i], &error);

    g_assert_no_error (error);
    json_object_set_member (entry_of (node), "pcrs", pcrs);
    g_assert_null (qfu_ref_record_from_json (entry_of (node), &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/refrecord/round-trip", test_round_trip);
  g_test_add_func ("/refrecord/set", test_set);
  g_test_add_func ("/refrecord/empty-digests", test_empty_digests);
  g_test_add_func ("/refrecord/unpredicted", test_unpredicted);
  g_test_add_func ("/refrecord/declared", test_declared);
  g_test_add_func ("/refrecord/before-basis", test_before_basis);
  g_test_add_func ("/refrecord/unfit-optional", test_unfit_optional);
  g_test_add_func ("/refrecord/move", test_move);
  g_test_add_func ("/refrecord/members", test_members);
  g_test_add_func ("/refrecord/bad-numbers", test_bad_numbers);
  g_test_add_func ("/refrecord/bad-forecasts", test_bad_forecasts);
  return g_test_run ();
}
