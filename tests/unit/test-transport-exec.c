/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-route.h"

#include <string.h>

#include "testconfig.h"

static void
test_argv (void)
{
  QfuConfig config = {.command = (char *)"nsenter --net=/x 'a b' $HOME `id` ; c",
                      .tor_command = (char *)"nsenter tor"};
  g_autofree char *program = g_find_program_in_path ("nsenter");
  const char *const expected[] = {program, "--net=/x", "a b", "$HOME", "`id`", ";", "c", NULL};
  const char *const expected_tor[] = {program, "tor", NULL};
  g_auto (GStrv) argv = qfu_transport_exec_argv (&config, FALSE, "", NULL);
  g_auto (GStrv) tor = qfu_transport_exec_argv (&config, TRUE, "", NULL);

  g_assert_true (g_strv_equal ((const char *const *)argv,
                               (const char *const *)expected)); /* words, but no shell */
  g_assert_true (g_strv_equal ((const char *const *)tor, (const char *const *)expected_tor));
}

static void
test_peers (void)
{
  QfuConfig config = {.command = (char *)"a", .tor_command = (char *)""};
  g_auto (GStrv) peers = qfu_transport_exec_peers (&config, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) tor = NULL;

  g_assert_cmpuint (g_strv_length (peers), ==, 1);
  g_assert_null (qfu_transport_exec_peers (&config, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "TorCommand="));
  config.tor_command = (char *)"b";
  tor = qfu_transport_exec_peers (&config, TRUE, NULL);
  g_assert_cmpuint (g_strv_length (tor), ==, 1);
  g_assert_cmpstr (tor[0], !=, peers[0]);
}

static void
test_refused (void)
{
  static const char *const bad[] = {"", "   ", "ssh 'vm", "ssh \\", "no-such-program-anywhere x"};
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  (void)g_hash_table_insert (places, (gpointer) "Transport\nCommand", (gpointer) "conf:7");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    QfuConfig config = {.command = (char *)bad[i], .places = places};
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_transport_exec_argv (&config, FALSE, "", &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_true (g_str_has_prefix (error->message, "conf:7: [Transport] Command="));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/transport-exec/argv", test_argv);
  g_test_add_func ("/transport-exec/peers", test_peers);
  g_test_add_func ("/transport-exec/refused", test_refused);
  return g_test_run ();
}
