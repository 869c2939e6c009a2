/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-attestation.h"

#include "qfu-logcheck.h"
#include "qfu-outcome.h"
#include "qfu-print.h"
#include "qfu-replay.h"

#include <string.h>

/* A log that cannot be read or does not replay is said, but the PCRs alone decide: they cannot be
 * talked down, and nothing that a log says can make up for one. */
static void
check_log (QfuAttestation *attestation)
{
  const GPtrArray *logs = attestation->present->logs;
  const QfuPcrSet *pcrs = &attestation->present->pcrs;
  g_autoptr (QfuReplay) replay = NULL;
  g_autoptr (QfuLogCheck) check = NULL;

  if (logs->len > 0)
    replay = qfu_replay_choose ((const QfuEventLog *const *)logs->pdata, logs->len, pcrs);
  if (replay == NULL) {
    attestation->log = g_strdup_printf ("the event log says nothing: %s",
                                        attestation->present->no_log != NULL
                                            ? attestation->present->no_log->message
                                            : "there is none");
    return;
  }
  check = qfu_logcheck (replay, pcrs);
  attestation->log_replays = qfu_logcheck_replays (check);
  if (check->first != NULL) {
    attestation->differs_pcr = check->first->pcr;
    attestation->differs_bank = check->first->bank;
  } else if (!attestation->log_replays) {
    attestation->log = g_strdup ("the event log says nothing of the PCRs that the TPM has");
    return;
  }
  attestation->log =
      attestation->log_replays
          ? g_strdup_printf ("the event log (%u events) replays to the PCRs", replay->events->len)
          : g_strdup_printf ("the event log does not replay to PCR %u of bank %s",
                             attestation->differs_pcr, qfu_hash_name (attestation->differs_bank));
}

gboolean
qfu_attestation_read (QfuAttestation *attestation,
                      const QfuConfig *config,
                      const QfuOptions *options,
                      GError **error)
{
  memset (attestation, 0, sizeof *attestation);
  attestation->boot_id = qfu_config_boot_id (config, error);
  if (attestation->boot_id == NULL)
    return FALSE;
  attestation->present = qfu_present_read (config, options);
  if (attestation->present->no_pcrs == NULL)
    check_log (attestation);
  else
    attestation->log = g_strdup ("there are no PCRs to compare the event log with");
  return TRUE;
}

void
qfu_attestation_judge (QfuAttestation *attestation, const QfuRefStore *store)
{
  const QfuPcrSet *pcrs = &attestation->present->pcrs;

  qfu_settle_judge (store, pcrs, attestation->boot_id, &attestation->settle);
  if (attestation->present->no_pcrs != NULL) {
    attestation->cause = "no-pcrs";
    attestation->why = g_strdup (attestation->present->no_pcrs->message);
    return;
  }
  attestation->cause = qfu_settle_cause (&attestation->settle, pcrs);
  attestation->why = qfu_settle_why (&attestation->settle, pcrs);
}

void
qfu_attestation_clear (QfuAttestation *attestation)
{
  g_clear_pointer (&attestation->present, qfu_present_free);
  qfu_settle_clear (&attestation->settle);
  g_free (attestation->boot_id);
  g_free (attestation->log);
  g_free (attestation->why);
}

void
qfu_attestation_say_differences (const QfuAttestation *attestation, const QfuOptions *options)
{
  const GArray *differences = attestation->settle.differences;
  guint gone = 0;

  for (guint i = 0; i < differences->len; i++) {
    const QfuDifference *difference = &g_array_index (differences, QfuDifference, i);
    const char *bank = qfu_hash_name (difference->bank);
    g_autofree char *expected = qfu_digest_to_hex (&difference->expected);
    g_autofree char *actual = qfu_digest_to_hex (&difference->actual);

    if (qfu_attest_bank_gone (&attestation->present->pcrs, difference->bank)) {
      if (gone != difference->bank)
        qfu_say (options,
                 "  the TPM has no bank %s any more: this firmware or somebody in its menus or the "
                 "system took it away, and what it held cannot be compared",
                 bank);
      gone = difference->bank;
      continue;
    }
    qfu_say (options, "  PCR %u %s expected %s", difference->pcr, bank, expected);
    qfu_say (options, "  %*s is       %s", (int)strlen (bank) + 6, "",
             difference->actual.size == 0 ? "not there" : actual);
  }
}

/* Whether nothing was ever measured into it. */
static gboolean
is_reset (const QfuDigest *value)
{
  QfuDigest reset;

  qfu_pcr_reset (&reset, value->hash, 0, 0);
  return qfu_digest_equal (value, &reset);
}

