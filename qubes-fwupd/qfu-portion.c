/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-portion.h"

#include "qfu-range.h"

QfuUntrustedBlob *
qfu_portion_cut (const QfuUntrustedBlob *chip, const GArray *updatable, GError **error)
{
  guint64 size = qfu_untrusted_blob_size (chip);
  guint64 at = 0;
  g_autoptr (QfuBlobBuilder) builder = NULL;

  if (!qfu_ranges_check (updatable, size, error))
    return NULL;
  builder = qfu_blob_builder_new (size, error);
  if (builder == NULL)
    return NULL;
  for (guint i = 0; i < updatable->len; i++) {
    const QfuRange *range = &g_array_index (updatable, QfuRange, i);

    if (!qfu_blob_builder_append_erased (builder, range->offset - at, error) ||
        !qfu_blob_builder_append_range (builder, chip, range->offset, range->length, error))
      return NULL;
    at = range->offset + range->length;
  }
  if (!qfu_blob_builder_append_erased (builder, size - at, error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

QfuUntrustedBlob *
qfu_portion_read (const QfuConfig *config, const QfuUntrustedBlob *chip, GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, config->layout, error);
  g_autoptr (QfuRom) rom = layout == NULL ? NULL : qfu_rom_read (config, chip, error);
  g_autoptr (QfuComposed) composed = NULL;

  if (rom == NULL)
    return NULL;
  composed = qfu_layout_compose (layout, chip, rom, chip, rom, error);
  return composed == NULL ? NULL : qfu_portion_cut (chip, composed->updatable, error);
}
