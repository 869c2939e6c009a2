/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links libfwupd: asks the fwupd daemon over D-Bus and answers in frames. */

#include "qfu-child.h"
#include "qfu-device.h"
#include "qfu-fwupd-client.h"
#include "qfu-fwupd-flags.h"
#include "qfu-fwupd-reports.h"
#include "qfu-name.h"

static const struct {
  FwupdDeviceFlags theirs;
  guint ours;
} device_flags[] = {
    {FWUPD_DEVICE_FLAG_UPDATABLE, QFU_DEVICE_UPDATABLE},
    {FWUPD_DEVICE_FLAG_INTERNAL, QFU_DEVICE_INTERNAL},
    {FWUPD_DEVICE_FLAG_NEEDS_REBOOT, QFU_DEVICE_NEEDS_REBOOT},
    {FWUPD_DEVICE_FLAG_REQUIRE_AC, QFU_DEVICE_REQUIRE_AC},
    {FWUPD_DEVICE_FLAG_SUPPORTED, QFU_DEVICE_SUPPORTED},
    {FWUPD_DEVICE_FLAG_LOCKED, QFU_DEVICE_LOCKED},
    {FWUPD_DEVICE_FLAG_NEEDS_SHUTDOWN, QFU_DEVICE_NEEDS_SHUTDOWN},
    {FWUPD_DEVICE_FLAG_UPDATABLE_HIDDEN, QFU_DEVICE_HIDDEN},
    {FWUPD_DEVICE_FLAG_INSTALL_ALL_RELEASES, QFU_DEVICE_ALL_RELEASES},
    {FWUPD_DEVICE_FLAG_VERSION_CHECK_REQUIRED, QFU_DEVICE_VERSION_CHECK},
};

static const struct {
  guint ours;
  FwupdInstallFlags theirs;
} install_flags[] = {
    {QFU_INSTALL_ALLOW_OLDER, FWUPD_INSTALL_FLAG_ALLOW_OLDER},
    {QFU_INSTALL_ALLOW_REINSTALL, FWUPD_INSTALL_FLAG_ALLOW_REINSTALL},
};

static gboolean
send_remote (QfuWire *wire, FwupdRemote *remote, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_REMOTE);
  guint flags =
      (fwupd_remote_has_flag (remote, FWUPD_REMOTE_FLAG_ENABLED) ? QFU_REMOTE_ENABLED : 0) |
      (fwupd_remote_get_username (remote) != NULL ? QFU_REMOTE_PASSWORD : 0);

  qfu_message_add_text (message, QFU_FIELD_ID, fwupd_remote_get_id (remote));
  qfu_message_add_name (message, QFU_FIELD_NAME, fwupd_remote_get_title (remote));
  qfu_message_add_text (message, QFU_FIELD_URL, fwupd_remote_get_metadata_uri (remote));
  qfu_message_add_number (message, QFU_FIELD_KIND, fwupd_remote_get_kind (remote));
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  qfu_message_add_number (message, QFU_FIELD_PRIORITY,
                          (guint64)MAX (fwupd_remote_get_priority (remote), 0));
  qfu_message_add_text (message, QFU_FIELD_PATH, fwupd_remote_get_filename_cache (remote));
  qfu_message_add_text (message, QFU_FIELD_BASE_URL, fwupd_remote_get_firmware_base_uri (remote));
  return qfu_wire_send (wire, message, error);
}

static gboolean
run_remotes (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *what = "reading the list of remotes";
  g_autoptr (FwupdClient) client = qfu_fwupd_connect (what, error);
  g_autoptr (GPtrArray) remotes = NULL;
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  remotes = fwupd_client_get_remotes (client, NULL, &local);
  if (remotes == NULL)
    return qfu_fwupd_fail (error, what, local);
  for (guint i = 0; i < remotes->len; i++) {
    if (!send_remote (wire, g_ptr_array_index (remotes, i), error))
      return FALSE;
  }
  return TRUE;
}

static void
add_texts (QfuMessage *message, QfuField field, GPtrArray *texts)
{
  guint max = qfu_wire_frame_field (qfu_wire_frame_spec (qfu_message_type (message)), field)->max;

  for (guint i = 0; texts != NULL && i < texts->len && i < max; i++)
    qfu_message_add_text (message, field, g_ptr_array_index (texts, i));
}

