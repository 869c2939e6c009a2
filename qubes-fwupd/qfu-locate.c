/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-locate.h"

#include "qfu-error.h"

#include <string.h>

#define NAME_LIMIT 49 /* characters of an event's name that coreboot keeps */
#define MAIN_REGION "COREBOOT"

typedef struct {
  const QfuReplay *replay;
  const QfuUntrustedBlob *image;
  const QfuRom *rom;
  QfuDigest *files; /* digests so far; size 0: not hashed yet */
  QfuDigest *regions;
} Search;

gboolean
qfu_locate_is_vboot (const QfuEvent *event)
{
  return g_str_has_prefix (event->name, "VBOOT: ");
}

static gboolean
has_digest (Search *s, QfuDigest *cache, guint64 offset, guint64 size, const QfuEvent *event)
{
  const QfuDigest *wanted = &event->digests[s->replay->bank];

  if (wanted->size == 0)
    return FALSE;
  if (cache->size == 0 &&
      !qfu_untrusted_blob_hash_range (s->image, wanted->hash, offset, size, cache, NULL))
    return FALSE;
  return qfu_digest_equal (cache, wanted);
}

/* Names in the log are cut; older coreboot puts the region before them. */
static gboolean
is_named (const QfuEvent *event, const QfuRomRegion *region, const QfuRomFile *file)
{
  g_autofree char *plain = g_strdup_printf ("CBFS: %s", file->name);
  g_autofree char *placed = g_strdup_printf ("FMAP: %s CBFS: %s", region->name, file->name);

  return strncmp (event->name, plain, NAME_LIMIT) == 0 ||
         strncmp (event->name, placed, NAME_LIMIT) == 0;
}

static const QfuRomFile *
find_file (Search *s, const QfuEvent *event, guint region)
{
  for (guint i = 0; i < s->rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (s->rom->files, QfuRomFile, i);

    if (file->region == region && is_named (event, qfu_rom_region_at (s->rom, region), file) &&
        has_digest (s, &s->files[i], file->offset, file->size, event))
      return file;
  }
  return NULL;
}

static const QfuRomRegion *
find_region (Search *s, const QfuEvent *event)
{
  for (guint i = 0; g_str_has_prefix (event->name, "FMAP: ") && i < s->rom->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (s->rom, i);

    if (strcmp (event->name + strlen ("FMAP: "), region->name) == 0 &&
        has_digest (s, &s->regions[i], region->offset, region->size, event))
      return region;
  }
  return NULL;
}

/* What runs before a slot is chosen lies in the read-only region. */
static gboolean
is_read_only (const QfuEvent *event)
{
  return strcmp (event->name, "CBFS: bootblock") == 0 ||
         g_str_has_prefix (event->name, "CBFS: cbfs_ro_");
}

static QfuObject
find_object (Search *s, const QfuEvent *event, guint slot, int main_region)
{
  QfuObject object = {.event = event};

  object.region = find_region (s, event);
  if (object.region != NULL)
    return object;
  if (!is_read_only (event) || (int)slot == main_region)
    object.file = find_file (s, event, slot);
  if (object.file == NULL && main_region >= 0)
    object.file = find_file (s, event, (guint)main_region);
  if (object.file != NULL)
    object.region = qfu_rom_region_at (s->rom, object.file->region);
  return object;
}

/* The objects if @slot was booted, and the first event that this does not explain. */
static GArray *
try_slot (Search *s, guint slot, int main_region, guint srtm, guint *found, const QfuEvent **lost)
{
  GArray *objects = g_array_new (FALSE, TRUE, sizeof (QfuObject));

  *found = 0;
  *lost = NULL;
  for (guint i = 0; i < s->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (s->replay->events, i);
    QfuObject object;

    if (!qfu_replay_is_firmware (event) || qfu_locate_is_vboot (event))
      continue;
    object = find_object (s, event, slot, main_region);
    g_array_append_val (objects, object);
    *found += object.region != NULL;
    if (object.region == NULL && event->pcr == srtm && *lost == NULL)
      *lost = event;
  }
  return objects;
}

static gboolean
same_objects (const GArray *a, const GArray *b)
{
  for (guint i = 0; i < a->len; i++) {
    const QfuObject *one = &g_array_index (a, QfuObject, i);
    const QfuObject *other = &g_array_index (b, QfuObject, i);

    if (one->region != other->region || one->file != other->file)
      return FALSE;
  }
  return TRUE;
}

static void
add_answer (GPtrArray *answers, GArray *objects)
{
  for (guint i = 0; i < answers->len; i++) {
    if (same_objects (g_ptr_array_index (answers, i), objects)) {
      g_array_unref (objects);
      return;
    }
  }
  g_ptr_array_add (answers, objects);
}

static gboolean
holds_files (const QfuRom *rom, guint region)
{
  for (guint i = 0; i < rom->files->len; i++) {
    if (g_array_index (rom->files, QfuRomFile, i).region == region)
      return TRUE;
  }
  return FALSE;
}

static GPtrArray *
try_slots (Search *s, guint srtm, GError **error)
{
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  const QfuRomRegion *main_region = qfu_rom_region (s->rom, MAIN_REGION);
  int main_index = main_region != NULL ? (int)(main_region - qfu_rom_region_at (s->rom, 0)) : -1;
  const QfuEvent *culprit = NULL;
  guint most = 0;

  for (guint slot = 0; slot < s->rom->regions->len; slot++) {
    const QfuEvent *lost;
    GArray *objects;
    guint found;

    if (!holds_files (s->rom, slot))
      continue;
    objects = try_slot (s, slot, main_index, srtm, &found, &lost);
    if (lost == NULL) {
      add_answer (answers, objects);
      continue;
    }
    g_array_unref (objects);
    if (culprit == NULL || found > most)
      culprit = lost;
    most = MAX (most, found);
  }
  if (answers->len > 0)
    return g_steal_pointer (&answers);
  if (culprit == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PREDICTION,
                         "no region of the present image holds files");
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
                 "nothing in the present image is what the event \"%s\" measured", culprit->name);
  return NULL;
}

GPtrArray *
qfu_locate (const QfuReplay *replay,
            const QfuUntrustedBlob *image,
            const QfuRom *rom,
            guint srtm,
            GError **error)
{
  g_autofree QfuDigest *files = g_new0 (QfuDigest, rom->files->len + 1);
  g_autofree QfuDigest *regions = g_new0 (QfuDigest, rom->regions->len + 1);
  Search search = {replay, image, rom, files, regions};

  return try_slots (&search, srtm, error);
}

static void
clear_measured (gpointer element)
{
  QfuMeasuredObject *object = element;

  g_free (object->region);
  g_free (object->file);
}

GArray *
qfu_measured_objects_new (void)
{
  GArray *objects = g_array_new (FALSE, TRUE, sizeof (QfuMeasuredObject));

  g_array_set_clear_func (objects, clear_measured);
  return objects;
}

void
qfu_measured_objects_add (GArray *objects, guint pcr, const QfuObject *object)
{
  const QfuMeasuredObject copy = {pcr, g_strdup (object->region->name),
                                  object->file != NULL ? g_strdup (object->file->name) : NULL};

  g_array_append_val (objects, copy);
}
