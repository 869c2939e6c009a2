/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

static void
test_image (void)
{
  g_autoptr (GByteArray) image = image_usual ("CONFIG_PCR_SRTM=2\nCONFIG_OTHER=y\n", "romstage");
  g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, image->data, image->len);

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "REGION OFFSET=256 SIZE=512 NAME=\"FMAP\" FLAGS=0\n"
                   "REGION OFFSET=4096 SIZE=28672 NAME=\"COREBOOT\" FLAGS=0\n"
                   "REGION OFFSET=0 SIZE=32768 NAME=\"BIOS\" FLAGS=0\n"
                   "FILE KIND=17 OFFSET=4160 SIZE=8 NAME=\"fallback/romstage\" REGION=1\n"
                   "FILE KIND=17 OFFSET=4288 SIZE=8 NAME=\"fallback/ramstage\" REGION=1\n"
                   "FILE KIND=80 OFFSET=4416 SIZE=33 NAME=\"config\" REGION=1\n"
                   "SETTING NAME=\"CONFIG_PCR_SRTM\" VALUE=\"2\" REGION=1\n"
                   "FILE KIND=80 OFFSET=4544 SIZE=4 NAME=\"extra\" REGION=1\n"
                   "FILE KIND=32 OFFSET=4672 SIZE=7 NAME=\"fallback/payload\" REGION=1\n"
                   "FILE KIND=1 OFFSET=4800 SIZE=9 NAME=\"bootblock\" REGION=1\n");
}

/* A chip of Intel's whose firmware lies behind other regions, with free space of several kinds. */
static GByteArray *
described_image (guint map_at)
{
  static const guint32 registers[] = {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0x4000, 0x8000),
                                      IMAGE_FLREG (0x1000, 0x3000)};
  const ImageArea areas[] = {{"FMAP", map_at, 0x200}, {"COREBOOT", 0x5000, 0x7000}};
  GByteArray *image = image_new (0xc000);
  guint pos = 0x5000;

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  image_fmap (image, 0x4000, areas, G_N_ELEMENTS (areas));
  pos = image_file (image, pos, "a", 0x50, "data");
  image_unused (image, pos, 4096); /* just large enough */
  image_unused (image, pos + 0x1040, 4095);
  image_unused (image, pos + 0x2080, 4096);
  image->data[pos + 0x2080 + 40 + 4095] = 0; /* not erased */
  image_unused (image, pos + 0x30c0, 4096);
  image_put_be32 (image, pos + 0x30c0 + 16, 32); /* with attributes */
  return image;
}

/* Areas count from the start of the chip, not of the region that they lie in. */
static void
test_descriptor (void)
{
  g_autoptr (GByteArray) image = described_image (0x4000);
  g_autoptr (GByteArray) relative = described_image (0);
  g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, image->data, image->len);
  g_autoptr (QfuCollected) refused = qfu_collect ("rom", NULL, relative->data, relative->len);

  g_assert_no_error (collected->error);
  g_assert_true (g_str_has_prefix (collected->text, "DESCRIPTOR OFFSET=16 REGISTERS="));
  g_assert_cmpstr (strchr (collected->text, '\n'), ==,
                   "\nREGION OFFSET=16384 SIZE=512 NAME=\"FMAP\" FLAGS=0\n"
                   "REGION OFFSET=20480 SIZE=28672 NAME=\"COREBOOT\" FLAGS=0\n"
                   "FILE KIND=80 OFFSET=20544 SIZE=4 NAME=\"a\" REGION=1\n"
                   "UNUSED OFFSET=20648 SIZE=4096 REGION=1 HEADER=40\n");
  g_assert_error (refused->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static void
test_uefi (void)
{
  static const guint32 registers[] = {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0x1000, 0x1000)};
  g_autoptr (GByteArray) image = image_new (0x2000);
  g_autoptr (QfuCollected) collected = NULL;

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  image_volume (image, 0x1000, 0x800);
  collected = qfu_collect ("rom", NULL, image->data, image->len);
  g_assert_no_error (collected->error);
  g_assert_cmpstr (strchr (collected->text, '\n'), ==, "\nVOLUME OFFSET=4096 SIZE=2048\n");
}

static void
test_no_map (void)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, "", 0);

  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
}

/* Cut anywhere, an image is refused or gives less, and never reads beyond its end. */
static void
test_cut (void)
{
  g_autoptr (GByteArray) image = image_usual ("CONFIG_PCR_SRTM=2\n", "romstage");

  for (guint size = 0; size < image->len; size += 97) {
    g_autoptr (QfuCollected) collected = qfu_collect ("rom", NULL, image->data, size);

    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_many_files (void)
{
  static const ImageArea areas[] = {{"FMAP", 0x100, 0x200}, {"COREBOOT", 0x1000, 0x50000}};
  g_autoptr (GByteArray) image = image_new (0x51000);
  g_autoptr (QfuCollected) collected = NULL;
  guint pos = 0x1000;

  image_fmap (image, 0x100, areas, G_N_ELEMENTS (areas));
  for (guint i = 0; i < 4097; i++)
    pos = image_file (image, pos, "f", 0x50, "");
  collected = qfu_collect ("rom", NULL, image->data, image->len);
  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rom/image", test_image);
  g_test_add_func ("/rom/descriptor", test_descriptor);
  g_test_add_func ("/rom/uefi", test_uefi);
  g_test_add_func ("/rom/no-map", test_no_map);
  g_test_add_func ("/rom/cut", test_cut);
  g_test_add_func ("/rom/many-files", test_many_files);
  return g_test_run ();
}
