/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-forecast.h"
#include "testconfig.h"

#include <string.h>

#define SHA256 QFU_HASH_SHA256

/* coreboot in PCR 2, a separator in 4, a table in 1, UEFI's in 7, firmware's code in 6. */
static QfuEventLog *
present (void)
{
  QfuEventLog *log = forged_log (QFU_LOG_TCG2);

  forged_event (log, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (log, 4, 4, "", SHA256, "s");
  forged_event (log, 1, 6, "", SHA256, "t");
  forged_event (log, 7, 0x80000001, "", SHA256, "v");
  forged_event (log, 6, 0x80000003, "", SHA256, "d");
  g_array_index (log->events, QfuEvent, 4).flags = QFU_EVENT_FLAG_FIRMWARE;
  return log;
}

/* The next boot's extends: the present ones, with @code for coreboot's. */
static GArray *
next (const QfuReplay *replay, const char *code)
{
  GArray *events = g_array_new (FALSE, TRUE, sizeof (QfuNextEvent));

  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);
    QfuNextEvent row = {.pcr = event->pcr};

    memcpy (row.digests, event->digests, sizeof row.digests);
    if (i == 0)
      qfu_digest_compute (SHA256, code, 1, &row.digests[qfu_bank_index (SHA256)]);
    g_array_append_val (events, row);
  }
  return events;
}

typedef struct {
  const char *code;
  gboolean changed;
  const QfuPcrSet *pcrs; /* NULL: what the log gives */
  guint doubt;           /* a PCR; 0: none */
} Case;

static GArray *
forecast (const Case *c)
{
  g_autoptr (QfuEventLog) log = present ();
  const QfuEventLog *logs[] = {log};
  QfuPcrSet pcrs;
  g_autoptr (QfuReplay) replay = NULL;
  g_autoptr (GArray) events = NULL;
  QfuForecastInput input = {.bank = qfu_bank_index (SHA256), .changed = c->changed};

  qfu_eventlog_replay (log, &pcrs);
  replay = qfu_replay_choose (logs, 1, c->pcrs != NULL ? c->pcrs : &pcrs);
  events = next (replay, c->code);
  input.replay = replay;
  input.pcrs = c->pcrs != NULL ? c->pcrs : &pcrs;
  input.explained = replay->values;
  input.next = events;
  if (c->doubt > 0)
    qfu_forecast_doubt (&input, -1, c->doubt, "a reason");
  return qfu_forecast (&input);
}

static void
assert_status (const GArray *rows, guint pcr, QfuPcrStatus status)
{
  const QfuForecast *row = &g_array_index (rows, QfuForecast, pcr);

  g_assert_cmpuint (rows->len, ==, QFU_PCR_COUNT);
  g_assert_cmpuint (row->pcr, ==, pcr);
  g_assert_cmpint (row->bank, ==, SHA256);
  g_assert_cmpint (row->status, ==, status);
  g_assert_cmpint (row->value.size == 0, ==, status == QFU_PCR_NOT_PREDICTABLE);
  g_assert_nonnull (row->reason);
}

static void
test_same (void)
{
  g_autoptr (GArray) rows = forecast (&(Case){"a", FALSE, NULL, 0});

  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
    assert_status (rows, pcr, QFU_PCR_UNCHANGED);
}

static void
test_changed (void)
{
  g_autoptr (GArray) rows = forecast (&(Case){"b", TRUE, NULL, 0});
  QfuDigest expected;
  QfuDigest digest;

  assert_status (rows, 2, QFU_PCR_PREDICTED);
  assert_status (rows, 4, QFU_PCR_UNCHANGED);
  assert_status (rows, 17, QFU_PCR_UNCHANGED);
  qfu_pcr_reset (&expected, SHA256, 2, 0);
  qfu_digest_compute (SHA256, "b", 1, &digest);
  qfu_pcr_extend (&expected, &digest);
  g_assert_true (qfu_digest_equal (&g_array_index (rows, QfuForecast, 2).value, &expected));
}

static void
test_doubt (void)
{
  g_autoptr (GArray) rows = forecast (&(Case){"b", TRUE, NULL, 2});

  assert_status (rows, 2, QFU_PCR_NOT_PREDICTABLE);
  g_assert_cmpstr (g_array_index (rows, QfuForecast, 2).reason, ==, "a reason");
  assert_status (rows, 3, QFU_PCR_UNCHANGED);
}

/* The first reason stays, and one bank's is not another's. */
static void
test_doubts (void)
{
  QfuForecastInput input = {0};

  qfu_forecast_doubt (&input, 1, 4, "one");
  qfu_forecast_doubt (&input, -1, 4, "all");
  g_assert_cmpstr (input.doubt[1][4], ==, "one");
  g_assert_cmpstr (input.doubt[0][4], ==, "all");
  g_assert_null (input.doubt[0][5]);
}

/* After a dynamic launch, a change of what firmware hands over may show in its PCRs. */
static void
test_launch (void)
{
  g_autoptr (QfuEventLog) log = present ();
  QfuPcrSet pcrs;
  g_autoptr (GArray) same = NULL;
  g_autoptr (GArray) changed = NULL;

  forged_event (log, 17, 0x402, "", SHA256, "x");
  qfu_eventlog_replay (log, &pcrs);
  same = forecast (&(Case){"a", FALSE, &pcrs, 0});
  assert_status (same, 17, QFU_PCR_NOT_PREDICTABLE);
  assert_status (same, 18, QFU_PCR_UNCHANGED);
  changed = forecast (&(Case){"b", TRUE, &pcrs, 0});
  assert_status (changed, 17, QFU_PCR_NOT_PREDICTABLE);
  assert_status (changed, 18, QFU_PCR_UNCHANGED);
}

/* What does not replay, or is not known, is not forecast. */
static void
test_present (void)
{
  g_autoptr (GArray) rows = NULL;
  QfuPcrSet pcrs;
  QfuDigest value;

  qfu_pcr_set_clear (&pcrs);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT - 1; pcr++) {
    qfu_pcr_reset (&value, SHA256, pcr, 0);
    value.data[0] ^= (guint8)(pcr == 10 || pcr == 18);
    g_assert_true (qfu_pcr_set_put (&pcrs, pcr, &value));
  }
  rows = forecast (&(Case){"a", FALSE, &pcrs, 0});
  assert_status (rows, 0, QFU_PCR_UNCHANGED);
  assert_status (rows, 2, QFU_PCR_NOT_PREDICTABLE);
  assert_status (rows, 10, QFU_PCR_NOT_PREDICTABLE);
  assert_status (rows, 17, QFU_PCR_UNCHANGED);
  assert_status (rows, 18, QFU_PCR_NOT_PREDICTABLE);
  assert_status (rows, 23, QFU_PCR_NOT_PREDICTABLE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/forecast/same", test_same);
  g_test_add_func ("/forecast/changed", test_changed);
  g_test_add_func ("/forecast/doubt", test_doubt);
  g_test_add_func ("/forecast/doubts", test_doubts);
  g_test_add_func ("/forecast/launch", test_launch);
  g_test_add_func ("/forecast/present", test_present);
  return g_test_run ();
}
