/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"

#include <string.h>

static void
clear_event (gpointer element)
{
  g_free (((QfuEvent *)element)->name);
}

static void
clear_region (gpointer element)
{
  g_free (((QfuRomRegion *)element)->name);
}

static void
clear_file (gpointer element)
{
  g_free (((QfuRomFile *)element)->name);
}

QfuEventLog *
forged_log (QfuLogFormat format)
{
  QfuEventLog *log = g_new0 (QfuEventLog, 1);

  log->format = format;
  log->events = g_array_new (FALSE, TRUE, sizeof (QfuEvent));
  g_array_set_clear_func (log->events, clear_event);
  return log;
}

QfuRom *
forged_rom (guint64 size)
{
  QfuRom *rom = g_new0 (QfuRom, 1);

  rom->size = size;
  rom->regions = g_array_new (FALSE, TRUE, sizeof (QfuRomRegion));
  g_array_set_clear_func (rom->regions, clear_region);
  rom->files = g_array_new (FALSE, TRUE, sizeof (QfuRomFile));
  g_array_set_clear_func (rom->files, clear_file);
  rom->kind = QFU_ROM_COREBOOT;
  rom->unused = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  rom->hwid_region = -1;
  rom->vblocks = g_array_new (FALSE, TRUE, sizeof (QfuRomVblock));
  rom->volumes = g_array_new (FALSE, TRUE, sizeof (QfuRomVolume));
  rom->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return rom;
}

void
forged_event (
    QfuEventLog *log, guint pcr, guint type, const char *name, QfuHash hash, const char *data)
{
  QfuEvent event = {.pcr = pcr, .type = type, .name = g_strdup (name)};

  if (data != NULL)
    qfu_digest_compute (hash, data, strlen (data), &event.digests[qfu_bank_index (hash)]);
  g_array_append_val (log->events, event);
}

void
forged_region (QfuRom *rom, const char *name, guint64 offset, guint64 size)
{
  QfuRomRegion region = {.name = g_strdup (name), .offset = offset, .size = size};

  g_array_append_val (rom->regions, region);
}

void
forged_file (QfuRom *rom, const char *name, guint kind, guint64 offset, guint64 size)
{
  QfuRomFile file = {.region = rom->regions->len - 1,
                     .name = g_strdup (name),
                     .kind = kind,
                     .offset = offset,
                     .size = size};

  g_array_append_val (rom->files, file);
}

void
forged_setting (QfuRom *rom, const char *name, const char *value)
{
  g_hash_table_insert (rom->settings, g_strdup (name), g_strdup (value));
}
