/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-predict.h"

struct _QfuPrediction {
  GArray *forecasts;
  GArray *warnings;
  GArray *objects; /* QfuMeasuredObject */
};

void
qfu_prediction_free (QfuPrediction *prediction)
{
  if (prediction == NULL)
    return;
  g_clear_pointer (&prediction->forecasts, g_array_unref);
  g_clear_pointer (&prediction->warnings, g_array_unref);
  g_clear_pointer (&prediction->objects, g_array_unref);
  g_free (prediction);
}

const GArray *
qfu_prediction_forecasts (const QfuPrediction *prediction)
{
  return prediction->forecasts;
}

const GArray *
qfu_prediction_warnings (const QfuPrediction *prediction)
{
  return prediction->warnings;
}

const GArray *
qfu_prediction_objects (const QfuPrediction *prediction)
{
  return prediction->objects;
}

/* Follows the recipe of the present boot. */
static GArray *
forecast (QfuRecipeWork *work, GError **error)
{
  const QfuRecipe *recipe = qfu_recipe_for (work, error);

  if (recipe == NULL || !recipe->foresee (work, error))
    return NULL;
  return qfu_forecast (&work->out);
}

QfuPrediction *
qfu_predict (const QfuEventLog *const *logs,
             gsize n_logs,
             const QfuPcrSet *pcrs,
             const QfuUntrustedBlob *old_image,
             const QfuRom *old_rom,
             const QfuUntrustedBlob *new_image,
             const QfuRom *new_rom,
             GError **error)
{
  g_autoptr (QfuPrediction) prediction = g_new0 (QfuPrediction, 1);
  g_autoptr (QfuReplay) replay = qfu_replay_choose (logs, n_logs, pcrs);
  g_autoptr (GArray) next = g_array_new (FALSE, TRUE, sizeof (QfuNextEvent));
  QfuRecipeWork work = {.replay = replay,
                        .pcrs = pcrs,
                        .old_image = old_image,
                        .old_rom = old_rom,
                        .new_image = new_image,
                        .new_rom = new_rom};

  if (replay == NULL) {
    qfu_recipe_refuse (error, "no event log of the present boot", NULL);
    return NULL;
  }
  prediction->warnings = work.warnings = qfu_warnings_new ();
  prediction->objects = work.objects = qfu_measured_objects_new ();
  work.out.replay = replay;
  work.out.pcrs = pcrs;
  work.out.explained = replay->values;
  work.out.bank = replay->bank;
  work.out.next = next;
  prediction->forecasts = forecast (&work, error);
  return prediction->forecasts != NULL ? g_steal_pointer (&prediction) : NULL;
}