/* Says what a bank holds; adds to @untouched which of its PCRs hold nothing yet. */
static void
say_bank (const QfuAttestation *attestation,
          const QfuOptions *options,
          QfuHash bank,
          GPtrArray *untouched)
{
  g_autoptr (GString) pcrs = g_string_new (NULL);
  guint n_pcrs = 0;

  for (guint pcr = 0; pcr < QFU_PCR_FIRMWARE_COUNT; pcr++) {
    const QfuDigest *value = qfu_pcr_set_get (&attestation->present->pcrs, bank, pcr);
    g_autofree char *hex = value == NULL ? NULL : qfu_digest_to_hex (value);

    if (value != NULL && is_reset (value)) {
      g_string_append_printf (pcrs, " %u", pcr);
      n_pcrs++;
    } else if (value != NULL) {
      qfu_say (options, "  PCR %u %s %s", pcr, qfu_hash_name (bank), hex);
    }
  }
  if (n_pcrs > 0)
    g_ptr_array_add (untouched,
                     n_pcrs == QFU_PCR_FIRMWARE_COUNT
                         ? g_strdup_printf ("bank %s", qfu_hash_name (bank))
                         : g_strdup_printf ("PCR%s of bank %s", pcrs->str, qfu_hash_name (bank)));
}

void
qfu_attestation_say_values (const QfuAttestation *attestation, const QfuOptions *options)
{
  g_autoptr (GPtrArray) untouched = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
    say_bank (attestation, options, qfu_bank_hash (bank), untouched);
  if (untouched->len == 0)
    return;
  g_ptr_array_add (untouched, NULL);
  list = g_strjoinv (", ", (char **)untouched->pdata);
  qfu_say (options,
           "  nothing was measured into %s: whoever runs can still choose what PCR 0 to 7 hold "
           "there",
           list);
}

void
qfu_attestation_difference (JsonBuilder *builder, const QfuDifference *difference)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", difference->pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (difference->bank));
  qfu_json_digest (builder, "expected", &difference->expected);
  qfu_json_digest (builder, "actual", &difference->actual);
  json_builder_end_object (builder);
}

static void
add_differences (JsonBuilder *builder, const GArray *differences)
{
  json_builder_set_member_name (builder, "differences");
  json_builder_begin_array (builder);
  for (guint i = 0; differences != NULL && i < differences->len; i++)
    qfu_attestation_difference (builder, &g_array_index (differences, QfuDifference, i));
  json_builder_end_array (builder);
}

static void
add_values (JsonBuilder *builder, const QfuPcrSet *pcrs)
{
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_FIRMWARE_COUNT; pcr++) {
      if (!pcrs->known[bank][pcr])
        continue;
      json_builder_begin_object (builder);
      qfu_json_number (builder, "pcr", pcr);
      qfu_json_text (builder, "bank", qfu_hash_name (qfu_bank_hash (bank)));
      qfu_json_digest (builder, "value", &pcrs->value[bank][pcr]);
      json_builder_end_object (builder);
    }
  }
  json_builder_end_array (builder);
}

static void
add_id (JsonBuilder *builder, const char *name, const QfuRefRecord *record)
{
  json_builder_set_member_name (builder, name);
  if (record == NULL)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, record->id);
}

static void
add_record (JsonBuilder *builder, const QfuRefRecord *record)
{
  const char *texts[][2] = {
      {"state", record == NULL ? NULL : qfu_ref_state_name (record->state)},
      {"basis", record == NULL ? NULL : qfu_ref_basis_name (record->basis)},
      {"version", record == NULL ? NULL : record->version_to},
  };

  add_id (builder, "record", record);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    qfu_json_text (builder, texts[i][0], texts[i][1]);
}

static void
add_log (JsonBuilder *builder, const QfuAttestation *attestation)
{
  qfu_json_flag (builder, "logReplays", attestation->log_replays);
  qfu_json_text (builder, "log", attestation->log);
  json_builder_set_member_name (builder, "logDiffers");
  if (attestation->differs_bank == 0) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", attestation->differs_pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (attestation->differs_bank));
  json_builder_end_object (builder);
}

JsonBuilder *
qfu_attestation_to_json (const QfuAttestation *attestation,
                         const char *result,
                         const QfuRefRecord *record)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_json_text (builder, "schema", QFU_OUTCOME_SCHEMA);
  qfu_json_text (builder, "result", result);
  qfu_json_number (builder, "time", g_get_real_time () / G_USEC_PER_SEC);
  qfu_json_text (builder, "bootId", attestation->boot_id);
  add_record (builder, record);
  add_id (builder, "booted", attestation->settle.booted);
  add_id (builder, "waiting", attestation->settle.waiting);
  qfu_json_text (builder, "cause", attestation->cause);
  qfu_json_text (builder, "why", attestation->why);
  qfu_json_number (builder, "compared", attestation->settle.compared);
  add_log (builder, attestation);
  add_differences (builder, attestation->settle.differences);
  add_values (builder, &attestation->present->pcrs);
  json_builder_end_object (builder);
  return builder;
}
