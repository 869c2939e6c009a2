/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-limits.h"
#include "qfu-message.h"
#include "qfu-worker-table.h"

/**
 * QfuParseInput:
 * @data: (nullable): the bytes
 * @size: how many
 *
 * One input of a worker.
 *
 * Trust: anybody's bytes.
 */
typedef struct {
  const guint8 *data;
  gsize size;
} QfuParseInput;

/**
 * QfuParseSink:
 * @emit: takes one message; %FALSE with @error ends the parse
 * @emit_data: takes bytes that go out as DATA frames
 * @user: passed to both
 *
 * Where a parser's results go: the wire in the worker, a list in unit tests, nowhere in fuzzers.
 */
typedef struct {
  gboolean (*emit) (gpointer user, const QfuMessage *message, GError **error);
  gboolean (*emit_data) (gpointer user, const guint8 *data, gsize size, GError **error);
  gpointer user;
} QfuParseSink;

static inline gboolean
qfu_parse_emit (const QfuParseSink *sink, const QfuMessage *message, GError **error)
{
  return sink->emit (sink->user, message, error);
}

static inline gboolean
qfu_parse_emit_data (const QfuParseSink *sink, const guint8 *data, gsize size, GError **error)
{
  return sink->emit_data (sink->user, data, size, error);
}

/**
 * QfuParseFunc:
 * @arguments: an ARGUMENTS message from dom0
 * @inputs: (array length=n_inputs): the bytes to parse
 * @n_inputs: how many; at least the number that the op's row in the table demands
 * @sink: where results go
 * @error: #QFU_ERROR_FORMAT, #QFU_ERROR_LIMIT, #QFU_ERROR_SIGNATURE, #QFU_ERROR_NOT_FOUND,
 * #QFU_ERROR_UNSUPPORTED
 *
 * The one signature of all parsers: bytes in, frames out. It opens no file, starts no thread and
 * keeps no state.
 */
typedef gboolean (*QfuParseFunc) (const QfuMessage *arguments,
                                  const QfuParseInput *inputs,
                                  gsize n_inputs,
                                  const QfuParseSink *sink,
                                  GError **error);

/**
 * QfuParseOp:
 * @name: as in qfu_worker_limits()
 * @min_inputs: how many inputs it needs
 * @parse: the parser
 * @warm_up: (nullable): called before the lock-down, to let a library load what it loads once
 */
typedef struct {
  const char *name;
  gsize min_inputs;
  QfuParseFunc parse;
  void (*warm_up) (void);
} QfuParseOp;

/* Returns (transfer none) (nullable): the row called @name; %NULL when this program has none. */
const QfuParseOp *qfu_parse_op (const char *name);
/* qfu_parse_jcat() and so on: one a row. */
#define QFU_PARSE_PROTOTYPE(NAME, name, ...)                                                       \
  gboolean qfu_parse_##name (const QfuMessage *, const QfuParseInput *, gsize,                     \
                             const QfuParseSink *, GError **);
QFU_WORKER_OPS (QFU_PARSE_PROTOTYPE)
#undef QFU_PARSE_PROTOTYPE

/* Starts GnuTLS, which opens files and runs its self tests once. */
void qfu_parse_signature_warm_up (void);
/* The same, in another program. */
void qfu_parse_quote_warm_up (void);
