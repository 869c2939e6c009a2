/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/**
 * QfuFolder:
 *
 * A folder of files for another machine, made beside its place and put there as a whole: after a
 * power cut there is all of it or what was there before.
 */
typedef struct _QfuFolder QfuFolder;

/**
 * qfu_folder_new:
 * @path: where it shall be; nothing, or a folder with no files but those in @names
 * @names: (array zero-terminated): files that may be replaced; one that ends in `*` stands for all
 * that begin so
 * @private: whether nobody else may read it
 * @error: #QFU_ERROR_REFUSED when something else is there, #QFU_ERROR_IO
 */
QfuFolder *qfu_folder_new (const char *path,
                           const char *const *names,
                           gboolean private,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Without qfu_folder_finish() nothing is left. */
void qfu_folder_free (QfuFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuFolder, qfu_folder_free)

gboolean qfu_folder_add (QfuFolder *folder, const char *name, GBytes *bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_folder_add_blob (QfuFolder *folder,
                              const char *name,
                              const QfuUntrustedBlob *blob,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts it in its place. */
gboolean qfu_folder_finish (QfuFolder *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
