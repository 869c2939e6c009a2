/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-error.h"
#include "qfu-sameboard.h"
#include "testconfig.h"

#include <string.h>

#define PART "CONFIG_MAINBOARD_PART_NUMBER"
#define VENDOR "CONFIG_MAINBOARD_VENDOR"

/* What two images say in their settings, and what has to be in the refusal; %NULL: none. */
typedef struct {
  const char *chip[4];
  const char *image[4];
  const char *word;
} Row;

static QfuRom *
rom_of (const char *const *settings)
{
  QfuRom *rom = forged_rom (4096);

  for (gsize i = 0; i < 4 && settings[i] != NULL; i += 2)
    forged_setting (rom, settings[i], settings[i + 1]);
  return rom;
}

static void
test_rows (void)
{
  static const Row rows[] = {
      {{PART, "X1", VENDOR, "V"}, {PART, "X1", VENDOR, "V"}, NULL},
      {{NULL}, {NULL}, NULL},
      /* the slots name the board, too, or alone */
      {{PART, "X1", "FW_MAIN_A:" PART, "X1"}, {PART, "X1"}, NULL},
      {{PART, "X1"}, {"FW_MAIN_A:" PART, "X1", "FW_MAIN_B:" PART, "X1"}, NULL},
      {{PART, "X1"}, {PART, "X2"}, "another board"},
      {{VENDOR, "V"}, {VENDOR, "W"}, "another board"},
      {{PART, "X1"}, {NULL}, "unset in the image"},
      {{NULL}, {PART, "X1"}, "unset on the chip"},
      {{PART, "X1"}, {PART, "X1", "FW_MAIN_A:" PART, "X2"}, "the image is for several boards"},
      {{PART, "X1", "FW_MAIN_B:" PART, "X2"}, {PART, "X1"}, "chip holds is for several boards"},
      /* no setting of that name */
      {{PART, "X1"}, {PART, "X1", "FW_MAIN_A:CONFIG_X" PART, "X2"}, NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRom) chip = rom_of (rows[i].chip);
    g_autoptr (QfuRom) image = rom_of (rows[i].image);
    gboolean fits = qfu_sameboard_check (chip, image, &error);

    g_test_message ("row %zu: %s", i, error != NULL ? error->message : "fits");
    g_assert_cmpint (fits, ==, rows[i].word == NULL);
    if (fits)
      continue;
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, rows[i].word));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/sameboard/rows", test_rows);
  return g_test_run ();
}
