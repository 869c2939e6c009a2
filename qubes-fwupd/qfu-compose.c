/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-mapcheck.h"
#include "qfu-order.h"
#include "qfu-sameboard.h"
#include "qfu-unread.h"

#define OUTSIDE "what lies outside of the regions"

/* Chip and image, [0] old and [1] new, and what the layout says of them. */
typedef struct {
  const QfuLayout *rules; /* what the configuration names; what was picked of it is in @maps */
  const QfuUntrustedBlob *images[2];
  QfuMaps maps;
  QfuComposed *out;
} Compose;

static const char *
name_of (const QfuRomRegion *region)
{
  return region != NULL ? region->name : OUTSIDE;
}

static gboolean
check_images (const Compose *c, GError **error)
{
  guint64 chip = qfu_untrusted_blob_size (c->images[0]);
  guint64 image = qfu_untrusted_blob_size (c->images[1]);

  if (chip != image)
    return qfu_error_refuse (
        error, "the image has %" G_GUINT64_FORMAT " bytes, the chip has %" G_GUINT64_FORMAT, image,
        chip);
  g_return_val_if_fail (c->maps.roms[0]->size == chip && c->maps.roms[1]->size == image, FALSE);
  return qfu_segments_check (c->maps.roms[0], error) &&
         qfu_segments_check (c->maps.roms[1], error) &&
         qfu_sameboard_check (c->maps.roms[0], c->maps.roms[1], error);
}

static gboolean
is_unread (const Compose *c, const QfuSegment *segment)
{
  for (guint i = 0; i < c->out->unread->len; i++) {
    const QfuRange *range = &g_array_index (c->out->unread, QfuRange, i);

    if (segment->offset >= range->offset && segment->offset < range->offset + range->length)
      return TRUE;
  }
  return FALSE;
}

/* Whether what the chip has at this place is for anybody to keep: not where the old map lets an
 * update write, nor where a region was that the new map has elsewhere. */
static gboolean
is_given_up (const Compose *c, const QfuSegment *old)
{
  const QfuRomRegion *is =
      old->region != NULL ? qfu_rom_region (c->maps.roms[1], old->region->name) : NULL;

  return old->rule == QFU_RULE_UPDATE || (is != NULL && is->offset != old->region->offset);
}

/* Which image the bytes come from, and from where. */
static guint
find_source (const Compose *c, guint i, guint64 *offset)
{
  const QfuSegment *segment = qfu_maps_segment (&c->maps, 1, i);
  const QfuRomRegion *is = segment->region;
  const QfuRomRegion *was = is != NULL ? qfu_rom_region (c->maps.roms[0], is->name) : NULL;

  *offset = segment->offset;
  if (segment->rule == QFU_RULE_UPDATE)
    return 1;
  if (is == NULL)
    return segment->rule == QFU_RULE_PRESERVE && is_given_up (c, qfu_maps_segment (&c->maps, 0, i));
  if (was == NULL)
    return segment->rule == QFU_RULE_PRESERVE && !is->descriptor;
  *offset = was->offset + (segment->offset - is->offset);
  return 0;
}

static gboolean
compose_segment (const Compose *c, guint i, QfuBlobBuilder *builder, GError **error)
{
  const QfuSegment *segment = qfu_maps_segment (&c->maps, 1, i);
  guint64 offset;
  guint source = find_source (c, i, &offset);

  if (is_unread (c, segment))
    return qfu_blob_builder_append_erased (builder, segment->length, error);
  if (source == 1 || offset != segment->offset)
    qfu_ranges_append (c->out->updatable, segment->offset, segment->length);
  if (segment->rule == QFU_RULE_PRESERVE || segment->rule == QFU_RULE_NEVER)
    qfu_ranges_append (c->out->preserved, segment->offset, segment->length);
  if (segment->rule == QFU_RULE_MUST_EQUAL &&
      !qfu_untrusted_blob_equal_range (c->images[0], offset, c->images[1], segment->offset,
                                       segment->length))
    return qfu_error_refuse (
        error, "region %s of the image differs from the chip, and the layout does not allow that",
        segment->region->name);
  return qfu_blob_builder_append_range (builder, c->images[source], offset, segment->length, error);
}

