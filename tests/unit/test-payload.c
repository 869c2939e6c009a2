/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-payload.h"
#include "testconfig.h"

static void
test_kinds (void)
{
  static const struct {
    const char *name;
    const char *value;
    QfuPayloadKind kind;
  } cases[] = {
      {"CONFIG_PAYLOAD_SEABIOS", "y", QFU_PAYLOAD_SEABIOS},
      {"CONFIG_PAYLOAD_LINUX", "y", QFU_PAYLOAD_LINUX},
      {"CONFIG_PAYLOAD_GRUB2", "y", QFU_PAYLOAD_GRUB},
      {"CONFIG_PAYLOAD_GRUB", "y", QFU_PAYLOAD_GRUB},
      {"CONFIG_PAYLOAD_EDK2", "y", QFU_PAYLOAD_EDK2},
      {"CONFIG_PAYLOAD_TIANOCORE", "y", QFU_PAYLOAD_EDK2},
      {"CONFIG_PAYLOAD_ELF", "y", QFU_PAYLOAD_OTHER},
      {"CONFIG_PAYLOAD_FILE", "\"/linux/seabios-tcg2.elf\"", QFU_PAYLOAD_SEABIOS},
      {"CONFIG_PAYLOAD_FILE", "\"UEFIPAYLOAD.fd\"", QFU_PAYLOAD_EDK2},
      {"CONFIG_PAYLOAD_FILE", "\"../heads/bzImage\"", QFU_PAYLOAD_OTHER},
      {"CONFIG_PAYLOAD_FILE", "\"heads-bzImage\"", QFU_PAYLOAD_HEADS},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuRom) rom = forged_rom (16);

    forged_setting (rom, cases[i].name, cases[i].value);
    g_test_message ("%s", cases[i].value);
    g_assert_cmpint (qfu_payload_kind (rom), ==, cases[i].kind);
    g_assert_nonnull (qfu_payload_name (cases[i].kind));
  }
}

/* Heads is Linux to the settings. */
static void
test_heads (void)
{
  g_autoptr (QfuRom) rom = forged_rom (16);

  forged_setting (rom, "CONFIG_PAYLOAD_LINUX", "y");
  forged_setting (rom, "CONFIG_LOCALVERSION", "\"Heads-v1\"");
  g_assert_cmpint (qfu_payload_kind (rom), ==, QFU_PAYLOAD_HEADS);
  forged_setting (rom, "CONFIG_PAYLOAD_SEABIOS", "y");
  g_assert_cmpint (qfu_payload_kind (rom), ==, QFU_PAYLOAD_SEABIOS);
}

static void
test_sources (void)
{
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_SEABIOS, 1), ==, QFU_TAIL_TABLES);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_SEABIOS, 4), ==, QFU_TAIL_OUTSIDE);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_GRUB, 8), ==, QFU_TAIL_FILES);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_HEADS, 5), ==, QFU_TAIL_PAYLOAD);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_HEADS, 6), ==, QFU_TAIL_OUTSIDE);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_HEADS, 7), ==, QFU_TAIL_FILES);
  g_assert_cmpint (qfu_payload_source (QFU_PAYLOAD_EDK2, 0), ==, QFU_TAIL_FILES);
  for (guint kind = 0; kind < QFU_PAYLOAD_N_KINDS; kind++) {
    /* no kind keeps tables across a change of the firmware, or says anything of the system's PCRs
     */
    g_assert_cmpint (qfu_payload_source (kind, 1), !=, QFU_TAIL_OUTSIDE);
    g_assert_cmpint (qfu_payload_source (kind, QFU_PAYLOAD_PCRS), ==, QFU_TAIL_OUTSIDE);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/payload/kinds", test_kinds);
  g_test_add_func ("/payload/heads", test_heads);
  g_test_add_func ("/payload/sources", test_sources);
  return g_test_run ();
}
