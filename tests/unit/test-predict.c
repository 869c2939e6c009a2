/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "qfu-error.h"
#include "qfu-predict.h"
#include "testconfig.h"

#include <string.h>

#define CONFIG "CONFIG_TPM_MEASURED_BOOT=y\nCONFIG_TPM_HASH_SHA256=y\n"
#define SHA256 QFU_HASH_SHA256

typedef struct {
  TestHome home;
  QfuUntrustedBlob *old_image;
  QfuRom *old_rom;
  QfuEventLog *log;
  QfuPcrSet pcrs;
} Fixture;

static QfuUntrustedBlob *
blob (const GByteArray *bytes)
{
  return test_blob (bytes->data, bytes->len);
}

static void
set_up (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GByteArray) bytes = image_log (image, TRUE);
  g_autoptr (QfuUntrustedBlob) log = blob (bytes);
  g_autoptr (GError) error = NULL;

  test_home_set_up (&f->home, user);
  f->old_image = blob (image);
  f->old_rom = qfu_rom_read (f->home.config, f->old_image, &error);
  g_assert_no_error (error);
  f->log = qfu_eventlog_read (f->home.config, log, &error);
  g_assert_no_error (error);
  qfu_eventlog_replay (f->log, &f->pcrs);
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  qfu_eventlog_free (f->log);
  qfu_rom_free (f->old_rom);
  qfu_untrusted_blob_free (f->old_image);
  test_home_tear_down (&f->home, user);
}

static QfuPrediction *
predict (Fixture *f, const GByteArray *image, GError **error)
{
  g_autoptr (QfuUntrustedBlob) new_image = blob (image);
  g_autoptr (QfuRom) new_rom = qfu_rom_read (f->home.config, new_image, error);
  const QfuEventLog *logs[] = {f->log};

  g_assert_nonnull (new_rom);
  return qfu_predict (logs, 1, &f->pcrs, f->old_image, f->old_rom, new_image, new_rom, error);
}

static const QfuForecast *
row (const QfuPrediction *prediction, QfuHash bank, guint pcr)
{
  const GArray *rows = qfu_prediction_forecasts (prediction);

  for (guint i = 0; i < rows->len; i++) {
    const QfuForecast *forecast = &g_array_index (rows, QfuForecast, i);

    if (forecast->bank == bank && forecast->pcr == pcr)
      return forecast;
  }
  return NULL;
}

static gboolean
warned (const QfuPrediction *prediction, const char *code)
{
  const GArray *warnings = qfu_prediction_warnings (prediction);

  for (guint i = 0; i < warnings->len; i++) {
    if (strcmp (g_array_index (warnings, QfuWarning, i).code, code) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The value that the new image's own boot gives. */
static void
assert_true_value (Fixture *f, const QfuPrediction *prediction, const GByteArray *image)
{
  g_autoptr (GByteArray) bytes = image_log (image, TRUE);
  g_autoptr (QfuUntrustedBlob) new_log = blob (bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuEventLog) log = qfu_eventlog_read (f->home.config, new_log, &error);
  QfuPcrSet truth;

  g_assert_no_error (error);
  qfu_eventlog_replay (log, &truth);
  g_assert_true (
      qfu_digest_equal (&row (prediction, SHA256, 2)->value, qfu_pcr_set_get (&truth, SHA256, 2)));
}

static void
test_objects (Fixture *f, gconstpointer user)
{
  static const char *const files[] = {NULL, "bootblock"};
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuPrediction) prediction = predict (f, image, &error);
  const GArray *objects;

  g_assert_no_error (error);
  objects = qfu_prediction_objects (prediction);
  g_assert_cmpuint (objects->len, >, G_N_ELEMENTS (files));
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    const QfuMeasuredObject *object = &g_array_index (objects, QfuMeasuredObject, i);

    g_assert_cmpuint (object->pcr, ==, 2);
    g_assert_cmpstr (object->region, ==, files[i] == NULL ? "FMAP" : "COREBOOT");
    g_assert_cmpstr (object->file, ==, files[i]);
  }
}

static void
test_same (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuPrediction) prediction = predict (f, image, &error);

  g_assert_no_error (error);
  for (guint pcr = 0; pcr < 8; pcr++)
    g_assert_cmpint (row (prediction, SHA256, pcr)->status, ==, QFU_PCR_UNCHANGED);
  g_assert_cmpuint (qfu_prediction_warnings (prediction)->len, ==, 0);
}

