/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-recovery-kind.h"
#include "qfu-rewrite.h"

/**
 * QfuRecovery:
 * @kind: how it ended, or would end; 0 after an error, but where only noting it failed
 * @entry: of the journal; 0 when there was nothing
 * @record: of the reference values; 0: none
 * @blocks: how many blocks of QFU_ERASE_BLOCK bytes the write touches
 * @blocks_old: how many of them held their old contents when the recovery began
 * @blocks_new: how many held their new contents
 * @blocks_neither: how many held neither, or other bytes at each reading
 * @bytes_written: by this recovery, as asked of the library
 *
 * What a recovery found and did.
 */
typedef struct {
  QfuRecoveryKind kind;
  guint entry;
  guint record;
  guint64 blocks;
  guint64 blocks_old;
  guint64 blocks_new;
  guint64 blocks_neither;
  guint64 bytes_written;
} QfuRecovery;

/**
 * qfu_recover:
 * @config: configuration
 * @progress: (nullable)
 * @result: (out): what was found and done; after an error as far as it came
 * @error: what the chip holds and what to do next. #QFU_ERROR_BUSY while another program uses the
 * chip; #QFU_ERROR_REFUSED when somebody else has changed the chip; #QFU_ERROR_MISMATCH when it
 * holds neither and cannot be made to; what else stopped it
 *
 * Brings a chip whose write was cut off to exactly its new or exactly its old contents, and journal
 * and reference values with it. Reads the chip twice before it decides. The contents that are
 * nearer in the blocks that boot needs are taken, the new ones in doubt, and the others when those
 * cannot be written. Blocks beside the write that are preserved are left as they are.
 *
 * It may be cut off itself, and run again, in any boot.
 *
 * Trust: the chip is untrusted; it is only compared. No parser runs.
 */
gboolean qfu_recover (const QfuConfig *config,
                      const QfuRewriteProgress *progress,
                      QfuRecovery *result,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_recover_look:
 *
 * As qfu_recover(), but writes nothing anywhere: @result says what it would do.
 */
gboolean qfu_recover_look (const QfuConfig *config,
                           const QfuRewriteProgress *progress,
                           QfuRecovery *result,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
