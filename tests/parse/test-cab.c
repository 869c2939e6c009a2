/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"
#include "collect.h"
#include "qfu-error.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

static QfuCollected *
unpack (const GByteArray *cab)
{
  return qfu_collect ("cab", NULL, cab->data, cab->len);
}

static void
assert_refused (const CabFile *files, gsize n_files, const CabClaims *claims, QfuError code)
{
  g_autoptr (GByteArray) cab = cab_build (files, n_files, claims);
  g_autoptr (QfuCollected) collected = unpack (cab);

  g_assert_error (collected->error, QFU_ERROR, (int)code);
}

static void
test_stored (void)
{
  const CabFile files[] = {
      {"a.bin", "hello", 5, 0}, {"empty", "", 0, 0}, {"b.bin", "world!", 6, 0}};
  g_autoptr (GByteArray) cab = cab_build (files, G_N_ELEMENTS (files), NULL);
  g_autoptr (QfuCollected) collected = unpack (cab);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "MEMBER SIZE=5 NAME=\"a.bin\"\n"
                   "DATA 5 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
                   "MEMBER SIZE=0 NAME=\"empty\"\n"
                   "MEMBER SIZE=6 NAME=\"b.bin\"\n"
                   "DATA 6 711e9609339e92b03ddc0a211827dba421f38f9ed8b9d806e1ffdd8c15ffa03d\n");
}

static void
run_gcab (const char *dir, const char *option)
{
  const char *argv[] = {"gcab", "-c", "out.cab", "one", "two", option, NULL};
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) gcab = NULL;

  g_subprocess_launcher_set_cwd (launcher, dir);
  gcab = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (gcab, NULL, &error));
  g_assert_no_error (error);
}

static void
write_file (const char *dir, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, (gssize)size, &error);
  g_assert_no_error (error);
}

static void
remove_file (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (g_remove (path), ==, 0);
}

/* @user: an option of gcab, or %NULL for a stored cabinet */
static void
test_gcab (gconstpointer user)
{
  enum { SIZE = 300000 }; /* more than one data block */
  g_autofree char *dir = g_dir_make_tmp ("qfu-cab-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "out.cab", NULL);
  g_autofree guint8 *data = g_malloc (SIZE);
  g_autofree char *contents = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (QfuCollected) collected = NULL;
  gsize size;

  for (gsize i = 0; i < SIZE; i++)
    data[i] = (guint8)(i * i >> 5);
  write_file (dir, "one", data, SIZE);
  write_file (dir, "two", "hello", 5);
  run_gcab (dir, user);
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  collected = qfu_collect ("cab", NULL, contents, size);
  g_assert_no_error (collected->error);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, SIZE);
  expected =
      g_strdup_printf ("MEMBER SIZE=%d NAME=\"one\"\nDATA %d %s\nMEMBER SIZE=5 NAME=\"two\"\n"
                       "DATA 5 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n",
                       SIZE, SIZE, sha256);
  g_assert_cmpstr (collected->text, ==, expected);
  remove_file (dir, "one");
  remove_file (dir, "two");
  remove_file (dir, "out.cab");
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

static void
test_names (void)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *too_long = g_strnfill (256, 'n');
  const char *bad[] = {"",     "..",    ".",        "../a", "a/b",     "/etc/passwd",
                       "a\\b", "..\\a", "\x1b[31m", "a\nb", "caf\xe9", too_long};
  const CabFile good[] = {{longest, "x", 1, 0}, {"with space (1).bin", "x", 1, 0}};
  g_autoptr (GByteArray) cab = cab_build (good, G_N_ELEMENTS (good), NULL);
  g_autoptr (QfuCollected) collected = unpack (cab);

  g_assert_no_error (collected->error);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    const CabFile file = {bad[i], "x", 1, 0};

    assert_refused (&file, 1, NULL, QFU_ERROR_FORMAT);
  }
}

