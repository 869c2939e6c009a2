/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-request.h"

#include "qfu-error.h"
#include "qfu-url.h"

static gboolean
request_read (QfuRequest *request, const QfuMessage *message, GError **error)
{
  guint64 number;
  gsize size;
  const guint8 *sha256 = qfu_message_bytes (message, QFU_FIELD_SHA256, 0, &size);

  if (!qfu_message_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION, QFU_WIRE_VERSION, &number,
                           error))
    return FALSE;
  if (!qfu_message_number (message, QFU_FIELD_KIND, QFU_FETCH_JCAT, QFU_FETCH_LAST, &number, error))
    return FALSE;
  request->kind = (QfuFetchKind)number;
  /* libcurl counts in signed 64-bit numbers */
  if (!qfu_message_number (message, QFU_FIELD_MAXIMUM, 1, G_MAXINT64, &request->maximum, error))
    return FALSE;
  number = request->kind == QFU_FETCH_CAB ? request->maximum : 0;
  if (qfu_message_count (message, QFU_FIELD_OFFSET) > 0 &&
      !qfu_message_number (message, QFU_FIELD_OFFSET, 0, number, &request->offset, error))
    return FALSE;
  if (qfu_message_count (message, QFU_FIELD_FLAGS) > 0 &&
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, QFU_REQUEST_ALL, &number, error))
    return FALSE;
  request->flags = qfu_message_count (message, QFU_FIELD_FLAGS) > 0 ? (guint)number : 0;
  request->has_sha256 = sha256 != NULL;
  if (sha256 != NULL && !qfu_digest_set (&request->sha256, QFU_HASH_SHA256, sha256, size)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "REQUEST with a short SHA256");
    return FALSE;
  }
  return TRUE;
}

QfuRequest *
qfu_request_new (const QfuMessage *message, GError **error)
{
  g_autoptr (QfuRequest) request = g_new0 (QfuRequest, 1);

  if (qfu_message_type (message) != QFU_FRAME_REQUEST) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s instead of a REQUEST",
                 qfu_message_name (message));
    return NULL;
  }
  if (!request_read (request, message, error))
    return NULL;
  request->url = g_strdup (qfu_message_text (message, QFU_FIELD_URL, 0));
  if (!qfu_url_check (request->url, error))
    return NULL;
  return g_steal_pointer (&request);
}

void
qfu_request_free (QfuRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->url);
  g_free (request);
}
