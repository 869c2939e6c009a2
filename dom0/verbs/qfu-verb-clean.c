/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* clean: deletes what can be fetched again. Reference values and signing times stay. */

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-verbs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

typedef struct {
  const QfuOptions *options;
  guint removed;
} Clean;

static gboolean
clean_folder (Clean *clean, int parent, const char *name, guint depth, GError **error);

static gboolean
clean_entry (Clean *clean, int folder, const struct dirent *entry, guint depth, GError **error)
{
  if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
    return TRUE;
  if (unlinkat (folder, entry->d_name, 0) == 0) {
    clean->removed++;
    return TRUE;
  }
  if (errno != EISDIR)
    return qfu_error_errno (error, errno, "%s cannot be removed", entry->d_name);
  if (!clean_folder (clean, folder, entry->d_name, depth + 1, error))
    return FALSE;
  if (unlinkat (folder, entry->d_name, AT_REMOVEDIR) != 0)
    return qfu_error_errno (error, errno, "folder %s cannot be removed", entry->d_name);
  return TRUE;
}

/* Goes down by descriptors and follows no link, so that nothing outside of the cache is reached. */
static gboolean
clean_folder (Clean *clean, int parent, const char *name, guint depth, GError **error)
{
  g_auto (QfuFd) fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *entries;
  struct dirent *entry;
  gboolean ok = TRUE;

  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0 || depth > QFU_CLEAN_DEPTH_MAX)
    return qfu_error_errno (error, fd < 0 ? errno : ELOOP, "%s cannot be opened", name);
  entries = fdopendir (fd);
  if (entries == NULL)
    return qfu_error_errno (error, errno, "%s cannot be read", name);
  (void)qfu_fd_steal (&fd);
  while (ok && (entry = readdir (entries)) != NULL)
    ok = clean_entry (clean, dirfd (entries), entry, depth, error);
  (void)closedir (entries);
  return ok;
}

/* Only what we put there: a wrong Cache= must not cost other people's files. */
static gboolean
clean_cache (Clean *clean, const char *path, GError **error)
{
  static const char *const folders[] = {"metadata", "cabs", "partial"};
  g_auto (QfuFd) cache = -1;
  g_autoptr (GError) local = NULL;

  if (!qfu_durable_open_folder (AT_FDCWD, path, &cache, &local)) {
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    if (clean_folder (clean, cache, folders[i], 0, error))
      continue;
    g_prefix_error (error, "%s/%s: ", path, folders[i]);
    return FALSE;
  }
  return TRUE;
}

gboolean
qfu_verb_clean (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  Clean clean = {options, 0};
  g_auto (QfuFd) lock = -1;
  JsonBuilder *builder;

  if (!qfu_lock_take (config, options, &lock, error) || !clean_cache (&clean, config->cache, error))
    return FALSE;
  qfu_say (options, "removed %u file%s from %s; reference values and high-water marks stay",
           clean.removed, clean.removed == 1 ? "" : "s", config->cache);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_number (builder, "removed", clean.removed);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
