/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-digest.h"
#include "qfu-parse.h"

/**
 * QfuDeclared:
 * @sink: where the frames go
 * @objects: how many were sent
 * @recipes: the same
 * @rows: steps and PCRs of the last recipe
 *
 * What both forms of a manifest have in common: the same frames within the same limits. Zero it,
 * but for @sink.
 */
typedef struct {
  const QfuParseSink *sink;
  guint objects;
  guint recipes;
  guint rows;
} QfuDeclared;

/* Each sends one frame; #QFU_ERROR_FORMAT and #QFU_ERROR_LIMIT name what is wrong. @version, @file
 * and @condition may be %NULL. */
gboolean qfu_declared_image (QfuDeclared *declared,
                             const char *version,
                             const QfuDigest *image,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_declared_object (QfuDeclared *declared,
                              const char *region,
                              const char *file,
                              const GArray *digests,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_declared_recipe (QfuDeclared *declared,
                              const char *name,
                              const char *condition,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_declared_step (QfuDeclared *declared, guint64 pcr, guint64 object, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_declared_pcr (QfuDeclared *declared,
                           guint64 pcr,
                           const QfuDigest *value,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
