/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cache.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-signal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
component_ok (const char *name, gsize max)
{
  gsize length = strnlen (name, max + 1);

  return length > 0 && length <= max && name[0] != '.' &&
         strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-") == length;
}

gboolean
qfu_cache_id_ok (const char *id)
{
  return component_ok (id, QFU_CACHE_ID_MAX);
}

/* (transfer full): the folder's path, once folder and name are known to be harmless. */
static char *
cache_folder (const QfuConfig *config, const char *folder, const char *name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (folder, "/", 3);
  guint n = g_strv_length (parts);
  gboolean ok = (n == 1 || n == 2) && component_ok (name, QFU_CACHE_NAME_MAX);

  for (guint i = 0; ok && i < n; i++)
    ok = component_ok (parts[i], QFU_CACHE_ID_MAX);
  if (ok)
    return g_build_filename (config->cache, folder, NULL);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "this is no name for a cached file");
  return NULL;
}

QfuUntrustedBlob *
qfu_cache_load (
    const QfuConfig *config, const char *folder, const char *name, guint64 max, GError **error)
{
  g_autofree char *directory = cache_folder (config, folder, name, error);
  g_autofree char *path = directory == NULL ? NULL : g_build_filename (directory, name, NULL);

  if (path == NULL)
    return NULL;
  if (access (path, F_OK) != 0 && errno == ENOENT) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "%s is not in the cache", name);
    return NULL;
  }
  return qfu_untrusted_blob_load (path, max, TRUE, error);
}

/* Writes a temporary file in @directory, whose name the caller renames or removes. */
static gboolean
write_temporary (const char *template_path,
                 char *path,
                 const QfuUntrustedBlob *blob,
                 GError **error)
{
  g_auto (QfuFd) fd = mkostemp (path, O_CLOEXEC);

  if (fd < 0)
    return qfu_error_errno (error, errno, "%s cannot be made", template_path);
  if (!qfu_untrusted_blob_write_to (blob, fd, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  if (fchmod (fd, 0644) != 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "%s cannot be kept", path);
  return TRUE;
}

static gboolean
sync_directory (const char *directory, GError **error)
{
  g_auto (QfuFd) fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", directory);
  return TRUE;
}

gboolean
qfu_cache_store (const QfuConfig *config,
                 const char *folder,
                 const char *name,
                 const QfuUntrustedBlob *blob,
                 GError **error)
{
  g_autofree char *directory = cache_folder (config, folder, name, error);
  g_autofree char *path = NULL;
  g_autofree char *temporary = NULL;
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary file */

  if (directory == NULL)
    return FALSE;
  if (g_mkdir_with_parents (directory, 0755) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", directory);
  path = g_build_filename (directory, name, NULL);
  temporary = g_strdup_printf ("%s/.%s.XXXXXX", directory, name);
  if (!write_temporary (path, temporary, blob, error)) {
    (void)unlink (temporary);
    return FALSE;
  }
  if (rename (temporary, path) != 0) {
    qfu_error_errno (error, errno, "%s cannot be replaced", path);
    (void)unlink (temporary);
    return FALSE;
  }
  return sync_directory (directory, error);
}

gboolean
qfu_cache_remove (const QfuConfig *config, const char *folder, const char *name, GError **error)
{
  g_autofree char *directory = cache_folder (config, folder, name, error);
  g_autofree char *path = directory == NULL ? NULL : g_build_filename (directory, name, NULL);

  if (path == NULL)
    return FALSE;
  if (unlink (path) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "%s cannot be removed", path);
  return TRUE;
}

gboolean
qfu_cache_prune (const QfuConfig *config,
                 const char *folder,
                 const char *const *keep,
                 GError **error)
{
  /* the name stands for those that the folder holds */
  g_autofree char *directory = cache_folder (config, folder, "any", error);
  g_autoptr (GDir) entries = directory == NULL ? NULL : g_dir_open (directory, 0, NULL);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree char *path = g_build_filename (directory, name, NULL);

    if (!g_strv_contains (keep, name) && unlink (path) != 0 && errno != ENOENT)
      return qfu_error_errno (error, errno, "%s cannot be removed", path);
  }
  return TRUE;
}
