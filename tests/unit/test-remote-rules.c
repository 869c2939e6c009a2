/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-rules.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "testconfig.h"

#include <string.h>

#define KEYS "/etc/pki/fwupd-metadata"
#define FIRMWARE_KEYS "/firmware"
#define GUID "2082b5e0-7a64-478a-b1b2-e3404fab6dad"

static QfuRemoteGroup *
group_of (const char *key, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new ("Remote lab", &error);

  g_assert_no_error (error);
  g_assert_true (qfu_remote_group_set (group, key, value, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&group);
}

static void
test_defaults (void)
{
  static const char *const others[] = {"lvfs-testing", "LVFS", "vendor", "lvf", "lvfs2"};
  QfuRemoteRules rules = qfu_remote_rules (NULL, "lvfs", KEYS, FIRMWARE_KEYS);

  g_assert_true (rules.system_firmware);
  g_assert_cmpstr (rules.metadata_keys, ==, KEYS);
  g_assert_cmpstr (rules.firmware_keys, ==, FIRMWARE_KEYS);
  g_assert_null (rules.devices[0]);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    rules = qfu_remote_rules (NULL, others[i], KEYS, FIRMWARE_KEYS);
    g_assert_false (rules.system_firmware);
    g_assert_cmpstr (rules.metadata_keys, ==, KEYS);
    g_assert_null (rules.devices[0]);
  }
}

static void
test_values (void)
{
  g_autoptr (QfuRemoteGroup) group =
      group_of ("Devices", " 2082B5E0-7A64-478A-B1B2-E3404FAB6DAD ;USB:0x273F; DMI:Some Vendor;");
  QfuRemoteRules rules;

  g_assert_cmpstr (qfu_remote_group_id (group), ==, "lab");
  g_assert_true (qfu_remote_group_set (group, "MetadataKeys", "/keys", NULL));
  g_assert_true (qfu_remote_group_set (group, "FirmwareKeys", "/cabs", NULL));
  g_assert_true (qfu_remote_group_set (group, "SystemFirmware", "true", NULL));
  rules = qfu_remote_rules (group, "lab", KEYS, FIRMWARE_KEYS);
  g_assert_cmpstr (rules.metadata_keys, ==, "/keys");
  g_assert_cmpstr (rules.firmware_keys, ==, "/cabs");
  g_assert_true (rules.system_firmware);
  g_assert_cmpuint (g_strv_length ((char **)rules.devices), ==, 3);
  g_assert_cmpstr (rules.devices[0], ==, GUID);
  g_assert_cmpstr (rules.devices[1], ==, "USB:0x273F");
  g_assert_cmpstr (rules.devices[2], ==, "DMI:Some Vendor");
}

/* A key without a value is as if it were not there. */
static void
test_empty (void)
{
  g_autoptr (QfuRemoteGroup) group = group_of ("Devices", "");
  QfuRemoteRules rules;

  g_assert_true (qfu_remote_group_set (group, "MetadataKeys", "", NULL));
  g_assert_true (qfu_remote_group_set (group, "SystemFirmware", "", NULL));
  rules = qfu_remote_rules (group, "lab", KEYS, FIRMWARE_KEYS);
  g_assert_cmpstr (rules.metadata_keys, ==, KEYS);
  g_assert_false (rules.system_firmware);
  g_assert_null (rules.devices[0]);
  g_assert_true (qfu_remote_rules (group, "lvfs", KEYS, FIRMWARE_KEYS).system_firmware);
  g_assert_true (qfu_remote_group_set (group, "SystemFirmware", "false", NULL));
  g_assert_false (qfu_remote_rules (group, "lvfs", KEYS, FIRMWARE_KEYS).system_firmware);
}

static void
test_bad_groups (void)
{
  g_autofree char *longer = g_strnfill (QFU_CACHE_ID_MAX + 1, 'a');
  g_autofree char *group = g_strconcat ("Remote ", longer, NULL);
  const char *const bad[] = {"Remote",         "Remote ",    "Remotes",     "Remote  lab",
                             "Remote two ids", "Remote a/b", "Remote \xff", group};

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_remote_group_new (bad[i], &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "[Remote ID]"));
    g_assert_nonnull (strstr (error->message, bad[i]));
  }
}

static void
test_bad_values (void)
{
  static const struct {
    const char *key;
    const char *value;
    const char *names; /* what the message must name */
  } bad[] = {
      {"Keys", "x", "MetadataKeys, FirmwareKeys, Devices, SystemFirmware"},
      {"devices", "", "devices"},
      {"MetadataKeys", "keys", "an absolute path"},
      {"SystemFirmware", "yes", "true, false or nothing"},
      {"SystemFirmware", "True", "True"},
      {"SystemFirmware", "1", "true, false or nothing"},
      {"Devices", "lab", "GUIDs"},
      {"Devices", "usb:0x273F", "usb:0x273F"},
      {"Devices", "USB:", "USB:"},
      {"Devices", ":0x273F", "vendor ids"},
      {"Devices", "2082b5e0-7a64-478a-b1b2-e3404fab6da", "GUIDs"},
      {"Devices", "2082b5e0-7a64-478a-b1b2-e3404fab6dag", "GUIDs"},
      {"Devices", GUID ";lab", "=lab:"},
      {"Devices", GUID "," GUID, GUID "," GUID},
      {"Devices", ";", "names no device"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new ("Remote lab", NULL);

    g_assert_false (qfu_remote_group_set (group, bad[i].key, bad[i].value, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "[Remote lab]"));
    g_assert_nonnull (strstr (error->message, bad[i].key));
    g_assert_nonnull (strstr (error->message, bad[i].names));
  }
}

static void
test_limits (void)
{
  g_autoptr (GString) list = g_string_new (GUID);
  g_autoptr (QfuRemoteGroup) group = group_of ("Devices", GUID);
  g_autofree char *vendor = g_strnfill (253, 'x');
  g_autofree char *longest = g_strconcat ("V1:", vendor, NULL);
  g_autofree char *longer = g_strconcat ("V1:", vendor, "x", NULL);

  for (guint i = 1; i < 256; i++)
    g_string_append (list, ";" GUID);
  g_assert_true (qfu_remote_group_set (group, "Devices", list->str, NULL));
  g_assert_cmpuint (
      g_strv_length ((char **)qfu_remote_rules (group, "lab", KEYS, FIRMWARE_KEYS).devices), ==,
      256);
  g_string_append (list, ";" GUID);
  g_assert_false (qfu_remote_group_set (group, "Devices", list->str, NULL));
  g_assert_true (qfu_remote_group_set (group, "Devices", longest, NULL));
  g_assert_false (qfu_remote_group_set (group, "Devices", longer, NULL));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/remote-rules/defaults", test_defaults);
  g_test_add_func ("/remote-rules/values", test_values);
  g_test_add_func ("/remote-rules/empty", test_empty);
  g_test_add_func ("/remote-rules/bad-groups", test_bad_groups);
  g_test_add_func ("/remote-rules/bad-values", test_bad_values);
  g_test_add_func ("/remote-rules/limits", test_limits);
  return g_test_run ();
}
