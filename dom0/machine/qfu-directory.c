/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-directory.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <stdlib.h>
#include <string.h>

gboolean
qfu_directory_is (const QfuRemote *remote)
{
  return remote->enabled && remote->kind == QFU_REMOTE_KIND_DIRECTORY && remote->path != NULL;
}

const QfuRemote *
qfu_directory_remote (const GPtrArray *remotes, const char *file)
{
  char *real = realpath (file, NULL);
  g_autofree char *folder = real == NULL ? NULL : g_path_get_dirname (real);
  const QfuRemote *found = NULL;

  free (real);
  for (guint i = 0; folder != NULL && found == NULL && i < remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (remotes, i);
    char *path = qfu_directory_is (remote) ? realpath (remote->path, NULL) : NULL;

    if (path != NULL && strcmp (path, folder) == 0)
      found = remote;
    free (path);
  }
  return found;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
qfu_directory_cabs (const QfuRemote *remote, GError **error)
{
  g_autoptr (GPtrArray) cabs = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (remote->path, 0, &local);
  const char *name;

  if (folder == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "remote %s: %s", remote->id, local->message);
    return NULL;
  }
  while ((name = g_dir_read_name (folder)) != NULL) {
    if (name[0] != '.' && g_str_has_suffix (name, ".cab"))
      g_ptr_array_add (cabs, g_build_filename (remote->path, name, NULL));
  }
  g_ptr_array_sort (cabs, compare_paths);
  if (cabs->len <= QFU_DIRECTORY_CABS_MAX)
    return g_steal_pointer (&cabs);
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "remote %s: %s holds more than %d cabs",
               remote->id, remote->path, QFU_DIRECTORY_CABS_MAX);
  return NULL;
}
