/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-layout.h"

#include "qfu-error.h"

#include <string.h>

static const char *const rule_names[] = {
    [QFU_RULE_UPDATE] = "update",
    [QFU_RULE_PRESERVE] = "preserve",
    [QFU_RULE_MUST_EQUAL] = "must-equal",
    [QFU_RULE_NEVER] = "never",
};

struct _QfuLayout {
  char *path;
  QfuRegionRule fallback;
  GHashTable *rules; /* region name -> QfuRegionRule */
};

void
qfu_layout_free (QfuLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->path);
  g_clear_pointer (&layout->rules, g_hash_table_unref);
  g_free (layout);
}

void
qfu_composed_free (QfuComposed *composed)
{
  if (composed == NULL)
    return;
  qfu_untrusted_blob_free (composed->image);
  g_clear_pointer (&composed->updatable, g_array_unref);
  g_clear_pointer (&composed->preserved, g_array_unref);
  g_clear_pointer (&composed->changed, g_array_unref);
  g_clear_pointer (&composed->steps, g_ptr_array_unref);
  g_clear_pointer (&composed->unread, g_array_unref);
  g_free (composed);
}

QfuStep *
qfu_step_new (char *name, GArray *ranges, gboolean window)
{
  QfuStep *step = g_new0 (QfuStep, 1);

  step->name = name;
  step->ranges = ranges;
  step->window = window;
  return step;
}

void
qfu_step_free (QfuStep *step)
{
  if (step == NULL)
    return;
  g_free (step->name);
  g_array_unref (step->ranges);
  g_free (step);
}

static void
step_free (gpointer step)
{
  qfu_step_free (step);
}

QfuRegionRule
qfu_layout_rule (const QfuLayout *layout, const char *region)
{
  guint listed = GPOINTER_TO_UINT (g_hash_table_lookup (layout->rules, region));

  return listed != 0 ? (QfuRegionRule)listed : layout->fallback;
}

static gboolean
read_rule (const QfuLayout *layout,
           GKeyFile *file,
           const char *group,
           const char *key,
           QfuRegionRule *rule,
           GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, group, key, NULL);

  for (gsize i = QFU_RULE_UPDATE; value != NULL && i < G_N_ELEMENTS (rule_names); i++) {
    if (strcmp (value, rule_names[i]) == 0) {
      *rule = (QfuRegionRule)i;
      return TRUE;
    }
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s: [%s] %s=%s: update, preserve, must-equal or never is allowed", layout->path,
               group, key, value == NULL ? "" : value);
  return FALSE;
}

/* A misspelt group or key would leave regions to the default unnoticed. */
static gboolean
check_names (const QfuLayout *layout, GKeyFile *file, GError **error)
{
  static const char *const known_groups[] = {"Layout", "Regions", NULL};
  static const char *const known_keys[] = {"Description", "Default", NULL};
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) names = g_key_file_get_keys (file, "Layout", NULL, NULL);

  for (gsize i = 0; groups[i] != NULL; i++) {
    if (g_strv_contains (known_groups, groups[i]))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: there is no group [%s]; Layout and Regions are allowed", layout->path,
                 groups[i]);
    return FALSE;
  }
  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    if (g_strv_contains (known_keys, names[i]))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Layout] %s: there is no such key; Description and Default are allowed",
                 layout->path, names[i]);
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_rules (QfuLayout *layout, GKeyFile *file, GError **error)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, "Regions", NULL, NULL);

  if (!check_names (layout, file, error) ||
      !read_rule (layout, file, "Layout", "Default", &layout->fallback, error))
    return FALSE;
  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    QfuRegionRule rule;

    if (!read_rule (layout, file, "Regions", names[i], &rule, error))
      return FALSE;
    g_hash_table_insert (layout->rules, g_strdup (names[i]), GUINT_TO_POINTER (rule));
  }
  return TRUE;
}

QfuLayout *
qfu_layout_load (const QfuConfig *config, const char *name, GError **error)
{
  g_autoptr (QfuLayout) layout = g_new0 (QfuLayout, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *base = g_strconcat (name, ".conf", NULL);
  g_autoptr (GError) local = NULL;

  layout->path = g_build_filename (config->layouts, base, NULL);
  layout->rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (name[0] == '\0' || strchr (name, '/') != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "\"%s\" is not the name of a layout", name);
    return NULL;
  }
  if (!g_key_file_load_from_file (file, layout->path, G_KEY_FILE_NONE, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "layout %s cannot be read: %s", layout->path,
                 local->message);
    return NULL;
  }
  if (!read_rules (layout, file, error))
    return NULL;
  return g_steal_pointer (&layout);
}

