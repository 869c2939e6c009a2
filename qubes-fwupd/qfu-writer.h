/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuWriter:
 *
 * The counterpart of #QfuReader: appends little-endian numbers and bytes to a #GByteArray that the
 * caller owns.
 */
typedef GByteArray QfuWriter;

static inline void
qfu_writer_bytes (QfuWriter *w, const void *data, gsize size)
{
  g_byte_array_append (w, data, (guint)size);
}

static inline void
qfu_writer_le (QfuWriter *w, guint64 value, gsize n)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (w, (const guint8 *)&little, (guint)n);
}

static inline void
qfu_writer_u16 (QfuWriter *w, guint16 value)
{
  qfu_writer_le (w, value, 2);
}

static inline void
qfu_writer_u32 (QfuWriter *w, guint32 value)
{
  qfu_writer_le (w, value, 4);
}
