/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"

#include <stdlib.h>

typedef struct {
  GString *text;
  GByteArray *data;
} State;

static void
flush_data (State *state)
{
  if (state->data->len == 0)
    return;
  g_autofree char *sha256 =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, state->data->data, state->data->len);
  g_string_append_printf (state->text, "DATA %u %s\n", state->data->len, sha256);
  g_byte_array_set_size (state->data, 0);
}

static void
append_field (GString *text, const QfuMessage *message, const QfuFieldSpec *spec, guint nth)
{
  guint64 number;
  gsize size;
  const guint8 *bytes;

  g_string_append_printf (text, " %s=", spec->name);
  if (spec->kind == QFU_KIND_NUMBER) {
    memcpy (&number, qfu_message_bytes (message, spec->field, nth, &size), sizeof number);
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, GUINT64_FROM_LE (number));
  } else if (spec->kind == QFU_KIND_BYTES) {
    bytes = qfu_message_bytes (message, spec->field, nth, &size);
    for (gsize i = 0; i < size; i++)
      g_string_append_printf (text, "%02x", bytes[i]);
  } else {
    g_autofree char *escaped = g_strescape (qfu_message_text (message, spec->field, nth), "\"\\");

    g_string_append_printf (text, "\"%s\"", escaped);
  }
}

/* Every frame has to survive the wire. */
static void
check_encoding (const QfuMessage *message)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) decoded = NULL;
  QfuFrameType type;
  gsize length;
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  g_assert_true (qfu_message_decode_header (data, &type, &length, &error));
  g_assert_no_error (error);
  decoded = qfu_message_decode (type, data + QFU_WIRE_HEADER_SIZE, length, &error);
  g_assert_no_error (error);
  g_assert_nonnull (decoded);
}

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  State *state = user;

  flush_data (state);
  check_encoding (message);
  g_string_append (state->text, qfu_message_name (message));
  for (guint field = 1; field < 256; field++) {
    const QfuFieldSpec *spec = qfu_wire_field_spec (field);

    for (guint i = 0; spec != NULL && i < qfu_message_count (message, (QfuField)field); i++)
      append_field (state->text, message, spec, i);
  }
  g_string_append_c (state->text, '\n');
  return TRUE;
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  State *state = user;

  g_byte_array_append (state->data, data, (guint)size);
  return TRUE;
}

QfuCollected *
qfu_collect_inputs (const char *op,
                    const QfuMessage *arguments,
                    const QfuParseInput *inputs,
                    gsize n_inputs)
{
  const QfuParseOp *row = qfu_parse_op (op);
  g_autoptr (QfuMessage) none = qfu_message_new (QFU_FRAME_ARGUMENTS);
  State state = {g_string_new (NULL), g_byte_array_new ()};
  const QfuParseSink sink = {emit, emit_data, &state};
  QfuCollected *collected = g_new0 (QfuCollected, 1);
  QfuParseInput copies[QFU_COLLECT_INPUTS_MAX];
  gboolean ok;

  g_assert_nonnull (row);
  g_assert_cmpuint (n_inputs, <=, QFU_COLLECT_INPUTS_MAX);
  /* allocations of exactly these sizes, so that a sanitizer sees a read past their ends */
  for (gsize i = 0; i < n_inputs; i++)
    copies[i] = (QfuParseInput){g_memdup2 (inputs[i].data, inputs[i].size), inputs[i].size};
  ok =
      row->parse (arguments != NULL ? arguments : none, copies, n_inputs, &sink, &collected->error);
  g_assert_true (ok == (collected->error == NULL));
  flush_data (&state);
  g_byte_array_unref (state.data);
  for (gsize i = 0; i < n_inputs; i++)
    g_free ((gpointer)copies[i].data);
  collected->text = g_string_free (state.text, FALSE);
  return collected;
}

QfuCollected *
qfu_collect (const char *op, const QfuMessage *arguments, const void *data, gsize size)
{
  const QfuParseInput input = {data, size};

  return qfu_collect_inputs (op, arguments, &input, 1);
}

void
qfu_collected_free (QfuCollected *collected)
{
  if (collected == NULL)
    return;
  g_free (collected->text);
  g_clear_error (&collected->error);
  g_free (collected);
}

char *
qfu_fixture (const char *name)
{
  const char *root = g_getenv ("QFU_SHARED_DATA");
  g_autofree char *path = g_build_filename (root != NULL ? root : "../shared/data", name, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_print ("1..0 # SKIP no %s\n", path);
    exit (77);
  }
  return g_steal_pointer (&path);
}

GBytes *
qfu_fixture_bytes (const char *name)
{
  g_autofree char *path = qfu_fixture (name);
  g_autoptr (GError) error = NULL;
  char *contents = NULL;
  gsize size = 0;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (contents, size);
}
