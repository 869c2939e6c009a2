/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recipe.h"

#include "qfu-error.h"

#include <string.h>

static const QfuRecipe *const recipes[] = {&qfu_recipe_coreboot, &qfu_recipe_uefi};

const QfuRecipe *
qfu_recipe_for (const QfuRecipeWork *work, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++) {
    if (recipes[i]->fits (work))
      return recipes[i];
  }
  qfu_recipe_refuse (
      error,
      work->old_rom->kind == QFU_ROM_COREBOOT
          ? "no log holds coreboot's measurements; give coreboot's console listing too"
          : "no log holds measurements of UEFI firmware",
      NULL);
  return NULL;
}

static void
clear_warning (gpointer element)
{
  QfuWarning *warning = element;

  g_free (warning->code);
  g_free (warning->message);
}

GArray *
qfu_warnings_new (void)
{
  GArray *warnings = g_array_new (FALSE, TRUE, sizeof (QfuWarning));

  g_array_set_clear_func (warnings, clear_warning);
  return warnings;
}

void
qfu_recipe_warn (QfuRecipeWork *work, const char *code, const char *format, ...)
{
  QfuWarning warning = {g_strdup (code), NULL};
  va_list args;

  va_start (args, format);
  warning.message = g_strdup_vprintf (format, args);
  va_end (args);
  for (guint i = 0; i < work->warnings->len; i++) {
    const QfuWarning *other = &g_array_index (work->warnings, QfuWarning, i);

    if (strcmp (other->code, code) == 0 && strcmp (other->message, warning.message) == 0) {
      clear_warning (&warning);
      return;
    }
  }
  g_array_append_val (work->warnings, warning);
}

gboolean
qfu_recipe_refuse (GError **error, const char *what, const char *detail)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION, "%s%s%s", what, detail != NULL ? ": " : "",
               detail != NULL ? detail : "");
  return FALSE;
}

gboolean
qfu_recipe_image_changes (const QfuRecipeWork *work)
{
  guint64 size = qfu_untrusted_blob_size (work->old_image);

  /* to compare is much faster than to hash */
  return size != qfu_untrusted_blob_size (work->new_image) ||
         !qfu_untrusted_blob_equal_range (work->old_image, 0, work->new_image, 0, size);
}

void
qfu_recipe_keep (QfuRecipeWork *work, const QfuEvent *event)
{
  QfuNextEvent next = {.pcr = event->pcr};

  memcpy (next.digests, event->digests, sizeof next.digests);
  g_array_append_val (work->out.next, next);
}
