/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-config.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "testconfig.h"

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
  g_assert_null (config->update_vms[0]);
  g_assert_null (config->tor_update_vms[0]);
  g_assert_cmpstr (config->tor_command, ==, "");
  g_assert_cmpstr (config->qrexec_client, ==, "/usr/lib/qubes/qrexec-client");
  g_assert_cmpstr (config->qubesd_socket, ==, "/var/run/qubesd.sock");
  g_assert_cmpuint (config->connect_seconds, ==, 60);
  g_assert_cmpuint (config->first_byte_seconds, ==, 60);
  g_assert_cmpuint (config->idle_seconds, ==, 30);
  g_assert_cmpuint (config->total_seconds, ==, 3600);
  g_assert_cmpuint (config->minimum_rate, ==, 1024);
  g_assert_cmpuint (g_strv_length (config->usb_qubes), ==, 1);
  g_assert_cmpstr (config->usb_qubes[0], ==, QFU_CONFIG_AUTO);
  g_assert_cmpstr (config->usb_command, ==, "");
  g_assert_cmpuint (config->usb_install_seconds, ==, 3600);
  g_assert_cmpstr (config->pci_devices, ==, "/sys/bus/pci/devices");
  g_assert_null (config->denied_serials[0]);
  g_assert_false (config->require_post_quantum);
  g_assert_cmpuint (config->maximum_age_days, ==, 30);
  g_assert_cmpstr (config->programmer, ==, "internal");
  g_assert_cmpstr (config->worker_user, ==, "");
  g_assert_cmpstr (config->programs, !=, "");
  g_assert_cmpstr (config->layouts, !=, "");
  g_assert_cmpuint (config->prediction, ==, QFU_PREDICTION_PREFERRED);
  g_assert_cmpuint (g_strv_length (config->files), ==, 1);
  g_assert_cmpstr (config->files[0], ==, path);
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
                                       "Size=16777216\n"
                                       "[MeasuredBoot]\n"
                                       "Prediction=off\n",
                                       NULL);
  g_autofree char *program = NULL;

  g_assert_nonnull (config);
  g_assert_cmpstr (config->transport, ==, "exec");
  g_assert_cmpstr (config->command, ==, "ssh vm 'qubes.FwupdFetch'");
  g_assert_cmpuint (config->idle_seconds, ==, 3600);
  g_assert_cmpuint (config->minimum_rate, ==, 0);
  g_assert_cmpuint (config->chip_size, ==, 16777216);
  g_assert_cmpuint (config->prediction, ==, QFU_PREDICTION_OFF);
  program = qfu_config_program (config, "qfu-worker");
  g_assert_cmpstr (program, ==, "/x/qfu-worker");
}

static void
test_trust (void)
{
  g_autoptr (QfuConfig) config = load (
      "[Trust]\nDeniedSerials=00Ab; ;12;0\nRequirePostQuantum=true\nMaximumAgeDays=0\n", NULL);

  g_assert_nonnull (config);
  g_assert_cmpuint (g_strv_length (config->denied_serials), ==, 3);
  g_assert_cmpstr (config->denied_serials[0], ==, "ab");
  g_assert_cmpstr (config->denied_serials[1], ==, "12");
  g_assert_cmpstr (config->denied_serials[2], ==, "");
  g_assert_true (config->require_post_quantum);
  g_assert_cmpuint (config->maximum_age_days, ==, 0);
}

static void
test_remotes (void)
{
  g_autoptr (QfuConfig) config = load ("[Trust]\nMetadataKeys=/all\n"
                                       "[Remote lab]\nMetadataKeys=/lab\nSystemFirmware= true\n"
                                       "[Remote vendor.x_1-y]\nDevices=USB:0x1209\n"
                                       "[Remote nothing]\n",
                                       NULL);

  g_assert_nonnull (config);
  g_assert_cmpstr (qfu_config_remote (config, "lab").metadata_keys, ==, "/lab");
  g_assert_true (qfu_config_remote (config, "lab").system_firmware);
  g_assert_null (qfu_config_remote (config, "lab").devices[0]);
  g_assert_cmpstr (qfu_config_remote (config, "vendor.x_1-y").metadata_keys, ==, "/all");
  g_assert_false (qfu_config_remote (config, "vendor.x_1-y").system_firmware);
  g_assert_cmpstr (qfu_config_remote (config, "vendor.x_1-y").devices[0], ==, "USB:0x1209");
  g_assert_cmpstr (qfu_config_remote (config, "nothing").metadata_keys, ==, "/all");
  g_assert_cmpstr (qfu_config_remote (config, "other").metadata_keys, ==, "/all");
  g_assert_true (qfu_config_remote (config, "lvfs").system_firmware);
}

