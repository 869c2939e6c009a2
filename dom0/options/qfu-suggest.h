/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_suggest:
 * @word: what a person typed
 * @known: (array zero-terminated): what there is
 *
 * Returns: (transfer none) (nullable): the one of @known that was meant, as far as can be told: the
 * nearest by letters that were changed, added, left out or exchanged with their neighbour, where
 * one in three may be; else the only one that begins with @word
 */
const char *qfu_suggest (const char *word, const char *const *known);
