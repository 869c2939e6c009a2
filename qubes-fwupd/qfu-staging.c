/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-staging.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-signal.h"
#include "qfu-zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUMS QFU_STAGING_IMAGE ".sha256"
#define PACKED_SUMS "sha256sum.txt" /* what Heads looks for in a package */
#define TEMPORARY ".qubes-fwupd.new"
#define VERSION_LENGTH 64
#define ROOM_BESIDES (1024 * 1024) /* bytes for folders, and for others to go on */

static const char *const files[] = {QFU_STAGING_IMAGE, SUMS, QFU_STAGING_PACKAGE};

char *
qfu_staging_path (const QfuStaging *staging, const char *name)
{
  return g_build_filename (staging->boot, QFU_STAGING_FOLDER, staging->version, name, NULL);
}

/* The name of a folder, and nothing that leads elsewhere or hides. */
static gboolean
check_version (const char *version, GError **error)
{
  gsize length = strlen (version);

  if (length > 0 && length <= VERSION_LENGTH && g_ascii_isalnum (version[0]) &&
      strspn (version, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._+~-") == length)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "version '%s' cannot be the name of a folder of " QFU_STAGING_FOLDER
               ": 1 to %d characters of [A-Za-z0-9._+~-] can, a letter or digit first",
               version, VERSION_LENGTH);
  return FALSE;
}

/* Opens BOOT/updates; -1 in @updates when there is none yet. */
static gboolean
open_folders (const QfuStaging *staging, int *boot, int *updates, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!qfu_durable_open_folder (AT_FDCWD, staging->boot, boot, error))
    return FALSE;
  if (qfu_durable_open_folder (*boot, QFU_STAGING_FOLDER, updates, &local) ||
      g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", staging->boot);
  return FALSE;
}

/* The digest of a file in a folder; %FALSE with @error when there is no such file of ours. */
static gboolean
file_digest (int folder, const char *name, QfuDigest *digest, GError **error)
{
  g_auto (QfuFd) fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat st;

  if (fd < 0)
    return qfu_error_errno (error, errno, "%s", name);
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s is no file", name);
    return FALSE;
  }
  return qfu_digest_compute_fd (QFU_HASH_SHA256, fd, QFU_ROM_SIZE_MAX, digest, error);
}

/* Whether the folder of this version is there, and then always an error: what it holds. */
static gboolean
check_present (const QfuStaging *staging, int updates, GError **error)
{
  g_autofree char *path = qfu_staging_path (staging, NULL);
  g_autoptr (GError) local = NULL;
  g_autofree char *hex = NULL;
  g_auto (QfuFd) folder = -1;
  QfuDigest digest;

  if (!qfu_durable_open_folder (updates, staging->version, &folder, &local)) {
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
      return TRUE;
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", path);
    return FALSE;
  }
  if (!file_digest (folder, QFU_STAGING_IMAGE, &digest, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s is there without a firmware image (%s); nothing there is replaced: look what "
                 "it is, and move it away",
                 path, local->message);
    return FALSE;
  }
  if (qfu_digest_equal (&digest, staging->sha256)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING, "%s holds exactly this firmware already",
                 path);
    return FALSE;
  }
  hex = qfu_digest_to_hex (&digest);
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_REFUSED,
      "%s holds other firmware under the name of this version (%s has SHA-256 %s); nothing "
      "there is replaced: find out where it came from, and move it away",
      path, QFU_STAGING_IMAGE, hex);
  return FALSE;
}

/* (transfer full): a line of sha256sum. */
static char *
sums_of (const QfuStaging *staging)
{
  g_autofree char *hex = qfu_digest_to_hex (staging->sha256);

  return g_strdup_printf ("%s  " QFU_STAGING_IMAGE "\n", hex);
}

/* (transfer full): what would make room. */
static char *
advice (const char *boot)
{
  g_autoptr (GPtrArray) others = qfu_staging_list (boot);
  g_autofree char *names = NULL;

  if (others->len == 0)
    return g_strdup ("remove kernels that are no longer used");
  g_ptr_array_add (others, NULL);
  names = g_strjoinv (", ", (char **)others->pdata);
  return g_strdup_printf ("nothing is removed for you; in " QFU_STAGING_FOLDER " lies %s", names);
}

static gboolean
check_room (const QfuStaging *staging, int boot, GError **error)
{
  guint64 needed = 2 * qfu_untrusted_blob_size (staging->image) + ROOM_BESIDES;
  g_autofree char *needs = g_format_size (needed);
  g_autofree char *has = NULL;
  g_autofree char *what_helps = NULL;
  struct statvfs disk;

  if (fstatvfs (boot, &disk) != 0)
    return qfu_error_errno (error, errno, "%s", staging->boot);
  if (disk.f_bavail > needed / disk.f_frsize)
    return TRUE;
  has = g_format_size ((guint64)disk.f_bavail * disk.f_frsize);
  what_helps = advice (staging->boot);
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s has %s left, %s are needed: %s",
               staging->boot, has, needs, what_helps);
  return FALSE;
}

gboolean
qfu_staging_check (const QfuStaging *staging, GError **error)
{
  g_auto (QfuFd) boot = -1;
  g_auto (QfuFd) updates = -1;

  return check_version (staging->version, error) &&
         open_folders (staging, &boot, &updates, error) &&
         (updates < 0 || check_present (staging, updates, error)) &&
         (staging->image == NULL || check_room (staging, boot, error));
}

