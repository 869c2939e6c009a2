/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "chip.h"
#include "flashjournal-fixture.h"
#include "qfu-refstore.h"

#define RECOVER_FAR                                                                                \
  (1024 * 1024) /* a block far from every write, neither written nor preserved                     \
                 */
#define RECOVER_KEPT (9 * 1024 * 1024) /* one that is preserved */

/**
 * RecoverFixture:
 * @old: what the chip held; @new: what it was to hold
 * @now: what a test wants it to hold
 *
 * A chip whose write by fixture_entry() was cut off: images kept, intent noted, record consumed.
 */
typedef struct {
  TestChip chip;
  guint8 *old;
  guint8 *new;
  guint8 *now;
  QfuFlashEntry *entry;
  guint record;
} RecoverFixture;

/* @more: options of the dummy programmer. */
void recover_set_up (RecoverFixture *f, gconstpointer more);
void recover_tear_down (RecoverFixture *f, gconstpointer more);

/* Keeps an image of @bytes, whose SHA-256 @digest gets. */
void recover_keep (const RecoverFixture *f, const guint8 *bytes, QfuDigest *digest);
/* Makes the chip hold @now. */
void recover_put (const RecoverFixture *f);
/* Sets @length bytes of @now. */
void recover_fill (const RecoverFixture *f, gsize offset, gsize length, guint8 value);
/* Copies @length bytes of @old or @new to @now. */
void recover_copy (const RecoverFixture *f, const guint8 *from, gsize offset, gsize length);
/* State of the record, and of the entry on the disk. */
QfuRefState recover_record_state (const RecoverFixture *f);
QfuFlashState recover_entry_state (const RecoverFixture *f);
