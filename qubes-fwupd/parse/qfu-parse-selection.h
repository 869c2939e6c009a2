/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/* Which PCRs a secret depends on, as the files of several programs say it. */

/**
 * QfuSelection:
 * @bank: TPM_ALG_ID of the bank; 0: not stated
 * @pcrs: a bit for each PCR
 */
typedef struct {
  guint bank;
  guint32 pcrs;
} QfuSelection;

/* Adds PCR @pcr; %FALSE when no PC has it. */
gboolean qfu_selection_add (QfuSelection *selection, guint64 pcr) G_GNUC_WARN_UNUSED_RESULT;
/* Adds PCRs of a list such as `0,2,7`; an empty list adds none. %FALSE for everything else. */
gboolean qfu_selection_add_list (QfuSelection *selection,
                                 const char *list) G_GNUC_WARN_UNUSED_RESULT;
/* The bank called @name in either case, or by its number as tpm2-tools takes it; %FALSE when it is
 * none that a forecast knows. */
gboolean qfu_selection_set_bank (QfuSelection *selection,
                                 const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* As the wire's field SELECTION has it. */
guint64 qfu_selection_number (const QfuSelection *selection);
