/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashjournal.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-images.h"
#include "qfu-limits.h"
#include "qfu-text.h"

#include <string.h>

static const struct {
  QfuFlashState from;
  QfuFlashState to;
} moves[] = {
    {QFU_FLASH_INTENT, QFU_FLASH_NEW},     {QFU_FLASH_INTENT, QFU_FLASH_OLD},
    {QFU_FLASH_INTENT, QFU_FLASH_NEITHER}, {QFU_FLASH_NEITHER, QFU_FLASH_NEITHER},
    {QFU_FLASH_NEITHER, QFU_FLASH_NEW},    {QFU_FLASH_NEITHER, QFU_FLASH_OLD},
};

static char *
folder_path (const QfuConfig *config)
{
  return g_build_filename (config->state, "flash", NULL);
}

char *
qfu_flashjournal_path (const QfuConfig *config, guint id)
{
  g_autofree char *name = g_strdup_printf ("%06u.json", id);

  return g_build_filename (config->state, "flash", name, NULL);
}

/* The number that a name such as 000012.json begins with; 0 for other files. */
static guint
entry_id (const char *name)
{
  if (strlen (name) != 11 || strspn (name, "0123456789") != 6 || strcmp (name + 6, ".json") != 0)
    return 0;
  return (guint)g_ascii_strtoull (name, NULL, 10); /* stops at the dot */
}

static QfuFlashEntry *
load_entry (const QfuConfig *config, const char *name, GError **error)
{
  g_autofree char *folder = folder_path (config);
  g_autofree char *text = qfu_durable_read (folder, name, QFU_FLASHJOURNAL_ENTRY_MAX, error);
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (GError) local = NULL;

  if (text == NULL)
    return NULL;
  entry = qfu_flash_entry_parse (text, &local);
  if (entry != NULL && entry->id == entry_id (name))
    return g_steal_pointer (&entry);
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "the journal of flash writes is damaged: %s/%s: %s. Compare the chip with the "
               "images in %s/images, bring it to one of them, and move that file away",
               folder, name, entry == NULL ? local->message : "it is another entry", config->state);
  return NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const QfuFlashEntry *left = *(const QfuFlashEntry *const *)a;
  const QfuFlashEntry *right = *(const QfuFlashEntry *const *)b;

  return left->id < right->id ? -1 : left->id > right->id;
}

static void
entry_free (gpointer entry)
{
  qfu_flash_entry_free (entry);
}

GPtrArray *
qfu_flashjournal_load (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  g_autofree char *path = folder_path (config);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &local);
  const char *name;

  if (folder == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s cannot be read: %s", path, local->message);
    return NULL;
  }
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    QfuFlashEntry *entry;

    if (entry_id (name) == 0)
      continue;
    entry = load_entry (config, name, error);
    if (entry == NULL)
      return NULL;
    g_ptr_array_add (entries, entry);
  }
  g_ptr_array_sort (entries, compare_ids);
  return g_steal_pointer (&entries);
}

gboolean
qfu_flashjournal_unfinished (const QfuConfig *config, QfuFlashEntry **entry, GError **error)
{
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (config, error);

  *entry = NULL;
  for (guint i = entries == NULL ? 0 : entries->len; i > 0 && *entry == NULL; i--) {
    if (qfu_flash_entry_unfinished (g_ptr_array_index (entries, i - 1)))
      *entry = g_ptr_array_steal_index (entries, i - 1);
  }
  return entries != NULL;
}

static gboolean
store (const QfuConfig *config, const QfuFlashEntry *entry, GError **error)
{
  g_autofree char *line = qfu_flash_entry_to_text (entry);
  g_autofree char *folder = folder_path (config);
  g_autofree char *name = g_strdup_printf ("%06u.json", entry->id);

  if (strlen (line) > QFU_FLASHJOURNAL_ENTRY_MAX || entry->id > QFU_FLASHJOURNAL_ENTRIES_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s is full, or entry %u is too long", folder,
                 entry->id);
    return FALSE;
  }
  return qfu_durable_write (folder, name, line, error);
}

static void
replace (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

gboolean
qfu_flashjournal_begin (const QfuConfig *config, QfuFlashEntry *entry, GError **error)
{
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (config, error);

  if (entries == NULL)
    return FALSE;
  entry->id = 1;
  if (entries->len > 0)
    entry->id += ((const QfuFlashEntry *)g_ptr_array_index (entries, entries->len - 1))->id;
  entry->state = QFU_FLASH_INTENT;
  entry->time = entry->state_time = g_get_real_time () / G_USEC_PER_SEC;
  replace (&entry->programmer, qfu_text_clean (entry->programmer));
  replace (&entry->state_boot_id, g_strdup (entry->boot_id));
  replace (&entry->reason, g_strdup ("the write is about to begin"));
  return store (config, entry, error);
}

static gboolean
move_allowed (QfuFlashState from, QfuFlashState to)
{
  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++) {
    if (moves[i].from == from && moves[i].to == to)
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_flashjournal_move (const QfuConfig *config,
                       QfuFlashEntry *entry,
                       QfuFlashState state,
                       const char *reason,
                       GError **error)
{
  QfuFlashState was = entry->state;
  g_autofree char *boot_id = qfu_config_boot_id (config, error);

  if (boot_id == NULL)
    return FALSE;
  if (!move_allowed (was, state)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_STALE, "flash write %u is %s and cannot become %s",
                 entry->id, qfu_flash_state_name (was), qfu_flash_state_name (state));
    return FALSE;
  }
  entry->state = state;
  entry->state_time = g_get_real_time () / G_USEC_PER_SEC;
  replace (&entry->state_boot_id, g_steal_pointer (&boot_id));
  replace (&entry->reason, qfu_text_clean (reason));
  if (store (config, entry, error))
    return TRUE;
  entry->state = was;
  return FALSE;
}

gboolean
qfu_flashjournal_prune (const QfuConfig *config, GError **error)
{
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (config, error);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (QfuDigest));

  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const QfuFlashEntry *entry = g_ptr_array_index (entries, i);

    if (i + 1 < entries->len && !qfu_flash_entry_unfinished (entry))
      continue;
    g_array_append_val (wanted, entry->old_image);
    g_array_append_val (wanted, entry->new_image);
  }
  return entries != NULL && qfu_images_prune (config, wanted, error);
}
