/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 keeps of a worker's claims has the same limits as what the worker takes: an owned
 * worker says as much as it likes. */
#include "claims-fwupd.h"
#include "claims-rom.h"
#include "liar.h"
#include "qfu-cab-members.h"
#include "qfu-cbtable.h"
#include "qfu-error.h"
#include "qfu-eventlog.h"
#include "qfu-fwupd-calls.h"
#include "qfu-fwupd-history.h"
#include "qfu-fwupd-security.h"
#include "qfu-jcat.h"
#include "qfu-limits.h"
#include "qfu-rom.h"
#include "qfu-secret.h"
#include "qfu-worker.h"
#include "testconfig.h"

#include <string.h>
#include <unistd.h>

/* One limit: @fill claims as many as it is told, @read is the reader. */
typedef struct {
  const char *path;
  guint64 max;
  void (*fill) (GPtrArray *frames, guint64 n);
  gboolean (*read) (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error);
  QfuError code;
} Claim;

static void
items (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++)
    claims_named (frames, QFU_FRAME_JCAT_ITEM, QFU_FIELD_ID, i);
}

static void
add_blob (GPtrArray *frames, guint64 kind)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_JCAT_BLOB);

  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, 1);
  qfu_message_add_bytes (message, QFU_FIELD_BLOB, "x", 1);
  g_ptr_array_add (frames, message);
}

static void
blobs (GPtrArray *frames, guint64 n)
{
  items (frames, 1);
  for (guint64 i = 0; i < n; i++)
    add_blob (frames, 1);
}

static void
kind (GPtrArray *frames, guint64 n)
{
  items (frames, 1);
  add_blob (frames, n);
}

static void
members (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    claims_named (frames, QFU_FRAME_MEMBER, QFU_FIELD_NAME, i);
    claims_add_number (frames, QFU_FIELD_SIZE, 0);
  }
}

static void
log_of (GPtrArray *frames, guint64 locality)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_LOG);

  qfu_message_add_number (message, QFU_FIELD_KIND, QFU_LOG_TCG2);
  qfu_message_add_number (message, QFU_FIELD_LOCALITY, locality);
  g_ptr_array_add (frames, message);
}

static void
events (GPtrArray *frames, guint64 n)
{
  QfuDigest digest;

  g_assert_true (
      qfu_digest_set (&digest, QFU_HASH_SHA1, (const guint8 *)"01234567890123456789", 20));
  log_of (frames, 0);
  for (guint i = 0; i < n; i++) {
    QfuMessage *message = qfu_message_new (QFU_FRAME_EVENT);

    qfu_message_add_number (message, QFU_FIELD_PCR, 2);
    qfu_message_add_number (message, QFU_FIELD_KIND, 5);
    qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
    g_ptr_array_add (frames, message);
  }
}

static void
areas (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_CBMEM));
    claims_add_number (frames, QFU_FIELD_KIND, i);
    claims_add_number (frames, QFU_FIELD_ADDRESS, 4096);
    claims_add_number (frames, QFU_FIELD_SIZE, 4096);
  }
}

static void
area_end (GPtrArray *frames, guint64 n)
{
  g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_CBMEM));
  claims_add_number (frames, QFU_FIELD_KIND, 1);
  claims_add_number (frames, QFU_FIELD_ADDRESS, n - 4096);
  claims_add_number (frames, QFU_FIELD_SIZE, 4096);
}

static void
remotes (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    claims_named (frames, QFU_FRAME_REMOTE, QFU_FIELD_ID, i);
    claims_add_number (frames, QFU_FIELD_KIND, 1);
    claims_add_number (frames, QFU_FIELD_FLAGS, 1);
  }
}

static void
remote_id (GPtrArray *frames, guint64 n)
{
  g_autofree char *id = g_strnfill (n, 'r');

  g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_REMOTE));
  qfu_message_add_text (g_ptr_array_index (frames, frames->len - 1), QFU_FIELD_ID, id);
  claims_add_number (frames, QFU_FIELD_KIND, 1);
  claims_add_number (frames, QFU_FIELD_FLAGS, 1);
}

static void
remote_priority (GPtrArray *frames, guint64 n)
{
  remotes (frames, 1);
  claims_add_number (frames, QFU_FIELD_PRIORITY, n);
}

