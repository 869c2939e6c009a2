/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* predict: what the PCRs will hold when another image is on the chip. */

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-outlook.h"
#include "qfu-print.h"
#include "qfu-verbs.h"

gboolean
qfu_verb_predict (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuUntrustedBlob) image = NULL;
  g_autoptr (QfuVendor) vendor = NULL;
  g_autoptr (QfuPresent) present = NULL;
  g_autoptr (QfuOutlook) outlook = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (options->new_rom == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "predict needs --new-rom FILE");
    return FALSE;
  }
  if (options->manifest != NULL) {
    vendor = qfu_vendor_of_file (options->manifest, config, error);
    if (vendor == NULL)
      return FALSE;
  }
  present = qfu_present_new ();
  image = qfu_untrusted_blob_load (options->new_rom, QFU_ROM_SIZE_MAX, FALSE, error);
  if (image == NULL)
    return FALSE;
  outlook = qfu_outlook_of_image (&(QfuOutlookImage){config, options, present, options->layout,
                                                     image, options->new_rom, vendor},
                                  error);
  if (outlook == NULL)
    return FALSE;
  if (outlook->prediction == NULL) {
    g_propagate_error (error, g_error_copy (outlook->why_not));
    return FALSE;
  }
  qfu_outlook_find_secrets (outlook, config, options);
  qfu_outlook_say (options, outlook);
  qfu_vendor_say (options, outlook->findings);
  if (!qfu_outlook_check_vendor (outlook, error))
    return FALSE;
  json_builder_begin_object (builder);
  qfu_outlook_members (builder, outlook);
  qfu_vendor_json (builder, &outlook->manifest, outlook->findings);
  qfu_outlook_secrets (builder, outlook);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}
