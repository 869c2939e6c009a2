/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-heads-find.h"
#include "qfu-outlook.h"

/**
 * QfuHeadsImage:
 * @cargo: the cab
 * @payload: its firmware image, not owned
 * @plan: what worker `rom` says of that
 * @vendor: what comes with it
 * @present: what boots now; without a chip when @no_chip is set
 * @no_chip: (nullable): why the chip was not read
 * @stranger: (nullable): why it is not known to be for this board, when that is not known; a person
 * has to say so then
 * @outlook: what is known of the next boot with it
 *
 * An image for Heads to write, with all that is known of it.
 */
typedef struct {
  QfuCargo *cargo;
  const QfuUntrustedBlob *payload;
  QfuPlan *plan;
  QfuVendor *vendor;
  QfuPresent *present;
  GError *no_chip;
  GError *stranger;
  QfuOutlook *outlook;
} QfuHeadsImage;

/**
 * qfu_heads_image_obtain:
 * @image: (out): gets @cargo and @payload
 * @error: as from qfu_obtain(); #QFU_ERROR_SIGNATURE when the cab's files are not signed by an
 * accepted authority
 *
 * Fetches the cab and checks it whole: it is the one that signed metadata name, and what is in it
 * is signed as well. Nobody checks again: fwupd does not see it, and Heads knows no such signature.
 */
gboolean qfu_heads_image_obtain (QfuInventory *inventory,
                                 const QfuOptions *options,
                                 const QfuOffer *offer,
                                 QfuHeadsImage *image,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_heads_image_judge:
 * @image: after qfu_heads_image_obtain(); gets the rest
 * @error: #QFU_ERROR_REFUSED when it is for another board or chip, #QFU_ERROR_MISMATCH when the
 * vendor declares something else, #QFU_ERROR_PREDICTION when a forecast is required and there is
 * none
 *
 * Compares it with the machine, and forecasts what the TPM says after it was written.
 */
gboolean qfu_heads_image_judge (const QfuConfig *config,
                                const QfuOptions *options,
                                const QfuSmbios *smbios,
                                QfuHeadsImage *image,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Says what becomes of the PCRs and of what is sealed to them. */
void qfu_heads_image_say (const QfuOptions *options, const QfuHeadsImage *image);
/* Adds the members `pcr2`, a list of {bank, now, next}, and those of qfu_outlook_json(). */
void qfu_heads_image_json (JsonBuilder *builder, const QfuHeadsImage *image);

void qfu_heads_image_clear (QfuHeadsImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuHeadsImage, qfu_heads_image_clear)