/* The same one @n times: each has folders of its own. */
static void
remote_again (GPtrArray *frames, guint64 n)
{
  for (guint64 i = 0; i < n; i++)
    remote_id (frames, 3);
}

/* @n characters before the first slash of its path. */
static void
remote_path (GPtrArray *frames, guint64 n)
{
  remotes (frames, 1);
  qfu_message_add_text (g_ptr_array_index (frames, 0), QFU_FIELD_PATH, n == 0 ? "/x" : "x/x");
}

static void
hardware (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++)
    claims_setting (frames, QFU_MACHINE_HARDWARE, "11111111-2222-3333-4444-555555555555");
}

static void
devices (GPtrArray *frames, guint64 n)
{
  for (guint i = 0; i < n; i++) {
    QfuMessage *message = qfu_message_new (QFU_FRAME_DEVICE);
    g_autofree char *id = g_strdup_printf ("%040x", i);

    qfu_message_add_text (message, QFU_FIELD_ID, id);
    qfu_message_add_text (message, QFU_FIELD_NAME, "device");
    qfu_message_add_number (message, QFU_FIELD_FLAGS, 0);
    g_ptr_array_add (frames, message);
  }
}

static gboolean
read_history (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (GPtrArray) read = qfu_fwupd_history (config, error);

  return read != NULL;
}

static gboolean
read_security (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuSecurity) read = qfu_fwupd_security (config, error);

  return read != NULL;
}

static gboolean
read_remotes (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (GPtrArray) read = qfu_fwupd_remotes (config, error);

  return read != NULL;
}

static gboolean
read_machine (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  QfuMachine *machine = qfu_fwupd_machine (config, error);
  gboolean ok = machine != NULL;

  qfu_machine_free (machine);
  return ok;
}

static gboolean
read_jcat (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuJcat) jcat = qfu_jcat_read (config, blob, error);

  return jcat != NULL;
}

static gboolean
read_members (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (GPtrArray) read = qfu_cab_members (config, blob, error);

  return read != NULL;
}

static gboolean
read_rom (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuRom) rom = qfu_rom_read (config, blob, error);

  return rom != NULL;
}

static gboolean
read_log (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuEventLog) log = qfu_eventlog_read (config, blob, error);

  return log != NULL;
}

static void
secrets (GPtrArray *frames, guint64 n)
{
  g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_LUKS));
  claims_add_number (frames, QFU_FIELD_KEYSLOTS, 1);
  claims_add_number (frames, QFU_FIELD_OTHERS, 0);
  for (guint i = 0; i < n; i++) {
    g_ptr_array_add (frames, qfu_message_new (QFU_FRAME_SECRET));
    claims_add_number (frames, QFU_FIELD_KIND, QFU_SECRET_SYSTEMD);
    claims_add_number (frames, QFU_FIELD_INDEX, 0);
  }
}

static gboolean
read_secrets (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (GPtrArray) read = qfu_secrets_new ();

  return qfu_secrets_read_luks (config, blob, "volume", read, error);
}

static gboolean
read_table (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuCbtable) table = qfu_cbtable_read (config, &blob, 1, 0, error);

  return table != NULL;
}

