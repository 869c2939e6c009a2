/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-plugin-builds.h"

#include <string.h>

#define FOLDER "fwupd-" /* and the version */
#define FILE_NAME "libfu_plugin_" QFU_PLUGIN_NAME ".so"

/* Other files and folders begin with the same letters. */
static gboolean
is_version (const char *text)
{
  return g_ascii_isdigit (text[0]) && text[strspn (text, G_CSET_DIGITS ".")] == '\0';
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
qfu_plugin_builds (const QfuConfig *config)
{
  GPtrArray *builds = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (config->fwupd_plugins, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (config->fwupd_plugins, name, FILE_NAME, NULL);

    if (g_str_has_prefix (name, FOLDER) && is_version (name + strlen (FOLDER)) &&
        g_file_test (path, G_FILE_TEST_EXISTS))
      g_ptr_array_add (builds, g_strdup (name + strlen (FOLDER)));
  }
  g_ptr_array_sort (builds, compare_texts);
  return builds;
}

char *
qfu_plugin_builds_trouble (const GPtrArray *builds, const char *fwupd_version)
{
  g_autoptr (GString) there = g_string_new (NULL);

  for (guint i = 0; i < builds->len; i++) {
    const char *build = g_ptr_array_index (builds, i);

    if (strcmp (build, fwupd_version) == 0)
      return NULL;
    g_string_append_printf (there, "%s%s", i > 0 ? ", " : "", build);
  }
  if (builds->len == 0)
    return NULL;
  return g_strdup_printf (
      "plugin " QFU_PLUGIN_NAME " is built for fwupd %s, fwupd is %s: it does not load, and the "
      "flash chip is no device; install the build for this version, in dom0 by "
      "`qubes-dom0-update qubes-fwupd-dom0`, on Debian by `apt-get install qubes-fwupd-dom0`",
      there->str, fwupd_version);
}
