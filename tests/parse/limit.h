/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "collect.h"
#include "qfu-error.h"
#include "qfu-limits.h"

/**
 * LimitCase:
 * @path: PATH/at must be accepted by the whole op, PATH/past be refused with @code
 * @max: the limit
 * @make: (transfer full): an input that has as many of what the limit counts as it is told
 * @code: for one past the limit
 *
 * A row of schemas/limits.md. tests/lint/limits-doc looks for @path and the constant in one row.
 */
typedef struct {
  const char *path;
  guint64 max;
  GBytes *(*make) (guint64 n);
  QfuError code;
} LimitCase;

/* Adds both tests of each of @cases, which must outlive the run, for @op with @flags. */
void limit_add (const char *op, guint64 flags, const LimitCase *cases, gsize n_cases);

/* What is left of a run over an input that is too large to copy or to print. */
typedef struct {
  guint messages;
  guint64 bytes; /* of DATA */
  GError *error;
} LimitOutcome;

/* Runs @op; every message must fit into a frame. */
LimitOutcome limit_run (const char *op, guint64 flags, const QfuParseInput *inputs, gsize n_inputs);
void limit_outcome_clear (LimitOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LimitOutcome, limit_outcome_clear)

/* (transfer full): @size zero bytes that begin with @head and end with @tail, for which memory is
 * taken as it is touched; freed with limit_sparse_free(). */
guint8 *limit_sparse (gsize size, const void *head, gsize n_head, const void *tail, gsize n_tail);
void limit_sparse_free (guint8 *bytes, gsize size);

/* (transfer full): @head, @n times @unit with @between between them, and @tail. */
char *
limit_repeat (const char *head, const char *unit, const char *between, guint64 n, const char *tail);
