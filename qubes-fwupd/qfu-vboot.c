/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-vboot.h"

#include <string.h>

/* Where vboot's structures keep what it extends. */
#define GBB_REGION "GBB"
#define GBB_MAGIC "$GBB"
#define GBB_HWID 48
#define BLOCK_MAGIC "CHROMEOS"
#define BLOCK_SIZE_AT 16
#define BLOCK_FLAGS_AT 72
#define BLOCK_KEY_VERSION_AT 104
#define PREAMBLE_VERSION_AT 40

#define KEYBLOCK_MODES 3

static const char *const names[QFU_VBOOT_N_VALUES] = {
    [QFU_VBOOT_MODE] = "VBOOT: boot mode",
    [QFU_VBOOT_HWID] = "VBOOT: GBB HWID",
    [QFU_VBOOT_VERSION] = "VBOOT: firmware ver",
};

const char *
qfu_vboot_name (QfuVbootValue value)
{
  return names[value];
}

static gboolean
holds (const QfuUntrustedBlob *image,
       const QfuRomRegion *region,
       guint64 offset,
       const void *data,
       gsize size)
{
  return offset <= region->size && size <= region->size - offset &&
         qfu_untrusted_blob_holds (image, region->offset + offset, data, size);
}

static gboolean
holds_number (const QfuUntrustedBlob *image,
              const QfuRomRegion *region,
              guint64 offset,
              guint32 value)
{
  guint32 bytes = GUINT32_TO_LE (value);

  return holds (image, region, offset, &bytes, sizeof bytes);
}

gboolean
qfu_vboot_holds_block (const QfuUntrustedBlob *image,
                       const QfuRomRegion *region,
                       const QfuRomVblock *block)
{
  return (strcmp (region->name, "VBLOCK_A") == 0 || strcmp (region->name, "VBLOCK_B") == 0) &&
         holds (image, region, 0, BLOCK_MAGIC, strlen (BLOCK_MAGIC)) &&
         holds_number (image, region, BLOCK_SIZE_AT, block->keyblock) &&
         holds_number (image, region, BLOCK_FLAGS_AT, block->flags) &&
         holds_number (image, region, BLOCK_KEY_VERSION_AT, block->key_version) &&
         holds_number (image, region, (guint64)block->keyblock + PREAMBLE_VERSION_AT,
                       block->firmware_version);
}

gboolean
qfu_vboot_holds_hwid (const QfuUntrustedBlob *image,
                      const QfuRomRegion *region,
                      const guint8 hwid[QFU_HWID_SIZE])
{
  return strcmp (region->name, GBB_REGION) == 0 &&
         holds (image, region, 0, GBB_MAGIC, strlen (GBB_MAGIC)) &&
         holds (image, region, GBB_HWID, hwid, QFU_HWID_SIZE);
}

/* A value is cut or padded with zeros to the size of a digest, not hashed. */
static void
fit (const void *value, gsize size, QfuHash hash, QfuDigest *out)
{
  memset (out, 0, sizeof *out);
  out->hash = hash;
  out->size = qfu_hash_size (hash);
  memcpy (out->data, value, MIN (size, out->size));
}

void
qfu_vboot_mode (guint mode, QfuHash hash, QfuDigest *out)
{
  const guint8 state[] = {(guint8)(mode / KEYBLOCK_MODES / 2), (guint8)(mode / KEYBLOCK_MODES % 2),
                          (guint8)(mode % KEYBLOCK_MODES)};
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA1, state, sizeof state, &digest);
  fit (digest.data, digest.size, hash, out);
}

int
qfu_vboot_mode_of (const QfuDigest *digest)
{
  for (guint mode = 0; mode < QFU_VBOOT_MODES; mode++) {
    QfuDigest candidate;

    qfu_vboot_mode (mode, digest->hash, &candidate);
    if (qfu_digest_equal (&candidate, digest))
      return (int)mode;
  }
  return -1;
}

void
qfu_vboot_hwid (const guint8 hwid[QFU_HWID_SIZE], QfuHash hash, QfuDigest *out)
{
  fit (hwid, QFU_HWID_SIZE, hash, out);
}

void
qfu_vboot_version (const QfuRomVblock *block, QfuHash hash, QfuDigest *out)
{
  guint32 version = GUINT32_TO_LE (block->key_version << 16 | block->firmware_version);

  fit (&version, sizeof version, hash, out);
}
