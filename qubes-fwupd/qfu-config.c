/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-config.h"

#include "qfu-build.h"
#include "qfu-config-value.h"
#include "qfu-error.h"
#include "qfu-keyfile.h"

#include <string.h>

#define DEFAULT_PATH QFU_SYSCONFDIR "/qubes-fwupd/qubes-fwupd.conf"

#define STRING(group, key, member, fallback)                                                       \
  {                                                                                                \
    group, key, QFU_CONFIG_STRING, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL       \
  }
#define PATH(group, key, member, fallback)                                                         \
  {                                                                                                \
    group, key, QFU_CONFIG_PATH, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL         \
  }
#define NUMBER(group, key, member, fallback, min, max)                                             \
  {                                                                                                \
    group, key, QFU_CONFIG_NUMBER, G_STRUCT_OFFSET (QfuConfig, member), fallback, min, max, NULL   \
  }
#define FLAG(group, key, member, fallback)                                                         \
  {                                                                                                \
    group, key, QFU_CONFIG_FLAG, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL         \
  }
#define CHOICE(group, key, member, fallback, words)                                                \
  {                                                                                                \
    group, key, QFU_CONFIG_CHOICE, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, words      \
  }
#define SERIALS(group, key, member, fallback)                                                      \
  {                                                                                                \
    group, key, QFU_CONFIG_SERIALS, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL      \
  }
#define SOURCES(group, key, member, fallback)                                                      \
  {                                                                                                \
    group, key, QFU_CONFIG_SOURCES, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL      \
  }
#define PATHS(group, key, member, fallback)                                                        \
  {                                                                                                \
    group, key, QFU_CONFIG_PATHS, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL        \
  }
#define VMS(group, key, member, fallback)                                                          \
  {                                                                                                \
    group, key, QFU_CONFIG_VMS, G_STRUCT_OFFSET (QfuConfig, member), fallback, 0, 0, NULL          \
  }

