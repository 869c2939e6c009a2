/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-images.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-signal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SUFFIX ".rom"
#define TEMPORARY ".new"

static char *
folder_path (const QfuConfig *config)
{
  return g_build_filename (config->state, "images", NULL);
}

static char *
file_name (const QfuDigest *sha256)
{
  g_autofree char *hex = qfu_digest_to_hex (sha256);

  return g_strconcat (hex, SUFFIX, NULL);
}

char *
qfu_images_path (const QfuConfig *config, const QfuDigest *sha256)
{
  g_autofree char *name = file_name (sha256);

  return g_build_filename (config->state, "images", name, NULL);
}

/* A folder is there to stay once the one above it is on the disk. */
static gboolean
make_folder (const QfuConfig *config, const char *path, GError **error)
{
  g_auto (QfuFd) above = -1;

  if (g_mkdir_with_parents (config->state, 0755) != 0 ||
      (mkdir (path, 0700) != 0 && errno != EEXIST))
    return qfu_error_errno (error, errno, "%s cannot be made", path);
  above = open (config->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0 || fsync (above) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", config->state);
  return TRUE;
}

/* Those who write have to take turns, as they use one temporary file. */
static gboolean
lock_folder (int folder, const char *path, int *lock, GError **error)
{
  *lock = openat (folder, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (*lock < 0)
    return qfu_error_errno (error, errno, "the lock of %s cannot be opened", path);
  while (flock (*lock, LOCK_EX) != 0) {
    if (errno != EINTR)
      return qfu_error_errno (error, errno, "%s cannot be locked", path);
  }
  return TRUE;
}

static gboolean
check_digest (const char *path, const QfuDigest *found, const QfuDigest *wanted, GError **error)
{
  if (qfu_digest_equal (found, wanted))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "%s is damaged: its bytes do not have the SHA-256 that it is named by", path);
  return FALSE;
}

static QfuUntrustedBlob *
load (const char *path, const QfuDigest *sha256, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = qfu_untrusted_blob_load (path, QFU_ROM_SIZE_MAX, TRUE, error);

  return blob != NULL && check_digest (path, qfu_untrusted_blob_sha256 (blob), sha256, error)
             ? g_steal_pointer (&blob)
             : NULL;
}

/* Whether @path has the bytes that it is named by, without a second copy of them in memory; @sync:
 * once they are on the disk, as who put them there may have died before. */
static gboolean
check_file (const char *path, const QfuDigest *sha256, gboolean sync, GError **error)
{
  g_auto (QfuFd) fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  QfuDigest found;

  if (fd < 0)
    return qfu_error_errno (error, errno, "%s cannot be opened", path);
  if (!qfu_digest_compute_fd (QFU_HASH_SHA256, fd, QFU_ROM_SIZE_MAX, &found, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  if (!check_digest (path, &found, sha256, error))
    return FALSE;
  return !sync || fsync (fd) == 0 ||
         qfu_error_errno (error, errno, "%s cannot be written to disk", path);
}

/* Writes the bytes beside, to the disk, and drops them from memory, so that what is read next is
 * what the disk has. */
static gboolean
write_temporary (int folder, const QfuUntrustedBlob *blob, GError **error)
{
  g_auto (QfuFd) fd = -1;

  /* what a run that was killed left */
  if (unlinkat (folder, TEMPORARY, 0) != 0 && errno != ENOENT)
    return qfu_error_errno (error, errno, "removing " TEMPORARY);
  fd = openat (folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return qfu_error_errno (error, errno, "making " TEMPORARY);
  if (!qfu_untrusted_blob_write_to (blob, fd, error))
    return FALSE;
  if (fsync (fd) != 0)
    return qfu_error_errno (error, errno, "writing to disk");
  (void)posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return TRUE;
}

static gboolean
put (int folder, const char *name, const QfuUntrustedBlob *blob, GError **error)
{
  gboolean good = write_temporary (folder, blob, error);

  if (good && renameat (folder, TEMPORARY, folder, name) == 0)
    return TRUE;
  if (good)
    qfu_error_errno (error, errno, "putting it in its place");
  (void)unlinkat (folder, TEMPORARY, 0);
  return FALSE;
}

gboolean
qfu_images_keep (const QfuConfig *config, const QfuUntrustedBlob *blob, char **path, GError **error)
{
  const QfuDigest *sha256 = qfu_untrusted_blob_sha256 (blob);
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary file */
  g_autofree char *folder_name = folder_path (config);
  g_autofree char *name = file_name (sha256);
  g_autofree char *whole = g_build_filename (folder_name, name, NULL);
  g_auto (QfuFd) folder = -1;
  g_auto (QfuFd) lock = -1;

  if (!make_folder (config, folder_name, error) ||
      !qfu_durable_open_folder (AT_FDCWD, folder_name, &folder, error) ||
      !lock_folder (folder, folder_name, &lock, error))
    return FALSE;
  if (!check_file (whole, sha256, TRUE, NULL) && !put (folder, name, blob, error)) {
    g_prefix_error (error, "%s cannot be kept: ", whole);
    return FALSE;
  }
  if (fsync (folder) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", folder_name);
  if (!check_file (whole, sha256, FALSE, error))
    return FALSE;
  if (path != NULL)
    *path = g_steal_pointer (&whole);
  return TRUE;
}

QfuUntrustedBlob *
qfu_images_open (const QfuConfig *config, const QfuDigest *sha256, GError **error)
{
  g_autofree char *folder_name = folder_path (config);
  g_autofree char *path = qfu_images_path (config, sha256);
  g_auto (QfuFd) folder = -1;
  struct stat st;

  if (!qfu_durable_open_folder (AT_FDCWD, folder_name, &folder, error))
    return NULL;
  if (lstat (path, &st) != 0 && errno == ENOENT) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "there is no %s", path);
    return NULL;
  }
  return load (path, sha256, error);
}

/* Whether @name is an image's, and @wanted does not hold it. */
static gboolean
is_surplus (const char *name, const GArray *wanted)
{
  QfuDigest digest;
  g_autofree char *hex = g_str_has_suffix (name, SUFFIX)
                             ? g_strndup (name, strlen (name) - strlen (SUFFIX))
                             : g_strdup ("");

  if (!qfu_digest_from_hex (&digest, QFU_HASH_SHA256, hex))
    return FALSE;
  for (guint i = 0; i < wanted->len; i++) {
    if (qfu_digest_equal (&digest, &g_array_index (wanted, QfuDigest, i)))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_images_prune (const QfuConfig *config, const GArray *wanted, GError **error)
{
  g_autofree char *folder_name = folder_path (config);
  g_autoptr (GError) local = NULL;
  g_auto (QfuFd) folder = -1;
  g_auto (QfuFd) lock = -1;
  g_autoptr (GDir) files = NULL;
  const char *name;

  if (!qfu_durable_open_folder (AT_FDCWD, folder_name, &folder, &local)) {
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (!lock_folder (folder, folder_name, &lock, error))
    return FALSE;
  files = g_dir_open (folder_name, 0, &local);
  if (files == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s cannot be read: %s", folder_name,
                 local->message);
    return FALSE;
  }
  while ((name = g_dir_read_name (files)) != NULL) {
    if (is_surplus (name, wanted) && unlinkat (folder, name, 0) != 0 && errno != ENOENT)
      return qfu_error_errno (error, errno, "%s/%s cannot be removed", folder_name, name);
  }
  return TRUE;
}
