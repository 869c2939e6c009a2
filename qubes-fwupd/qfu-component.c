/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-component.h"

#include "qfu-device.h"
#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

static void
requirement_free (gpointer data)
{
  QfuRequirement *requirement = data;

  g_free (requirement->compare);
  g_free (requirement->version);
  g_free (requirement->value);
  g_free (requirement);
}

static void
release_free (gpointer data)
{
  QfuComponentRelease *release = data;

  g_free (release->version);
  g_free (release->urgency);
  g_free (release->location);
  g_free (release->description);
  g_free (release->content_name);
  g_strfreev (release->cves);
  g_strfreev (release->device_checksums);
  g_free (release);
}

void
qfu_component_free (QfuComponent *component)
{
  if (component == NULL)
    return;
  g_free (component->id);
  g_free (component->broken);
  g_free (component->name);
  g_free (component->summary);
  g_free (component->vendor);
  g_free (component->branch);
  g_free (component->version_format);
  g_free (component->protocol);
  g_strfreev (component->guids);
  g_ptr_array_unref (component->requirements);
  g_ptr_array_unref (component->releases);
  g_free (component);
}

static gboolean
unfit (const QfuMessage *message, const char *what, const char *value, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s with the unfit %s \"%s\"",
               qfu_message_name (message), what, value);
  return FALSE;
}

/* The text of @field, %NULL when absent or empty. */
static char *
text_or_null (const QfuMessage *message, QfuField field)
{
  const char *text = qfu_message_text (message, field, 0);

  return text == NULL || *text == '\0' ? NULL : g_strdup (text);
}

/* One word of printable characters without a space or quotes. */
static gboolean
word_ok (const char *text)
{
  return *text != '\0' && strpbrk (text, " \"'`\\") == NULL;
}

static gboolean
location_ok (const char *text)
{
  if (!word_ok (text))
    return FALSE;
  if (g_str_has_prefix (text, "https://"))
    return TRUE;
  /* beside the metadata: no other scheme, no absolute path, no way up */
  return strchr (text, ':') == NULL && *text != '/' && strstr (text, "..") == NULL;
}

static gboolean
member_name_ok (const char *text)
{
  return *text != '\0' && strchr (text, '/') == NULL && strchr (text, '\\') == NULL &&
         strcmp (text, ".") != 0 && strcmp (text, "..") != 0;
}

static gboolean
check_texts (const QfuMessage *message, GError **error)
{
  const char *untrusted_version = qfu_message_text (message, QFU_FIELD_VERSION, 0);
  const char *untrusted_location = qfu_message_text (message, QFU_FIELD_LOCATION, 0);
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_CONTENT_NAME, 0);

  if (!word_ok (untrusted_version))
    return unfit (message, "version", untrusted_version, error);
  if (untrusted_location != NULL && !location_ok (untrusted_location))
    return unfit (message, "location", untrusted_location, error);
  if (untrusted_name != NULL && !member_name_ok (untrusted_name))
    return unfit (message, "name of the payload", untrusted_name, error);
  return TRUE;
}

/* Stores the digest of @field; %FALSE when it is there and no SHA-256. */
static gboolean
read_digest (const QfuMessage *message, QfuField field, gboolean *has, QfuDigest *out)
{
  gsize size;
  const guint8 *untrusted_bytes = qfu_message_bytes (message, field, 0, &size);

  *has = untrusted_bytes != NULL;
  return !*has || qfu_digest_set (out, QFU_HASH_SHA256, untrusted_bytes, size);
}

static gboolean
optional_number (
    const QfuMessage *message, QfuField field, guint64 max, guint64 *out, GError **error)
{
  *out = 0;
  return qfu_message_count (message, field) == 0 ||
         qfu_message_number (message, field, 0, max, out, error);
}

static gboolean
add_release (QfuComponent *component, const QfuMessage *message, GError **error)
{
  QfuComponentRelease *release;

  if (!check_texts (message, error))
    return FALSE;
  release = g_new0 (QfuComponentRelease, 1);
  g_ptr_array_add (component->releases, release);
  if (!read_digest (message, QFU_FIELD_SHA256, &release->has_sha256, &release->sha256) ||
      !read_digest (message, QFU_FIELD_CONTENT_SHA256, &release->has_content, &release->content))
    return unfit (message, "digest", "", error);
  if (!optional_number (message, QFU_FIELD_TIME, G_MAXINT64, &release->time, error) ||
      !optional_number (message, QFU_FIELD_SIZE, QFU_CAB_SIZE_MAX, &release->size, error) ||
      !optional_number (message, QFU_FIELD_INSTALLED_SIZE, G_MAXINT64, &release->installed_size,
                        error) ||
      !optional_number (message, QFU_FIELD_DURATION, QFU_RELEASE_DURATION_MAX, &release->duration,
                        error))
    return FALSE;
  release->version = text_or_null (message, QFU_FIELD_VERSION);
  release->urgency = text_or_null (message, QFU_FIELD_URGENCY);
  release->location = text_or_null (message, QFU_FIELD_LOCATION);
  release->description = text_or_null (message, QFU_FIELD_DESCRIPTION);
  release->content_name = text_or_null (message, QFU_FIELD_CONTENT_NAME);
  release->cves = qfu_message_text_array (message, QFU_FIELD_CVE);
  release->device_checksums = qfu_message_text_array (message, QFU_FIELD_DEVICE_CHECKSUM);
  return TRUE;
}