/* What a call left that was killed; nothing of anybody else's. */
static gboolean
remove_temporary (int updates, GError **error)
{
  g_auto (QfuFd) folder =
      openat (updates, TEMPORARY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (folder < 0 && errno == ENOENT)
    return TRUE;
  if (folder < 0)
    return qfu_error_errno (error, errno, TEMPORARY " cannot be opened");
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    if (unlinkat (folder, files[i], 0) != 0 && errno != ENOENT)
      return qfu_error_errno (error, errno, TEMPORARY "/%s cannot be removed", files[i]);
  }
  if (unlinkat (updates, TEMPORARY, AT_REMOVEDIR) != 0)
    return qfu_error_errno (error, errno, TEMPORARY " cannot be removed");
  return TRUE;
}

/* Writes one file to the disk. */
static gboolean
put_file (int folder, const char *name, const QfuZipMember *members, gsize n, GError **error)
{
  g_auto (QfuFd) fd =
      openat (folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean packed = n > 1;

  if (fd < 0)
    return qfu_error_errno (error, errno, "%s cannot be made", name);
  if (!(packed ? qfu_zip_write (fd, members, n, error)
               : qfu_untrusted_blob_write_to (members->bytes, fd, error))) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  if (fchmod (fd, 0644) != 0 || fsync (fd) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", name);
  /* so that what is read again comes from the disk, where the kernel heeds it */
  (void)posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return TRUE;
}

static gboolean
check_written (const QfuStaging *staging, int folder, GError **error)
{
  QfuDigest digest;

  if (!file_digest (folder, QFU_STAGING_IMAGE, &digest, error))
    return FALSE;
  if (qfu_digest_equal (&digest, staging->sha256))
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_MISMATCH,
                        "the disk gives back another image than it was given");
}

static gboolean
fill (const QfuStaging *staging, int folder, GError **error)
{
  g_autofree char *text = sums_of (staging);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (QfuUntrustedBlob) sums = qfu_untrusted_blob_new (bytes, strlen (text), error);
  const QfuZipMember members[] = {{QFU_STAGING_IMAGE, staging->image}, {PACKED_SUMS, sums}};

  return sums != NULL && put_file (folder, QFU_STAGING_IMAGE, &members[0], 1, error) &&
         put_file (folder, SUMS, &members[1], 1, error) &&
         put_file (folder, QFU_STAGING_PACKAGE, members, G_N_ELEMENTS (members), error) &&
         check_written (staging, folder, error);
}

/* The folder under another name, all of it on the disk. */
static gboolean
prepare (const QfuStaging *staging, int updates, GError **error)
{
  g_auto (QfuFd) folder = -1;

  if (!remove_temporary (updates, error))
    return FALSE;
  if (mkdirat (updates, TEMPORARY, 0755) != 0)
    return qfu_error_errno (error, errno, TEMPORARY " cannot be made");
  folder = openat (updates, TEMPORARY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0 || fchmod (folder, 0755) != 0)
    return qfu_error_errno (error, errno, TEMPORARY " cannot be opened");
  if (!fill (staging, folder, error))
    return FALSE;
  if (fsync (folder) != 0)
    return qfu_error_errno (error, errno, TEMPORARY " cannot be written to disk");
  return TRUE;
}

static gboolean
make_updates (int boot, int *updates, GError **error)
{
  if (*updates >= 0)
    return TRUE;
  if (mkdirat (boot, QFU_STAGING_FOLDER, 0755) != 0)
    return qfu_error_errno (error, errno, QFU_STAGING_FOLDER " cannot be made");
  if (fsync (boot) != 0)
    return qfu_error_errno (error, errno, QFU_STAGING_FOLDER " cannot be written to disk");
  return qfu_durable_open_folder (boot, QFU_STAGING_FOLDER, updates, error);
}

static gboolean
put_in_place (const QfuStaging *staging, int updates, GError **error)
{
  if (!prepare (staging, updates, error))
    return FALSE;
  if (renameat2 (updates, TEMPORARY, updates, staging->version, RENAME_NOREPLACE) != 0)
    return qfu_error_errno (error, errno, "%s cannot be put in its place", staging->version);
  if (fsync (updates) != 0)
    return qfu_error_errno (error, errno, "%s cannot be written to disk", staging->version);
  return TRUE;
}

gboolean
qfu_staging_write (const QfuStaging *staging, GError **error)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold (); /* for the temporary folder */
  g_auto (QfuFd) boot = -1;
  g_auto (QfuFd) updates = -1;

  if (!qfu_staging_check (staging, error) || !open_folders (staging, &boot, &updates, error) ||
      !make_updates (boot, &updates, error))
    return FALSE;
  if (put_in_place (staging, updates, error))
    return TRUE;
  g_prefix_error (error, "%s/" QFU_STAGING_FOLDER ": ", staging->boot);
  (void)!remove_temporary (updates, NULL);
  return FALSE;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
qfu_staging_list (const char *boot)
{
  g_autofree char *path = g_build_filename (boot, QFU_STAGING_FOLDER, NULL);
  GPtrArray *versions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *image = g_build_filename (path, name, QFU_STAGING_IMAGE, NULL);

    if (check_version (name, NULL) && g_file_test (image, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (versions, g_strdup (name));
  }
  g_ptr_array_sort (versions, by_name);
  return versions;
}
