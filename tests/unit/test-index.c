/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "liar.h"
#include "qfu-error.h"
#include "qfu-index.h"
#include "signed.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "metadata/test"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"
#define OTHER "22222222-2222-2222-2222-222222222222"
#define COMPONENT(id, guid, releases)                                                              \
  "<component type=\"firmware\"><id>" id "</id><provides><firmware type=\"flashed\">" guid         \
  "</firmware></provides><requires><client>x</client></requires>"                                  \
  "<releases>" releases "</releases></component>"

static const char *const guids[] = {GUID, NULL};
static const char *const others[] = {OTHER, NULL};

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  char *file; /* where an index is kept */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  fixture->file = g_build_filename (fixture->config->cache, FOLDER, "index", NULL);
  signed_keys (fixture->config->metadata_keys, fixture->authority);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->file);
}

/* The index of @xml, and in @metadata the digest of what it was made of. */
static QfuIndex *
index_of (Fixture *fixture, const char *xml, QfuDigest *metadata)
{
  g_autofree char *document = g_strdup_printf ("<components>%s</components>", xml);
  g_autoptr (GBytes) gzip = pki_gzip (document, strlen (document));
  g_autoptr (QfuSignedMetadata) verified =
      signed_metadata (fixture->config, fixture->leaf, gzip, PKI_NOW);
  g_autoptr (GError) error = NULL;
  QfuIndex *index = qfu_index_new (fixture->config, verified, &error);

  g_assert_no_error (error);
  *metadata = *qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (verified));
  return index;
}

static void
assert_not_loaded (Fixture *fixture, const QfuDigest *sha256, const QfuDigest *metadata, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) index = qfu_index_load (fixture->config, FOLDER, sha256, metadata, &error);

  g_assert_null (index);
  g_assert_error (error, QFU_ERROR, code);
}

static void
assert_same (const QfuComponent *a, const QfuComponent *b)
{
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->summary, ==, b->summary);
  g_assert_cmpstrv (a->guids, b->guids);
  g_assert_cmpuint (a->requirements->len, ==, b->requirements->len);
  g_assert_cmpuint (a->releases->len, ==, b->releases->len);
  for (guint i = 0; i < a->releases->len; i++) {
    const QfuComponentRelease *first = g_ptr_array_index (a->releases, i);
    const QfuComponentRelease *second = g_ptr_array_index (b->releases, i);

    g_assert_cmpstr (first->version, ==, second->version);
    g_assert_cmpstr (first->location, ==, second->location);
    g_assert_cmpstr (first->description, ==, second->description);
    g_assert_true (qfu_digest_equal (&first->sha256, &second->sha256));
  }
}

static void
test_round_trip (Fixture *fixture, gconstpointer user)
{
  QfuDigest metadata;
  g_autoptr (QfuIndex) made =
      index_of (fixture,
                COMPONENT ("a", GUID, "<release version=\"2\"/><release version=\"1\"/>")
                    COMPONENT ("b", OTHER, "<release version=\"3\"/>"),
                &metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) loaded = NULL;
  g_autoptr (GPtrArray) mine = NULL;
  g_autoptr (GPtrArray) all = NULL;
  const QfuComponent *component;

  assert_not_loaded (fixture, qfu_index_sha256 (made), &metadata, QFU_ERROR_NOT_FOUND);
  g_assert_true (qfu_index_keep (made, fixture->config, FOLDER, &error));
  g_assert_true (qfu_index_keep (made, fixture->config, FOLDER, &error));
  loaded = qfu_index_load (fixture->config, FOLDER, qfu_index_sha256 (made), &metadata, &error);
  g_assert_no_error (error);
  mine = qfu_index_components (loaded, guids, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mine->len, ==, 1);
  component = g_ptr_array_index (mine, 0);
  g_assert_cmpstr (component->id, ==, "a");
  g_assert_cmpuint (component->requirements->len, ==, 1);
  g_assert_cmpuint (component->releases->len, ==, 2);
  all = qfu_index_components (loaded, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 2);
}

