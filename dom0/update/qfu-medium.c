/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-medium.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEMPORARY "qubes-fwupd.new" /* no dot in front: some media know no such names */

struct _QfuMedium {
  char *path;
  int fd;
};

QfuMedium *
qfu_medium_open (const char *path, GError **error)
{
  g_auto (QfuFd) fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  QfuMedium *medium;

  if (fd < 0 && errno == ENOENT) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "there is no folder %s; mount the medium, or make the folder", path);
    return NULL;
  }
  if (fd < 0) {
    qfu_error_errno (error, errno, "%s cannot be opened as a folder", path);
    return NULL;
  }
  medium = g_new0 (QfuMedium, 1);
  medium->path = g_canonicalize_filename (path, NULL);
  medium->fd = qfu_fd_steal (&fd);
  return medium;
}

void
qfu_medium_free (QfuMedium *medium)
{
  if (medium == NULL)
    return;
  qfu_fd_clear (&medium->fd);
  g_free (medium->path);
  g_free (medium);
}

char *
qfu_medium_path (const QfuMedium *medium, const char *name)
{
  return g_build_filename (medium->path, name, NULL);
}

static gboolean
write_temporary (const QfuMedium *medium, const QfuUntrustedBlob *blob, GError **error)
{
  g_auto (QfuFd) fd = -1;

  if (unlinkat (medium->fd, TEMPORARY, 0) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "removing " TEMPORARY);
  fd = openat (medium->fd, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return qfu_error_errno (error, errno, "making " TEMPORARY);
  return qfu_untrusted_blob_write_to (blob, fd, error) &&
         (fsync (fd) == 0 || qfu_error_errno (error, errno, "writing to the medium"));
}

/* What the kernel still has in memory says nothing of the medium: it has to read again. */
static gboolean
read_back (const QfuMedium *medium, const char *name, const QfuUntrustedBlob *blob, GError **error)
{
  g_auto (QfuFd) fd = openat (medium->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  QfuDigest there;

  if (fd < 0 || posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
    return qfu_error_errno (error, errno, "it cannot be read again");
  if (!qfu_digest_compute_fd (QFU_HASH_SHA256, fd, qfu_untrusted_blob_size (blob), &there, error))
    return FALSE;
  if (qfu_digest_equal (&there, qfu_untrusted_blob_sha256 (blob)))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                       "the medium gives back other bytes than were written; use another one");
  return FALSE;
}

static gboolean
put (const QfuMedium *medium, const char *name, const QfuUntrustedBlob *blob, GError **error)
{
  if (!write_temporary (medium, blob, error)) {
    (void)unlinkat (medium->fd, TEMPORARY, 0);
    return FALSE;
  }
  if (renameat (medium->fd, TEMPORARY, medium->fd, name) != 0 || fsync (medium->fd) != 0) {
    qfu_error_errno (error, errno, "it cannot be put in its place");
    (void)unlinkat (medium->fd, TEMPORARY, 0);
    return FALSE;
  }
  return read_back (medium, name, blob, error);
}

gboolean
qfu_medium_put (const QfuMedium *medium,
                const char *name,
                const QfuUntrustedBlob *blob,
                GError **error)
{
  if (put (medium, name, blob, error))
    return TRUE;
  g_prefix_error (error, "%s/%s: ", medium->path, name);
  return FALSE;
}

gboolean
qfu_medium_put_text (const QfuMedium *medium, const char *name, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_new (bytes, g_bytes_get_size (bytes), error);

  return blob != NULL && qfu_medium_put (medium, name, blob, error);
}

gboolean
qfu_medium_holds (const QfuMedium *medium, const char *path)
{
  struct stat here;
  struct stat there;

  return fstat (medium->fd, &here) == 0 && stat (path, &there) == 0 && here.st_dev == there.st_dev;
}
