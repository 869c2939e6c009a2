/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-transport.h"

#include "qfu-error.h"

#include <glib/gstdio.h>

#include "qubesd.h"
#include "testconfig.h"

static QfuConfig config = {
    .path = (char *)"conf",
    .update_vm = (char *)"",
    .qrexec_client = (char *)"/usr/lib/qubes/qrexec-client",
    .connect_seconds = 60,
};

static void
expect_call (const char *vm)
{
  const char *const expected[] = {"/usr/lib/qubes/qrexec-client", "-d", vm,
                                  "DEFAULT:QUBESRPC qubes.FwupdFetch dom0", NULL};
  g_autofree char *peer = NULL;
  g_autofree char *label = g_strdup_printf ("VM %s", vm);
  g_auto (GStrv) argv = qfu_transport_qrexec_argv (&config, &peer, NULL);

  g_assert_cmpstrv (argv, expected);
  g_assert_cmpstr (peer, ==, label);
}

static void
test_configured (void)
{
  config.update_vm = (char *)"sys-update";
  expect_call ("sys-update");
  config.update_vm = (char *)"";
}

static void
test_asked (void)
{
  Qubesd qubesd = {.path = config.qubesd_socket,
                   .answer = "0\0default=False type=vm sys-net",
                   .size = sizeof "0\0default=False type=vm sys-net" - 1};

  qubesd_start (&qubesd);
  expect_call ("sys-net");
  qubesd_stop (&qubesd);
}

static void
test_refused (void)
{
  static const char *const bad[] = {"dom0", "-d", "a b", "../x"};
  g_autofree char *peer = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    config.update_vm = (char *)bad[i];
    g_assert_null (qfu_transport_qrexec_argv (&config, &peer, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_clear_error (&error);
  }
  config.update_vm = (char *)""; /* and nobody listens at the socket */
  g_assert_null (qfu_transport_qrexec_argv (&config, &peer, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-qrexec-XXXXXX", NULL);
  int result;

  test_init (&argc, &argv);
  config.qubesd_socket = g_build_filename (folder, "sock", NULL);
  g_test_add_func ("/transport-qrexec/configured", test_configured);
  g_test_add_func ("/transport-qrexec/asked", test_asked);
  g_test_add_func ("/transport-qrexec/refused", test_refused);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (config.qubesd_socket);
  return result;
}
