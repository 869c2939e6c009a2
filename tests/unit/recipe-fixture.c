/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recipe-fixture.h"

#include "qfu-locate.h"
#include "testconfig.h"

#include <string.h>

void
recipe_set_up (RecipeFixture *f, const char *old_bytes, const char *new_bytes)
{
  memset (f, 0, sizeof *f);
  f->old_image = test_blob (old_bytes, strlen (old_bytes));
  f->new_image = test_blob (new_bytes, strlen (new_bytes));
  f->old_rom = forged_rom (strlen (old_bytes));
  f->new_rom = forged_rom (strlen (new_bytes));
  f->log = forged_log (QFU_LOG_TCG2);
}

void
recipe_tear_down (RecipeFixture *f)
{
  qfu_untrusted_blob_free (f->old_image);
  qfu_untrusted_blob_free (f->new_image);
  qfu_rom_free (f->old_rom);
  qfu_rom_free (f->new_rom);
  qfu_eventlog_free (f->log);
  qfu_replay_free (f->replay);
  g_clear_pointer (&f->work.warnings, g_array_unref);
  g_clear_pointer (&f->work.objects, g_array_unref);
  g_clear_pointer (&f->work.out.next, g_array_unref);
}

/* A log of the extends and then of what is logged. */
static QfuEventLog *
full_log (const RecipeFixture *f, guint pcr, const QfuDigest *extends, gsize n)
{
  QfuEventLog *log = forged_log (QFU_LOG_TCG2);

  for (gsize i = 0; i < n; i++) {
    forged_event (log, pcr, 5, "", QFU_HASH_SHA256, "x");
    g_array_index (log->events, QfuEvent, i).digests[qfu_bank_index (QFU_HASH_SHA256)] = extends[i];
  }
  for (guint i = 0; i < f->log->events->len; i++) {
    QfuEvent event = g_array_index (f->log->events, QfuEvent, i);

    event.name = g_strdup (event.name);
    g_array_append_val (log->events, event);
  }
  return log;
}

void
recipe_boot (RecipeFixture *f, guint pcr, const QfuDigest *extends, gsize n)
{
  g_autoptr (QfuEventLog) full = full_log (f, pcr, extends, n);
  const QfuEventLog *const logs[] = {f->log};
  const QfuEventLog *const fulls[] = {full};
  const QfuPcrSet unknown = {0};
  g_autoptr (QfuReplay) truth = qfu_replay_choose (fulls, 1, &unknown);
  const gsize bank = (gsize)qfu_bank_index (QFU_HASH_SHA256);

  qfu_pcr_set_clear (&f->pcrs);
  for (guint i = 0; i < QFU_PCR_COUNT; i++)
    g_assert_true (qfu_pcr_set_put (&f->pcrs, i, &truth->values.value[bank][i]));
  f->replay = qfu_replay_choose (logs, 1, &f->pcrs);
  f->work = (QfuRecipeWork){.replay = f->replay,
                            .pcrs = &f->pcrs,
                            .old_image = f->old_image,
                            .old_rom = f->old_rom,
                            .new_image = f->new_image,
                            .new_rom = f->new_rom,
                            .warnings = qfu_warnings_new (),
                            .objects = qfu_measured_objects_new ()};
  f->work.out.replay = f->replay;
  f->work.out.pcrs = &f->pcrs;
  f->work.out.explained = f->replay->values;
  f->work.out.bank = f->replay->bank;
  f->work.out.next = g_array_new (FALSE, TRUE, sizeof (QfuNextEvent));
}

gboolean
recipe_warned (const RecipeFixture *f, const char *code)
{
  for (guint i = 0; i < f->work.warnings->len; i++) {
    if (strcmp (g_array_index (f->work.warnings, QfuWarning, i).code, code) == 0)
      return TRUE;
  }
  return FALSE;
}

const char *
recipe_doubt (const RecipeFixture *f, guint pcr)
{
  return f->work.out.doubt[qfu_bank_index (QFU_HASH_SHA256)][pcr];
}

void
recipe_hwid (QfuRom *rom, guint8 fill)
{
  rom->hwid_region = (int)rom->regions->len - 1;
  memset (rom->hwid, fill, sizeof rom->hwid);
}

void
recipe_vblock (QfuRom *rom, guint flags, guint key_version, guint firmware_version)
{
  QfuRomVblock block = {.region = rom->regions->len - 1,
                        .keyblock = 0x200,
                        .flags = flags,
                        .key_version = key_version,
                        .firmware_version = firmware_version};

  g_array_append_val (rom->vblocks, block);
}
