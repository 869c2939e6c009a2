/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"

#include "qfu-error.h"

#include <glib/gstdio.h>
#include <string.h>

QfuLayout *
layout_of_text (const char *text, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-layout-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.conf", NULL);
  QfuConfig config = {.layouts = folder};
  QfuLayout *layout;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  layout = qfu_layout_load (&config, "x", error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return layout;
}

QfuLayout *
layout_of_good_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  QfuLayout *layout = layout_of_text (text, &error);

  g_assert_no_error (error);
  return layout;
}

QfuRom *
layout_rom (const Area *areas, gsize n, const char *board)
{
  QfuRom *rom = forged_rom ((guint64)BLOCKS * BLOCK);

  for (gsize i = 0; i < n; i++)
    forged_region (rom, areas[i].name, (guint64)areas[i].first * BLOCK,
                   (guint64)areas[i].blocks * BLOCK);
  if (board != NULL)
    forged_setting (rom, "CONFIG_MAINBOARD_PART_NUMBER", board);
  return rom;
}

static void
fill_block (guint8 *block, char c)
{
  memset (block, c == '.' ? 0xff : (guint8)c, BLOCK);
}

QfuUntrustedBlob *
layout_blob (const char *picture)
{
  g_autoptr (GError) error = NULL;
  const gsize n = strlen (picture);
  QfuBlobBuilder *builder = qfu_blob_builder_new (n * BLOCK, &error);
  QfuUntrustedBlob *blob;

  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++) {
    guint8 block[BLOCK];

    fill_block (block, picture[i]);
    g_assert_true (qfu_blob_builder_append (builder, block, sizeof block, &error));
  }
  blob = qfu_blob_builder_finish (builder, &error);
  g_assert_no_error (error);
  return blob;
}

static char
block_of (const QfuUntrustedBlob *blob, guint64 offset)
{
  guint8 block[BLOCK];

  for (int c = ' '; c <= '~'; c++) {
    fill_block (block, (char)c);
    if (qfu_untrusted_blob_holds (blob, offset, block, sizeof block))
      return (char)c;
  }
  return '?';
}

char *
layout_picture (const QfuUntrustedBlob *blob)
{
  GString *text = g_string_new (NULL);

  for (guint64 at = 0; at < qfu_untrusted_blob_size (blob); at += BLOCK)
    g_string_append_c (text, block_of (blob, at));
  return g_string_free (text, FALSE);
}

char *
layout_ranges (const GArray *ranges)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);
    guint64 first = range->offset / BLOCK;
    guint64 last = (range->offset + range->length) / BLOCK - 1;

    g_assert_cmpuint (range->offset % BLOCK, ==, 0);
    g_assert_cmpuint (range->length % BLOCK, ==, 0);
    g_assert_cmpuint (range->length, >, 0);
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "", first);
    if (last > first)
      g_string_append_printf (text, "-%" G_GUINT64_FORMAT, last);
  }
  return g_string_free (text, FALSE);
}

char *
layout_steps (const GPtrArray *steps)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (steps, i);
    g_autofree char *ranges = layout_ranges (step->ranges);

    g_string_append_printf (text, "%s%s%s: %s", i > 0 ? "; " : "", step->name,
                            step->window ? "!" : "", ranges);
  }
  return g_string_free (text, FALSE);
}

void
layout_mark_descriptor (QfuRom *rom, guint64 bits)
{
  for (guint i = 0; i < rom->regions->len; i++)
    g_array_index (rom->regions, QfuRomRegion, i).descriptor = (bits >> i & 1) != 0;
}

static QfuComposed *
compose (const Case *t, GError **error)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (t->rules);
  g_autoptr (QfuRom) old_rom = layout_rom (t->old_map, t->n_old, "X1");
  g_autoptr (QfuRom) new_rom = layout_rom (t->new_map, t->n_new, "X1");
  g_autoptr (QfuUntrustedBlob) old = layout_blob (t->old != NULL ? t->old : OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob (t->new != NULL ? t->new : NEW);

  layout_mark_descriptor (old_rom, t->descriptor);
  layout_mark_descriptor (new_rom, t->descriptor);
  return qfu_layout_compose (layout, old, old_rom, new, new_rom, error);
}

/* Steps hold exactly what changes. */
static void
assert_whole (const QfuComposed *composed)
{
  gboolean seen[BLOCKS] = {FALSE};
  guint n = 0;

  for (guint i = 0; i < composed->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (composed->steps, i);

    for (guint k = 0; k < step->ranges->len; k++) {
      const QfuRange *range = &g_array_index (step->ranges, QfuRange, k);

      for (guint64 b = range->offset / BLOCK; b < (range->offset + range->length) / BLOCK; b++) {
        g_assert_false (seen[b]);
        seen[b] = TRUE;
        n++;
      }
    }
  }
  for (guint i = 0; i < composed->changed->len; i++) {
    const QfuRange *range = &g_array_index (composed->changed, QfuRange, i);

    for (guint64 b = range->offset / BLOCK; b < (range->offset + range->length) / BLOCK; b++, n--)
      g_assert_true (seen[b]);
  }
  g_assert_cmpuint (n, ==, 0);
}

QfuComposed *
layout_composed (const Case *t, const char *expected)
{
  g_autoptr (GError) error = NULL;
  QfuComposed *composed = compose (t, &error);
  g_autofree char *seen = NULL;

  g_assert_no_error (error);
  seen = layout_picture (composed->image);
  g_assert_cmpstr (seen, ==, expected);
  assert_whole (composed);
  return composed;
}

void
layout_fits (const Case *t, const char *expected)
{
  g_autoptr (QfuComposed) composed = layout_composed (t, expected);

  g_assert_nonnull (composed);
}

void
layout_refused (const Case *t, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuComposed) composed = compose (t, &error);

  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_null (composed);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
}
