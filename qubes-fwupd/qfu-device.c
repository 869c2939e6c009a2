/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-device.h"

#include "qfu-error.h"

#include <string.h>

#define DEVICE_ID_LENGTH 40

static gboolean
hex_ok (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_guid_ok (const char *text)
{
  static const gsize groups[] = {8, 4, 4, 4, 12};
  const char *here = text;

  if (strlen (text) != 36)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++) {
    if (!hex_ok (here, groups[i]))
      return FALSE;
    here += groups[i];
    if (*here != (i + 1 == G_N_ELEMENTS (groups) ? '\0' : '-'))
      return FALSE;
    here++;
  }
  return TRUE;
}

char **
qfu_message_text_array (const QfuMessage *message, QfuField field)
{
  guint count = qfu_message_count (message, field);
  char **texts = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++)
    texts[i] = g_strdup (qfu_message_text (message, field, i));
  return texts;
}

gboolean
qfu_device_id_ok (const char *text)
{
  return strlen (text) == DEVICE_ID_LENGTH && hex_ok (text, DEVICE_ID_LENGTH);
}

static gboolean
check_identity (const QfuMessage *message, GError **error)
{
  const char *untrusted_id = qfu_message_text (message, QFU_FIELD_ID, 0);
  const char *untrusted_parent = qfu_message_text (message, QFU_FIELD_PARENT, 0);

  if (untrusted_id == NULL || !qfu_device_id_ok (untrusted_id) ||
      (untrusted_parent != NULL && !qfu_device_id_ok (untrusted_parent))) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "a device with an unfit id");
    return FALSE;
  }
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_GUID); i++) {
    const char *untrusted_guid = qfu_message_text (message, QFU_FIELD_GUID, i);

    if (!qfu_guid_ok (untrusted_guid)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "device %s with the unfit GUID %s",
                   untrusted_id, untrusted_guid);
      return FALSE;
    }
  }
  return TRUE;
}

/* The text of @field, %NULL when absent or empty. */
static char *
text_or_null (const QfuMessage *message, QfuField field)
{
  const char *text = qfu_message_text (message, field, 0);

  return text == NULL || *text == '\0' ? NULL : g_strdup (text);
}

QfuDevice *
qfu_device_new (const QfuMessage *message, GError **error)
{
  g_autoptr (QfuDevice) device = NULL;
  guint64 flags;

  if (qfu_message_type (message) != QFU_FRAME_DEVICE) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s where a DEVICE belongs",
                 qfu_message_name (message));
    return NULL;
  }
  if (!check_identity (message, error) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, QFU_DEVICE_FLAGS_ALL, &flags, error))
    return NULL;
  device = g_new0 (QfuDevice, 1);
  device->id = g_strdup (qfu_message_text (message, QFU_FIELD_ID, 0));
  device->parent = text_or_null (message, QFU_FIELD_PARENT);
  device->name = text_or_null (message, QFU_FIELD_NAME);
  if (device->name == NULL)
    device->name = g_strdup (device->id);
  device->summary = text_or_null (message, QFU_FIELD_SUMMARY);
  device->vendor = text_or_null (message, QFU_FIELD_VENDOR);
  device->vendor_ids = qfu_message_text_array (message, QFU_FIELD_VENDOR_ID);
  device->plugin = text_or_null (message, QFU_FIELD_PLUGIN);
  device->branch = text_or_null (message, QFU_FIELD_BRANCH);
  device->version = text_or_null (message, QFU_FIELD_VERSION);
  device->version_format = text_or_null (message, QFU_FIELD_VERSION_FORMAT);
  if (device->version_format == NULL)
    device->version_format = g_strdup ("unknown");
  device->version_lowest = text_or_null (message, QFU_FIELD_VERSION_LOWEST);
  device->protocols = qfu_message_text_array (message, QFU_FIELD_UPDATE_PROTOCOL);
  device->guids = qfu_message_text_array (message, QFU_FIELD_GUID);
  device->flags = (guint)flags;
  device->problem = text_or_null (message, QFU_FIELD_DETAIL);
  return g_steal_pointer (&device);
}

void
qfu_device_free (QfuDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->id);
  g_free (device->parent);
  g_free (device->name);
  g_free (device->summary);
  g_free (device->vendor);
  g_strfreev (device->vendor_ids);
  g_free (device->plugin);
  g_free (device->branch);
  g_free (device->version);
  g_free (device->version_format);
  g_free (device->version_lowest);
  g_strfreev (device->protocols);
  g_strfreev (device->guids);
  g_free (device->problem);
  g_free (device->domain);
  g_free (device);
}

gboolean
qfu_device_has_guid (const QfuDevice *device, const char *guid)
{
  return g_strv_contains ((const char *const *)device->guids, guid);
}

const char *
qfu_device_domain (const QfuDevice *device)
{
  return device->domain != NULL ? device->domain : QFU_DOM0;
}

char *
qfu_device_address (const QfuDevice *device)
{
  if (device->domain == NULL)
    return g_strdup (device->id);
  return g_strdup_printf ("%s:%s", device->domain, device->id);
}
