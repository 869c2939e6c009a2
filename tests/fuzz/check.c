/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

gboolean
fuzz_check_message (const QfuMessage *message)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (QfuMessage) decoded = NULL;
  g_autoptr (GError) error = NULL;
  QfuFrameType type;
  gsize length;
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  if (size > QFU_WIRE_HEADER_SIZE + QFU_WIRE_PAYLOAD_MAX)
    return FALSE;
  g_assert_true (qfu_message_decode_header (data, &type, &length, &error));
  g_assert_cmpuint (length, ==, size - QFU_WIRE_HEADER_SIZE);
  decoded = qfu_message_decode (type, data + QFU_WIRE_HEADER_SIZE, length, &error);
  g_assert_no_error (error);
  again = qfu_message_encode (decoded);
  g_assert_true (g_bytes_equal (frame, again));
  return TRUE;
}
