/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-sandbox.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-sandbox-calls.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define OVERFLOW_ID 65534 /* nobody, nogroup: not an identity but the lack of one */

/* Descriptors 0 to 2 stay. */
#define FIRST_FOREIGN_FD 3

/* `UID:GID` in decimal digits. */
static gboolean
read_user (const char *user, uid_t *uid, gid_t *gid)
{
  g_auto (GStrv) words = g_strsplit (user, ":", 3);
  guint64 numbers[2];

  if (g_strv_length (words) != 2 ||
      !g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXINT32, &numbers[0], NULL) ||
      !g_ascii_string_to_unsigned (words[1], 10, 1, G_MAXINT32, &numbers[1], NULL))
    return FALSE;
  *uid = (uid_t)numbers[0];
  *gid = (gid_t)numbers[1];
  return *uid != OVERFLOW_ID && *gid != OVERFLOW_ID;
}

gboolean
qfu_sandbox_spec_init (
    QfuSandboxSpec *spec, const char *user, guint64 memory, guint cpu, GError **error)
{
  *spec = (QfuSandboxSpec){.memory = memory, .cpu = cpu};
  if (geteuid () != 0 && getuid () != 0)
    return TRUE;
  spec->change_user = TRUE;
  if (read_user (user, &spec->uid, &spec->gid))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_SANDBOX, "%s is not UID:GID of a user for workers",
               user);
  return FALSE;
}

static gboolean
lock_descriptors (const QfuSandboxSpec *spec)
{
  return close_range (FIRST_FOREIGN_FD, ~0U, 0) == 0;
}

static gboolean
lock_environment (const QfuSandboxSpec *spec)
{
  return clearenv () == 0;
}

static gboolean
lock_groups (const QfuSandboxSpec *spec)
{
  return !spec->change_user ||
         (setgroups (0, NULL) == 0 && setresgid (spec->gid, spec->gid, spec->gid) == 0);
}

static gboolean
lock_user (const QfuSandboxSpec *spec)
{
  return !spec->change_user || setresuid (spec->uid, spec->uid, spec->uid) == 0;
}

/* The kernel's word that there is no way back. */
static gboolean
lock_no_way_back (const QfuSandboxSpec *spec)
{
  uid_t r;
  uid_t e;
  uid_t s;

  errno = EALREADY;
  if (setuid (0) == 0 || (spec->change_user && setgid (0) == 0))
    return FALSE;
  if (getresuid (&r, &e, &s) != 0)
    return FALSE;
  errno = EALREADY;
  if (spec->change_user)
    return r == spec->uid && e == spec->uid && s == spec->uid;
  return r != 0 && e != 0 && s != 0;
}

static gboolean
set_limit (int resource, guint64 value)
{
  struct rlimit limit;

  if (getrlimit ((__rlimit_resource_t)resource, &limit) != 0)
    return FALSE;
  limit.rlim_max = MIN (limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  return setrlimit ((__rlimit_resource_t)resource, &limit) == 0;
}

static gboolean
lock_limits (const QfuSandboxSpec *spec)
{
#ifndef QFU_SANDBOX_NO_MEMORY_LIMIT
  if (!set_limit (RLIMIT_AS, spec->memory))
    return FALSE;
#endif
  /* one descriptor more than there are: landlock's, which closes that gap behind itself */
  return set_limit (RLIMIT_CPU, spec->cpu) && set_limit (RLIMIT_NOFILE, FIRST_FOREIGN_FD + 1) &&
         set_limit (RLIMIT_NPROC, 0) && set_limit (RLIMIT_FSIZE, 0) && set_limit (RLIMIT_CORE, 0) &&
         set_limit (RLIMIT_MEMLOCK, 0) && set_limit (RLIMIT_MSGQUEUE, 0);
}

static gboolean
lock_new_privileges (const QfuSandboxSpec *spec)
{
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* The change of user took the parent's death signal away, so it is set again. */
static gboolean
lock_dumping (const QfuSandboxSpec *spec)
{
  return prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl (PR_SET_PDEATHSIG, SIGKILL) == 0;
}

/* The kernel's struct landlock_ruleset_attr as of ABI 6; older headers lack the last two members,
 * older kernels take them as long as they are zero. */
typedef struct {
  guint64 files;
  guint64 network;
  guint64 scopes;
} LandlockRights;

static LandlockRights
landlock_rights (long abi)
{
  LandlockRights rights = {0};

  rights.files = (1 << 13) - 1; /* ABI 1: execute … make_sym */
  if (abi >= 2)
    rights.files |= 1 << 13; /* refer */
  if (abi >= 3)
    rights.files |= 1 << 14; /* truncate */
  if (abi >= 4)
    rights.network = 1 << 0 | 1 << 1; /* bind and connect TCP */
  if (abi >= 5)
    rights.files |= 1 << 15; /* ioctl on devices */
  if (abi >= 6)
    rights.scopes = 1 << 0 | 1 << 1; /* abstract sockets, signals */
  return rights;
}

static gboolean
lock_landlock (const QfuSandboxSpec *spec)
{
  long abi = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  LandlockRights rights;
  g_auto (QfuFd) ruleset = -1;

  if (abi < 1)
    return FALSE;
  rights = landlock_rights (abi);
  ruleset = (int)syscall (SYS_landlock_create_ruleset, &rights, sizeof rights, 0);
  return ruleset >= 0 && syscall (SYS_landlock_restrict_self, ruleset, 0) == 0 &&
         set_limit (RLIMIT_NOFILE, FIRST_FOREIGN_FD);
}

static gboolean
lock_system_calls (const QfuSandboxSpec *spec)
{
  return qfu_sandbox_calls_lock ();
}

/* The order matters: a step may need what a later one takes away. */
static const struct {
  const char *name;
  gboolean (*run) (const QfuSandboxSpec *spec);
} steps[] = {
    {"closing descriptors (close_range)", lock_descriptors},
    {"clearing the environment (clearenv)", lock_environment},
    {"dropping groups (setgroups, setresgid)", lock_groups},
    {"changing the user (setresuid)", lock_user},
    {"making sure that root is gone (setuid)", lock_no_way_back},
    {"limiting resources (setrlimit)", lock_limits},
    {"refusing new privileges (PR_SET_NO_NEW_PRIVS)", lock_new_privileges},
    {"forbidding dumps (PR_SET_DUMPABLE)", lock_dumping},
    {"taking files away (landlock)", lock_landlock},
    {"taking system calls away (seccomp)", lock_system_calls},
};

static void
set_step_error (GError **error, const char *step, int saved_errno)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_SANDBOX, "the lock-down failed at %s: %s%s", step,
               g_strerror (saved_errno),
               saved_errno != EPERM
                   ? ""
                   : "; inside fwupd.service this means that its system-call filter lacks the "
                     "drop-in /usr/lib/systemd/system/fwupd.service.d/qubes-fwupd.conf "
                     "(SystemCallFilter)");
}

gboolean
qfu_sandbox_lock (const QfuSandboxSpec *spec, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
    errno = 0;
    if (!steps[i].run (spec)) {
      set_step_error (error, steps[i].name, errno);
      return FALSE;
    }
  }
  return TRUE;
}
