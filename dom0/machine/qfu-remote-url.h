/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_remote_of_url:
 * @remotes: (element-type QfuRemote): of qfu_fwupd_remotes()
 * @url: address of metadata, as a person gives it
 * @error: #QFU_ERROR_NOT_FOUND naming the way out
 *
 * A remote is what says which signatures count and what it may offer, so metadata is never fetched
 * for an address alone. The address of LVFS's metadata may be of any compression and of either of
 * its hosts: what is fetched then is what the remote says.
 *
 * Returns: (transfer none): id of the enabled remote to which @url belongs
 */
const char *qfu_remote_of_url (const GPtrArray *remotes,
                               const char *url,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
