/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-vboot.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define GBB_NAME "GBB"
#define GBB_MAGIC "$GBB"
#define GBB_HWID 48 /* the digest of the hardware id */
#define HWID_SIZE 32
#define BLOCK_MAGIC "CHROMEOS"
#define BLOCK_SIZE_AT 16
#define BLOCK_FLAGS_AT 72
#define BLOCK_KEY_VERSION_AT 104
#define PREAMBLE_VERSION_AT 40
#define LARGEST_VERSION 0xffffu /* vboot refuses a larger one */

static gboolean
begins (const QfuReader *r, const char *magic)
{
  QfuReader copy = *r;
  const guint8 *found = qfu_reader_bytes (&copy, strlen (magic));

  return found != NULL && memcmp (found, magic, strlen (magic)) == 0;
}

static guint32
number_at (QfuReader *r, gsize pos)
{
  qfu_reader_seek (r, pos);
  return qfu_reader_u32 (r);
}

static gboolean
send_hwid (QfuReader *r, guint region, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_HWID);
  const guint8 *digest;

  qfu_reader_seek (r, GBB_HWID);
  digest = qfu_reader_bytes (r, HWID_SIZE);
  if (digest == NULL)
    return TRUE;
  qfu_message_add_number (message, QFU_FIELD_REGION, region);
  qfu_message_add_bytes (message, QFU_FIELD_HWID, digest, HWID_SIZE);
  return qfu_parse_emit (sink, message, error);
}

static gboolean
send_block (QfuReader *r, guint region, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_VBLOCK);
  guint32 size = number_at (r, BLOCK_SIZE_AT);
  guint32 flags = number_at (r, BLOCK_FLAGS_AT);
  guint32 key_version = number_at (r, BLOCK_KEY_VERSION_AT);
  guint32 version = number_at (r, (gsize)size + PREAMBLE_VERSION_AT);

  if (r->failed || size <= BLOCK_KEY_VERSION_AT || key_version > LARGEST_VERSION ||
      version > LARGEST_VERSION)
    return TRUE;
  qfu_message_add_number (message, QFU_FIELD_REGION, region);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  qfu_message_add_number (message, QFU_FIELD_KEY_VERSION, key_version);
  qfu_message_add_number (message, QFU_FIELD_FIRMWARE_VERSION, version);
  return qfu_parse_emit (sink, message, error);
}

gboolean
qfu_vboot_area (const QfuParseInput *image,
                const QfuFmapArea *area,
                guint region,
                const QfuParseSink *sink,
                GError **error)
{
  QfuReader r = qfu_reader (image->data + area->offset, area->size);

  if (strcmp (area->name, GBB_NAME) == 0 && begins (&r, GBB_MAGIC))
    return send_hwid (&r, region, sink, error);
  if ((strcmp (area->name, "VBLOCK_A") == 0 || strcmp (area->name, "VBLOCK_B") == 0) &&
      begins (&r, BLOCK_MAGIC))
    return send_block (&r, region, sink, error);
  return TRUE;
}
