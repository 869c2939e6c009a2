/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define SIZE 0x10000

static const guint32 registers[] = {
    IMAGE_FLREG (0, 0x1000),
    IMAGE_FLREG (0x8000, 0x8000),
    IMAGE_FLREG (0x3000, 0x5000),
};

static void
test_newer (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autoptr (QfuCollected) collected = NULL;

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 1u << 2);
  collected = qfu_collect ("ifd", NULL, image->data, image->len);
  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "DESCRIPTOR OFFSET=16 REGISTERS=030004040800100020000000 "
                   "REGISTERS=0000000008000f0003000700ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000"
                   "ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000 "
                   "REGISTERS=00fbffff\n");
}

static void
test_oldest (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);
  g_autoptr (QfuCollected) collected = NULL;

  image_descriptor (image, 0, registers, G_N_ELEMENTS (registers), 1u << 2);
  collected = qfu_collect ("ifd", NULL, image->data, 4096);
  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "DESCRIPTOR OFFSET=0 REGISTERS=030004040600100020000000 "
                   "REGISTERS=0000000008000f0003000700ff7f0000ff7f0000ff7f0000ff7f0000ff7f0000 "
                   "REGISTERS=0000fbff\n");
}

/* A signature elsewhere is data; without one there is nothing to say. */
static void
test_none (void)
{
  static const guint places[] = {4, 12, 20, 4096, 4096 + 16};
  g_autoptr (QfuCollected) nothing = qfu_collect ("ifd", NULL, "", 0);

  g_assert_no_error (nothing->error);
  g_assert_cmpstr (nothing->text, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (GByteArray) image = image_new (SIZE);
    g_autoptr (QfuCollected) collected = NULL;

    image_put_le32 (image, places[i], 0x0ff0a55a);
    collected = qfu_collect ("ifd", NULL, image->data, image->len);
    g_assert_no_error (collected->error);
    g_assert_cmpstr (collected->text, ==, "");
  }
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  for (guint size = 0; size < 4096; size += size < 64 ? 1 : 97) {
    g_autoptr (QfuCollected) collected = qfu_collect ("ifd", NULL, image->data, size);

    g_assert_cmpstr (collected->text, ==, "");
    if (size < 20)
      g_assert_no_error (collected->error);
    else
      g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* Whatever FLMAP says, registers are read inside of the descriptor or not at all. */
static void
test_places (void)
{
  g_autoptr (GByteArray) image = image_new (SIZE);

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  for (guint frba = 0; frba < 256; frba++) {
    for (guint fmba = 0; fmba < 256; fmba += 5) {
      g_autoptr (QfuCollected) collected = NULL;

      image_put_le32 (image, 20, frba << 16);
      image_put_le32 (image, 24, fmba);
      collected = qfu_collect ("ifd", NULL, image->data, 4096);
      if (frba == 0 || fmba == 0 || frba == fmba || frba * 16 > 0xefc - 16 || fmba * 16 > 0xefc - 4)
        g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
      else
        g_assert_no_error (collected->error);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ifd/newer", test_newer);
  g_test_add_func ("/ifd/oldest", test_oldest);
  g_test_add_func ("/ifd/none", test_none);
  g_test_add_func ("/ifd/cut", test_cut);
  g_test_add_func ("/ifd/places", test_places);
  return g_test_run ();
}
