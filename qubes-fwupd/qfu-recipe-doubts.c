/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recipe-doubts.h"

#include "qfu-locate.h"
#include "qfu-payload.h"
#include "qfu-rules.h"

#include <string.h>

#define SEPARATOR 4u
#define ACTION 5u

static gboolean
is_bootblock (const QfuObject *object)
{
  if (object->file != NULL)
    return strcmp (object->file->name, "bootblock") == 0;
  return object->region != NULL && strcmp (object->region->name, "BOOTBLOCK") == 0;
}

static gboolean
holds_object (const GArray *objects, const char *region)
{
  for (guint i = 0; i < objects->len; i++) {
    const QfuObject *object = &g_array_index (objects, QfuObject, i);

    if (object->file != NULL && strcmp (object->region->name, region) == 0)
      return TRUE;
  }
  return FALSE;
}

/* A file of the new image that the present one lacks can be one that its code loads. */
static void
warn_new_files (QfuRecipeWork *w, const GArray *objects)
{
  const QfuRomFile *first = NULL;
  guint count = 0;

  for (guint i = 0; i < w->new_rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (w->new_rom->files, QfuRomFile, i);
    const char *name = g_array_index (w->new_rom->regions, QfuRomRegion, file->region).name;
    const QfuRomRegion *old = qfu_rom_region (w->old_rom, name);
    guint index;

    if (old == NULL || !holds_object (objects, name))
      continue;
    index = (guint)(old - &g_array_index (w->old_rom->regions, QfuRomRegion, 0));
    if (qfu_rom_file (w->old_rom, index, file->name) != NULL)
      continue;
    first = first == NULL ? file : first;
    count++;
  }
  if (count > 0)
    qfu_recipe_warn (w, "boot-path-may-differ",
                     "the present image lacks %u files of the new one, such as %s; if they are "
                     "loaded, the forecast is wrong",
                     count, first->name);
}

void
qfu_recipe_doubt_path (QfuRecipeWork *w, const GArray *objects)
{
  gboolean measured = FALSE;

  for (guint i = 0; i < objects->len; i++)
    measured = measured || is_bootblock (&g_array_index (objects, QfuObject, i));
  if (!measured)
    qfu_recipe_warn (w, "bootblock-not-measured",
                     "the bootblock is not measured: no PCR shows a change of it");
  warn_new_files (w, objects);
}

/* Why an event of the payload does not stay; %NULL when it does. */
static const char *
why_not_event (const QfuRecipeWork *w,
               const QfuEvent *event,
               QfuPayloadKind kind,
               gboolean payload_changed)
{
  if (event->flags & QFU_EVENT_FLAG_FIRMWARE)
    return qfu_recipe_image_changes (w) ? "it measures code of the firmware, which is not located"
                                        : NULL;
  switch (qfu_payload_source (kind, event->pcr)) {
  case QFU_TAIL_TABLES:
    return w->out.changed && event->type != SEPARATOR && event->type != ACTION
               ? "the payload measures tables here that tell the firmware's version"
               : NULL;
  case QFU_TAIL_PAYLOAD:
    return payload_changed ? "the payload extends it with what its own code decides, and changes"
                           : NULL;
  case QFU_TAIL_FILES:
    return qfu_recipe_image_changes (w)
               ? "the payload extends it with files, settings or tables of the image"
               : NULL;
  case QFU_TAIL_OUTSIDE:
    return NULL;
  }
  return NULL;
}

void
qfu_recipe_doubt_tail (QfuRecipeWork *w, gboolean payload_changed)
{
  QfuPayloadKind kind = w->replay->uefi ? QFU_PAYLOAD_EDK2 : qfu_payload_kind (w->old_rom);

  if (payload_changed)
    qfu_recipe_warn (w, "payload-changed",
                     "the payload (%s) changes; what it extends from outside of the image is taken "
                     "over",
                     qfu_payload_name (kind));
  for (guint pcr = 0; pcr < QFU_PAYLOAD_PCRS; pcr++) {
    if (payload_changed && !qfu_rules_same_payload (w->old_rom, w->new_rom))
      qfu_forecast_doubt (&w->out, -1, pcr,
                          "the payload is of another kind and may measure other things");
  }
  for (guint i = 0; i < w->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (w->replay->events, i);
    const char *reason =
        qfu_replay_is_firmware (event) ? NULL : why_not_event (w, event, kind, payload_changed);

    if (reason != NULL)
      qfu_forecast_doubt (&w->out, -1, event->pcr, reason);
  }
}
