/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-cbfs.h"
#include "qfu-parse-config.h"
#include "qfu-parse-fmap.h"
#include "qfu-parse-ifd.h"
#include "qfu-parse-vboot.h"
#include "qfu-parse-volume.h"

#include <string.h>

#define ERASE_BLOCK 4096
#define LONGEST_HEADER 4096 /* bytes of an empty file's header */

typedef struct {
  const QfuParseInput *image;
  const QfuParseSink *sink;
  guint region;
  guint files;
  guint unused;
  gboolean configured; /* the region's first `config` has been read */
  gboolean informed;   /* the same of `build_info` */
} Walk;

static gboolean
send_region (const QfuFmapArea *area, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_REGION);

  qfu_message_add_text (message, QFU_FIELD_NAME, area->name);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, area->offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, area->size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, area->flags);
  return qfu_parse_emit (sink, message, error);
}

/* Free space in which no block could be erased is of no use to anybody. */
static gboolean
send_unused (Walk *walk, const QfuCbfsFile *file, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_UNUSED);
  const guint8 *data = walk->image->data + file->offset;

  if (file->size < ERASE_BLOCK || file->header > LONGEST_HEADER || data[0] != 0xff ||
      memcmp (data, data + 1, file->size - 1) != 0)
    return TRUE;
  if (++walk->unused > QFU_ROM_UNUSED_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "more empty CBFS files than allowed");
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_REGION, walk->region);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, file->offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, file->size);
  qfu_message_add_number (message, QFU_FIELD_HEADER, file->header);
  return qfu_parse_emit (walk->sink, message, error);
}

static gboolean
send_file (gpointer user, const QfuCbfsFile *file, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_FILE);
  Walk *walk = user;

  if (file->unused)
    return send_unused (walk, file, error);
  if (++walk->files > QFU_ROM_FILES_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "more CBFS files than allowed");
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_REGION, walk->region);
  qfu_message_add_text (message, QFU_FIELD_NAME, file->name);
  qfu_message_add_number (message, QFU_FIELD_KIND, file->type);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, file->offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, file->size);
  if (file->has_load_address)
    qfu_message_add_number (message, QFU_FIELD_LOAD_ADDRESS, file->load_address);
  if (!qfu_parse_emit (walk->sink, message, error))
    return FALSE;
  if (!walk->informed && strcmp (file->name, "build_info") == 0) {
    walk->informed = TRUE;
    return qfu_config_build_info (walk->image, file, walk->region, walk->sink, error);
  }
  if (walk->configured || strcmp (file->name, "config") != 0)
    return TRUE;
  walk->configured = TRUE;
  return qfu_config_settings (walk->image, file, walk->region, walk->sink, error);
}

gboolean
qfu_parse_rom (const QfuMessage *arguments,
               const QfuParseInput *inputs,
               gsize n_inputs,
               const QfuParseSink *sink,
               GError **error)
{
  g_autoptr (GArray) areas = NULL;
  g_autoptr (GError) no_map = NULL;
  Walk walk = {.image = &inputs[0], .sink = sink};

  if (inputs[0].size > QFU_ROM_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the image is larger than any chip");
    return FALSE;
  }
  if (!qfu_ifd_send (&inputs[0], sink, error))
    return FALSE;
  areas = qfu_fmap_parse (&inputs[0], &no_map);
  /* a flash map that is broken makes no UEFI firmware of coreboot's */
  if (areas == NULL && !qfu_fmap_here (&inputs[0]))
    return qfu_volumes_parse (&inputs[0], sink, error);
  if (areas == NULL) {
    g_propagate_error (error, g_steal_pointer (&no_map));
    return FALSE;
  }
  for (guint i = 0; i < areas->len; i++) {
    if (!send_region (&g_array_index (areas, QfuFmapArea, i), sink, error))
      return FALSE;
  }
  for (guint i = 0; i < areas->len; i++) {
    const QfuFmapArea *area = &g_array_index (areas, QfuFmapArea, i);

    if (!qfu_vboot_area (&inputs[0], area, i, sink, error))
      return FALSE;
    if (!area->leaf || !qfu_cbfs_here (&inputs[0], area->offset, area->size))
      continue;
    walk.region = i;
    walk.configured = FALSE;
    walk.informed = FALSE;
    if (!qfu_cbfs_walk (&inputs[0], area->offset, area->size, send_file, &walk, error))
      return FALSE;
  }
  return TRUE;
}
