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
  g_clear_pointer (&plan->steps, g_ptr_array_unref);
  g_clear_pointer (&plan->unread, g_array_unref);
  g_free (plan->layout);
  g_clear_pointer (&plan->kept, g_ptr_array_unref);
  g_clear_pointer (&plan->moved, g_array_unref);
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
  plan->steps = g_steal_pointer (&composed->steps);
  plan->unread = g_steal_pointer (&composed->unread);
  plan->layout = g_steal_pointer (&composed->layout);
  plan->kept = g_steal_pointer (&composed->kept);
  plan->moved = g_steal_pointer (&composed->moved);
  plan->rom = qfu_rom_read (config, plan->image, error);
  if (plan->rom == NULL)
    g_prefix_error (error, "what the chip will hold: ");
  return plan->rom != NULL;
}

/* Where a machine is that a cut leaves without a next start. */
static void
say_step (const QfuOptions *options, const QfuStep *step, guint number, guint count)
{
  g_autofree char *size = g_format_size (qfu_ranges_length (step->ranges));

  qfu_say (options, "    step %u of %u: %s, %s%s", number, count, size, step->name,
           step->window ? "; cut off in the middle of it, the machine needs an external programmer"
                        : "");
}

/* What stays, by the names of the chip's map. */
static void
say_kept (const QfuOptions *options, const QfuPlan *plan)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < plan->kept->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            (const char *)g_ptr_array_index (plan->kept, i));
  if (names->len > 0)
    qfu_say (options, "    keeps %s", names->str);
  for (guint i = 0; i < plan->moved->len; i++) {
    const QfuMove *move = &g_array_index (plan->moved, QfuMove, i);

    qfu_say (options,
             "    keeps what %s holds, which the new flash map has at %#" G_GINT64_MODIFIER
             "x instead of %#" G_GINT64_MODIFIER "x",
             move->name, move->to, move->from);
  }
}

void
qfu_plan_say (const QfuOptions *options, const QfuPlan *plan)
{
  g_autofree char *changed = g_format_size (qfu_ranges_length (plan->changed));
  g_autofree char *updatable = g_format_size (qfu_ranges_length (plan->updatable));

  qfu_say (options, "  writes %s of %s that layout %s lets an update touch; everything else stays",
           changed, updatable, plan->layout);
  say_kept (options, plan);
  for (guint i = 0; i < plan->steps->len; i++)
    say_step (options, g_ptr_array_index (plan->steps, i), i + 1, plan->steps->len);
}

char *
qfu_plan_risk (const QfuPlan *plan)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *joined = NULL;

  for (guint i = 0; i < plan->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (plan->steps, i);

    if (step->window)
      g_ptr_array_add (names, step->name);
  }
  if (names->len == 0)
    return NULL;
  g_ptr_array_add (names, NULL);
  joined = g_strjoinv (", then ", (char **)names->pdata);
  return g_strdup_printf ("a power cut while %s is written leaves a machine that does not start "
                          "without an external programmer",
                          joined);
}

static void
step_json (const QfuStep *step, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", step->name);
  qfu_json_number (builder, "bytes", (gint64)qfu_ranges_length (step->ranges));
  qfu_json_flag (builder, "window", step->window);
  json_builder_end_object (builder);
}

static void
move_json (const QfuMove *move, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", move->name);
  qfu_json_number (builder, "from", (gint64)move->from);
  qfu_json_number (builder, "to", (gint64)move->to);
  json_builder_end_object (builder);
}

void
qfu_plan_json (const QfuPlan *plan, JsonBuilder *builder)
{
  qfu_json_number (builder, "bytesToWrite", (gint64)qfu_ranges_length (plan->changed));
  qfu_json_text (builder, "layout", plan->layout);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->steps->len; i++)
    step_json (g_ptr_array_index (plan->steps, i), builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "keeps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->kept->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (plan->kept, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "moves");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->moved->len; i++)
    move_json (&g_array_index (plan->moved, QfuMove, i), builder);
  json_builder_end_array (builder);
}
