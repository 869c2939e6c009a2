/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-metastore.h"

#include "qfu-cache.h"
#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define NAME "firmware.xml.gz"
#define TIME G_GINT64_CONSTANT (1700000000)
#define NOW (TIME + 1000)

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
} Fixture;

/* Metadata as `refresh` has it: fetched and verified. */
typedef struct {
  QfuUntrustedBlob *jcat;
  QfuSignedMetadata *metadata;
} Fetched;

static void
fetched_clear (Fetched *fetched)
{
  qfu_untrusted_blob_free (fetched->jcat);
  qfu_signed_metadata_free (fetched->metadata);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetched, fetched_clear)

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *keys = NULL;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  keys = g_build_filename (f->directory, "metadata-keys", NULL);
  signed_keys (keys, f->authority);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  pki_free (f->authority);
  pki_free (f->leaf);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuMetadataWanted
wanted (void)
{
  return (QfuMetadataWanted){"lvfs", NAME, NOW};
}

static Fetched
fetch (const Fixture *f, const char *content, gint64 signed_at)
{
  g_autoptr (GBytes) data = signed_text (content);
  const SignedFile file = {NAME, data, f->leaf, signed_at};
  g_autoptr (GBytes) jcat = signed_jcat (&file, 1);
  g_autoptr (QfuUntrustedBlob) blob = signed_blob (data);
  const QfuMetadataWanted what = wanted ();
  g_autoptr (GError) error = NULL;
  Fetched fetched = {.jcat = signed_blob (jcat)};

  fetched.metadata = qfu_metadata_verify (f->config, &what, fetched.jcat, blob, &error);
  g_assert_no_error (error);
  return fetched;
}

static gboolean
keep (const Fixture *f, const Fetched *fetched)
{
  g_autoptr (GError) error = NULL;
  gboolean changed;

  g_assert_true (
      qfu_metastore_keep (f->config, "lvfs", fetched->jcat, fetched->metadata, &changed, &error));
  g_assert_no_error (error);
  return changed;
}

static void
refuses_to_keep (const Fixture *f, const Fetched *fetched, int code)
{
  g_autoptr (GError) error = NULL;
  gboolean changed;

  g_assert_false (
      qfu_metastore_keep (f->config, "lvfs", fetched->jcat, fetched->metadata, &changed, &error));
  g_assert_error (error, QFU_ERROR, code);
}

static char *
path_of (const Fixture *f, const Fetched *fetched, const char *suffix)
{
  g_autofree char *hex =
      qfu_digest_to_hex (qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (fetched->metadata)));
  g_autofree char *name = g_strconcat (hex, suffix, NULL);

  return g_build_filename (f->config->cache, "metadata", "lvfs", name, NULL);
}

/* Loading gives exactly @fetched. */
static void
loads (const Fixture *f, const Fetched *fetched)
{
  const QfuMetadataWanted what = wanted ();
  g_autoptr (GError) error = NULL;
  QfuHighWater mark;
  g_autoptr (QfuSignedMetadata) metadata = qfu_metastore_load (f->config, &what, &mark, &error);

  g_assert_no_error (error);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (metadata)),
                        qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (fetched->metadata))));
  g_assert_cmpint (qfu_signature_time (qfu_signed_metadata_signature (metadata)), ==,
                   qfu_signature_time (qfu_signed_metadata_signature (fetched->metadata)));
}

static void
refuses_to_load (const Fixture *f, int code)
{
  const QfuMetadataWanted what = wanted ();
  g_autoptr (GError) error = NULL;
  QfuHighWater mark;

  g_assert_null (qfu_metastore_load (f->config, &what, &mark, &error));
  g_assert_error (error, QFU_ERROR, code);
}

