/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "limit.h"

#include <string.h>
#include <sys/mman.h>

/* One of the two tests of a case. */
typedef struct {
  const char *op;
  guint64 flags;
  const LimitCase *row;
  gboolean past;
} Run;

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  LimitOutcome *outcome = user;
  g_autoptr (GBytes) frame = qfu_message_encode (message);

  g_assert_cmpuint (g_bytes_get_size (frame), <=, QFU_WIRE_HEADER_SIZE + QFU_WIRE_PAYLOAD_MAX);
  outcome->messages++;
  return TRUE;
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  ((LimitOutcome *)user)->bytes += size;
  return TRUE;
}

LimitOutcome
limit_run (const char *op, guint64 flags, const QfuParseInput *inputs, gsize n_inputs)
{
  LimitOutcome outcome = {0};
  const QfuParseSink sink = {emit, emit_data, &outcome};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  gboolean ok;

  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  ok = qfu_parse_op (op)->parse (arguments, inputs, n_inputs, &sink, &outcome.error);
  g_assert_true (ok == (outcome.error == NULL));
  return outcome;
}

void
limit_outcome_clear (LimitOutcome *outcome)
{
  g_clear_error (&outcome->error);
}

static void
run_case (gconstpointer user)
{
  const Run *run = user;
  g_autoptr (GBytes) bytes = run->row->make (run->row->max + run->past);
  QfuParseInput input;
  g_auto (LimitOutcome) outcome = {0};

  input.data = g_bytes_get_data (bytes, &input.size);
  outcome = limit_run (run->op, run->flags, &input, 1);
  if (run->past)
    g_assert_error (outcome.error, QFU_ERROR, (int)run->row->code);
  else
    g_assert_no_error (outcome.error);
}

void
limit_add (const char *op, guint64 flags, const LimitCase *cases, gsize n_cases)
{
  static const char *const sides[] = {"at", "past"};

  for (gsize i = 0; i < 2 * n_cases; i++) {
    const LimitCase *row = &cases[i / 2];
    g_autofree char *path = g_strdup_printf ("%s/%s", row->path, sides[i % 2]);
    Run *run = g_new0 (Run, 1);

    *run = (Run){op, flags, row, i % 2 == 1};
    g_test_add_data_func_full (path, run, run_case, g_free);
  }
}

guint8 *
limit_sparse (gsize size, const void *head, gsize n_head, const void *tail, gsize n_tail)
{
  guint8 *bytes =
      mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  g_assert_true (bytes != MAP_FAILED && n_head + n_tail <= size);
  if (n_head > 0)
    memcpy (bytes, head, n_head);
  if (n_tail > 0)
    memcpy (bytes + size - n_tail, tail, n_tail);
  return bytes;
}

void
limit_sparse_free (guint8 *bytes, gsize size)
{
  munmap (bytes, size);
}

char *
limit_repeat (const char *head, const char *unit, const char *between, guint64 n, const char *tail)
{
  GString *text = g_string_new (head);

  for (guint64 i = 0; i < n; i++) {
    g_string_append (text, i > 0 ? between : "");
    g_string_append (text, unit);
  }
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}
