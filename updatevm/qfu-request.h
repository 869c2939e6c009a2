/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/**
 * QfuRequest:
 * @url: what to get; checked by qfu_url_check()
 * @kind: what dom0 takes it for
 * @maximum: the largest size of the whole file in bytes
 * @offset: first byte wanted; not 0 for cabs only
 * @has_sha256: whether @sha256 is the digest of the whole file
 * @flags: #QfuRequestFlags
 *
 * A REQUEST whose values were checked.
 */
typedef struct {
  char *url;
  QfuFetchKind kind;
  guint64 maximum;
  guint64 offset;
  gboolean has_sha256;
  QfuDigest sha256;
  guint flags;
} QfuRequest;

/* @error: #QFU_ERROR_PROTOCOL for another frame or protocol, #QFU_ERROR_USAGE for a bad value. */
QfuRequest *qfu_request_new (const QfuMessage *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_request_free (QfuRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRequest, qfu_request_free)
