/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-appstream.h"
#include "qfu-parse-decompress.h"
#include "qfu-error.h"
#include "qfu-limits.h"

static gboolean
feed (gpointer reader, const guint8 *data, gsize size, GError **error)
{
  return qfu_component_reader_feed (reader, data, size, error);
}

gboolean
qfu_parse_catalog (const QfuMessage *arguments,
                   const QfuParseInput *inputs,
                   gsize n_inputs,
                   const QfuParseSink *sink,
                   GError **error)
{
  g_autoptr (QfuComponentReader) reader = qfu_component_reader_new (QFU_DOCUMENT_CATALOG, sink);
  guint seen;

  if (inputs[0].size > QFU_METADATA_SIZE_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "metadata of more than %d bytes",
                 QFU_METADATA_SIZE_MAX);
    return FALSE;
  }
  return qfu_decompress (&inputs[0], QFU_CATALOG_XML_MAX, feed, reader, error) &&
         qfu_component_reader_finish (reader, &seen, error);
}
