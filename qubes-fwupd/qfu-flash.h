/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * QfuFlash:
 *
 * The flash chip behind the configured programmer. Holds `chip.lock` in the runtime folder for its
 * life, so that no two programs of ours open a programmer. libflashrom keeps its state in global
 * variables: a process has at most one of these at a time.
 *
 * Programs that link this are GPL-2.0-or-later as a whole, as libflashrom is.
 *
 * Trust: what a chip holds is anybody's.
 */
typedef struct _QfuFlash QfuFlash;

/**
 * QfuFlashProgress:
 * @step: called with bytes done and bytes in all, a few times in an operation
 * @user: passed to @step
 */
typedef struct {
  void (*step) (gpointer user, guint64 done, guint64 total);
  gpointer user;
} QfuFlashProgress;

/**
 * qfu_flash_open:
 * @config: programmer, its arguments, the expected size and model of the chip, runtime folder
 * @error: #QFU_ERROR_BUSY naming the lock; #QFU_ERROR_USAGE for a bad programmer;
 * #QFU_ERROR_UNREACHABLE with what helps when programmer or chip do not answer;
 * #QFU_ERROR_UNSUPPORTED for a chip that is too large or that several models fit;
 * #QFU_ERROR_MISMATCH for another size than configured
 */
QfuFlash *qfu_flash_open (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Closes programmer and lock; a failure of the programmer's shutdown is lost. */
void qfu_flash_free (QfuFlash *flash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuFlash, qfu_flash_free)

/**
 * qfu_flash_reopen:
 *
 * Shuts the programmer down and opens it anew under the same lock, so that the next read owes
 * nothing to what libflashrom remembers of the contents (it keeps a chip's identification for the
 * life of the process). After a failure the chip cannot be reached any more and every further call
 * fails.
 */
gboolean qfu_flash_reopen (QfuFlash *flash, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): the programmer, for display (libflashrom does not tell the chip's name). */
const char *qfu_flash_name (const QfuFlash *flash);
/* Size of the chip in bytes, at most QFU_ROM_SIZE_MAX. */
guint64 qfu_flash_size (const QfuFlash *flash);

/**
 * qfu_flash_read:
 * @unread: (nullable) (element-type QfuRange): what to leave out, ascending, without overlap
 * @progress: (nullable)
 * @error: #QFU_ERROR_LIMIT for ranges that do not fit; #QFU_ERROR_IO naming the part of the chip
 * that cannot be read
 *
 * Reads the chip; bytes that are left out are 0xff in the blob, which is as large as the chip.
 */
QfuUntrustedBlob *qfu_flash_read (QfuFlash *flash,
                                  const GArray *unread,
                                  const QfuFlashProgress *progress,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flash_check_writable:
 * @ranges: (element-type QfuRange): what is to be written, ascending, without overlap
 * @error: #QFU_ERROR_UNSUPPORTED when the chip, the chipset or the kernel keeps some of it from
 * being written, as far as they tell: which bytes, by what, and what helps
 *
 * To be asked before anything is erased. Changes nothing. Where nobody can tell, that is no error.
 */
gboolean qfu_flash_check_writable (QfuFlash *flash,
                                   const GArray *ranges,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flash_write:
 * @image: as large as the chip
 * @ranges: (element-type QfuRange): what to write of @image, ascending, without overlap, whole
 * blocks of QFU_ERASE_BLOCK
 * @wait: libflashrom shall wait a second before it reads back, for chips that need it
 * @progress: (nullable)
 * @error: #QFU_ERROR_LIMIT for ranges or an image that do not fit, before anything is touched;
 * otherwise #QFU_ERROR_IO, and some of the ranges may have been changed or erased
 *
 * Makes the chip hold @image in @ranges; libflashrom skips blocks that do so already, keeps what
 * lies beside a range in an erase block that is larger (not in every version: 1.4 misses a range's
 * last byte then), and reads back what it wrote. That is no substitute for qfu_flash_reopen() and
 * qfu_flash_read().
 */
gboolean qfu_flash_write (QfuFlash *flash,
                          const QfuUntrustedBlob *image,
                          const GArray *ranges,
                          gboolean wait,
                          const QfuFlashProgress *progress,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
