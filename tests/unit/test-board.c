/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-board.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

/* An image with settings: name, value, …, NULL. */
static QfuRom *
make_rom (const char *const *settings)
{
  QfuRom *rom = forged_rom (4096);

  for (; settings[0] != NULL; settings += 2)
    forged_setting (rom, settings[0], settings[1]);
  return rom;
}

static void
assert_board (const char *const *settings, const char *manufacturer, const char *product)
{
  g_autoptr (QfuRom) rom = make_rom (settings);
  QfuBoard board = qfu_board_of (rom);

  g_assert_cmpstr (board.manufacturer, ==, manufacturer);
  g_assert_cmpstr (board.product, ==, product);
}

static void
test_of (void)
{
  const char *const all[] = {"CONFIG_MAINBOARD_SMBIOS_MANUFACTURER",
                             "\"S\"",
                             "CONFIG_MAINBOARD_VENDOR",
                             "\"V\"",
                             "BUILD_MAINBOARD_VENDOR",
                             "B",
                             "CONFIG_MAINBOARD_SMBIOS_PRODUCT_NAME",
                             "\"SP\"",
                             "CONFIG_MAINBOARD_PART_NUMBER",
                             "\"P\"",
                             "BUILD_MAINBOARD_PART_NUMBER",
                             "BP",
                             NULL};
  const char *const empty[] = {"CONFIG_MAINBOARD_SMBIOS_MANUFACTURER",
                               "\"\"",
                               "CONFIG_MAINBOARD_VENDOR",
                               "\"V\"",
                               "CONFIG_MAINBOARD_PART_NUMBER",
                               "\"P\"",
                               NULL};
  const char *const built[] = {"BUILD_MAINBOARD_VENDOR", "B", "BUILD_MAINBOARD_PART_NUMBER", "BP",
                               NULL};
  const char *const none[] = {NULL};

  assert_board (all, "\"S\"", "\"SP\"");
  assert_board (empty, "\"V\"", "\"P\"");
  assert_board (built, "B", "BP");
  assert_board (none, NULL, NULL);
}

static void
test_agrees (void)
{
  const QfuBoard machine = {"Acme", "X1"};
  const QfuBoard quoted = {"\"Acme\"", "\"X1 \""};
  const QfuBoard other_product = {"Acme", "X2"};
  const QfuBoard other_maker = {"Acme2", "X1"};
  const QfuBoard half = {NULL, "X1"};
  const QfuBoard none = {NULL, NULL};

  g_assert_true (qfu_board_agrees (&machine, &quoted));
  g_assert_true (qfu_board_agrees (&half, &machine));
  g_assert_true (qfu_board_agrees (&machine, &none));
  g_assert_false (qfu_board_agrees (&machine, &other_product));
  g_assert_false (qfu_board_agrees (&machine, &other_maker));
}

/* The products of chip (%NULL: not looked at) and image on a machine that is an X1. */
static gboolean
checks (const char *chip, const char *image, GError **error)
{
  const QfuBoard machine = {"Acme", "X1"};
  const char *const present_settings[] = {"CONFIG_MAINBOARD_PART_NUMBER", chip, NULL};
  const char *const image_settings[] = {"CONFIG_MAINBOARD_PART_NUMBER", image, NULL};
  g_autoptr (QfuRom) present = chip == NULL ? NULL : make_rom (present_settings);
  g_autoptr (QfuRom) new_rom = make_rom (image_settings);

  return qfu_board_check (&machine, present, new_rom, error);
}

static void
assert_refused (const char *chip, const char *image)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (checks (chip, image, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "for another board"));
  g_assert_nonnull (strstr (error->message, "this machine is 'X1' of 'Acme'"));
}

static void
test_check (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (checks (NULL, "\"X1\"", &error));
  g_assert_no_error (error);
  /* a name that the firmware computes */
  g_assert_true (checks ("\"X family\"", "\"X family\"", &error));
  g_assert_no_error (error);
  assert_refused (NULL, "\"X2\"");
  assert_refused ("\"X1\"", "\"X2\"");
  assert_refused ("\"X family\"", "\"X2\"");
}

static void
assert_version (const char *local, const char *built, const char *expected)
{
  const char *const settings[] = {"CONFIG_LOCALVERSION", local, "BUILD_COREBOOT_VERSION", built,
                                  NULL};
  const char *const none[] = {NULL};
  g_autoptr (QfuRom) rom = make_rom (local == NULL ? none : settings);
  g_autofree char *version = qfu_board_version (rom);

  g_assert_cmpstr (version, ==, expected);
}

static void
test_version (void)
{
  assert_version ("\"Dasharo v1.7.2\"", "25.03-1-gabc", "1.7.2");
  assert_version ("\"\"", "25.03-1-gabc", "25.03");
  assert_version ("\"two words\"", "25.03", NULL);
  assert_version (NULL, NULL, NULL);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/board/of", test_of);
  g_test_add_func ("/board/agrees", test_agrees);
  g_test_add_func ("/board/check", test_check);
  g_test_add_func ("/board/version", test_version);
  return g_test_run ();
}