static void
test_empty (Fixture *fixture, gconstpointer user)
{
  QfuDigest metadata;
  g_autoptr (QfuIndex) index = index_of (fixture, "", &metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) none = qfu_index_components (index, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

/* A component that cannot be read harms no other, and offers nothing. */
static void
test_broken (Fixture *fixture, gconstpointer user)
{
  QfuDigest metadata;
  g_autoptr (QfuIndex) index = index_of (
      fixture,
      COMPONENT ("a", OTHER, "<release/>") COMPONENT ("b", GUID, "<release version=\"1\"/>")
          COMPONENT ("c", OTHER, "<release version=\"1 2\"/>"),
      &metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) good = qfu_index_components (index, guids, &error);
  g_autoptr (GPtrArray) bad = NULL;
  const QfuComponent *component;

  g_assert_no_error (error);
  g_assert_cmpuint (good->len, ==, 1);
  bad = qfu_index_components (index, others, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bad->len, ==, 2);
  for (guint i = 0; i < bad->len; i++) {
    component = g_ptr_array_index (bad, i);
    g_assert_nonnull (component->broken);
    g_assert_cmpuint (component->releases->len, ==, 0);
  }
  component = g_ptr_array_index (bad, 0);
  g_assert_nonnull (strstr (component->broken, "it has no version"));
}

/* Every byte of the file counts, and its length. */
static void
test_tampered (Fixture *fixture, gconstpointer user)
{
  QfuDigest metadata;
  g_autoptr (QfuIndex) index =
      index_of (fixture, COMPONENT ("a", GUID, "<release version=\"1\"/>"), &metadata);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  QfuDigest another = metadata;
  gsize size;

  g_assert_true (qfu_index_keep (index, fixture->config, FOLDER, &error));
  g_assert_true (g_file_get_contents (fixture->file, &contents, &size, &error));
  for (gsize i = 0; i < size; i++) {
    contents[i] ^= 1;
    g_assert_true (g_file_set_contents (fixture->file, contents, (gssize)size, &error));
    contents[i] ^= 1;
    assert_not_loaded (fixture, qfu_index_sha256 (index), &metadata, QFU_ERROR_MISMATCH);
  }
  for (gsize cut = 0; cut < size; cut++) {
    g_assert_true (g_file_set_contents (fixture->file, contents, (gssize)cut, &error));
    assert_not_loaded (fixture, qfu_index_sha256 (index), &metadata, QFU_ERROR_MISMATCH);
  }
  g_assert_true (g_file_set_contents (fixture->file, contents, (gssize)size, &error));
  another.data[0] ^= 1;
  assert_not_loaded (fixture, qfu_index_sha256 (index), &another, QFU_ERROR_MISMATCH);
}

/* Another version of the format, though its digest is in the record. */
static void
test_other_version (Fixture *fixture, gconstpointer user)
{
  static const gsize versions[] = {8, 12}; /* of the index, of the wire */
  QfuDigest metadata;
  g_autoptr (QfuIndex) index = index_of (fixture, "", &metadata);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize size;

  g_assert_true (qfu_index_keep (index, fixture->config, FOLDER, &error));
  g_assert_true (g_file_get_contents (fixture->file, &contents, &size, &error));
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++) {
    QfuDigest sha256;

    contents[versions[i]]++;
    qfu_digest_compute (QFU_HASH_SHA256, contents, size, &sha256);
    g_assert_true (g_file_set_contents (fixture->file, contents, (gssize)size, &error));
    contents[versions[i]]--;
    assert_not_loaded (fixture, &sha256, &metadata, QFU_ERROR_MISMATCH);
  }
}

/* Who may write into the cache could lead elsewhere. */
static void
test_link (Fixture *fixture, gconstpointer user)
{
  QfuDigest metadata;
  g_autoptr (QfuIndex) index = index_of (fixture, "", &metadata);
  g_autofree char *elsewhere = g_build_filename (fixture->directory, "elsewhere", NULL);
  g_autofree char *victim = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) loaded = NULL;

  g_assert_true (qfu_index_keep (index, fixture->config, FOLDER, &error));
  g_assert_cmpint (g_rename (fixture->file, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, fixture->file), ==, 0);
  assert_not_loaded (fixture, qfu_index_sha256 (index), &metadata, QFU_ERROR_IO);
  g_assert_true (g_file_set_contents (elsewhere, "victim", -1, &error));
  g_assert_true (qfu_index_keep (index, fixture->config, FOLDER, &error));
  loaded = qfu_index_load (fixture->config, FOLDER, qfu_index_sha256 (index), &metadata, &error);
  g_assert_no_error (error);
  g_assert_nonnull (loaded);
  g_assert_true (g_file_get_contents (elsewhere, &victim, NULL, &error));
  g_assert_cmpstr (victim, ==, "victim");
}

static QfuMessage *
frame_new (QfuFrameType type)
{
  QfuMessage *message = qfu_message_new (type);

  if (type == QFU_FRAME_COMPONENT) {
    qfu_message_add_text (message, QFU_FIELD_ID, "a");
    qfu_message_add_text (message, QFU_FIELD_GUID, GUID);
  } else if (type == QFU_FRAME_RELEASE) {
    qfu_message_add_text (message, QFU_FIELD_VERSION, "1");
  } else if (type == QFU_FRAME_REQUIREMENT) {
    qfu_message_add_number (message, QFU_FIELD_KIND, 1);
  } else if (type == QFU_FRAME_LOG) {
    qfu_message_add_number (message, QFU_FIELD_KIND, QFU_LOG_TCG2);
  }
  return message;
}

