/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refstore.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-refrecord.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

struct _QfuRefStore {
  char *path;
  QfuFd folder;
  QfuFd lock; /* held when writable */
  gboolean writable;
  guint sequence; /* of the latest entry */
  GPtrArray *records;
};

void
qfu_refstore_close (QfuRefStore *store)
{
  if (store == NULL)
    return;
  g_free (store->path);
  qfu_fd_clear (&store->folder);
  qfu_fd_clear (&store->lock);
  g_clear_pointer (&store->records, g_ptr_array_unref);
  g_free (store);
}

static QfuRefRecord *
find_record (const QfuRefStore *store, guint id)
{
  for (guint i = 0; i < store->records->len; i++) {
    QfuRefRecord *record = g_ptr_array_index (store->records, i);

    if (record->id == id)
      return record;
  }
  return NULL;
}

/* @boot_id: (nullable): of the boot in which that happened; %NULL: the same as before */
static void
record_set_state (
    QfuRefRecord *record, QfuRefState state, gint64 time, const char *boot_id, const char *reason)
{
  if (boot_id != NULL)
    qfu_ref_record_set (&record->state_boot_id, boot_id);
  record->state = state;
  record->state_time = time;
  qfu_ref_record_set (&record->reason, reason);
}

/* Whether @record ends when @winner becomes current: there is one current record, and a boot
 * settles what was written before it. What was written in the boot that is learned waits for the
 * next. */
static gboolean
ends_with (const QfuRefRecord *record, const QfuRefRecord *winner)
{
  gboolean waits = winner->basis == QFU_BASIS_LEARNED &&
                   strcmp (record->state_boot_id, winner->state_boot_id) == 0;

  if (record->state == QFU_REF_CURRENT)
    return record != winner;
  return record->id < winner->id && !waits &&
         (record->state == QFU_REF_WRITTEN || record->state == QFU_REF_CONSUMED);
}

/* The writer may have died before it wrote what else has ended. */
static void
settle_current (QfuRefStore *store, const QfuRefRecord *winner)
{
  for (guint i = 0; i < store->records->len; i++) {
    QfuRefRecord *record = g_ptr_array_index (store->records, i);

    if (ends_with (record, winner))
      record_set_state (record, QFU_REF_SUPERSEDED, winner->state_time, NULL,
                        "another record became current");
  }
}

static gboolean
apply_entry (QfuRefStore *store, JsonObject *entry, GError **error)
{
  QfuRefRecord *record;
  QfuRefState state;
  const char *reason;
  gint64 time;
  guint id;

  if (!qfu_ref_entry_head (entry, &id, &state, &time, &reason)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "not an entry of this store");
    return FALSE;
  }
  record = find_record (store, id);
  if (record != NULL) {
    record_set_state (record, state, time, qfu_ref_entry_boot (entry), reason);
  } else {
    record = qfu_ref_record_from_json (entry, error);
    if (record == NULL)
      return FALSE;
    g_ptr_array_add (store->records, record);
  }
  if (state == QFU_REF_CURRENT)
    settle_current (store, record);
  return TRUE;
}

