/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-volume.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define SIGNATURE "_FVH"
#define SIGNATURE_AT 40
#define SIZE_AT 32
#define HEADER_SIZE_AT 48
#define SMALLEST_HEADER 56
#define LARGEST_HEADER 1024 /* bytes; a block map of more than a hundred rows */

/* Bytes of the volume whose header begins at @start; 0: there is none. */
static guint64
volume_size (const QfuParseInput *image, gsize start)
{
  QfuReader r = qfu_reader (image->data + start, image->size - start);
  guint64 size;
  guint16 header;
  guint16 sum = 0;

  qfu_reader_seek (&r, SIZE_AT);
  size = qfu_reader_u64 (&r);
  qfu_reader_seek (&r, HEADER_SIZE_AT);
  header = qfu_reader_u16 (&r);
  if (r.failed || header < SMALLEST_HEADER || header > LARGEST_HEADER || header % 2 != 0 ||
      size < header || size > image->size - start)
    return 0;
  qfu_reader_seek (&r, 0);
  for (guint i = 0; i < header; i += 2)
    sum = (guint16)(sum + qfu_reader_u16 (&r));
  return sum == 0 ? size : 0;
}

static gboolean
send_volume (gsize start, guint64 size, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_VOLUME);

  qfu_message_add_number (message, QFU_FIELD_OFFSET, start);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return qfu_parse_emit (sink, message, error);
}

static gboolean
limit (guint count, guint max, const char *what, GError **error)
{
  if (count <= max)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "firmware volumes: too many %s", what);
  return FALSE;
}

gboolean
qfu_volumes_parse (const QfuParseInput *image, const QfuParseSink *sink, GError **error)
{
  gsize pos = 0;
  guint signatures = 0;
  guint volumes = 0;

  while (pos < image->size) {
    const guint8 *hit =
        memmem (image->data + pos, image->size - pos, SIGNATURE, strlen (SIGNATURE));
    guint64 size = 0;
    gsize at;

    if (hit == NULL)
      break;
    at = (gsize)(hit - image->data);
    if (!limit (++signatures, QFU_ROM_VOLUME_CANDIDATES_MAX, "signatures", error))
      return FALSE;
    if (at - pos >= SIGNATURE_AT)
      size = volume_size (image, at - SIGNATURE_AT);
    pos = at + strlen (SIGNATURE);
    if (size == 0)
      continue;
    if (!limit (++volumes, QFU_ROM_VOLUMES_MAX, "of them", error) ||
        !send_volume (at - SIGNATURE_AT, size, sink, error))
      return FALSE;
    pos = MAX (pos, at - SIGNATURE_AT + (gsize)size);
  }
  if (volumes > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                       "neither a flash map nor a firmware volume");
  return FALSE;
}
