/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"
#include "qfu-rom.h"

/* Logs and maps of images as workers would claim them, made without one. */

/* (transfer full): an empty log or map of an image of @size bytes. */
QfuEventLog *forged_log (QfuLogFormat format);
QfuRom *forged_rom (guint64 size);

/* Appends an event of the digest of @data (%NULL: none) in the bank of @hash. */
void forged_event (
    QfuEventLog *log, guint pcr, guint type, const char *name, QfuHash hash, const char *data);
/* Appends a region, or a file of the last region. */
void forged_region (QfuRom *rom, const char *name, guint64 offset, guint64 size);
void forged_file (QfuRom *rom, const char *name, guint kind, guint64 offset, guint64 size);
void forged_setting (QfuRom *rom, const char *name, const char *value);
