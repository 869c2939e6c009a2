/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

#include <json-glib/json-glib.h>

/* Says how the last refresh ended, how old metadata is and what newer firmware there is, and adds
 * the member `refresh`: null when there was no refresh yet. */
void qfu_refresh_show (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder);