static gboolean
load_entry (QfuRefStore *store, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (store->path, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;
  JsonNode *root;

  if (json_parser_load_from_file (parser, path, &local)) {
    root = json_parser_get_root (parser);
    if (root != NULL && JSON_NODE_HOLDS_OBJECT (root) &&
        apply_entry (store, json_node_get_object (root), &local))
      return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "the reference values are damaged: %s: %s. Restore the file from a backup, or move "
               "it away and run `qubes-fwupdmgr attest`",
               path, local == NULL ? "not an object" : local->message);
  return FALSE;
}

/* The number that an entry's name begins with, as in 000012-pending.json; 0 for other files. */
static guint
entry_sequence (const char *name)
{
  if (strlen (name) < 13 || name[6] != '-' || !g_str_has_suffix (name, ".json") ||
      strspn (name, "0123456789") != 6)
    return 0;
  return (guint)g_ascii_strtoull (name, NULL, 10); /* stops at the dash */
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* (element-type utf8): the names of all entries, in order. */
static GPtrArray *
list_entries (const QfuRefStore *store, GError **error)
{
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  const char *name;

  folder = g_dir_open (store->path, 0, &local);
  if (folder == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s cannot be read: %s", store->path,
                 local->message);
    return NULL;
  }
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    if (entry_sequence (name) != 0)
      g_ptr_array_add (names, g_strdup (name));
  }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* A reader takes no lock, and one listing may miss an entry and show a later one. Entries only ever
 * come; when two listings are the same, the first showed all that there were at its end. */
static GPtrArray *
list_consistently (const QfuRefStore *store, GError **error)
{
  g_autoptr (GPtrArray) names = list_entries (store, error);

  while (names != NULL) {
    g_autoptr (GPtrArray) before = g_steal_pointer (&names);

    names = list_entries (store, error);
    if (names != NULL && names->len == before->len)
      break;
  }
  return g_steal_pointer (&names);
}

static gboolean
load_entries (QfuRefStore *store, GError **error)
{
  g_autoptr (GPtrArray) names = list_consistently (store, error);

  for (guint i = 0; names != NULL && i < names->len; i++) {
    if (!load_entry (store, g_ptr_array_index (names, i), error))
      return FALSE;
    store->sequence = entry_sequence (g_ptr_array_index (names, i));
  }
  return names != NULL;
}

/* Opens the folder and takes the lock; the plugin and the command line write by turns. Only who may
 * write can open the lock, so that no reader can hold up an update. */
static gboolean
lock_folder (QfuRefStore *store, GError **error)
{
  if (g_mkdir_with_parents (store->path, 0755) != 0)
    return qfu_error_errno (error, errno, "%s cannot be made", store->path);
  if (!qfu_durable_open_folder (AT_FDCWD, store->path, &store->folder, error))
    return FALSE;
  store->lock = openat (store->folder, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (store->lock < 0)
    return qfu_error_errno (error, errno, "the lock of %s cannot be opened", store->path);
  while (flock (store->lock, LOCK_EX) != 0) {
    if (errno != EINTR)
      return qfu_error_errno (error, errno, "%s cannot be locked", store->path);
  }
  return TRUE;
}

QfuRefStore *
qfu_refstore_open (const QfuConfig *config, gboolean writable, GError **error)
{
  g_autoptr (QfuRefStore) store = g_new0 (QfuRefStore, 1);
  g_autoptr (GError) local = NULL;

  store->path = g_build_filename (config->state, "refvals", NULL);
  store->folder = store->lock = -1;
  store->writable = writable;
  store->records = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_ref_record_free);
  if (writable && !lock_folder (store, error))
    return NULL;
  /* somebody else's words are no reference values */
  if (!writable && !qfu_durable_open_folder (AT_FDCWD, store->path, &store->folder, &local) &&
      !g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  return load_entries (store, error) ? g_steal_pointer (&store) : NULL;
}

const GPtrArray *
qfu_refstore_records (const QfuRefStore *store)
{
  return store->records;
}

const QfuRefRecord *
qfu_refstore_record (const QfuRefStore *store, guint id)
{
  return find_record (store, id);
}

const QfuRefRecord *
qfu_refstore_latest (const QfuRefStore *store, QfuRefState state)
{
  for (guint i = store->records->len; i > 0; i--) {
    const QfuRefRecord *record = g_ptr_array_index (store->records, i - 1);

    if (record->state == state)
      return record;
  }
  return NULL;
}

static gboolean
append_entry (QfuRefStore *store, JsonNode *entry, QfuRefState state, GError **error)
{
  g_autoptr (JsonNode) owned = entry;
  g_autofree char *text = json_to_string (owned, TRUE);
  g_autofree char *lines = g_strconcat (text, "\n", NULL);
  g_autofree char *name =
      g_strdup_printf ("%06u-%s.json", store->sequence + 1, qfu_ref_state_name (state));

  g_return_val_if_fail (store->writable, FALSE);
  if (strlen (lines) > QFU_REFSTORE_ENTRY_MAX || store->sequence >= 999999) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s is full", store->path);
    return FALSE;
  }
  if (!qfu_durable_create (store->folder, name, lines, error))
    return FALSE;
  store->sequence++;
  return TRUE;
}

/* Appends what else has ended because @winner became current. */
static gboolean
supersede (QfuRefStore *store, const QfuRefRecord *winner, const char *reason, GError **error)
{
  for (guint i = 0; i < store->records->len; i++) {
    const QfuRefRecord *record = g_ptr_array_index (store->records, i);

    if (ends_with (record, winner) &&
        !qfu_refstore_move (store, record->id, QFU_REF_SUPERSEDED, reason, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
abandon_pending (QfuRefStore *store, GError **error)
{
  const QfuRefRecord *record;

  while ((record = qfu_refstore_latest (store, QFU_REF_PENDING)) != NULL) {
    if (!qfu_refstore_move (store, record->id, QFU_REF_ABANDONED, "a later update took its place",
                            error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
append_record (
    QfuRefStore *store, QfuRefRecord *record, QfuRefState state, guint *id, GError **error)
{
  g_autoptr (QfuRefRecord) owned = record;

  owned->id = store->sequence + 1;
  owned->time = owned->state_time = g_get_real_time () / G_USEC_PER_SEC;
  owned->state = state;
  qfu_ref_record_set (&owned->state_boot_id, owned->boot_id);
  if (!append_entry (store, qfu_ref_record_to_json (owned, store->sequence + 1), state, error))
    return FALSE;
  *id = owned->id;
  g_ptr_array_add (store->records, g_steal_pointer (&owned));
  return TRUE;
}

gboolean
qfu_refstore_stage (QfuRefStore *store, QfuRefRecord *record, guint *id, GError **error)
{
  g_autoptr (QfuRefRecord) owned = record;

  return abandon_pending (store, error) &&
         append_record (store, g_steal_pointer (&owned), QFU_REF_PENDING, id, error);
}

gboolean
qfu_refstore_learn (QfuRefStore *store, QfuRefRecord *record, guint *id, GError **error)
{
  record->basis = QFU_BASIS_LEARNED;
  return append_record (store, record, QFU_REF_CURRENT, id, error) &&
         supersede (store, find_record (store, *id), "other values were learned", error);
}

gboolean
qfu_refstore_move_in (QfuRefStore *store,
                      guint id,
                      QfuRefState state,
                      const char *boot_id,
                      const char *reason,
                      GError **error)
{
  QfuRefRecord *record = find_record (store, id);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (record == NULL || !qfu_ref_move_allowed (record->state, state)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_STALE, "record %u is %s and cannot become %s", id,
                 record == NULL ? "not there" : qfu_ref_state_name (record->state),
                 qfu_ref_state_name (state));
    return FALSE;
  }
  if (!append_entry (store,
                     qfu_ref_move_to_json (store->sequence + 1, id, state, now, boot_id, reason),
                     state, error))
    return FALSE;
  record_set_state (record, state, now, boot_id, reason);
  return state != QFU_REF_CURRENT ||
         supersede (store, record, "a later firmware was attested", error);
}

gboolean
qfu_refstore_move (
    QfuRefStore *store, guint id, QfuRefState state, const char *reason, GError **error)
{
  return qfu_refstore_move_in (store, id, state, NULL, reason, error);
}
