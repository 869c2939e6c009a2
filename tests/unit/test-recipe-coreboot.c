/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-locate.h"
#include "recipe-fixture.h"
#include "testconfig.h"

#include <string.h>

#define SHA256 QFU_HASH_SHA256
#define IMAGE "MbrAcBc"
#define LOG_ENTRIES 50

static void
map (QfuRom *rom)
{
  forged_setting (rom, "CONFIG_TPM_MEASURED_BOOT", "y");
  forged_setting (rom, "CONFIG_TPM_HASH_SHA256", "y");
  forged_setting (rom, "CONFIG_PAYLOAD_FILE", "seabios.elf");
  forged_region (rom, "FMAP", 0, 1);
  forged_region (rom, "COREBOOT", 1, 2);
  forged_file (rom, "bootblock", 1, 1, 1);
  forged_file (rom, "romstage", 0x11, 2, 1);
  forged_region (rom, "FW_MAIN_A", 3, 2);
  forged_file (rom, "fallback/payload", 0x20, 3, 1);
  forged_file (rom, "common", 0x50, 4, 1);
  forged_region (rom, "FW_MAIN_B", 5, 2);
  forged_file (rom, "fallback/payload", 0x20, 5, 1);
  forged_file (rom, "common", 0x50, 6, 1);
}

static void
set_up (RecipeFixture *f, const char *new_bytes)
{
  recipe_set_up (f, IMAGE, new_bytes);
  map (f->old_rom);
  map (f->new_rom);
  forged_event (f->log, 2, 5, "FMAP: FMAP", SHA256, "M");
  forged_event (f->log, 2, 5, "CBFS: bootblock", SHA256, "b");
  forged_event (f->log, 2, 5, "CBFS: romstage", SHA256, "r");
  forged_event (f->log, 2, 5, "CBFS: common", SHA256, "c");
}

static void
foresee (RecipeFixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_recipe_coreboot.fits (&f->work));
  g_assert_true (qfu_recipe_coreboot.foresee (&f->work, &error));
  g_assert_no_error (error);
}

