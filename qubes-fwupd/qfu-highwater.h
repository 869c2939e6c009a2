/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-digest.h"
#include "qfu-limits.h"

#define QFU_HIGHWATER_AHEAD_MAX                                                                    \
  (24 * 60 * 60) /* seconds that a signing time may be in the future */

/**
 * QfuHighWater:
 * @time: when the metadata was signed, seconds since 1970
 * @metadata: SHA-256 of the metadata
 * @index: SHA-256 of the index made of it; size 0: none
 * @authorities: SHA-256 of what the signature was judged by, above all the authorities'
 * certificates; size 0: not recorded
 * @serial: serial number of the signing certificate, lower-case hexadecimal; empty: not recorded
 * @not_after: when that certificate ends, seconds since 1970; 0: not recorded
 *
 * The newest authenticated metadata of one remote, and what its verification rested on. A plain
 * value: `QfuHighWater mark = {0}` is none.
 *
 * Kept in State/highwater/REMOTE (schemas/highwater.md), which anybody may read and `clean` never
 * touches. A remote's id is 1 to 64 characters of [A-Za-z0-9._-] and does not begin with a dot;
 * other ids are a #QFU_ERROR_USAGE.
 *
 * Trust: our own store, written by root.
 */
typedef struct {
  gint64 time;
  QfuDigest metadata;
  QfuDigest index;
  QfuDigest authorities;
  char serial[2 * QFU_SIGNATURE_SERIAL_MAX + 1];
  gint64 not_after;
} QfuHighWater;

/* (transfer full): the folder of the marks. */
char *qfu_highwater_folder (const QfuConfig *config);

/**
 * qfu_highwater_load:
 * @remote: a remote's id
 * @mark: (out): untouched on failure
 * @error: #QFU_ERROR_NOT_FOUND: there is none, the remote was never refreshed; #QFU_ERROR_FORMAT:
 * it is damaged, #QFU_ERROR_REFUSED: it is a link or somebody else's, both with the way out; never
 * to be taken for none
 */
gboolean qfu_highwater_load (const QfuConfig *config,
                             const char *remote,
                             QfuHighWater *mark,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_highwater_store:
 * @remote: a remote's id
 * @mark: the mark to keep
 * @error: #QFU_ERROR_STALE or #QFU_ERROR_MISMATCH as from qfu_highwater_judge(): a mark never goes
 * down; or as from qfu_highwater_load(), #QFU_ERROR_IO
 *
 * Replaces the remote's mark, durably. The caller holds the machine's lock.
 */
gboolean qfu_highwater_store (const QfuConfig *config,
                              const char *remote,
                              const QfuHighWater *mark,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_highwater_latest:
 * @time: (out): the latest signing time of all remotes; 0 when there is no mark
 * @remote: (out) (transfer full) (nullable): whose it is
 * @error: as from qfu_highwater_load()
 */
gboolean qfu_highwater_latest (const QfuConfig *config, gint64 *time, char **remote, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_highwater_judge:
 * @mark: (nullable): the remote's mark; %NULL when there is none
 * @time: when metadata at hand was signed
 * @metadata: its SHA-256
 * @error: #QFU_ERROR_STALE: older than the mark; #QFU_ERROR_MISMATCH: other metadata signed in the
 * mark's second
 *
 * Whether verified metadata may take the place of the mark's. The same metadata signed in the same
 * second may.
 */
gboolean qfu_highwater_judge (const QfuHighWater *mark,
                              gint64 time,
                              const QfuDigest *metadata,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_highwater_judge_ahead:
 * @time: when metadata at hand was signed
 * @now: from qfu_clock_now()
 * @error: #QFU_ERROR_CLOCK: more than %QFU_HIGHWATER_AHEAD_MAX ahead of @now
 *
 * A signature from the future must never become the mark: all honest metadata would be older.
 */
gboolean
qfu_highwater_judge_ahead (gint64 time, gint64 now, GError **error) G_GNUC_WARN_UNUSED_RESULT;
