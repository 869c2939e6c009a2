/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes CBOR (RFC 8949), each function one item behind what @out holds: every length is stated,
 * every number in its shortest form. Reading it is a worker's affair. */

void qfu_cbor_put_uint (GByteArray *out, guint64 value);
void qfu_cbor_put_text (GByteArray *out, const char *text);
void qfu_cbor_put_bytes (GByteArray *out, const void *data, gsize size);
/* A head: @count elements, or pairs of key and value, follow. */
void qfu_cbor_put_array (GByteArray *out, guint64 count);
void qfu_cbor_put_map (GByteArray *out, guint64 count);
/* The item that follows is of this kind. */
void qfu_cbor_put_tag (GByteArray *out, guint64 tag);
