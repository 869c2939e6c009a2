/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/**
 * QfuEnrolment:
 * @verdict: who vouches for the endorsement key: good, unchecked or no certificate
 * @key_name: name of the attestation key
 * @kind: template of the endorsement key
 * @key: what that template leaves open
 * @authority: (nullable): issuer of the certificate; printable ASCII
 * @serial: (nullable): its serial number, hexadecimal digits
 *
 * Two keys that may be challenged. Made by qfu_enrolment_read() only.
 *
 * Trust: as far as worker `enrolment`. That both keys are in one TPM is known only when the
 * challenge was answered.
 */
typedef struct {
  QfuEnrolmentVerdict verdict;
  GBytes *key_name;
  QfuEkTemplate kind;
  GBytes *key;
  char *authority;
  char *serial;
} QfuEnrolment;

/**
 * QfuEnrolmentFiles:
 * @attestation_key, @endorsement_key: TPM2B_PUBLIC
 * @certificate: DER, as the TPM keeps it; empty: there is none
 * @authorities: PEM; empty: nobody is asked
 */
typedef struct {
  const QfuUntrustedBlob *attestation_key;
  const QfuUntrustedBlob *endorsement_key;
  const QfuUntrustedBlob *certificate;
  const QfuUntrustedBlob *authorities;
} QfuEnrolmentFiles;

/**
 * qfu_enrolment_read:
 * @now: seconds since 1970, to judge the certificate by
 * @error: #QFU_ERROR_SIGNATURE when a key is unfit, or the certificate is there and not good;
 * #QFU_ERROR_FORMAT
 */
QfuEnrolment *qfu_enrolment_read (const QfuConfig *config,
                                  const QfuEnrolmentFiles *files,
                                  gint64 now,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_enrolment_free (QfuEnrolment *enrolment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuEnrolment, qfu_enrolment_free)
