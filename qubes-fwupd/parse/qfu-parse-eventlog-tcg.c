/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCG PC Client Platform Firmware Profile, chapter "Event Logging": logs of one SHA-1 digest an
 * event, and crypto-agile ones, which begin with "Spec ID Event03". coreboot writes both kinds with
 * vendor information that tells how many entries are in use; behind them the area is zero. */
#include "qfu-parse-event.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define SIGNATURE_SIZE 16
#define COREBOOT_INFO_SIZE 15
#define LOCALITY_SIGNATURE "StartupLocality"

typedef struct {
  QfuReader r;
  gsize end;      /* behind the last byte that is not zero */
  gboolean agile; /* digests of several algorithms */
  guint n_algorithms;
  guint16 algorithm[QFU_EVENTLOG_BANKS_MAX];
  guint16 size[QFU_EVENTLOG_BANKS_MAX];
  gboolean counted; /* coreboot says how many entries there are */
  guint entries;
  QfuRawLog log;
} Tcg;

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "TCG log: %s", what);
  return FALSE;
}

static gboolean
read_vendor (Tcg *t, QfuReader *r, GError **error)
{
  gsize size = qfu_reader_u8 (r);
  const guint8 *info = qfu_reader_bytes (r, size);
  QfuReader v;
  guint max;

  if (info == NULL)
    return refuse (error, "its first event is too short");
  if (size < COREBOOT_INFO_SIZE || memcmp (info + 3, t->agile ? "CBT2" : "CBT1", 4) != 0)
    return TRUE;
  v = qfu_reader (info + 7, size - 7);
  max = qfu_reader_u16 (&v);
  t->entries = qfu_reader_u16 (&v);
  t->counted = TRUE;
  t->log.flags |= QFU_LOG_FLAG_COREBOOT;
  return t->entries <= max || refuse (error, "more entries than it has room for");
}

static gboolean
read_algorithms (Tcg *t, QfuReader *r, GError **error)
{
  gboolean known = FALSE;
  guint32 count = qfu_reader_u32 (r);

  if (r->failed || count == 0 || count > QFU_EVENTLOG_BANKS_MAX)
    return refuse (error, "an impossible number of algorithms");
  t->n_algorithms = count;
  for (guint i = 0; i < count; i++) {
    t->algorithm[i] = qfu_reader_u16 (r);
    t->size[i] = qfu_reader_u16 (r);
    if (t->size[i] > QFU_EVENTLOG_DIGEST_MAX)
      return refuse (error, "an algorithm with a digest of impossible length");
    if (qfu_hash_size (t->algorithm[i]) == 0) {
      t->log.flags |= QFU_LOG_FLAG_OTHER_BANKS;
      continue;
    }
    known = TRUE;
    if (qfu_hash_size (t->algorithm[i]) != t->size[i])
      return refuse (error, "an algorithm with a digest of another length");
  }
  return known || refuse (error, "no algorithm that is known");
}

/* Reads the first event when it is a header; otherwise the log begins with plain SHA-1 events. */
static gboolean
read_header (Tcg *t, GError **error)
{
  QfuReader r = t->r;
  QfuReader spec;
  guint32 type;
  guint32 size;
  const guint8 *data;

  qfu_reader_skip (&r, 4);
  type = qfu_reader_u32 (&r);
  qfu_reader_skip (&r, 20);
  size = qfu_reader_u32 (&r);
  data = qfu_reader_bytes (&r, size);
  if (data == NULL)
    return refuse (error, "its first event leaves it");
  t->log.format = QFU_LOG_TCG1;
  if (type != QFU_EVENT_NO_ACTION || size < SIGNATURE_SIZE ||
      memcmp (data, "Spec ID Event0", 14) != 0)
    return TRUE;
  t->agile = data[14] == '3';
  t->r = r;
  spec = qfu_reader (data, size);
  qfu_reader_skip (&spec, SIGNATURE_SIZE + 4 + 4); /* class, versions, errata, size of UINTN */
  if (!t->agile)
    return read_vendor (t, &spec, error);
  t->log.format = QFU_LOG_TCG2;
  return read_algorithms (t, &spec, error) && read_vendor (t, &spec, error);
}

