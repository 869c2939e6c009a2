/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-recipe.h"

/* UEFI firmware across a change of its image. Nothing is computed: a PCR either depends on nothing
 * that the image can change, or is not forecast. The values of 0, 1, 5 and 7 are no function of the
 * image's bytes alone: volumes are measured after they have changed themselves in memory, variables
 * and tables follow the version, actions come and go with it. */

#define LAST_FIRMWARE_PCR 7

static gboolean
fits (const QfuRecipeWork *w)
{
  return w->replay->firmware == 0 && w->replay->uefi;
}

static gboolean
is_own (guint pcr)
{
  return pcr == 0 || pcr == 1 || pcr == 5 || pcr == 7;
}

/* Whether the log has events of a bank in the firmware's PCRs. */
static gboolean
is_extended (const QfuRecipeWork *w, gsize bank)
{
  for (guint i = 0; i < w->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (w->replay->events, i);

    if (event->pcr <= LAST_FIRMWARE_PCR && event->digests[bank].size > 0)
      return TRUE;
  }
  return FALSE;
}

/* The present boot must be understood before anything is said of the next. */
static gboolean
check_bank (const QfuRecipeWork *w, gsize bank, gboolean *known, GError **error)
{
  for (guint pcr = 0; pcr <= LAST_FIRMWARE_PCR; pcr++) {
    if (!w->pcrs->known[bank][pcr])
      continue;
    *known = TRUE;
    if (qfu_replay_agrees (w->replay, w->pcrs, bank, pcr))
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
                 "the logs do not replay to the present value of PCR %u (%s)", pcr,
                 qfu_hash_name (qfu_bank_hash (bank)));
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_present (const QfuRecipeWork *w, GError **error)
{
  gboolean known = FALSE;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (is_extended (w, bank) && !check_bank (w, bank, &known, error))
      return FALSE;
  }
  if (known)
    return TRUE;
  return qfu_recipe_refuse (error, "no present value of a PCR that the log extends is known", NULL);
}

static void
doubt_all (QfuRecipeWork *w)
{
  for (guint i = 0; i < w->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (w->replay->events, i);

    if (event->flags & QFU_EVENT_FLAG_FIRMWARE && !is_own (event->pcr))
      qfu_forecast_doubt (&w->out, -1, event->pcr,
                          "it measures code of the firmware, which is not located in an image");
  }
  for (guint pcr = 0; pcr <= LAST_FIRMWARE_PCR; pcr++) {
    if (is_own (pcr))
      qfu_forecast_doubt (
          &w->out, -1, pcr,
          "UEFI firmware measures itself, its variables or its tables here, and it changes");
    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
      if (!is_extended (w, bank))
        qfu_forecast_doubt (&w->out, (int)bank, pcr,
                            "the present firmware leaves this bank alone; another may not");
    }
  }
}

static gboolean
foresee (QfuRecipeWork *w, GError **error)
{
  if (w->new_rom->kind != w->old_rom->kind)
    return qfu_recipe_refuse (error, "the new image is firmware of another kind", NULL);
  if (!check_present (w, error))
    return FALSE;
  w->out.changed = qfu_recipe_image_changes (w);
  for (guint i = 0; i < w->replay->events->len; i++)
    qfu_recipe_keep (w, g_ptr_array_index (w->replay->events, i));
  if (w->out.changed) {
    doubt_all (w);
    qfu_recipe_warn (w, "firmware-not-predictable",
                     "what UEFI firmware measures of itself cannot be forecast when it changes");
  }
  return TRUE;
}

const QfuRecipe qfu_recipe_uefi = {"UEFI firmware", fits, foresee};