static void
assert_refused (RecipeFixture *f, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_recipe_coreboot.foresee (&f->work, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
  g_assert_nonnull (strstr (error->message, why));
  recipe_tear_down (f);
}

/* The @n-th extend is a digest of @data in the bank of @hash. */
static void
assert_extend (const RecipeFixture *f, guint n, guint pcr, QfuHash hash, const char *data)
{
  const QfuNextEvent *next = &g_array_index (f->work.out.next, QfuNextEvent, n);
  QfuDigest expected;

  qfu_digest_compute (hash, data, strlen (data), &expected);
  g_assert_cmpuint (next->pcr, ==, pcr);
  g_assert_true (qfu_digest_equal (&next->digests[qfu_bank_index (hash)], &expected));
}

/* Settings of the new image decide on bank and PCR. */
static void
test_settings (void)
{
  RecipeFixture f;

  set_up (&f, "MbRAcBc");
  g_hash_table_remove (f.new_rom->settings, "CONFIG_TPM_HASH_SHA256");
  forged_setting (f.new_rom, "CONFIG_TPM_HASH_SHA512", "y");
  forged_setting (f.new_rom, "CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA", "\"common\"");
  forged_event (f.log, 4, 4, "", SHA256, "s");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  g_assert_cmpint (f.work.out.bank, ==, qfu_bank_index (QFU_HASH_SHA512));
  g_assert_true (f.work.out.changed);
  assert_extend (&f, 0, 2, QFU_HASH_SHA512, "M");
  assert_extend (&f, 2, 2, QFU_HASH_SHA512, "R");
  assert_extend (&f, 3, 3, QFU_HASH_SHA512, "c");
  assert_extend (&f, 4, 4, SHA256, "s");
  g_assert_true (recipe_warned (&f, "bank-unknown"));
  g_assert_cmpuint (f.work.objects->len, ==, 4);
  recipe_tear_down (&f);
}

/* Which slot was booted matters only when the next boot shows it. */
static void
test_slots (void)
{
  RecipeFixture f;

  set_up (&f, "MbrAdBd");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  assert_extend (&f, 3, 2, SHA256, "d");
  recipe_tear_down (&f);
  set_up (&f, "MbrAdBe");
  recipe_boot (&f, 0, NULL, 0);
  assert_refused (&f, "which slot");
  set_up (&f, "MbrAdBe");
  forged_event (f.log, 2, 5, "CBFS: fallback/payload", SHA256, "B");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  assert_extend (&f, 3, 2, SHA256, "e");
  recipe_tear_down (&f);
  /* the slot's own settings */
  set_up (&f, "MbrAdBd");
  forged_setting (f.new_rom, "FW_MAIN_A:CONFIG_TPM_MEASURED_BOOT", "y");
  forged_setting (f.new_rom, "FW_MAIN_A:CONFIG_TPM_HASH_SHA1", "y");
  recipe_boot (&f, 0, NULL, 0);
  assert_refused (&f, "CONFIG_TPM_HASH_SHA1");
}

static void
test_refused (void)
{
  RecipeFixture f;

  set_up (&f, IMAGE);
  f.new_rom->kind = QFU_ROM_UEFI;
  recipe_boot (&f, 0, NULL, 0);
  assert_refused (&f, "another kind");
  set_up (&f, IMAGE);
  recipe_boot (&f, 0, NULL, 0);
  f.pcrs.known[1][2] = FALSE;
  assert_refused (&f, "not known");
  set_up (&f, IMAGE);
  forged_setting (f.old_rom, "CONFIG_PCR_SRTM", "2");
  forged_setting (f.old_rom, "CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA", "\"common\"");
  recipe_boot (&f, 0, NULL, 0);
  assert_refused (&f, "CBFS: common");
}

static void
test_unlogged (void)
{
  RecipeFixture f;
  QfuDigest extend;

  qfu_digest_compute (SHA256, "hidden", 6, &extend);
  set_up (&f, IMAGE);
  recipe_boot (&f, 2, &extend, 1);
  assert_refused (&f, "do not replay");
  /* coreboot's log is full: it may have extended more */
  set_up (&f, IMAGE);
  while (f.log->events->len < LOG_ENTRIES)
    forged_event (f.log, 2, 5, "CBFS: common", SHA256, "c");
  recipe_boot (&f, 2, &extend, 1);
  foresee (&f);
  g_assert_true (recipe_warned (&f, "unlogged-extends"));
  g_assert_nonnull (recipe_doubt (&f, 2));
  recipe_tear_down (&f);
  set_up (&f, IMAGE);
  forged_setting (f.old_rom, "CONFIG_USE_OPTION_TABLE", "y");
  forged_setting (f.new_rom, "CONFIG_USE_OPTION_TABLE", "y");
  forged_setting (f.old_rom, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK", "y");
  forged_setting (f.new_rom, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK", "y");
  recipe_boot (&f, 2, &extend, 1);
  foresee (&f);
  g_assert_true (recipe_warned (&f, "unlogged-extends"));
  g_assert_nonnull (recipe_doubt (&f, 2));
  recipe_tear_down (&f);
}

/* The log of the present boot says nothing of what only the new image does. */
static void
test_unlogged_now (void)
{
  RecipeFixture f;

  set_up (&f, IMAGE);
  forged_setting (f.new_rom, "CONFIG_USE_OPTION_TABLE", "y");
  forged_setting (f.new_rom, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK", "y");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  g_assert_true (recipe_warned (&f, "unlogged-extends"));
  g_assert_nonnull (recipe_doubt (&f, 2));
  /* another bank has none of coreboot's extends */
  g_assert_null (f.work.out.doubt[qfu_bank_index (QFU_HASH_SHA1)][2]);
  recipe_tear_down (&f);
}

static void
test_warnings (void)
{
  RecipeFixture f;

  set_up (&f, "MbrZcBc");
  forged_event (f.log, 2, 5, "CBFS: fallback/payload", SHA256, "A");
  g_array_index (f.new_rom->files, QfuRomFile, 1).load_address = 4096;
  recipe_boot (&f, 0, NULL, 0);
  f.replay->overwritten = TRUE;
  foresee (&f);
  g_assert_true (recipe_warned (&f, "load-address-changed"));
  g_assert_true (recipe_warned (&f, "payload-changed"));
  g_assert_true (recipe_warned (&f, "log-overwritten"));
  g_assert_false (recipe_warned (&f, "bootblock-not-measured"));
  recipe_tear_down (&f);
  set_up (&f, IMAGE);
  forged_setting (f.old_rom, "CONFIG_TPM_HASH_SHA1", "y");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  g_assert_true (recipe_warned (&f, "settings-disagree"));
  g_assert_cmpint (f.work.out.bank, ==, 1);
  recipe_tear_down (&f);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recipe-coreboot/settings", test_settings);
  g_test_add_func ("/recipe-coreboot/slots", test_slots);
  g_test_add_func ("/recipe-coreboot/refused", test_refused);
  g_test_add_func ("/recipe-coreboot/unlogged", test_unlogged);
  g_test_add_func ("/recipe-coreboot/unlogged-now", test_unlogged_now);
  g_test_add_func ("/recipe-coreboot/warnings", test_warnings);
  return g_test_run ();
}
