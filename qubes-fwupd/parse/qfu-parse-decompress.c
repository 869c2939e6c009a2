/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-decompress.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define CHUNK (16 * 1024)         /* stays in the processor's first cache */
#define XZ_OVERHEAD (1024 * 1024) /* bytes that liblzma needs beside the window */

/* Where output goes. */
typedef struct {
  guint64 left; /* bytes that may still come */
  QfuPlainFunc plain;
  gpointer user;
  guint8 chunk[CHUNK];
} Output;

static gboolean
refuse (GError **error, QfuError code, const char *what)
{
  g_set_error (error, QFU_ERROR, (int)code, "decompression: %s", what);
  return FALSE;
}

static gboolean
damaged (GError **error)
{
  return refuse (error, QFU_ERROR_FORMAT, "the file is damaged or cut short");
}

static gboolean
window_too_large (GError **error)
{
  return refuse (error, QFU_ERROR_LIMIT, "the file wants a larger window than is allowed");
}

/* Whatever a format allows behind its first stream: others may not read it as we would. */
static gboolean
at_end (gsize left, GError **error)
{
  return left == 0 || refuse (error, QFU_ERROR_FORMAT, "there is more behind the compressed data");
}

static gboolean
put (Output *output, gsize size, GError **error)
{
  if (size > output->left)
    return refuse (error, QFU_ERROR_LIMIT, "the file unpacks to more than is allowed");
  output->left -= size;
  return size == 0 || output->plain (output->user, output->chunk, size, error);
}

static gboolean
run_zstd (ZSTD_DCtx *context, const QfuParseInput *input, Output *output, GError **error)
{
  ZSTD_inBuffer in = {input->data, input->size, 0};

  for (;;) {
    ZSTD_outBuffer out = {output->chunk, CHUNK, 0};
    gsize hint = ZSTD_decompressStream (context, &out, &in);

    if (ZSTD_isError (hint))
      return ZSTD_getErrorCode (hint) == ZSTD_error_frameParameter_windowTooLarge
                 ? window_too_large (error)
                 : damaged (error);
    if (!put (output, out.pos, error))
      return FALSE;
    if (hint == 0)
      return at_end (in.size - in.pos, error);
    if (out.pos == 0 && in.pos == in.size)
      return damaged (error);
  }
}

static gboolean
decompress_zstd (const QfuParseInput *input, Output *output, GError **error)
{
  ZSTD_DCtx *context = ZSTD_createDCtx ();
  gboolean ok = context != NULL && !ZSTD_isError (ZSTD_DCtx_setParameter (
                                       context, ZSTD_d_windowLogMax, QFU_DECOMPRESS_WINDOW_LOG));

  ok = ok ? run_zstd (context, input, output, error) : damaged (error);
  ZSTD_freeDCtx (context);
  return ok;
}

static gboolean
run_xz (lzma_stream *stream, const QfuParseInput *input, Output *output, GError **error)
{
  stream->next_in = input->data;
  stream->avail_in = input->size;
  for (;;) {
    lzma_ret rc;

    stream->next_out = output->chunk;
    stream->avail_out = CHUNK;
    rc = lzma_code (stream, LZMA_RUN);
    if (rc == LZMA_MEMLIMIT_ERROR)
      return window_too_large (error);
    if (rc != LZMA_OK && rc != LZMA_STREAM_END)
      return damaged (error);
    if (!put (output, CHUNK - stream->avail_out, error))
      return FALSE;
    if (rc == LZMA_STREAM_END)
      return at_end (stream->avail_in, error);
  }
}

static gboolean
decompress_xz (const QfuParseInput *input, Output *output, GError **error)
{
  lzma_stream stream = LZMA_STREAM_INIT;
  guint64 memory = (G_GUINT64_CONSTANT (1) << QFU_DECOMPRESS_WINDOW_LOG) + XZ_OVERHEAD;
  gboolean ok = lzma_stream_decoder (&stream, memory, 0) == LZMA_OK;

  ok = ok ? run_xz (&stream, input, output, error) : damaged (error);
  lzma_end (&stream);
  return ok;
}

static gboolean
run_gzip (z_stream *stream, const QfuParseInput *input, Output *output, GError **error)
{
  stream->next_in = (Bytef *)input->data; /* zlib does not write there */
  stream->avail_in = (uInt)input->size;
  for (;;) {
    int rc;

    stream->next_out = output->chunk;
    stream->avail_out = CHUNK;
    rc = inflate (stream, Z_NO_FLUSH);
    if (rc != Z_OK && rc != Z_STREAM_END)
      return damaged (error);
    if (!put (output, CHUNK - stream->avail_out, error))
      return FALSE;
    if (rc == Z_STREAM_END)
      return at_end (stream->avail_in, error);
  }
}

static gboolean
decompress_gzip (const QfuParseInput *input, Output *output, GError **error)
{
  z_stream stream = {0};
  gboolean ok = input->size <= G_MAXUINT && inflateInit2 (&stream, 16 + MAX_WBITS) == Z_OK;

  ok = ok ? run_gzip (&stream, input, output, error) : damaged (error);
  (void)inflateEnd (&stream);
  return ok;
}

static const struct {
  gsize size;
  guint8 magic[6];
  gboolean (*decompress) (const QfuParseInput *input, Output *output, GError **error);
} formats[] = {
    {4, {0x28, 0xb5, 0x2f, 0xfd}, decompress_zstd},
    {6, {0xfd, '7', 'z', 'X', 'Z', 0}, decompress_xz},
    {3, {0x1f, 0x8b, 8}, decompress_gzip},
};

gboolean
qfu_decompress (
    const QfuParseInput *input, guint64 max, QfuPlainFunc plain, gpointer user, GError **error)
{
  g_autofree Output *output = g_new (Output, 1);

  output->left = max;
  output->plain = plain;
  output->user = user;
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (input->size >= formats[i].size &&
        memcmp (input->data, formats[i].magic, formats[i].size) == 0)
      return formats[i].decompress (input, output, error);
  }
  return refuse (error, QFU_ERROR_FORMAT, "the file is not compressed by zstd, xz or gzip");
}
