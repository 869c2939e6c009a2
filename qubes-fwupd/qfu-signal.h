/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <signal.h>

/**
 * QfuSignalHold:
 *
 * While one is held, SIGHUP, SIGINT and SIGTERM wait, so that what was begun is finished; they come
 * when it goes out of scope. Programs that are started meanwhile inherit this.
 */
typedef struct G_GNUC_UNUSED {
  sigset_t before;
} QfuSignalHold;

static inline QfuSignalHold
qfu_signal_hold (void)
{
  QfuSignalHold hold;
  sigset_t held;

  (void)sigemptyset (&held);
  (void)sigaddset (&held, SIGHUP);
  (void)sigaddset (&held, SIGINT);
  (void)sigaddset (&held, SIGTERM);
  (void)sigprocmask (SIG_BLOCK, &held, &hold.before);
  return hold;
}

static inline void
qfu_signal_release (QfuSignalHold *hold)
{
  (void)sigprocmask (SIG_SETMASK, &hold->before, NULL);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuSignalHold, qfu_signal_release)
