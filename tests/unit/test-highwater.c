/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-highwater.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define TIME G_GINT64_CONSTANT (1700000000)
#define DIGEST "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define MINIMAL "[HighWater]\nVersion=1\nSigned=1700000000\nMetadata=" DIGEST "\n"

static char *directory;
static QfuConfig config;

static QfuHighWater
mark_of (gint64 time, const char *text)
{
  QfuHighWater mark = {.time = time};

  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), &mark.metadata);
  return mark;
}

static char *
path_of (const char *remote)
{
  g_autofree char *folder = qfu_highwater_folder (&config);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return g_build_filename (folder, remote, NULL);
}

static void
put (const char *remote, const char *text)
{
  g_autofree char *path = path_of (remote);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
store (const char *remote, const QfuHighWater *mark)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_highwater_store (&config, remote, mark, &error));
  g_assert_no_error (error);
}

static void
refuses_to_load (const char *remote, int code)
{
  g_autoptr (GError) error = NULL;
  QfuHighWater mark;

  g_assert_false (qfu_highwater_load (&config, remote, &mark, &error));
  g_assert_error (error, QFU_ERROR, code);
}

static void
refuses_to_store (const char *remote, const QfuHighWater *mark, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_highwater_store (&config, remote, mark, &error));
  g_assert_error (error, QFU_ERROR, code);
}

static void
test_round (void)
{
  QfuHighWater mark = mark_of (TIME, "foo");
  QfuHighWater loaded;
  g_autofree char *path = path_of ("lvfs");
  g_autofree char *text = NULL;

  refuses_to_load ("lvfs", QFU_ERROR_NOT_FOUND);
  store ("lvfs", &mark);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, MINIMAL);
  g_assert_true (qfu_highwater_load (&config, "lvfs", &loaded, NULL));
  g_assert_cmpint (loaded.time, ==, TIME);
  g_assert_true (qfu_digest_equal (&loaded.metadata, &mark.metadata));
  g_assert_cmpuint (loaded.index.size, ==, 0);
  /* the same metadata again, with all that can be known of it */
  mark.index = mark.authorities = mark.metadata;
  mark.index.data[0] = 1;
  mark.authorities.data[0] = 2;
  mark.not_after = TIME + 9;
  memset (mark.serial, 'f', sizeof mark.serial - 1);
  store ("lvfs", &mark);
  g_assert_true (qfu_highwater_load (&config, "lvfs", &loaded, NULL));
  g_assert_true (qfu_digest_equal (&loaded.index, &mark.index));
  g_assert_true (qfu_digest_equal (&loaded.authorities, &mark.authorities));
  g_assert_cmpstr (loaded.serial, ==, mark.serial);
  g_assert_cmpint (loaded.not_after, ==, TIME + 9);
  refuses_to_load ("lvfs-testing", QFU_ERROR_NOT_FOUND); /* each remote has its own */
}

static void
test_only_up (void)
{
  QfuHighWater mark = mark_of (TIME, "foo");
  QfuHighWater older = mark_of (TIME - 1, "foo");
  QfuHighWater other = mark_of (TIME, "bar");
  QfuHighWater newer = mark_of (TIME + 1, "bar");
  QfuHighWater loaded;

  store ("lvfs", &mark);
  refuses_to_store ("lvfs", &older, QFU_ERROR_STALE);
  refuses_to_store ("lvfs", &other, QFU_ERROR_MISMATCH);
  store ("lvfs", &newer);
  refuses_to_store ("lvfs", &mark, QFU_ERROR_STALE);
  g_assert_true (qfu_highwater_load (&config, "lvfs", &loaded, NULL));
  g_assert_cmpint (loaded.time, ==, TIME + 1);
}

static void
test_no_mark (void)
{
  QfuHighWater mark = mark_of (0, "foo");
  static const char *const names[] = {"", ".clock", ".", "..", "a/b", "a b", "../refvals"};

  refuses_to_store ("lvfs", &mark, QFU_ERROR_INTERNAL);
  mark = (QfuHighWater){.time = TIME};
  refuses_to_store ("lvfs", &mark, QFU_ERROR_INTERNAL);
  mark = mark_of (TIME, "foo");
  (void)g_strlcpy (mark.serial, "AB", sizeof mark.serial);
  refuses_to_store ("lvfs", &mark, QFU_ERROR_INTERNAL);
  mark.serial[0] = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    refuses_to_load (names[i], QFU_ERROR_USAGE);
    refuses_to_store (names[i], &mark, QFU_ERROR_USAGE);
  }
}

