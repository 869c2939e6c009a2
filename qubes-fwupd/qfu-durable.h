/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Small texts of our own that must outlive a crash, one file each.
 *
 * Trust: the folder and its files belong to root (or to whom the program runs as) and nobody else
 * may write them; anything else is refused, as is a symbolic link.
 */

/**
 * qfu_durable_open_folder:
 * @above: descriptor of a folder, or AT_FDCWD
 * @path: below @above; its last part may not be a link
 * @fd: (out) (transfer full): the folder
 * @error: #QFU_ERROR_NOT_FOUND when there is none, #QFU_ERROR_REFUSED when it is a link, not a
 * folder, or one that others can write, #QFU_ERROR_IO
 *
 * Opens a folder of ours. What is done through the descriptor stays in it, whatever somebody does
 * to the path meanwhile.
 */
gboolean qfu_durable_open_folder (int above, const char *path, int *fd, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_durable_read:
 * @folder: path
 * @name: of the file, no slash
 * @max: the longest text in bytes
 * @error: #QFU_ERROR_NOT_FOUND when there is no such folder or file, #QFU_ERROR_REFUSED when it is
 * a link, not a file, or somebody else's, #QFU_ERROR_FORMAT when it is longer or no text,
 * #QFU_ERROR_IO
 *
 * Returns: (transfer full): the text, or %NULL
 */
char *qfu_durable_read (const char *folder, const char *name, gsize max, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_durable_create:
 * @folder: of qfu_durable_open_folder()
 * @name: of the file, no slash; there must be none of it yet
 * @text: what the file shall hold
 * @error: #QFU_ERROR_IO, also when there is such a file
 *
 * As qfu_durable_write(), for a file that is never changed again.
 */
gboolean qfu_durable_create (int folder, const char *name, const char *text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_durable_write:
 * @folder: path, made when it is missing
 * @name: of the file, no slash
 * @text: what the file shall hold
 * @error: #QFU_ERROR_REFUSED as for reading, #QFU_ERROR_IO
 *
 * Replaces the file: after a power cut there is the whole text or what was there before, and once
 * this returned %TRUE it is the text. Writers must exclude each other.
 */
gboolean qfu_durable_write (const char *folder, const char *name, const char *text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
