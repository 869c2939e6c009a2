/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbroute.h"

#include "qfu-error.h"

#include <string.h>

#include "admin.h"
#include "pcifolder.h"
#include "testconfig.h"

static char *folder;

static QfuConfig *
load (const char *text)
{
  g_autofree char *path = g_build_filename (folder, "conf", NULL);
  QfuConfig *config;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("QFU_CONFIG", path, TRUE);
  config = qfu_config_load (&error);
  g_assert_no_error (error);
  return config;
}

static void
test_named (void)
{
  static const struct {
    const char *text;
    const char *qubes;
    gboolean named;
  } cases[] = {
      {"[Usb]\nQubes=sys-usb; usb-2;sys-usb\n", "sys-usb usb-2", TRUE},
      {"[Usb]\nQubes=\n", "", FALSE},
      {"[Transport]\nType=exec\nCommand=x\n", "", FALSE},
      {"[Transport]\nType=exec\nCommand=x\n[Usb]\nQubes=box\nCommand=y\n", "box", TRUE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuConfig) config = load (cases[i].text);
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) qubes = qfu_usb_qubes (config, &error);
    g_autofree char *joined = g_strjoinv (" ", qubes);

    g_assert_no_error (error);
    g_assert_cmpstr (joined, ==, cases[i].qubes);
    g_assert_true (qfu_usb_qubes_named (config) == cases[i].named);
  }
}

static void
test_asked (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.List+ dom0", "sys-usb class=DispVM state=Running uuid=1\n"},
      {"admin.vm.device.pci.Attached+ sys-usb", "dom0+00_14.0:0x1:0x2::p0c0330 mode='required'\n"},
      {"admin.vm.CurrentState+ sys-usb", "mem=1 power_state=Halted"},
      {NULL, NULL},
  };
  g_autofree char *path = g_build_filename (folder, "qubesd", NULL);
  g_autofree char *text =
      g_strdup_printf ("[Transport]\nQubesdSocket=%s\n[Paths]\nPciDevices=%s/bus\n", path, folder);
  g_autoptr (QfuConfig) config = load (text);
  Admin admin = {.path = path, .rows = rows};
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) qubes = NULL;
  gboolean running = TRUE;
  gboolean unknown;

  g_assert_false (qfu_usb_qubes_named (config));
  admin_start (&admin);
  qubes = qfu_usb_qubes (config, &error);
  g_assert_true (qfu_usb_running (config, "sys-usb", &running, NULL));
  g_assert_false (qfu_usb_running (config, "gone", &unknown, &error));
  admin_stop (&admin);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_cmpuint (g_strv_length (qubes), ==, 1);
  g_assert_cmpstr (qubes[0], ==, "sys-usb");
  g_assert_false (running);
}

static void
test_qrexec (void)
{
  static const char *const expected[] = {"/usr/lib/qubes/qrexec-client", "-d", "sys-usb",
                                         "DEFAULT:QUBESRPC qubes.FwupdDevices dom0", NULL};
  g_autoptr (QfuConfig) config = load ("");
  g_auto (GStrv) argv = qfu_usb_argv (config, "sys-usb", "qubes.FwupdDevices", NULL);

  g_assert_true (g_strv_equal ((const char *const *)argv, expected));
}

/* The names are put into words that are already apart, wherever they stand in them. */
static void
test_exec (void)
{
  g_autoptr (QfuConfig) config = load ("[Transport]\nType=exec\nCommand=x\n"
                                       "[Usb]\nQubes=box\nCommand=sh -T '{domain} {service}' "
                                       "to:{domain}/{service}/{domain} {other}\n");
  static const char *const expected[] = {"-T", "box qubes.FwupdInstall",
                                         "to:box/qubes.FwupdInstall/box", "{other}", NULL};
  g_auto (GStrv) argv = qfu_usb_argv (config, "box", "qubes.FwupdInstall", NULL);
  gboolean running = FALSE;

  g_assert_nonnull (argv);
  g_assert_true (g_path_is_absolute (argv[0]));
  g_assert_true (g_strv_equal ((const char *const *)argv + 1, expected));
  g_assert_true (qfu_usb_running (config, "box", &running, NULL));
  g_assert_true (running);
}

static void
test_exec_wrong (void)
{
  static const char *const cases[][2] = {
      {"", "Command= is not set"},
      {"Command=sh 'x\n", "[Usb] Command=: "},
      {"Command=no-such-program {domain}\n", "there is no program no-such-program"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        g_strdup_printf ("[Transport]\nType=exec\nCommand=x\n[Usb]\nQubes=box\n%s", cases[i][0]);
    g_autoptr (QfuConfig) config = load (text);
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_usb_argv (config, "box", "qubes.FwupdDevices", &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, cases[i][1]));
  }
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  folder = test_directory ();
  pci_device (folder, "pci0000:00/0000:00:14.0", "0x0c0330", "pciback");
  g_test_add_func ("/usbroute/named", test_named);
  g_test_add_func ("/usbroute/asked", test_asked);
  g_test_add_func ("/usbroute/qrexec", test_qrexec);
  g_test_add_func ("/usbroute/exec", test_exec);
  g_test_add_func ("/usbroute/exec-wrong", test_exec_wrong);
  result = g_test_run ();
  pci_remove (folder);
  g_free (folder);
  return result;
}