static const QfuConfigKey keys[] = {
    STRING ("Transport", "Type", transport, "qrexec"),
    VMS ("Transport", "UpdateVM", update_vms, ""),
    VMS ("Transport", "TorUpdateVM", tor_update_vms, ""),
    STRING ("Transport", "QrexecClient", qrexec_client, "/usr/lib/qubes/qrexec-client"),
    STRING ("Transport", "QubesdSocket", qubesd_socket, "/var/run/qubesd.sock"),
    STRING ("Transport", "Command", command, ""),
    STRING ("Transport", "TorCommand", tor_command, ""),
    NUMBER ("Transport", "ConnectSeconds", connect_seconds, "60", 1, 3600),
    NUMBER ("Transport", "FirstByteSeconds", first_byte_seconds, "60", 1, 3600),
    NUMBER ("Transport", "IdleSeconds", idle_seconds, "30", 1, 3600),
    NUMBER ("Transport", "TotalSeconds", total_seconds, "3600", 1, 86400),
    NUMBER ("Transport", "MinimumRate", minimum_rate, "1024", 0, 1 << 30),
    VMS ("Usb", "Qubes", usb_qubes, "auto"),
    STRING ("Usb", "Command", usb_command, ""),
    NUMBER ("Usb", "InstallSeconds", usb_install_seconds, "3600", 60, 86400),
    STRING ("Trust", "MetadataKeys", metadata_keys, "/etc/pki/fwupd-metadata"),
    STRING ("Trust", "FirmwareKeys", firmware_keys, "/etc/pki/fwupd"),
    SERIALS ("Trust", "DeniedSerials", denied_serials, ""),
    FLAG ("Trust", "RequirePostQuantum", require_post_quantum, "false"),
    NUMBER ("Trust", "MaximumAgeDays", maximum_age_days, "30", 0, 3650),
    FLAG ("Refresh", "StartVM", start_vm, "false"),
    FLAG ("Refresh", "AllowMetered", allow_metered, "false"),
    NUMBER ("Refresh", "Retries", retries, "3", 0, 8),
    NUMBER ("Refresh", "RetrySeconds", retry_seconds, "30", 1, 600),
    NUMBER ("Refresh", "LockSeconds", lock_seconds, "60", 0, 3600),
    PATH ("Paths", "State", state, QFU_LOCALSTATEDIR "/lib/qubes-fwupd"),
    PATH ("Paths", "Cache", cache, QFU_LOCALSTATEDIR "/cache/qubes-fwupd"),
    PATH ("Paths", "Runtime", runtime, "/run/qubes-fwupd"),
    STRING ("Paths", "Programs", programs, ""),
    STRING ("Paths", "Layouts", layouts, ""),
    STRING ("Paths", "BootId", boot_id_file, "/proc/sys/kernel/random/boot_id"),
    PATH ("Paths", "PowerSupply", power_supply, "/sys/class/power_supply"),
    PATH ("Paths", "Input", input, "/sys/class/input"),
    PATH ("Paths", "Dmi", dmi, "/sys/class/dmi/id"),
    PATH ("Paths", "Fstab", fstab, "/etc/fstab"),
    STRING ("Paths", "FwupdPlugins", fwupd_plugins, ""),
    PATH ("Paths", "PciDevices", pci_devices, "/sys/bus/pci/devices"),
    STRING ("Worker", "User", worker_user, ""),
    STRING ("Chip", "Programmer", programmer, "internal"),
    STRING ("Chip", "Layout", layout, "auto"),
    NUMBER ("Chip", "Size", chip_size, "0", 0, 1 << 30),
    STRING ("Chip", "Model", chip_model, ""),
    NUMBER ("Chip", "MinimumBattery", minimum_battery, "30", 0, 100),
    STRING ("Chip", "BiosVendor", bios_vendor, "coreboot"),
    STRING ("Chip", "MinimumVersion", minimum_version, ""),
    FLAG ("Chip", "ColdBoot", cold_boot, "false"),
    STRING ("MeasuredBoot", "Tcti", tcti, ""),
    STRING ("MeasuredBoot", "AkHandle", ak_handle, "0x81017175"),
    SOURCES ("MeasuredBoot",
             "EventLog",
             event_logs,
             "/sys/kernel/security/tpm0/binary_bios_measurements;cbmem"),
    PATH ("MeasuredBoot", "Memory", memory, "/dev/mem"),
    PATH ("MeasuredBoot", "CorebootBus", coreboot_bus, "/sys/bus/coreboot/devices"),
    CHOICE ("MeasuredBoot", "Prediction", prediction, "preferred", "preferred;required;off"),
    PATHS ("Secrets", "AntiEvilMaid", secrets_aem, "/var/lib/tpm"),
    PATHS ("Secrets", "Luks", secrets_luks, ""),
    CHOICE ("Secrets", "Heads", secrets_heads, "auto", "auto;yes;no"),
    PATH ("Secrets", "Cryptsetup", cryptsetup, "/usr/sbin/cryptsetup"),
    PATH ("Secrets", "BlockDevices", block_devices, "/sys/block"),
    PATH ("Secrets", "Boot", boot, "/boot"),
};

static const QfuConfigKey *
key_find (const char *group, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (strcmp (keys[i].group, group) == 0 && (name == NULL || strcmp (keys[i].key, name) == 0))
      return &keys[i];
  }
  return NULL;
}

