/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-settle.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

#define EARLIER "11111111-0000-0000-0000-000000000000"
#define HERE "22222222-0000-0000-0000-000000000000"

/* A record, and how far it went. A word stands for the value of PCR 2; without one the update went
 * ahead without a forecast. */
typedef struct {
  const char *boot;
  const char *word;
  QfuRefState state;
} Row;

typedef struct {
  const char *name;
  Row rows[4];
  const char *present; /* word in PCR 2 */
  QfuSettleKind kind;
  const char *cause;
  const char *after; /* states of all records */
} Case;

static const Case cases[] = {
    {"nothing", {{0}}, "a", QFU_SETTLE_NONE, NULL, ""},
    {"current", {{EARLIER, "a", QFU_REF_CURRENT}}, "a", QFU_SETTLE_MATCH, NULL, "1 current"},
    {"current-changed",
     {{EARLIER, "a", QFU_REF_CURRENT}},
     "x",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 current"},
    {"written-boots",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_WRITTEN}},
     "b",
     QFU_SETTLE_MATCH,
     NULL,
     "1 superseded, 5 current"},
    {"cut-off-but-whole",
     {{EARLIER, "b", QFU_REF_CONSUMED}},
     "b",
     QFU_SETTLE_MATCH,
     NULL,
     "1 current"},
    {"did-not-take",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_WRITTEN}},
     "a",
     QFU_SETTLE_OLD,
     "flash-did-not-take",
     "1 current, 5 failed"},
    {"neither",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_WRITTEN}},
     "x",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 current, 5 failed"},
    {"waits",
     {{EARLIER, "a", QFU_REF_CURRENT}, {HERE, "b", QFU_REF_WRITTEN}},
     "a",
     QFU_SETTLE_MATCH,
     NULL,
     "1 current, 5 written"},
    {"waits-but-changed",
     {{EARLIER, "a", QFU_REF_CURRENT}, {HERE, "b", QFU_REF_WRITTEN}},
     "x",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 current, 5 written"},
    {"waits-alone", {{HERE, "b", QFU_REF_WRITTEN}}, "a", QFU_SETTLE_WAITING, NULL, "1 written"},
    {"two-open-second-boots",
     {{EARLIER, "b", QFU_REF_WRITTEN}, {EARLIER, "c", QFU_REF_WRITTEN}},
     "c",
     QFU_SETTLE_MATCH,
     NULL,
     "1 superseded, 4 current"},
    {"two-open-first-boots",
     {{EARLIER, "a", QFU_REF_CURRENT},
      {EARLIER, "b", QFU_REF_WRITTEN},
      {EARLIER, "c", QFU_REF_WRITTEN}},
     "b",
     QFU_SETTLE_OLD,
     "flash-did-not-take",
     "1 superseded, 5 current, 8 failed"},
    {"two-open-neither",
     {{EARLIER, "b", QFU_REF_WRITTEN}, {EARLIER, "c", QFU_REF_CONSUMED}},
     "x",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 failed, 4 failed"},
    {"one-open-one-waits",
     {{EARLIER, "b", QFU_REF_WRITTEN}, {HERE, "c", QFU_REF_WRITTEN}},
     "b",
     QFU_SETTLE_MATCH,
     NULL,
     "1 current, 4 written"},
    {"older-is-back",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_CURRENT}},
     "a",
     QFU_SETTLE_ALARM,
     "older-firmware",
     "1 superseded, 5 current"},
    {"unpredicted",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, NULL, QFU_REF_WRITTEN}},
     "b",
     QFU_SETTLE_UNKNOWN,
     NULL,
     "1 current, 5 written"},
    {"unpredicted-same-values",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, NULL, QFU_REF_WRITTEN}},
     "a",
     QFU_SETTLE_UNKNOWN,
     NULL,
     "1 current, 5 written"},
    {"unpredicted-waits",
     {{EARLIER, "a", QFU_REF_CURRENT}, {HERE, NULL, QFU_REF_WRITTEN}},
     "a",
     QFU_SETTLE_MATCH,
     NULL,
     "1 current, 5 written"},
    {"unpredicted-under-a-failure",
     {{EARLIER, NULL, QFU_REF_WRITTEN}, {EARLIER, "c", QFU_REF_WRITTEN}},
     "x",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 failed, 4 failed"},
    {"failed-counts-for-nothing",
     {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_FAILED}},
     "b",
     QFU_SETTLE_ALARM,
     "other-firmware",
     "1 current, 5 failed"},
};

