/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

/**
 * QfuFd:
 *
 * A file descriptor that its owner closes: `g_auto(QfuFd) fd = -1;`. -1 means none.
 */
typedef int QfuFd;

static inline void
qfu_fd_clear (QfuFd *fd)
{
  if (*fd >= 0)
    (void)close (*fd);
  *fd = -1;
}

static inline int
qfu_fd_steal (QfuFd *fd)
{
  int taken = *fd;

  *fd = -1;
  return taken;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuFd, qfu_fd_clear)

/* What keeps memory as it is: what somebody could still change would be other bytes at each look.
 */
#define QFU_FD_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Whether @fd is memory that nobody can change any more. */
static inline gboolean
qfu_fd_sealed (int fd)
{
  int seals = fcntl (fd, F_GET_SEALS);

  return seals >= 0 && (seals & QFU_FD_SEALS) == QFU_FD_SEALS;
}
