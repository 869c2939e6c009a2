/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-locate.h"

/* How an image measures, as its own settings (the file `config`) tell. */

/* PCR of code; 2 unless the image says otherwise. */
guint qfu_rules_srtm (const QfuRom *rom);
/* PCR of vboot's value @value of QfuVbootValue. */
guint qfu_rules_vboot_pcr (const QfuRom *rom, guint value);
/* Whether the image has settings at all. */
gboolean qfu_rules_known (const QfuRom *rom);
/* Whether a setting is `y`. */
gboolean qfu_rules_is_set (const QfuRom *rom, const char *name);
/* The algorithm that the image extends with; @fallback without settings. */
QfuHash qfu_rules_hash (const QfuRom *rom, QfuHash fallback);
/* The PCR that the image extends with @file (%NULL: with a region); @fallback without settings. */
guint qfu_rules_pcr (const QfuRom *rom, const QfuRomFile *file, guint fallback);
/* Whether both images name the same kind of payload. */
gboolean qfu_rules_same_payload (const QfuRom *a, const QfuRom *b);
/* (nullable) (transfer none): a setting that changes and with it the set of measured objects. */
const char *qfu_rules_contradiction (const QfuRom *a, const QfuRom *b);
/* (nullable) (transfer none): a setting that changes and may change which files a boot loads. */
const char *qfu_rules_doubt (const QfuRom *a, const QfuRom *b);
/* (nullable) (transfer none): a setting of how to measure that the file `config` in @region has
 * otherwise than the one in COREBOOT. */
const char *qfu_rules_region_differs (const QfuRom *rom, guint region);
/* Whether the image is known to extend without logging. */
gboolean qfu_rules_unlogged (const QfuRom *rom);
/* Whether it may have done so in the boot that @replay is of: by its settings, or as its log is
 * full. */
gboolean qfu_rules_unlogged_boot (const QfuRom *rom, const QfuReplay *replay);
