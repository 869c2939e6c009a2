/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-agentexit.h"

#include "qfu-error.h"

#include <string.h>

#include "admin.h"
#include "testconfig.h"

static char *path;

static void
test_statuses (void)
{
  static const struct {
    int status;
    QfuError code;
    const char *text;
  } cases[] = {
      {0, QFU_ERROR_UNREACHABLE, "the agent ended early with status 0"},
      {1, QFU_ERROR_UNREACHABLE, "the agent ended early with status 1"},
      {125, QFU_ERROR_UNREACHABLE, "it cannot be called"},
      {126, QFU_ERROR_UNREACHABLE, "the call was refused"},
      {127, QFU_ERROR_NOT_FOUND, "the agent qubes.FwupdDevices is not installed: install the"},
      {137, QFU_ERROR_UNREACHABLE, "the agent was killed by signal 9"},
      {143, QFU_ERROR_UNREACHABLE, "the agent was killed by signal 15"},
      {254, QFU_ERROR_UNREACHABLE, "the agent ended early with status 254"},
      {255, QFU_ERROR_UNREACHABLE, "the connection broke"},
  };
  QfuConfig config = {.qubesd_socket = path, .connect_seconds = 10};

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++) {
    const char *vm = i % 2 == 0 ? NULL : "sys-usb";
    g_autoptr (GError) error = NULL;

    g_assert_false (
        qfu_agentexit_explain (&config, vm, "qubes.FwupdDevices", cases[i / 2].status, &error));
    g_assert_error (error, QFU_ERROR, (int)cases[i / 2].code);
    g_assert_nonnull (strstr (error->message, cases[i / 2].text));
  }
}

/* Without qubesd nobody knows a template, and what a command of one's own says is for its owner. */
static void
test_command (void)
{
  QfuConfig config = {.qubesd_socket = path, .transport = (char *)"exec"};
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) broken = NULL;
  g_autoptr (GError) early = NULL;

  g_assert_false (qfu_agentexit_explain (&config, "usb", "qubes.FwupdDevices", 127, &missing));
  g_assert_cmpstr (missing->message, ==,
                   "the agent qubes.FwupdDevices is not installed: install the package "
                   "qubes-fwupd-vm there");
  g_assert_false (qfu_agentexit_explain (&config, NULL, "qubes.FwupdFetch", 255, &broken));
  g_assert_cmpstr (broken->message, ==,
                   "the connection broke; run the line of Command= by hand to see what it says");
  g_assert_false (qfu_agentexit_explain (&config, NULL, "qubes.FwupdFetch", 1, &early));
  g_assert_true (g_str_has_suffix (early->message, "by hand to see what it says"));
}

static void
test_template (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.property.Get+template sys-usb", "default=True type=vm fedora-42"},
      {"admin.vm.feature.Get+os-distribution fedora-42", "fedora"},
      {NULL, NULL},
  };
  QfuConfig config = {.qubesd_socket = path, .connect_seconds = 10};
  Admin admin = {.path = path, .rows = rows};
  g_autoptr (GError) error = NULL;

  admin_start (&admin);
  g_assert_false (qfu_agentexit_explain (&config, "sys-usb", "qubes.FwupdInstall", 127, &error));
  admin_stop (&admin);
  g_assert_cmpstr (
      error->message, ==,
      "the agent qubes.FwupdInstall is not installed: run `sudo dnf install "
      "qubes-fwupd-vm` in the template fedora-42, shut that down, and restart sys-usb");
}

/* One status stands for a VM that is not there, is off, or cannot start the agent. */
static void
test_problem (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.CurrentState+ on", "mem=1 power_state=Running"},
      {"admin.vm.CurrentState+ off", "mem=0 power_state=Halted"},
      {NULL, NULL},
  };
  static const char *const cases[][2] = {
      {"on", "qrexec cannot start the agent there: `journalctl -u qubes-qrexec-agent` in the VM "
             "says why"},
      {"off", "it does not run"},
      {"gone", "there is no such VM"},
  };
  QfuConfig config = {.qubesd_socket = path, .connect_seconds = 10};
  Admin admin = {.path = path, .rows = rows};

  admin_start (&admin);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_agentexit_explain (&config, cases[i][0], "qubes.FwupdFetch", 125, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
    g_assert_cmpstr (error->message, ==, cases[i][1]);
  }
  admin_stop (&admin);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int result;

  test_init (&argc, &argv);
  folder = test_directory ();
  path = g_build_filename (folder, "qubesd", NULL);
  g_test_add_func ("/agentexit/statuses", test_statuses);
  g_test_add_func ("/agentexit/problem", test_problem);
  g_test_add_func ("/agentexit/command", test_command);
  g_test_add_func ("/agentexit/template", test_template);
  result = g_test_run ();
  test_directory_remove (folder);
  g_free (path);
  return result;
}
