/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-unread.h"

#include "forged.h"
#include "testconfig.h"

#include <glib/gstdio.h>

static QfuLayout *
layout_of (const char *text)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *path = g_build_filename (directory, "l.conf", NULL);
  const QfuConfig config = {.layouts = directory};
  g_autoptr (GError) error = NULL;
  QfuLayout *layout;

  g_assert_true (g_file_set_contents (path, text, -1, &error));
  layout = qfu_layout_load (&config, "l", &error);
  g_assert_no_error (error);
  test_directory_remove (directory);
  return layout;
}

static void
described (QfuRom *rom, const char *name, guint64 offset, guint64 size)
{
  forged_region (rom, name, offset, size);
  g_array_index (rom->regions, QfuRomRegion, rom->regions->len - 1).descriptor = TRUE;
}

static void
assert_unread (const char *text, const QfuRange *expected, gsize n)
{
  g_autoptr (QfuLayout) layout = layout_of (text);
  g_autoptr (QfuRom) rom = forged_rom (0x10000);
  g_autoptr (GArray) unread = NULL;

  described (rom, "SI_DESC", 0, 0x1000);
  described (rom, "SI_BIOS", 0x8000, 0x8000);
  described (rom, "SI_ME", 0x4000, 0x2000);
  described (rom, "SI_GBE", 0x2000, 0x2000);
  described (rom, "SI_EC", 0x7000, 0x1000);
  forged_region (rom, "COREBOOT", 0x9000, 0x1000);
  unread = qfu_unread_ranges (layout, rom->regions);
  g_assert_cmpmem (unread->data, unread->len * sizeof (QfuRange), expected, n * sizeof (QfuRange));
}

/* Only what a descriptor names is left out, and never what everything else depends on. */
static void
test_ranges (void)
{
  const QfuRange two[] = {{0x2000, 0x4000}, {0x7000, 0x1000}};
  const QfuRange one[] = {{0x4000, 0x2000}};

  assert_unread ("[Layout]\nDescription=d\nDefault=preserve\n[Regions]\nCOREBOOT=never\n", NULL, 0);
  assert_unread ("[Layout]\nDescription=d\nDefault=preserve\n[Regions]\nSI_ME=never\n", one, 1);
  assert_unread ("[Layout]\nDescription=d\nDefault=preserve\n[Regions]\nSI_EC=never\nSI_GBE=never\n"
                 "SI_ME=never\nSI_DESC=never\nSI_BIOS=never\n",
                 two, 2);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/unread/ranges", test_ranges);
  return g_test_run ();
}