static gboolean
compose_image (Compose *c, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (c->maps.roms[0]->size, error);

  if (builder == NULL)
    return FALSE;
  for (guint i = 0; i < c->maps.segments[1]->len; i++) {
    if (!compose_segment (c, i, builder, error))
      return FALSE;
  }
  if (c->out->updatable->len == 0)
    return qfu_error_refuse (error, "layout %s marks no region of this chip as updatable",
                             qfu_layout_name (c->maps.layout));
  c->out->image = qfu_blob_builder_finish (g_steal_pointer (&builder), error);
  return c->out->image != NULL;
}

/* However the maps lie, what the chip's map has to keep is in the composed image: at its region's
 * place, else at its own. A hole that holds nothing may be given to a region. */
static gboolean
check_survives (const Compose *c, guint i, GError **error)
{
  const QfuSegment *old = qfu_maps_segment (&c->maps, 0, i);
  const QfuRomRegion *is =
      old->region != NULL ? qfu_rom_region (c->maps.roms[1], old->region->name) : NULL;
  guint64 to = old->offset;
  guint64 from;

  if (old->rule == QFU_RULE_UPDATE || is_unread (c, old))
    return TRUE;
  if (is != NULL)
    to = is->offset + (old->offset - old->region->offset);
  /* a copy of itself needs no look at pages that nothing else needs */
  if (to == old->offset && find_source (c, i, &from) == 0 && from == to)
    return TRUE;
  if (qfu_untrusted_blob_equal_range (c->images[0], old->offset, c->out->image, to, old->length) ||
      (old->region == NULL && old->rule == QFU_RULE_PRESERVE &&
       qfu_untrusted_blob_is_erased (c->images[0], old->offset, old->length)))
    return TRUE;
  return qfu_error_refuse (error,
                           "the image's flash map puts %s over %s of the chip (%#" G_GINT64_MODIFIER
                           "x), which the layout keeps",
                           name_of (qfu_maps_segment (&c->maps, 1, i)->region),
                           name_of (old->region), old->offset);
}

/* Finds the erase blocks to write: whole ones, as bytes that stay are in the composed image, too.
 */
static GArray *
find_changed (const Compose *c)
{
  GArray *changed = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  g_autoptr (GArray) parts = qfu_ranges_cut (c->out->updatable, QFU_ERASE_BLOCK);
  guint64 end = 0;

  for (guint i = 0; i < parts->len; i++) {
    const QfuRange *part = &g_array_index (parts, QfuRange, i);
    guint64 start = part->offset - part->offset % QFU_ERASE_BLOCK;

    if (start < end || qfu_untrusted_blob_equal_range (c->images[0], part->offset, c->out->image,
                                                       part->offset, part->length))
      continue;
    end = MIN (start + QFU_ERASE_BLOCK, c->maps.roms[0]->size);
    qfu_ranges_append (changed, start, end - start);
  }
  return changed;
}

/* What is never touched shares no erase block with what is written. */
static gboolean
check_never (const Compose *c, GError **error)
{
  for (guint i = 0, k = 0; i < c->maps.segments[0]->len && k < c->out->changed->len;) {
    const QfuRange *range = &g_array_index (c->out->changed, QfuRange, k);
    const QfuSegment *old = qfu_maps_segment (&c->maps, 0, i);
    const QfuSegment *new = qfu_maps_segment (&c->maps, 1, i);
    const QfuSegment *never = new->rule == QFU_RULE_NEVER ? new : old;
    guint64 end = old->offset + old->length;

    if ((never->rule == QFU_RULE_NEVER || is_unread (c, old)) && end > range->offset &&
        old->offset < range->offset + range->length)
      return qfu_error_refuse (
          error,
          "layout %s never touches %s, but an erase block at %#" G_GINT64_MODIFIER
          "x that holds a part of it would be written",
          qfu_layout_name (c->maps.layout), name_of (never->region), range->offset);
    if (end <= range->offset + range->length)
      i++;
    else
      k++;
  }
  return TRUE;
}