static gboolean
add_requirement (QfuComponent *component, const QfuMessage *message, GError **error)
{
  QfuRequirement *requirement;
  guint64 kind;

  if (!qfu_message_number (message, QFU_FIELD_KIND, 1, QFU_REQUIREMENT_LAST, &kind, error))
    return FALSE;
  requirement = g_new0 (QfuRequirement, 1);
  requirement->kind = (QfuRequirementKind)kind;
  requirement->compare = text_or_null (message, QFU_FIELD_COMPARE);
  requirement->version = text_or_null (message, QFU_FIELD_VERSION);
  requirement->value = text_or_null (message, QFU_FIELD_VALUE);
  g_ptr_array_add (component->requirements, requirement);
  return TRUE;
}

/* (transfer full) (nullable): why the worker could not express the component. */
static char *
broken_reason (const QfuMessage *message)
{
  const char *reason = qfu_message_text (message, QFU_FIELD_SUMMARY, 0);

  if ((qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0) &
       QFU_COMPONENT_BROKEN) == 0)
    return NULL;
  return reason != NULL ? g_strdup (reason)
                        : g_strdup_printf ("component %s: it is broken",
                                           qfu_message_text (message, QFU_FIELD_ID, 0));
}

static gboolean
add_component (GPtrArray *components, const QfuMessage *message, GError **error)
{
  QfuComponent *component;
  const char *untrusted_id = qfu_message_text (message, QFU_FIELD_ID, 0);

  if (!word_ok (untrusted_id))
    return unfit (message, "id", untrusted_id, error);
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_GUID); i++) {
    const char *untrusted_guid = qfu_message_text (message, QFU_FIELD_GUID, i);

    if (!qfu_guid_ok (untrusted_guid))
      return unfit (message, "GUID", untrusted_guid, error);
  }
  component = g_new0 (QfuComponent, 1);
  component->id = g_strdup (untrusted_id);
  component->broken = broken_reason (message);
  component->name = text_or_null (message, QFU_FIELD_NAME);
  component->summary = text_or_null (message, QFU_FIELD_SUMMARY);
  component->vendor = text_or_null (message, QFU_FIELD_VENDOR);
  component->branch = text_or_null (message, QFU_FIELD_BRANCH);
  component->version_format = text_or_null (message, QFU_FIELD_VERSION_FORMAT);
  component->protocol = text_or_null (message, QFU_FIELD_UPDATE_PROTOCOL);
  component->guids = qfu_message_text_array (message, QFU_FIELD_GUID);
  component->requirements = g_ptr_array_new_with_free_func (requirement_free);
  component->releases = g_ptr_array_new_with_free_func (release_free);
  g_ptr_array_add (components, component);
  return TRUE;
}

gboolean
qfu_component_add_frame (GPtrArray *components, const QfuMessage *message, GError **error)
{
  QfuFrameType type = qfu_message_type (message);
  QfuComponent *last =
      components->len == 0 ? NULL : g_ptr_array_index (components, components->len - 1);

  if (last != NULL && last->broken != NULL)
    last = NULL; /* nothing belongs to it */
  if (type == QFU_FRAME_COMPONENT && components->len < QFU_CATALOG_COMPONENTS_MAX)
    return add_component (components, message, error);
  if (type == QFU_FRAME_REQUIREMENT && last != NULL && last->releases->len == 0 &&
      last->requirements->len < QFU_COMPONENT_REQUIREMENTS_MAX)
    return add_requirement (last, message, error);
  if (type == QFU_FRAME_RELEASE && last != NULL && last->releases->len < QFU_COMPONENT_RELEASES_MAX)
    return add_release (last, message, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s out of order or too often",
               qfu_message_name (message));
  return FALSE;
}

GPtrArray *
qfu_component_collect (QfuProcess *process, GError **error)
{
  g_autoptr (GPtrArray) components =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_component_free);

  for (;;) {
    g_autoptr (QfuMessage) message = NULL;
    const QfuComponent *last;

    if (!qfu_process_next (process, &message, error))
      return NULL;
    if (message == NULL)
      return g_steal_pointer (&components);
    if (!qfu_component_add_frame (components, message, error))
      return NULL;
    last = g_ptr_array_index (components, components->len - 1);
    if (last->broken != NULL) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, last->broken);
      return NULL;
    }
  }
}
