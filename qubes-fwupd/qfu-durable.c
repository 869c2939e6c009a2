/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-durable.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-signal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEMPORARY ".new"

/* What somebody else could have written says nothing. */
static gboolean
check_owner (int fd, mode_t type, const char *path, GError **error)
{
  struct stat st;

  if (fstat (fd, &st) != 0)
    return qfu_error_errno (error, errno, "%s cannot be looked at", path);
  if ((st.st_mode & S_IFMT) == type && (st.st_uid == 0 || st.st_uid == geteuid ()) &&
      (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return TRUE;
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_REFUSED,
      "%s is not a %s that root alone can write; find out who changed it, and move it away", path,
      type == S_IFDIR ? "folder" : "file");
  return FALSE;
}

static gboolean
open_failed (const char *path, GError **error)
{
  int saved_errno = errno;

  if (saved_errno == ENOENT)
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "there is no %s", path);
  else if (saved_errno == ELOOP || saved_errno == ENOTDIR)
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s is a link or no folder; find out who put it there, and move it away", path);
  else
    qfu_error_errno (error, saved_errno, "%s cannot be opened", path);
  return FALSE;
}

gboolean
qfu_durable_open_folder (int above, const char *path, int *fd, GError **error)
{
  g_auto (QfuFd) folder = openat (above, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (folder < 0)
    return open_failed (path, error);
  if (!check_owner (folder, S_IFDIR, path, error))
    return FALSE;
  *fd = qfu_fd_steal (&folder);
  return TRUE;
}

/* Reads to the end, at most @max bytes. */
static char *
read_text (int fd, gsize max, const char *path, GError **error)
{
  g_autofree char *text = g_malloc (max + 2);
  gsize size = 0;
  gssize n;

  while ((n = read (fd, text + size, max + 1 - size)) != 0) {
    if (n < 0 && errno != EINTR) {
      qfu_error_errno (error, errno, "%s cannot be read", path);
      return NULL;
    }
    size += n < 0 ? 0 : (gsize)n;
  }
  text[size] = '\0';
  if (size <= max && strlen (text) == size)
    return g_steal_pointer (&text);
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s is damaged: %s", path,
               size > max ? "it is too long" : "it holds a NUL");
  return NULL;
}

char *
qfu_durable_read (const char *folder, const char *name, gsize max, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_auto (QfuFd) directory = -1;
  g_auto (QfuFd) fd = -1;

  if (!qfu_durable_open_folder (AT_FDCWD, folder, &directory, error))
    return NULL;
  /* not to wait for the writer of a pipe */
  fd = openat (directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    open_failed (path, error);
    return NULL;
  }
  return check_owner (fd, S_IFREG, path, error) ? read_text (fd, max, path, error) : NULL;
}

/* A folder that was made is only there to stay once the one above it is on the disk. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_auto (QfuFd) fd = -1;

  if (mkdir (path, 0755) != 0 && errno == EEXIST)
    return TRUE;
  if (g_mkdir_with_parents (path, 0755) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", path);
  fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", parent);
  return TRUE;
}

static gboolean
write_all (int fd, const char *text, GError **error)
{
  gsize size = strlen (text);

  for (gsize done = 0; done < size;) {
    gssize n = write (fd, text + done, size - done);

    if (n < 0 && errno != EINTR)
      return qfu_error_errno (error, errno, "writing");
    done += n < 0 ? 0 : (gsize)n;
  }
  if (fchmod (fd, 0644) != 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "writing to disk");
  return TRUE;
}

static gboolean
write_temporary (int folder, const char *text, GError **error)
{
  g_auto (QfuFd) fd = -1;

  /* what a run that was killed left */
  if (unlinkat (folder, TEMPORARY, 0) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "removing " TEMPORARY);
  fd = openat (folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return qfu_error_errno (error, errno, "making " TEMPORARY);
  if (write_all (fd, text, error))
    return TRUE;
  (void)unlinkat (folder, TEMPORARY, 0);
  return FALSE;
}

gboolean
qfu_durable_create (int folder, const char *name, const char *text, GError **error)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary file */

  if (!write_temporary (folder, text, error)) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  if (renameat2 (folder, TEMPORARY, folder, name, RENAME_NOREPLACE) != 0) {
    qfu_error_errno (error, errno, "%s cannot be put in its place", name);
    (void)unlinkat (folder, TEMPORARY, 0);
    return FALSE;
  }
  if (fsync (folder) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", name);
  return TRUE;
}

gboolean
qfu_durable_write (const char *folder, const char *name, const char *text, GError **error)
{
  g_auto (QfuFd) directory = -1;
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary file */

  if (!make_folder (folder, error) ||
      !qfu_durable_open_folder (AT_FDCWD, folder, &directory, error))
    return FALSE;
  if (!write_temporary (directory, text, error)) {
    g_prefix_error (error, "%s/%s: ", folder, name);
    return FALSE;
  }
  if (renameat (directory, TEMPORARY, directory, name) != 0) {
    qfu_error_errno (error, errno, "%s/%s cannot be replaced", folder, name);
    (void)unlinkat (directory, TEMPORARY, 0);
    return FALSE;
  }
  if (fsync (directory) != 0)
    return qfu_error_errno (error, errno, "%s/%s cannot be written to disk", folder, name);
  return TRUE;
}
