/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-event.h"

#include "qfu-reader.h"

#define POST_CODE 1u
#define CRTM_CONTENTS 7u
#define CRTM_VERSION 8u
#define EFI_BOOT_APPLICATION 0x80000003u
#define EFI_RUNTIME_DRIVER 0x80000005u
#define EFI_FIRMWARE_BLOB 0x80000008u
#define EFI_FIRMWARE_BLOB2 0x8000000au
#define NODE_MEDIA 4
#define NODE_FV_FILE 6
#define NODE_FV 7
#define NODE_END 0x7f

gboolean
qfu_event_send_log (const QfuRawLog *log, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_LOG);

  qfu_message_add_number (message, QFU_FIELD_KIND, log->format);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, log->flags);
  qfu_message_add_number (message, QFU_FIELD_LOCALITY, log->locality);
  qfu_message_add_number (message, QFU_FIELD_TOTAL, log->count);
  return qfu_parse_emit (sink, message, error);
}

/* Text of one or two bytes a character that fills the data up to its NULs; others have no name. */
static gboolean
text_of (const guint8 *data, gsize size, gsize step, char *out)
{
  gsize length = 0;

  for (gsize i = 0; i + step <= size && length < QFU_EVENTLOG_NAME_MAX; i += step) {
    if (step == 2 && data[i + 1] != 0)
      return FALSE;
    if (data[i] == 0)
      break;
    if (data[i] < ' ' || data[i] > '~')
      return FALSE;
    out[length++] = (char)data[i];
  }
  out[length] = '\0';
  return length > 1;
}

/* Whether the image came from a firmware volume: its device path has a node that names one. */
static gboolean
from_volume (const guint8 *data, gsize size)
{
  QfuReader r = qfu_reader (data, size);
  guint64 length;

  qfu_reader_skip (&r, 24); /* address, length, link-time address */
  length = qfu_reader_u64 (&r);
  while (!r.failed && length >= 4 && qfu_reader_left (&r) >= 4) {
    guint8 type = qfu_reader_u8 (&r);
    guint8 subtype = qfu_reader_u8 (&r);
    guint16 node = qfu_reader_u16 (&r);

    if (type == NODE_END || node < 4 || node > length)
      return FALSE;
    if (type == NODE_MEDIA && (subtype == NODE_FV || subtype == NODE_FV_FILE))
      return TRUE;
    qfu_reader_skip (&r, node - 4u);
    length -= node;
  }
  return FALSE;
}

static gboolean
from_firmware (const QfuRawEvent *event)
{
  switch (event->type) {
  case POST_CODE:
  case CRTM_CONTENTS:
  case CRTM_VERSION:
  case EFI_FIRMWARE_BLOB:
  case EFI_FIRMWARE_BLOB2:
    return TRUE;
  default:
    return event->type >= EFI_BOOT_APPLICATION && event->type <= EFI_RUNTIME_DRIVER &&
           from_volume (event->data, event->size);
  }
}

gboolean
qfu_event_send (const QfuRawEvent *event, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_EVENT);
  char name[QFU_EVENTLOG_NAME_MAX + 1];

  qfu_message_add_number (message, QFU_FIELD_PCR, event->pcr);
  qfu_message_add_number (message, QFU_FIELD_KIND, event->type);
  if (text_of (event->data, event->size, 1, name) || text_of (event->data, event->size, 2, name))
    qfu_message_add_text (message, QFU_FIELD_NAME, name);
  for (guint i = 0; i < event->n_digests; i++)
    qfu_message_add_digest (message, QFU_FIELD_DIGEST, &event->digests[i]);
  if (from_firmware (event))
    qfu_message_add_number (message, QFU_FIELD_FLAGS, QFU_EVENT_FLAG_FIRMWARE);
  return qfu_parse_emit (sink, message, error);
}
