/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-progress.h"
#include "testconfig.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC
#define MB 1000000u

static QfuMeter
meter_of (guint64 done, double rate, guint seconds)
{
  return (QfuMeter){.start = 1, .now = 1 + seconds * SECOND, .done = done, .rate = rate};
}

static void
test_meter (void)
{
  QfuMeter meter = {0};

  qfu_meter_read (&meter, 5 * MB, SECOND); /* what was there before is no speed */
  g_assert_cmpfloat (meter.rate, ==, 0);
  g_assert_cmpuint (qfu_meter_left (&meter, 25 * MB), ==, G_MAXUINT64);
  qfu_meter_read (&meter, 6 * MB, SECOND + 1);
  g_assert_cmpfloat (meter.rate, ==, 0);
  g_assert_cmpuint (meter.done, ==, 6 * MB);
  qfu_meter_read (&meter, 7 * MB, 2 * SECOND);
  g_assert_cmpfloat_with_epsilon (meter.rate, 2 * MB, 1);
  g_assert_cmpuint (qfu_meter_left (&meter, 25 * MB), ==, G_MAXUINT64); /* too early to say */
  qfu_meter_read (&meter, 9 * MB, 3 * SECOND);
  g_assert_cmpfloat_with_epsilon (meter.rate, 2 * MB, 1);
  g_assert_cmpuint (qfu_meter_left (&meter, 25 * MB), ==, 8);
  g_assert_cmpuint (qfu_meter_left (&meter, 1), ==, G_MAXUINT64);
}

/* A change of speed counts little by little, and what stands still has no end. */
static void
test_meter_changes (void)
{
  QfuMeter meter = {0};
  double before;

  qfu_meter_read (&meter, 0, SECOND);
  qfu_meter_read (&meter, 10 * MB, 2 * SECOND);
  before = meter.rate;
  qfu_meter_read (&meter, 11 * MB, 3 * SECOND);
  g_assert_cmpfloat (meter.rate, <, before);
  g_assert_cmpfloat (meter.rate, >, 5 * MB);
  for (guint i = 4; i < 600; i++)
    qfu_meter_read (&meter, 11 * MB, i * SECOND);
  g_assert_cmpuint (qfu_meter_left (&meter, 25 * MB), ==, G_MAXUINT64);
  qfu_meter_read (&meter, MB, 601 * SECOND); /* it began anew */
  g_assert_cmpfloat (meter.rate, ==, 0);
  g_assert_cmpint (meter.start, ==, 601 * SECOND);
}

static void
assert_line (guint width, const QfuMeter *meter, guint64 total, const char *expected)
{
  g_autofree char *line =
      qfu_progress_line ("firmware.xml.zst", QFU_PROGRESS_BYTES, meter, total, width);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_line (void)
{
  const QfuMeter meter = meter_of (15 * MB, 1.5 * MB, 10);
  const QfuMeter early = meter_of (0, 0, 0);
  const QfuMeter whole = meter_of (60 * MB, 1.5 * MB, 40);

  assert_line (79, &meter, 60 * MB,
               "firmware.xml.zst [#######.......................]  25%    1.5 MB/s    30 s left");
  assert_line (60, &meter, 60 * MB, "firmware.xml.zst [##.........]  25%    1.5 MB/s    30 s left");
  assert_line (39, &meter, 60 * MB, "firmware.xml.zst  25%    30 s left");
  assert_line (30, &meter, 60 * MB, "firmware.xml.zst  25%");
  assert_line (20, &meter, 60 * MB, "firmware.xml.zs  25%");
  assert_line (12, &meter, 60 * MB, "firmwar  25%");
  assert_line (3, &meter, 60 * MB, "  2");
  assert_line (0, &meter, 60 * MB, "");
  assert_line (79, &early, 60 * MB, "firmware.xml.zst [..............................]   0%");
  assert_line (79, &whole, 60 * MB,
               "firmware.xml.zst [##############################] 100%    1.5 MB/s     0 s left");
  assert_line (79, &meter, 10 * MB, /* more than was announced */
               "firmware.xml.zst [##############################] 100%    1.5 MB/s");
  assert_line (79, &meter, 0, "firmware.xml.zst  15.0 MB    1.5 MB/s");
}

static void
test_percent (void)
{
  const QfuMeter meter = meter_of (40, 2, 20);
  g_autofree char *line = qfu_progress_line ("writing", QFU_PROGRESS_PERCENT, &meter, 100, 60);

  g_assert_cmpstr (line, ==, "writing [############..................]  40%    30 s left");
}

/* At every width, of everything: it fits, and the bar never comes without what it stands for. */
static void
test_every_width (void)
{
  const guint64 totals[] = {0, 1, 60 * MB, G_MAXUINT64};
  const QfuMeter meters[] = {meter_of (0, 0, 0), meter_of (MB, 1, 5), meter_of (MB, 1e18, 5),
                             meter_of (G_MAXUINT64, 1e18, 5)};

  for (guint i = 0; i < 200 * G_N_ELEMENTS (totals) * G_N_ELEMENTS (meters); i++) {
    guint width = i % 200;
    guint64 total = totals[i / 200 % G_N_ELEMENTS (totals)];
    const QfuMeter *meter = &meters[i / 200 / G_N_ELEMENTS (totals)];
    g_autofree char *line =
        qfu_progress_line ("reading the chip back", QFU_PROGRESS_BYTES, meter, total, width);

    g_assert_cmpuint (strlen (line), <=, width);
    g_assert_true (strchr (line, '[') == NULL || strstr (line, "%") != NULL);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/progress/meter", test_meter);
  g_test_add_func ("/progress/meter-changes", test_meter_changes);
  g_test_add_func ("/progress/line", test_line);
  g_test_add_func ("/progress/percent", test_percent);
  g_test_add_func ("/progress/every-width", test_every_width);
  return g_test_run ();
}
