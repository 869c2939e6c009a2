/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuComponentReader:
 *
 * Reads AppStream firmware components from a stream of XML and emits COMPONENT, its REQUIREMENTs
 * and its RELEASEs for each that is wanted. Memory is bounded by the largest component.
 */
typedef struct _QfuComponentReader QfuComponentReader;

/**
 * qfu_component_reader_new:
 * @root: where components stand: `components/component` or `component`
 * @arguments: whose GUID fields say which flashed GUIDs are wanted
 * @all: whether every component is wanted
 * @sink: where frames go
 */
QfuComponentReader *qfu_component_reader_new (const char *root,
                                              const QfuMessage *arguments,
                                              gboolean all,
                                              const QfuParseSink *sink);
void qfu_component_reader_free (QfuComponentReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuComponentReader, qfu_component_reader_free)

/* A component that is wanted and cannot be expressed in frames without loss where a loss would
 * matter is a #QFU_ERROR_FORMAT or #QFU_ERROR_LIMIT; others are passed over. */
gboolean qfu_component_reader_feed (QfuComponentReader *reader,
                                    const void *data,
                                    gsize size,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @seen: (out): how many components the document has, wanted or not. */
gboolean qfu_component_reader_finish (QfuComponentReader *reader,
                                      guint *seen,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
