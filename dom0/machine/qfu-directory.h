/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-calls.h"

/*
 * Remotes of fwupd that are a folder of cabs on this machine. fwupd makes metadata of them and
 * believes every file there. Here a cab in such a folder is one that a person may install, as
 * `install --local` does: what belongs together in it has to be signed, by the remote's
 * authorities, and the remote has to be allowed to offer it.
 */

/* Whether it is one of them, and enabled. */
gboolean qfu_directory_is (const QfuRemote *remote);

/**
 * qfu_directory_remote:
 * @remotes: (element-type QfuRemote)
 * @file: path of a cab
 *
 * Returns: (transfer none) (nullable): the enabled remote in whose folder @file is; links count for
 * what they lead to
 */
const QfuRemote *qfu_directory_remote (const GPtrArray *remotes, const char *file);

/* (transfer full) (element-type filename): the paths of the cabs in the folder of @remote, in
 * order.
 * @error: #QFU_ERROR_IO, #QFU_ERROR_LIMIT */
GPtrArray *qfu_directory_cabs (const QfuRemote *remote, GError **error) G_GNUC_WARN_UNUSED_RESULT;