static const struct {
  const char *text;
  const char *names; /* what the message must name */
} wrong[] = {
    {"[Transports]\nType=qrexec\n", "Transports"},
    {"[Transports]\n", "Transports"},
    {"[Transport]\ntype=qrexec\n", "type"},
    {"[Trust]\nType=qrexec\n", "Type"},
    {"[Transport]\nType=http\n", "conf:2: [Transport] Type=http: qrexec or exec"},
    {"[Transports]\n", "allowed are Remote ID, Transport, Usb, Trust, "},
    {"[Trust]\n# \nKeys=/x\n", "conf:3: [Trust] Keys=/x: there is no such key; allowed are Meta"},
    {"[Remote lab]\n\n\nKeys=/x\n", "conf:4: [Remote lab] Keys=/x: there is no such key"},
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
    {"[Trust]\nDeniedSerials=0x12\n", "hexadecimal"},
    {"[Trust]\nDeniedSerials=12,13\n", "DeniedSerials=12,13"},
    {"[Trust]\nRequirePostQuantum=yes\n", "true or false"},
    {"[Trust]\nRequirePostQuantum=\n", "true or false"},
    {"[Trust]\nMaximumAgeDays=-1\n", "from 0 to 3650"},
    {"[Trust]\nMaximumAgeDays=3651\n", "MaximumAgeDays=3651"},
    {"[MeasuredBoot]\nPrediction=never\n", "preferred, required, off"},
    {"[Remote]\nDevices=\n", "[Remote ID]"},
    {"[Remote a/b]\n", "[Remote a/b]"},
    {"[Remote lab]\nKeys=/x\n", "Keys"},
    {"[Remote lab]\nMetadataKeys=x\n", "absolute path"},
    {"[Remote lab]\nDevices=x\n", "Devices=x"},
    {"[Remote lab]\nSystemFirmware=1\n", "true, false or nothing"},
    {"[Remote lab]\nDevices=\xff\n", ":2: it is not UTF-8"},
    {"[Paths]\nState=\n", "absolute path"},
    {"[Paths]\nCache=cache\n", "Cache=cache"},
    {"[Paths]\nRuntime=./run\n", "absolute path"},
    {"[Chip]\nSize=1073741825\n", "Size"},
    {"[MeasuredBoot]\nEventLog=log.bin\n", "EventLog=log.bin"},
    {"[MeasuredBoot]\nEventLog=/log;cbmen\n", "the word cbmem"},
    {"[MeasuredBoot]\nMemory=mem\n", "absolute path"},
    {"[MeasuredBoot]\nCorebootBus=\n", "absolute path"},
    {"Type=qrexec\n", ":1: "},
    {"[Transport\n", ":1: "},
    {"[Transport]\nUpdateVM=\xff\n", ":2: it is not UTF-8"},
    {"[Transport]\n\nUpdateVM=a,b\n", ":3: [Transport] UpdateVM=a,b: names of VMs"},
    {"[Usb]\nQubes=sys-usb;auto\n", ":2: [Usb] Qubes=: the word auto or"},
    {"[Usb]\nInstallSeconds=59\n", ":2: [Usb] InstallSeconds=59: a number from 60"},
    {"[Transport]\nTorUpdateVM=sys-whonix;dom0\n", ":2: [Transport] TorUpdateVM=dom0: "},
};

static void
test_refused (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuConfig) config = load (wrong[i].text, &error);

    g_assert_null (config);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, wrong[i].names));
    g_assert_nonnull (strstr (error->message, path));
  }
}

static char *
dropin (const char *name, const char *text)
{
  g_autofree char *folder = g_strconcat (path, ".d", NULL);
  char *file = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return file;
}

