/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-indexstore.h"

#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define REMOTE "test" /* as signed_metadata() has it */
#define FOLDER "metadata/" REMOTE
#define NAME "firmware.xml.gz"

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  QfuSignedMetadata *metadata; /* which the mark names */
  QfuIndex *index;
} Fixture;

static QfuMetadataWanted
wanted (void)
{
  return (QfuMetadataWanted){REMOTE, NAME, g_get_real_time () / G_USEC_PER_SEC};
}

static QfuSignedMetadata *
sign (Fixture *fixture, const char *xml, gint64 signed_at)
{
  g_autoptr (GBytes) gzip = pki_gzip (xml, strlen (xml));

  return signed_metadata (fixture->config, fixture->leaf, gzip, signed_at);
}

static void
mark (Fixture *fixture, const QfuSignedMetadata *metadata)
{
  g_autoptr (QfuUntrustedBlob) jcat = test_blob ("jcat", 4);
  g_autoptr (GError) error = NULL;
  gboolean changed;

  g_assert_true (qfu_metastore_keep (fixture->config, REMOTE, jcat, metadata, &changed, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->config->metadata_keys, fixture->authority);
  fixture->metadata = sign (fixture, "<components/>", wanted ().now - 1000);
  fixture->index = qfu_index_new (fixture->config, fixture->metadata, &error);
  g_assert_no_error (error);
  mark (fixture, fixture->metadata);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  qfu_index_free (fixture->index);
  qfu_signed_metadata_free (fixture->metadata);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
}

static void
keep (Fixture *fixture)
{
  const QfuMetadataWanted file = wanted ();
  g_autoptr (GError) error = NULL;

  g_assert_true (
      qfu_indexstore_keep (fixture->config, &file, fixture->metadata, fixture->index, &error));
  g_assert_no_error (error);
}

static void
assert_loads (Fixture *fixture)
{
  const QfuMetadataWanted file = wanted ();
  g_autoptr (GError) error = NULL;
  QfuHighWater found;
  g_autoptr (QfuIndex) index = qfu_indexstore_load (fixture->config, &file, &found, &error);

  g_assert_no_error (error);
  g_assert_true (qfu_digest_equal (qfu_index_sha256 (index), qfu_index_sha256 (fixture->index)));
  g_assert_true (qfu_digest_equal (&found.index, qfu_index_sha256 (index)));
}

static void
assert_none (Fixture *fixture, const QfuMetadataWanted *file)
{
  g_autoptr (GError) error = NULL;
  QfuHighWater found;
  g_autoptr (QfuIndex) index = qfu_indexstore_load (fixture->config, file, &found, &error);

  g_assert_null (index);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

/* What was verified needs no worker: there is none. */
static void
test_no_worker (Fixture *fixture, gconstpointer user)
{
  const QfuMetadataWanted file = wanted ();

  assert_none (fixture, &file);
  keep (fixture);
  g_free (fixture->config->programs);
  fixture->config->programs = g_strdup ("/nonexistent");
  assert_loads (fixture);
  mark (fixture, fixture->metadata); /* as a `refresh` that finds nothing newer */
  assert_loads (fixture);
}

/* Whatever decides whether the signature is good must be as it was. */
static void
test_other_rules (Fixture *fixture, gconstpointer user)
{
  g_autofree char *more = g_build_filename (fixture->config->metadata_keys, "more.pem", NULL);
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autofree char *pem = pki_pem (other);
  g_auto (GStrv) denied = g_strsplit ("1234", ";", -1);
  char **none_denied = fixture->config->denied_serials;
  QfuMetadataWanted file = wanted ();

  keep (fixture);
  g_assert_true (g_file_set_contents (more, pem, -1, NULL));
  assert_none (fixture, &file);
  g_assert_cmpint (g_unlink (more), ==, 0);
  assert_loads (fixture);

  fixture->config->denied_serials = denied;
  assert_none (fixture, &file);
  fixture->config->denied_serials = none_denied;
  fixture->config->require_post_quantum = TRUE;
  assert_none (fixture, &file);
  fixture->config->require_post_quantum = FALSE;
  assert_loads (fixture);

  file.file_name = "firmware.xml.xz";
  assert_none (fixture, &file);
}

static void
test_certificate_ends (Fixture *fixture, gconstpointer user)
{
  QfuMetadataWanted file = wanted ();
  g_autoptr (GError) error = NULL;
  QfuHighWater found;

  keep (fixture);
  file.now = qfu_signature_not_after (qfu_signed_metadata_signature (fixture->metadata));
  g_autoptr (QfuIndex) last = qfu_indexstore_load (fixture->config, &file, &found, &error);
  g_assert_no_error (error);
  g_assert_nonnull (last);
  g_assert_cmpint (found.not_after, ==, file.now);
  g_assert_cmpstr (found.serial, !=, "");
  file.now++;
  assert_none (fixture, &file);
}

static void
test_spoilt (Fixture *fixture, gconstpointer user)
{
  g_autofree char *path = g_build_filename (fixture->config->cache, FOLDER, "index", NULL);
  const QfuMetadataWanted file = wanted ();

  keep (fixture);
  g_assert_true (g_file_set_contents (path, "QFUINDEX", -1, NULL));
  assert_none (fixture, &file);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_none (fixture, &file);
  keep (fixture);
  assert_loads (fixture);
}

/* Other metadata counts, and its index is not there yet: nobody takes the one from before for it.
 */
static void
test_newer (Fixture *fixture, gconstpointer user)
{
  const QfuMetadataWanted file = wanted ();
  g_autoptr (QfuSignedMetadata) newer = sign (fixture, "<components></components>", file.now - 1);
  g_autoptr (QfuIndex) index = NULL;
  g_autoptr (GError) error = NULL;

  keep (fixture);
  mark (fixture, newer);
  assert_none (fixture, &file);
  g_assert_false (
      qfu_indexstore_keep (fixture->config, &file, fixture->metadata, fixture->index, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
  g_clear_error (&error);
  index = qfu_index_new (fixture->config, newer, &error);
  /* killed between the file and the mark */
  g_assert_true (qfu_index_keep (index, fixture->config, FOLDER, &error));
  assert_none (fixture, &file);
  g_assert_true (qfu_indexstore_keep (fixture->config, &file, newer, index, &error));
  qfu_index_free (fixture->index);
  fixture->index = g_steal_pointer (&index);
  assert_loads (fixture);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/indexstore/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("no-worker", test_no_worker);
  ADD ("other-rules", test_other_rules);
  ADD ("certificate-ends", test_certificate_ends);
  ADD ("spoilt", test_spoilt);
  ADD ("newer", test_newer);
  return g_test_run ();
}
