/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for a high-water mark, which root reads. */
#include "fuzz.h"
#include "qfu-error.h"
#include "qfu-highwater.h"

#include <glib/gstdio.h>

#define REMOTE "lab"

static char *state;

static void
remove_state (void)
{
  g_autofree char *folder = g_build_filename (state, "highwater", NULL);
  g_autofree char *path = g_build_filename (folder, REMOTE, NULL);

  (void)g_unlink (path);
  (void)g_rmdir (folder);
  (void)g_rmdir (state);
  g_free (state);
}

/* A folder of our own for the life of this process. */
static void
make_state (void)
{
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;

  state = g_dir_make_tmp ("qfu-fuzz-XXXXXX", &error);
  g_assert_no_error (error);
  folder = g_build_filename (state, "highwater", NULL);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (atexit (remove_state), ==, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  QfuConfig config = {0};
  QfuHighWater mark;
  g_autofree char *path = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (state == NULL)
    make_state ();
  config.state = state;
  path = g_build_filename (state, "highwater", REMOTE, NULL);
  g_assert_true (g_file_set_contents_full (path, (const char *)data, (gssize)size,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL));
  if (!qfu_highwater_load (&config, REMOTE, &mark, &error)) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    return 0;
  }
  g_assert_no_error (error);
  /* what counts as a mark is what would be written for it */
  g_assert_true (qfu_highwater_store (&config, REMOTE, &mark, &error));
  g_assert_true (g_file_get_contents (path, &kept, &length, NULL));
  g_assert_true (length == size && memcmp (kept, data, size) == 0);
  return 0;
}
