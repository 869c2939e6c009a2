/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * qfu_cabinet_check:
 * @input: what shall be a cabinet
 * @exact: whether it must hold nothing that a reader passes over
 * @n_files: (out): how many members it states
 * @error: #QFU_ERROR_FORMAT, #QFU_ERROR_LIMIT, #QFU_ERROR_UNSUPPORTED
 *
 * Looks at the structure of a cabinet before a library reads it: one cabinet, stored or MSZIP, of
 * exactly its stated size. When @exact, also: no reserve, no number of a set, members without gaps
 * between them that fill the folders, the tables and data blocks one behind the other to the end,
 * and members' dates that are dates, of all or of none, and attributes that are ordinary and all
 * the same.
 */
gboolean qfu_cabinet_check (const QfuParseInput *input,
                            gboolean exact,
                            guint *n_files,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
