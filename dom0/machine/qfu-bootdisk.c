/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-bootdisk.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static gboolean
same_path (const char *a, const char *b)
{
  g_autofree char *plain_a = g_canonicalize_filename (a, "/");
  g_autofree char *plain_b = g_canonicalize_filename (b, "/");

  return strcmp (plain_a, plain_b) == 0;
}

/* Whether the table of file systems has the folder. */
static gboolean
is_listed (const QfuConfig *config)
{
  FILE *table = setmntent (config->fstab, "re");
  char buffer[4096];
  struct mntent entry;
  gboolean listed = FALSE;

  while (table != NULL && !listed &&
         getmntent_r (table, &entry, buffer, (int)sizeof buffer) != NULL)
    listed = same_path (entry.mnt_dir, config->boot);
  if (table != NULL)
    (void)endmntent (table);
  return listed;
}

gboolean
qfu_bootdisk_check (const QfuConfig *config, gboolean *own, GError **error)
{
  /* opened, and not looked at alone: that mounts what is mounted when it is used */
  g_auto (QfuFd) boot = open (config->boot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat inside;
  struct stat above;

  if (boot < 0 && errno == ENOENT) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "there is no %s; [Secrets] Boot= says where "
                 "the boot folder is",
                 config->boot);
    return FALSE;
  }
  if (boot < 0 || fstat (boot, &inside) != 0 || fstatat (boot, "..", &above, 0) != 0)
    return qfu_error_errno (error, errno, "%s cannot be opened", config->boot);
  *own = inside.st_dev != above.st_dev;
  if (*own || !is_listed (config))
    return TRUE;
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_REFUSED,
      "%s is not mounted, and %s says that it is a disk of its own: the firmware would not "
      "see what is put there now; `mount %s` mounts it",
      config->boot, config->fstab, config->boot);
  return FALSE;
}
