/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/* An area of CBMEM, whose numbers are of coreboot's commonlib/cbmem_id.h. */
typedef struct {
  guint32 id;
  guint64 address; /* physical */
  guint64 size;    /* bytes; the area ends below QFU_CBTABLE_ADDRESS_MAX */
} QfuCbmemEntry;

/**
 * QfuCbtable:
 * @forward: address of the table that counts instead, below QFU_CBTABLE_ADDRESS_MAX; 0: this one
 * @areas: (element-type QfuCbmemEntry): areas of CBMEM
 *
 * coreboot's table as worker `cbtable` claims it.
 *
 * Trust: the addresses are anybody's; reading there must do no harm.
 */
typedef struct {
  guint64 forward;
  GArray *areas;
} QfuCbtable;

/**
 * qfu_cbtable_read:
 * @ranges: (array length=n_ranges): memory to look for it in, each beginning on a boundary of 16
 * @flags: QFU_CBTABLE_AT_START: the first one begins with it
 * @error: #QFU_ERROR_NOT_FOUND when it is in none
 *
 * Runs worker `cbtable`.
 */
QfuCbtable *qfu_cbtable_read (const QfuConfig *config,
                              const QfuUntrustedBlob *const *ranges,
                              gsize n_ranges,
                              guint flags,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_cbtable_free (QfuCbtable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCbtable, qfu_cbtable_free)
