/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cache.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-signal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".new"

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

static gboolean
check_names (const char *const *parts, const char *name, GError **error)
{
  gsize n = 0;
  gboolean ok = component_ok (name, QFU_CACHE_NAME_MAX);

  for (; ok && parts[n] != NULL; n++)
    ok = component_ok (parts[n], QFU_CACHE_ID_MAX);
  if (ok && (n == 1 || n == 2))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "this is no name for a cached file");
  return FALSE;
}

/* Opens one folder below the next, so that nobody can put a link in the place of one meanwhile.
 * They are made when @make is set; else a missing one is #QFU_ERROR_NOT_FOUND. */
static gboolean
open_folder (const QfuConfig *config,
             const char *folder,
             const char *name,
             gboolean make,
             int *fd,
             GError **error)
{
  g_auto (GStrv) parts = g_strsplit (folder, "/", 3);
  g_auto (QfuFd) at = -1;

  if (!check_names ((const char *const *)parts, name, error))
    return FALSE;
  if (make && g_mkdir_with_parents (config->cache, 0755) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", config->cache);
  if (!qfu_durable_open_folder (AT_FDCWD, config->cache, &at, error))
    return FALSE;
  for (gsize i = 0; parts[i] != NULL; i++) {
    g_auto (QfuFd) above = qfu_fd_steal (&at);

    if (make && mkdirat (above, parts[i], 0755) != 0 && errno != EEXIST)
      return qfu_error_errno (error, errno, "%s/%s cannot be made", config->cache, folder);
    if (!qfu_durable_open_folder (above, parts[i], &at, error)) {
      g_prefix_error (error, "%s: ", config->cache);
      return FALSE;
    }
  }
  *fd = qfu_fd_steal (&at);
  return TRUE;
}

/* %TRUE, with no @error any more, when there is no such folder: that is no failure then. */
static gboolean
is_missing (GError **error)
{
  if (!g_error_matches (*error, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return FALSE;
  g_clear_error (error);
  return TRUE;
}

static QfuUntrustedBlob *
load_from (int directory, const char *name, guint64 max, GError **error)
{
  g_auto (QfuFd) fd =
      openat (directory, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  g_autoptr (QfuBlobBuilder) builder = NULL;
  struct stat st;

  if (fd < 0 && errno == ENOENT) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "%s is not in the cache", name);
    return NULL;
  }
  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode)) {
    qfu_error_errno (error, fd < 0 ? errno : EINVAL, "%s in the cache cannot be opened", name);
    return NULL;
  }
  builder = qfu_blob_builder_new (max, error);
  if (builder == NULL || !qfu_blob_builder_append_fd (builder, fd, error)) {
    g_prefix_error (error, "%s in the cache: ", name);
    return NULL;
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

QfuUntrustedBlob *
qfu_cache_load (
    const QfuConfig *config, const char *folder, const char *name, guint64 max, GError **error)
{
  g_auto (QfuFd) directory = -1;
  g_autoptr (GError) local = NULL;

  if (open_folder (config, folder, name, FALSE, &directory, &local))
    return load_from (directory, name, max, error);
  if (is_missing (&local))
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "%s is not in the cache", name);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* Writers hold the machine's lock, so that one name is enough; what a killed one left is replaced.
 */
static gboolean
write_temporary (int directory, const QfuUntrustedBlob *blob, GError **error)
{
  g_auto (QfuFd) fd = -1;

  if (unlinkat (directory, TEMPORARY, 0) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "what an earlier run left cannot be removed");
  fd = openat (directory, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return qfu_error_errno (error, errno, "a file cannot be made");
  if (!qfu_untrusted_blob_write_to (blob, fd, error))
    return FALSE;
  if (fchmod (fd, 0644) != 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "a file cannot be kept");
  return TRUE;
}

gboolean
qfu_cache_store (const QfuConfig *config,
                 const char *folder,
                 const char *name,
                 const QfuUntrustedBlob *blob,
                 GError **error)
{
  g_auto (QfuFd) directory = -1;
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary file */

  if (!open_folder (config, folder, name, TRUE, &directory, error))
    return FALSE;
  if (write_temporary (directory, blob, error)) {
    if (renameat (directory, TEMPORARY, directory, name) == 0 && fsync (directory) == 0)
      return TRUE;
    qfu_error_errno (error, errno, "it cannot be replaced");
  }
  g_prefix_error (error, "%s/%s/%s: ", config->cache, folder, name);
  (void)unlinkat (directory, TEMPORARY, 0);
  return FALSE;
}

gboolean
qfu_cache_remove (const QfuConfig *config, const char *folder, const char *name, GError **error)
{
  g_auto (QfuFd) directory = -1;
  g_autoptr (GError) local = NULL;

  if (!open_folder (config, folder, name, FALSE, &directory, &local)) {
    if (is_missing (&local))
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (unlinkat (directory, name, 0) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "%s/%s/%s cannot be removed", config->cache, folder,
                            name);
  return TRUE;
}

static gboolean
prune_from (int *directory, const char *const *keep, GError **error)
{
  DIR *entries = fdopendir (*directory);
  struct dirent *entry;
  gboolean ok = TRUE;

  if (entries == NULL)
    return qfu_error_errno (error, errno, "a folder of the cache cannot be read");
  (void)qfu_fd_steal (directory);
  while (ok && (entry = readdir (entries)) != NULL) {
    const char *name = entry->d_name;

    if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0 || g_strv_contains (keep, name))
      continue;
    if (unlinkat (dirfd (entries), name, 0) != 0 && errno != ENOENT)
      ok = qfu_error_errno (error, errno, "%s in the cache cannot be removed", name);
  }
  (void)closedir (entries);
  return ok;
}

gboolean
qfu_cache_prune (const QfuConfig *config,
                 const char *folder,
                 const char *const *keep,
                 GError **error)
{
  g_auto (QfuFd) directory = -1;
  g_autoptr (GError) local = NULL;

  /* the name stands for those that the folder holds */
  if (open_folder (config, folder, "any", FALSE, &directory, &local))
    return prune_from (&directory, keep, error);
  if (is_missing (&local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
