/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-url.h"

#include "qfu-error.h"
#include "qfu-fwupd-calls.h"

#include <string.h>

#define FORM ".xml" /* behind the name of metadata, before its compression */

/* What follows the address of the folder in which LVFS keeps its metadata; %NULL when it is not
 * there. */
static const char *
lvfs_name (const char *url)
{
  static const char *const folders[] = {"https://fwupd.org/downloads/",
                                        "https://cdn.fwupd.org/downloads/"};

  for (gsize i = 0; url != NULL && i < G_N_ELEMENTS (folders); i++) {
    if (g_str_has_prefix (url, folders[i]))
      return url + strlen (folders[i]);
  }
  return NULL;
}

/* Whether two names differ in compression at most. */
static gboolean
same_name (const char *a, const char *b)
{
  const char *end = a == NULL ? NULL : strstr (a, FORM);

  return end != NULL && b != NULL && strncmp (a, b, (gsize)(end - a) + strlen (FORM)) == 0;
}

static gboolean
is_lvfs (const QfuRemote *remote)
{
  return strcmp (remote->id, "lvfs") == 0 || strcmp (remote->id, "lvfs-testing") == 0;
}

static const QfuRemote *
find_remote (const GPtrArray *remotes, const char *url)
{
  const QfuRemote *found = NULL;

  for (guint i = 0; i < remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (remotes, i);

    if (!remote->download || remote->url == NULL)
      continue;
    if (strcmp (remote->url, url) == 0)
      return remote;
    if (is_lvfs (remote) && same_name (lvfs_name (url), lvfs_name (remote->url)))
      found = remote;
  }
  return found;
}

const char *
qfu_remote_of_url (const GPtrArray *remotes, const char *url, GError **error)
{
  const QfuRemote *remote = find_remote (remotes, url);

  if (remote != NULL && remote->enabled)
    return remote->id;
  if (remote != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "--url: %s belongs to the remote %s, which is not enabled; `fwupdmgr "
                 "enable-remote %s` does that",
                 url, remote->id, remote->id);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "--url: %s is the metadata of no remote that fwupd has. Add a file with this "
                 "MetadataURI to fwupd's remotes.d; `qubes-fwupdmgr get-remotes` lists what there "
                 "is",
                 url);
  return NULL;
}
