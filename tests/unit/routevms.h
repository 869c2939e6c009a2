/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/wait.h>

#include "testconfig.h"

#define PATIENCE 60 /* seconds, far more than anything needs on a busy machine */
#define URL "https://mirror.example/firmware.cab"

static inline void
expect_no_children (void)
{
  int status;

  (void)alarm (PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
}

/* Where the client is a shell that plays each VM by its name. */
static inline QfuConfig *
configure_vms (const char *folder, const char *vms, const char *cases)
{
  g_autofree char *client = g_build_filename (folder, "client", NULL);
  g_autofree char *program = g_strdup_printf ("#!/bin/sh\ncase $2 in\n%s\nesac\n", cases);
  g_autofree char *path = g_build_filename (folder, "conf", NULL);
  g_autofree char *text = g_strdup_printf ("[Transport]\nUpdateVM=%s\nQrexecClient=%s\n"
                                           "MinimumRate=0\nConnectSeconds=1\n",
                                           vms, client);
  QfuConfig *config;

  g_assert_true (g_file_set_contents (client, program, -1, NULL));
  g_assert_cmpint (g_chmod (client, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_setenv ("QFU_CONFIG", path, TRUE);
  config = qfu_config_load (NULL);
  g_assert_nonnull (config);
  g_assert_cmpint (g_unlink (path), ==, 0);
  return config;
}
