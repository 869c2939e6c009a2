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

/* (transfer full): a blob with these bytes. */
QfuUntrustedBlob *test_blob (const void *data, gsize size);