/* Damage is never taken for a first use: neither read nor written over. */
static void
test_damaged (void)
{
  static const char *const texts[] = {
      "",
      "[HighWater]\n",
      "x",
      "[HighWater]\nVersion=1\nSigned=1700000000\n",
      "[HighWater]\nVersion=1\nMetadata=" DIGEST "\n",
      "[HighWater]\nVersion=2\nSigned=1700000000\nMetadata=" DIGEST "\n",
      "[HighWater]\nVersion=1\nSigned=-1\nMetadata=" DIGEST "\n",
      "[HighWater]\nVersion=1\nSigned=0\nMetadata=" DIGEST "\n",
      "[HighWater]\nVersion=1\nSigned=1700000000\nMetadata=2c26\n",
      "[HighWater]\nVersion=1\nSigned= 1700000000\nMetadata=" DIGEST "\n",
      "[HighWater]\nVersion=1\nSigned=1700000000\nSigned=1700000001\nMetadata=" DIGEST "\n",
      MINIMAL "Other=1\n",
      MINIMAL "Serial=xyz\n",
      MINIMAL "NotAfter=-5\n",
      MINIMAL "Index=" DIGEST "00\n",
      MINIMAL "\n",
      "# comment\n" MINIMAL,
      MINIMAL "[Other]\n",
  };
  QfuHighWater mark = mark_of (TIME + 1, "foo");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    put ("lvfs", texts[i]);
    refuses_to_load ("lvfs", QFU_ERROR_FORMAT);
    refuses_to_store ("lvfs", &mark, QFU_ERROR_FORMAT);
  }
  put ("lvfs", MINIMAL); /* the tests above fail for what they say */
  store ("lvfs", &mark);
}

static void
test_link (void)
{
  QfuHighWater mark = mark_of (TIME + 1, "foo");
  g_autofree char *path = path_of ("lvfs");
  g_autofree char *target = path_of (".target");
  g_autofree char *remote = NULL;
  g_autoptr (GError) error = NULL;
  gint64 latest;

  put (".target", MINIMAL);
  g_assert_cmpint (symlink (target, path), ==, 0);
  refuses_to_load ("lvfs", QFU_ERROR_REFUSED);
  refuses_to_store ("lvfs", &mark, QFU_ERROR_REFUSED);
  g_assert_false (qfu_highwater_latest (&config, &latest, &remote, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

static void
test_latest (void)
{
  QfuHighWater first = mark_of (TIME, "foo");
  QfuHighWater second = mark_of (TIME + 5, "bar");
  g_autofree char *remote = NULL;
  g_autoptr (GError) error = NULL;
  gint64 latest;

  g_assert_true (qfu_highwater_latest (&config, &latest, &remote, NULL));
  g_assert_cmpint (latest, ==, 0);
  g_assert_null (remote);
  store ("a", &first);
  store ("b", &second);
  store ("c", &first);
  put ("b~", "a name that no remote has");
  g_assert_true (qfu_highwater_latest (&config, &latest, &remote, NULL));
  g_assert_cmpint (latest, ==, TIME + 5);
  g_assert_cmpstr (remote, ==, "b");
  g_clear_pointer (&remote, g_free);
  put ("c", "damaged");
  g_assert_false (qfu_highwater_latest (&config, &latest, &remote, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
test_judge (void)
{
  const QfuHighWater mark = mark_of (TIME, "foo");
  const QfuHighWater other = mark_of (TIME, "bar");
  static const struct {
    gint64 time;
    gboolean same;
    int code; /* 0: fine */
  } cases[] = {
      {TIME - 1, TRUE, QFU_ERROR_STALE},
      {TIME - 1, FALSE, QFU_ERROR_STALE},
      {TIME, TRUE, 0},
      {TIME, FALSE, QFU_ERROR_MISMATCH},
      {TIME + 1, TRUE, 0},
      {TIME + 1, FALSE, 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const QfuDigest *digest = cases[i].same ? &mark.metadata : &other.metadata;
    g_autoptr (GError) error = NULL;
    gboolean ok = qfu_highwater_judge (&mark, cases[i].time, digest, &error);

    g_assert_cmpint (ok, ==, cases[i].code == 0);
    if (!ok)
      g_assert_error (error, QFU_ERROR, cases[i].code);
  }
  g_assert_true (qfu_highwater_judge (NULL, 1, &mark.metadata, NULL));
}

static void
test_ahead (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_highwater_judge_ahead (TIME, TIME + 1, NULL));
  g_assert_true (qfu_highwater_judge_ahead (TIME + QFU_HIGHWATER_AHEAD_MAX, TIME, NULL));
  g_assert_false (qfu_highwater_judge_ahead (TIME + QFU_HIGHWATER_AHEAD_MAX + 1, TIME, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_CLOCK);
  g_assert_nonnull (strstr (error->message, "qvm-sync-clock"));
  g_assert_false (qfu_highwater_judge_ahead (G_MAXINT64, 0, NULL));
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
      {"/highwater/round", test_round},     {"/highwater/only-up", test_only_up},
      {"/highwater/no-mark", test_no_mark}, {"/highwater/damaged", test_damaged},
      {"/highwater/link", test_link},       {"/highwater/latest", test_latest},
      {"/highwater/judge", test_judge},     {"/highwater/ahead", test_ahead},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, &tests[i].body, in_directory);
  return g_test_run ();
}
