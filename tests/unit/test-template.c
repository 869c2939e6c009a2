/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-template.h"

#include "admin.h"
#include "testconfig.h"

static char *path;

#define TEMPLATE(vm, value)                                                                        \
  {                                                                                                \
    "admin.vm.property.Get+template " vm, "default=False type=vm " value                           \
  }
#define FEATURE(vm, value)                                                                         \
  {                                                                                                \
    "admin.vm.feature.Get+os-distribution " vm, value                                              \
  }
#define LIKE(vm, value)                                                                            \
  {                                                                                                \
    "admin.vm.feature.Get+os-distribution-like " vm, value                                         \
  }

static const AdminRow rows[] = {
    TEMPLATE ("sys-net", "debian-12"),
    FEATURE ("debian-12", "debian"),
    TEMPLATE ("sys-usb", "default-dvm"),
    TEMPLATE ("default-dvm", "fedora-42"),
    FEATURE ("fedora-42", "fedora"),
    FEATURE ("alone", "kali"),
    LIKE ("alone", "kali debian"),
    TEMPLATE ("odd", "gentoo"),
    FEATURE ("gentoo", "gentoo"),
    TEMPLATE ("ring", "ring"),
    {"admin.vm.property.Get+template vague", "type=str x"},
    TEMPLATE ("bad", "a b"),
    TEMPLATE ("unset", ""),
    {NULL, NULL},
};

static void
test_advice (void)
{
  static const char *const cases[][2] = {
      {"sys-net",
       "run `sudo apt install qubes-fwupd-vm` in the template debian-12, shut that down, "
       "and restart sys-net"},
      {"sys-usb",
       "run `sudo dnf install qubes-fwupd-vm` in the template fedora-42, shut that down, "
       "and restart sys-usb"},
      {"alone", "run `sudo apt install qubes-fwupd-vm` in alone"},
      {"odd", "install the package qubes-fwupd-vm in the template gentoo, shut that down, and "
              "restart odd"},
      {"ring", "install the package qubes-fwupd-vm in the template of ring and restart it"},
      {"vague", "install the package qubes-fwupd-vm in the template of vague and restart it"},
      {"bad", "install the package qubes-fwupd-vm in the template of bad and restart it"},
      {"unset", "install the package qubes-fwupd-vm in unset"},
  };
  Admin admin = {.path = path, .rows = rows};

  admin_start (&admin);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *advice = qfu_template_advice (path, 10, cases[i][0]);

    g_assert_cmpstr (advice, ==, cases[i][1]);
  }
  admin_stop (&admin);
}

static void
test_nobody (void)
{
  g_autofree char *advice = qfu_template_advice (path, 10, "sys-net");

  g_assert_cmpstr (advice, ==,
                   "install the package qubes-fwupd-vm in the template of sys-net and restart it");
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int result;

  test_init (&argc, &argv);
  folder = test_directory ();
  path = g_build_filename (folder, "qubesd", NULL);
  g_test_add_func ("/template/advice", test_advice);
  g_test_add_func ("/template/nobody", test_nobody);
  result = g_test_run ();
  test_directory_remove (folder);
  g_free (path);
  return result;
}