/* "A, B and C are": the groups, or the keys of @group. */
static char *
what_is (const char *group)
{
  g_autoptr (GString) text = g_string_new (group == NULL ? "Remote ID" : NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (group != NULL && strcmp (keys[i].group, group) == 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", keys[i].key);
    else if (group == NULL && (i == 0 || strcmp (keys[i].group, keys[i - 1].group) != 0))
      g_string_append_printf (text, ", %s", keys[i].group);
  }
  return g_strdup_printf ("there is no such %s; allowed are %s", group == NULL ? "group" : "key",
                          text->str);
}

static void
set_place (QfuConfig *config, const QfuKeyfileLine *line)
{
  (void)g_hash_table_insert (config->places, g_strdup_printf ("%s\n%s", line->group, line->key),
                             g_strdup_printf ("%s:%u", line->file, line->number));
}

const char *
qfu_config_place (const QfuConfig *config, const char *group, const char *key)
{
  g_autofree char *name = g_strdup_printf ("%s\n%s", group, key);
  const char *place = g_hash_table_lookup (config->places, name);

  return place != NULL ? place : "the default of";
}

/* The group that the line begins, or one that was begun before, in any file. */
static QfuRemoteGroup *
find_remote (QfuConfig *config, const char *name, GError **error)
{
  g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new (name, error);
  QfuRemoteGroup *known =
      group == NULL ? NULL : g_hash_table_lookup (config->remotes, qfu_remote_group_id (group));

  if (group == NULL || known != NULL)
    return known;
  known = group;
  (void)g_hash_table_insert (config->remotes, g_strdup (qfu_remote_group_id (group)), group);
  group = NULL;
  return known;
}

static gboolean
take_remote_line (QfuConfig *config, const QfuKeyfileLine *line, GError **error)
{
  QfuRemoteGroup *group = find_remote (config, line->group, error);

  if (group != NULL &&
      (line->key == NULL || qfu_remote_group_set (group, line->key, line->value, error)))
    return TRUE;
  g_prefix_error (error, "%s:%u: ", line->file, line->number);
  return FALSE;
}

static gboolean
take_line (QfuConfig *config, const QfuKeyfileLine *line, GError **error)
{
  const QfuConfigKey *key = key_find (line->group, line->key);
  g_autofree char *allowed = NULL;

  if (g_str_has_prefix (line->group, "Remote"))
    return take_remote_line (config, line, error);
  if (key == NULL) {
    allowed = what_is (key_find (line->group, NULL) == NULL ? NULL : line->group);
    return qfu_keyfile_refuse (line, allowed, error);
  }
  if (line->key == NULL)
    return TRUE;
  if (!qfu_config_value_set (config, key, line->value, error)) {
    g_prefix_error (error, "%s:%u: ", line->file, line->number);
    return FALSE;
  }
  set_place (config, line);
  return TRUE;
}

static gboolean
load_files (QfuConfig *config, GError **error)
{
  const char *named = g_getenv ("QFU_CONFIG");
  g_autoptr (QfuKeyfile) keyfile =
      qfu_keyfile_read (named != NULL ? named : DEFAULT_PATH, named == NULL, error);

  if (keyfile == NULL)
    return FALSE;
  for (guint i = 0; i < keyfile->lines->len; i++) {
    if (!take_line (config, g_ptr_array_index (keyfile->lines, i), error))
      return FALSE;
  }
  g_ptr_array_add (keyfile->files, NULL);
  config->files = g_strdupv ((char **)keyfile->files->pdata);
  return TRUE;
}

/* Programs of a build tree lie side by side; installed ones lie in libexecdir. */
static char *
find_programs (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self == NULL ? NULL : g_path_get_dirname (self);
  g_autofree char *worker =
      folder == NULL ? NULL : g_build_filename (folder, "qfu-worker-parse", NULL);

  if (worker != NULL && g_file_test (worker, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&folder);
  return g_strdup (QFU_LIBEXECDIR);
}

/* The same for layouts: build/dom0/../../data/layouts when the programs lie in a build tree. */
static char *
find_layouts (const QfuConfig *config)
{
  g_autofree char *source =
      g_build_filename (config->programs, "..", "..", "data", "layouts", NULL);

  if (strcmp (config->programs, QFU_LIBEXECDIR) != 0 && g_file_test (source, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&source);
  return g_strdup (QFU_LAYOUTDIR);
}

/* A name beside the word would leave open whether that qube has to be there. */
static gboolean
check_usb_qubes (const QfuConfig *config, GError **error)
{
  char **qubes = config->usb_qubes;

  if (qubes[0] == NULL || qubes[1] == NULL ||
      !g_strv_contains ((const char *const *)qubes, QFU_CONFIG_AUTO))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s: [Usb] Qubes=: the word " QFU_CONFIG_AUTO " or a list of names is allowed",
               qfu_config_place (config, "Usb", "Qubes"));
  return FALSE;
}

static gboolean
check_choices (const QfuConfig *config, GError **error)
{
  gboolean exec = strcmp (config->transport, "exec") == 0;

  if (!exec && strcmp (config->transport, "qrexec") != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Transport] Type=%s: qrexec or exec is allowed",
                 qfu_config_place (config, "Transport", "Type"), config->transport);
    return FALSE;
  }
  if (exec && config->command[0] == '\0') {
    g_set_error (
        error, QFU_ERROR, QFU_ERROR_USAGE,
        "%s: [Transport] Type=exec needs Command=, a command line that reaches qubes.FwupdFetch",
        qfu_config_place (config, "Transport", "Type"));
    return FALSE;
  }
  return TRUE;
}

