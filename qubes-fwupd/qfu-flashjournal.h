/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flashentry.h"

/*
 * The journal of writes in State/flash, one JSON file each (schemas/flashjournal.schema.json),
 * which is replaced as a whole when the state changes. Who writes it holds the chip's lock; anybody
 * may read it.
 *
 * Trust: our own store, written by root.
 */

/* (transfer full): the path of the entry @id. */
char *qfu_flashjournal_path (const QfuConfig *config, guint id);

/**
 * qfu_flashjournal_load:
 * @config: configuration
 * @error: #QFU_ERROR_FORMAT naming the file that is damaged, #QFU_ERROR_REFUSED when one is
 * somebody else's, #QFU_ERROR_IO
 *
 * Returns: (transfer full) (element-type QfuFlashEntry): all entries, oldest first; none when there
 * is no journal
 */
GPtrArray *qfu_flashjournal_load (const QfuConfig *config,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flashjournal_unfinished:
 * @config: configuration
 * @entry: (out) (transfer full) (nullable): the newest entry that is in intent or neither; %NULL
 * when there is none
 * @error: as qfu_flashjournal_load()
 */
gboolean qfu_flashjournal_unfinished (const QfuConfig *config,
                                      QfuFlashEntry **entry,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flashjournal_begin:
 * @config: configuration
 * @entry: what is about to happen; gets its id and time
 * @error: #QFU_ERROR_IO, #QFU_ERROR_LIMIT, #QFU_ERROR_REFUSED
 *
 * Once this returned %TRUE the intent is on the disk.
 */
gboolean qfu_flashjournal_begin (const QfuConfig *config,
                                 QfuFlashEntry *entry,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flashjournal_move:
 * @config: configuration
 * @entry: gets @state, the time and this boot
 * @state: what the chip was found to hold
 * @reason: for people, printable ASCII
 * @error: #QFU_ERROR_STALE when an entry cannot go from its state to @state, #QFU_ERROR_IO; then
 * the entry is in its former state
 *
 * Once this returned %TRUE the state is on the disk.
 */
gboolean qfu_flashjournal_move (const QfuConfig *config,
                                QfuFlashEntry *entry,
                                QfuFlashState state,
                                const char *reason,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flashjournal_prune:
 * @config: configuration
 * @error: as qfu_flashjournal_load() and qfu_images_prune()
 *
 * Removes images that nothing needs any more: those of the last write stay, and those of every
 * write that is not finished.
 */
gboolean qfu_flashjournal_prune (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
