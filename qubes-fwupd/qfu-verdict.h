/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-message.h"

/**
 * QfuVerdict:
 * @status: what worker `signature` says of it
 * @denied: the certificate's serial number is one of DeniedSerials=
 * @authority: (nullable): name of the authority that issued the certificate
 * @subject: (nullable): name of whom the certificate was issued to
 * @serial: (nullable): serial number of the certificate, lower-case hexadecimal
 * @algorithm: (nullable): of the signature, as GnuTLS calls it
 * @time: authenticated signing time, seconds since 1970; 0: the signature does not say
 * @not_before: the certificates are in force from then on
 * @not_after: until then
 *
 * One signature and what is to be thought of it. What lies behind @denied is set, or tells
 * anything, for @status up to #QFU_VERDICT_NOT_YET alone.
 *
 * Trust: the word of worker `signature`, within its bounds.
 */
typedef struct {
  QfuSignatureVerdict status;
  gboolean denied;
  char *authority;
  char *subject;
  char *serial;
  char *algorithm;
  gint64 time;
  gint64 not_before;
  gint64 not_after;
} QfuVerdict;

/**
 * qfu_verdict_new:
 * @config: which serial numbers are denied
 * @message: a SIGNATURE frame
 * @error: #QFU_ERROR_PROTOCOL: the status is not on the list, or a field is missing
 *
 * Returns: (transfer full): the verdict
 */
QfuVerdict *qfu_verdict_new (const QfuConfig *config,
                             const QfuMessage *message,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_verdict_free (QfuVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVerdict, qfu_verdict_free)

/* Whether the signature counts. */
gboolean qfu_verdict_good (const QfuVerdict *verdict);

/* Whether @other says more about why a file is not accepted than @verdict, which may be %NULL. */
gboolean qfu_verdict_says_less (const QfuVerdict *verdict, const QfuVerdict *other);

/* (transfer full) (nullable): what to tell people of @count signatures beside a good one that are
 * of unknown algorithms; %NULL when there are none. */
char *qfu_verdict_unknown_text (guint count);

/**
 * qfu_verdict_error:
 * @verdict: one that does not count
 * @now: the time that it was judged by; 0: its own signing time
 * @error: #QFU_ERROR_UNSUPPORTED: an unknown algorithm; else #QFU_ERROR_SIGNATURE
 *
 * Says why it does not count, and names the clock where that is the likely cause.
 */
void qfu_verdict_error (const QfuVerdict *verdict, gint64 now, GError **error);
