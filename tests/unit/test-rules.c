/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-rules.h"
#include "testconfig.h"

static void
test_defaults (void)
{
  g_autoptr (QfuRom) rom = forged_rom (16);

  g_assert_false (qfu_rules_known (rom));
  forged_setting (rom, "BUILD_COREBOOT_VERSION", "25.05");
  g_assert_false (qfu_rules_known (rom));
  g_assert_cmpuint (qfu_rules_srtm (rom), ==, 2);
  g_assert_cmpint (qfu_rules_hash (rom, QFU_HASH_SHA384), ==, QFU_HASH_SHA384);
  g_assert_cmpuint (qfu_rules_pcr (rom, NULL, 9), ==, 9);
  forged_setting (rom, "CONFIG_PCR_SRTM", "99");
  g_assert_true (qfu_rules_known (rom));
  g_assert_cmpuint (qfu_rules_srtm (rom), ==, 2);
}

static void
test_pcrs (void)
{
  static const struct {
    guint kind;
    const char *name;
    guint pcr;
  } cases[] = {{0x11, "fallback/romstage", 4},
               {0x20, "fallback/payload", 4},
               {0x21, "fit", 4},
               {0x61, "mrc", 4},
               {0xac, "mrc.cache", 5},
               {0x50, "logo", 4},
               {0xaa, "cmos.default", 5},
               {0x50, "cmos", 4},
               {0x11, "late", 4}};
  g_autoptr (QfuRom) rom = forged_rom (16);

  forged_setting (rom, "CONFIG_PCR_SRTM", "4");
  forged_setting (rom, "CONFIG_PCR_RUNTIME_DATA", "5");
  forged_setting (rom, "CONFIG_TPM_MEASURED_BOOT_RUNTIME_DATA", "\"cmos.default late\"");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    QfuRomFile file = {.name = (char *)(gpointer)cases[i].name, .kind = cases[i].kind};

    g_assert_cmpuint (qfu_rules_pcr (rom, &file, 9), ==, cases[i].pcr);
  }
  g_assert_cmpuint (qfu_rules_pcr (rom, NULL, 9), ==, 4);
}

static void
test_hash (void)
{
  g_autoptr (QfuRom) rom = forged_rom (16);
  g_autoptr (QfuRom) old = forged_rom (16);

  forged_setting (rom, "CONFIG_TPM_HASH_SHA512", "y");
  g_assert_cmpint (qfu_rules_hash (rom, QFU_HASH_SHA1), ==, QFU_HASH_SHA512);
  forged_setting (old, "CONFIG_TPM_LOG_TPM1", "y");
  g_assert_cmpint (qfu_rules_hash (old, QFU_HASH_SHA256), ==, QFU_HASH_SHA1);
}

static void
test_usual_hash (void)
{
  static const struct {
    const char *one;
    const char *other; /* "": none */
    QfuHash fallback;
    QfuHash hash;
  } cases[] = {{"CONFIG_TPM2", "", QFU_HASH_SHA384, QFU_HASH_SHA256},
               {"CONFIG_TPM2", "", QFU_HASH_SHA1, QFU_HASH_SHA256},
               {"CONFIG_TPM1", "", QFU_HASH_SHA256, QFU_HASH_SHA1},
               {"CONFIG_TPM1", "CONFIG_TPM2", QFU_HASH_SHA384, QFU_HASH_SHA256},
               {"CONFIG_TPM1", "CONFIG_TPM2", QFU_HASH_SHA1, QFU_HASH_SHA1},
               {"CONFIG_VBOOT", "", QFU_HASH_SHA384, QFU_HASH_SHA384}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuRom) rom = forged_rom (16);

    forged_setting (rom, cases[i].one, "y");
    if (*cases[i].other != '\0')
      forged_setting (rom, cases[i].other, "y");
    g_assert_cmpint (qfu_rules_hash (rom, cases[i].fallback), ==, cases[i].hash);
  }
}

static void
test_payload (void)
{
  static const struct {
    const char *one;
    const char *other;
    gboolean same;
  } cases[] = {{"\"/a/seabios-tcg.elf\"", "\"/b/seabios-tcg2.elf\"", TRUE},
               {"\"/a/seabios-1.16.elf\"", "\"seabios-1.17.elf\"", TRUE},
               {"\"/a/seabios-tcg.elf\"", "\"/a/seabios-notcg.elf\"", FALSE},
               {"\"/a/seabios.elf\"", "\"/a/grub.elf\"", FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuRom) one = forged_rom (16);
    g_autoptr (QfuRom) other = forged_rom (16);

    forged_setting (one, "CONFIG_PAYLOAD_FILE", cases[i].one);
    forged_setting (other, "CONFIG_PAYLOAD_FILE", cases[i].other);
    g_assert_cmpint (qfu_rules_same_payload (one, other), ==, cases[i].same);
    forged_setting (one, "CONFIG_PAYLOAD_ELF", "y");
    g_assert_false (qfu_rules_same_payload (one, other));
  }
}

