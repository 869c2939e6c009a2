/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fwupd-reports.h"

#include "qfu-error.h"
#include "qfu-fwupd-client.h"
#include "qfu-fwupd-flags.h"
#include "qfu-name.h"

static const struct {
  FwupdSecurityAttrFlags theirs;
  guint ours;
} attribute_flags[] = {
    {FWUPD_SECURITY_ATTR_FLAG_SUCCESS, QFU_SECURITY_SUCCESS},
    {FWUPD_SECURITY_ATTR_FLAG_OBSOLETED, QFU_SECURITY_OBSOLETED},
    {FWUPD_SECURITY_ATTR_FLAG_MISSING_DATA, QFU_SECURITY_MISSING_DATA},
    {FWUPD_SECURITY_ATTR_FLAG_RUNTIME_ISSUE, QFU_SECURITY_RUNTIME},
    {FWUPD_SECURITY_ATTR_FLAG_ACTION_CONTACT_OEM, QFU_SECURITY_CONTACT_OEM},
    {FWUPD_SECURITY_ATTR_FLAG_ACTION_CONFIG_FW, QFU_SECURITY_CONFIG_FW},
    {FWUPD_SECURITY_ATTR_FLAG_ACTION_CONFIG_OS, QFU_SECURITY_CONFIG_OS},
};

G_STATIC_ASSERT ((int)QFU_UPDATE_SUCCESS == (int)FWUPD_UPDATE_STATE_SUCCESS &&
                 (int)QFU_UPDATE_LAST == (int)FWUPD_UPDATE_STATE_LAST - 1);
G_STATIC_ASSERT (QFU_SECURITY_LEVEL_LAST == FWUPD_SECURITY_ATTR_LEVEL_LAST - 1);

/* What a plugin has written down of the update, in the order of the names. */
static gboolean
send_reports (QfuWire *wire, FwupdRelease *release, GError **error)
{
  g_autoptr (GList) names = NULL;

  if (release == NULL)
    return TRUE;
  names = g_hash_table_get_keys (fwupd_release_get_metadata (release));
  names = g_list_sort (names, (GCompareFunc)g_strcmp0);
  for (const GList *name = names; name != NULL; name = name->next) {
    const char *value = fwupd_release_get_metadata_item (release, name->data);
    g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SETTING);

    qfu_message_add_text (message, QFU_FIELD_NAME, name->data);
    qfu_message_add_text (message, QFU_FIELD_VALUE, value == NULL ? "" : value);
    if (!qfu_wire_send (wire, message, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
send_history (QfuWire *wire, FwupdDevice *device, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_HISTORY);
  FwupdRelease *release = fwupd_device_get_release_default (device);

  qfu_message_add_text (message, QFU_FIELD_ID, fwupd_device_get_id (device));
  qfu_message_add_name (message, QFU_FIELD_NAME, fwupd_device_get_name (device));
  qfu_message_add_text (message, QFU_FIELD_PLUGIN, fwupd_device_get_plugin (device));
  qfu_message_add_text (message, QFU_FIELD_VERSION_FROM, fwupd_device_get_version (device));
  if (release != NULL)
    qfu_message_add_text (message, QFU_FIELD_VERSION, fwupd_release_get_version (release));
  qfu_message_add_number (message, QFU_FIELD_STATUS, fwupd_device_get_update_state (device));
  qfu_message_add_text (message, QFU_FIELD_DETAIL, fwupd_device_get_update_error (device));
  if (fwupd_device_get_modified (device) != 0)
    qfu_message_add_number (message, QFU_FIELD_TIME, fwupd_device_get_modified (device));
  return qfu_wire_send (wire, message, error) && send_reports (wire, release, error);
}

/* fwupd has an error for "there is none". */
static gboolean
is_nothing (const GError *problem)
{
  return g_error_matches (problem, FWUPD_ERROR, FWUPD_ERROR_NOTHING_TO_DO) ||
         g_error_matches (problem, FWUPD_ERROR, FWUPD_ERROR_NOT_FOUND);
}

gboolean
qfu_fwupd_run_history (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *what = "reading the history of updates";
  g_autoptr (FwupdClient) client = qfu_fwupd_connect (what, error);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  devices = fwupd_client_get_history (client, NULL, &local);
  if (devices == NULL && !is_nothing (local))
    return qfu_fwupd_fail (error, what, local);
  for (guint i = 0; devices != NULL && i < devices->len; i++) {
    if (!send_history (wire, g_ptr_array_index (devices, i), error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_fwupd_run_results (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *what = "reading the result of the last update";
  g_autoptr (FwupdClient) client = qfu_fwupd_connect (what, error);
  g_autoptr (FwupdDevice) device = NULL;
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return FALSE;
  device = fwupd_client_get_results (client, qfu_message_text (arguments, QFU_FIELD_ID, 0), NULL,
                                     &local);
  if (device != NULL)
    return send_history (wire, device, error);
  return is_nothing (local) || qfu_fwupd_fail (error, what, local);
}

static gboolean
send_attribute (QfuWire *wire, FwupdSecurityAttr *attribute, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ATTRIBUTE);
  FwupdSecurityAttrResult result = fwupd_security_attr_get_result (attribute);
  FwupdSecurityAttrResult expected = fwupd_security_attr_get_result_success (attribute);
  guint flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (attribute_flags); i++) {
    if (fwupd_security_attr_has_flag (attribute, attribute_flags[i].theirs))
      flags |= attribute_flags[i].ours;
  }
  qfu_message_add_text (message, QFU_FIELD_ID, fwupd_security_attr_get_appstream_id (attribute));
  qfu_message_add_name (message, QFU_FIELD_NAME, fwupd_security_attr_get_name (attribute));
  qfu_message_add_text (message, QFU_FIELD_PLUGIN, fwupd_security_attr_get_plugin (attribute));
  qfu_message_add_number (message, QFU_FIELD_LEVEL, fwupd_security_attr_get_level (attribute));
  if (result != FWUPD_SECURITY_ATTR_RESULT_UNKNOWN)
    qfu_message_add_text (message, QFU_FIELD_RESULT, fwupd_security_attr_result_to_string (result));
  if (expected != FWUPD_SECURITY_ATTR_RESULT_UNKNOWN)
    qfu_message_add_text (message, QFU_FIELD_EXPECTED,
                          fwupd_security_attr_result_to_string (expected));
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  qfu_message_add_text (message, QFU_FIELD_DESCRIPTION,
                        fwupd_security_attr_get_description (attribute));
  return qfu_wire_send (wire, message, error);
}

gboolean
qfu_fwupd_run_security (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *what = "reading the security of the host";
  g_autoptr (FwupdClient) client = qfu_fwupd_connect (what, error);
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SECURITY);
  g_autoptr (GPtrArray) attributes = NULL;
  g_autoptr (GError) local = NULL;
  const char *id;

  if (client == NULL)
    return FALSE;
  attributes = fwupd_client_get_host_security_attrs (client, NULL, &local);
  if (g_error_matches (local, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "fwupd does not judge the security of this host: %s", local->message);
    return FALSE;
  }
  if (attributes == NULL)
    return qfu_fwupd_fail (error, what, local);
  /* asked for behind the attributes, which make the daemon compute it */
  id = fwupd_client_get_host_security_id (client);
  qfu_message_add_text (message, QFU_FIELD_VALUE, id == NULL ? "" : id);
  if (!qfu_wire_send (wire, message, error))
    return FALSE;
  for (guint i = 0; i < attributes->len; i++) {
    if (!send_attribute (wire, g_ptr_array_index (attributes, i), error))
      return FALSE;
  }
  return TRUE;
}
