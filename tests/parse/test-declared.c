/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-declared.h"
#include "qfu-pcr.h"

#include <string.h>

static gboolean
count (gpointer user, const QfuMessage *message, GError **error)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);

  g_assert_cmpuint (g_bytes_get_size (frame), >, 0);
  (*(guint *)user)++;
  return TRUE;
}

static gboolean
no_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  g_assert_not_reached ();
}

static GArray *
digests_new (guint n)
{
  GArray *digests = g_array_new (FALSE, TRUE, sizeof (QfuDigest));
  QfuDigest digest;

  g_assert_true (
      qfu_digest_set (&digest, QFU_HASH_SHA1, (const guint8 *)"01234567890123456789", 20));
  for (guint i = 0; i < n; i++)
    g_array_append_val (digests, digest);
  return digests;
}

static void
test_names (void)
{
  guint frames = 0;
  const QfuParseSink sink = {count, no_data, &frames};
  QfuDeclared declared = {.sink = &sink};
  g_autoptr (GArray) one = digests_new (1);
  g_autofree char *region = g_strnfill (QFU_FMAP_NAME_MAX, 'r');
  g_autofree char *file = g_strnfill (QFU_CBFS_NAME_MAX, 'f');
  const char *const unfit[] = {"", "\n", "\x7f", "\xc3\xa9", region};

  for (gsize i = 0; i < G_N_ELEMENTS (unfit); i++) {
    g_assert_false (qfu_declared_object (&declared, unfit[i], NULL, one, NULL));
    g_assert_false (qfu_declared_object (&declared, "A", i == 4 ? file : unfit[i], one, NULL));
  }
  g_assert_false (qfu_declared_object (&declared, NULL, "a", one, NULL));
  g_assert_cmpuint (frames, ==, 0);
  g_assert_true (qfu_declared_object (&declared, region + 1, file + 1, one, NULL));
  g_assert_cmpuint (frames, ==, 1);
}

static void
test_image (void)
{
  guint frames = 0;
  const QfuParseSink sink = {count, no_data, &frames};
  QfuDeclared declared = {.sink = &sink};
  g_autofree char *version = g_strnfill (65, '1');
  QfuDigest sha256 = {.hash = QFU_HASH_SHA256, .size = QFU_SHA256_SIZE};
  QfuDigest sha384 = {.hash = QFU_HASH_SHA384, .size = 48};

  g_assert_false (qfu_declared_image (&declared, version, &sha256, NULL));
  g_assert_false (qfu_declared_image (&declared, "1", &sha384, NULL));
  g_assert_true (qfu_declared_image (&declared, version + 1, &sha256, NULL));
  g_assert_true (qfu_declared_image (&declared, NULL, &sha256, NULL));
  g_assert_cmpuint (frames, ==, 2);
}

static void
test_digests (void)
{
  guint frames = 0;
  const QfuParseSink sink = {count, no_data, &frames};
  QfuDeclared declared = {.sink = &sink};
  g_autoptr (GArray) none = digests_new (0);
  g_autoptr (GArray) most = digests_new (QFU_BANK_COUNT);
  g_autoptr (GArray) more = digests_new (QFU_BANK_COUNT + 1);

  g_assert_false (qfu_declared_object (&declared, "A", NULL, none, NULL));
  g_assert_false (qfu_declared_object (&declared, "A", NULL, more, NULL));
  g_assert_true (qfu_declared_object (&declared, "A", NULL, most, NULL));
  g_assert_cmpuint (frames, ==, 1);
}

/* Steps and values belong to what there is. */
static void
test_references (void)
{
  guint frames = 0;
  const QfuParseSink sink = {count, no_data, &frames};
  QfuDeclared declared = {.sink = &sink};
  g_autoptr (GArray) one = digests_new (1);
  const QfuDigest *value = &g_array_index (one, QfuDigest, 0);

  g_assert_true (qfu_declared_object (&declared, "A", NULL, one, NULL));
  g_assert_false (qfu_declared_recipe (&declared, NULL, NULL, NULL));
  g_assert_false (qfu_declared_recipe (&declared, "r", "", NULL));
  g_assert_true (qfu_declared_recipe (&declared, "r", NULL, NULL));
  g_assert_false (qfu_declared_step (&declared, 0, 1, NULL));
  g_assert_false (qfu_declared_step (&declared, QFU_PCR_COUNT, 0, NULL));
  g_assert_true (qfu_declared_step (&declared, QFU_PCR_COUNT - 1, 0, NULL));
  g_assert_false (qfu_declared_pcr (&declared, QFU_PCR_COUNT, value, NULL));
  g_assert_true (qfu_declared_pcr (&declared, 0, value, NULL));
  g_assert_cmpuint (frames, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/declared/names", test_names);
  g_test_add_func ("/declared/image", test_image);
  g_test_add_func ("/declared/digests", test_digests);
  g_test_add_func ("/declared/references", test_references);
  return g_test_run ();
}
