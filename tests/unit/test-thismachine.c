/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-bootdisk.h"
#include "qfu-error.h"
#include "qfu-smbios.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
set (char **member, const char *folder, const char *name)
{
  g_free (*member);
  *member = g_build_filename (folder, name, NULL);
}

static void
test_smbios (TestHome *home, gconstpointer unused G_GNUC_UNUSED)
{
  g_auto (QfuSmbios) smbios = {0};
  g_autofree char *large = g_strnfill (500, 'x');

  set (&home->config->dmi, home->directory, "dmi");
  qfu_smbios_read (home->config, &smbios);
  g_assert_null (smbios.bios_version);
  put (home->config->dmi, "bios_vendor", "coreboot\n");
  put (home->config->dmi, "bios_version", " CBET4000 Heads-v0.2.1\x1b[31m\n");
  put (home->config->dmi, "sys_vendor", "LENOVO\n");
  put (home->config->dmi, "product_name", large);
  put (home->config->dmi, "product_family", "\n");
  qfu_smbios_read (home->config, &smbios);
  g_assert_cmpstr (smbios.bios_vendor, ==, "coreboot");
  g_assert_cmpstr (smbios.bios_version, ==, "CBET4000 Heads-v0.2.1?[31m");
  g_assert_cmpstr (smbios.manufacturer, ==, "LENOVO");
  g_assert_cmpuint (strlen (smbios.product), ==, 128);
  g_assert_null (smbios.family);
}

static void
refuses (const QfuConfig *config, int code)
{
  g_autoptr (GError) error = NULL;
  gboolean own;

  g_assert_false (qfu_bootdisk_check (config, &own, &error));
  g_assert_error (error, QFU_ERROR, code);
  g_test_message ("%s", error->message);
}

static void
takes (const QfuConfig *config, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  gboolean own = !expected;

  g_assert_true (qfu_bootdisk_check (config, &own, &error));
  g_assert_no_error (error);
  g_assert_cmpint (own, ==, expected);
}

static void
test_bootdisk (TestHome *home, gconstpointer unused G_GNUC_UNUSED)
{
  QfuConfig *config = home->config;
  g_autofree char *line = NULL;

  set (&config->boot, home->directory, "boot");
  set (&config->fstab, home->directory, "fstab");
  refuses (config, QFU_ERROR_NOT_FOUND);
  g_assert_cmpint (g_mkdir (config->boot, 0755), ==, 0);
  takes (config, FALSE);
  put (home->directory, "fstab",
       "# none\n/dev/sda2 / ext4 defaults 0 1\n/dev/sda3 /bootx ext4 x 0 0\n");
  takes (config, FALSE);
  line = g_strdup_printf ("/dev/sda1 %s/ ext4 defaults 0 2\n", config->boot);
  put (home->directory, "fstab", line);
  refuses (config, QFU_ERROR_REFUSED);
  /* a disk of its own, whatever the table says */
  g_free (config->boot);
  config->boot = g_strdup ("/proc");
  put (home->directory, "fstab", "proc /proc proc defaults 0 0\n");
  takes (config, TRUE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/thismachine/smbios", test_smbios);
  test_home_add ("/thismachine/bootdisk", test_bootdisk);
  return g_test_run ();
}
