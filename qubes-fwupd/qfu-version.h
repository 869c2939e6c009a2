/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_version_compare:
 * @a: a firmware version
 * @b: another
 * @format: (nullable): fwupd's name of the version format; %NULL is "unknown"
 *
 * Orders two versions as fwupd does, so that both name the same release the newest: sections
 * between dots by number and then by what follows the number, where `~` sorts before the end;
 * `plain` versions by the alphabet; `hex` ones are numbers of which a
 * leading `0x` says the base.
 *
 * Returns: negative, zero or positive as @a is older than, equal to or newer than @b
 */
int qfu_version_compare (const char *a, const char *b, const char *format);

/**
 * qfu_version_matches:
 * @version: the version at hand
 * @compare: `eq`, `ne`, `lt`, `le`, `gt`, `ge` or `glob` (alternatives joined by `|`)
 * @bound: what to compare with
 * @format: (nullable): as above
 * @holds: (out): whether `version compare bound` is true
 *
 * Returns: %FALSE when @compare is not one of the words above
 */
gboolean qfu_version_matches (const char *version,
                              const char *compare,
                              const char *bound,
                              const char *format,
                              gboolean *holds) G_GNUC_WARN_UNUSED_RESULT;
