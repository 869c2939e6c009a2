/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-folder.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _QfuFolder {
  char *path;
  char *beside; /* where it is made; %NULL once it is in its place */
  char **names;
  mode_t file_mode;
  mode_t folder_mode;
};

/* Removes a folder of ours and the files in it. */
static void
remove_folder (const char *path)
{
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    (void)unlink (file);
  }
  (void)rmdir (path);
}

void
qfu_folder_free (QfuFolder *folder)
{
  if (folder == NULL)
    return;
  if (folder->beside != NULL)
    remove_folder (folder->beside);
  g_free (folder->beside);
  g_free (folder->path);
  g_strfreev (folder->names);
  g_free (folder);
}

static gboolean
is_named (char *const *names, const char *name)
{
  for (gsize i = 0; names[i] != NULL; i++) {
    gsize length = strlen (names[i]);
    gboolean begins = length > 0 && names[i][length - 1] == '*';

    if (begins ? strncmp (names[i], name, length - 1) == 0 : strcmp (names[i], name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* What is there shall be nothing that is not replaced. */
static gboolean
check_present (const QfuFolder *folder, GError **error)
{
  g_autoptr (GDir) entries = NULL;
  const char *name;
  struct stat st;

  if (lstat (folder->path, &st) != 0)
    return errno == ENOENT ||
           qfu_error_errno (error, errno, "%s cannot be looked at", folder->path);
  if (!S_ISDIR (st.st_mode)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s is there and no folder", folder->path);
    return FALSE;
  }
  entries = g_dir_open (folder->path, 0, NULL);
  if (entries == NULL)
    return qfu_error_errno (error, errno, "%s cannot be read", folder->path);
  while ((name = g_dir_read_name (entries)) != NULL) {
    if (is_named (folder->names, name))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s holds %s, which would be lost; name a new folder", folder->path, name);
    return FALSE;
  }
  return TRUE;
}

QfuFolder *
qfu_folder_new (const char *path, const char *const *names, gboolean private, GError **error)
{
  g_autoptr (QfuFolder) folder = g_new0 (QfuFolder, 1);
  g_autofree char *beside = NULL;

  folder->path = g_canonicalize_filename (path, NULL);
  folder->names = g_strdupv ((char **)names);
  folder->file_mode = private ? 0600 : 0644;
  folder->folder_mode = private ? 0700 : 0755;
  if (!check_present (folder, error))
    return NULL;
  beside = g_strdup_printf ("%s.XXXXXX", folder->path);
  if (g_mkdtemp (beside) == NULL) {
    qfu_error_errno (error, errno, "no folder can be made beside %s", folder->path);
    return NULL;
  }
  folder->beside = g_steal_pointer (&beside);
  return g_steal_pointer (&folder);
}

gboolean
qfu_folder_add_blob (QfuFolder *folder,
                     const char *name,
                     const QfuUntrustedBlob *blob,
                     GError **error)
{
  g_autofree char *path = g_build_filename (folder->beside, name, NULL);
  g_auto (QfuFd) fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return qfu_error_errno (error, errno, "%s cannot be made", path);
  if (!qfu_untrusted_blob_write_to (blob, fd, error))
    return FALSE;
  return (fchmod (fd, folder->file_mode) == 0 && fsync (fd) == 0) ||
         qfu_error_errno (error, errno, "%s cannot be written", path);
}

gboolean
qfu_folder_add (QfuFolder *folder, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_new (bytes, g_bytes_get_size (bytes), error);

  return blob != NULL && qfu_folder_add_blob (folder, name, blob, error);
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_auto (QfuFd) fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return (fd >= 0 && fsync (fd) == 0) ||
         qfu_error_errno (error, errno, "%s cannot be synchronised", path);
}

/* Takes the place of what is there, if that is still nothing but files that may be replaced. */
static gboolean
exchange (const QfuFolder *folder, GError **error)
{
  if (!check_present (folder, error))
    return FALSE;
  if (renameat2 (AT_FDCWD, folder->beside, AT_FDCWD, folder->path, RENAME_EXCHANGE) != 0)
    return qfu_error_errno (error, errno, "%s cannot be put in its place", folder->path);
  remove_folder (folder->beside);
  return TRUE;
}

gboolean
qfu_folder_finish (QfuFolder *folder, GError **error)
{
  g_autofree char *above = g_path_get_dirname (folder->path);

  if (chmod (folder->beside, folder->folder_mode) != 0)
    return qfu_error_errno (error, errno, "%s cannot be opened to others", folder->path);
  if (!sync_folder (folder->beside, error))
    return FALSE;
  if (renameat2 (AT_FDCWD, folder->beside, AT_FDCWD, folder->path, RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST)
      return qfu_error_errno (error, errno, "%s cannot be put in its place", folder->path);
    if (!exchange (folder, error))
      return FALSE;
  }
  g_clear_pointer (&folder->beside, g_free);
  return sync_folder (above, error);
}