static void
test_changed (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG, "another romstage");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuPrediction) prediction = predict (f, image, &error);

  g_assert_no_error (error);
  g_assert_cmpint (row (prediction, SHA256, 2)->status, ==, QFU_PCR_PREDICTED);
  g_assert_cmpint (row (prediction, SHA256, 4)->status, ==, QFU_PCR_UNCHANGED);
  assert_true_value (f, prediction, image);
}

static void
assert_refused (Fixture *f, const GByteArray *image, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (predict (f, image, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_refused (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) renamed = image_usual (CONFIG, "romstage");
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GByteArray) verified = image_usual (CONFIG "CONFIG_CBFS_VERIFICATION=y\n", "romstage");
  const guint bank = (guint)qfu_bank_index (SHA256);
  guint8 *name = memmem (renamed->data, renamed->len, "extra", 6);

  *name = 'E';
  assert_refused (f, renamed, "COREBOOT:extra");
  assert_refused (f, verified, "CONFIG_CBFS_VERIFICATION");
  f->pcrs.value[bank][2].data[0] ^= 1;
  assert_refused (f, image, "do not replay");
  f->pcrs.known[bank][2] = FALSE;
  assert_refused (f, image, "not known");
}

/* The present image is not what was booted. */
static void
test_other_image (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG, "romstage");
  g_autoptr (GByteArray) other = image_usual (CONFIG, "another romstage");
  g_autoptr (GError) error = NULL;

  qfu_rom_free (f->old_rom);
  qfu_untrusted_blob_free (f->old_image);
  f->old_image = blob (other);
  f->old_rom = qfu_rom_read (f->home.config, f->old_image, &error);
  assert_refused (f, image, "CBFS: fallback/romstage");
}

/* The new image extends another bank: the present one keeps the payload's part alone. */
static void
test_other_bank (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image =
      image_usual ("CONFIG_TPM_MEASURED_BOOT=y\nCONFIG_TPM_HASH_SHA1=y\n", "romstage");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuPrediction) prediction = NULL;
  QfuDigest zero;

  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    qfu_pcr_reset (&zero, QFU_HASH_SHA1, pcr, 0);
    g_assert_true (qfu_pcr_set_put (&f->pcrs, pcr, &zero));
  }
  prediction = predict (f, image, &error);
  g_assert_no_error (error);
  g_assert_cmpint (row (prediction, QFU_HASH_SHA1, 2)->status, ==, QFU_PCR_PREDICTED);
  g_assert_cmpint (row (prediction, SHA256, 2)->status, ==, QFU_PCR_PREDICTED);
  g_assert_true (
      qfu_digest_equal (&row (prediction, SHA256, 2)->value, &row (prediction, SHA256, 3)->value));
}

static void
test_warnings (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (CONFIG "CONFIG_USE_OPTION_TABLE=y\n", "romstage");
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuPrediction) prediction = NULL;

  g_array_remove_index (f->log->events, 1); /* the bootblock */
  qfu_eventlog_replay (f->log, &f->pcrs);
  prediction = predict (f, image, &error);
  g_assert_no_error (error);
  g_assert_true (warned (prediction, "bootblock-not-measured"));
  g_assert_true (warned (prediction, "boot-path-may-differ"));
  g_assert_false (warned (prediction, "payload-changed"));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
      {"/predict/objects", test_objects},         {"/predict/same", test_same},
      {"/predict/changed", test_changed},         {"/predict/refused", test_refused},
      {"/predict/other-image", test_other_image}, {"/predict/other-bank", test_other_bank},
      {"/predict/warnings", test_warnings},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
