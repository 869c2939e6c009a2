/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measurements as coreboot's console lists them, a line each:
 * `… PCR-2 <hexadecimal digest> SHA256 [CBFS: fallback/romstage]`. */
#include "qfu-parse-event.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <stdlib.h>
#include <string.h>

#define HEADING " measurements:"
#define PROBE 4096       /* bytes looked at to tell text */
#define FIRST_LEVEL 0x10 /* a line may begin with a byte that is its level */
#define LAST_LEVEL 0x18
#define RING_HEADER 8
#define RING_LEAST 1024 /* bytes of text; a TCG log would state a PCR here */
#define CURSOR_MASK 0x0fffffffu
#define OVERFLOW 0x80000000u

/* A CBMEM console holds several boots; the last listing is the present one. */
static const char *
last_listing (const char *text)
{
  const gsize length = strlen (HEADING);

  for (const char *p = text + strlen (text); p > text; p--)
    if (strncmp (p, HEADING, length) == 0)
      return p;
  return text;
}

/* %FALSE when the line is no measurement. */
static gboolean
read_line (char *line, QfuRawEvent *event)
{
  char *pcr = strstr (line, "PCR-");
  char *end = strrchr (line, ']');
  char *name;
  g_auto (GStrv) words = NULL;
  g_autofree char *algorithm = NULL;
  guint64 number;

  if (pcr == NULL || end == NULL)
    return FALSE;
  name = strchr (pcr, '[');
  if (name == NULL || name > end)
    return FALSE;
  *name++ = '\0';
  words = g_strsplit (pcr + strlen ("PCR-"), " ", -1);
  if (g_strv_length (words) < 3 ||
      !g_ascii_string_to_unsigned (words[0], 10, 0, QFU_EVENT_PCR_COUNT - 1, &number, NULL))
    return FALSE;
  algorithm = g_ascii_strdown (words[2], -1);
  if (!qfu_digest_from_hex (&event->digests[0], qfu_hash_from_name (algorithm), words[1]))
    return FALSE;
  event->pcr = (guint32)number;
  event->type = QFU_EVENT_ACTION;
  event->n_digests = 1;
  event->data = (const guint8 *)name;
  event->size = (gsize)(end - name);
  return TRUE;
}

/* Counts the measurements, and sends them when there is a sink. */
static gboolean
walk (const char *text, guint *count, const QfuParseSink *sink, GError **error)
{
  *count = 0;
  while (*text != '\0') {
    gsize length = strcspn (text, "\r\n");
    QfuRawEvent event = {0};
    char line[QFU_EVENTLOG_LINE_MAX + 1];

    if (length <= QFU_EVENTLOG_LINE_MAX) {
      memcpy (line, text, length);
      line[length] = '\0';
      if (read_line (line, &event) && ++*count <= QFU_EVENTLOG_EVENTS_MAX && sink != NULL &&
          !qfu_event_send (&event, sink, error))
        return FALSE;
    }
    text += length;
    text += strspn (text, "\r\n");
  }
  return TRUE;
}

static gboolean
send_listing (const char *console, const QfuParseSink *sink, GError **error)
{
  const char *text = last_listing (console);
  QfuRawLog head = {.format = QFU_LOG_CONSOLE, .flags = QFU_LOG_FLAG_COREBOOT};

  if (!walk (text, &head.count, NULL, error))
    return FALSE;
  if (head.count == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "the text lists no measurements of coreboot");
    return FALSE;
  }
  if (head.count > QFU_EVENTLOG_EVENTS_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the log has too many events");
    return FALSE;
  }
  return qfu_event_send_log (&head, sink, error) && walk (text, &head.count, sink, error);
}

gboolean
qfu_eventlog_console (const QfuParseInput *log, const QfuParseSink *sink, GError **error)
{
  g_autofree char *text = g_strndup ((const char *)log->data, log->size);

  return send_listing (text, sink, error);
}

gboolean
qfu_eventlog_is_text (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < MIN (size, PROBE); i++) {
    gboolean marker = data[i] >= FIRST_LEVEL && data[i] <= LAST_LEVEL;

    if (data[i] == 0 || (data[i] < ' ' && !marker && strchr ("\t\n\r\033", data[i]) == NULL))
      return FALSE;
  }
  return TRUE;
}

/* The area of CBMEM: u32 bytes of text that fit, u32 where the next one goes, and the text. Once it
 * is full, it goes on at the beginning, and the oldest byte is the one that would be next. */
gboolean
qfu_eventlog_is_ring (const QfuParseInput *log)
{
  QfuReader r = qfu_reader (log->data, log->size);
  guint32 size = qfu_reader_u32 (&r);
  guint32 cursor = qfu_reader_u32 (&r);
  guint32 used = (cursor & OVERFLOW) != 0 ? size : cursor & CURSOR_MASK;

  return !r.failed && size >= RING_LEAST && size <= qfu_reader_left (&r) &&
         (cursor & CURSOR_MASK) <= size && (cursor & ~(CURSOR_MASK | OVERFLOW)) == 0 && used > 0 &&
         qfu_eventlog_is_text (log->data + RING_HEADER, used);
}

gboolean
qfu_eventlog_ring (const QfuParseInput *log, const QfuParseSink *sink, GError **error)
{
  QfuReader r = qfu_reader (log->data, log->size);
  guint32 size = qfu_reader_u32 (&r);
  guint32 cursor = qfu_reader_u32 (&r);
  const char *ring = (const char *)log->data + RING_HEADER;
  g_autoptr (GString) text = g_string_new ("");

  if ((cursor & OVERFLOW) != 0)
    g_string_append_len (text, ring + (cursor & CURSOR_MASK), size - (cursor & CURSOR_MASK));
  g_string_append_len (text, ring, cursor & CURSOR_MASK);
  for (gsize i = 0; i < text->len; i++) {
    if (text->str[i] == '\0')
      text->str[i] = '\n';
  }
  return send_listing (text->str, sink, error);
}
