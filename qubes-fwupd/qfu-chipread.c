/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipread.h"

#include "qfu-descriptor.h"
#include "qfu-error.h"
#include "qfu-unread.h"

/* Reads the descriptor alone, if the chip is large enough to have one. */
static GArray *
read_descriptor (const QfuConfig *config, QfuFlash *flash, GError **error)
{
  g_autoptr (GArray) rest = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  g_autoptr (QfuBlobBuilder) builder = NULL;
  g_autoptr (QfuUntrustedBlob) chip = NULL;
  g_autoptr (QfuUntrustedBlob) head = NULL;
  QfuRange behind = {QFU_IFD_SIZE, 0};
  guint64 size = qfu_flash_size (flash);

  if (size > QFU_IFD_SIZE) {
    behind.length = size - QFU_IFD_SIZE;
    g_array_append_val (rest, behind);
  }
  chip = qfu_flash_read (flash, rest, NULL, error);
  builder = chip != NULL ? qfu_blob_builder_new (QFU_IFD_SIZE, error) : NULL;
  if (builder == NULL ||
      !qfu_blob_builder_append_range (builder, chip, 0, MIN (size, QFU_IFD_SIZE), error))
    return NULL;
  head = qfu_blob_builder_finish (g_steal_pointer (&builder), error);
  return head != NULL ? qfu_descriptor_read (config, head, size, error) : NULL;
}

/* (element-type QfuRomRegion): the same as an image's map would have them. */
static GArray *
as_regions (const GArray *described)
{
  GArray *regions = g_array_new (FALSE, TRUE, sizeof (QfuRomRegion));

  for (guint i = 0; i < described->len; i++) {
    const QfuIfdRegion *from = &g_array_index (described, QfuIfdRegion, i);
    QfuRomRegion region = {(char *)from->name, from->offset, from->size, 0, TRUE};

    g_array_append_val (regions, region);
  }
  return regions;
}

static gboolean
is_unread (const GArray *unread, const QfuIfdRegion *region)
{
  for (guint i = 0; i < unread->len; i++) {
    const QfuRange *range = &g_array_index (unread, QfuRange, i);

    if (region->offset >= range->offset && region->offset < range->offset + range->length)
      return TRUE;
  }
  return FALSE;
}

/* Says of a read that failed what it may be due to. */
static void
explain (const QfuConfig *config, const GArray *described, const GArray *unread, GError **error)
{
  g_autoptr (GString) closed = g_string_new (NULL);
  g_autofree char *before = NULL;

  for (guint i = 0; i < described->len; i++) {
    const QfuIfdRegion *region = &g_array_index (described, QfuIfdRegion, i);

    if (region->closed && !is_unread (unread, region))
      g_string_append_printf (closed, "%s%s (%#" G_GINT64_MODIFIER "x-%#" G_GINT64_MODIFIER "x)",
                              closed->len > 0 ? ", " : "", region->name, region->offset,
                              region->offset + region->size - 1);
  }
  if (closed->len == 0 || error == NULL || *error == NULL)
    return;
  before = (*error)->message;
  (*error)->message = g_strdup_printf (
      "%s; the flash descriptor closes %s to this machine: rule `never` in the layout (%s in %s) "
      "leaves a region out",
      before, closed->str, config->layout, config->layouts);
}

QfuUntrustedBlob *
qfu_chip_read (const QfuConfig *config,
               QfuFlash *flash,
               GArray **unread,
               const QfuFlashProgress *progress,
               GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, config->layout, error);
  g_autoptr (GArray) described = layout != NULL ? read_descriptor (config, flash, error) : NULL;
  g_autoptr (GArray) regions = NULL;
  g_autoptr (GArray) ranges = NULL;
  QfuUntrustedBlob *chip;

  if (described == NULL)
    return NULL;
  regions = as_regions (described);
  ranges = qfu_unread_ranges (layout, regions);
  chip = qfu_flash_read (flash, ranges, progress, error);
  if (chip == NULL)
    explain (config, described, ranges, error);
  else if (unread != NULL)
    *unread = g_steal_pointer (&ranges);
  return chip;
}
