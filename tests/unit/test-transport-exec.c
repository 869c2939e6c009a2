/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-transport.h"

#include "qfu-error.h"
#include "testconfig.h"

static void
test_argv (void)
{
  QfuConfig config = {.path = (char *)"conf",
                      .command = (char *)"nsenter --net=/x 'a b' $HOME `id` ; c"};
  g_autofree char *program = g_find_program_in_path ("nsenter");
  const char *const expected[] = {program, "--net=/x", "a b", "$HOME", "`id`", ";", "c", NULL};
  g_autofree char *peer = NULL;
  g_auto (GStrv) argv = qfu_transport_exec_argv (&config, &peer, NULL);

  g_assert_cmpstrv (argv, expected); /* words, but no shell */
  g_assert_nonnull (peer);
}

static void
test_refused (void)
{
  static const char *const bad[] = {"", "   ", "ssh 'vm", "ssh \\", "no-such-program-anywhere x"};

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    QfuConfig config = {.path = (char *)"conf", .command = (char *)bad[i]};
    g_autofree char *peer = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_transport_exec_argv (&config, &peer, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/transport-exec/argv", test_argv);
  g_test_add_func ("/transport-exec/refused", test_refused);
  return g_test_run ();
}
