/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

#include <json-glib/json-glib.h>

/* Says of each of @secrets (nullable) (element-type QfuSecret) what the next boot means to it, as
 * @forecasts (nullable) (element-type QfuForecast) have it, and what to do then. */
void qfu_secrets_say (const QfuOptions *options, const GPtrArray *secrets, const GArray *forecasts);

/* Adds the member `secrets`, a list of {name, kind, bank, pcrs, verdict, reason, advice}. */
void qfu_secrets_json (JsonBuilder *builder, const GPtrArray *secrets, const GArray *forecasts);