static void
test_changes (void)
{
  g_autoptr (QfuRom) old = forged_rom (16);
  g_autoptr (QfuRom) new = forged_rom (16);

  forged_setting (old, "CONFIG_CBFS_VERIFICATION", "y");
  g_assert_null (qfu_rules_contradiction (old, new));
  forged_setting (new, "CONFIG_TPM2", "y");
  g_assert_cmpstr (qfu_rules_contradiction (old, new), ==, "CONFIG_CBFS_VERIFICATION");
  forged_setting (new, "CONFIG_CBFS_VERIFICATION", "y");
  g_assert_null (qfu_rules_contradiction (old, new));
  g_assert_null (qfu_rules_doubt (old, new));
  forged_setting (new, "CONFIG_USE_OPTION_TABLE", "y");
  g_assert_cmpstr (qfu_rules_doubt (old, new), ==, "CONFIG_USE_OPTION_TABLE");
  g_assert_false (qfu_rules_unlogged (new));
  forged_setting (new, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK", "y");
  g_assert_true (qfu_rules_unlogged (new));
}

/* coreboot's log has room for 50 events. */
static void
test_unlogged (void)
{
  const QfuReplay room = {.firmware = 49};
  const QfuReplay full = {.firmware = 50};
  g_autoptr (QfuRom) rom = forged_rom (16);

  g_assert_false (qfu_rules_unlogged_boot (rom, &room));
  g_assert_true (qfu_rules_unlogged_boot (rom, &full));
  forged_setting (rom, "CONFIG_USE_OPTION_TABLE", "y");
  forged_setting (rom, "CONFIG_TPM_MEASURED_BOOT_INIT_BOOTBLOCK", "y");
  g_assert_true (qfu_rules_unlogged_boot (rom, &room));
}

static void
test_vboot (void)
{
  g_autoptr (QfuRom) rom = forged_rom (16);

  g_assert_cmpuint (qfu_rules_vboot_pcr (rom, 0), ==, 1);
  g_assert_cmpuint (qfu_rules_vboot_pcr (rom, 1), ==, 1);
  g_assert_cmpuint (qfu_rules_vboot_pcr (rom, 2), ==, 10);
  forged_setting (rom, "CONFIG_PCR_BOOT_MODE", "0");
  forged_setting (rom, "CONFIG_PCR_FW_VER", "99");
  g_assert_cmpuint (qfu_rules_vboot_pcr (rom, 0), ==, 0);
  g_assert_cmpuint (qfu_rules_vboot_pcr (rom, 2), ==, 10);
}

/* A slot of another build. */
static void
test_region (void)
{
  g_autoptr (QfuRom) rom = forged_rom (16);

  forged_region (rom, "COREBOOT", 0, 1);
  forged_region (rom, "FW_MAIN_A", 1, 1);
  forged_setting (rom, "CONFIG_TPM_MEASURED_BOOT", "y");
  forged_setting (rom, "CONFIG_TPM_HASH_SHA256", "y");
  g_assert_null (qfu_rules_region_differs (rom, 1));
  forged_setting (rom, "FW_MAIN_A:CONFIG_TPM_MEASURED_BOOT", "y");
  g_assert_cmpstr (qfu_rules_region_differs (rom, 1), ==, "CONFIG_TPM_HASH_SHA256");
  forged_setting (rom, "FW_MAIN_A:CONFIG_TPM_HASH_SHA256", "y");
  g_assert_null (qfu_rules_region_differs (rom, 1));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/rules/defaults", test_defaults);
  g_test_add_func ("/rules/pcrs", test_pcrs);
  g_test_add_func ("/rules/hash", test_hash);
  g_test_add_func ("/rules/usual-hash", test_usual_hash);
  g_test_add_func ("/rules/payload", test_payload);
  g_test_add_func ("/rules/changes", test_changes);
  g_test_add_func ("/rules/region", test_region);
  g_test_add_func ("/rules/unlogged", test_unlogged);
  g_test_add_func ("/rules/vboot", test_vboot);
  return g_test_run ();
}
