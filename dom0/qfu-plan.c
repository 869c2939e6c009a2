/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-plan.h"

#include "qfu-print.h"

void
qfu_plan_free (QfuPlan *plan)
{
  if (plan == NULL)
    return;
  qfu_rom_reader_free (plan->reader);
  qfu_untrusted_blob_free (plan->image);
  qfu_rom_free (plan->rom);
  qfu_untrusted_blob_free (plan->vendor_image);
  qfu_rom_free (plan->vendor_rom);
  g_clear_pointer (&plan->updatable, g_array_unref);
  g_clear_pointer (&plan->changed, g_array_unref);
  g_free (plan);
}

QfuPlan *
qfu_plan_start (const QfuConfig *config,
                const QfuUntrustedBlob *image,
                const char *what,
                GError **error)
{
  g_autoptr (QfuPlan) plan = g_new0 (QfuPlan, 1);

  plan->image = qfu_untrusted_blob_ref (image);
  plan->reader = qfu_rom_start (config, image, error);
  if (plan->reader != NULL)
    return g_steal_pointer (&plan);
  g_prefix_error (error, "%s: ", what);
  return NULL;
}

gboolean
qfu_plan_finish (QfuPlan *plan, const char *what, GError **error)
{
  plan->rom = qfu_rom_finish (plan->reader, error);
  g_clear_pointer (&plan->reader, qfu_rom_reader_free);
  if (plan->rom == NULL)
    g_prefix_error (error, "%s: ", what);
  return plan->rom != NULL;
}

QfuPlan *
qfu_plan_new (const QfuConfig *config,
              const QfuUntrustedBlob *image,
              const char *what,
              GError **error)
{
  g_autoptr (QfuPlan) plan = qfu_plan_start (config, image, what, error);

  return plan != NULL && qfu_plan_finish (plan, what, error) ? g_steal_pointer (&plan) : NULL;
}

gboolean
qfu_plan_compose (QfuPlan *plan,
                  const QfuConfig *config,
                  const char *layout,
                  const QfuPresent *present,
                  GError **error)
{
  g_autoptr (QfuLayout) rules = qfu_layout_load (config, layout, error);
  g_autoptr (QfuComposed) composed = NULL;

  if (rules == NULL)
    return FALSE;
  composed = qfu_layout_compose (rules, present->chip, present->rom, plan->image, plan->rom, error);
  if (composed == NULL)
    return FALSE;
  plan->vendor_rom = g_steal_pointer (&plan->rom);
  plan->vendor_image = plan->image;
  plan->image = g_steal_pointer (&composed->image);
  plan->updatable = g_steal_pointer (&composed->updatable);
  plan->changed = g_steal_pointer (&composed->changed);
  plan->rom = qfu_rom_read (config, plan->image, error);
  if (plan->rom == NULL)
    g_prefix_error (error, "what the chip will hold: ");
  return plan->rom != NULL;
}

static guint64
ranges_size (const GArray *ranges)
{
  guint64 size = 0;

  for (guint i = 0; i < ranges->len; i++)
    size += g_array_index (ranges, QfuRange, i).length;
  return size;
}

void
qfu_plan_say (const QfuOptions *options, const QfuPlan *plan)
{
  g_autofree char *changed = g_format_size (ranges_size (plan->changed));
  g_autofree char *updatable = g_format_size (ranges_size (plan->updatable));

  qfu_say (options, "  writes %s of %s that the layout lets an update touch; everything else stays",
           changed, updatable);
}
