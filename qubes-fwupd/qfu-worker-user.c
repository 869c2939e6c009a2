/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker-user.h"

#include "qfu-error.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define OVERFLOW_ID 65534 /* nobody, nogroup: not an identity but the lack of one */

/* Made by data/sysusers.d when the package is installed. */
#define DEFAULT_USER "qubes-fwupd-worker"
#define DYNAMIC_ID_FIRST 61184
#define DYNAMIC_ID_LAST 65519

/* The first id that nobody has, of those that systemd keeps for dynamic users: owner of nothing,
 * like a user made for us. */
static gboolean
find_unused (uid_t *uid, gid_t *gid)
{
  for (uid_t id = DYNAMIC_ID_FIRST; id <= DYNAMIC_ID_LAST; id++) {
    if (getpwuid (id) != NULL || getgrgid ((gid_t)id) != NULL)
      continue;
    *uid = id;
    *gid = (gid_t)id;
    return TRUE;
  }
  return FALSE;
}

static gboolean
find_user (const char *name, uid_t *uid, gid_t *gid)
{
  const struct passwd *entry;
  guint64 number;

  if (name[0] == '\0')
    return find_user (DEFAULT_USER, uid, gid) || find_unused (uid, gid);

  if (g_ascii_string_to_unsigned (name, 10, 0, G_MAXINT32, &number, NULL)) {
    /* a bare number need not be in the user database: its group is the group of the same number */
    entry = getpwuid ((uid_t)number);
    *uid = (uid_t)number;
    *gid = entry != NULL ? entry->pw_gid : (gid_t)number;
    return TRUE;
  }
  entry = getpwnam (name);
  if (entry == NULL)
    return FALSE;
  *uid = entry->pw_uid;
  *gid = entry->pw_gid;
  return TRUE;
}

static char *
look_up (const char *name, GError **error)
{
  uid_t uid;
  gid_t gid;

  if (!find_user (name, &uid, &gid)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SANDBOX,
                 "there is no user %s for workers; [Worker] User= names one", name);
    return NULL;
  }
  if (uid == 0 || gid == 0 || uid == OVERFLOW_ID || gid == OVERFLOW_ID) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SANDBOX,
                 "a worker must not run as %s (uid %u, gid %u); [Worker] User= names a user of its "
                 "own",
                 name, uid, gid);
    return NULL;
  }
  return g_strdup_printf ("%u:%u", uid, gid);
}

const char *
qfu_worker_user (const char *name, GError **error)
{
  static char *known_name;
  static char *known;

  if (geteuid () != 0 && getuid () != 0)
    return "-";
  if (known_name == NULL || strcmp (known_name, name) != 0) {
    char *found = look_up (name, error);

    if (found == NULL)
      return NULL;
    g_free (known_name);
    g_free (known);
    known_name = g_strdup (name);
    known = found;
  }
  return known;
}
