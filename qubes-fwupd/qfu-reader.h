/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/**
 * QfuReader:
 * @data: (nullable): the bytes
 * @size: how many
 * @pos: the next byte to read, never above @size
 * @failed: a read went past the end; every later read returns zero
 *
 * A cursor over bytes that may lie. Reads never leave the buffer; the caller checks @failed once,
 * at the end of a record.
 *
 * Trust: made for untrusted bytes.
 */
typedef struct {
  const guint8 *data;
  gsize size;
  gsize pos;
  gboolean failed;
} QfuReader;

static inline QfuReader
qfu_reader (const void *data, gsize size)
{
  return (QfuReader){data, size, 0, FALSE};
}

static inline gsize
qfu_reader_left (const QfuReader *r)
{
  return r->failed ? 0 : r->size - r->pos;
}

/* Returns (transfer none) (nullable): @n bytes inside the buffer, or %NULL when fewer are left. */
static inline const guint8 *
qfu_reader_bytes (QfuReader *r, gsize n)
{
  const guint8 *here;

  if (r->failed || n > r->size - r->pos) {
    r->failed = TRUE;
    return NULL;
  }
  here = r->data + r->pos;
  r->pos += n;
  return here;
}

static inline gboolean
qfu_reader_skip (QfuReader *r, gsize n)
{
  if (r->failed || n > r->size - r->pos)
    r->failed = TRUE;
  else
    r->pos += n;
  return !r->failed;
}

static inline gboolean
qfu_reader_seek (QfuReader *r, gsize pos)
{
  if (r->failed || pos > r->size)
    r->failed = TRUE;
  else
    r->pos = pos;
  return !r->failed;
}

static inline guint64
qfu_reader_le (QfuReader *r, gsize n)
{
  const guint8 *p = qfu_reader_bytes (r, n);
  guint64 value = 0;

  for (gsize i = n; p != NULL && i > 0; i--)
    value = value << 8 | p[i - 1];
  return value;
}

static inline guint64
qfu_reader_be (QfuReader *r, gsize n)
{
  const guint8 *p = qfu_reader_bytes (r, n);
  guint64 value = 0;

  for (gsize i = 0; p != NULL && i < n; i++)
    value = value << 8 | p[i];
  return value;
}

static inline guint8
qfu_reader_u8 (QfuReader *r)
{
  return (guint8)qfu_reader_le (r, 1);
}

static inline guint16
qfu_reader_u16 (QfuReader *r)
{
  return (guint16)qfu_reader_le (r, 2);
}

static inline guint32
qfu_reader_u32 (QfuReader *r)
{
  return (guint32)qfu_reader_le (r, 4);
}

static inline guint64
qfu_reader_u64 (QfuReader *r)
{
  return qfu_reader_le (r, 8);
}
