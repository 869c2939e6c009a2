/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* make-manifest: what a vendor declares of an image, for the cab that brings it. */

#include "qfu-error.h"
#include "qfu-manifest-file.h"
#include "qfu-manifest-make.h"
#include "qfu-manifest-write.h"
#include "qfu-measured.h"
#include "qfu-print.h"
#include "qfu-verbs.h"

#include <stdio.h>
#include <string.h>

#define USUAL_RECIPE "normal"

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuManifestForm form;
  QfuUntrustedBlob *image;
  QfuRom *rom;
  QfuManifest *manifest;
  GPtrArray *findings; /* what is not declared */
} Make;

static void
make_clear (Make *make)
{
  g_clear_pointer (&make->image, qfu_untrusted_blob_free);
  g_clear_pointer (&make->rom, qfu_rom_free);
  g_clear_pointer (&make->manifest, qfu_manifest_free);
  g_clear_pointer (&make->findings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Make, make_clear)

static gboolean
check_options (Make *make, GError **error)
{
  const QfuOptions *options = make->options;
  const char *format = options->format != NULL ? options->format : "json";

  if (options->event_logs == NULL &&
      (options->recipe != NULL || options->pcrs != NULL || options->old_rom != NULL))
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "a recipe needs the log of a reference boot: --eventlog FILE");
  else if (strcmp (format, "corim") == 0 && options->out == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "CoRIM is no text: --out FILE");
  else if (options->json && options->out == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "--json says what was made, and the manifest itself needs --out FILE");
  else {
    make->form = strcmp (format, "corim") == 0 ? QFU_MANIFEST_IS_CORIM : QFU_MANIFEST_IS_JSON;
    return TRUE;
  }
  return FALSE;
}

static gboolean
read_image (const QfuConfig *config,
            const char *path,
            QfuUntrustedBlob **image,
            QfuRom **rom,
            GError **error)
{
  *image = qfu_untrusted_blob_load (path, QFU_ROM_SIZE_MAX, FALSE, error);
  *rom = *image == NULL ? NULL : qfu_rom_read (config, *image, error);
  if (*image != NULL && *rom == NULL)
    g_prefix_error (error, "%s: ", path);
  return *rom != NULL;
}

/* Starts from the manifest that --manifest names: another recipe is added to it. */
static gboolean
extend (Make *make, GError **error)
{
  g_autoptr (QfuManifest) before =
      qfu_manifest_file_read (make->config, make->options->manifest, NULL, error);
  const QfuManifestQuestion question = {.manifest = before,
                                        .version = make->options->firmware_version,
                                        .image = make->image,
                                        .rom = make->rom};
  g_autoptr (GPtrArray) findings = NULL;
  const QfuFinding *wrong;

  if (before == NULL)
    return FALSE;
  findings = qfu_manifest_check (&question, error);
  if (findings == NULL)
    return FALSE;
  wrong = qfu_findings_contradiction (findings);
  if (wrong != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "%s is of something else: %s: %s",
                 make->options->manifest, wrong->object, wrong->message);
    return FALSE;
  }
  make->manifest = g_steal_pointer (&before);
  return TRUE;
}

static gboolean
declare (Make *make, GError **error)
{
  if (make->options->manifest != NULL)
    return extend (make, error);
  make->manifest =
      qfu_manifest_of_image (make->image, make->rom, make->options->firmware_version, error);
  return make->manifest != NULL;
}

/* Without --pcrs the one log is taken at its word: it is the vendor's own. */
static gboolean
reference_pcrs (const Make *make, const GPtrArray *logs, QfuPcrSet *pcrs, GError **error)
{
  if (make->options->pcrs != NULL)
    return qfu_measured_pcrs (make->options->pcrs, pcrs, error);
  if (logs->len > 1) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "of several logs --pcrs FILE tells which belong together");
    return FALSE;
  }
  qfu_eventlog_replay (g_ptr_array_index (logs, 0), pcrs);
  qfu_findings_add (make->findings, QFU_FINDING_UNCHECKED, "PCRs",
                    "without --pcrs nothing but the log says what they were");
  return TRUE;
}

/* The reference boot is of --old-rom, else of the image itself. */
static gboolean
learn (Make *make, GError **error)
{
  const QfuOptions *options = make->options;
  g_autoptr (QfuUntrustedBlob) old_image = NULL;
  g_autoptr (QfuRom) old_rom = NULL;
  g_autoptr (GPtrArray) logs = NULL;
  g_autoptr (QfuReplay) replay = NULL;
  g_autoptr (QfuPrediction) prediction = NULL;
  QfuPcrSet pcrs;

  if (!read_image (make->config,
                   options->old_rom != NULL ? options->old_rom : options->arguments[0], &old_image,
                   &old_rom, error))
    return FALSE;
  logs = qfu_measured_logs (make->config, options->event_logs, error);
  if (logs == NULL)
    return FALSE;
  if (!reference_pcrs (make, logs, &pcrs, error))
    return FALSE;
  prediction = qfu_predict ((const QfuEventLog *const *)logs->pdata, logs->len, &pcrs, old_image,
                            old_rom, make->image, make->rom, error);
  if (prediction == NULL)
    return FALSE;
  replay = qfu_replay_choose ((const QfuEventLog *const *)logs->pdata, logs->len, &pcrs);
  return qfu_manifest_learn_recipe (
      make->manifest, options->recipe != NULL ? options->recipe : USUAL_RECIPE, make->image,
      make->rom, prediction, replay, make->findings, error);
}

static void
show (const Make *make, GBytes *bytes)
{
  const QfuOptions *options = make->options;
  g_autofree char *sha256 =
      g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes); /* as sha256sum tells it */
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  qfu_say (options, "%s: %u objects, %u recipes", options->out, make->manifest->objects->len,
           make->manifest->recipes->len);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "path", options->out);
  qfu_json_text (builder, "sha256", sha256);
  qfu_json_number (builder, "objects", make->manifest->objects->len);
  qfu_json_number (builder, "recipes", make->manifest->recipes->len);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
}

static gboolean
put_out (const Make *make, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_manifest_write (make->manifest, make->form);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  for (guint i = 0; i < make->findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (make->findings, i);

    qfu_warn ("not declared: %s: %s", finding->object, finding->message);
  }
  if (size > QFU_MANIFEST_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT,
                         "the manifest is larger than any that is read");
    return FALSE;
  }
  if (make->options->out != NULL) {
    g_autoptr (GError) local = NULL;

    if (g_file_set_contents (make->options->out, data, (gssize)size, &local)) {
      show (make, bytes);
      return TRUE;
    }
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, local->message);
    return FALSE;
  }
  if (fwrite (data, 1, size, stdout) == size)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, "the manifest could not be written");
  return FALSE;
}

gboolean
qfu_verb_make_manifest (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Make) make = {.config = config, .options = options, .findings = qfu_findings_new ()};

  return check_options (&make, error) &&
         read_image (config, options->arguments[0], &make.image, &make.rom, error) &&
         declare (&make, error) && (options->event_logs == NULL || learn (&make, error)) &&
         put_out (&make, error);
}
