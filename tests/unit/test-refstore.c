/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-limits.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

static void
assert_states (const QfuRefStore *store, const char *expected)
{
  g_autofree char *seen = fixture_states (store);

  g_assert_cmpstr (seen, ==, expected);
}

static void
move (QfuRefStore *store, guint id, QfuRefState state)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_refstore_move (store, id, state, "because", &error));
  g_assert_no_error (error);
}

/* Leads a record to @state by the moves that there are. */
static guint
record_in (QfuRefStore *store, QfuRefState state)
{
  static const QfuRefState ways[][4] = {
      [QFU_REF_PENDING] = {0},
      [QFU_REF_CONSUMED] = {QFU_REF_CONSUMED},
      [QFU_REF_WRITTEN] = {QFU_REF_CONSUMED, QFU_REF_WRITTEN},
      [QFU_REF_CURRENT] = {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_CURRENT},
      [QFU_REF_SUPERSEDED] = {QFU_REF_CONSUMED, QFU_REF_CURRENT, QFU_REF_SUPERSEDED},
      [QFU_REF_FAILED] = {QFU_REF_CONSUMED, QFU_REF_FAILED},
      [QFU_REF_ABANDONED] = {QFU_REF_ABANDONED},
  };
  guint id = fixture_stage (store, "a");

  for (gsize i = 0; i < 4 && ways[state][i] != 0; i++)
    move (store, id, ways[state][i]);
  return id;
}

/* Every pair of states: what the table below allows works, the others are stale. */
static void
test_moves (void)
{
  static const char *const allowed[] = {
      "pending consumed",   "pending abandoned",  "consumed written",    "consumed failed",
      "written current",    "written failed",     "failed written",      "consumed current",
      "current superseded", "written superseded", "consumed superseded", NULL};

  for (int from = QFU_REF_PENDING; from <= QFU_REF_ABANDONED; from++) {
    for (int to = QFU_REF_PENDING; to <= QFU_REF_ABANDONED; to++) {
      g_autoptr (Fixture) fixture = fixture_new ();
      g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
      g_autoptr (GError) error = NULL;
      guint id = record_in (store, (QfuRefState)from);
      guint before = fixture_entries (fixture);
      g_autofree char *pair = g_strdup_printf ("%s %s", qfu_ref_state_name ((QfuRefState)from),
                                               qfu_ref_state_name ((QfuRefState)to));
      gboolean moved = qfu_refstore_move (store, id, (QfuRefState)to, "x", &error);

      g_test_message ("%s", pair);
      g_assert_true (moved == g_strv_contains (allowed, pair));
      g_assert_cmpuint (fixture_entries (fixture), ==, moved ? before + 1 : before);
      g_assert_true (moved || g_error_matches (error, QFU_ERROR, QFU_ERROR_STALE));
    }
  }
}

static void
test_no_such_record (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_refstore_move (store, 7, QFU_REF_CONSUMED, "x", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_STALE);
}

/* A reopened store says what the object said that wrote it, to the last member. */
static void
test_reopen (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  QfuRefStore *store = fixture_open (fixture, TRUE);
  g_autofree char *before = NULL;
  const QfuRefRecord *record;
  const QfuForecast *forecast;

  record_in (store, QFU_REF_CURRENT);
  record_in (store, QFU_REF_WRITTEN);
  fixture_stage (store, "b");
  before = fixture_states (store);
  g_assert_cmpstr (before, ==, "1 current, 5 written, 8 pending");
  qfu_refstore_close (store);

  store = fixture_open (fixture, FALSE);
  assert_states (store, before);
  record = qfu_refstore_latest (store, QFU_REF_WRITTEN);
  g_assert_true (qfu_refstore_record (store, record->id) == record);
  g_assert_null (qfu_refstore_record (store, G_MAXUINT));
  g_assert_cmpstr (record->reason, ==, "because");
  g_assert_cmpstr (record->boot_id, ==, FIXTURE_BOOT);
  g_assert_cmpstr (record->device_id, ==, FIXTURE_DEVICE);
  g_assert_cmpstr (record->device_name, ==, "ACME \"X1\"");
  g_assert_cmpstr (record->version_from, ==, "1.0.0");
  g_assert_cmpstr (record->version_to, ==, "1.1.0");
  g_assert_cmpint (record->state_time, >=, record->time);
  g_assert_cmpuint (record->forecasts->len, ==, 3);
  forecast = &g_array_index (record->forecasts, QfuForecast, 0);
  g_assert_cmpuint (forecast->pcr, ==, 2);
  g_assert_cmpint (forecast->status, ==, QFU_PCR_PREDICTED);
  g_assert_cmpuint (forecast->value.size, ==, QFU_SHA256_SIZE);
  g_assert_null (qfu_refstore_latest (store, QFU_REF_FAILED));
  qfu_refstore_close (store);
}

