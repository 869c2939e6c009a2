/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-keyboards.h"

#include "testconfig.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define AT_KEYBOARD "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe"
#define POWER_BUTTON "8000 10000000000000 0"
#define MOUSE "ff0000 0 0 0 0"
#define REMOTE_CONTROL "fff 0 0 40000ffc"

static char *directory;
static QfuConfig config;

/* What the kernel lists: its name there, where it lies below /sys, and which keys it has. */
static void
plug (const char *name, const char *device, const char *keys)
{
  g_autofree char *place = g_build_filename (directory, device, NULL);
  g_autofree char *folder = g_build_filename (place, "capabilities", NULL);
  g_autofree char *file = g_build_filename (folder, "key", NULL);
  g_autofree char *link = g_build_filename (config.input, name, NULL);
  g_autofree char *text = g_strconcat (keys, "\n", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  g_assert_cmpint (symlink (place, link), ==, 0);
}

static void
test_none (void)
{
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 0);
  plug ("input0", "devices/LNXPWRBN:00/input/input0", POWER_BUTTON);
  plug ("input1", "devices/pci0000:00/usb1/1-1/input/input1", MOUSE);
  plug ("input2", "devices/pci0000:00/usb1/1-2/input/input2", REMOTE_CONTROL);
  plug ("input3", "devices/virtual/input/input3", AT_KEYBOARD);
  plug ("event4", "devices/platform/i8042/serio0/input/event4", AT_KEYBOARD);
  plug ("input5", "devices/platform/i8042/serio1/input/input5", "");
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 0);
}

static void
test_some (void)
{
  plug ("input3", "devices/platform/i8042/serio0/input/input3", AT_KEYBOARD);
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 1);
  plug ("input14", "devices/pci0000:00/usb1/1-1/input/input14", "1 fffffffe");
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 2);
  plug ("input15", "devices/pci0000:00/usb1/1-2/input/input15", "fffffffe");
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 3);
}

static void
test_no_folder (void)
{
  g_assert_cmpint (g_rmdir (config.input), ==, 0);
  g_assert_cmpuint (qfu_keyboards_count (&config), ==, 0);
}

typedef void (*Body) (void);

static void
in_directory (gconstpointer data)
{
  Body const *body = data;

  directory = test_directory ();
  config.input = g_build_filename (directory, "class", NULL);
  g_assert_cmpint (g_mkdir (config.input, 0755), ==, 0);
  (*body) ();
  test_directory_remove (directory);
  g_clear_pointer (&directory, g_free);
  g_clear_pointer (&config.input, g_free);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    Body body;
  } tests[] = {
      {"/keyboards/none", test_none},
      {"/keyboards/some", test_some},
      {"/keyboards/no-folder", test_no_folder},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, &tests[i].body, in_directory);
  return g_test_run ();
}
