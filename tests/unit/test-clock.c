/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The system's clock is what it is; what it is held against moves instead. */

#include "qfu-clock.h"

#include "qfu-error.h"
#include "qfu-highwater.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define AHEAD 1000 /* seconds, more than a test lasts */

static char *directory;
static QfuConfig config;

static gint64
system_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
clock_path (void)
{
  g_autofree char *folder = qfu_highwater_folder (&config);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return g_build_filename (folder, ".clock", NULL);
}

static void
put (const char *text)
{
  g_autofree char *path = clock_path ();

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
put_seen (gint64 seen)
{
  g_autofree char *text = g_strdup_printf ("[Clock]\nVersion=1\nSeen=%" G_GINT64_FORMAT "\n", seen);

  put (text);
}

static void
put_mark (const char *remote, gint64 time)
{
  QfuHighWater mark = {.time = time};
  g_autoptr (GError) error = NULL;

  qfu_digest_compute (QFU_HASH_SHA256, remote, strlen (remote), &mark.metadata);
  g_assert_true (qfu_highwater_store (&config, remote, &mark, &error));
}

static void
works (void)
{
  g_autoptr (GError) error = NULL;
  gint64 before = system_now ();
  gint64 now;

  g_assert_true (qfu_clock_now (&config, &now, &error));
  g_assert_no_error (error);
  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, system_now ());
}

/* Both refuse; the one that would keep the time keeps none. */
static void
refuses (int code, const char *says)
{
  g_autofree char *path = clock_path ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now;

  (void)g_file_get_contents (path, &before, NULL, NULL);
  g_assert_false (qfu_clock_now (&config, &now, &error));
  g_assert_error (error, QFU_ERROR, code);
  g_assert_nonnull (strstr (error->message, says));
  g_clear_error (&error);
  g_assert_false (qfu_clock_start (&config, &now, &error));
  g_assert_error (error, QFU_ERROR, code);
  (void)g_file_get_contents (path, &after, NULL, NULL);
  g_assert_cmpstr (before, ==, after);
}

static void
test_seen (void)
{
  g_autofree char *path = clock_path ();
  gint64 now;

  works ();
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS)); /* readers keep nothing */
  g_assert_true (qfu_clock_start (&config, &now, NULL));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  works (); /* most likely in the same second */
  g_assert_true (qfu_clock_start (&config, &now, NULL));
  put_seen (system_now () + AHEAD);
  refuses (QFU_ERROR_CLOCK, "qvm-sync-clock");
  refuses (QFU_ERROR_CLOCK, path); /* what to remove when it was wrong then */
}

static void
test_marks (void)
{
  put_mark ("a", system_now () - AHEAD);
  works ();
  put_mark ("b", system_now () + AHEAD);
  put_mark ("c", system_now () - AHEAD);
  refuses (QFU_ERROR_CLOCK, "qvm-sync-clock");
  refuses (QFU_ERROR_CLOCK, "remote b");
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
      "",
      "x",
      "[Clock]\nVersion=1\n",
      "[Clock]\nVersion=1\nSeen=0\n",
      "[Clock]\nVersion=2\nSeen=5\n",
      "[Clock]\nVersion=1\nSeen=5\nSeen=6\n",
      "[Clock]\nVersion=1\nSeen=05\n",
      "[Clock]\nVersion=1\nSeen=5",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    put (texts[i]);
    refuses (QFU_ERROR_FORMAT, "remove that file");
  }
  put_seen (5);
  works ();
}

static void
test_link (void)
{
  g_autofree char *path = clock_path ();

  g_assert_cmpint (symlink ("/dev/null", path), ==, 0);
  refuses (QFU_ERROR_REFUSED, "a link");
}

static void
test_text (void)
{
  g_autofree char *text = qfu_clock_text (1700000000);
  g_autofree char *never = qfu_clock_text (G_MAXINT64);

  g_assert_cmpstr (text, ==, "2023-11-14 22:13:20 UTC");
  g_assert_cmpstr (never, ==, "an unknown time");
}

typedef void (*Body) (void);

static void
in_directory (gconstpointer data)
{
  Body const *body = data;

  directory = test_directory ();
  config.state = g_build_filename (directory, "state", NULL);
  (*body) ();
  test_directory_remove (directory);
  g_clear_pointer (&directory, g_free);
  g_clear_pointer (&config.state, g_free);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    Body body;
  } tests[] = {
      {"/clock/seen", test_seen}, {"/clock/marks", test_marks}, {"/clock/damaged", test_damaged},
      {"/clock/link", test_link}, {"/clock/text", test_text},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, &tests[i].body, in_directory);
  return g_test_run ();
}