/* An owned worker sends what no catalogue consists of, or everything in a wrong order. */
static void
test_liar (Fixture *fixture, gconstpointer user)
{
  static const struct {
    QfuFrameType frames[3];
    int made; /* why no index is made, or 0 */
    int read; /* why it is not read, or 0 */
    guint components;
  } rows[] = {
      {{QFU_FRAME_LOG}, QFU_ERROR_PROTOCOL, 0, 0},
      {{QFU_FRAME_COMPONENT, QFU_FRAME_END}, QFU_ERROR_PROTOCOL, 0, 0},
      {{QFU_FRAME_RELEASE, QFU_FRAME_REQUIREMENT}, 0, 0, 0},
      {{QFU_FRAME_RELEASE, QFU_FRAME_COMPONENT}, 0, 0, 1},
      {{QFU_FRAME_COMPONENT, QFU_FRAME_RELEASE, QFU_FRAME_REQUIREMENT}, 0, QFU_ERROR_PROTOCOL, 0},
  };
  g_autoptr (GBytes) gzip = pki_gzip ("<components/>", 13);
  g_autoptr (QfuSignedMetadata) metadata =
      signed_metadata (fixture->config, fixture->leaf, gzip, PKI_NOW);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuIndex) index = NULL;
    g_autoptr (GPtrArray) components = NULL;

    for (gsize j = 0; j < G_N_ELEMENTS (rows[i].frames) && rows[i].frames[j] != 0; j++)
      g_ptr_array_add (frames, frame_new (rows[i].frames[j]));
    liar_install (fixture->config, fixture->directory, frames, TRUE);
    index = qfu_index_new (fixture->config, metadata, &error);
    if (index != NULL)
      components = qfu_index_components (index, guids, &error);
    g_assert_true ((index == NULL) == (rows[i].made != 0));
    if (rows[i].made + rows[i].read != 0)
      g_assert_error (error, QFU_ERROR, rows[i].made + rows[i].read);
    else
      g_assert_cmpuint (components->len, ==, rows[i].components);
  }
}

static void
add_guid (GHashTable *all, const char *guid, QfuComponent *component)
{
  GPtrArray *of_guid = g_hash_table_lookup (all, guid);

  if (of_guid == NULL) {
    of_guid = g_ptr_array_new ();
    g_hash_table_insert (all, g_strdup (guid), of_guid);
  }
  g_ptr_array_add (of_guid, component);
}

/* Filtering while reading gives what reading everything and looking for the GUID gives. */
static void
test_all_guids (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GHashTable) all =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) index = NULL;
  g_autoptr (GPtrArray) components = NULL;
  QfuDigest metadata;
  GHashTableIter iter;
  gpointer guid;
  gpointer expected;

  for (guint i = 0; i < 300; i++) {
    g_string_append_printf (xml,
                            "<component type=\"firmware\"><id>c%u</id><provides>"
                            "<firmware type=\"flashed\">00000000-0000-0000-0000-0000000000%02x"
                            "</firmware><firmware type=\"flashed\">"
                            "00000000-0000-0000-0000-0000000001%02x</firmware></provides>"
                            "<releases>",
                            i, i % 64, i % 100);
    for (guint j = 0; j < i % 7; j++)
      g_string_append_printf (xml,
                              "<release version=\"%u.%u\"><description><p>%*s</p>"
                              "</description></release>",
                              i, j, (int)(i * 50), "x");
    g_string_append (xml, "</releases></component>");
  }
  index = index_of (fixture, xml->str, &metadata);
  components = qfu_index_components (index, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (components->len, ==, 300);
  for (guint i = 0; i < components->len; i++) {
    QfuComponent *component = g_ptr_array_index (components, i);

    for (gsize j = 0; component->guids[j] != NULL; j++)
      add_guid (all, component->guids[j], component);
  }
  g_assert_cmpuint (g_hash_table_size (all), ==, 64 + 100);
  g_hash_table_iter_init (&iter, all);
  while (g_hash_table_iter_next (&iter, &guid, &expected)) {
    const char *const one[] = {guid, NULL};
    g_autoptr (GPtrArray) found = qfu_index_components (index, one, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (found->len, ==, ((GPtrArray *)expected)->len);
    for (guint i = 0; i < found->len; i++)
      assert_same (g_ptr_array_index (found, i), g_ptr_array_index ((GPtrArray *)expected, i));
  }
}

#define ADD(name, function) g_test_add ("/index/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("round-trip", test_round_trip);
  ADD ("empty", test_empty);
  ADD ("broken", test_broken);
  ADD ("tampered", test_tampered);
  ADD ("other-version", test_other_version);
  ADD ("link", test_link);
  ADD ("liar", test_liar);
  ADD ("all-guids", test_all_guids);
  return g_test_run ();
}
