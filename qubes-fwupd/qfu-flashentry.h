/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * QfuFlashState:
 * @QFU_FLASH_INTENT: the write was about to begin; what the chip holds has to be looked at
 * @QFU_FLASH_NEW: the chip was read back and holds the new contents
 * @QFU_FLASH_OLD: the chip holds the old contents
 * @QFU_FLASH_NEITHER: the chip holds neither, or could not be read back
 *
 * intent -> new, old or neither; neither -> new or old. Intent and neither are unfinished.
 */
typedef enum {
  QFU_FLASH_INTENT = 1,
  QFU_FLASH_NEW,
  QFU_FLASH_OLD,
  QFU_FLASH_NEITHER
} QfuFlashState;

/* "intent", "new", "old", "neither". */
const char *qfu_flash_state_name (QfuFlashState state);

/**
 * QfuFlashEntry:
 *
 * One write of the chip, from before its first erase. Strings are printable ASCII and never %NULL.
 */
typedef struct {
  guint id; /* set by the journal */
  QfuFlashState state;
  char *reason;          /* why it is in this state, for people */
  guint record;          /* id of the reference values of this write */
  char *boot_id;         /* of the boot in which the write began */
  char *state_boot_id;   /* of the boot in which it came into this state */
  gint64 time;           /* of the intent, seconds since 1970 */
  gint64 state_time;     /* of this state */
  char *device_id;       /* fwupd's */
  char *programmer;      /* as configured */
  guint64 size;          /* of the chip in bytes */
  QfuDigest old_image;   /* SHA-256 of the chip before the write */
  QfuDigest new_image;   /* after it */
  GPtrArray *steps;      /* (element-type QfuStep): what is written, in order */
  GArray *preserved;     /* (element-type QfuRange): what running firmware may change at any time */
  GArray *unread;        /* (element-type QfuRange): what is neither read nor written */
  guint64 bytes_written; /* up to this state, erased and written, as asked of the library */
} QfuFlashEntry;

/* An entry in state intent without anything in it. */
QfuFlashEntry *qfu_flash_entry_new (void);
void qfu_flash_entry_free (QfuFlashEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuFlashEntry, qfu_flash_entry_free)

/* Whether the chip has to be looked at before anything else is written. */
gboolean qfu_flash_entry_unfinished (const QfuFlashEntry *entry);

/* (transfer full): the JSON of schemas/flashjournal.schema.json, one line. */
char *qfu_flash_entry_to_text (const QfuFlashEntry *entry);

/**
 * qfu_flash_entry_parse:
 * @text: of an entry
 * @error: #QFU_ERROR_FORMAT when it is no JSON, or a member is missing or unfit: what is written is
 * whole erase blocks, each once, and all ranges lie inside the chip
 */
QfuFlashEntry *qfu_flash_entry_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
