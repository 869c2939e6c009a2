/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuAttributes:
 *
 * The attributes of one element, kept until it ends; the memory is used again for the next one.
 */
typedef struct _QfuAttributes QfuAttributes;

QfuAttributes *qfu_attributes_new (void);
void qfu_attributes_free (QfuAttributes *attributes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuAttributes, qfu_attributes_free)

/* @names and @values end with %NULL and have the same length. */
void qfu_attributes_set (QfuAttributes *attributes, const char **names, const char **values);

/* (transfer none) (array zero-terminated): the names, with their values in @values, until the next
 * qfu_attributes_set(); none when not @any. */
const char **qfu_attributes_get (QfuAttributes *attributes, gboolean any, const char ***values);