QfuConfig *
qfu_config_load (GError **error)
{
  g_autoptr (QfuConfig) config = g_new0 (QfuConfig, 1);

  config->remotes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify)qfu_remote_group_free);
  config->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (!qfu_config_value_set (config, &keys[i], keys[i].fallback, error))
      return NULL;
  }
  if (!load_files (config, error) || !check_choices (config, error) ||
      !check_usb_qubes (config, error))
    return NULL;
  if (config->programs[0] == '\0') {
    g_free (config->programs);
    config->programs = find_programs ();
  }
  if (config->layouts[0] == '\0') {
    g_free (config->layouts);
    config->layouts = find_layouts (config);
  }
  if (config->fwupd_plugins[0] == '\0') {
    g_free (config->fwupd_plugins);
    config->fwupd_plugins = g_strdup (QFU_FWUPD_LIBRARIES);
  }
  return g_steal_pointer (&config);
}

void
qfu_config_free (QfuConfig *config)
{
  if (config == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (keys[i].kind == QFU_CONFIG_STRING || keys[i].kind == QFU_CONFIG_PATH)
      g_free (*(char **)G_STRUCT_MEMBER_P (config, keys[i].offset));
    if (keys[i].kind == QFU_CONFIG_SERIALS || keys[i].kind == QFU_CONFIG_SOURCES ||
        keys[i].kind == QFU_CONFIG_PATHS || keys[i].kind == QFU_CONFIG_VMS)
      g_strfreev (*(char ***)G_STRUCT_MEMBER_P (config, keys[i].offset));
  }
  g_hash_table_unref (config->remotes);
  g_hash_table_unref (config->places);
  g_strfreev (config->files);
  g_free (config);
}

QfuRemoteRules
qfu_config_remote (const QfuConfig *config, const char *id)
{
  return qfu_remote_rules (g_hash_table_lookup (config->remotes, id), id, config->metadata_keys,
                           config->firmware_keys);
}

char *
qfu_config_program (const QfuConfig *config, const char *name)
{
  return g_build_filename (config->programs, name, NULL);
}

char *
qfu_config_boot_id (const QfuConfig *config, GError **error)
{
  g_autofree char *id = NULL;
  g_autoptr (GError) local = NULL;

  if (!g_file_get_contents (config->boot_id_file, &id, NULL, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "the id of this boot cannot be read: %s",
                 local->message);
    return NULL;
  }
  g_strstrip (id);
  if (id[0] == '\0' || strlen (id) > 64 ||
      strspn (id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-") != strlen (id)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s holds no boot id", config->boot_id_file);
    return NULL;
  }
  return g_steal_pointer (&id);
}
