/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-rom.h"
#include "testconfig.h"

#include <string.h>

#define IMAGE "0123456789"

typedef TestHome Fixture;

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual ("CONFIG_PCR_SRTM=4\n", "romstage");
  g_autoptr (QfuUntrustedBlob) blob = test_blob (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = qfu_rom_read (f->config, blob, &error);
  const QfuRomFile *file;
  QfuDigest expected;
  QfuDigest digest;

  g_assert_no_error (error);
  g_assert_cmpuint (rom->size, ==, image->len);
  g_assert_cmpuint (qfu_rom_region (rom, "COREBOOT")->offset, ==, 0x1000);
  g_assert_null (qfu_rom_region (rom, "FW_MAIN_A"));
  g_assert_cmpstr (qfu_rom_setting (rom, "CONFIG_PCR_SRTM"), ==, "4");
  g_assert_cmpstr (qfu_rom_region_setting (rom, 1, "CONFIG_PCR_SRTM"), ==, "4");
  g_assert_null (qfu_rom_region_setting (rom, 0, "CONFIG_PCR_SRTM"));
  file = qfu_rom_file (rom, 1, "fallback/romstage");
  g_assert_nonnull (file);
  g_assert_null (qfu_rom_file (rom, 0, "fallback/romstage"));
  qfu_digest_compute (QFU_HASH_SHA256, "romstage", strlen ("romstage"), &expected);
  g_assert_true (qfu_untrusted_blob_hash_range (blob, QFU_HASH_SHA256, file->offset, file->size,
                                                &digest, &error));
  g_assert_true (qfu_digest_equal (&digest, &expected));
}

#define HWID "0123456789abcdef0123456789abcdef"
#define HWID_OTHER "1123456789abcdef0123456789abcdef"

/* An image with vboot's structures. */
static GByteArray *
vboot_image (void)
{
  static const ImageArea areas[] = {
      {"FMAP", 0x100, 0x200}, {"GBB", 0x1000, 0x1000}, {"VBLOCK_A", 0x2000, 0x1000}};
  GByteArray *image = image_new (0x3000);

  image_fmap (image, 0x100, areas, G_N_ELEMENTS (areas));
  image_gbb (image, 0x1000, HWID);
  image_vblock (image, 0x2000, 3, 4);
  return image;
}

static void
test_vboot (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = vboot_image ();
  g_autoptr (QfuUntrustedBlob) blob = test_blob (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = qfu_rom_read (f->config, blob, &error);
  const QfuRomVblock *block;

  g_assert_no_error (error);
  g_assert_cmpint (rom->kind, ==, QFU_ROM_COREBOOT);
  g_assert_cmpint (rom->hwid_region, ==, 1);
  g_assert_cmpmem (rom->hwid, QFU_HWID_SIZE, HWID, strlen (HWID));
  block = qfu_rom_vblock (rom, "VBLOCK_A");
  g_assert_nonnull (block);
  g_assert_cmpuint (block->key_version, ==, 3);
  g_assert_cmpuint (block->firmware_version, ==, 4);
  g_assert_cmpuint (block->flags, ==, 7);
  g_assert_null (qfu_rom_vblock (rom, "VBLOCK_B"));
}

/* Two workers beside one another, and the second kind of image. */
static void
test_volumes (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_new (0x1000);
  g_autoptr (GByteArray) other = vboot_image ();
  g_autoptr (QfuUntrustedBlob) other_blob = test_blob (other->data, other->len);
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (QfuRomReader) first = NULL;
  g_autoptr (QfuRomReader) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = NULL;
  g_autoptr (QfuRom) other_rom = NULL;

  image_volume (image, 0x100, 0x800);
  blob = test_blob (image->data, image->len);
  first = qfu_rom_start (f->config, blob, &error);
  g_assert_no_error (error);
  second = qfu_rom_start (f->config, other_blob, &error);
  g_assert_no_error (error);
  rom = qfu_rom_finish (first, &error);
  g_assert_no_error (error);
  other_rom = qfu_rom_finish (second, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rom->kind, ==, QFU_ROM_UEFI);
  g_assert_cmpuint (rom->regions->len, ==, 0);
  g_assert_cmpuint (rom->volumes->len, ==, 1);
  g_assert_cmpuint (g_array_index (rom->volumes, QfuRomVolume, 0).offset, ==, 0x100);
  g_assert_cmpint (other_rom->kind, ==, QFU_ROM_COREBOOT);
}

/* The descriptor's regions are those of a chip with either kind of firmware. */
static void
test_descriptor (Fixture *f, gconstpointer user)
{
  static const guint32 registers[] = {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0x2000, 0x2000),
                                      IMAGE_FLREG (0x1000, 0x1000)};
  static const ImageArea areas[] = {{"FMAP", 0x2000, 0x200}, {"SI_ME", 0x1000, 0x1000}};
  g_autoptr (GByteArray) image = image_new (0x4000);
  g_autoptr (QfuUntrustedBlob) uefi_blob = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) uefi = NULL;
  g_autoptr (QfuRom) rom = NULL;

  image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  image_volume (image, 0x3000, 0x1000);
  uefi_blob = test_blob (image->data, image->len);
  uefi = qfu_rom_read (f->config, uefi_blob, &error);
  g_assert_no_error (error);
  g_assert_cmpint (uefi->kind, ==, QFU_ROM_UEFI);
  g_assert_cmpuint (uefi->regions->len, ==, 3);
  g_assert_cmpuint (qfu_rom_region (uefi, "SI_BIOS")->offset, ==, 0x2000);
  image_fmap (image, 0x2000, areas, G_N_ELEMENTS (areas));
  blob = test_blob (image->data, image->len);
  rom = qfu_rom_read (f->config, blob, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rom->kind, ==, QFU_ROM_COREBOOT);
  g_assert_cmpuint (rom->regions->len, ==, 4);
  g_assert_true (qfu_rom_region (rom, "SI_ME")->descriptor);
  g_assert_true (qfu_rom_region (rom, "SI_BIOS")->descriptor);
  g_assert_false (qfu_rom_region (rom, "FMAP")->descriptor);
}

