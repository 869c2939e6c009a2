/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-calls.h"

/* Whether verified metadata can come of @remote at all: it is fetched without a password,
 * or is a signed file. */
gboolean qfu_remote_has_metadata (const QfuRemote *remote);
/* (nullable): why nothing can be had of @remote, for people; %NULL when it can. */
const char *qfu_remote_trouble (const QfuRemote *remote);
/* (transfer full) (nullable): the last component of the URL or path of the remote's metadata when
 * it is a safe file name. */
char *qfu_remote_file_name (const QfuRemote *remote, GError **error) G_GNUC_WARN_UNUSED_RESULT;
