/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"

#include <string.h>

#define IMAGE_SIZE 0x8000
#define FMAP_AT 0x100
#define COREBOOT_AT 0x1000
#define HEADER 64
#define EVENT_NAME 50

void
image_u16 (GByteArray *bytes, guint16 value)
{
  const guint8 raw[] = {(guint8)value, (guint8)(value >> 8)};

  g_byte_array_append (bytes, raw, sizeof raw);
}

void
image_u32 (GByteArray *bytes, guint32 value)
{
  image_u16 (bytes, (guint16)value);
  image_u16 (bytes, (guint16)(value >> 16));
}

void
image_put_be32 (GByteArray *image, guint pos, guint32 value)
{
  g_assert_cmpuint (pos + 4, <=, image->len);
  for (guint i = 0; i < 4; i++)
    image->data[pos + i] = (guint8)(value >> (24 - 8 * i));
}

void
image_put_le32 (GByteArray *image, guint pos, guint32 value)
{
  image_put_be32 (image, pos, GUINT32_SWAP_LE_BE (value));
}

GByteArray *
image_new (guint size)
{
  GByteArray *image = g_byte_array_sized_new (size);

  g_byte_array_set_size (image, size);
  memset (image->data, 0xff, size);
  return image;
}

void
image_fmap (GByteArray *image, guint pos, const ImageArea *areas, guint count)
{
  g_autoptr (GByteArray) map = g_byte_array_new ();
  char name[32] = "FLASH";

  g_byte_array_append (map, (const guint8 *)"__FMAP__\1\1\0\0\0\0\0\0\0\0", 18);
  image_u32 (map, image->len);
  g_byte_array_append (map, (const guint8 *)name, sizeof name);
  image_u16 (map, (guint16)count);
  for (guint i = 0; i < count; i++) {
    image_u32 (map, areas[i].offset);
    image_u32 (map, areas[i].size);
    memset (name, 0, sizeof name);
    memcpy (name, areas[i].name, MIN (strlen (areas[i].name), sizeof name));
    g_byte_array_append (map, (const guint8 *)name, sizeof name);
    image_u16 (map, 0);
  }
  g_assert_cmpuint (pos + map->len, <=, image->len);
  memcpy (image->data + pos, map->data, map->len);
}

void
image_gbb (GByteArray *image, guint pos, const char *hwid)
{
  g_assert_cmpuint (strlen (hwid), ==, 32);
  memcpy (image->data + pos, "$GBB", 4);
  memcpy (image->data + pos + 48, hwid, 32);
}

void
image_vblock (GByteArray *image, guint pos, guint32 key_version, guint32 firmware_version)
{
  memcpy (image->data + pos, "CHROMEOS", 8);
  image_put_le32 (image, pos + 16, 0x200);
  image_put_le32 (image, pos + 72, 7);
  image_put_le32 (image, pos + 104, key_version);
  image_put_le32 (image, pos + 0x200 + 40, firmware_version);
}

void
image_volume (GByteArray *image, guint pos, guint32 size)
{
  static const guint8 signature[] = {'_', 'F', 'V', 'H'};
  guint8 *header = image->data + pos;
  guint sum = 0;

  memset (header, 0, 72);
  image_put_le32 (image, pos + 32, size);
  memcpy (header + 40, signature, sizeof signature);
  header[48] = 72;
  for (guint i = 0; i < 72; i += 2)
    sum += header[i] | (guint)header[i + 1] << 8;
  sum = 0x10000 - (sum & 0xffff);
  header[50] = (guint8)sum;
  header[51] = (guint8)(sum >> 8);
}

void
image_descriptor (GByteArray *image, guint at, const guint32 *registers, guint count, guint closed)
{
  const guint regions = 0x40;
  const guint masters = at == 0 ? 0x60 : 0x80;
  const guint rights = at == 0 ? 16 : 8;

  g_assert_cmpuint (image->len, >=, 4096);
  g_assert_cmpuint (count, <=, (masters - regions) / 4);
  memset (image->data, 0xff, 4096);
  image_put_le32 (image, at, 0x0ff0a55a);
  image_put_le32 (image, at + 4, 4u << 24 | regions / 16 << 16 | 3);
  image_put_le32 (image, at + 8, 0x10u << 16 | masters / 16);
  image_put_le32 (image, at + 12, 0x20);
  for (guint i = 0; i < (masters - regions) / 4; i++)
    image_put_le32 (image, regions + 4 * i, i < count ? registers[i] : IMAGE_FLREG_UNUSED);
  image_put_le32 (image, masters, ~closed << rights);
}

