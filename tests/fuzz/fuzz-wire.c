/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for the reader of frames: what a peer sends, header after header. */
#include "fuzz.h"
#include "qfu-error.h"
#include "qfu-reader.h"

/* Every way to look at a field. */
static void
look (const QfuMessage *message, const QfuFieldSpec *spec)
{
  guint count = qfu_message_count (message, spec->field);
  guint64 number;
  QfuDigest digest;
  gsize size;

  for (guint i = 0; i < count && spec->kind != QFU_KIND_NUMBER; i++) {
    const char *text = qfu_message_text (message, spec->field, i);

    g_assert_nonnull (qfu_message_bytes (message, spec->field, i, &size));
    g_assert_cmpuint (size, <=, spec->max);
    g_assert_true (spec->kind == QFU_KIND_BYTES || strlen (text) == size);
    if (qfu_message_digest (message, spec->field, i, &digest))
      g_assert_cmpuint (digest.size, <=, QFU_DIGEST_MAX);
  }
  if (count > 0 && spec->kind == QFU_KIND_NUMBER)
    g_assert_true (qfu_message_number (message, spec->field, 0, G_MAXUINT64, &number, NULL));
  g_assert_null (qfu_message_text (message, spec->field, count));
}

/* Reads one frame; %FALSE when no other can follow. */
static gboolean
read_frame (QfuReader *r)
{
  const guint8 *header = qfu_reader_bytes (r, QFU_WIRE_HEADER_SIZE);
  g_autofree guint8 *payload = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  QfuFrameType type;
  gsize length;

  if (header == NULL)
    return FALSE;
  if (!qfu_message_decode_header (header, &type, &length, &error)) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
    return FALSE;
  }
  g_assert_cmpuint (length, <=, QFU_WIRE_PAYLOAD_MAX);
  if (length > qfu_reader_left (r))
    return FALSE;
  /* memory of exactly this size, so that a sanitizer sees a read past its end */
  payload = g_memdup2 (qfu_reader_bytes (r, length), length);
  message = qfu_message_decode (type, payload, length, &error);
  if (message == NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
    return FALSE;
  }
  g_assert_no_error (error);
  for (guint field = 0; field < 256; field++) {
    const QfuFieldSpec *spec = qfu_wire_field_spec (field);

    if (spec != NULL)
      look (message, spec);
  }
  g_assert_true (fuzz_check_message (message));
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  QfuReader r = qfu_reader (data, size);

  while (read_frame (&r))
    ;
  return 0;
}
