/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-plan.h"
#include "qfu-predict.h"
#include "qfu-vendor.h"

#include <json-glib/json-glib.h>

/**
 * QfuOutlook:
 * @prediction: (nullable): what the PCRs will hold
 * @why_not: (nullable): set when there is no prediction: the reason
 * @findings: (nullable) (element-type QfuFinding): how it compares with what the vendor declares;
 * %NULL: that was not asked
 * @manifest: SHA-256 of the vendor's manifest; size 0: there is none
 * @secrets: (nullable) (element-type QfuSecret): what is sealed to the TPM; %NULL: nobody looked
 *
 * What is known of the next boot, for people and for the record: the one place that asks for it and
 * the one place that shows it.
 */
typedef struct {
  QfuPrediction *prediction;
  GError *why_not;
  GPtrArray *findings;
  QfuDigest manifest;
  GPtrArray *secrets;
} QfuOutlook;

/**
 * QfuOutlookQuestion:
 * @config: configuration
 * @present: what boots now, with its chip
 * @plan: what the chip will hold
 * @vendor: (nullable): what the vendor declares of the image
 *
 * What an outlook is made from.
 */
typedef struct {
  const QfuConfig *config;
  const QfuPresent *present;
  const QfuPlan *plan;
  const QfuVendor *vendor;
} QfuOutlookQuestion;

/* (transfer full): never %NULL; that nothing can be said of the next boot is an answer. */
QfuOutlook *qfu_outlook_make (const QfuOutlookQuestion *question);
/* (transfer full): an outlook without prediction, because of @why_not (transfer full). */
QfuOutlook *qfu_outlook_none (GError *why_not);
void qfu_outlook_free (QfuOutlook *outlook);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuOutlook, qfu_outlook_free)

/* Takes a prediction without a value of the PCR that the code of @rom (what the chip will hold)
 * extends for none, and says why: a boot of other code could not be told by it. */
void qfu_outlook_drop_empty (QfuOutlook *outlook, const QfuRom *rom);

/* Compares an outlook that has been made with what the vendor declares, which qfu_outlook_make()
 * does, too. */
void qfu_outlook_compare (QfuOutlook *outlook, const QfuVendor *vendor, const QfuPlan *plan);
/* #QFU_ERROR_MISMATCH when the vendor declares another image or boot, naming the object. */
gboolean qfu_outlook_check_vendor (const QfuOutlook *outlook,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuOutlookImage:
 * @options: what names the present chip, logs and PCRs instead of this machine's
 * @present: from qfu_present_new(): what is known so far
 * @layout: (nullable): what to compose by; else @image is the whole chip
 * @image: the image
 * @what: what to call it in messages
 * @vendor: (nullable): what its vendor declares
 *
 * An image that is asked about.
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuPresent *present;
  const char *layout;
  const QfuUntrustedBlob *image;
  const char *what;
  const QfuVendor *vendor;
} QfuOutlookImage;

/* (transfer full): the outlook of an image; %NULL when chip or image cannot be read. */
QfuOutlook *qfu_outlook_of_image (const QfuOutlookImage *image,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Looks for the secrets that the next boot may close, for what is said of them from here on. */
void
qfu_outlook_find_secrets (QfuOutlook *outlook, const QfuConfig *config, const QfuOptions *options);

/* Says it. */
void qfu_outlook_say (const QfuOptions *options, const QfuOutlook *outlook);
/* Adds the members `pcrs` and `warnings` to the object that @builder is in. */
void qfu_outlook_members (JsonBuilder *builder, const QfuOutlook *outlook);
/* Says what becomes of the secrets, which qfu_outlook_say() does, too. */
void qfu_outlook_say_secrets (const QfuOptions *options, const QfuOutlook *outlook);
/* Adds the member `secrets`. */
void qfu_outlook_secrets (JsonBuilder *builder, const QfuOutlook *outlook);
/* Adds the member `prediction`, an object of the above or null, `predictionReason`, and `secrets`,
 * of which something can be said without a prediction, too. */
void qfu_outlook_json (JsonBuilder *builder, const QfuOutlook *outlook);
