/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"
#include "qfu-predict.h"

#include <json-glib/json-glib.h>

/**
 * qfu_outlook_make:
 * @options: --old-rom, --eventlog and --pcrs say what boots now; what is not given is read from
 * this machine
 * @layout: (nullable): the layout to compose by; %NULL: @image is the whole chip
 * @image: the image of the next boot
 * @what: what to call @image in messages
 * @error: whatever stands in the way
 *
 * Forecasts the PCRs of the next boot.
 */
QfuPrediction *qfu_outlook_make (const QfuConfig *config,
                                 const QfuOptions *options,
                                 const char *layout,
                                 const QfuUntrustedBlob *image,
                                 const char *what,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Says it, and adds the members `pcrs` and `warnings` to the object that @builder is in. */
void
qfu_outlook_show (const QfuOptions *options, JsonBuilder *builder, const QfuPrediction *prediction);
