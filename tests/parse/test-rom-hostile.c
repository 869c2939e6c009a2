/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `rom`, and images whose maps and files state more than they have. */
#include "image.h"
#include "limit.h"

#include <lzma.h>
#include <string.h>

#define FMAP_AT 0x100
#define COREBOOT_AT 0x2000
#define HEADER 24 /* of a CBFS file */
#define COMPRESSION 0x42435a4cu

/* An image of @size bytes with an area COREBOOT from COREBOOT_AT to its end. */
static GByteArray *
board (guint size)
{
  const ImageArea areas[] = {{"FMAP", FMAP_AT, 0x200},
                             {"COREBOOT", COREBOOT_AT, size - COREBOOT_AT}};
  GByteArray *image = image_new (size);

  image_fmap (image, FMAP_AT, areas, G_N_ELEMENTS (areas));
  return image;
}

/* An image whose one file has a header of @room bytes, and @size bytes of @data. */
static GByteArray *
board_of_file (const char *name, guint room, const void *data, gsize size)
{
  GByteArray *image = board ((guint)(COREBOOT_AT + room + size + 4096));
  guint8 *file = image->data + COREBOOT_AT;
  static const guint8 magic[8] = "LARCHIVE";

  memset (file, 0, room);
  memcpy (file, magic, sizeof magic);
  image_put_be32 (image, COREBOOT_AT + 8, (guint32)size);
  image_put_be32 (image, COREBOOT_AT + 12, 0x50);
  image_put_be32 (image, COREBOOT_AT + 20, room);
  for (gsize i = 0; name[i] != '\0'; i++)
    file[HEADER + i] = (guint8)name[i];
  memcpy (file + room, data, size);
  return image;
}

static GBytes *
make_size (guint64 n)
{
  return g_byte_array_free_to_bytes (board ((guint)n));
}

static GBytes *
make_regions (guint64 n)
{
  GByteArray *image = image_new (0x4000);
  g_autofree ImageArea *areas = g_new0 (ImageArea, n);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (names, i == 0 ? g_strdup ("FMAP") : g_strdup_printf ("AREA_%u", i));
    areas[i] = (ImageArea){g_ptr_array_index (names, i), FMAP_AT, i == 0 ? 0x3000 : 0};
  }
  image_fmap (image, FMAP_AT, areas, (guint)n);
  return g_byte_array_free_to_bytes (image);
}

static GBytes *
make_files (guint64 n)
{
  GByteArray *image = board ((guint)(COREBOOT_AT + 64 * n));

  for (guint i = 0; i < n; i++)
    image_file (image, COREBOOT_AT + 64 * i, "f", 0x50, "");
  return g_byte_array_free_to_bytes (image);
}

/* Free space that is large enough for a block. */
static GBytes *
make_unused (guint64 n)
{
  GByteArray *image = board ((guint)(COREBOOT_AT + 8192 * n));

  for (guint i = 0; i < n; i++)
    image_unused (image, COREBOOT_AT + 8192 * i, 4096);
  return g_byte_array_free_to_bytes (image);
}

/* The true map is the last of @n. */
static GBytes *
make_candidates (guint64 n)
{
  const guint at = (guint)n * 8;
  const ImageArea areas[] = {{"FMAP", at, 0x200}};
  GByteArray *image = image_new (at + 0x1000);

  for (guint i = 0; i + 1 < n; i++)
    memcpy (image->data + 8 * i, "__FMAP__", 8);
  image_fmap (image, at, areas, 1);
  return g_byte_array_free_to_bytes (image);
}

static GBytes *
make_volumes (guint64 n)
{
  GByteArray *image = image_new ((guint)n * 128);

  for (guint i = 0; i < n; i++)
    image_volume (image, 128 * i, 128);
  return g_byte_array_free_to_bytes (image);
}

