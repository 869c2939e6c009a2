/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "declared.h"
#include "qfu-error.h"
#include "qfu-manifest-write.h"

#include <string.h>

static const char first[] =
    "MANIFEST SHA256=6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d "
    "VERSION=\"1.2\"";

static GBytes *
small (void)
{
  g_autoptr (QfuManifest) manifest = declared_small ();

  return qfu_manifest_write (manifest, QFU_MANIFEST_IS_CORIM);
}

static void
test_good (void)
{
  g_autoptr (GBytes) corim = small ();
  g_autoptr (QfuCollected) out =
      qfu_collect ("corim", NULL, g_bytes_get_data (corim, NULL), g_bytes_get_size (corim));
  g_auto (GStrv) lines = g_strsplit (out->text, "\n", -1);
  static const char *const begins[] = {first,
                                       "MANIFEST_OBJECT NAME=\"FMAP\" DIGEST=0b00",
                                       "MANIFEST_OBJECT NAME=\"COREBOOT\" DIGEST=0400",
                                       "RECIPE NAME=\"normal\" SUMMARY=\"as delivered\"",
                                       "RECIPE_STEP INDEX=0 PCR=2",
                                       "RECIPE_STEP INDEX=1 PCR=2",
                                       "PCR PCR=2 DIGEST=0400",
                                       "PCR PCR=2 DIGEST=0d00",
                                       ""};

  g_assert_no_error (out->error);
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (begins));
  for (gsize i = 0; i < G_N_ELEMENTS (begins); i++)
    g_assert_true (g_str_has_prefix (lines[i], begins[i]));
}

/* The tags that others know the file by: 501 around it, 506 around each part. */
static void
test_tags (void)
{
  g_autoptr (GBytes) corim = small ();
  gsize size;
  const guint8 *data = g_bytes_get_data (corim, &size);
  guint parts = 0;

  g_assert_cmpmem (data, 4, "\xd9\x01\xf5\xa3", 4);
  for (gsize i = 0; i + 3 <= size; i++)
    parts += memcmp (data + i, "\xd9\x01\xfa", 3) == 0;
  g_assert_cmpuint (parts, ==, 3);
}

/* Any other byte in any place is refused, or says something else: nothing in it is passed over. */
static void
test_every_byte (void)
{
  g_autoptr (GBytes) corim = small ();
  gsize size;
  const guint8 *data = g_bytes_get_data (corim, &size);
  g_autoptr (QfuCollected) truth = qfu_collect ("corim", NULL, data, size);
  guint refused = 0;

  for (gsize i = 0; i < size; i++) {
    g_autofree guint8 *changed = g_memdup2 (data, size);
    g_autoptr (QfuCollected) out = NULL;

    changed[i] ^= 0x01;
    out = qfu_collect ("corim", NULL, changed, size);
    g_test_message ("byte %zu", i);
    refused += out->error != NULL;
    g_assert_true (out->error != NULL || strcmp (out->text, truth->text) != 0);
  }
  g_assert_cmpuint (refused, >, 100);
}

static void
test_bad (void)
{
  static const struct {
    const char *bytes;
    gsize size;
  } rows[] = {
#define ROW(text) {(text), sizeof (text) - 1}
      ROW (""),
      ROW ("\xd9\x01\xf5"),
      ROW ("\xd9\x01\xf5\xa0"),
      ROW ("\xa3"),
      ROW ("\xd9\x01\xf6\xa3"),
      ROW ("\xd9\x01\xf5\xa3\x00\x60\x01\x80\x03\xd8\x20\x60"),
      ROW ("\xd9\x01\xf5\xa3\x00\x61x\x01\x82\xd9\x01\xfa\x40\xd9\x01\xfa\x40"),
      ROW ("{\"format\":\"qubes-fwupd-manifest-1\"}"),
#undef ROW
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuCollected) out = qfu_collect ("corim", NULL, rows[i].bytes, rows[i].size);

    g_test_message ("case %zu", i);
    g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_cmpstr (out->text, ==, "");
  }
}

/* What follows the end is nobody's word. */
static void
test_tail (void)
{
  g_autoptr (GBytes) corim = small ();
  gsize size;
  const guint8 *data = g_bytes_get_data (corim, &size);
  g_autofree guint8 *longer = g_malloc0 (size + 1);
  g_autoptr (QfuCollected) out = NULL;

  memcpy (longer, data, size);
  out = qfu_collect ("corim", NULL, longer, size + 1);
  g_assert_error (out->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/corim/good", test_good);
  g_test_add_func ("/corim/tags", test_tags);
  g_test_add_func ("/corim/every-byte", test_every_byte);
  g_test_add_func ("/corim/bad", test_bad);
  g_test_add_func ("/corim/tail", test_tail);
  return g_test_run ();
}
