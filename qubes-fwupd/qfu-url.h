/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-limits.h"

#include <glib.h>

/**
 * qfu_url_check:
 * @url: an address to download
 * @error: #QFU_ERROR_USAGE
 *
 * Accepts `https://HOST…` of at most QFU_URL_MAX bytes of printable ASCII without spaces, without
 * user information before the host and without a fragment. Both ends of the wire check.
 */
gboolean qfu_url_check (const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;
