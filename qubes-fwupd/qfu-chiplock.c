/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chiplock.h"

#include "qfu-build.h"
#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define LOCKS "/proc/locks"

/* @operation: of flock() */
static gboolean
take (const QfuConfig *config, int operation, int *fd, GError **error)
{
  g_autofree char *path = g_build_filename (config->runtime, "chip.lock", NULL);
  g_auto (QfuFd) lock = -1;

  if (g_mkdir_with_parents (config->runtime, 0700) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", config->runtime);
  lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
  if (lock < 0)
    return qfu_error_errno (error, errno, "%s cannot be opened", path);
  if (flock (lock, operation) == 0) {
    *fd = qfu_fd_steal (&lock);
    return TRUE;
  }
  if (errno == EPERM)
    return qfu_error_errno (error, errno,
                            "%s cannot be locked (inside fwupd.service that needs %s)", path,
                            QFU_FWUPD_DROPIN);
  if (errno != EWOULDBLOCK && errno != EINTR)
    return qfu_error_errno (error, errno, "%s cannot be locked", path);
  g_set_error (error, QFU_ERROR, QFU_ERROR_BUSY,
               "another program uses the flash chip (it holds %s)", path);
  return FALSE;
}

gboolean
qfu_chiplock_take (const QfuConfig *config, int *fd, GError **error)
{
  return take (config, LOCK_EX | LOCK_NB, fd, error);
}

gboolean
qfu_chiplock_wait (const QfuConfig *config, GError **error)
{
  g_auto (QfuFd) fd = -1;

  return take (config, LOCK_EX, &fd, error);
}

/* A line of the kernel's list: number, "FLOCK", two words, process, device:inode in hexadecimal and
 * decimal digits, and more. One that waits has "->" behind the number. */
static gboolean
parse_line (const char *line, const char *file, guint *pid)
{
  g_auto (GStrv) raw = g_strsplit_set (line, " ", -1);
  const char *words[8] = {NULL};
  guint n = 0;
  guint64 holder;

  for (guint i = 0; raw[i] != NULL && n < G_N_ELEMENTS (words); i++) {
    if (raw[i][0] != '\0')
      words[n++] = raw[i];
  }
  if (n < 6 || g_strcmp0 (words[1], "FLOCK") != 0 || g_strcmp0 (words[5], file) != 0 ||
      !g_ascii_string_to_unsigned (words[4], 10, 0, G_MAXUINT32, &holder, NULL))
    return FALSE;
  *pid = (guint)holder;
  return TRUE;
}

gboolean
qfu_chiplock_holder (const QfuConfig *config, guint *pid, GError **error)
{
  g_autofree char *path = g_build_filename (config->runtime, "chip.lock", NULL);
  g_autofree char *text = NULL;
  g_autofree char *file = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat status;

  *pid = 0;
  if (lstat (path, &status) != 0)
    return errno == ENOENT || qfu_error_errno (error, errno, "%s", path);
  if (!g_file_get_contents (LOCKS, &text, NULL, error))
    return FALSE;
  file = g_strdup_printf ("%02x:%02x:%" G_GUINT64_FORMAT, major (status.st_dev),
                          minor (status.st_dev), (guint64)status.st_ino);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (parse_line (lines[i], file, pid))
      break;
  }
  return TRUE;
}