/* The only volume is the last of @n. */
static GBytes *
make_volume_candidates (guint64 n)
{
  GByteArray *image = image_new ((guint)n * 8 + 4096);

  for (guint i = 0; i + 1 < n; i++)
    memcpy (image->data + 8 * i, "_FVH", 4);
  image_volume (image, (guint)n * 8, 128);
  return g_byte_array_free_to_bytes (image);
}

static GBytes *
make_area_name (guint64 n)
{
  GByteArray *image = image_new (0x1000);
  g_autofree char *name = g_strnfill (n - 1, 'N');
  const ImageArea areas[] = {{"FMAP", FMAP_AT, 0x200}, {name, 0x800, 0}};

  image_fmap (image, FMAP_AT, areas, G_N_ELEMENTS (areas));
  return g_byte_array_free_to_bytes (image);
}

static GBytes *
make_file_name (guint64 n)
{
  g_autofree char *name = g_strnfill (n - 1, 'n');

  return g_byte_array_free_to_bytes (board_of_file (name, 512, "x", 1));
}

static GBytes *
make_config (guint64 n)
{
  g_autofree char *text = g_strnfill (n, '#');

  return g_byte_array_free_to_bytes (board_of_file ("config", 64, text, n));
}

/* An LZMA stream of @n bytes that states a dictionary of @dictionary bytes. */
static GByteArray *
squeeze (const char *text, gsize n, guint32 dictionary)
{
  GByteArray *out = g_byte_array_new ();
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;

  g_byte_array_set_size (out, (guint)n / 10 + 4096);
  g_assert_false (lzma_lzma_preset (&options, 0));
  g_assert_cmpint (lzma_alone_encoder (&stream, &options), ==, LZMA_OK);
  stream.next_in = (const guint8 *)text;
  stream.avail_in = n;
  stream.next_out = out->data;
  stream.avail_out = out->len;
  g_assert_cmpint (lzma_code (&stream, LZMA_FINISH), ==, LZMA_STREAM_END);
  g_byte_array_set_size (out, (guint)stream.total_out);
  lzma_end (&stream);
  for (guint i = 0; i < 4; i++)
    out->data[1 + i] = (guint8)(dictionary >> (8 * i));
  return out;
}

/* A file `config` of @n bytes that is compressed, and states that it unpacks to @stated. */
static GBytes *
squeezed_config (const char *text, gsize n, guint32 stated, guint32 dictionary)
{
  g_autoptr (GByteArray) packed = squeeze (text, n, dictionary);
  GByteArray *image = board_of_file ("config", 64, packed->data, packed->len);

  image_put_be32 (image, COREBOOT_AT + 16, 32);
  image_put_be32 (image, COREBOOT_AT + 32, COMPRESSION);
  image_put_be32 (image, COREBOOT_AT + 36, 16);
  image_put_be32 (image, COREBOOT_AT + 40, 1);
  image_put_be32 (image, COREBOOT_AT + 44, stated);
  return g_byte_array_free_to_bytes (image);
}

static GBytes *
make_squeezed (guint64 n)
{
  g_autofree char *text = g_strnfill (n, '#');

  return squeezed_config (text, n, (guint32)n, 1 << 16);
}

static GBytes *
make_settings (guint64 n)
{
  g_autofree char *text = limit_repeat ("", "CONFIG_TPM2=y", "\n", n, "");

  return g_byte_array_free_to_bytes (board_of_file ("config", 64, text, strlen (text)));
}

static GBytes *
make_setting_name (guint64 n)
{
  g_autofree char *text = limit_repeat ("CONFIG_TPM", "X", "", n - strlen ("CONFIG_TPM"), "=y\n");

  return g_byte_array_free_to_bytes (board_of_file ("config", 64, text, strlen (text)));
}

static GBytes *
make_setting_value (guint64 n)
{
  g_autofree char *text = limit_repeat ("CONFIG_TPM=", "v", "", n, "\n");

  return g_byte_array_free_to_bytes (board_of_file ("config", 64, text, strlen (text)));
}

