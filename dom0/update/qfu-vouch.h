/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-check.h"

/**
 * QfuVouchQuestion:
 * @metadata: path of a metadata file
 * @signature: path of the jcat file over it
 * @keys: directory of the authorities that count
 * @now: from qfu_clock_now()
 * @cab: SHA-256 of the cab
 * @report: what was found in the cab
 *
 * Whether metadata names a cab.
 */
typedef struct {
  const char *metadata;
  const char *signature;
  const char *keys;
  gint64 now;
  const QfuDigest *cab;
  const QfuCabReport *report;
} QfuVouchQuestion;

/**
 * QfuVoucher:
 * @reasons: (element-type utf8): what is wrong, for people; empty: the metadata vouches for the cab
 * @authority: (nullable): who signed the metadata, when the signature is good
 * @subject: (nullable): the same
 * @time: when
 * @stale: whether the metadata is older than MaximumAgeDays=
 * @version: (nullable): what the metadata calls the cab
 *
 * What metadata says of a cab.
 */
typedef struct {
  GPtrArray *reasons;
  char *authority;
  char *subject;
  gint64 time;
  gboolean stale;
  char *version;
} QfuVoucher;

/**
 * qfu_vouch:
 * @error: only when the question could not be answered: a file cannot be read, keys or a worker are
 * missing
 *
 * Checks the metadata's signature, looks for the cab's SHA-256 in it, and compares what the two say
 * of version, GUIDs and payload.
 *
 * Returns: (transfer full): the answer
 */
QfuVoucher *qfu_vouch (const QfuConfig *config,
                       const QfuVouchQuestion *question,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_voucher_free (QfuVoucher *voucher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVoucher, qfu_voucher_free)