static void
test_no_map (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (IMAGE, strlen (IMAGE));
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_rom_read (f->config, blob, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static QfuMessage *
region (const char *name, guint64 offset, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REGION);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, 0);
  return message;
}

static QfuMessage *
file (guint64 where, guint64 offset, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_FILE);

  qfu_message_add_number (message, QFU_FIELD_REGION, where);
  qfu_message_add_text (message, QFU_FIELD_NAME, "f");
  qfu_message_add_number (message, QFU_FIELD_KIND, 0x11);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return message;
}

static QfuMessage *
setting (const char *name)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SETTING);

  qfu_message_add_number (message, QFU_FIELD_REGION, 0);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VALUE, "y");
  return message;
}

static QfuMessage *
hwid (guint64 where, const char *value)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_HWID);

  qfu_message_add_number (message, QFU_FIELD_REGION, where);
  qfu_message_add_bytes (message, QFU_FIELD_HWID, value, strlen (value));
  return message;
}

static QfuMessage *
vblock (guint64 where, const guint64 numbers[4])
{
  static const QfuField fields[] = {QFU_FIELD_SIZE, QFU_FIELD_FLAGS, QFU_FIELD_KEY_VERSION,
                                    QFU_FIELD_FIRMWARE_VERSION};
  QfuMessage *message = qfu_message_new (QFU_FRAME_VBLOCK);

  qfu_message_add_number (message, QFU_FIELD_REGION, where);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    qfu_message_add_number (message, fields[i], numbers[i]);
  return message;
}

static QfuMessage *
volume (guint64 offset, guint64 size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_VOLUME);

  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return message;
}

/* Takes the messages. */
static void
tell (Fixture *f, QfuMessage *const *messages, gsize count, const char *refusal)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (GByteArray) image = vboot_image ();
  g_autoptr (QfuUntrustedBlob) blob = test_blob (image->data, image->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = NULL;

  for (gsize i = 0; i < count; i++)
    g_ptr_array_add (all, messages[i]);
  liar_install (f->config, f->directory, all, TRUE);
  rom = qfu_rom_read (f->config, blob, &error);
  if (refusal == NULL) {
    g_assert_no_error (error);
    return;
  }
  g_assert_null (rom);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, refusal));
}

/* The map of vboot_image(). */
#define MAP                                                                                        \
  region ("FMAP", 0x100, 0x200), region ("GBB", 0x1000, 0x1000), region ("VBLOCK_A", 0x2000, 0x1000)

