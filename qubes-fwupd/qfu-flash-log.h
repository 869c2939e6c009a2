/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flash-lock.h"

/**
 * QfuFlashLog:
 *
 * What a flash library says, which comes in pieces of lines: each whole line goes to the debug log,
 * and the first one that reports an error is kept (the later ones are its call for help), as are
 * all that speak of write protection.
 */
typedef struct _QfuFlashLog QfuFlashLog;

QfuFlashLog *qfu_flash_log_new (void);
void qfu_flash_log_free (QfuFlashLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuFlashLog, qfu_flash_log_free)

/* Takes a piece of text; bytes outside printable ASCII become spaces, long lines are cut. */
void qfu_flash_log_add (QfuFlashLog *log, gboolean is_error, const char *text);
/* Forgets the error, the locks and an unfinished line, before the next operation. */
void qfu_flash_log_reset (QfuFlashLog *log);
/* (transfer none): the first error, or a text that says that there was none; valid until the next
 * call. */
const char *qfu_flash_log_reason (QfuFlashLog *log);
/* (transfer full) (element-type QfuFlashLock): the locks that were spoken of. */
GArray *qfu_flash_log_locks (const QfuFlashLog *log);
