/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

static void
assert_text (const GByteArray *image, const char *expected)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, image->data, image->len);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

/* What lies inside of a volume is a part of it. */
static void
test_volumes (void)
{
  g_autoptr (GByteArray) image = image_new (0x4000);

  image_volume (image, 0, 0x1000);
  image_volume (image, 0x800, 0x100);
  image_volume (image, 0x2010, 0x1ff0);
  assert_text (image, "VOLUME OFFSET=0 SIZE=4096\nVOLUME OFFSET=8208 SIZE=8176\n");
}

static void
test_broken (void)
{
  static const struct {
    guint at;
    guint32 value;
  } cases[] = {{32, 0x4001}, {36, 1}, {32, 71}, {40, 0}, {48, 54}, {48, 73}, {48, 0xffff}, {0, 1}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) image = image_new (0x4000);
    g_autoptr (QfuCollected) collected = NULL;

    image_volume (image, 0, 0x4000);
    image_put_le32 (image, cases[i].at, cases[i].value);
    collected = qfu_collect ("rom", NULL, image->data, image->len);
    g_test_message ("case %zu", i);
    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_cmpstr (collected->text, ==, "");
  }
}

/* A header at the very end, one that begins before the image, and one broken before a whole one. */
static void
test_edges (void)
{
  g_autoptr (GByteArray) image = image_new (0x1000);

  memcpy (image->data + 10, "_FVH", 4);
  memcpy (image->data + image->len - 4, "_FVH", 4);
  image_volume (image, 0x100, 0x80);
  assert_text (image, "VOLUME OFFSET=256 SIZE=128\n");
}

/* An image with a flash map is coreboot's, and one whose map is broken is nothing at all. */
static void
test_map (void)
{
  static const ImageArea areas[] = {{"FMAP", 0x100, 0x200}};
  g_autoptr (GByteArray) image = image_new (0x1000);
  g_autoptr (QfuCollected) collected = NULL;

  image_volume (image, 0x800, 0x800);
  image_fmap (image, 0x100, areas, G_N_ELEMENTS (areas));
  assert_text (image, "REGION OFFSET=256 SIZE=512 NAME=\"FMAP\" FLAGS=0\n");
  memmove (image->data + 0x110, image->data + 0x100, 0x100);
  image->data[0x100] = 0;
  collected = qfu_collect ("rom", NULL, image->data, image->len);
  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/volume/volumes", test_volumes);
  g_test_add_func ("/volume/broken", test_broken);
  g_test_add_func ("/volume/edges", test_edges);
  g_test_add_func ("/volume/map", test_map);
  return g_test_run ();
}
