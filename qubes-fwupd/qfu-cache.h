/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/*
 * Files that were fetched, below [Paths] Cache: metadata/REMOTE/NAME, cabs/SHA256.cab,
 * partial/SHA256. A folder is one or two components of [A-Za-z0-9._-]{1,64}, a name is one of
 * [A-Za-z0-9._-]{1,128}; none begins with a dot. Other names are a #QFU_ERROR_USAGE. A folder that
 * is a link, or that others can write, is a #QFU_ERROR_REFUSED. Who changes something holds the
 * machine's lock.
 *
 * Trust: what comes out is as untrusted as what came from the VM. Verify it again after loading.
 */

/* %TRUE when @id can be a component of a cache folder, such as the id of a remote. */
gboolean qfu_cache_id_ok (const char *id);

/**
 * qfu_cache_load:
 * @folder: such as "cabs"
 * @name: the file's name
 * @max: the largest size in bytes
 * @error: #QFU_ERROR_NOT_FOUND when there is no such file, #QFU_ERROR_LIMIT, #QFU_ERROR_IO
 *
 * Returns: (transfer full): the bytes, or %NULL
 */
QfuUntrustedBlob *qfu_cache_load (const QfuConfig *config,
                                  const char *folder,
                                  const char *name,
                                  guint64 max,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Stores @blob under that name: after a power cut there is the whole file or what was there before.
 */
gboolean qfu_cache_store (const QfuConfig *config,
                          const char *folder,
                          const char *name,
                          const QfuUntrustedBlob *blob,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the file; that there is none is no error. */
gboolean qfu_cache_remove (const QfuConfig *config,
                           const char *folder,
                           const char *name,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes every file of @folder whose name is not in @keep, what interrupted stores left as well;
 * that there is no folder is no error. */
gboolean qfu_cache_prune (const QfuConfig *config,
                          const char *folder,
                          const char *const *keep,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
