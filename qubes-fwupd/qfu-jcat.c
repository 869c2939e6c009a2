/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-jcat.h"

#include "qfu-error.h"
#include "qfu-worker.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define FLAG_TEXT 1
#define PEM_LINE 64

struct _QfuJcat {
  GPtrArray *items; /* of QfuJcatItem */
};

static void
blob_clear (gpointer blob)
{
  g_bytes_unref (((QfuJcatBlob *)blob)->data);
}

static void
item_free (gpointer data)
{
  QfuJcatItem *item = data;

  g_free (item->id);
  g_strfreev (item->aliases);
  g_array_unref (item->blobs);
  g_free (item);
}

void
qfu_jcat_free (QfuJcat *jcat)
{
  if (jcat == NULL)
    return;
  g_ptr_array_unref (jcat->items);
  g_free (jcat);
}

guint
qfu_jcat_size (const QfuJcat *jcat)
{
  return jcat->items->len;
}

const QfuJcatItem *
qfu_jcat_item (const QfuJcat *jcat, guint index)
{
  return g_ptr_array_index (jcat->items, index);
}

gboolean
qfu_jcat_item_is (const QfuJcatItem *item, const char *name)
{
  return strcmp (item->id, name) == 0 || g_strv_contains ((const char *const *)item->aliases, name);
}

gboolean
qfu_jcat_states (const QfuJcat *jcat, const char *name, QfuJcatKind kind)
{
  for (guint i = 0; i < jcat->items->len; i++) {
    const QfuJcatItem *item = g_ptr_array_index (jcat->items, i);

    for (guint b = 0; b < item->blobs->len && qfu_jcat_item_is (item, name); b++) {
      if (g_array_index (item->blobs, QfuJcatBlob, b).kind == (guint)kind)
        return TRUE;
    }
  }
  return FALSE;
}

char **
qfu_jcat_stated (const QfuJcat *jcat, const char *name)
{
  static const struct {
    QfuJcatKind kind;
    const char *name;
  } kinds[] = {{QFU_JCAT_SHA256, "sha256"}, {QFU_JCAT_SHA512, "sha512"}};
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++) {
    if (qfu_jcat_states (jcat, name, kinds[k].kind))
      g_strv_builder_add (names, kinds[k].name);
  }
  return g_strv_builder_end (names);
}

static QfuJcatItem *
item_new (const QfuMessage *message)
{
  QfuJcatItem *item = g_new0 (QfuJcatItem, 1);
  g_autoptr (GStrvBuilder) aliases = g_strv_builder_new ();

  item->id = g_strdup (qfu_message_text (message, QFU_FIELD_ID, 0));
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_ALIAS); i++)
    g_strv_builder_add (aliases, qfu_message_text (message, QFU_FIELD_ALIAS, i));
  item->aliases = g_strv_builder_end (aliases);
  item->blobs = g_array_new (FALSE, FALSE, sizeof (QfuJcatBlob));
  g_array_set_clear_func (item->blobs, blob_clear);
  return item;
}

static gboolean
take_blob (QfuJcat *jcat, const QfuMessage *message, GError **error)
{
  QfuJcatItem *item =
      jcat->items->len == 0 ? NULL : g_ptr_array_index (jcat->items, jcat->items->len - 1);
  const guint8 *data;
  gsize size;
  guint64 kind;

  if (item == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "JCAT_BLOB before any JCAT_ITEM");
    return FALSE;
  }
  if (item->blobs->len >= QFU_JCAT_BLOBS_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "more than %d blobs in an item",
                 QFU_JCAT_BLOBS_MAX);
    return FALSE;
  }
  if (!qfu_message_number (message, QFU_FIELD_KIND, 0, QFU_JCAT_KIND_MAX, &kind, error))
    return FALSE;
  data = qfu_message_bytes (message, QFU_FIELD_BLOB, 0, &size);
  QfuJcatBlob blob = {(guint)kind, g_bytes_new (data, size)};
  g_array_append_val (item->blobs, blob);
  return TRUE;
}

static gboolean
shares_name (const QfuJcatItem *item, const QfuJcatItem *other)
{
  gboolean shares = qfu_jcat_item_is (other, item->id);

  for (gsize i = 0; item->aliases[i] != NULL; i++)
    shares = shares || qfu_jcat_item_is (other, item->aliases[i]);
  return shares;
}

/* Each item of a file's name has signatures to look at, and each takes a worker. */
static gboolean
has_namesakes (const QfuJcat *jcat, const QfuJcatItem *item)
{
  guint count = 1;

  for (guint i = 0; i < jcat->items->len; i++)
    count += shares_name (item, g_ptr_array_index (jcat->items, i));
  return count > QFU_JCAT_NAMESAKES_MAX;
}