static const LimitCase limits[] = {
    {"/rom/limit/size", QFU_ROM_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/rom/limit/regions", QFU_ROM_REGIONS_MAX, make_regions, QFU_ERROR_FORMAT},
    {"/rom/limit/files", QFU_ROM_FILES_MAX, make_files, QFU_ERROR_LIMIT},
    {"/rom/limit/unused", QFU_ROM_UNUSED_MAX, make_unused, QFU_ERROR_LIMIT},
    {"/rom/limit/candidates", QFU_FMAP_CANDIDATES_MAX, make_candidates, QFU_ERROR_LIMIT},
    {"/rom/limit/volumes", QFU_ROM_VOLUMES_MAX, make_volumes, QFU_ERROR_LIMIT},
    {"/rom/limit/volume-candidates", QFU_ROM_VOLUME_CANDIDATES_MAX, make_volume_candidates,
     QFU_ERROR_LIMIT},
    {"/rom/limit/area-name", QFU_FMAP_NAME_MAX, make_area_name, QFU_ERROR_FORMAT},
    {"/rom/limit/file-name", QFU_CBFS_NAME_MAX, make_file_name, QFU_ERROR_FORMAT},
    {"/rom/limit/config", QFU_CONFIG_PLAIN_MAX, make_config, QFU_ERROR_LIMIT},
    {"/rom/limit/config-lzma", QFU_CONFIG_PLAIN_MAX, make_squeezed, QFU_ERROR_LIMIT},
    {"/rom/limit/settings", QFU_CONFIG_SETTINGS_MAX, make_settings, QFU_ERROR_LIMIT},
    {"/rom/limit/setting-name", QFU_CONFIG_NAME_MAX, make_setting_name, QFU_ERROR_LIMIT},
    {"/rom/limit/setting-value", QFU_CONFIG_VALUE_MAX, make_setting_value, QFU_ERROR_LIMIT},
};

static void
assert_outcome (GBytes *image, int code)
{
  QfuParseInput input;
  g_auto (LimitOutcome) outcome = {0};

  input.data = g_bytes_get_data (image, &input.size);
  outcome = limit_run ("rom", 0, &input, 1);
  if (code == 0)
    g_assert_no_error (outcome.error);
  else
    g_assert_error (outcome.error, QFU_ERROR, code);
}

/* Dictionaries are powers of two, and one and a half times that: 16 MiB fit, 24 do not. */
static void
test_dictionary (void)
{
  static const char text[] = "CONFIG_TPM2=y\n";
  const guint32 size = sizeof text - 1;
  g_autoptr (GBytes) at = squeezed_config (text, size, size, 16 * 1024 * 1024);
  g_autoptr (GBytes) past = squeezed_config (text, size, size, QFU_CONFIG_LZMA_MEMORY_MAX);
  g_autoptr (GBytes) far = squeezed_config (text, size, size, 0xffffffff);

  assert_outcome (at, 0);
  assert_outcome (past, QFU_ERROR_LIMIT);
  assert_outcome (far, QFU_ERROR_LIMIT);
}

/* 8 MiB in a few kilobytes, whatever size the file states. */
static void
test_config_bomb (void)
{
  const gsize size = 8 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, 'a');
  static const guint32 stated[] = {8051, 0, 8 * 1024 * 1024, 0xffffffff};

  for (gsize i = 0; i < G_N_ELEMENTS (stated); i++) {
    g_autoptr (GBytes) image = squeezed_config (text, size, stated[i], 1 << 16);

    g_assert_cmpuint (g_bytes_get_size (image), <, 64 * 1024);
    assert_outcome (image, i == 0 ? QFU_ERROR_FORMAT : QFU_ERROR_LIMIT);
  }
}

