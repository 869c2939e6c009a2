/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for the agent's reading of a REQUEST: the payload of that frame. */
#include "fuzz.h"
#include "qfu-error.h"
#include "updatevm/qfu-request.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (QfuRequest) request = NULL;

  if (size > QFU_WIRE_PAYLOAD_MAX)
    return 0;
  message = qfu_message_decode (QFU_FRAME_REQUEST, exact, size, &error);
  if (message == NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
    return 0;
  }
  request = qfu_request_new (message, &error);
  if (request == NULL) {
    g_assert_true (error->domain == QFU_ERROR);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (request->url, "https://"));
  g_assert_true (request->offset == 0 || request->kind == QFU_FETCH_CAB);
  g_assert_cmpuint (request->offset, <=, request->maximum);
  return 0;
}
