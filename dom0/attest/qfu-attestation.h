/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-present.h"
#include "qfu-settle.h"

#include <json-glib/json-glib.h>

/**
 * QfuAttestation:
 * @present: this boot
 * @boot_id: its id
 * @settle: what its PCRs mean for the records
 * @log: what the event log says against the PCRs, for people
 * @log_replays: whether it replays to them
 * @differs_pcr: the first PCR to which it does not
 * @differs_bank: its bank; 0 when there is none
 * @cause: (nullable): a stable word for what is wrong
 * @why: (nullable): the same for people
 *
 * One comparison of a boot with the reference values.
 */
typedef struct {
  QfuPresent *present;
  char *boot_id;
  QfuSettle settle;
  char *log;
  gboolean log_replays;
  guint differs_pcr;
  guint differs_bank;
  const char *cause;
  char *why;
} QfuAttestation;

/**
 * qfu_attestation_read:
 * @error: when the boot has no id
 *
 * Reads this boot. That there are no PCRs is noted in `present`.
 */
gboolean qfu_attestation_read (QfuAttestation *attestation,
                               const QfuConfig *config,
                               const QfuOptions *options,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Judges it by the records of @store, which must outlive @attestation. */
void qfu_attestation_judge (QfuAttestation *attestation, const QfuRefStore *store);
void qfu_attestation_clear (QfuAttestation *attestation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuAttestation, qfu_attestation_clear)

/* Says every value that differs, and which banks the TPM no longer has. */
void qfu_attestation_say_differences (const QfuAttestation *attestation, const QfuOptions *options);
/* Adds the object {pcr, bank, expected, actual}, as attest, quotes and the store say it. */
void qfu_attestation_difference (JsonBuilder *builder, const QfuDifference *difference);
/* Says the values of PCRs 0 to 7. */
void qfu_attestation_say_values (const QfuAttestation *attestation, const QfuOptions *options);

/**
 * qfu_attestation_to_json:
 * @result: "passed", "mismatch", "learned", "unsettled", "waiting" or "error"
 * @record: (nullable): the record that it is about, in the state that it has by now
 *
 * Returns: (transfer full): the object that `attest --json` prints and State/attestation.json keeps
 */
JsonBuilder *qfu_attestation_to_json (const QfuAttestation *attestation,
                                      const char *result,
                                      const QfuRefRecord *record);
