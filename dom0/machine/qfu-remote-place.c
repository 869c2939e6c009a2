/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-place.h"

#include "qfu-error.h"

#include <string.h>
#include <unistd.h>

/* fwupd believes what an unsigned file of this machine says, whoever put it there. */
gboolean
qfu_remote_has_metadata (const QfuRemote *remote)
{
  g_autofree char *jcat = NULL;

  if (remote->download)
    return !remote->password;
  if (remote->kind != QFU_REMOTE_KIND_LOCAL || remote->path == NULL)
    return FALSE;
  jcat = g_strconcat (remote->path, ".jcat", NULL);
  return access (jcat, F_OK) == 0;
}

const char *
qfu_remote_trouble (const QfuRemote *remote)
{
  if (remote->kind == QFU_REMOTE_KIND_UNKNOWN)
    return "its MetadataURI is neither an https nor a file address";
  if (remote->download && remote->password)
    return "it wants a password, which is not given to the UpdateVM: nothing is fetched with it";
  if (remote->kind == QFU_REMOTE_KIND_LOCAL && !qfu_remote_has_metadata (remote))
    return "its metadata has no signature (a file .jcat beside it): nothing of it is offered";
  return NULL;
}

char *
qfu_remote_file_name (const QfuRemote *remote, GError **error)
{
  const char *place = remote->download ? remote->url : remote->path;
  const char *slash = place == NULL ? NULL : strrchr (place, '/');
  const char *name = slash == NULL ? "" : slash + 1;

  if (name[0] == '\0' || name[0] == '.' || strlen (name) > 128 ||
      strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-") != strlen (name)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "the address of remote %s does not end in a file name of [A-Za-z0-9._-]; mend "
                 "MetadataURI in fwupd's "
                 "remotes.d",
                 remote->id);
    return NULL;
  }
  return g_strdup (name);
}
