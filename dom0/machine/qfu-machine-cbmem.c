/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-machine-cbmem.h"

#include "qfu-cbtable.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-program.h"

#define FORWARDS 4 /* tables that only say where the next one is */

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

/* Asks qfu-cbmem for memory; less comes back where it ends. */
static QfuUntrustedBlob *
read_range (QfuProcess *memory, guint64 address, guint64 most, GError **error)
{
  g_autoptr (QfuMessage) ask = qfu_message_new (QFU_FRAME_READ);
  g_autoptr (QfuMessage) answer = NULL;
  g_autoptr (GError) local = NULL;
  guint64 size;

  qfu_message_add_number (ask, QFU_FIELD_ADDRESS, address);
  qfu_message_add_number (ask, QFU_FIELD_SIZE, most);
  /* one that has ended already has said why */
  if (!qfu_wire_send (qfu_process_wire (memory), ask, &local) &&
      !g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  if (!qfu_process_next (memory, &answer, error))
    return NULL;
  if (answer == NULL || qfu_message_type (answer) != QFU_FRAME_SIZE) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "qfu-cbmem says no SIZE");
    return NULL;
  }
  if (!qfu_message_number (answer, QFU_FIELD_SIZE, 0, most, &size, error))
    return NULL;
  return qfu_process_collect (memory, size, error);
}

/* Where a BIOS leaves tables: the first page, and the segment of its last 64 KiB. */
static QfuCbtable *
find_table (const QfuConfig *config, QfuProcess *memory, GError **error)
{
  g_autoptr (QfuUntrustedBlob) first = read_range (memory, 0, 0x1000, error);
  g_autoptr (QfuUntrustedBlob) last =
      first == NULL ? NULL : read_range (memory, 0xf0000, 0x10000, error);
  const QfuUntrustedBlob *const ranges[] = {first, last};
  g_autoptr (GError) local = NULL;
  QfuCbtable *table;

  if (last == NULL)
    return NULL;
  table = qfu_cbtable_read (config, ranges, G_N_ELEMENTS (ranges), 0, &local);
  if (table == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s holds no table of coreboot: this firmware is another one, or has cleared it",
                 config->memory);
  else if (table == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return table;
}

/* The table in low memory is a signpost. */
static QfuCbtable *
follow (const QfuConfig *config, QfuProcess *memory, GError **error)
{
  g_autoptr (QfuCbtable) table = find_table (config, memory, error);

  for (guint i = 0; table != NULL && table->forward != 0; i++) {
    guint64 size = MIN (QFU_CBTABLE_SIZE_MAX, QFU_CBTABLE_ADDRESS_MAX - table->forward);
    g_autoptr (QfuUntrustedBlob) range = read_range (memory, table->forward, size, error);
    const QfuUntrustedBlob *const ranges[] = {range};

    if (range == NULL)
      return NULL;
    if (i == FORWARDS) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                           "coreboot's tables forward to one another");
      return NULL;
    }
    qfu_cbtable_free (table);
    table = qfu_cbtable_read (config, ranges, 1, QFU_CBTABLE_AT_START, error);
  }
  return g_steal_pointer (&table);
}

static const QfuCbmemEntry *
find_entry (const QfuCbtable *table, guint32 id)
{
  for (guint i = 0; i < table->areas->len; i++) {
    const QfuCbmemEntry *entry = &g_array_index (table->areas, QfuCbmemEntry, i);

    if (entry->id == id && entry->size > 0)
      return entry;
  }
  return NULL;
}

static gboolean
read_areas (QfuProcess *memory, const QfuCbtable *table, GPtrArray *areas, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++) {
    const QfuCbmemEntry *entry = find_entry (table, wanted[i].id);
    QfuUntrustedBlob *bytes;

    if (entry == NULL)
      continue;
    if (entry->size > QFU_EVENTLOG_SIZE_MAX) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "coreboot's %s is larger than 16 MiB",
                   wanted[i].name);
      return FALSE;
    }
    bytes = read_range (memory, entry->address, entry->size, error);
    if (bytes == NULL)
      return FALSE;
    add_area (areas, wanted[i].name, bytes);
  }
  return TRUE;
}

static gboolean
end (QfuProcess *memory, GError **error)
{
  g_autoptr (QfuMessage) message = NULL;

  if (!qfu_wire_send_end (qfu_process_wire (memory), error) ||
      !qfu_process_next (memory, &message, error))
    return FALSE;
  if (message != NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "qfu-cbmem sends too much");
  return message == NULL;
}

static gboolean
read_memory (const QfuConfig *config, GPtrArray *areas, GError **error)
{
  g_autoptr (QfuProcess) memory =
      qfu_program_start (config, "qfu-cbmem", "read", NULL, 0, NULL, 0, error);
  g_autoptr (QfuCbtable) table = memory == NULL ? NULL : follow (config, memory, error);

  return table != NULL && read_areas (memory, table, areas, error) && end (memory, error);
}

GPtrArray *
qfu_machine_cbmem (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) areas = g_ptr_array_new_with_free_func (free_area);

  if (!read_bus (config, areas, error) || (areas->len == 0 && !read_memory (config, areas, error)))
    return NULL;
  if (areas->len > 0)
    return g_steal_pointer (&areas);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                       "coreboot keeps neither a log of the TPM nor its console in memory");
  return NULL;
}
