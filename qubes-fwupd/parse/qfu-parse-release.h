/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"
#include "qfu-parse-prose.h"

/**
 * QfuParsedRelease:
 *
 * A release while its element is open. Text is plain ASCII; @problem is the first thing that is
 * wrong with it.
 */
typedef struct {
  char *version;
  char *urgency;
  char *location;
  guint64 time;
  guint64 size;
  guint64 installed_size;
  guint64 duration; /* seconds; 0 when not said */
  gboolean has_sha256;
  QfuDigest sha256;
  gboolean has_content;
  QfuDigest content;
  char *content_name;
  GPtrArray *cves;
  GPtrArray *device_checksums;
  QfuProse prose;
  GError *problem;
} QfuParsedRelease;

/* @names, @values: attributes of the `release` element. */
QfuParsedRelease *qfu_parsed_release_new (const char **names, const char **values);
void qfu_parsed_release_free (QfuParsedRelease *release);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuParsedRelease, qfu_parsed_release_free)

/* An element inside the release ended: @element is its path from there, @names and @values the
 * attributes that it began with (%NULL-terminated), @text what it held, stripped. */
void qfu_parsed_release_child (QfuParsedRelease *release,
                               const char *element,
                               const char **names,
                               const char **values,
                               const char *text);

/* (transfer full): the RELEASE frame; %NULL with @error when there was a problem. */
QfuMessage *qfu_parsed_release_message (const QfuParsedRelease *release, GError **error);
