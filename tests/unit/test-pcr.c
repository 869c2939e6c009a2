/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pcr.h"
#include "testconfig.h"

#include <string.h>

static void
test_reset (void)
{
  QfuDigest value;

  qfu_pcr_reset (&value, QFU_HASH_SHA256, 0, 3);
  g_assert_cmpuint (value.size, ==, 32);
  g_assert_cmpuint (value.data[30], ==, 0);
  g_assert_cmpuint (value.data[31], ==, 3);
  qfu_pcr_reset (&value, QFU_HASH_SHA1, 17, 3);
  g_assert_cmpuint (value.size, ==, 20);
  g_assert_cmpuint (value.data[19], ==, 0xff);
  qfu_pcr_start (&value, QFU_HASH_SHA1, 17, 3, TRUE);
  g_assert_cmpuint (value.data[19], ==, 0);
  qfu_pcr_start (&value, QFU_HASH_SHA1, 0, 3, TRUE);
  g_assert_cmpuint (value.data[19], ==, 3);
  g_assert_true (qfu_pcr_is_drtm (22) && !qfu_pcr_is_drtm (23) && !qfu_pcr_is_drtm (16));
  qfu_pcr_reset (&value, QFU_HASH_SHA1, 16, 3);
  g_assert_cmpuint (value.data[19], ==, 0);
}

/* The separator H(ffffffff) extended once into a fresh PCR: a value that every SeaBIOS machine with
 * SHA-256 shows. */
static void
test_extend (void)
{
  const guint8 separator[4] = {0xff, 0xff, 0xff, 0xff};
  QfuDigest value;
  QfuDigest digest;

  qfu_pcr_reset (&value, QFU_HASH_SHA256, 0, 0);
  qfu_digest_compute (QFU_HASH_SHA256, separator, sizeof separator, &digest);
  qfu_pcr_extend (&value, &digest);
  g_autofree char *hex = qfu_digest_to_hex (&value);
  g_assert_cmpstr (hex, ==, "e21b703ee69c77476bccb43ec0336a9a1b2914b378944f7b00a10214ca8fea93");
}

static void
test_set (void)
{
  QfuPcrSet set;
  QfuDigest value;
  QfuDigest foreign = {.hash = (QfuHash)0x12, .size = 32};

  qfu_pcr_set_clear (&set);
  qfu_digest_compute (QFU_HASH_SHA384, "x", 1, &value);
  g_assert_null (qfu_pcr_set_get (&set, QFU_HASH_SHA384, 2));
  g_assert_true (qfu_pcr_set_put (&set, 2, &value));
  g_assert_true (qfu_digest_equal (qfu_pcr_set_get (&set, QFU_HASH_SHA384, 2), &value));
  g_assert_null (qfu_pcr_set_get (&set, QFU_HASH_SHA256, 2));
  g_assert_null (qfu_pcr_set_get (&set, QFU_HASH_SHA384, QFU_PCR_COUNT));
  g_assert_false (qfu_pcr_set_put (&set, QFU_PCR_COUNT, &value));
  g_assert_false (qfu_pcr_set_put (&set, 2, &foreign));
}

static void
test_names (void)
{
  for (guint status = QFU_PCR_PREDICTED; status <= QFU_PCR_NOT_PREDICTABLE; status++)
    g_assert_cmpuint (qfu_pcr_status_from_name (qfu_pcr_status_name ((QfuPcrStatus)status)), ==,
                      status);
  g_assert_cmpuint (qfu_pcr_status_from_name ("surely"), ==, 0);
  for (guint source = QFU_SOURCE_FORECAST; source <= QFU_SOURCE_MEASURED; source++)
    g_assert_cmpuint (qfu_pcr_source_from_name (qfu_pcr_source_name ((QfuPcrSource)source)), ==,
                      source);
  g_assert_cmpuint (qfu_pcr_source_from_name ("luck"), ==, 0);
  for (gsize i = 0; i < QFU_BANK_COUNT; i++)
    g_assert_cmpint (qfu_bank_index (qfu_bank_hash (i)), ==, (int)i);
  g_assert_cmpint (qfu_bank_index (0x12), ==, -1);
}

static void
test_sources (void)
{
  g_autoptr (GArray) forecasts = qfu_forecasts_new ();
  const QfuForecast *rows;
  QfuDigest value;

  qfu_digest_compute (QFU_HASH_SHA384, "x", 1, &value);
  qfu_forecasts_add (forecasts, 1, QFU_HASH_SHA1, QFU_PCR_NOT_PREDICTABLE, NULL, "why");
  qfu_forecasts_add_value (forecasts, 0, &value, QFU_SOURCE_VENDOR, NULL);
  qfu_forecasts_add_value (forecasts, 2, &value, QFU_SOURCE_MEASURED, NULL);
  rows = (const QfuForecast *)(gpointer)forecasts->data;
  g_assert_cmpint (rows[0].source, ==, QFU_SOURCE_FORECAST);
  g_assert_cmpint (rows[1].source, ==, QFU_SOURCE_VENDOR);
  g_assert_cmpint (rows[1].status, ==, QFU_PCR_PREDICTED);
  g_assert_cmpint (rows[2].source, ==, QFU_SOURCE_MEASURED);
  g_assert_cmpint (rows[2].status, ==, QFU_PCR_UNCHANGED);
  g_assert_cmpint (rows[2].bank, ==, QFU_HASH_SHA384);
  g_assert_true (qfu_digest_equal (&rows[2].value, &value));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/pcr/reset", test_reset);
  g_test_add_func ("/pcr/extend", test_extend);
  g_test_add_func ("/pcr/set", test_set);
  g_test_add_func ("/pcr/names", test_names);
  g_test_add_func ("/pcr/sources", test_sources);
  return g_test_run ();
}
