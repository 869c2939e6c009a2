/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/* An id that no user of a test machine has; workers of tests run as root take it. */
#define TEST_WORKER_UID 60123

/* g_test_init(), and no death by SIGPIPE: a peer may end before it has read what it is sent, which
 * a program that talks to workers takes for an error. Every test does, whether it has peers or not.
 */
void test_init (int *argc, char ***argv);

/* (transfer full): a temporary directory of this program's own. */
char *test_directory (void);
/* Removes a temporary directory with the files in it. */
void test_directory_remove (const char *directory);

/* (transfer full): a configuration whose programs are those of the build and whose directories lie
 * in @directory: metadata-keys, firmware-keys, state, cache, run. */
QfuConfig *test_config (const char *directory, const char *worker_user);

/* A directory of a test's own and test_config() in it, whose workers take TEST_WORKER_UID; the
 * fixture of what starts workers, or its first member. */
typedef struct {
  char *directory;
  QfuConfig *config;
} TestHome;

void test_home_set_up (TestHome *home, gconstpointer unused);
void test_home_tear_down (TestHome *home, gconstpointer unused);
#define test_home_add(path, test)                                                                  \
  g_test_add (path, TestHome, NULL, test_home_set_up, test, test_home_tear_down)

/* (transfer full): a blob with these bytes. */
QfuUntrustedBlob *test_blob (const void *data, gsize size);
