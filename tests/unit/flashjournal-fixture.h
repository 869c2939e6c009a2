/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flashjournal.h"

#define FIXTURE_BOOT "11111111-2222-3333-4444-555555555555"
#define FIXTURE_LATER_BOOT "22222222-3333-4444-5555-666666666666"
#define FIXTURE_DEVICE "0123456789abcdef0123456789abcdef01234567"

/* Makes @config tell boot @boot_id, from a file in @directory. */
void fixture_boot (QfuConfig *config, const char *directory, const char *boot_id);

/* Appends a step of one range to @steps. */
void
fixture_step (GPtrArray *steps, const char *name, guint64 offset, guint64 length, gboolean window);

/* (transfer full): a write of 8 KiB at 0 and 4 KiB at 64 KiB, which boot needs, of a chip of 16 MiB
 * whose second half is preserved. */
QfuFlashEntry *fixture_entry (void);