/* Areas whose ends leave 32 bits, or that lie across one another. */
static void
test_areas (void)
{
  static const struct {
    guint32 offset;
    guint32 size;
    int code;
  } cases[] = {
      {0xffffffff, 0xffffffff, QFU_ERROR_FORMAT},
      {0xffffffff, 1, QFU_ERROR_FORMAT},
      {1, 0xffffffff, QFU_ERROR_FORMAT},
      {0x80000000, 0x80000000, QFU_ERROR_FORMAT},
      {0x4000, 1, QFU_ERROR_FORMAT},
      {0x4001, 0, QFU_ERROR_FORMAT},
      {0x4000, 0, 0},
      {0x180, 0x1000, QFU_ERROR_FORMAT}, /* across the end of FMAP */
      {0, 0x101, QFU_ERROR_FORMAT},      /* across its beginning */
      {0x100, 0x200, 0},                 /* the same place: one lies in the other */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const ImageArea areas[] = {{"FMAP", FMAP_AT, 0x200}, {"OTHER", cases[i].offset, cases[i].size}};
    GByteArray *image = image_new (0x4000);
    g_autoptr (GBytes) bytes = NULL;

    image_fmap (image, FMAP_AT, areas, G_N_ELEMENTS (areas));
    bytes = g_byte_array_free_to_bytes (image);
    g_test_message ("case %zu", i);
    assert_outcome (bytes, cases[i].code);
  }
}

/* Files whose ends leave 32 bits would send the walk back to where it was. */
static void
test_files (void)
{
  static const struct {
    guint at;
    guint32 value;
  } cases[] = {
      {8, 0xffffffff},  {8, 0xffffffc0}, {8, 0x80000000}, {20, 0xffffffff},
      {20, 0xffffffc0}, {20, 0},         {20, 24},        {20, 0x80000000},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    GByteArray *image = board_of_file ("a", 64, "x", 1);
    g_autoptr (GBytes) bytes = NULL;

    image_put_be32 (image, COREBOOT_AT + cases[i].at, cases[i].value);
    bytes = g_byte_array_free_to_bytes (image);
    g_test_message ("case %zu", i);
    assert_outcome (bytes, QFU_ERROR_FORMAT);
  }
}

/* A header of 32 MiB that is one list of attributes, and attributes of any length. */
static void
test_attributes (void)
{
  static const guint32 lengths[] = {8, 0, 7, 9, 0x7fffffff, 0xffffffff, 0xfffffff8};
  const guint room = 32 * 1024 * 1024;

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++) {
    GByteArray *image = board_of_file ("a", room, "x", 1);
    g_autoptr (GBytes) bytes = NULL;

    image_put_be32 (image, COREBOOT_AT + 16, 32);
    for (guint at = 32; at < room; at += 8) {
      image_put_be32 (image, COREBOOT_AT + at, COMPRESSION);
      image_put_be32 (image, COREBOOT_AT + at + 4, lengths[i]);
    }
    bytes = g_byte_array_free_to_bytes (image);
    assert_outcome (bytes, 0);
  }
}

/* A million headers of nothing. */
static void
test_empty_files (void)
{
  GByteArray *image = board (QFU_ROM_SIZE_MAX);
  g_autoptr (GBytes) bytes = NULL;

  for (guint pos = COREBOOT_AT; pos + 64 <= image->len; pos += 64)
    image_file (image, pos, "", 0xffffffff, "");
  bytes = g_byte_array_free_to_bytes (image);
  assert_outcome (bytes, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("rom", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/rom/limit/dictionary", test_dictionary);
  g_test_add_func ("/rom/killer/config-bomb", test_config_bomb);
  g_test_add_func ("/rom/killer/areas", test_areas);
  g_test_add_func ("/rom/killer/files", test_files);
  g_test_add_func ("/rom/killer/attributes", test_attributes);
  g_test_add_func ("/rom/killer/empty-files", test_empty_files);
  return g_test_run ();
}
