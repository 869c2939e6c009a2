/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-journal.h"

#include "qfu-text.h"

#include <string.h>
#include <unistd.h>

#define MAX_FIELDS 8

/* Never change an identifier: people's filters name them. */
static const struct {
  const char *result;
  const char *id;
  const char *priority; /* of syslog */
  const char *message;
} rows[] = {
    {"passed", "49cb98d7743547e38a70c1af7b3932e3", "6", "attestation passed"},
    {"mismatch", "520c8e829a26462dbfde7adbb4e6489c", "2", "attestation failed"},
    {"learned", "06145573c13a4e6aa102635a1847d0db", "5", "reference values learned"},
    {"unsettled", "22fa1a1acaa24541a25bcbb277b452e8", "4",
     "an update waits for a person: qubes-fwupdmgr attest --learn"},
    {"waiting", "5ffed7e8c57f4f1caed447eb5d55f1d6", "5", "an update waits for its boot"},
    {"error", "6db22484a3f84a11a136e845ebb39723", "2",
     "this boot cannot be compared with the reference values"},
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

void
qfu_journal_note (const char *result,
                  const QfuRefRecord *record,
                  const char *cause,
                  const char *why)
{
  g_autofree char *id = record == NULL ? NULL : g_strdup_printf ("%u", record->id);
  g_autofree char *version = record == NULL ? NULL : qfu_text_clean (record->version_to);

  if (!g_log_writer_is_journald (STDERR_FILENO))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *message =
        g_strconcat (rows[i].message, why == NULL ? "" : ": ", why == NULL ? "" : why, NULL);
    g_autofree char *clean = qfu_text_clean (message);
    Fields fields = {.count = 0};

    if (strcmp (rows[i].result, result) != 0)
      continue;
    add_field (&fields, "MESSAGE_ID", rows[i].id);
    add_field (&fields, "PRIORITY", rows[i].priority);
    add_field (&fields, "MESSAGE", clean);
    add_field (&fields, "SYSLOG_IDENTIFIER", "qubes-fwupd-attest");
    add_field (&fields, "QFU_RESULT", result);
    add_field (&fields, "QFU_RECORD", id);
    add_field (&fields, "QFU_VERSION", version);
    add_field (&fields, "QFU_CAUSE", cause);
    if (g_log_writer_journald (G_LOG_LEVEL_MESSAGE, fields.fields, fields.count, NULL) !=
        G_LOG_WRITER_HANDLED)
      g_debug ("the journal did not take it");
  }
}