static void
test_two_of_one_name (void)
{
  const CabFile same[] = {{"a", "x", 1, 0}, {"a", "y", 1, 0}};
  const CabFile same_but_case[] = {{"a.jcat", "x", 1, 0}, {"A.JCAT", "y", 1, 0}};

  assert_refused (same, 2, NULL, QFU_ERROR_FORMAT);
  assert_refused (same_but_case, 2, NULL, QFU_ERROR_FORMAT);
}

static void
test_claims (void)
{
  const CabFile file = {"a", "hello", 5, 0};
  const CabFile longer = {"a", "hello", 5, 6};
  const CabFile huge = {"a", "hello", 5, 0x10000001};
  const CabClaims previous = {.flags = 1};
  const CabClaims next = {.flags = 2};
  const CabClaims quantum = {.compression = 0x0472};
  const CabClaims lzx = {.compression = 0x1503};
  const CabClaims level = {.compression = 0x0100};
  const CabClaims unknown = {.flags = 0x100};
  const CabClaims more = {.n_files = 2};
  const CabClaims none = {.compression = 0};

  assert_refused (&longer, 1, &none, QFU_ERROR_FORMAT);
  assert_refused (&huge, 1, &none, QFU_ERROR_LIMIT);
  assert_refused (&file, 1, &previous, QFU_ERROR_UNSUPPORTED);
  assert_refused (&file, 1, &next, QFU_ERROR_UNSUPPORTED);
  assert_refused (&file, 1, &quantum, QFU_ERROR_UNSUPPORTED);
  assert_refused (&file, 1, &lzx, QFU_ERROR_UNSUPPORTED);
  assert_refused (&file, 1, &level, QFU_ERROR_UNSUPPORTED);
  assert_refused (&file, 1, &unknown, QFU_ERROR_FORMAT);
  assert_refused (&file, 1, &more, QFU_ERROR_FORMAT);
  assert_refused (NULL, 0, &none, QFU_ERROR_FORMAT);
}

static void
test_reserved (void)
{
  static const gsize offsets[] = {4, 7, 12, 15, 20, 23};
  const CabFile file = {"a", "hello", 5, 0};

  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++) {
    g_autoptr (GByteArray) cab = cab_build (&file, 1, NULL);
    g_autoptr (QfuCollected) collected = NULL;

    cab->data[offsets[i]] = 1;
    collected = unpack (cab);
    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* Every cut, with the stated size adapted, and every changed byte end in an error or in members. */
static void
test_damage (void)
{
  const CabFile files[] = {{"a.bin", "hello", 5, 0}, {"b.bin", "world!", 6, 0}};
  g_autoptr (GByteArray) cab = cab_build (files, G_N_ELEMENTS (files), NULL);

  for (guint n = 0; n < cab->len; n++) {
    g_autofree guint8 *cut = g_memdup2 (cab->data, cab->len);
    g_autoptr (QfuCollected) collected = NULL;

    cut[8] = (guint8)n;
    collected = qfu_collect ("cab", NULL, cut, n);
    g_assert_nonnull (collected->error);
  }
  for (guint n = 0; n < cab->len * 8; n++) {
    g_autofree guint8 *changed = g_memdup2 (cab->data, cab->len);
    g_autoptr (QfuCollected) collected = NULL;

    changed[n / 8] ^= (guint8)(1 << n % 8);
    collected = qfu_collect ("cab", NULL, changed, cab->len);
    g_assert_true (collected->error == NULL || collected->error->domain == QFU_ERROR);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cab/stored", test_stored);
  g_test_add_data_func ("/cab/gcab-stored", NULL, test_gcab);
  g_test_add_data_func ("/cab/gcab-mszip", "--zip", test_gcab);
  g_test_add_func ("/cab/names", test_names);
  g_test_add_func ("/cab/two-of-one-name", test_two_of_one_name);
  g_test_add_func ("/cab/claims", test_claims);
  g_test_add_func ("/cab/reserved", test_reserved);
  g_test_add_func ("/cab/damage", test_damage);
  return g_test_run ();
}
