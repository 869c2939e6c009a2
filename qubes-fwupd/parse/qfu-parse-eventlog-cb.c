/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coreboot's own table: u16 entries that fit, u16 entries in use, then entries of 132 bytes. */
#include "qfu-parse-event.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define ALGORITHM_SIZE 10
#define DIGEST_SIZE 64
#define NAME_SIZE 50
#define ENTRY_SIZE (4 + ALGORITHM_SIZE + DIGEST_SIZE + 4 + NAME_SIZE)

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "coreboot log: %s", what);
  return FALSE;
}

static gboolean
read_entry (QfuReader *r, QfuRawEvent *event, GError **error)
{
  const guint8 *algorithm;
  const guint8 *digest;
  guint32 length;
  char name[ALGORITHM_SIZE + 1] = "";
  guint hash;
  gsize i;

  event->pcr = qfu_reader_u32 (r);
  algorithm = qfu_reader_bytes (r, ALGORITHM_SIZE);
  digest = qfu_reader_bytes (r, DIGEST_SIZE);
  length = qfu_reader_u32 (r);
  event->data = qfu_reader_bytes (r, NAME_SIZE);
  if (r->failed)
    return refuse (error, "it ends inside an entry");
  for (i = 0; i < ALGORITHM_SIZE && algorithm[i] != 0; i++)
    name[i] = g_ascii_tolower ((char)algorithm[i]);
  hash = qfu_hash_from_name (name);
  if (hash == 0 || !qfu_digest_set (&event->digests[0], hash, digest, length))
    return refuse (error, "a digest of an unknown algorithm or another length");
  if (event->pcr >= QFU_EVENT_PCR_COUNT)
    return refuse (error, "a PCR that does not exist");
  event->n_digests = 1;
  event->type = QFU_EVENT_ACTION;
  event->size = NAME_SIZE;
  return TRUE;
}

gboolean
qfu_eventlog_cb (const QfuParseInput *log, const QfuParseSink *sink, GError **error)
{
  QfuReader r = qfu_reader (log->data, log->size);
  guint max = qfu_reader_u16 (&r);
  guint count = qfu_reader_u16 (&r);
  const QfuRawLog head = {
      .format = QFU_LOG_COREBOOT, .flags = QFU_LOG_FLAG_COREBOOT, .count = count};
  QfuReader check;

  if (r.failed || count > max || count > qfu_reader_left (&r) / ENTRY_SIZE)
    return refuse (error, "more entries than it has room for");
  check = r;
  for (guint i = 0; i < count; i++) {
    QfuRawEvent event = {0};

    if (!read_entry (&check, &event, error))
      return FALSE;
  }
  if (!qfu_event_send_log (&head, sink, error))
    return FALSE;
  for (guint i = 0; i < count; i++) {
    QfuRawEvent event = {0};

    if (!read_entry (&r, &event, error) || !qfu_event_send (&event, sink, error))
      return FALSE;
  }
  return TRUE;
}
