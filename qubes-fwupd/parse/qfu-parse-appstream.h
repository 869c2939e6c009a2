/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuDocument:
 * @QFU_DOCUMENT_CATALOG: metadata: many components in `components`; one that cannot be expressed in
 * frames without a loss that would matter is emitted with QFU_COMPONENT_BROKEN, so that it harms
 * only those who ask for it
 * @QFU_DOCUMENT_METAINFO: one `component`; being broken is an error
 */
typedef enum { QFU_DOCUMENT_CATALOG, QFU_DOCUMENT_METAINFO } QfuDocument;

/**
 * QfuComponentReader:
 *
 * Reads AppStream components from a stream of XML and emits COMPONENT, its REQUIREMENTs and its
 * RELEASEs for each that is firmware. Memory is bounded by the largest component.
 */
typedef struct _QfuComponentReader QfuComponentReader;

/**
 * qfu_component_reader_new:
 * @document: where components stand
 * @sink: where frames go
 */
QfuComponentReader *qfu_component_reader_new (QfuDocument document, const QfuParseSink *sink);
void qfu_component_reader_free (QfuComponentReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuComponentReader, qfu_component_reader_free)

/* @error: #QFU_ERROR_FORMAT, #QFU_ERROR_LIMIT, #QFU_ERROR_UNSUPPORTED */
gboolean qfu_component_reader_feed (QfuComponentReader *reader,
                                    const void *data,
                                    gsize size,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @seen: (out): how many components the document has, firmware or not. */
gboolean qfu_component_reader_finish (QfuComponentReader *reader,
                                      guint *seen,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
