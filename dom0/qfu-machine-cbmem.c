/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-machine-cbmem.h"

#include "qfu-error.h"
#include "qfu-limits.h"

/* What of CBMEM is read: coreboot's commonlib/cbmem_id.h. */
static const struct {
  guint32 id;
  const char *name;
} wanted[] = {
    {0x54435041, "log of the TPM, coreboot's own format"},
    {0x54445041, "log of the TPM, TCG 1.2 format"},
    {0x54504d32, "log of the TPM, TCG 2.0 format"},
    {0x434f4e53, "console"},
};

static void
free_area (gpointer element)
{
  QfuCbmemArea *area = element;

  qfu_untrusted_blob_free (area->bytes);
  g_free (area);
}

static void
add_area (GPtrArray *areas, const char *name, QfuUntrustedBlob *bytes)
{
  QfuCbmemArea *area = g_new0 (QfuCbmemArea, 1);

  area->name = name;
  area->bytes = bytes;
  g_ptr_array_add (areas, area);
}

/* The kernel's bus has a folder for each entry of CBMEM, with its bytes in `mem`. */
static gboolean
read_bus (const QfuConfig *config, GPtrArray *areas, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++) {
    g_autofree char *name = g_strdup_printf ("cbmem-%08x", wanted[i].id);
    g_autofree char *path = g_build_filename (config->coreboot_bus, name, "mem", NULL);
    QfuUntrustedBlob *bytes;

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    bytes = qfu_untrusted_blob_load (path, QFU_EVENTLOG_SIZE_MAX, FALSE, error);
    if (bytes == NULL)
      return FALSE;
    add_area (areas, wanted[i].name, bytes);
  }
  return TRUE;
}

GPtrArray *
qfu_machine_cbmem (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) areas = g_ptr_array_new_with_free_func (free_area);

  if (!read_bus (config, areas, error))
    return NULL;
  if (areas->len > 0)
    return g_steal_pointer (&areas);
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "%s has no log of coreboot",
               config->coreboot_bus);
  return NULL;
}
