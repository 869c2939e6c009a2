/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-fixture.h"

QfuUntrustedBlob *
manifest_image (const char *romstage)
{
  g_autoptr (GByteArray) bytes = image_usual (MANIFEST_CONFIG, romstage);

  return test_blob (bytes->data, bytes->len);
}

QfuRom *
manifest_rom (const ManifestFixture *f, const QfuUntrustedBlob *image)
{
  g_autoptr (GError) error = NULL;
  QfuRom *rom = qfu_rom_read (f->config, image, &error);

  g_assert_no_error (error);
  return rom;
}

QfuPrediction *
manifest_predict (const ManifestFixture *f, const QfuUntrustedBlob *image)
{
  g_autoptr (QfuRom) rom = manifest_rom (f, image);
  const QfuEventLog *logs[] = {f->log};
  g_autoptr (GError) error = NULL;
  QfuPrediction *prediction;
  QfuPcrSet pcrs;

  qfu_eventlog_replay (f->log, &pcrs);
  prediction = qfu_predict (logs, 1, &pcrs, f->image, f->rom, image, rom, &error);
  g_assert_no_error (error);
  return prediction;
}

void
manifest_set_up (ManifestFixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual (MANIFEST_CONFIG, "romstage");
  g_autoptr (GByteArray) bytes = image_log (image, TRUE);
  g_autoptr (QfuUntrustedBlob) log = test_blob (bytes->data, bytes->len);
  const QfuEventLog *logs[1];
  g_autoptr (GError) error = NULL;
  QfuPcrSet pcrs;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->image = test_blob (image->data, image->len);
  f->rom = manifest_rom (f, f->image);
  f->log = qfu_eventlog_read (f->config, log, &error);
  g_assert_no_error (error);
  qfu_eventlog_replay (f->log, &pcrs);
  logs[0] = f->log;
  f->replay = qfu_replay_choose (logs, 1, &pcrs);
  f->prediction = manifest_predict (f, f->image);
  f->findings = qfu_findings_new ();
  f->manifest = qfu_manifest_of_image (f->image, f->rom, "1.2", &error);
  g_assert_no_error (error);
  g_assert_true (qfu_manifest_learn_recipe (f->manifest, "normal", f->image, f->rom, f->prediction,
                                            f->replay, f->findings, &error));
  g_assert_no_error (error);
}

void
manifest_tear_down (ManifestFixture *f, gconstpointer user)
{
  qfu_manifest_free (f->manifest);
  g_ptr_array_unref (f->findings);
  qfu_prediction_free (f->prediction);
  qfu_replay_free (f->replay);
  qfu_eventlog_free (f->log);
  qfu_rom_free (f->rom);
  qfu_untrusted_blob_free (f->image);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}