static const Claim claims[] = {
    {"/claims/limit/items", QFU_JCAT_ITEMS_MAX, items, read_jcat, QFU_ERROR_LIMIT},
    {"/claims/limit/blobs", QFU_JCAT_BLOBS_MAX, blobs, read_jcat, QFU_ERROR_LIMIT},
    {"/claims/limit/kind", QFU_JCAT_KIND_MAX, kind, read_jcat, QFU_ERROR_PROTOCOL},
    {"/claims/limit/members", QFU_CAB_MEMBERS_MAX, members, read_members, QFU_ERROR_PROTOCOL},
    {"/claims/limit/regions", QFU_ROM_REGIONS_MAX, claims_regions, read_rom, QFU_ERROR_PROTOCOL},
    {"/claims/limit/files", QFU_ROM_FILES_MAX, claims_files, read_rom, QFU_ERROR_LIMIT},
    {"/claims/limit/unused", QFU_ROM_UNUSED_MAX, claims_unused, read_rom, QFU_ERROR_LIMIT},
    {"/claims/limit/volumes", QFU_ROM_VOLUMES_MAX, claims_volumes, read_rom, QFU_ERROR_LIMIT},
    {"/claims/limit/settings", QFU_ROM_SETTINGS_MAX, claims_settings, read_rom, QFU_ERROR_LIMIT},
    {"/claims/limit/remotes", QFU_FWUPD_REMOTES_MAX, remotes, read_remotes, QFU_ERROR_PROTOCOL},
    {"/claims/limit/remote-id", QFU_CACHE_ID_MAX, remote_id, read_remotes, QFU_ERROR_PROTOCOL},
    {"/claims/limit/remote-priority", QFU_FWUPD_PRIORITY_MAX, remote_priority, read_remotes,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/remote-again", 1, remote_again, read_remotes, QFU_ERROR_PROTOCOL},
    {"/claims/limit/remote-path", 0, remote_path, read_remotes, QFU_ERROR_PROTOCOL},
    {"/claims/limit/hardware", QFU_FWUPD_HARDWARE_MAX, hardware, read_machine, QFU_ERROR_PROTOCOL},
    {"/claims/limit/devices", QFU_FWUPD_DEVICES_MAX, devices, read_machine, QFU_ERROR_PROTOCOL},
    {"/claims/limit/history", QFU_FWUPD_HISTORY_MAX, claims_history, read_history,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/reports", QFU_FWUPD_REPORTS_MAX, claims_reports, read_history,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/update-state", QFU_UPDATE_LAST, claims_update_state, read_history,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/attributes", QFU_FWUPD_ATTRIBUTES_MAX, claims_attributes, read_security,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/attribute-level", QFU_SECURITY_LEVEL_LAST, claims_attribute_level,
     read_security, QFU_ERROR_PROTOCOL},
    {"/claims/limit/attribute-flags", QFU_SECURITY_FLAGS_ALL, claims_attribute_flags, read_security,
     QFU_ERROR_PROTOCOL},
    {"/claims/limit/areas", QFU_CBTABLE_AREAS_MAX, areas, read_table, QFU_ERROR_PROTOCOL},
    {"/claims/limit/area-end", QFU_CBTABLE_ADDRESS_MAX, area_end, read_table, QFU_ERROR_PROTOCOL},
    {"/claims/limit/events", QFU_EVENTLOG_EVENTS_MAX, events, read_log, QFU_ERROR_PROTOCOL},
    {"/claims/limit/secrets", QFU_LUKS_NUMBERS_MAX, secrets, read_secrets, QFU_ERROR_PROTOCOL},
};

static void
run (const Claim *claim, guint64 n)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autofree char *data = g_malloc0 (QFU_EVENTLOG_SIZE_MAX);
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *program = NULL;
  g_autofree char *fwupd = NULL;
  gboolean ok;

  claim->fill (frames, n);
  if (claim->read == read_rom)
    claims_write_map (frames, (guint8 *)data);
  blob = test_blob (data, QFU_EVENTLOG_SIZE_MAX);
  liar_install (config, directory, frames, TRUE);
  program = g_build_filename (directory, qfu_worker_limits (QFU_OP_JCAT)->program, NULL);
  fwupd = g_build_filename (directory, "qfu-fwupd", NULL);
  g_assert_cmpint (symlink (program, fwupd), ==, 0); /* what fwupd tells comes the same way */
  ok = claim->read (config, blob, &error);
  g_assert_true (ok == (error == NULL));
  if (n <= claim->max)
    g_assert_no_error (error);
  else
    g_assert_error (error, QFU_ERROR, (int)claim->code);
  test_directory_remove (directory);
}

static void
test_at (gconstpointer claim)
{
  run (claim, ((const Claim *)claim)->max);
}

static void
test_past (gconstpointer claim)
{
  run (claim, ((const Claim *)claim)->max + 1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (claims); i++) {
    g_autofree char *at = g_strconcat (claims[i].path, "/at", NULL);
    g_autofree char *past = g_strconcat (claims[i].path, "/past", NULL);

    g_test_add_data_func (at, &claims[i], test_at);
    g_test_add_data_func (past, &claims[i], test_past);
  }
  return g_test_run ();
}
