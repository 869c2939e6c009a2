/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "qfu-error.h"
#include "qfu-parse-fmap.h"

#include <string.h>

#define SIZE 0x4000

static GArray *
parse (const GByteArray *image, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (image->data, image->len);
  const QfuParseInput input = {copy, image->len};

  return qfu_fmap_parse (&input, error);
}

static void
assert_refused (const GByteArray *image, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = parse (image, &error);

  g_assert_null (areas);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_areas (void)
{
  static const ImageArea in[] = {
      {"ALL", 0, SIZE}, {"FMAP", 0x100, 0x300}, {"A", 0x1000, 0x1000}, {"EMPTY", 0x1800, 0}};
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = NULL;
  const QfuFmapArea *area;

  image_fmap (image, 0x100, in, G_N_ELEMENTS (in));
  areas = parse (image, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (areas->len, ==, 4);
  area = &g_array_index (areas, QfuFmapArea, 0);
  g_assert_cmpstr (area->name, ==, "ALL");
  g_assert_false (area->leaf);
  area = &g_array_index (areas, QfuFmapArea, 2);
  g_assert_cmpuint (area->offset, ==, 0x1000);
  g_assert_cmpuint (area->size, ==, 0x1000);
  g_assert_true (area->leaf);
}

/* A map that lies elsewhere than it says is data, wherever it stands. */
static void
test_decoys (void)
{
  static const ImageArea decoy[] = {{"FMAP", 0x3000, 0x100}, {"COREBOOT", 0, 0x100}};
  static const ImageArea in[] = {{"FMAP", 0x1000, 0x300}, {"COREBOOT", 0x2000, 0x1000}};
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) areas = NULL;

  image_fmap (image, 0x100, decoy, G_N_ELEMENTS (decoy));
  image_fmap (image, 0x3100, decoy, G_N_ELEMENTS (decoy));
  assert_refused (image, "no table lies in its own area FMAP");
  image_fmap (image, 0x1000, in, G_N_ELEMENTS (in));
  areas = parse (image, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_array_index (areas, QfuFmapArea, 1).offset, ==, 0x2000);
}

static void
test_two (void)
{
  static const ImageArea one[] = {{"FMAP", 0x100, 0x300}};
  static const ImageArea other[] = {{"FMAP", 0x1000, 0x300}};
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_fmap (image, 0x100, one, 1);
  image_fmap (image, 0x1000, other, 1);
  assert_refused (image, "two tables");
}

static void
test_contradictions (void)
{
  static const struct {
    ImageArea area;
    const char *why;
  } cases[] = {
      {{"A", SIZE - 0x100, 0x101}, "outside"},
      {{"A", SIZE + 1, 0}, "outside"},
      {{"A", 0xffffffff, 0xffffffff}, "outside"},
      {{"A", 0x200, 0x1000}, "overlap"},
      {{"FMAP", 0x2000, 0x100}, "two areas of one name"},
      {{"", 0x2000, 0x100}, "printable name"},
      {{"A B", 0x2000, 0x100}, "printable name"},
      {{"12345678901234567890123456789012", 0x2000, 0x100}, "printable name"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const ImageArea in[] = {{"FMAP", 0x100, 0x300}, cases[i].area};
    g_autoptr (GByteArray) image = image_new (SIZE);

    image_fmap (image, 0x100, in, G_N_ELEMENTS (in));
    assert_refused (image, cases[i].why);
  }
}

static void
test_table (void)
{
  static const ImageArea in[] = {{"FMAP", 0x100, 0x300}};
  static const guint counts[] = {0, 129, 0xffff};
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autoptr (GByteArray) none = g_byte_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++) {
    image_fmap (image, 0x100, in, 1);
    image->data[0x100 + 54] = (guint8)counts[i];
    image->data[0x100 + 55] = (guint8)(counts[i] >> 8);
    assert_refused (image, "number of areas");
  }
  /* the table ends with the image */
  image_fmap (image, 0x100, in, 1);
  g_byte_array_set_size (image, 0x100 + 56 + 41);
  assert_refused (image, "number of areas");
  g_byte_array_set_size (image, 0x100 + 20);
  assert_refused (image, "number of areas");
  assert_refused (none, "no table");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fmap/areas", test_areas);
  g_test_add_func ("/fmap/decoys", test_decoys);
  g_test_add_func ("/fmap/two", test_two);
  g_test_add_func ("/fmap/contradictions", test_contradictions);
  g_test_add_func ("/fmap/table", test_table);
  return g_test_run ();
}