static void
test_stage_abandons (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  record_in (store, QFU_REF_CONSUMED);
  fixture_stage (store, "b");
  fixture_stage (store, "c");
  assert_states (store, "1 consumed, 3 abandoned, 5 pending");
}

static void
test_learn_supersedes (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (QfuRefStore) reader = NULL;
  g_autoptr (GError) error = NULL;
  guint id = 0;

  record_in (store, QFU_REF_CURRENT);
  g_assert_true (qfu_refstore_learn (store, fixture_record ("b"), &id, &error));
  g_assert_cmpuint (id, ==, 5);
  assert_states (store, "1 superseded, 5 current");
  record_in (store, QFU_REF_CURRENT);
  assert_states (store, "1 superseded, 5 superseded, 7 current");
  reader = fixture_open (fixture, FALSE);
  assert_states (reader, "1 superseded, 5 superseded, 7 current");
}

/* A boot with the values of the latest update settles those before it that never booted. Learned
 * values say nothing of an update that was written in the same boot and waits for the next. */
static void
test_current_settles (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  QfuRefRecord *learned = fixture_record ("b");
  guint id = 0;

  record_in (store, QFU_REF_CONSUMED);
  record_in (store, QFU_REF_WRITTEN);
  record_in (store, QFU_REF_CURRENT);
  assert_states (store, "1 superseded, 3 superseded, 6 current");
  record_in (store, QFU_REF_WRITTEN);
  learned->cab.size = 0;
  g_assert_true (qfu_refstore_learn (store, learned, &id, NULL));
  assert_states (store, "1 superseded, 3 superseded, 6 superseded, 12 written, 15 current");
}

/* Values learned in a later boot are those of what was written before it. */
static void
test_learn_settles (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (QfuRefStore) reader = NULL;
  g_autoptr (GError) error = NULL;
  QfuRefRecord *learned = fixture_record ("b");
  guint id = 0;

  record_in (store, QFU_REF_WRITTEN);
  record_in (store, QFU_REF_CONSUMED);
  g_free (learned->boot_id);
  learned->boot_id = g_strdup ("another");
  g_assert_true (qfu_refstore_learn (store, learned, &id, &error));
  assert_states (store, "1 superseded, 4 superseded, 6 current");
  g_assert_cmpint (qfu_refstore_latest (store, QFU_REF_CURRENT)->basis, ==, QFU_BASIS_LEARNED);
  reader = fixture_open (fixture, FALSE);
  assert_states (reader, "1 superseded, 4 superseded, 6 current");
}

/* The writer died between "current" of one record and "superseded" of the others. */
static void
test_one_current (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) writer = fixture_open (fixture, TRUE);
  g_autoptr (QfuRefStore) reader = NULL;

  record_in (writer, QFU_REF_CURRENT);
  record_in (writer, QFU_REF_WRITTEN);
  record_in (writer, QFU_REF_CURRENT);
  assert_states (writer, "1 superseded, 5 superseded, 8 current");
  g_clear_pointer (&writer, qfu_refstore_close);
  g_assert_cmpuint (fixture_entries (fixture), ==, 13);
  for (guint i = 12; i <= 13; i++) {
    g_autofree char *name = g_strdup_printf ("0000%u-superseded.json", i);
    g_autofree char *path = fixture_path (fixture, name);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  reader = fixture_open (fixture, FALSE);
  assert_states (reader, "1 superseded, 5 superseded, 8 current");
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
      "",
      "[]",
      "{",
      "{}",
      "{\"schema\":\"qubes-fwupd-refvalue-1\",\"sequence\":2,\"record\":2,\"state\":\"pending\","
      "\"time\":1,\"reason\":\"\"}",
      "{\"schema\":\"qubes-fwupd-refvalue-2\",\"sequence\":2,\"record\":1,\"state\":\"consumed\","
      "\"time\":1,\"reason\":\"\"}",
      "{\"schema\":\"qubes-fwupd-refvalue-1\",\"sequence\":2,\"record\":1,\"state\":\"done\","
      "\"time\":1,\"reason\":\"\"}",
      "{\"schema\":\"qubes-fwupd-refvalue-1\",\"sequence\":2,\"record\":1,\"state\":\"consumed\","
      "\"time\":\"1\",\"reason\":\"\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (Fixture) fixture = fixture_new ();
    g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
    g_autofree char *path = fixture_path (fixture, "000002-consumed.json");
    g_autoptr (GError) error = NULL;

    fixture_stage (store, "a");
    g_clear_pointer (&store, qfu_refstore_close);
    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    store = qfu_refstore_open (fixture, FALSE, &error);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, path));
  }
}

