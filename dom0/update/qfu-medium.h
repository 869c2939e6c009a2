/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/**
 * QfuMedium:
 *
 * A folder of a person's own, likely on a stick with a file system that knows neither owners nor
 * modes.
 */
typedef struct _QfuMedium QfuMedium;

/* @error: #QFU_ERROR_NOT_FOUND when there is no such folder: nothing is made where a medium is not
 * mounted; #QFU_ERROR_IO */
QfuMedium *qfu_medium_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_medium_free (QfuMedium *medium);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuMedium, qfu_medium_free)

/* (transfer full): the path of the file @name in it. */
char *qfu_medium_path (const QfuMedium *medium, const char *name);

/**
 * qfu_medium_put:
 * @name: of the file, no slash; one of this name is replaced
 * @error: #QFU_ERROR_IO when it cannot be written, #QFU_ERROR_MISMATCH when the medium gives back
 * other bytes
 *
 * Writes a file. Once this returned %TRUE it is on the medium, and was read from there, not from
 * memory, and compared.
 */
gboolean qfu_medium_put (const QfuMedium *medium,
                         const char *name,
                         const QfuUntrustedBlob *blob,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with a text. */
gboolean qfu_medium_put_text (const QfuMedium *medium,
                              const char *name,
                              const char *text,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the file at @path lies on the same file system: it would be lost together with it. */
gboolean qfu_medium_holds (const QfuMedium *medium, const char *path);
