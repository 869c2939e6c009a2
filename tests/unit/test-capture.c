/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-capture.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60 /* seconds, far more than anything needs on a busy machine */

static QfuUntrustedBlob *
shell (const char *script, guint64 max, guint seconds, GError **error)
{
  const char *const argv[] = {"/bin/sh", "-c", script, NULL};

  return qfu_capture (argv, "the program", max, seconds, error);
}

static void
test_output (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) text = shell ("printf abc; printf no >&2", 3, PATIENCE, &error);
  g_autoptr (QfuUntrustedBlob) none = shell ("cat", 0, PATIENCE, &error);
  g_autoptr (QfuUntrustedBlob) pieces = shell ("head -c 8192 /dev/zero", 8192, PATIENCE, &error);
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "abc", 3);
  g_autofree char *got = NULL;

  g_assert_no_error (error);
  got = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (text));
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpuint (qfu_untrusted_blob_size (none), ==, 0);
  g_assert_cmpuint (qfu_untrusted_blob_size (pieces), ==, 8192);
}

/* Nothing of ours reaches it. */
static void
test_environment (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) out = NULL;

  g_assert_true (g_setenv ("QFU_CAPTURE", "seen", TRUE));
  out = shell ("test -z \"$QFU_CAPTURE\"", 0, PATIENCE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (out);
}

static void
test_refused (void)
{
  static const struct {
    const char *script;
    guint seconds;
    QfuError code;
    const char *says;
  } cases[] = {
      {"printf abcd", PATIENCE, QFU_ERROR_LIMIT, "the program: "},
      {"exec cat /dev/zero", PATIENCE, QFU_ERROR_LIMIT, "the program: "},
      {"printf abc; exit 3", PATIENCE, QFU_ERROR_IO, "the program ended with status 3"},
      {"kill -9 $$", PATIENCE, QFU_ERROR_IO, "the program ended with status 137"},
      {"exec sleep 1000", 1, QFU_ERROR_LIMIT, "the program: "},
      {"exec >&-; exec sleep 1000", 1, QFU_ERROR_LIMIT, "the program: "},
      {"sleep 1000 & wait", 1, QFU_ERROR_LIMIT, "the program: "},
  };
  const char *const absent[] = {"/nonexistent", NULL};
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) local = NULL;
    g_autoptr (QfuUntrustedBlob) out = shell (cases[i].script, 3, cases[i].seconds, &local);

    g_test_message ("%s", cases[i].script);
    g_assert_null (out);
    g_assert_error (local, QFU_ERROR, (int)cases[i].code);
    g_assert_true (g_str_has_prefix (local->message, cases[i].says));
  }
  /* nothing that one of them started goes on, or the alarm ends this test */
  (void)alarm (PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
  g_assert_null (qfu_capture (absent, "the program", 1, 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/capture/output", test_output);
  g_test_add_func ("/capture/environment", test_environment);
  g_test_add_func ("/capture/refused", test_refused);
  return g_test_run ();
}