static gboolean
region_covers (const QfuRomRegion *region, guint64 offset, guint64 length)
{
  return offset >= region->offset && length <= region->size &&
         offset - region->offset <= region->size - length;
}

static gboolean
region_is_leaf (const QfuRom *rom, const QfuRomRegion *region)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *other = &g_array_index (rom->regions, QfuRomRegion, i);

    if (other != region && other->size < region->size &&
        region_covers (region, other->offset, other->size))
      return FALSE;
  }
  return TRUE;
}

/* The rule of the bytes at @offset, which no border of a region divides: that of the smallest
 * region that has one. Of regions in the same place a listed one counts before others, and then
 * the stricter rule. */
static QfuRegionRule
rule_at (
    const QfuLayout *layout, const QfuRom *rom, guint64 offset, guint64 length, const char **name)
{
  QfuRegionRule rule = QFU_RULE_PRESERVE;
  guint64 smallest = G_MAXUINT64;
  gboolean by_name = FALSE;

  *name = "(outside of every region)";
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, i);
    guint listed = GPOINTER_TO_UINT (g_hash_table_lookup (layout->rules, region->name));

    if (region->size > smallest || !region_covers (region, offset, length) ||
        (listed == 0 && !region_is_leaf (rom, region)))
      continue;
    if (region->size == smallest && (listed == 0 || (by_name && listed <= (guint)rule)))
      continue;
    smallest = region->size;
    by_name = listed != 0;
    rule = by_name ? (QfuRegionRule)listed : layout->fallback;
    *name = region->name;
  }
  return rule;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a;
  guint64 right = *(const guint64 *)b;

  return left < right ? -1 : left > right;
}

/* (element-type guint64): every place where a region begins or ends, ascending, from 0 to the size.
 */
static GArray *
region_borders (const QfuRom *rom)
{
  GArray *borders = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 zero = 0;

  g_array_append_val (borders, zero);
  g_array_append_val (borders, rom->size);
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, i);
    guint64 end = region->offset + region->size;

    g_array_append_val (borders, region->offset);
    g_array_append_val (borders, end);
  }
  g_array_sort (borders, compare_offsets);
  return borders;
}

static void
ranges_add (GArray *ranges, guint64 offset, guint64 length)
{
  QfuRange range = {offset, length};

  if (ranges->len > 0) {
    QfuRange *last = &g_array_index (ranges, QfuRange, ranges->len - 1);

    if (last->offset + last->length == offset) {
      last->length += length;
      return;
    }
  }
  g_array_append_val (ranges, range);
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED, why);
  return FALSE;
}

static gboolean
check_same_map (const QfuRom *old_rom, const QfuRom *new_rom, GError **error)
{
  for (guint i = 0; i < old_rom->regions->len; i++) {
    const QfuRomRegion *was = &g_array_index (old_rom->regions, QfuRomRegion, i);
    const QfuRomRegion *is = qfu_rom_region (new_rom, was->name);

    if (is == NULL || is->offset != was->offset || is->size != was->size)
      return refuse (
          error, "the image has no region %s where the chip has it; its flash map is another one",
          was->name);
  }
  if (old_rom->regions->len != new_rom->regions->len)
    return refuse (error,
                   "the image has other regions than the chip; its flash map is another one");
  return TRUE;
}

static gboolean
check_same_board (const QfuRom *old_rom, const QfuRom *new_rom, GError **error)
{
  static const char *const settings[] = {"CONFIG_MAINBOARD_VENDOR", "CONFIG_MAINBOARD_PART_NUMBER"};

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
    const char *was = qfu_rom_setting (old_rom, settings[i]);
    const char *is = qfu_rom_setting (new_rom, settings[i]);

    if (g_strcmp0 (was, is) != 0)
      return refuse (error,
                     "the image is for another board: %s is %s on the chip and %s in the image",
                     settings[i], was == NULL ? "unset" : was, is == NULL ? "unset" : is);
  }
  return TRUE;
}

