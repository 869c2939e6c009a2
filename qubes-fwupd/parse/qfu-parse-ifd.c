/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-ifd.h"

#include "qfu-error.h"
#include "qfu-ifd.h"
#include "qfu-reader.h"

static guint32
read_at (const QfuParseInput *image, gsize at)
{
  QfuReader r = qfu_reader (image->data, MIN (image->size, QFU_IFD_SIZE));

  return qfu_reader_seek (&r, at) ? qfu_reader_u32 (&r) : 0;
}

/* Bytes as they lie in the image: the caller compares them. */
static void
add_registers (QfuMessage *message, const QfuParseInput *image, gsize at, guint count)
{
  qfu_message_add_bytes (message, QFU_FIELD_REGISTERS, image->data + at, count * sizeof (guint32));
}

gboolean
qfu_ifd_send (const QfuParseInput *image, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DESCRIPTOR);
  QfuIfd ifd = {.at = QFU_IFD_SIGNATURE_AT};
  QfuIfdSections sections;

  if (read_at (image, ifd.at) != QFU_IFD_SIGNATURE)
    ifd.at = 0;
  if (read_at (image, ifd.at) != QFU_IFD_SIGNATURE)
    return TRUE;
  if (image->size < QFU_IFD_SIZE) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "flash descriptor: it is cut short");
    return FALSE;
  }
  for (guint i = 0; i < QFU_IFD_MAPS; i++)
    ifd.maps[i] = read_at (image, ifd.at + sizeof (guint32) * (i + 1));
  if (!qfu_ifd_sections (&ifd, &sections, error))
    return FALSE;
  qfu_message_add_number (message, QFU_FIELD_OFFSET, ifd.at);
  add_registers (message, image, ifd.at + sizeof (guint32), QFU_IFD_MAPS);
  add_registers (message, image, sections.regions, sections.n_regions);
  add_registers (message, image, sections.host, 1);
  return qfu_parse_emit (sink, message, error);
}

gboolean
qfu_parse_ifd (const QfuMessage *arguments,
               const QfuParseInput *inputs,
               gsize n_inputs,
               const QfuParseSink *sink,
               GError **error)
{
  return qfu_ifd_send (&inputs[0], sink, error);
}