/* What a killed writer and people leave in the folder does not count. */
static void
test_other_files (void)
{
  static const char *const names[] = {".new", "000000-pending.json", "1-pending.json", "README",
                                      "000002-pending.json.bak"};
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  fixture_stage (store, "a");
  g_clear_pointer (&store, qfu_refstore_close);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = fixture_path (fixture, names[i]);

    g_assert_true (g_file_set_contents (path, "{ cut off", -1, NULL));
  }
  store = fixture_open (fixture, TRUE);
  assert_states (store, "1 pending");
  fixture_stage (store, "b");
  assert_states (store, "1 abandoned, 3 pending");
  g_clear_pointer (&store, qfu_refstore_close);
  store = fixture_open (fixture, FALSE);
  assert_states (store, "1 abandoned, 3 pending");
}

static void
test_unreadable (void)
{
  static const int expected[] = {QFU_ERROR_REFUSED, QFU_ERROR_IO};
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *path = fixture_path (fixture, NULL);

  g_assert_true (g_file_set_contents (path, "no folder", -1, NULL));
  for (int writable = 0; writable < 2; writable++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRefStore) store = qfu_refstore_open (fixture, writable, &error);

    g_assert_error (error, QFU_ERROR, expected[writable]);
    g_assert_null (store);
  }
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
assert_refused (const Fixture *fixture)
{
  for (int writable = 0; writable < 2; writable++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRefStore) store = qfu_refstore_open (fixture, writable, &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_null (store);
  }
}

/* Values that somebody else may have put there are none. */
static void
test_not_ours (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *path = fixture_path (fixture, NULL);
  g_autofree char *aside = g_strconcat (path, ".aside", NULL);
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  g_clear_pointer (&store, qfu_refstore_close);
  g_assert_cmpint (g_chmod (path, 0775), ==, 0);
  assert_refused (fixture);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  g_assert_cmpint (g_rename (path, aside), ==, 0);
  g_assert_cmpint (symlink (aside, path), ==, 0);
  assert_refused (fixture);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rename (aside, path), ==, 0);
  store = fixture_open (fixture, FALSE);
  assert_states (store, "");
}

static void
test_empty (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, FALSE);
  g_autofree char *path = fixture_path (fixture, NULL);

  assert_states (store, "");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* A record whose device has a name of @n bytes. */
static gboolean
learn_name (QfuRefStore *store, gsize n, GError **error)
{
  QfuRefRecord *record = fixture_record ("one");
  guint id;

  g_free (record->device_name);
  record->device_name = g_strnfill (n, 'n');
  return qfu_refstore_learn (store, record, &id, error);
}

static void
test_entry_limit (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autofree char *path = fixture_path (fixture, "000001-current.json");
  g_autoptr (GError) error = NULL;
  GStatBuf st;
  gsize most;

  g_assert_true (learn_name (store, 0, NULL));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  most = QFU_REFSTORE_ENTRY_MAX - (gsize)st.st_size;
  g_assert_true (learn_name (store, most, &error));
  g_assert_no_error (error);
  g_assert_false (learn_name (store, most + 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/refstore/moves", test_moves);
  g_test_add_func ("/refstore/no-such-record", test_no_such_record);
  g_test_add_func ("/refstore/reopen", test_reopen);
  g_test_add_func ("/refstore/stage-abandons", test_stage_abandons);
  g_test_add_func ("/refstore/learn-supersedes", test_learn_supersedes);
  g_test_add_func ("/refstore/learn-settles", test_learn_settles);
  g_test_add_func ("/refstore/current-settles", test_current_settles);
  g_test_add_func ("/refstore/one-current", test_one_current);
  g_test_add_func ("/refstore/damaged", test_damaged);
  g_test_add_func ("/refstore/other-files", test_other_files);
  g_test_add_func ("/refstore/unreadable", test_unreadable);
  g_test_add_func ("/refstore/not-ours", test_not_ours);
  g_test_add_func ("/refstore/empty", test_empty);
  g_test_add_func ("/refstore/entry-limit", test_entry_limit);
  return g_test_run ();
}
