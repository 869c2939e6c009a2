/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fwupd-security.h"

#include "qfu-error.h"
#include "qfu-fwupd-calls.h"
#include "qfu-limits.h"

static void
attribute_free (gpointer data)
{
  QfuSecurityAttribute *attribute = data;

  g_free (attribute->id);
  g_free (attribute->name);
  g_free (attribute->plugin);
  g_free (attribute->result);
  g_free (attribute->expected);
  g_free (attribute->description);
  g_free (attribute);
}

void
qfu_security_free (QfuSecurity *security)
{
  if (security == NULL)
    return;
  g_free (security->id);
  g_ptr_array_unref (security->attributes);
  g_free (security);
}

static char *
text_or_null (const QfuMessage *message, QfuField field)
{
  const char *text = qfu_message_text (message, field, 0);

  return text == NULL || *text == '\0' ? NULL : g_strdup (text);
}

static gboolean
take_attribute (QfuSecurity *security, const QfuMessage *message, GError **error)
{
  guint64 untrusted_level;
  guint64 untrusted_flags;
  QfuSecurityAttribute *attribute;

  if (!qfu_message_number (message, QFU_FIELD_LEVEL, 0, QFU_SECURITY_LEVEL_LAST, &untrusted_level,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, QFU_SECURITY_FLAGS_ALL, &untrusted_flags,
                           error))
    return FALSE;
  attribute = g_new0 (QfuSecurityAttribute, 1);
  g_ptr_array_add (security->attributes, attribute);
  attribute->level = (guint)untrusted_level;
  attribute->flags = (guint)untrusted_flags;
  attribute->id = g_strdup (qfu_message_text (message, QFU_FIELD_ID, 0));
  attribute->name = text_or_null (message, QFU_FIELD_NAME);
  attribute->plugin = text_or_null (message, QFU_FIELD_PLUGIN);
  attribute->result = text_or_null (message, QFU_FIELD_RESULT);
  attribute->expected = text_or_null (message, QFU_FIELD_EXPECTED);
  attribute->description = text_or_null (message, QFU_FIELD_DESCRIPTION);
  return TRUE;
}

static gboolean
take (gpointer user, const QfuMessage *message, GError **error)
{
  QfuSecurity *security = user;

  if (qfu_message_type (message) == QFU_FRAME_SECURITY && security->attributes->len == 0 &&
      security->id == NULL) {
    security->id = g_strdup (qfu_message_text (message, QFU_FIELD_VALUE, 0));
    return TRUE;
  }
  if (qfu_message_type (message) == QFU_FRAME_ATTRIBUTE && security->id != NULL &&
      security->attributes->len < QFU_FWUPD_ATTRIBUTES_MAX)
    return take_attribute (security, message, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
               "qfu-fwupd sent something else than the security of the host: %s",
               qfu_message_name (message));
  return FALSE;
}

QfuSecurity *
qfu_fwupd_security (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuSecurity) security = g_new0 (QfuSecurity, 1);

  security->attributes = g_ptr_array_new_with_free_func (attribute_free);
  if (!qfu_fwupd_ask (config, "security", NULL, take, security, error))
    return NULL;
  if (security->id != NULL && *security->id == '\0')
    g_clear_pointer (&security->id, g_free);
  return g_steal_pointer (&security);
}
