/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for the configuration file, which root reads. */
#include "fuzz.h"
#include "qfu-config.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-keyfile.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Whether a later line sets the same key. */
static gboolean
is_replaced (const QfuKeyfile *keyfile, guint index)
{
  const QfuKeyfileLine *line = g_ptr_array_index (keyfile->lines, index);

  for (guint i = index + 1; i < keyfile->lines->len; i++) {
    const QfuKeyfileLine *later = g_ptr_array_index (keyfile->lines, i);

    if (strcmp (later->group, line->group) == 0 && g_strcmp0 (later->key, line->key) == 0)
      return TRUE;
  }
  return FALSE;
}

/* What our reader takes, GLib's takes for the same, but for what this leaves out of the ends. */
static void
check_glib (const char *path, const guint8 *data, size_t size)
{
  g_autoptr (QfuKeyfile) ours = qfu_keyfile_read (path, FALSE, NULL);
  g_autoptr (GKeyFile) theirs = g_key_file_new ();
  gboolean same;

  if (ours == NULL)
    return;
  same = g_key_file_load_from_data (theirs, (const char *)data, size, G_KEY_FILE_NONE, NULL);
  for (guint i = 0; same && i < ours->lines->len; i++) {
    const QfuKeyfileLine *line = g_ptr_array_index (ours->lines, i);
    g_autofree char *value = NULL;
    g_autofree char *mine = NULL;

    g_assert_true (g_key_file_has_group (theirs, line->group));
    if (line->key == NULL || is_replaced (ours, i))
      continue;
    value = g_key_file_get_string (theirs, line->group, line->key, NULL);
    g_assert_nonnull (value);
    mine = g_strdup (line->value);
    g_assert_cmpstr (g_strstrip (mine), ==, g_strstrip (value));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_auto (QfuFd) fd = memfd_create ("config", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (QfuConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  g_assert_cmpint (fchmod (fd, 0600), ==, 0);
  check_glib (path, data, size);
  g_assert_true (g_setenv ("QFU_CONFIG", path, TRUE));
  config = qfu_config_load (&error);
  if (config == NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_true (g_str_equal (config->transport, "qrexec") || config->command[0] != '\0');
  g_assert_true (config->state[0] != '\0' && config->cache[0] != '\0');
  return 0;
}
