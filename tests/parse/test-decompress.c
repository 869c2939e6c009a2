/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-parse-decompress.h"

#include <lzma.h>
#include <string.h>
#include <zstd.h>

#define SIZE (300 * 1000) /* bytes; more than one piece of output */

static char *plain_text;

static gboolean
gather (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_assert_cmpuint (size, >, 0);
  g_byte_array_append (user, data, (guint)size);
  return TRUE;
}

static gboolean
refuse (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED, "no");
  return FALSE;
}

static GBytes *
zstd (const char *data, gsize size, int window_log)
{
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  gsize room = ZSTD_compressBound (size) + 64;
  guint8 *out = g_malloc (room);
  ZSTD_inBuffer in = {data, size, 0};
  ZSTD_outBuffer buffer = {out, room, 0};

  ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  if (window_log > 0)
    ZSTD_CCtx_setParameter (context, ZSTD_c_windowLog, window_log);
  /* in two steps, so that the size is not known when the header is written */
  ZSTD_compressStream2 (context, &buffer, &in, ZSTD_e_continue);
  g_assert_cmpuint (ZSTD_compressStream2 (context, &buffer, &in, ZSTD_e_end), ==, 0);
  ZSTD_freeCCtx (context);
  return g_bytes_new_take (out, buffer.pos);
}

static GBytes *
xz (const char *data, gsize size, guint32 dictionary)
{
  gsize room = lzma_stream_buffer_bound (size);
  guint8 *out = g_malloc (room);
  lzma_options_lzma options;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
  gsize used = 0;

  g_assert_false (lzma_lzma_preset (&options, 1));
  if (dictionary > 0)
    options.dict_size = dictionary;
  g_assert_cmpint (lzma_stream_buffer_encode (filters, LZMA_CHECK_CRC64, NULL, (const guint8 *)data,
                                              size, out, &used, room),
                   ==, LZMA_OK);
  return g_bytes_new_take (out, used);
}

static GBytes *
compress (guint format, const char *data, gsize size)
{
  if (format == 0)
    return zstd (data, size, 0);
  return format == 1 ? xz (data, size, 0) : pki_gzip (data, size);
}

static gboolean
run (GBytes *compressed, guint64 max, QfuPlainFunc plain, gpointer user, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (compressed, &size);
  g_autofree void *exact = g_memdup2 (data, size); /* so that a sanitizer sees what is behind */
  const QfuParseInput input = {exact, size};

  return qfu_decompress (&input, max, plain, user, error);
}

static void
assert_error (GBytes *compressed, guint64 max, QfuError code)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (run (compressed, max, gather, out, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_cmpuint (out->len, <=, max);
}

static void
test_whole (void)
{
  for (guint format = 0; format < 3; format++) {
    g_autoptr (GBytes) compressed = compress (format, plain_text, SIZE);
    g_autoptr (GBytes) nothing = compress (format, "", 0);
    g_autoptr (GByteArray) out = g_byte_array_new ();
    g_autoptr (GError) error = NULL;

    g_assert_true (run (compressed, SIZE, gather, out, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (out->data, out->len, plain_text, SIZE);
    g_assert_true (run (nothing, 0, gather, out, &error));
    g_assert_cmpuint (out->len, ==, SIZE);
    g_assert_false (run (compressed, SIZE, refuse, NULL, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
  }
}

static void
test_output_limit (void)
{
  for (guint format = 0; format < 3; format++) {
    g_autoptr (GBytes) compressed = compress (format, plain_text, SIZE);

    assert_error (compressed, SIZE - 1, QFU_ERROR_LIMIT);
    assert_error (compressed, 0, QFU_ERROR_LIMIT);
  }
}

/* Cut short, with something behind it, or changed: never taken for whole. */
static void
test_damage (void)
{
  for (guint format = 0; format < 3; format++) {
    g_autoptr (GBytes) compressed = compress (format, plain_text, 3000);
    gsize size;
    const guint8 *data = g_bytes_get_data (compressed, &size);
    g_autofree guint8 *copy = g_malloc (2 * size);
    g_autoptr (GBytes) more = NULL;
    g_autoptr (GBytes) twice = NULL;

    for (gsize cut = 0; cut < size; cut++) {
      g_autoptr (GBytes) part = g_bytes_new (data, cut);

      assert_error (part, SIZE, QFU_ERROR_FORMAT);
    }
    memcpy (copy, data, size);
    memcpy (copy + size, data, size);
    more = g_bytes_new (copy, size + 1);
    assert_error (more, SIZE, QFU_ERROR_FORMAT);
    twice = g_bytes_new (copy, 2 * size);
    assert_error (twice, SIZE, QFU_ERROR_FORMAT);
    copy[size - 6] ^= 1; /* of the checksum, or of what it is over */
    g_autoptr (GBytes) changed = g_bytes_new (copy, size);
    assert_error (changed, SIZE, QFU_ERROR_FORMAT);
  }
}

/* What a file makes the decompressor keep. */
static void
test_window (void)
{
  g_autoptr (GBytes) zstd_fits = zstd (plain_text, SIZE, QFU_DECOMPRESS_WINDOW_LOG);
  g_autoptr (GBytes) zstd_large = zstd (plain_text, SIZE, QFU_DECOMPRESS_WINDOW_LOG + 1);
  g_autoptr (GBytes) xz_fits = xz (plain_text, SIZE, 1U << QFU_DECOMPRESS_WINDOW_LOG);
  g_autoptr (GBytes) xz_large = xz (plain_text, SIZE, 1U << (QFU_DECOMPRESS_WINDOW_LOG + 1));
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (run (zstd_fits, SIZE, gather, out, &error));
  g_assert_true (run (xz_fits, SIZE, gather, out, &error));
  g_assert_no_error (error);
  assert_error (zstd_large, SIZE, QFU_ERROR_LIMIT);
  assert_error (xz_large, SIZE, QFU_ERROR_LIMIT);
}

static void
test_other (void)
{
  static const char *const texts[] = {
      "", "\x1f", "<components/>", "BZh91AY&SY", "\x28\xb5\x2f", "\x1f\x8b\x07 deflate it is not"};

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));

    assert_error (bytes, SIZE, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  int status;

  plain_text = g_malloc (SIZE);
  for (gsize i = 0; i < SIZE; i++)
    plain_text[i] = (char)('a' + i * i % 1021 % 26);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decompress/whole", test_whole);
  g_test_add_func ("/decompress/output-limit", test_output_limit);
  g_test_add_func ("/decompress/damage", test_damage);
  g_test_add_func ("/decompress/window", test_window);
  g_test_add_func ("/decompress/other", test_other);
  status = g_test_run ();
  g_free (plain_text);
  return status;
}
