/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "qfu-error.h"
#include "qfu-pending.h"
#include "testconfig.h"

#define CONFIG "CONFIG_TPM_MEASURED_BOOT=y\nCONFIG_TPM_HASH_SHA256=y\n"
/* which extends PCR 2 without logging */
#define NEW_CONFIG CONFIG "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK=y\nCONFIG_USE_OPTION_TABLE=y\n"
#define BOOT_ID "11111111-2222-3333-4444-555555555555"

static QfuRefRecord *
record_new (const QfuConfig *config, const char *boot_id, GError **error)
{
  static const QfuDevice device = {
      .id = (char *)"0123", .name = (char *)"Board", .version = (char *)"1.2"};
  g_autoptr (GError) local = NULL;

  g_file_set_contents (config->boot_id_file, boot_id, -1, &local);
  g_assert_no_error (local);
  return qfu_pending_new (config, &device, error);
}

static void
set_up (TestHome *home, gconstpointer user)
{
  test_home_set_up (home, user);
  g_free (home->config->boot_id_file);
  home->config->boot_id_file = g_build_filename (home->directory, "boot_id", NULL);
}

static void
test_new (TestHome *home, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefRecord) record = record_new (home->config, BOOT_ID "\n", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (record->boot_id, ==, BOOT_ID);
  g_assert_cmpstr (record->device_id, ==, "0123");
  g_assert_cmpstr (record->device_name, ==, "Board");
  g_assert_cmpstr (record->version_from, ==, "1.2");
  g_assert_cmpstr (record->version_to, ==, "");
  g_assert_cmpuint (record->image.size, ==, 0);
  g_assert_null (record_new (home->config, "no boot id", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
test_bind (TestHome *home, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) chip = test_blob ("old", 3);
  g_autoptr (QfuUntrustedBlob) image = test_blob ("new", 3);
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();
  const QfuPresent present = {.chip = chip};
  const QfuPlan plan = {.image = image};

  qfu_pending_bind (record, &present, &plan);
  g_assert_true (qfu_digest_equal (&record->old_chip, qfu_untrusted_blob_sha256 (chip)));
  g_assert_true (qfu_digest_equal (&record->image, qfu_untrusted_blob_sha256 (image)));
}

/* Why there is no forecast may hold anything; the record holds what a terminal may show. */
static void
test_unpredicted (TestHome *home, gconstpointer user)
{
  g_autoptr (GError) why_not =
      g_error_new_literal (QFU_ERROR, QFU_ERROR_PREDICTION, "a log\x1b[2J that\nis broken");
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();
  QfuOutlook outlook = {.why_not = why_not};

  qfu_digest_compute (QFU_HASH_SHA256, "manifest", 8, &outlook.manifest);
  qfu_pending_foretell (record, &outlook);
  g_assert_cmpint (record->basis, ==, QFU_BASIS_UNPREDICTED);
  g_assert_cmpstr (record->why_unpredicted, ==, "a log?[2J that?is broken");
  g_assert_cmpuint (record->forecasts->len, ==, 0);
  g_assert_true (qfu_digest_equal (&record->manifest, &outlook.manifest));
}

static QfuPrediction *
predict (const TestHome *home)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GByteArray) new_image = image_usual (NEW_CONFIG, "romstage");
  g_autoptr (GByteArray) bytes = image_log (image, TRUE);
  g_autoptr (QfuUntrustedBlob) new_blob = test_blob (new_image->data, new_image->len);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (image->data, image->len);
  g_autoptr (QfuUntrustedBlob) log_blob = test_blob (bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = qfu_rom_read (home->config, blob, &error);
  g_autoptr (QfuRom) new_rom = NULL;
  g_autoptr (QfuEventLog) log = NULL;
  QfuPrediction *prediction;
  QfuPcrSet pcrs;

  g_assert_no_error (error);
  new_rom = qfu_rom_read (home->config, new_blob, &error);
  g_assert_no_error (error);
  log = qfu_eventlog_read (home->config, log_blob, &error);
  g_assert_no_error (error);
  qfu_eventlog_replay (log, &pcrs);
  prediction = qfu_predict ((const QfuEventLog *const[]){log}, 1, &pcrs, blob, rom, new_blob,
                            new_rom, &error);
  g_assert_no_error (error);
  return prediction;
}

/* Every row of the forecast, with its value or without. */
static void
test_predicted (TestHome *home, gconstpointer user)
{
  g_autoptr (QfuPrediction) prediction = predict (home);
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();
  const QfuOutlook outlook = {.prediction = prediction};
  const GArray *rows = qfu_prediction_forecasts (prediction);
  guint without = 0;

  qfu_pending_foretell (record, &outlook);
  g_assert_cmpint (record->basis, ==, QFU_BASIS_PREDICTED);
  g_assert_cmpstr (record->why_unpredicted, ==, "");
  g_assert_cmpuint (record->manifest.size, ==, 0);
  g_assert_cmpuint (record->forecasts->len, ==, rows->len);
  for (guint i = 0; i < rows->len; i++) {
    const QfuForecast *row = &g_array_index (rows, QfuForecast, i);
    const QfuForecast *kept = &g_array_index (record->forecasts, QfuForecast, i);

    g_assert_cmpuint (kept->pcr, ==, row->pcr);
    g_assert_cmpint (kept->bank, ==, row->bank);
    g_assert_cmpint (kept->status, ==, row->status);
    g_assert_cmpstr (kept->reason, ==, row->reason);
    g_assert_cmpuint (kept->value.size, ==, row->value.size);
    g_assert_true (row->value.size == 0 || qfu_digest_equal (&kept->value, &row->value));
    without += row->value.size == 0;
  }
  g_assert_cmpuint (without, >, 0);
  g_assert_cmpuint (without, <, rows->len);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/pending/new", TestHome, NULL, set_up, test_new, test_home_tear_down);
  test_home_add ("/pending/bind", test_bind);
  test_home_add ("/pending/unpredicted", test_unpredicted);
  test_home_add ("/pending/predicted", test_predicted);
  return g_test_run ();
}