static QfuDigest
value_of (const char *word)
{
  QfuDigest value;

  qfu_digest_compute (QFU_HASH_SHA256, word, strlen (word), &value);
  return value;
}

static void
advance (QfuRefStore *store, guint id, QfuRefState state)
{
  static const QfuRefState way[] = {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_CURRENT};

  for (gsize i = 0; i < G_N_ELEMENTS (way); i++) {
    QfuRefState next = state == QFU_REF_FAILED && way[i] == QFU_REF_WRITTEN ? state : way[i];

    g_assert_true (qfu_refstore_move (store, id, next, "test", NULL));
    if (next == state)
      return;
  }
}

static guint
add_record (QfuRefStore *store, const Row *row)
{
  QfuRefRecord *record = fixture_record ("image");
  guint id = 0;

  qfu_ref_record_set (&record->boot_id, row->boot);
  g_array_set_size (record->forecasts, 0);
  if (row->word == NULL) {
    qfu_ref_record_unpredicted (record, "test");
  } else {
    QfuDigest value = value_of (row->word);

    qfu_forecasts_add (record->forecasts, 2, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &value, NULL);
  }
  g_assert_true (qfu_refstore_stage (store, record, &id, NULL));
  advance (store, id, row->state);
  return id;
}

static void
set_pcr (QfuPcrSet *pcrs, const char *word)
{
  QfuDigest value = value_of (word);

  qfu_pcr_set_clear (pcrs);
  g_assert_true (qfu_pcr_set_put (pcrs, 2, &value));
}

static void
assert_states (const Fixture *fixture, const char *expected)
{
  g_autoptr (QfuRefStore) store = fixture_open (fixture, FALSE);
  g_autofree char *states = fixture_states (store);

  g_assert_cmpstr (states, ==, expected);
}

/* Of a boot in which a recovery set an earlier write of "b" right: @present booted. */
static const struct {
  const char *name;
  gboolean finished;
  const char *present;
  QfuSettleKind kind;
  const char *cause;
  const char *after;
} mended[] = {
    {"finished-old", TRUE, "a", QFU_SETTLE_MATCH, NULL, "1 current, 5 written"},
    {"finished-new", TRUE, "b", QFU_SETTLE_WAITING, NULL, "1 current, 5 written"},
    {"finished-mixture", TRUE, "x", QFU_SETTLE_ALARM, "half-written", "1 current, 5 written"},
    {"restored-old", FALSE, "a", QFU_SETTLE_MATCH, NULL, "1 current, 5 failed"},
    {"restored-mixture", FALSE, "x", QFU_SETTLE_ALARM, "half-written", "1 current, 5 failed"},
};

static void
test_mended (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  const Row rows[] = {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_CONSUMED}};
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_auto (QfuSettle) settle = {0};
  g_autofree char *why = NULL;
  QfuPcrSet pcrs;
  guint id;

  add_record (store, &rows[0]);
  id = add_record (store, &rows[1]);
  g_assert_true (qfu_refstore_tell (store, id, mended[i].finished, HERE, NULL));
  set_pcr (&pcrs, mended[i].present);
  qfu_settle_judge (store, &pcrs, HERE, &settle);
  g_assert_cmpuint (settle.kind, ==, mended[i].kind);
  g_assert_cmpstr (qfu_settle_cause (&settle, &pcrs), ==, mended[i].cause);
  why = qfu_settle_why (&settle, &pcrs);
  g_assert_true (qfu_settle_apply (store, &settle, why, HERE, NULL));
  g_clear_pointer (&store, qfu_refstore_close);
  assert_states (fixture, mended[i].after);
}

/* The boot after that is the one that counts. */
static void
test_after_mended (void)
{
  const Row rows[] = {{EARLIER, "a", QFU_REF_CURRENT}, {EARLIER, "b", QFU_REF_CONSUMED}};
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_auto (QfuSettle) settle = {0};
  QfuPcrSet pcrs;

  add_record (store, &rows[0]);
  g_assert_true (qfu_refstore_tell (store, add_record (store, &rows[1]), TRUE, HERE, NULL));
  set_pcr (&pcrs, "b");
  qfu_settle_judge (store, &pcrs, "33333333-0000-0000-0000-000000000000", &settle);
  g_assert_cmpuint (settle.kind, ==, QFU_SETTLE_MATCH);
  g_assert_cmpuint (settle.record->state, ==, QFU_REF_WRITTEN);
  g_assert_false (settle.mended);
}

