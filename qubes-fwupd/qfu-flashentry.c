/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashentry.h"

#include "qfu-error.h"
#include "qfu-jsonread.h"
#include "qfu-limits.h"
#include "qfu-range.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define SCHEMA "qubes-fwupd-flashjournal-1"

static const char *const state_names[] = {
    [QFU_FLASH_INTENT] = "intent",
    [QFU_FLASH_NEW] = "new",
    [QFU_FLASH_OLD] = "old",
    [QFU_FLASH_NEITHER] = "neither",
};

/* The strings and digests of an entry, by their JSON names. */
static const struct {
  const char *name;
  gsize offset;
} strings[] =
    {
        {"reason", G_STRUCT_OFFSET (QfuFlashEntry, reason)},
        {"bootId", G_STRUCT_OFFSET (QfuFlashEntry, boot_id)},
        {"stateBootId", G_STRUCT_OFFSET (QfuFlashEntry, state_boot_id)},
        {"deviceId", G_STRUCT_OFFSET (QfuFlashEntry, device_id)},
        {"programmer", G_STRUCT_OFFSET (QfuFlashEntry, programmer)},
},
  digests[] = {
      {"oldImage", G_STRUCT_OFFSET (QfuFlashEntry, old_image)},
      {"newImage", G_STRUCT_OFFSET (QfuFlashEntry, new_image)},
};

const char *
qfu_flash_state_name (QfuFlashState state)
{
  return state_names[state];
}

static void
step_free (gpointer step)
{
  qfu_step_free (step);
}

QfuFlashEntry *
qfu_flash_entry_new (void)
{
  QfuFlashEntry *entry = g_new0 (QfuFlashEntry, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    *(char **)G_STRUCT_MEMBER_P (entry, strings[i].offset) = g_strdup ("");
  entry->state = QFU_FLASH_INTENT;
  entry->steps = g_ptr_array_new_with_free_func (step_free);
  entry->preserved = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  entry->unread = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  return entry;
}

void
qfu_flash_entry_free (QfuFlashEntry *entry)
{
  if (entry == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*(char **)G_STRUCT_MEMBER_P (entry, strings[i].offset));
  g_ptr_array_unref (entry->steps);
  g_array_unref (entry->preserved);
  g_array_unref (entry->unread);
  g_free (entry);
}

gboolean
qfu_flash_entry_unfinished (const QfuFlashEntry *entry)
{
  return entry->state == QFU_FLASH_INTENT || entry->state == QFU_FLASH_NEITHER;
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)value);
}

/* [[offset, length], …] */
static void
add_ranges (JsonBuilder *builder, const char *name, const GArray *ranges)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    json_builder_begin_array (builder);
    json_builder_add_int_value (builder, (gint64)range->offset);
    json_builder_add_int_value (builder, (gint64)range->length);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

static void
add_steps (JsonBuilder *builder, const GPtrArray *steps)
{
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (steps, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "name");
    json_builder_add_string_value (builder, step->name);
    json_builder_set_member_name (builder, "window");
    json_builder_add_boolean_value (builder, step->window);
    add_ranges (builder, "ranges", step->ranges);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

char *
qfu_flash_entry_to_text (const QfuFlashEntry *entry)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  json_builder_add_string_value (builder, SCHEMA);
  add_number (builder, "entry", entry->id);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, state_names[entry->state]);
  add_number (builder, "record", entry->record);
  add_number (builder, "time", (guint64)entry->time);
  add_number (builder, "stateTime", (guint64)entry->state_time);
  add_number (builder, "size", entry->size);
  add_number (builder, "bytesWritten", entry->bytes_written);
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++) {
    json_builder_set_member_name (builder, strings[i].name);
    json_builder_add_string_value (builder,
                                   *(char *const *)G_STRUCT_MEMBER_P (entry, strings[i].offset));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++) {
    const QfuDigest *digest = (const QfuDigest *)G_STRUCT_MEMBER_P (entry, digests[i].offset);
    g_autofree char *hex = qfu_digest_to_hex (digest);

    json_builder_set_member_name (builder, digests[i].name);
    json_builder_add_string_value (builder, hex);
  }
  add_steps (builder, entry->steps);
  add_ranges (builder, "preserved", entry->preserved);
  add_ranges (builder, "unread", entry->unread);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
read_ranges (JsonObject *object, const char *name, guint64 size, GArray *ranges)
{
  JsonArray *array = get_array (object, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
    gint64 numbers[2];
    QfuRange range;

    if (pair == NULL || json_array_get_length (pair) != 2)
      return FALSE;
    for (guint k = 0; k < 2; k++)
      numbers[k] = qfu_json_node_number (json_array_get_element (pair, k));
    if (numbers[0] < 0 || numbers[1] < 0)
      return FALSE;
    range = (QfuRange){(guint64)numbers[0], (guint64)numbers[1]};
    g_array_append_val (ranges, range);
  }
  return array != NULL && qfu_ranges_check (ranges, size, NULL);
}