static gboolean
take_message (QfuJcat *jcat, const QfuMessage *message, GError **error)
{
  QfuJcatItem *item;

  if (qfu_message_type (message) == QFU_FRAME_JCAT_BLOB)
    return take_blob (jcat, message, error);
  if (qfu_message_type (message) != QFU_FRAME_JCAT_ITEM) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for jcat sent %s",
                 qfu_message_name (message));
    return FALSE;
  }
  if (jcat->items->len >= QFU_JCAT_ITEMS_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "more than %d items in a jcat file",
                 QFU_JCAT_ITEMS_MAX);
    return FALSE;
  }
  item = item_new (message);
  if (has_namesakes (jcat, item)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "more than %d items of one name in a jcat file",
                 QFU_JCAT_NAMESAKES_MAX);
    item_free (item);
    return FALSE;
  }
  g_ptr_array_add (jcat->items, item);
  return TRUE;
}

QfuJcat *
qfu_jcat_read (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, QFU_OP_JCAT, NULL, &blob, 1, error);
  g_autoptr (QfuJcat) jcat = g_new0 (QfuJcat, 1);

  jcat->items = g_ptr_array_new_with_free_func (item_free);
  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return NULL;
    if (message == NULL)
      return g_steal_pointer (&jcat);
    if (!take_message (jcat, message, error))
      return NULL;
  }
  return NULL;
}

/* libjcat takes signatures in PEM format alone; a jcat file may hold either. */
static char *
pem_of (GBytes *pkcs7)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (pkcs7, &size);
  g_autofree char *base64 = NULL;
  GString *pem;

  if (size > 0 && data[0] == '-')
    return g_strndup ((const char *)data, size);
  base64 = g_base64_encode (data, size);
  pem = g_string_new ("-----BEGIN PKCS7-----\n");
  for (gsize at = 0; base64[at] != '\0'; at += strnlen (base64 + at, PEM_LINE))
    g_string_append_printf (pem, "%.*s\n", PEM_LINE, base64 + at);
  g_string_append (pem, "-----END PKCS7-----\n");
  return g_string_free (pem, FALSE);
}

static void
build_blob (JsonBuilder *builder, QfuJcatKind kind, const char *text)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "Kind");
  json_builder_add_int_value (builder, kind);
  json_builder_set_member_name (builder, "Flags");
  json_builder_add_int_value (builder, FLAG_TEXT);
  json_builder_set_member_name (builder, "Data");
  json_builder_add_string_value (builder, text);
  json_builder_end_object (builder);
}

static void
build_item (JsonBuilder *builder, const QfuJcatEntry *entry)
{
  g_autofree char *hex = qfu_digest_to_hex (entry->sha256);
  g_autofree char *pem = pem_of (entry->pkcs7);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "Id");
  json_builder_add_string_value (builder, entry->id);
  if (entry->aliases != NULL && entry->aliases[0] != NULL) {
    json_builder_set_member_name (builder, "AliasIds");
    json_builder_begin_array (builder);
    for (gsize i = 0; entry->aliases[i] != NULL; i++)
      json_builder_add_string_value (builder, entry->aliases[i]);
    json_builder_end_array (builder);
  }
  json_builder_set_member_name (builder, "Blobs");
  json_builder_begin_array (builder);
  build_blob (builder, QFU_JCAT_SHA256, hex);
  build_blob (builder, QFU_JCAT_PKCS7, pem);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static GBytes *
compress (const char *text, gsize size)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));
  gboolean ok = g_output_stream_write_all (stream, text, size, NULL, NULL, NULL) &&
                g_output_stream_close (stream, NULL, NULL);

  g_assert (ok); /* memory to memory */
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

GBytes *
qfu_jcat_write (const QfuJcatEntry *entries, gsize n_entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "JcatVersionMajor");
  json_builder_add_int_value (builder, 0);
  json_builder_set_member_name (builder, "JcatVersionMinor");
  json_builder_add_int_value (builder, 1);
  json_builder_set_member_name (builder, "Items");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n_entries; i++)
    build_item (builder, &entries[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  return compress (text, strlen (text));
}

GBytes *
qfu_jcat_rebuild (const char *id,
                  const char *const *aliases,
                  const QfuDigest *sha256,
                  GBytes *pkcs7)
{
  const QfuJcatEntry entry = {id, aliases, sha256, pkcs7};

  return qfu_jcat_write (&entry, 1);
}
