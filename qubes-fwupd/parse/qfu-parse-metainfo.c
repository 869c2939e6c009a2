/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-appstream.h"

#include "qfu-error.h"

gboolean
qfu_parse_metainfo (const QfuMessage *arguments,
                    const QfuParseInput *inputs,
                    gsize n_inputs,
                    const QfuParseSink *sink,
                    GError **error)
{
  g_autoptr (QfuComponentReader) reader = qfu_component_reader_new (QFU_DOCUMENT_METAINFO, sink);
  guint seen;

  if (inputs[0].size > QFU_METAINFO_XML_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "a metainfo file of more than %d bytes",
                 QFU_METAINFO_XML_MAX);
    return FALSE;
  }
  if (!qfu_component_reader_feed (reader, inputs[0].data, inputs[0].size, error) ||
      !qfu_component_reader_finish (reader, &seen, error))
    return FALSE;
  if (seen != 1) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "a metainfo file without a component");
    return FALSE;
  }
  return TRUE;
}