static gboolean
check_images (const QfuUntrustedBlob *old_chip,
              const QfuRom *old_rom,
              const QfuUntrustedBlob *new_image,
              const QfuRom *new_rom,
              GError **error)
{
  guint64 chip = qfu_untrusted_blob_size (old_chip);
  guint64 image = qfu_untrusted_blob_size (new_image);

  if (chip != image)
    return refuse (error,
                   "the image has %" G_GUINT64_FORMAT " bytes, the chip has %" G_GUINT64_FORMAT,
                   image, chip);
  g_return_val_if_fail (old_rom->size == chip && new_rom->size == image, FALSE);
  return check_same_board (old_rom, new_rom, error) && check_same_map (old_rom, new_rom, error);
}

/* Finds the erase blocks to write: whole ones, as bytes that stay are in the composed image, too.
 */
static GArray *
changed_blocks (const QfuUntrustedBlob *old_chip, const QfuUntrustedBlob *image)
{
  GArray *changed = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  guint64 size = qfu_untrusted_blob_size (image);

  for (guint64 at = 0; at < size; at += QFU_ERASE_BLOCK) {
    guint64 length = MIN (QFU_ERASE_BLOCK, size - at);

    if (!qfu_untrusted_blob_equal_range (old_chip, at, image, at, length))
      ranges_add (changed, at, length);
  }
  return changed;
}

static gboolean
compose_segment (const QfuLayout *layout,
                 const QfuRom *rom,
                 const QfuUntrustedBlob *const images[2],
                 const QfuRange *segment,
                 QfuBlobBuilder *builder,
                 const QfuComposed *composed,
                 GError **error)
{
  const char *name;
  QfuRegionRule rule = rule_at (layout, rom, segment->offset, segment->length, &name);

  if (rule == QFU_RULE_UPDATE)
    ranges_add (composed->updatable, segment->offset, segment->length);
  if (rule == QFU_RULE_PRESERVE)
    ranges_add (composed->preserved, segment->offset, segment->length);
  if (rule == QFU_RULE_MUST_EQUAL &&
      !qfu_untrusted_blob_equal_range (images[0], segment->offset, images[1], segment->offset,
                                       segment->length))
    return refuse (
        error, "region %s of the image differs from the chip, and the layout does not allow that",
        name);
  return qfu_blob_builder_append_range (builder, images[rule == QFU_RULE_UPDATE], segment->offset,
                                        segment->length, error);
}

QfuComposed *
qfu_layout_compose (const QfuLayout *layout,
                    const QfuUntrustedBlob *old_chip,
                    const QfuRom *old_rom,
                    const QfuUntrustedBlob *new_image,
                    const QfuRom *new_rom,
                    GError **error)
{
  const QfuUntrustedBlob *const images[2] = {old_chip, new_image};
  g_autoptr (QfuComposed) composed = g_new0 (QfuComposed, 1);
  g_autoptr (GArray) borders = NULL;
  g_autoptr (QfuBlobBuilder) builder = NULL;

  if (!check_images (old_chip, old_rom, new_image, new_rom, error))
    return NULL;
  composed->updatable = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  composed->preserved = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  composed->unread = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  borders = region_borders (old_rom);
  builder = qfu_blob_builder_new (old_rom->size, error);
  if (builder == NULL)
    return NULL;
  for (guint i = 0; i + 1 < borders->len; i++) {
    guint64 start = g_array_index (borders, guint64, i);
    QfuRange segment = {start, g_array_index (borders, guint64, i + 1) - start};

    if (segment.length > 0 &&
        !compose_segment (layout, old_rom, images, &segment, builder, composed, error))
      return NULL;
  }
  if (composed->updatable->len == 0) {
    refuse (error, "%s marks no region of this chip as updatable", layout->path);
    return NULL;
  }
  composed->image = qfu_blob_builder_finish (g_steal_pointer (&builder), error);
  if (composed->image == NULL)
    return NULL;
  composed->changed = changed_blocks (old_chip, composed->image);
  composed->steps = g_ptr_array_new_with_free_func (step_free);
  if (composed->changed->len > 0)
    g_ptr_array_add (composed->steps, qfu_step_new (g_strdup ("everything that changes"),
                                                    g_array_ref (composed->changed), TRUE));
  return g_steal_pointer (&composed);
}
