/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-journal.h"

#include "qfu-text.h"

#include <string.h>
#include <unistd.h>

#define MAX_FIELDS 8

typedef struct {
  const char *result;
  const char *id;
  const char *priority; /* of syslog */
  const char *message;
} Row;

/* Never change an identifier: people's filters name them. */
static const Row attest_rows[] = {
    {"passed", "49cb98d7743547e38a70c1af7b3932e3", "6", "attestation passed"},
    {"mismatch", "520c8e829a26462dbfde7adbb4e6489c", "2", "attestation failed"},
    {"learned", "06145573c13a4e6aa102635a1847d0db", "5", "reference values learned"},
    {"unsettled", "22fa1a1acaa24541a25bcbb277b452e8", "4",
     "an update waits for a person: qubes-fwupdmgr attest --learn"},
    {"waiting", "5ffed7e8c57f4f1caed447eb5d55f1d6", "5", "an update waits for its boot"},
    {"error", "6db22484a3f84a11a136e845ebb39723", "2",
     "this boot cannot be compared with the reference values"},
};

static const Row refresh_rows[] = {
    {"refreshed", "0c3451d7347e45a6ac05911a5dd1795e", "6", "firmware metadata refreshed"},
    {"updates", "26d606444567477080083c69c0b82fd4", "5", "newer firmware is there"},
    {"skipped", "0d0d320575b94b6a85c4977ab7fd1412", "6", "refresh of firmware metadata skipped"},
    {"failed", "0b25fed4cc944d599a6b5fa025e780a8", "4", "refresh of firmware metadata failed"},
    {"stale", "5e42dba724fb47dbb910a97dd861ccd0", "4", "firmware metadata is old"},
    {"too-stale", "693dc7c3ebce41b49fbbe48deba13aaf", "3", "firmware metadata is far too old"},
};

typedef struct {
  GLogField fields[MAX_FIELDS];
  gsize count;
} Fields;

static void
add_field (Fields *fields, const char *key, const char *value)
{
  g_return_if_fail (fields->count < MAX_FIELDS);
  if (value != NULL)
    fields->fields[fields->count++] = (GLogField){key, value, -1};
}

static const Row *
find_row (const Row *rows, gsize n_rows, const char *result)
{
  for (gsize i = 0; i < n_rows; i++) {
    if (strcmp (rows[i].result, result) == 0)
      return &rows[i];
  }
  g_return_val_if_reached (NULL);
}

/* Sends the entry of @row with what @fields has already. */
static void
send_entry (Fields *fields, const Row *row, const char *identifier, const char *why)
{
  g_autofree char *message =
      g_strconcat (row->message, why == NULL ? "" : ": ", why == NULL ? "" : why, NULL);
  g_autofree char *clean = qfu_text_clean (message);

  add_field (fields, "MESSAGE_ID", row->id);
  add_field (fields, "PRIORITY", row->priority);
  add_field (fields, "MESSAGE", clean);
  add_field (fields, "SYSLOG_IDENTIFIER", identifier);
  add_field (fields, "QFU_RESULT", row->result);
  if (g_log_writer_journald (G_LOG_LEVEL_MESSAGE, fields->fields, fields->count, NULL) !=
      G_LOG_WRITER_HANDLED)
    g_debug ("the journal did not take it");
}

gboolean
qfu_journal_there (void)
{
  return g_log_writer_is_journald (STDERR_FILENO);
}

void
qfu_journal_note (const char *result,
                  const QfuRefRecord *record,
                  const char *cause,
                  const char *why)
{
  const Row *row = find_row (attest_rows, G_N_ELEMENTS (attest_rows), result);
  g_autofree char *id = record == NULL ? NULL : g_strdup_printf ("%u", record->id);
  g_autofree char *version = record == NULL ? NULL : qfu_text_clean (record->version_to);
  Fields fields = {.count = 0};

  if (row == NULL || !qfu_journal_there ())
    return;
  add_field (&fields, "QFU_RECORD", id);
  add_field (&fields, "QFU_VERSION", version);
  add_field (&fields, "QFU_CAUSE", cause);
  send_entry (&fields, row, "qubes-fwupd-attest", why);
}

void
qfu_journal_refresh (const char *result, const char *cause, const char *updates, const char *why)
{
  const Row *row = find_row (refresh_rows, G_N_ELEMENTS (refresh_rows), result);
  g_autofree char *clean = updates == NULL ? NULL : qfu_text_clean (updates);
  Fields fields = {.count = 0};

  if (row == NULL || !qfu_journal_there ())
    return;
  add_field (&fields, "QFU_CAUSE", cause);
  add_field (&fields, "QFU_UPDATES", clean);
  send_entry (&fields, row, "qubes-fwupd-refresh", why);
}
