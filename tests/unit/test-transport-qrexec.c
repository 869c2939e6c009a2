/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-route.h"

#include <glib/gstdio.h>
#include <string.h>

#include "qubesd.h"
#include "testconfig.h"

static char *nobody[] = {NULL};

static QfuConfig config = {
    .update_vms = nobody,
    .tor_update_vms = nobody,
    .qrexec_client = (char *)"/usr/lib/qubes/qrexec-client",
    .connect_seconds = 60,
};

static void
test_argv (void)
{
  const char *const expected[] = {"/usr/lib/qubes/qrexec-client", "-d", "sys-update",
                                  "DEFAULT:QUBESRPC qubes.FwupdFetch dom0", NULL};
  g_auto (GStrv) argv = qfu_transport_qrexec_argv (&config, FALSE, "sys-update", NULL);

  g_assert_true (g_strv_equal ((const char *const *)argv, (const char *const *)expected));
}

static void
test_configured (void)
{
  char *vms[] = {(char *)"sys-update", (char *)"sys-net", NULL};
  char *tor[] = {(char *)"sys-whonix", NULL};
  g_auto (GStrv) peers = NULL;
  g_auto (GStrv) tor_peers = NULL;

  config.update_vms = vms;
  config.tor_update_vms = tor;
  peers = qfu_transport_qrexec_peers (&config, FALSE, NULL);
  tor_peers = qfu_transport_qrexec_peers (&config, TRUE, NULL);
  config.update_vms = config.tor_update_vms = nobody;
  g_assert_true (g_strv_equal ((const char *const *)peers, (const char *const *)vms));
  g_assert_true (g_strv_equal ((const char *const *)tor_peers, (const char *const *)tor));
}

static void
test_asked (void)
{
  static const char *const expected[] = {"sys-net", NULL};
  Qubesd qubesd = {.path = config.qubesd_socket,
                   .answer = "0\0default=False type=vm sys-net",
                   .size = sizeof "0\0default=False type=vm sys-net" - 1};
  g_auto (GStrv) peers = NULL;

  qubesd_start (&qubesd);
  peers = qfu_transport_qrexec_peers (&config, FALSE, NULL);
  qubesd_stop (&qubesd);
  g_assert_true (g_strv_equal ((const char *const *)peers, (const char *const *)expected));
}

/* Traffic that was asked to go over Tor goes nowhere else. */
static void
test_no_tor (void)
{
  char *vms[] = {(char *)"sys-update", NULL};
  g_autoptr (GError) error = NULL;

  config.update_vms = vms;
  g_assert_null (qfu_transport_qrexec_peers (&config, TRUE, &error));
  config.update_vms = nobody;
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "TorUpdateVM="));
}

static void
test_nobody_to_ask (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_transport_qrexec_peers (&config, FALSE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-qrexec-XXXXXX", NULL);
  int result;

  test_init (&argc, &argv);
  config.qubesd_socket = g_build_filename (folder, "sock", NULL);
  g_test_add_func ("/transport-qrexec/argv", test_argv);
  g_test_add_func ("/transport-qrexec/configured", test_configured);
  g_test_add_func ("/transport-qrexec/asked", test_asked);
  g_test_add_func ("/transport-qrexec/no-tor", test_no_tor);
  g_test_add_func ("/transport-qrexec/nobody-to-ask", test_nobody_to_ask);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (config.qubesd_socket);
  return result;
}
