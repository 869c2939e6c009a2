/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Tests that talk to hostile-peer: its path comes in the environment. */
static inline const char *
peer_path (void)
{
  const char *path = g_getenv ("QFU_HOSTILE_PEER");

  g_assert_nonnull (path);
  return path;
}
