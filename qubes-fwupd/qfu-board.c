/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-board.h"

#include "qfu-bios.h"
#include "qfu-error.h"

#include <string.h>

#define UNKNOWN "unknown"

/* The first of the settings that has a value. */
static const char *
first_setting (const QfuRom *rom, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    const char *value = qfu_rom_setting (rom, names[i]);

    if (value != NULL && value[strspn (value, "\" ")] != '\0')
      return value;
  }
  return NULL;
}

QfuBoard
qfu_board_of (const QfuRom *rom)
{
  static const char *const manufacturer[] = {"CONFIG_MAINBOARD_SMBIOS_MANUFACTURER",
                                             "CONFIG_MAINBOARD_VENDOR", "BUILD_MAINBOARD_VENDOR"};
  static const char *const product[] = {"CONFIG_MAINBOARD_SMBIOS_PRODUCT_NAME",
                                        "CONFIG_MAINBOARD_PART_NUMBER",
                                        "BUILD_MAINBOARD_PART_NUMBER"};
  QfuBoard board = {
      .manufacturer = first_setting (rom, manufacturer, G_N_ELEMENTS (manufacturer)),
      .product = first_setting (rom, product, G_N_ELEMENTS (product)),
  };

  return board;
}

/* (transfer full): without the quotes of a Kconfig string, and without blanks around it, which
 * fwupd takes off what SMBIOS says. */
static char *
bare (const char *text)
{
  gsize length = strlen (text);
  gboolean quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';

  return g_strstrip (quoted ? g_strndup (text + 1, length - 2) : g_strdup (text));
}

static gboolean
name_agrees (const char *a, const char *b)
{
  g_autofree char *bare_a = a == NULL ? NULL : bare (a);
  g_autofree char *bare_b = b == NULL ? NULL : bare (b);

  return a == NULL || b == NULL || strcmp (bare_a, bare_b) == 0;
}

gboolean
qfu_board_agrees (const QfuBoard *a, const QfuBoard *b)
{
  return name_agrees (a->manufacturer, b->manufacturer) && name_agrees (a->product, b->product);
}

/* (transfer full): for people. */
static char *
board_text (const QfuBoard *board)
{
  g_autofree char *manufacturer =
      bare (board->manufacturer == NULL ? UNKNOWN : board->manufacturer);
  g_autofree char *product = bare (board->product == NULL ? UNKNOWN : board->product);

  return g_strdup_printf ("'%s' of '%s'", product, manufacturer);
}

gboolean
qfu_board_check (const QfuBoard *machine,
                 const QfuRom *present,
                 const QfuRom *image,
                 GError **error)
{
  QfuBoard wanted = qfu_board_of (image);
  QfuBoard held = {0};
  g_autofree char *is = board_text (&wanted);
  g_autofree char *was = NULL;

  if (qfu_board_agrees (machine, &wanted))
    return TRUE;
  if (present != NULL)
    held = qfu_board_of (present);
  if (present != NULL && !qfu_board_agrees (machine, &held) && qfu_board_agrees (&held, &wanted))
    return TRUE;
  was = board_text (machine);
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "the image is for another board: it says %s, this machine is %s", is, was);
  return FALSE;
}

char *
qfu_board_version (const QfuRom *rom)
{
  static const char *const names[] = {"CONFIG_LOCALVERSION", "BUILD_COREBOOT_VERSION"};
  const char *found = first_setting (rom, names, G_N_ELEMENTS (names));
  g_autofree char *text = found == NULL ? NULL : bare (found);

  return text == NULL ? NULL : qfu_bios_version (text);
}
