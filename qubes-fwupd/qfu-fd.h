/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

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