/* What is written is whole erase blocks, each once. */
static gboolean
check_blocks (const GArray *ranges, guint8 *taken)
{
  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (range->offset % QFU_ERASE_BLOCK != 0 || range->length % QFU_ERASE_BLOCK != 0)
      return FALSE;
    for (guint64 at = range->offset; at < range->offset + range->length; at += QFU_ERASE_BLOCK) {
      if (taken[at / QFU_ERASE_BLOCK]++ != 0)
        return FALSE;
    }
  }
  return ranges->len > 0;
}

static gboolean
read_step (QfuFlashEntry *entry, JsonNode *node, guint8 *taken)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = object == NULL ? NULL : qfu_json_member_text (object, "name");
  JsonNode *window = object == NULL ? NULL : json_object_get_member (object, "window");
  GArray *ranges;

  if (name == NULL || window == NULL || !JSON_NODE_HOLDS_VALUE (window) ||
      json_node_get_value_type (window) != G_TYPE_BOOLEAN)
    return FALSE;
  ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  g_ptr_array_add (entry->steps,
                   qfu_step_new (g_strdup (name), ranges, json_node_get_boolean (window)));
  return read_ranges (object, "ranges", entry->size, ranges) && check_blocks (ranges, taken);
}

static gboolean
read_steps (QfuFlashEntry *entry, JsonObject *object)
{
  JsonArray *array = get_array (object, "steps");
  g_autofree guint8 *taken = g_malloc0 (entry->size / QFU_ERASE_BLOCK + 1);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    if (!read_step (entry, json_array_get_element (array, i), taken))
      return FALSE;
  }
  return array != NULL;
}

static gboolean
read_numbers (QfuFlashEntry *entry, JsonObject *object)
{
  gint64 id = qfu_json_member_number (object, "entry");
  gint64 record = qfu_json_member_number (object, "record");
  gint64 size = qfu_json_member_number (object, "size");
  gint64 written = qfu_json_member_number (object, "bytesWritten");
  const char *state = qfu_json_member_text (object, "state");

  entry->time = qfu_json_member_number (object, "time");
  entry->state_time = qfu_json_member_number (object, "stateTime");
  entry->state = 0;
  for (guint i = QFU_FLASH_INTENT; state != NULL && i < G_N_ELEMENTS (state_names); i++) {
    if (strcmp (state_names[i], state) == 0)
      entry->state = (QfuFlashState)i;
  }
  if (entry->state == 0 || entry->time < 0 || entry->state_time < 0 || id < 1 ||
      id > QFU_FLASHJOURNAL_ENTRIES_MAX || record < 0 || record > G_MAXINT32 || written < 0 ||
      size < 1 || size > QFU_ROM_SIZE_MAX)
    return FALSE;
  entry->id = (guint)id;
  entry->record = (guint)record;
  entry->size = (guint64)size;
  entry->bytes_written = (guint64)written;
  return TRUE;
}

static gboolean
read_texts (QfuFlashEntry *entry, JsonObject *object)
{
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++) {
    const char *value = qfu_json_member_text (object, strings[i].name);
    char **member = (char **)G_STRUCT_MEMBER_P (entry, strings[i].offset);

    if (value == NULL)
      return FALSE;
    g_free (*member);
    *member = g_strdup (value);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++) {
    const char *hex = qfu_json_member_text (object, digests[i].name);

    if (hex == NULL ||
        !qfu_digest_from_hex ((QfuDigest *)G_STRUCT_MEMBER_P (entry, digests[i].offset),
                              QFU_HASH_SHA256, hex))
      return FALSE;
  }
  return TRUE;
}

QfuFlashEntry *
qfu_flash_entry_parse (const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (QfuFlashEntry) entry = qfu_flash_entry_new ();
  g_autoptr (GError) local = NULL;
  JsonNode *root = NULL;
  JsonObject *object;

  if (json_parser_load_from_data (parser, text, -1, &local))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "no JSON object: %s",
                 local == NULL ? "something else" : local->message);
    return NULL;
  }
  object = json_node_get_object (root);
  if (g_strcmp0 (qfu_json_member_text (object, "schema"), SCHEMA) == 0 &&
      read_numbers (entry, object) && read_texts (entry, object) && read_steps (entry, object) &&
      read_ranges (object, "preserved", entry->size, entry->preserved) &&
      read_ranges (object, "unread", entry->size, entry->unread))
    return g_steal_pointer (&entry);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                       "the entry lacks a member or holds an unfit one");
  return NULL;
}
