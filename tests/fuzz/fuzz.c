/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One fuzz target for each row of qfu-parse-table.c: compiled once per op, whose name is OP.
 *
 * An op of one input takes the bytes as they are. For an op of several, each input but the last has
 * its length before it, as a little-endian u32; what is too long ends where the bytes end. */
#include "fuzz.h"
#include "parse/qfu-parse.h"
#include "qfu-error.h"
#include "qfu-reader.h"

#include <gio/gio.h>

#define INPUTS_MAX 4

typedef struct {
  const char *op;
  gboolean compressed; /* takes compressed text: a mutation would break the checksum around it */
  gboolean flags;      /* FLAGS of its ARGUMENTS changes what it does: runs with 0 and 1 */
  gboolean names;      /* takes a NAME for each input */
} Special;

static const Special specials[] = {
    {"cab", FALSE, TRUE, FALSE},  {"catalog", TRUE, TRUE, FALSE},
    {"jcat", TRUE, FALSE, FALSE}, {"signature", FALSE, TRUE, FALSE},
    {"pack", FALSE, FALSE, TRUE}, {"cbtable", FALSE, TRUE, FALSE},
};

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  if (fuzz_check_message (message))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "longer than a frame");
  return FALSE;
}

/* Copies the bytes, so that a sanitizer sees those that are not there. */
static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  g_assert_true (size == 0 || copy[size - 1] == data[size - 1]);
  return TRUE;
}

/* Parsers fail for the reasons that qfu-parse.h names, and for no others. */
static void
check_result (gboolean ok, const GError *error)
{
  g_assert_true (ok == (error == NULL));
  if (ok)
    return;
  g_assert_true (error->domain == QFU_ERROR && error->message != NULL);
  g_assert_true (error->code == QFU_ERROR_FORMAT || error->code == QFU_ERROR_LIMIT ||
                 error->code == QFU_ERROR_SIGNATURE || error->code == QFU_ERROR_NOT_FOUND ||
                 error->code == QFU_ERROR_UNSUPPORTED);
}

static void
parse (const QfuParseOp *op, const Special *special, guint64 flags, const QfuParseInput *inputs)
{
  static const char *const names[INPUTS_MAX] = {"a", "b", "c", "d"};
  static const QfuParseSink sink = {emit, emit_data, NULL};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (GError) error = NULL;
  gboolean ok;

  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  qfu_message_add_number (arguments, QFU_FIELD_TIME,
                          (guint64)(g_get_real_time () / G_USEC_PER_SEC));
  for (gsize i = 0; special->names && i < op->min_inputs; i++)
    qfu_message_add_text (arguments, QFU_FIELD_NAME, names[i]);
  ok = op->parse (arguments, inputs, op->min_inputs, &sink, &error);
  check_result (ok, error);
}

static QfuParseInput
compress (const guint8 *data, gsize size)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1);
  gsize room = size + size / 8 + 256;
  g_autofree guint8 *out = g_malloc (room);
  gsize used;
  gsize made;
  GConverterResult result = g_converter_convert (G_CONVERTER (gzip), data, size, out, room,
                                                 G_CONVERTER_INPUT_AT_END, &used, &made, NULL);

  g_assert_cmpint (result, ==, G_CONVERTER_FINISHED);
  return (QfuParseInput){g_memdup2 (out, made), made};
}

static gboolean
is_text (const guint8 *data, gsize size)
{
  return size > 0 && (data[0] == '{' || data[0] == '<');
}

/* Each input gets memory of exactly its size. */
static void
split (const guint8 *data, gsize size, gsize n_inputs, QfuParseInput *inputs)
{
  QfuReader r = qfu_reader (data, size);

  for (gsize i = 0; i < n_inputs; i++) {
    gsize stated = i + 1 < n_inputs ? qfu_reader_u32 (&r) : G_MAXSIZE;
    gsize length = MIN (stated, qfu_reader_left (&r));

    inputs[i] = (QfuParseInput){g_memdup2 (qfu_reader_bytes (&r, length), length), length};
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const Special ordinary = {OP, FALSE, FALSE, FALSE};
  const QfuParseOp *op = qfu_parse_op (OP);
  const Special *special = &ordinary;
  QfuParseInput inputs[INPUTS_MAX];

  g_assert_nonnull (op);
  g_assert_cmpuint (op->min_inputs, <=, INPUTS_MAX);
  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++) {
    if (g_str_equal (specials[i].op, OP))
      special = &specials[i];
  }
  if (special->compressed && is_text (data, size))
    inputs[0] = compress (data, size);
  else
    split (data, size, op->min_inputs, inputs);
  for (guint64 flags = 0; flags <= (special->flags ? 1 : 0); flags++)
    parse (op, special, flags, inputs);
  for (gsize i = 0; i < op->min_inputs; i++)
    g_free ((gpointer)inputs[i].data);
  return 0;
}
