/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbmarks.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-jsonread.h"
#include "qfu-limits.h"
#include "qfu-text.h"
#include "qfu-version.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define NAME "usb-versions.json"
#define SCHEMA "qubes-fwupd-usb-versions-1"

/* The texts of a mark, by their JSON names, in the order of the file. */
static const struct {
  const char *name;
  gsize offset;
} texts[] = {
    {"domain", G_STRUCT_OFFSET (QfuUsbMark, domain)},
    {"deviceId", G_STRUCT_OFFSET (QfuUsbMark, device)},
    {"guid", G_STRUCT_OFFSET (QfuUsbMark, guid)},
    {"version", G_STRUCT_OFFSET (QfuUsbMark, version)},
    {"versionFormat", G_STRUCT_OFFSET (QfuUsbMark, format)},
};

static char **
text_of (QfuUsbMark *mark, gsize i)
{
  return (char **)G_STRUCT_MEMBER_P (mark, texts[i].offset);
}

static void
mark_free (gpointer data)
{
  QfuUsbMark *mark = data;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_of (mark, i));
  g_free (mark);
}

static QfuUsbMark *
mark_copy (const QfuUsbMark *mark)
{
  QfuUsbMark *copy = g_memdup2 (mark, sizeof *mark);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    *text_of (copy, i) = g_strdup (*text_of (copy, i));
  return copy;
}

static void
add_mark (JsonBuilder *builder, QfuUsbMark *mark)
{
  json_builder_begin_object (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    json_builder_set_member_name (builder, texts[i].name);
    json_builder_add_string_value (builder, *text_of (mark, i));
  }
  json_builder_set_member_name (builder, "time");
  json_builder_add_int_value (builder, mark->time);
  json_builder_end_object (builder);
}

static char *
marks_to_text (const GPtrArray *marks)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  json_builder_add_string_value (builder, SCHEMA);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < marks->len; i++)
    add_mark (builder, g_ptr_array_index (marks, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

static gboolean
read_mark (JsonNode *node, GPtrArray *marks)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  QfuUsbMark *mark;

  if (object == NULL)
    return FALSE;
  mark = g_new0 (QfuUsbMark, 1);
  g_ptr_array_add (marks, mark);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    const char *value = qfu_json_member_text (object, texts[i].name);

    if (value == NULL || value[0] == '\0')
      return FALSE;
    *text_of (mark, i) = qfu_text_clean (value);
  }
  mark->time = qfu_json_member_number (object, "time");
  return mark->time > 0;
}

static JsonArray *
devices_of (JsonNode *root)
{
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode *devices = object == NULL ? NULL : json_object_get_member (object, "devices");

  return devices != NULL && JSON_NODE_HOLDS_ARRAY (devices) ? json_node_get_array (devices) : NULL;
}

/* Good is only what we would have written, byte by byte. */
static gboolean
marks_from_text (const char *text, GPtrArray *marks)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonArray *devices = devices_of (root);
  g_autofree char *again = NULL;

  for (guint i = 0; devices != NULL && i < json_array_get_length (devices); i++) {
    if (!read_mark (json_array_get_element (devices, i), marks))
      return FALSE;
  }
  again = marks_to_text (marks);
  return devices != NULL && marks->len <= QFU_USBMARKS_MAX && strcmp (again, text) == 0;
}

GPtrArray *
qfu_usbmarks_load (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) marks = g_ptr_array_new_with_free_func (mark_free);
  g_autoptr (GError) local = NULL;
  g_autofree char *text = qfu_durable_read (config->state, NAME, QFU_USBMARKS_TEXT_MAX, &local);

  if (text == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return g_steal_pointer (&marks);
  if (text == NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  if (marks_from_text (text, marks))
    return g_steal_pointer (&marks);
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_FORMAT,
      "%s/" NAME " is damaged. It says which versions were read back from devices of USB "
      "qubes; without it a qube that claims an older one cannot be told. Restore it from a "
      "backup, or move it out of that folder, which forgets them",
      config->state);
  return NULL;
}

static gboolean
is_of (const QfuUsbMark *mark, const char *domain, const char *device)
{
  return strcmp (mark->domain, domain) == 0 && strcmp (mark->device, device) == 0;
}

gboolean
qfu_usbmarks_check (const QfuConfig *config,
                    const QfuDevice *device,
                    const char *version,
                    const char *format,
                    GError **error)
{
  g_autoptr (GPtrArray) marks = qfu_usbmarks_load (config, error);

  if (marks == NULL)
    return FALSE;
  for (guint i = 0; i < marks->len; i++) {
    const QfuUsbMark *mark = g_ptr_array_index (marks, i);

    if (!is_of (mark, device->domain, device->id) || !qfu_device_has_guid (device, mark->guid))
      continue;
    if (version != NULL && qfu_version_compare (version, mark->version, format) >= 0)
      continue;
    return qfu_error_refuse (
        error,
        "%s reports version %s, but %s was read back from this device after an update from here. "
        "Either the qube lies, or the device was changed elsewhere, or it is another one of the "
        "same kind: if you know which, --allow-older goes on",
        device->domain, device->version == NULL ? "unknown" : device->version, mark->version);
  }
  return TRUE;
}

gboolean
qfu_usbmarks_keep (const QfuConfig *config, const QfuUsbMark *mark, GError **error)
{
  g_autoptr (GPtrArray) marks = qfu_usbmarks_load (config, error);
  g_autofree char *text = NULL;

  if (marks == NULL)
    return FALSE;
  for (guint i = marks->len; i > 0; i--) {
    const QfuUsbMark *old = g_ptr_array_index (marks, i - 1);

    if (is_of (old, mark->domain, mark->device) && strcmp (old->guid, mark->guid) == 0)
      g_ptr_array_remove_index (marks, i - 1);
  }
  if (marks->len >= QFU_USBMARKS_MAX)
    g_ptr_array_remove_range (marks, 0, marks->len - QFU_USBMARKS_MAX + 1);
  g_ptr_array_add (marks, mark_copy (mark));
  text = marks_to_text (marks);
  return qfu_durable_write (config->state, NAME, text, error);
}
