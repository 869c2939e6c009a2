/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define HWID "0123456789abcdef0123456789abcdef"
#define HWID_HEX "3031323334353637383961626364656630313233343536373839616263646566"
#define GBB_AT 0x1000
#define A_AT 0x2000
#define B_AT 0x3000
#define MAP                                                                                        \
  "REGION OFFSET=256 SIZE=512 NAME=\"FMAP\" FLAGS=0\n"                                             \
  "REGION OFFSET=4096 SIZE=4096 NAME=\"GBB\" FLAGS=0\n"                                            \
  "REGION OFFSET=8192 SIZE=4096 NAME=\"VBLOCK_A\" FLAGS=0\n"                                       \
  "REGION OFFSET=12288 SIZE=4096 NAME=\"VBLOCK_B\" FLAGS=0\n"                                      \
  "REGION OFFSET=16384 SIZE=4096 NAME=\"VBLOCK_DEV\" FLAGS=0\n"

static GByteArray *
make (void)
{
  static const ImageArea areas[] = {{"FMAP", 0x100, 0x200},
                                    {"GBB", GBB_AT, 0x1000},
                                    {"VBLOCK_A", A_AT, 0x1000},
                                    {"VBLOCK_B", B_AT, 0x1000},
                                    {"VBLOCK_DEV", 0x4000, 0x1000}};
  GByteArray *image = image_new (0x5000);

  image_fmap (image, 0x100, areas, G_N_ELEMENTS (areas));
  return image;
}

static void
assert_text (const GByteArray *image, const char *expected)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, image->data, image->len);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

static void
test_values (void)
{
  g_autoptr (GByteArray) image = make ();

  image_gbb (image, GBB_AT, HWID);
  image_vblock (image, A_AT, 3, 0xffff);
  image_vblock (image, 0x4000, 1, 1); /* of no slot */
  assert_text (image,
               MAP "HWID REGION=1 HWID=" HWID_HEX "\n"
                   "VBLOCK SIZE=512 FLAGS=7 REGION=2 KEY_VERSION=3 FIRMWARE_VERSION=65535\n");
}

/* What is empty or out of bounds is passed over: it is no reason to refuse an image. */
static void
test_broken (void)
{
  g_autoptr (GByteArray) image = make ();
  static const struct {
    guint at;
    guint32 value;
  } cases[] = {{16, 0xfff}, {16, 0x1000},   {16, 0xffffffff},  {16, 0},         {16, 104},
               {0, 0},      {104, 0x10000}, {104, 0xffffffff}, {0x228, 0x10000}};

  assert_text (image, MAP);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    image_vblock (image, B_AT, 1, 1);
    image_put_le32 (image, B_AT + cases[i].at, cases[i].value);
    g_test_message ("case %zu", i);
    assert_text (image, MAP);
  }
}

/* Regions that are too small for what their names say. */
static void
test_small (void)
{
  static const ImageArea areas[] = {
      {"FMAP", 0x100, 0x200}, {"GBB", 0xfb1, 79}, {"VBLOCK_A", 0x800, 0x22b}};
  g_autoptr (GByteArray) image = image_new (0x1000);

  image_fmap (image, 0x100, areas, G_N_ELEMENTS (areas));
  memcpy (image->data + 0xfb1, "$GBB", 4);
  image_vblock (image, 0x800, 1, 1);
  assert_text (image, "REGION OFFSET=256 SIZE=512 NAME=\"FMAP\" FLAGS=0\n"
                      "REGION OFFSET=4017 SIZE=79 NAME=\"GBB\" FLAGS=0\n"
                      "REGION OFFSET=2048 SIZE=555 NAME=\"VBLOCK_A\" FLAGS=0\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vboot/values", test_values);
  g_test_add_func ("/vboot/broken", test_broken);
  g_test_add_func ("/vboot/small", test_small);
  return g_test_run ();
}
