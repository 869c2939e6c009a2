/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker-user.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDINARY_UID 60124

/* Whether there is root to change from; says why not. */
static gboolean
is_root (void)
{
  if (getuid () == 0)
    return TRUE;
  g_test_skip ("not root: nobody to become");
  return FALSE;
}

static void
test_refused (void)
{
  static const char *const wrong[] = {"0", "root", "nobody", "65534", "no-such-user", "-1", "1:1"};

  for (gsize i = 0; i < G_N_ELEMENTS (wrong) && is_root (); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_worker_user (wrong[i], &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_SANDBOX);
    g_assert_nonnull (strstr (error->message, wrong[i]));
  }
}

static void
test_named (void)
{
  const struct passwd *daemon = getpwnam ("daemon");
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  if (!is_root ())
    return;
  /* a bare number */
  g_assert_cmpstr (qfu_worker_user ("60123", &error), ==, "60123:60123");
  g_assert_cmpstr (qfu_worker_user ("60122", &error), ==, "60122:60122");
  g_assert_nonnull (daemon);
  expected = g_strdup_printf ("%u:%u", daemon->pw_uid, daemon->pw_gid);
  g_assert_cmpstr (qfu_worker_user ("daemon", &error), ==, expected);
  g_assert_cmpstr (qfu_worker_user ("daemon", &error), ==, expected);
  g_assert_no_error (error);
}

/* Where the package's user was not made, a worker still gets an id that is nobody else's. */
static void
test_no_name (void)
{
  g_autoptr (GError) error = NULL;
  const struct passwd *entry;
  const char *user;
  long uid;

  if (!is_root ())
    return;
  user = qfu_worker_user ("", &error);
  g_assert_no_error (error);
  uid = strtol (user, NULL, 10);
  g_assert_cmpint (uid, >, 0);
  g_assert_cmpint (strtol (strchr (user, ':') + 1, NULL, 10), >, 0);
  entry = getpwuid ((uid_t)uid);
  g_assert_true (entry == NULL || strcmp (entry->pw_name, "qubes-fwupd-worker") == 0);
}

static void
test_ordinary (void)
{
  pid_t child = fork ();
  int status;

  if (child == 0) {
    const char *user;

    if (getuid () == 0 && setresuid (ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0)
      _exit (2);
    user = qfu_worker_user ("no-such-user", NULL);
    _exit (user != NULL && strcmp (user, "-") == 0 ? 0 : 1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/worker-user/refused", test_refused);
  g_test_add_func ("/worker-user/named", test_named);
  g_test_add_func ("/worker-user/no-name", test_no_name);
  g_test_add_func ("/worker-user/ordinary", test_ordinary);
  return g_test_run ();
}