guint
image_unused (GByteArray *image, guint pos, guint32 size)
{
  const guint header = 40;

  g_assert_cmpuint (pos + header + size, <=, image->len);
  memset (image->data + pos, 0, header);
  memcpy (image->data + pos, "LARCHIVE", 8);
  image_put_be32 (image, pos + 8, size);
  image_put_be32 (image, pos + 12, 0xffffffff);
  image_put_be32 (image, pos + 20, header);
  memset (image->data + pos + header, 0xff, size);
  return pos + header;
}

guint
image_file (GByteArray *image, guint pos, const char *name, guint32 type, const char *data)
{
  guint length = (guint)strlen (data);

  g_assert_cmpuint (pos + HEADER + length, <=, image->len);
  g_assert_cmpuint (strlen (name), <, HEADER - 24);
  memset (image->data + pos, 0, HEADER);
  memcpy (image->data + pos, "LARCHIVE", 8);
  image_put_be32 (image, pos + 8, length);
  image_put_be32 (image, pos + 12, type);
  image_put_be32 (image, pos + 20, HEADER);
  memcpy (image->data + pos + 24, name, strlen (name));
  memcpy (image->data + pos + HEADER, data, length);
  return pos + HEADER + (length + 63) / 64 * 64;
}

GByteArray *
image_usual (const char *config, const char *romstage)
{
  static const ImageArea areas[] = {
      {"FMAP", FMAP_AT, 0x200},
      {"COREBOOT", COREBOOT_AT, IMAGE_SIZE - COREBOOT_AT},
      {"BIOS", 0, IMAGE_SIZE},
  };
  GByteArray *image = image_new (IMAGE_SIZE);
  guint pos = COREBOOT_AT;

  image_fmap (image, FMAP_AT, areas, G_N_ELEMENTS (areas));
  pos = image_file (image, pos, "fallback/romstage", 0x11, romstage);
  pos = image_file (image, pos, "fallback/ramstage", 0x11, "ramstage");
  pos = image_file (image, pos, "config", 0x50, config);
  pos = image_file (image, pos, "extra", 0x50, "data");
  pos = image_file (image, pos, "fallback/payload", 0x20, "payload");
  image_file (image, pos, "bootblock", 0x01, "bootblock");
  return image;
}

static void
add_event (GByteArray *log, guint pcr, guint type, const void *data, gsize size, const char *name)
{
  char text[EVENT_NAME] = "";
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (sum, data, (gssize)size);
  g_checksum_get_digest (sum, digest, &length);
  image_u32 (log, pcr);
  image_u32 (log, type);
  image_u32 (log, 1);
  image_u16 (log, 0x000b);
  g_byte_array_append (log, digest, sizeof digest);
  image_u32 (log, sizeof text);
  (void)g_strlcpy (text, name, sizeof text);
  g_byte_array_append (log, (const guint8 *)text, sizeof text);
}

GByteArray *
image_log (const GByteArray *image, gboolean tail)
{
  static const char *const names[] = {"bootblock", "fallback/romstage", "fallback/ramstage",
                                      "extra", "fallback/payload"};
  GByteArray *log = g_byte_array_new ();
  const guint8 *found;

  image_u32 (log, 0);
  image_u32 (log, 3);
  g_byte_array_set_size (log, 28);
  memset (log->data + 8, 0, 20);
  image_u32 (log, 33);
  g_byte_array_append (log, (const guint8 *)"Spec ID Event03\0\0\0\0\0\0\2\0\2", 24);
  image_u32 (log, 1);
  image_u16 (log, 0x000b);
  image_u16 (log, 32);
  g_byte_array_append (log, (const guint8 *)"", 1);
  add_event (log, 2, 5, image->data + FMAP_AT, 0x200, "FMAP: FMAP");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *name = g_strdup_printf ("CBFS: %s", names[i]);

    found = memmem (image->data, image->len, names[i], strlen (names[i]) + 1);
    g_assert_nonnull (found);
    found += HEADER - 24;
    add_event (log, 2, 5, found,
               (gsize)found[8 - (int)HEADER] << 24 | (gsize)found[9 - (int)HEADER] << 16 |
                   (gsize)found[10 - (int)HEADER] << 8 | found[11 - (int)HEADER],
               name);
  }
  for (guint pcr = 0; tail && pcr < 8; pcr++)
    add_event (log, pcr, 4, "\xff\xff\xff\xff", 4, "");
  return log;
}