/* A digest of an algorithm that is not known is passed over; the event counts for other banks. */
static gboolean
add_digest (QfuRawEvent *event, guint16 algorithm, const guint8 *bytes, gsize size, GError **error)
{
  for (guint i = 0; i < event->n_digests; i++) {
    if (event->digests[i].hash == algorithm)
      return refuse (error, "an event with two digests of one algorithm");
  }
  if (qfu_digest_set (&event->digests[event->n_digests], algorithm, bytes, size))
    event->n_digests++;
  return TRUE;
}

static gboolean
read_digest (Tcg *t, QfuRawEvent *event, GError **error)
{
  guint16 algorithm = qfu_reader_u16 (&t->r);
  const guint8 *bytes;

  for (guint i = 0; i < t->n_algorithms; i++) {
    if (t->algorithm[i] != algorithm)
      continue;
    bytes = qfu_reader_bytes (&t->r, t->size[i]);
    if (bytes == NULL)
      return refuse (error, "it ends inside a digest");
    return add_digest (event, algorithm, bytes, t->size[i], error);
  }
  return refuse (error, "a digest of an algorithm that it does not declare");
}

static gboolean
read_digests (Tcg *t, QfuRawEvent *event, GError **error)
{
  guint32 count;

  if (!t->agile) {
    const guint8 *bytes = qfu_reader_bytes (&t->r, qfu_hash_size (QFU_HASH_SHA1));

    event->n_digests = 1;
    return (bytes != NULL && qfu_digest_set (&event->digests[0], QFU_HASH_SHA1, bytes,
                                             qfu_hash_size (QFU_HASH_SHA1))) ||
           refuse (error, "it ends inside a digest");
  }
  count = qfu_reader_u32 (&t->r);
  if (count > t->n_algorithms || (count == 0 && event->type != QFU_EVENT_NO_ACTION))
    return refuse (error, "an event with an impossible number of digests");
  for (guint i = 0; i < count; i++) {
    if (!read_digest (t, event, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_event (Tcg *t, QfuRawEvent *event, GError **error)
{
  event->pcr = qfu_reader_u32 (&t->r);
  event->type = qfu_reader_u32 (&t->r);
  if (!read_digests (t, event, error))
    return FALSE;
  event->size = qfu_reader_u32 (&t->r);
  event->data = qfu_reader_bytes (&t->r, event->size);
  if (event->data == NULL)
    return refuse (error, "an event leaves it");
  if (event->pcr >= QFU_EVENT_PCR_COUNT && event->type != QFU_EVENT_NO_ACTION)
    return refuse (error, "a PCR that does not exist");
  return TRUE;
}

static gboolean
note_locality (Tcg *t, const QfuRawEvent *event, GError **error)
{
  if (event->type != QFU_EVENT_NO_ACTION || event->size != sizeof LOCALITY_SIGNATURE + 1 ||
      memcmp (event->data, LOCALITY_SIGNATURE, sizeof LOCALITY_SIGNATURE) != 0)
    return TRUE;
  t->log.locality = event->data[sizeof LOCALITY_SIGNATURE];
  return t->log.locality <= QFU_EVENTLOG_LOCALITY_MAX ||
         refuse (error, "an impossible start-up locality");
}

/* Walks all events from a copy of the cursor; sends them when there is a sink. */
static gboolean
walk (Tcg t, QfuRawLog *log, const QfuParseSink *sink, GError **error)
{
  guint count = 0;

  for (guint i = 0; t.counted ? i < t.entries : t.r.pos < t.end; i++) {
    QfuRawEvent event = {0};

    if (i >= QFU_EVENTLOG_EVENTS_MAX) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the log has too many events");
      return FALSE;
    }
    if (!read_event (&t, &event, error) || !note_locality (&t, &event, error))
      return FALSE;
    if (event.pcr >= QFU_EVENT_PCR_COUNT)
      continue;
    count++;
    if (sink != NULL && !qfu_event_send (&event, sink, error))
      return FALSE;
  }
  *log = t.log;
  log->count = count;
  return TRUE;
}

gboolean
qfu_eventlog_tcg (const QfuParseInput *log, const QfuParseSink *sink, GError **error)
{
  Tcg t = {.r = qfu_reader (log->data, log->size), .end = log->size};
  QfuRawLog head;

  while (t.end > 0 && log->data[t.end - 1] == 0)
    t.end--;
  return read_header (&t, error) && walk (t, &head, NULL, error) &&
         qfu_event_send_log (&head, sink, error) && walk (t, &head, sink, error);
}
