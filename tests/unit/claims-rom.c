/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "claims-rom.h"

#include "image.h"
#include "qfu-limits.h"

#include <string.h>

#define MAP_SIZE 0x2000
#define EMPTY_FILE 64
#define EMPTY_HEADER 40

void
claims_named (GPtrArray *frames, QfuFrameType type, QfuField field, guint number)
{
  QfuMessage *message = qfu_message_new (type);
  g_autofree char *name = g_strdup_printf ("CONFIG_TPM_%u", number);

  qfu_message_add_text (message, field, name);
  g_ptr_array_add (frames, message);
}

void
claims_add_number (GPtrArray *frames, QfuField field, guint64 value)
{
  qfu_message_add_number (g_ptr_array_index (frames, frames->len - 1), field, value);
}

/* The areas of MAP, as many as are claimed: the first is the map's own, at the start. */
void
claims_regions (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      claims_named (frames, QFU_FRAME_REGION, QFU_FIELD_NAME, i);
    else
      g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_REGION));
    if (i == 0)
      qfu_message_add_text (g_ptr_array_index (frames, 0), QFU_FIELD_NAME, "FMAP");
    claims_add_number (frames, QFU_FIELD_OFFSET, 0);
    claims_add_number (frames, QFU_FIELD_SIZE, MAP_SIZE);
    claims_add_number (frames, QFU_FIELD_FLAGS, 0);
  }
}

/* Empty files side by side in a region of their own. */
void
claims_unused (GPtrArray *frames, guint64 n)
{
  claims_regions (frames, 1);
  g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_REGION));
  qfu_message_add_text (g_ptr_array_index (frames, 1), QFU_FIELD_NAME, "COREBOOT");
  claims_add_number (frames, QFU_FIELD_OFFSET, MAP_SIZE);
  claims_add_number (frames, QFU_FIELD_SIZE, n * EMPTY_FILE);
  claims_add_number (frames, QFU_FIELD_FLAGS, 0);
  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_UNUSED));
    claims_add_number (frames, QFU_FIELD_REGION, 1);
    claims_add_number (frames, QFU_FIELD_OFFSET, MAP_SIZE + EMPTY_FILE * i + EMPTY_HEADER);
    claims_add_number (frames, QFU_FIELD_SIZE, EMPTY_FILE - EMPTY_HEADER);
    claims_add_number (frames, QFU_FIELD_HEADER, EMPTY_HEADER);
  }
}

static guint32
number_of (const QfuMessage *frame, QfuField field)
{
  return (guint32)qfu_message_number_or (frame, field, 0, G_MAXUINT32, 0);
}

/* Writes the flash map that the frames claim, and empty files behind it. */
void
claims_write_map (const GPtrArray *frames, guint8 *data)
{
  const guint files = QFU_ROM_UNUSED_MAX + 1;
  g_autoptr (GByteArray) image = image_new (MAP_SIZE + EMPTY_FILE * files);
  ImageArea areas[QFU_ROM_REGIONS_MAX + 1];
  guint n = 0;

  for (guint i = 0; i < frames->len; i++) {
    const QfuMessage *frame = g_ptr_array_index (frames, i);

    if (qfu_message_type (frame) == QFU_FRAME_REGION)
      areas[n++] =
          (ImageArea){qfu_message_text (frame, QFU_FIELD_NAME, 0),
                      number_of (frame, QFU_FIELD_OFFSET), number_of (frame, QFU_FIELD_SIZE)};
  }
  image_fmap (image, 0, areas, n);
  for (guint i = 0; i < files; i++)
    image_unused (image, MAP_SIZE + EMPTY_FILE * i, EMPTY_FILE - EMPTY_HEADER);
  memcpy (data, image->data, image->len);
}

void
claims_files (GPtrArray *frames, guint64 n)
{
  claims_regions (frames, 1);
  for (guint i = 0; i < n; i++) {
    claims_named (frames, QFU_FRAME_FILE, QFU_FIELD_NAME, i);
    claims_add_number (frames, QFU_FIELD_REGION, 0);
    claims_add_number (frames, QFU_FIELD_KIND, 1);
    claims_add_number (frames, QFU_FIELD_OFFSET, 0);
    claims_add_number (frames, QFU_FIELD_SIZE, 1);
  }
}

void
claims_volumes (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_VOLUME));
    claims_add_number (frames, QFU_FIELD_OFFSET, 0);
    claims_add_number (frames, QFU_FIELD_SIZE, 1);
  }
}

void
claims_settings (GPtrArray *frames, guint64 n)
{
  claims_regions (frames, 1);
  for (guint i = 0; i < n; i++) {
    claims_named (frames, QFU_FRAME_SETTING, QFU_FIELD_NAME, i);
    claims_add_number (frames, QFU_FIELD_REGION, 0);
    qfu_message_add_text (g_ptr_array_index (frames, frames->len - 1), QFU_FIELD_VALUE, "y");
  }
}