static gboolean
send_device (QfuWire *wire, FwupdDevice *device, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DEVICE);
  guint flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (device_flags); i++) {
    if (fwupd_device_has_flag (device, device_flags[i].theirs))
      flags |= device_flags[i].ours;
  }
  qfu_message_add_text (message, QFU_FIELD_ID, fwupd_device_get_id (device));
  qfu_message_add_text (message, QFU_FIELD_PARENT, fwupd_device_get_parent_id (device));
  qfu_message_add_name (message, QFU_FIELD_NAME, fwupd_device_get_name (device));
  qfu_message_add_name (message, QFU_FIELD_SUMMARY, fwupd_device_get_summary (device));
  qfu_message_add_name (message, QFU_FIELD_VENDOR, fwupd_device_get_vendor (device));
  add_texts (message, QFU_FIELD_VENDOR_ID, fwupd_device_get_vendor_ids (device));
  qfu_message_add_text (message, QFU_FIELD_PLUGIN, fwupd_device_get_plugin (device));
  qfu_message_add_text (message, QFU_FIELD_BRANCH, fwupd_device_get_branch (device));
  qfu_message_add_text (message, QFU_FIELD_VERSION, fwupd_device_get_version (device));
  qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT,
                        fwupd_version_format_to_string (fwupd_device_get_version_format (device)));
  qfu_message_add_text (message, QFU_FIELD_VERSION_LOWEST,
                        fwupd_device_get_version_lowest (device));
  add_texts (message, QFU_FIELD_UPDATE_PROTOCOL, fwupd_device_get_protocols (device));
  add_texts (message, QFU_FIELD_GUID, fwupd_device_get_guids (device));
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  qfu_message_add_text (message, QFU_FIELD_DETAIL, fwupd_device_get_update_error (device));
  return qfu_wire_send (wire, message, error);
}

static gboolean
send_setting (QfuWire *wire, const char *name, const char *value, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SETTING);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VALUE, value);
  return qfu_wire_send (wire, message, error);
}

/* The daemon's version and the machine's hardware ids, which fwupd lists among other values. */
static gboolean
send_machine (QfuWire *wire, FwupdClient *client, GError **error)
{
  g_auto (GStrv) keys = NULL;
  g_auto (GStrv) values = NULL;

  if (!send_setting (wire, QFU_MACHINE_FWUPD, fwupd_client_get_daemon_version (client), error))
    return FALSE;
  fwupd_client_get_hwids (client, &keys, &values);
  for (gsize i = 0; values != NULL && values[i] != NULL; i++) {
    if (fwupd_guid_is_valid (values[i]) &&
        !send_setting (wire, QFU_MACHINE_HARDWARE, values[i], error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_devices (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *what = "reading the list of devices";
  g_autoptr (FwupdClient) client = qfu_fwupd_connect (what, error);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  if (!send_machine (wire, client, error))
    return FALSE;
  devices = fwupd_client_get_devices (client, NULL, &local);
  if (devices == NULL && !g_error_matches (local, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO))
    return qfu_fwupd_fail (error, what, local);
  for (guint i = 0; devices != NULL && i < devices->len; i++) {
    if (!send_device (wire, g_ptr_array_index (devices, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_metadata (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *remote = qfu_message_text (arguments, QFU_FIELD_ID, 0);
  const char *what = "handing the metadata to fwupd";
  g_autoptr (GBytes) metadata = qfu_child_input (0, error);
  g_autoptr (GBytes) jcat = metadata == NULL ? NULL : qfu_child_input (1, error);
  g_autoptr (FwupdClient) client = jcat == NULL ? NULL : qfu_fwupd_connect (what, error);
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  if (fwupd_client_update_metadata_bytes (client, remote, metadata, jcat, NULL, &local))
    return TRUE;
  return qfu_fwupd_fail (error, what, local);
}

static void
on_progress (FwupdClient *client, GParamSpec *spec, gpointer user_data)
{
  QfuWire *wire = user_data;
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PROGRESS);

  qfu_message_add_number (message, QFU_FIELD_DONE, fwupd_client_get_percentage (client));
  qfu_message_add_number (message, QFU_FIELD_TOTAL, 100);
  qfu_message_add_number (message, QFU_FIELD_STATUS, fwupd_client_get_status (client));
  /* a caller that went away must not stop a write in the middle; fwupd goes on either way */
  if (!qfu_wire_send (wire, message, NULL))
    g_debug ("nobody listens to the progress");
}

static gboolean
run_install (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *device = qfu_message_text (arguments, QFU_FIELD_ID, 0);
  guint64 wanted = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT32, 0);
  FwupdInstallFlags flags = FWUPD_INSTALL_FLAG_NONE;
  const char *what = "installing";
  g_autoptr (GBytes) cab = qfu_child_input (0, error);
  g_autoptr (FwupdClient) client = cab == NULL ? NULL : qfu_fwupd_connect (what, error);
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (install_flags); i++) {
    if (wanted & install_flags[i].ours)
      flags |= install_flags[i].theirs;
  }
  g_signal_connect (client, "notify::percentage", G_CALLBACK (on_progress), wire);
  g_signal_connect (client, "notify::status", G_CALLBACK (on_progress), wire);
  /* what qfu_requirement_holds() grants, the daemon grants only to a client that says so */
  if (fwupd_client_set_feature_flags (client, FWUPD_FEATURE_FLAG_SWITCH_BRANCH, NULL, &local) &&
      fwupd_client_install_bytes (client, device, cab, flags, NULL, &local))
    return TRUE;
  return qfu_fwupd_fail (error, what, local);
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {
      {"remotes", run_remotes},
      {"devices", run_devices},
      {"metadata", run_metadata},
      {"install", run_install},
      {"history", qfu_fwupd_run_history},
      {"results", qfu_fwupd_run_results},
      {"security", qfu_fwupd_run_security},
  };

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
