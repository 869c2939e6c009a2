/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-config.h"

#include "qfu-error.h"

#include <glib/gstdio.h>
#include <string.h>

static char *path;

static QfuConfig *
load (const char *text, GError **error)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("QFU_CONFIG", path, TRUE);
  return qfu_config_load (error);
}

static void
test_defaults (void)
{
  g_autoptr (QfuConfig) config = load ("", NULL);

  g_assert_nonnull (config);
  g_assert_cmpstr (config->transport, ==, "qrexec");
  g_assert_cmpstr (config->update_vm, ==, "");
  g_assert_cmpstr (config->qrexec_client, ==, "/usr/lib/qubes/qrexec-client");
  g_assert_cmpstr (config->qubesd_socket, ==, "/var/run/qubesd.sock");
  g_assert_cmpuint (config->connect_seconds, ==, 60);
  g_assert_cmpuint (config->first_byte_seconds, ==, 60);
  g_assert_cmpuint (config->idle_seconds, ==, 30);
  g_assert_cmpuint (config->total_seconds, ==, 3600);
  g_assert_cmpuint (config->minimum_rate, ==, 1024);
  g_assert_cmpstr (config->programmer, ==, "internal");
  g_assert_cmpstr (config->worker_user, ==, "");
  g_assert_cmpstr (config->programs, !=, "");
  g_assert_cmpstr (config->layouts, !=, "");
  g_assert_cmpstr (config->path, ==, path);
}

static void
test_values (void)
{
  g_autoptr (QfuConfig) config = load ("# a comment\n"
                                       "[Transport]\n"
                                       "Type=exec\n"
                                       "Command=ssh vm 'qubes.FwupdFetch' \n"
                                       "IdleSeconds=3600\n"
                                       "MinimumRate=0\n"
                                       "[Paths]\n"
                                       "Programs=/x\n"
                                       "[Chip]\n"
                                       "Size=16777216\n",
                                       NULL);
  g_autofree char *program = NULL;

  g_assert_nonnull (config);
  g_assert_cmpstr (config->transport, ==, "exec");
  g_assert_cmpstr (config->command, ==, "ssh vm 'qubes.FwupdFetch'");
  g_assert_cmpuint (config->idle_seconds, ==, 3600);
  g_assert_cmpuint (config->minimum_rate, ==, 0);
  g_assert_cmpuint (config->chip_size, ==, 16777216);
  program = qfu_config_program (config, "qfu-worker");
  g_assert_cmpstr (program, ==, "/x/qfu-worker");
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    const char *names; /* what the message must name */
  } bad[] = {
      {"[Transports]\nType=qrexec\n", "Transports"},
      {"[Transports]\n", "Transports"},
      {"[Transport]\ntype=qrexec\n", "type"},
      {"[Trust]\nType=qrexec\n", "Type"},
      {"[Transport]\nType=http\n", "qrexec or exec"},
      {"[Transport]\nType=exec\n", "Command="},
      {"[Transport]\nIdleSeconds=0\n", "from 1 to 3600"},
      {"[Transport]\nConnectSeconds=0\n", "from 1"},
      {"[Transport]\nFirstByteSeconds=0\n", "from 1"},
      {"[Transport]\nTotalSeconds=0\n", "from 1"},
      {"[Transport]\nIdleSeconds=3601\n", "IdleSeconds=3601"},
      {"[Transport]\nTotalSeconds=86401\n", "86400"},
      {"[Transport]\nIdleSeconds=-1\n", "IdleSeconds"},
      {"[Transport]\nIdleSeconds=1 s\n", "IdleSeconds"},
      {"[Transport]\nIdleSeconds=\n", "IdleSeconds"},
      {"[Transport]\nIdleSeconds=99999999999999999999\n", "IdleSeconds"},
      {"[Chip]\nSize=1073741825\n", "Size"},
      {"Type=qrexec\n", "cannot be read"},
      {"[Transport\n", "cannot be read"},
      {"[Transport]\nUpdateVM=\xff\n", "UpdateVM"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuConfig) config = load (bad[i].text, &error);

    g_assert_null (config);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, bad[i].names));
    g_assert_nonnull (strstr (error->message, path));
  }
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("QFU_CONFIG", "/nonexistent/qubes-fwupd.conf", TRUE);
  g_assert_null (qfu_config_load (&error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

static void
test_boot_id (void)
{
  static const char *const bad[] = {"", "\n", "two words", "a\nb", "\xff"};
  g_autofree char *text = g_strdup_printf ("[Paths]\nBootId=%s.id\n", path);
  g_autofree char *file = g_strdup_printf ("%s.id", path);
  g_autoptr (QfuConfig) config = load (text, NULL);
  g_autofree char *id = NULL;
  g_autofree char *longer = g_strnfill (65, 'a');

  g_assert_true (g_file_set_contents (file, "0123-abc\n", -1, NULL));
  id = qfu_config_boot_id (config, NULL);
  g_assert_cmpstr (id, ==, "0123-abc");
  for (gsize i = 0; i <= G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_true (g_file_set_contents (file, i < G_N_ELEMENTS (bad) ? bad[i] : longer, -1, NULL));
    g_assert_null (qfu_config_boot_id (config, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_null (qfu_config_boot_id (config, NULL));
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-config-XXXXXX", NULL);
  int result;

  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (folder, "conf", NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/missing", test_missing);
  g_test_add_func ("/config/boot-id", test_boot_id);
  result = g_test_run ();
  (void)g_unlink (path);
  (void)g_rmdir (folder);
  g_free (path);
  return result;
}
