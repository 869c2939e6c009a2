/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupd.h>

/**
 * qfu_fwupd_connect:
 * @what: what is asked for, for the error
 *
 * Returns: (transfer full): a client whose daemon answers
 */
FwupdClient *qfu_fwupd_connect (const char *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error from fwupd's @problem with @what, by the codes that our callers tell apart. Always
 * %FALSE. */
gboolean qfu_fwupd_fail (GError **error, const char *what, const GError *problem);