static guint
count_files (const Fixture *f)
{
  g_autofree char *path = g_build_filename (f->config->cache, "metadata", "lvfs", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
clean (const Fixture *f)
{
  g_autofree char *path = g_build_filename (f->config->cache, "metadata", NULL);

  test_directory_remove (path);
}

static void
test_usual (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_auto (Fetched) second = fetch (f, "second", TIME + 1);

  refuses_to_load (f, QFU_ERROR_NOT_FOUND);
  g_assert_true (keep (f, &first));
  loads (f, &first);
  g_assert_false (keep (f, &first));
  g_assert_true (keep (f, &second));
  loads (f, &second);
  g_assert_cmpuint (count_files (f), ==, 2); /* nothing of the first is left */
  clean (f);
  refuses_to_load (f, QFU_ERROR_NOT_FOUND);
  g_assert_true (keep (f, &second)); /* equal, but it was not there any more */
  loads (f, &second);
}

static void
test_rollback (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_auto (Fetched) older = fetch (f, "older", TIME - 1);
  g_auto (Fetched) older_signature = fetch (f, "first", TIME - 1);
  g_auto (Fetched) other = fetch (f, "other", TIME);

  g_assert_true (keep (f, &first));
  refuses_to_keep (f, &older, QFU_ERROR_STALE);
  refuses_to_keep (f, &older_signature, QFU_ERROR_STALE);
  refuses_to_keep (f, &other, QFU_ERROR_MISMATCH);
  loads (f, &first);
  clean (f);
  refuses_to_keep (f, &older, QFU_ERROR_STALE);
  refuses_to_keep (f, &other, QFU_ERROR_MISMATCH);
  refuses_to_load (f, QFU_ERROR_NOT_FOUND);
}

/* The same metadata, signed again later, is newer. */
static void
test_signed_again (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_auto (Fetched) again = fetch (f, "first", TIME + 5);
  QfuHighWater mark;

  g_assert_true (keep (f, &first));
  g_assert_true (keep (f, &again));
  g_assert_true (qfu_highwater_load (f->config, "lvfs", &mark, NULL));
  g_assert_cmpint (mark.time, ==, TIME + 5);
  loads (f, &again);
  refuses_to_keep (f, &first, QFU_ERROR_STALE);
}

static void
replace (const char *path, const QfuUntrustedBlob *blob)
{
  FILE *file = g_fopen (path, "we");

  g_assert_nonnull (file);
  g_assert_true (qfu_untrusted_blob_write_to (blob, fileno (file), NULL));
  g_assert_cmpint (fclose (file), ==, 0);
}

/* A genuine older pair, put into the place of what counts. */
static void
test_old_cache (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) older = fetch (f, "older", TIME - 1);
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_auto (Fetched) older_signature = fetch (f, "first", TIME - 1);
  g_autofree char *metadata = path_of (f, &first, "");
  g_autofree char *jcat = path_of (f, &first, ".jcat");
  g_autofree char *old_metadata = path_of (f, &older, "");
  g_autofree char *old_jcat = path_of (f, &older, ".jcat");

  g_assert_true (keep (f, &first));
  replace (old_metadata, qfu_signed_metadata_blob (older.metadata)); /* nobody looks there */
  replace (old_jcat, older.jcat);
  loads (f, &first);
  replace (metadata, qfu_signed_metadata_blob (older.metadata));
  replace (jcat, older.jcat);
  refuses_to_load (f, QFU_ERROR_MISMATCH);
  g_assert_true (keep (f, &first)); /* the way out */
  loads (f, &first);
  replace (jcat, older_signature.jcat);
  refuses_to_load (f, QFU_ERROR_STALE);
  g_assert_true (keep (f, &first));
  loads (f, &first);
  g_assert_cmpuint (count_files (f), ==, 2);
}

/* What a run that was killed leaves, and the next one. */
static void
test_interrupted (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_auto (Fetched) second = fetch (f, "second", TIME + 1);
  g_autofree char *metadata = path_of (f, &second, "");
  g_autofree char *jcat = path_of (f, &second, ".jcat");
  QfuHighWater mark = {.time = TIME + 1};

  g_assert_true (keep (f, &first));
  replace (metadata, qfu_signed_metadata_blob (second.metadata)); /* before the jcat */
  loads (f, &first);
  replace (jcat, second.jcat); /* before the mark */
  loads (f, &first);
  mark.metadata = *qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (second.metadata));
  g_assert_true (qfu_highwater_store (f->config, "lvfs", &mark, NULL)); /* before the end */
  loads (f, &second);
  g_assert_cmpuint (count_files (f), ==, 4);
  g_assert_false (keep (f, &second));
  loads (f, &second);
  g_assert_cmpuint (count_files (f), ==, 2);
}

static void
test_damaged_mark (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_autofree char *folder = qfu_highwater_folder (f->config);
  g_autofree char *path = g_build_filename (folder, "lvfs", NULL);

  g_assert_true (keep (f, &first));
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  refuses_to_load (f, QFU_ERROR_FORMAT);
  refuses_to_keep (f, &first, QFU_ERROR_FORMAT);
  g_assert_cmpint (g_unlink (path), ==, 0);
  refuses_to_load (f, QFU_ERROR_NOT_FOUND); /* without a mark nothing counts */
  g_assert_true (keep (f, &first));
  loads (f, &first);
}

/* Metadata that nobody can verify any more is not metadata that was never fetched. */
static void
test_no_authority (Fixture *f, gconstpointer unused)
{
  g_auto (Fetched) first = fetch (f, "first", TIME);
  g_autofree char *keys = g_build_filename (f->directory, "metadata-keys", NULL);
  g_autofree char *away = g_build_filename (f->directory, "away", NULL);

  g_assert_true (keep (f, &first));
  g_assert_cmpint (g_rename (keys, away), ==, 0);
  refuses_to_load (f, QFU_ERROR_SIGNATURE);
  g_assert_cmpint (g_rename (away, keys), ==, 0);
  loads (f, &first);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*body) (Fixture *f, gconstpointer unused);
  } tests[] = {
      {"/metastore/usual", test_usual},
      {"/metastore/rollback", test_rollback},
      {"/metastore/signed-again", test_signed_again},
      {"/metastore/old-cache", test_old_cache},
      {"/metastore/interrupted", test_interrupted},
      {"/metastore/damaged-mark", test_damaged_mark},
      {"/metastore/no-authority", test_no_authority},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].body, tear_down);
  return g_test_run ();
}