static gboolean
is_kept (const Compose *c, const QfuRomRegion *region)
{
  for (guint i = 0; i < c->maps.segments[0]->len; i++) {
    const QfuSegment *segment = qfu_maps_segment (&c->maps, 0, i);

    if (segment->region == region && segment->rule != QFU_RULE_UPDATE)
      return TRUE;
  }
  return FALSE;
}

/* Says which regions keep what they hold, and where. */
static void
list_kept (const Compose *c)
{
  for (guint i = 0; i < c->maps.roms[0]->regions->len; i++) {
    const QfuRomRegion *was = qfu_rom_region_at (c->maps.roms[0], i);
    const QfuRomRegion *is = qfu_rom_region (c->maps.roms[1], was->name);

    if (!is_kept (c, was))
      continue;
    if (is != NULL && is->offset != was->offset) {
      QfuMove move = {g_strdup (was->name), was->offset, is->offset, was->size};

      g_array_append_val (c->out->moved, move);
    } else {
      g_ptr_array_add (c->out->kept, g_strdup (was->name));
    }
  }
}

static gboolean
compose (Compose *c, GError **error)
{
  if (!qfu_mapcheck (&c->maps, error) || !compose_image (c, error))
    return FALSE;
  for (guint i = 0; i < c->maps.segments[0]->len; i++) {
    if (!check_survives (c, i, error))
      return FALSE;
  }
  c->out->changed = find_changed (c);
  if (!check_never (c, error))
    return FALSE;
  list_kept (c);
  c->out->steps = qfu_order_steps (&c->maps, c->out->changed);
  return TRUE;
}

static void
clear_move (gpointer move)
{
  g_free (((QfuMove *)move)->name);
}

static QfuComposed *
composed_new (const char *layout)
{
  QfuComposed *composed = g_new0 (QfuComposed, 1);

  composed->layout = g_strdup (layout);
  composed->updatable = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  composed->preserved = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  composed->kept = g_ptr_array_new_with_free_func (g_free);
  composed->moved = g_array_new (FALSE, FALSE, sizeof (QfuMove));
  g_array_set_clear_func (composed->moved, clear_move);
  return composed;
}

QfuComposed *
qfu_layout_compose (const QfuLayout *layout,
                    const QfuUntrustedBlob *old_chip,
                    const QfuRom *old_rom,
                    const QfuUntrustedBlob *new_image,
                    const QfuRom *new_rom,
                    GError **error)
{
  Compose c = {
      .rules = layout, .images = {old_chip, new_image}, .maps = {.roms = {old_rom, new_rom}}};
  g_autoptr (QfuComposed) composed = NULL;
  g_autoptr (GArray) old_segments = NULL;
  g_autoptr (GArray) new_segments = NULL;

  if (!check_images (&c, error))
    return NULL;
  c.maps.layout = qfu_layout_pick (layout, old_rom, error);
  if (c.maps.layout == NULL)
    return NULL;
  old_segments = qfu_segments_new (c.maps.layout, old_rom, new_rom);
  new_segments = qfu_segments_new (c.maps.layout, new_rom, old_rom);
  c.maps.segments[0] = old_segments;
  c.maps.segments[1] = new_segments;
  composed = composed_new (qfu_layout_name (c.maps.layout));
  c.out = composed;
  composed->unread = qfu_unread_ranges (layout, old_rom->regions);
  return compose (&c, error) ? g_steal_pointer (&composed) : NULL;
}

void
qfu_composed_free (QfuComposed *composed)
{
  if (composed == NULL)
    return;
  qfu_untrusted_blob_free (composed->image);
  g_free (composed->layout);
  g_clear_pointer (&composed->updatable, g_array_unref);
  g_clear_pointer (&composed->preserved, g_array_unref);
  g_clear_pointer (&composed->changed, g_array_unref);
  g_clear_pointer (&composed->steps, g_ptr_array_unref);
  g_clear_pointer (&composed->unread, g_array_unref);
  g_clear_pointer (&composed->kept, g_ptr_array_unref);
  g_clear_pointer (&composed->moved, g_array_unref);
  g_free (composed);
}
