/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-lock.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 3 /* for what a person does meanwhile, which may be to think */
#define AGAIN_SECONDS 1    /* between two alarms, as the first may come before the wait */
#define HOLDER_SIZE 64     /* bytes */
#define UNATTENDED "unattended"

static gboolean
open_lock (const QfuConfig *config, int *fd, char **path, GError **error)
{
  *path = g_build_filename (config->runtime, "update.lock", NULL);
  if (g_mkdir_with_parents (config->runtime, 0700) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", config->runtime);
  *fd = open (*path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return *fd >= 0 || qfu_error_errno (error, errno, "%s cannot be opened", *path);
}

/* (transfer full) (nullable): "PROCESS VERB" or "PROCESS VERB unattended". The file is root's, but
 * whoever has just taken the lock may not have written it yet. */
static char *
read_holder (int fd)
{
  char text[HOLDER_SIZE + 1] = "";
  gssize size = pread (fd, text, HOLDER_SIZE, 0);
  char *end = size > 0 ? strchr (text, '\n') : NULL;

  if (end == NULL || strspn (text, G_CSET_DIGITS G_CSET_a_2_z " -") != (gsize)(end - text))
    return NULL;
  return g_strndup (text, (gsize)(end - text));
}

/* What is there for others to read decides nothing; it may be missing. */
static void
write_holder (int fd, const QfuOptions *options)
{
  g_autofree char *text =
      g_strdup_printf ("%d %s%s\n", (int)getpid (), options->verb != NULL ? options->verb : "",
                       options->unattended ? " " UNATTENDED : "");
  gsize size = strlen (text);

  if (size > HOLDER_SIZE || ftruncate (fd, 0) != 0 || pwrite (fd, text, size, 0) != (gssize)size)
    g_debug ("the lock does not say who has it");
}

/* (transfer full) */
static char *
describe (const char *holder)
{
  g_auto (GStrv) words = g_strsplit (holder != NULL ? holder : "", " ", 3);

  if (g_strv_length (words) < 2)
    return g_strdup ("another qubes-fwupdmgr is at work");
  return g_strdup_printf ("another qubes-fwupdmgr is at work (process %s: %s%s)", words[0],
                          words[1], words[2] != NULL ? ", " UNATTENDED : "");
}

static guint
patience (const QfuConfig *config, const QfuOptions *options, const char *holder)
{
  return options->unattended || (holder != NULL && g_str_has_suffix (holder, " " UNATTENDED))
             ? config->lock_seconds
             : PATIENCE_SECONDS;
}

static void
on_alarm (int number)
{
  (void)number;
}

/* flock() that an alarm ends. */
static gboolean
wait_for (int fd, guint seconds)
{
  const struct sigaction interrupt = {.sa_handler = on_alarm}; /* no SA_RESTART */
  const struct itimerval never = {0};
  const struct itimerval then = {.it_value.tv_sec = (time_t)seconds,
                                 .it_interval.tv_sec = AGAIN_SECONDS};
  struct sigaction before;
  gboolean taken;

  if (seconds == 0 || sigaction (SIGALRM, &interrupt, &before) != 0)
    return FALSE;
  taken = setitimer (ITIMER_REAL, &then, NULL) == 0 && flock (fd, LOCK_EX) == 0;
  (void)setitimer (ITIMER_REAL, &never, NULL);
  (void)sigaction (SIGALRM, &before, NULL);
  return taken;
}

static gboolean
refuse (const char *who, const char *path, guint waited, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_BUSY,
               "%s, and holds %s; waited %u s for it. Try again when it is done", who, path,
               waited);
  return FALSE;
}

/* Somebody has it. */
static gboolean
wait_in_turn (
    int lock, const QfuConfig *config, const QfuOptions *options, const char *path, GError **error)
{
  g_autofree char *holder = read_holder (lock);
  g_autofree char *who = describe (holder);
  guint seconds = patience (config, options, holder);

  if (!options->unattended && seconds > 0)
    qfu_warn ("%s; waiting up to %u s for it", who, seconds);
  return wait_for (lock, seconds) || refuse (who, path, seconds, error);
}

gboolean
qfu_lock_take (const QfuConfig *config, const QfuOptions *options, int *fd, GError **error)
{
  g_autofree char *path = NULL;
  g_auto (QfuFd) lock = -1;

  if (!open_lock (config, &lock, &path, error))
    return FALSE;
  if (flock (lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return qfu_error_errno (error, errno, "%s cannot be locked", path);
    if (!wait_in_turn (lock, config, options, path, error))
      return FALSE;
  }
  write_holder (lock, options);
  *fd = qfu_fd_steal (&lock);
  return TRUE;
}

gboolean
qfu_lock_try (const QfuConfig *config, int *fd, GError **error)
{
  g_autofree char *path = NULL;
  g_auto (QfuFd) lock = -1;

  if (!open_lock (config, &lock, &path, error))
    return FALSE;
  if (flock (lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return qfu_error_errno (error, errno, "%s cannot be locked", path);
    return qfu_error_set (error, QFU_ERROR_BUSY, "another qubes-fwupdmgr is at work");
  }
  *fd = qfu_fd_steal (&lock);
  return TRUE;
}