/* The later one counts, key by key, also within a remote's group. */
static void
test_dropins (void)
{
  g_autofree char *folder = g_strconcat (path, ".d", NULL);
  g_autofree char *second = dropin ("20.conf", "[Transport]\nIdleSeconds=22\n"
                                               "[Remote lab]\nSystemFirmware=\n");
  g_autofree char *first = dropin ("10.conf", "[Transport]\nIdleSeconds=11\nUpdateVM=\n"
                                              "[Remote lab]\nMetadataKeys=/lab\n");
  g_autoptr (QfuConfig) config = load ("[Transport]\nIdleSeconds=1\nUpdateVM=a;b\nTotalSeconds=9\n"
                                       "[Remote lab]\nSystemFirmware=true\nDevices=USB:0x1209\n",
                                       NULL);
  const char *const files[] = {path, first, second, NULL};
  g_autofree char *place = g_strdup_printf ("%s:2", second);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (config);
  g_assert_cmpuint (config->idle_seconds, ==, 22);
  g_assert_cmpuint (config->total_seconds, ==, 9);
  g_assert_null (config->update_vms[0]);
  g_assert_cmpstr (qfu_config_remote (config, "lab").metadata_keys, ==, "/lab");
  g_assert_false (qfu_config_remote (config, "lab").system_firmware);
  g_assert_cmpstr (qfu_config_remote (config, "lab").devices[0], ==, "USB:0x1209");
  g_assert_cmpstrv (config->files, files);
  g_assert_cmpstr (qfu_config_place (config, "Transport", "IdleSeconds"), ==, place);
  g_assert_cmpstr (qfu_config_place (config, "Transport", "Type"), ==, "the default of");
  /* a value that a later file replaces is checked all the same */
  g_assert_null (load ("[Transport]\nIdleSeconds=0\n", &error));
  g_assert_nonnull (strstr (error->message, "conf:2: [Transport] IdleSeconds=0: a number from 1"));
  g_assert_cmpint (g_unlink (first), ==, 0);
  g_assert_cmpint (g_unlink (second), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_vms (void)
{
  g_autoptr (QfuConfig) config =
      load ("[Transport]\nUpdateVM= sys-net ;; b_2.x\nTorUpdateVM=sys-whonix\n", NULL);

  g_assert_nonnull (config);
  g_assert_cmpuint (g_strv_length (config->update_vms), ==, 2);
  g_assert_cmpstr (config->update_vms[0], ==, "sys-net");
  g_assert_cmpstr (config->update_vms[1], ==, "b_2.x");
  g_assert_cmpstr (config->tor_update_vms[0], ==, "sys-whonix");
}

static void
test_vms_limits (void)
{
  g_autoptr (GString) text = g_string_new ("[Transport]\nUpdateVM=a");
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < QFU_CONFIG_VMS_MAX; i++)
    g_string_append (text, ";a");
  config = load (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (config->update_vms), ==, QFU_CONFIG_VMS_MAX);
  g_string_append (text, ";a");
  g_assert_null (load (text->str, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

static void
test_sources (void)
{
  g_autoptr (QfuConfig) all = load ("", NULL);
  g_autoptr (QfuConfig) some = load ("[MeasuredBoot]\nEventLog= /a b ;; cbmem;/c\n", NULL);
  g_autoptr (QfuConfig) none = load ("[MeasuredBoot]\nEventLog=\n", NULL);

  g_assert_cmpuint (g_strv_length (all->event_logs), ==, 2);
  g_assert_cmpstr (all->event_logs[1], ==, QFU_CONFIG_CBMEM);
  g_assert_cmpuint (g_strv_length (some->event_logs), ==, 3);
  g_assert_cmpstr (some->event_logs[0], ==, "/a b");
  g_assert_cmpstr (some->event_logs[1], ==, QFU_CONFIG_CBMEM);
  g_assert_cmpstr (some->event_logs[2], ==, "/c");
  g_assert_null (none->event_logs[0]);
}

static void
test_sources_limits (void)
{
  g_autoptr (GString) text = g_string_new ("[MeasuredBoot]\nEventLog=/0");
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < QFU_CONFIG_SOURCES_MAX; i++)
    g_string_append_printf (text, ";/%u", i);
  config = load (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (config->event_logs), ==, QFU_CONFIG_SOURCES_MAX);
  g_string_append (text, ";/more");
  g_assert_null (load (text->str, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

static void
test_serials_limits (void)
{
  g_autofree char *longest = g_strnfill (2 * QFU_SIGNATURE_SERIAL_MAX, 'f');
  g_autofree char *fits = g_strdup_printf ("[Trust]\nDeniedSerials=%s\n", longest);
  g_autofree char *longer = g_strdup_printf ("[Trust]\nDeniedSerials=%sf\n", longest);
  g_autoptr (GString) many = g_string_new ("[Trust]\nDeniedSerials=1");
  g_autoptr (QfuConfig) config = load (fits, NULL);
  g_autoptr (QfuConfig) config_many = NULL;

  g_assert_nonnull (config);
  g_assert_cmpstr (config->denied_serials[0], ==, longest);
  g_assert_null (load (longer, NULL));
  for (guint i = 1; i < QFU_CONFIG_SERIALS_MAX; i++)
    g_string_append (many, ";1");
  config_many = load (many->str, NULL);
  g_assert_nonnull (config_many);
  g_assert_cmpuint (g_strv_length (config_many->denied_serials), ==, QFU_CONFIG_SERIALS_MAX);
  g_string_append (many, ";1");
  g_assert_null (load (many->str, NULL));
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

  test_init (&argc, &argv);
  path = g_build_filename (folder, "conf", NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/trust", test_trust);
  g_test_add_func ("/config/remotes", test_remotes);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/serials-limits", test_serials_limits);
  g_test_add_func ("/config/sources", test_sources);
  g_test_add_func ("/config/sources-limits", test_sources_limits);
  g_test_add_func ("/config/drop-ins", test_dropins);
  g_test_add_func ("/config/vms", test_vms);
  g_test_add_func ("/config/vms-limits", test_vms_limits);
  g_test_add_func ("/config/missing", test_missing);
  g_test_add_func ("/config/boot-id", test_boot_id);
  result = g_test_run ();
  (void)g_unlink (path);
  (void)g_rmdir (folder);
  g_free (path);
  return result;
}
