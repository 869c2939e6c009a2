/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-keys.h"

#include "qfu-error.h"

#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_files (const char *directory, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (directory, 0, &local);
  const char *name;

  if (dir == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "the directory of accepted authorities cannot be read: %s", local->message);
    return NULL;
  }
  while ((name = g_dir_read_name (dir)) != NULL) {
    if (g_str_has_suffix (name, ".pem") || g_str_has_suffix (name, ".crt"))
      g_ptr_array_add (names, g_strdup (name));
  }
  if (names->len == 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s holds no authority: no certificate file *.pem or *.crt", directory);
    return NULL;
  }
  if (names->len > QFU_KEYS_FILES_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s holds %u certificate files, more than %d",
                 directory, names->len, QFU_KEYS_FILES_MAX);
    return NULL;
  }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* A file that holds something else would be an authority that silently does not count. */
static gboolean
append_file (QfuBlobBuilder *builder, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr (GError) local = NULL;

  if (!g_file_get_contents (path, &text, &size, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "an authority cannot be read: %s", local->message);
    return FALSE;
  }
  if (g_strstr_len (text, (gssize)size, "-----BEGIN CERTIFICATE-----") == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s holds no certificate in PEM format", path);
    return FALSE;
  }
  if (!qfu_blob_builder_append (builder, text, size, error) ||
      !qfu_blob_builder_append (builder, "\n", 1, error)) {
    g_prefix_error (error, "authorities up to %s: ", path);
    return FALSE;
  }
  return TRUE;
}

QfuUntrustedBlob *
qfu_keys_load (const char *directory, GError **error)
{
  g_autoptr (GPtrArray) names = list_files (directory, error);
  g_autoptr (QfuBlobBuilder) builder = NULL;

  if (names == NULL)
    return NULL;
  builder = qfu_blob_builder_new (QFU_KEYS_SIZE_MAX, error);
  if (builder == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (directory, g_ptr_array_index (names, i), NULL);

    if (!append_file (builder, path, error))
      return NULL;
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}