/* Values of vboot that the image does not hold, in their place, once. */
static void
test_vboot_lies (Fixture *f, gconstpointer user)
{
  static const char *const refusals[] = {NULL, "keyblock"};
  static const guint64 numbers[][4] = {{0x200, 7, 3, 4},       {0x204, 7, 3, 4},
                                       {0x200, 6, 3, 4},       {0x200, 7, 2, 4},
                                       {0x200, 7, 3, 5},       {0x1000, 7, 3, 4},
                                       {0, 7, 3, 4},           {0x200, 7, 0x10003, 4},
                                       {0x200, 7, 3, 1 << 16}, {0x200, 1ull << 32 | 7, 3, 4}};

  tell (f, (QfuMessage *[]){MAP, hwid (1, HWID)}, 4, NULL);
  tell (f, (QfuMessage *[]){region ("GBB", 0x1000, 79), hwid (0, HWID)}, 2, "hardware id");
  tell (f, (QfuMessage *[]){region ("GBB", 0x1001, 0x1000), hwid (0, HWID)}, 2, "hardware id");
  tell (f, (QfuMessage *[]){region ("GBC", 0x1000, 0x1000), hwid (0, HWID)}, 2, "hardware id");
  tell (f, (QfuMessage *[]){region ("GBB", 0x1000, 0x1000), hwid (1, HWID)}, 2, "REGION");
  tell (f, (QfuMessage *[]){region ("GBB", 0x1000, 0x1000), hwid (0, HWID_OTHER)}, 2,
        "hardware id");
  tell (f, (QfuMessage *[]){region ("GBB", 0x1000, 0x1000), hwid (0, &HWID[1])}, 2, "hardware id");
  tell (f, (QfuMessage *[]){region ("GBB", 0x1000, 0x1000), hwid (0, HWID), hwid (0, HWID)}, 3,
        "hardware id");
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    tell (f, (QfuMessage *[]){MAP, vblock (2, numbers[i])}, 4,
          i < 6 ? refusals[i > 0] : "VBLOCK with");
  tell (f, (QfuMessage *[]){region ("VBLOCK_C", 0x2000, 0x1000), vblock (0, numbers[0])}, 2,
        "keyblock");
  tell (f, (QfuMessage *[]){region ("VBLOCK_A", 0x2000, 0x22b), vblock (0, numbers[0])}, 2,
        "keyblock");
  tell (f,
        (QfuMessage *[]){region ("VBLOCK_A", 0x2000, 0x1000), vblock (0, numbers[0]),
                         vblock (0, numbers[0])},
        3, "keyblock");
  tell (f, (QfuMessage *[]){region ("A", 0, 1), volume (0, 1)}, 2, "a flash map and volumes");
  tell (f, (QfuMessage *[]){volume (0x3000, 1)}, 1, "VOLUME with SIZE");
  tell (f, (QfuMessage *[]){volume (1, G_MAXUINT64)}, 1, "VOLUME with SIZE");
}

static void
assert_lie_refused (Fixture *f, QfuMessage *first, QfuMessage *second, QfuError code)
{
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (IMAGE, strlen (IMAGE));
  g_autoptr (GError) error = NULL;

  if (first != NULL)
    g_ptr_array_add (messages, first);
  if (second != NULL)
    g_ptr_array_add (messages, second);
  liar_install (f->config, f->directory, messages, TRUE);
  g_assert_null (qfu_rom_read (f->config, blob, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
}

/* What an owned worker could try: ranges outside the image or the region above all. */
static void
test_lies (Fixture *f, gconstpointer user)
{
  const QfuError protocol = QFU_ERROR_PROTOCOL;

  assert_lie_refused (f, NULL, NULL, QFU_ERROR_FORMAT);
  assert_lie_refused (f, region ("A", 0, 11), NULL, protocol);
  assert_lie_refused (f, region ("A", 11, 0), NULL, protocol);
  assert_lie_refused (f, region ("A", 1, G_MAXUINT64), NULL, protocol);
  assert_lie_refused (f, region ("A", 0, 5), region ("A", 5, 5), protocol);
  assert_lie_refused (f, file (0, 0, 1), NULL, protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (1, 2, 1), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 1, 1), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 6, 2), protocol);
  assert_lie_refused (f, region ("A", 2, 5), file (0, 7, G_MAXUINT64), protocol);
  assert_lie_refused (f, region ("A", 0, 5), setting ("PATH"), QFU_ERROR_LIMIT);
  assert_lie_refused (f, region ("A", 0, 5), qfu_message_new (QFU_FRAME_DATA), protocol);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/rom/read", test_read);
  test_home_add ("/rom/vboot", test_vboot);
  test_home_add ("/rom/vboot-lies", test_vboot_lies);
  test_home_add ("/rom/volumes", test_volumes);
  test_home_add ("/rom/descriptor", test_descriptor);
  test_home_add ("/rom/no-map", test_no_map);
  test_home_add ("/rom/lies", test_lies);
  return g_test_run ();
}
