/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuCbor:
 * @data: what is left
 * @size: bytes of it
 *
 * A place in CBOR. Only what RFC 8949, 4.2.1 calls deterministic is taken: every length is stated,
 * and every number in its shortest form. What is read is what the caller asks for next, so that
 * nothing is kept, and no depth of nesting is followed that the caller does not know.
 */
typedef struct {
  const guint8 *data;
  gsize size;
} QfuCbor;

/**
 * QfuCborKind:
 *
 * What can come next.
 */
typedef enum {
  QFU_CBOR_NOTHING, /* the end, or what is not taken */
  QFU_CBOR_UINT,
  QFU_CBOR_BYTES,
  QFU_CBOR_TEXT,
  QFU_CBOR_ARRAY,
  QFU_CBOR_MAP,
  QFU_CBOR_TAG,
} QfuCborKind;

/* What comes next; reads nothing. */
QfuCborKind qfu_cbor_peek (const QfuCbor *cbor);

/* Each reads one item, and fails with #QFU_ERROR_FORMAT when something else comes. */
gboolean qfu_cbor_uint (QfuCbor *cbor, guint64 *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a number that has to be @value, such as a map's key. */
gboolean qfu_cbor_key (QfuCbor *cbor, guint64 value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a map's key when it is @value, and nothing else. */
gboolean qfu_cbor_has_key (QfuCbor *cbor, guint64 value);
gboolean qfu_cbor_tag (QfuCbor *cbor, guint64 value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The head of an array or map of at most @max elements or pairs, which follow. */
gboolean qfu_cbor_array (QfuCbor *cbor, guint64 max, guint64 *count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean
qfu_cbor_map (QfuCbor *cbor, guint64 max, guint64 *count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): at most @max bytes of printable ASCII. */
char *qfu_cbor_text (QfuCbor *cbor, gsize max, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @out: where the bytes lie. */
gboolean qfu_cbor_bytes (QfuCbor *cbor, QfuCbor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* #QFU_ERROR_FORMAT unless everything was read. */
gboolean qfu_cbor_end (const QfuCbor *cbor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