static void
judge_and_apply (const Fixture *fixture, const Case *row)
{
  g_autoptr (QfuRefStore) reader = fixture_open (fixture, FALSE);
  g_autoptr (QfuRefStore) store = NULL;
  g_auto (QfuSettle) settle = {0};
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;
  QfuPcrSet pcrs;

  set_pcr (&pcrs, row->present);
  qfu_settle_judge (reader, &pcrs, HERE, &settle);
  why = qfu_settle_why (&settle, &pcrs);
  g_assert_cmpint (settle.kind, ==, row->kind);
  g_assert_cmpstr (qfu_settle_cause (&settle, &pcrs), ==, row->cause);
  g_assert_true ((why == NULL) == (row->cause == NULL));
  store = fixture_open (fixture, TRUE);
  g_assert_true (qfu_settle_apply (store, &settle, why, HERE, &error));
  g_assert_no_error (error);
  /* another run that saw the same */
  g_assert_true (qfu_settle_apply (store, &settle, why, HERE, &error));
  g_assert_no_error (error);
}

static void
test_case (gconstpointer data)
{
  const Case *row = data;
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (row->rows) && row->rows[i].boot != NULL; i++)
    add_record (store, &row->rows[i]);
  g_clear_pointer (&store, qfu_refstore_close);
  judge_and_apply (fixture, row);
  assert_states (fixture, row->after);
}

/* The TPM lost a bank: nothing that is compared differs, and yet it is no match. */
static void
test_bank_gone (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_auto (QfuSettle) settle = {0};
  QfuRefRecord *record = fixture_record ("image");
  g_autofree char *why = NULL;
  QfuDigest value;
  QfuPcrSet pcrs;
  guint id;

  set_pcr (&pcrs, "a");
  g_array_set_size (record->forecasts, 0);
  qfu_forecasts_add_value (record->forecasts, 2, qfu_pcr_set_get (&pcrs, QFU_HASH_SHA256, 2),
                           QFU_SOURCE_MEASURED, NULL);
  qfu_digest_compute (QFU_HASH_SHA1, "a", 1, &value);
  qfu_forecasts_add_value (record->forecasts, 2, &value, QFU_SOURCE_MEASURED, NULL);
  g_assert_true (qfu_refstore_learn (store, record, &id, NULL));
  qfu_settle_judge (store, &pcrs, HERE, &settle);
  why = qfu_settle_why (&settle, &pcrs);
  g_assert_cmpint (settle.kind, ==, QFU_SETTLE_ALARM);
  g_assert_cmpstr (qfu_settle_cause (&settle, &pcrs), ==, "bank-gone");
  g_assert_nonnull (strstr (why, "no bank sha1"));
  g_assert_cmpuint (settle.compared, ==, 2);
  g_assert_cmpuint (settle.differences->len, ==, 1);
}

/* The store was changed since it was judged. */
static void
test_stale (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);
  g_autoptr (QfuRefStore) reader = NULL;
  g_auto (QfuSettle) settle = {0};
  g_autoptr (GError) error = NULL;
  const Row row = {EARLIER, "a", QFU_REF_WRITTEN};
  guint id = add_record (store, &row);
  QfuPcrSet pcrs;

  set_pcr (&pcrs, "a");
  reader = fixture_open (fixture, FALSE);
  qfu_settle_judge (reader, &pcrs, HERE, &settle);
  g_assert_true (qfu_refstore_move (store, id, QFU_REF_FAILED, "meanwhile", &error));
  g_assert_false (qfu_settle_apply (store, &settle, NULL, HERE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_STALE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/settle/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/settle/bank-gone", test_bank_gone);
  g_test_add_func ("/settle/stale", test_stale);
  for (gsize i = 0; i < G_N_ELEMENTS (mended); i++) {
    g_autofree char *path = g_strconcat ("/settle/mended/", mended[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_mended);
  }
  g_test_add_func ("/settle/after-mended", test_after_mended);
  return g_test_run ();
}
