/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-appstream.h"

#include "qfu-component-kind.h"
#include "qfu-error.h"

#include <archive.h>
#include <archive_entry.h>

#define CHUNK (64 * 1024)

/* The metadata with exactly one compression off, as one stream. */
static struct archive *
open_stream (const QfuParseInput *input, GError **error)
{
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;

  if (archive != NULL && archive_read_support_filter_zstd (archive) == ARCHIVE_OK &&
      archive_read_support_filter_xz (archive) == ARCHIVE_OK &&
      archive_read_support_filter_gzip (archive) == ARCHIVE_OK &&
      archive_read_support_format_raw (archive) == ARCHIVE_OK &&
      archive_read_open_memory (archive, input->data, input->size) == ARCHIVE_OK &&
      archive_read_next_header (archive, &entry) == ARCHIVE_OK &&
      archive_filter_count (archive) == 2) /* one, and the file below it */
    return archive;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "the metadata is not compressed once by zstd, xz or gzip");
  archive_read_free (archive);
  return NULL;
}

static gboolean
read_all (struct archive *archive, QfuComponentReader *reader, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  guint64 total = 0;

  for (;;) {
    la_ssize_t n = archive_read_data (archive, chunk, CHUNK);

    if (n == 0)
      return TRUE;
    if (n < 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "the metadata does not decompress");
      return FALSE;
    }
    total += (guint64)n;
    if (total > QFU_CATALOG_XML_MAX) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                   "the metadata has more than %" G_GUINT64_FORMAT " bytes", QFU_CATALOG_XML_MAX);
      return FALSE;
    }
    if (!qfu_component_reader_feed (reader, chunk, (gsize)n, error))
      return FALSE;
  }
}

gboolean
qfu_parse_catalog (const QfuMessage *arguments,
                   const QfuParseInput *inputs,
                   gsize n_inputs,
                   const QfuParseSink *sink,
                   GError **error)
{
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0);
  g_autoptr (QfuComponentReader) reader = qfu_component_reader_new (
      "components/component", arguments, (flags & QFU_CATALOG_ALL) != 0, sink);
  struct archive *archive = open_stream (&inputs[0], error);
  gboolean ok;
  guint seen;

  if (archive == NULL)
    return FALSE;
  ok = read_all (archive, reader, error);
  archive_read_free (archive);
  return ok && qfu_component_reader_finish (reader, &seen, error);
}
