/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is this a good signature over these bytes by one of these authorities? Whoever breaks this file
 * breaks every signature check; so it does nothing else, and names GnuTLS only.
 *
 * The certificate that signed must have been issued by an authority directly; what is reported is
 * read from exactly the certificate that verified. */
#include "qfu-error.h"
#include "qfu-parse.h"

#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <time.h>

#define STRENGTH GNUTLS_PROFILE_TO_VFLAGS (GNUTLS_PROFILE_MEDIUM) /* 112 bits, no SHA-1 */

/* From the least to the most that can be said about a signature that does not count. */
typedef enum {
  VERDICT_NO_CERTIFICATE,
  VERDICT_UNKNOWN_ALGORITHM,
  VERDICT_WRONG_AUTHORITY,
  VERDICT_NO_TIME,
  VERDICT_WEAK,
  VERDICT_NOT_YET,
  VERDICT_EXPIRED,
  VERDICT_BROKEN,
  VERDICT_GOOD,
} Verdict;

static const struct {
  QfuError code;
  const char *text;
} verdicts[] = {
    [VERDICT_NO_CERTIFICATE] = {QFU_ERROR_SIGNATURE,
                                "the signature comes without the certificate that made it"},
    [VERDICT_UNKNOWN_ALGORITHM] = {QFU_ERROR_UNSUPPORTED,
                                   "the signature is of an algorithm that is not known here"},
    [VERDICT_WRONG_AUTHORITY] = {QFU_ERROR_SIGNATURE,
                                 "the signature is by an authority that is not accepted here"},
    [VERDICT_NO_TIME] = {QFU_ERROR_SIGNATURE, "the signature does not say when it was made"},
    [VERDICT_WEAK] = {QFU_ERROR_SIGNATURE, "the signature is of an algorithm that is too weak"},
    [VERDICT_NOT_YET] = {QFU_ERROR_SIGNATURE,
                         "the certificate that signed is not valid yet, or the clock is slow"},
    [VERDICT_EXPIRED] = {QFU_ERROR_SIGNATURE,
                         "the certificate that signed has expired, or the clock is fast"},
    [VERDICT_BROKEN] = {QFU_ERROR_SIGNATURE,
                        "the signature does not match: the data or the signature was changed"},
};

typedef gnutls_pkcs7_signature_info_st Signer;
typedef gnutls_datum_t Datum;

typedef struct {
  gnutls_pkcs7_t pkcs7;
  gnutls_x509_crt_t *authorities;
  unsigned n_authorities;
  Datum data;
  gint64 now;
  gboolean at_signing_time;
} Check;

static void
trust_list_free (gnutls_x509_trust_list_t list)
{
  gnutls_x509_trust_list_deinit (list, 0); /* the certificate belongs to Check */
}

static void
datum_clear (Datum *datum)
{
  gnutls_free (datum->data);
}

static void
check_clear (Check *check)
{
  for (unsigned i = 0; i < check->n_authorities; i++)
    gnutls_x509_crt_deinit (check->authorities[i]);
  gnutls_free (check->authorities);
  if (check->pkcs7 != NULL)
    gnutls_pkcs7_deinit (check->pkcs7);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_trust_list_t, trust_list_free, NULL)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Signer, gnutls_pkcs7_signature_info_deinit)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Datum, datum_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static time_t judged_at; /* what GnuTLS takes for the present */

static time_t
judged_time (time_t *out)
{
  if (out != NULL)
    *out = judged_at;
  return judged_at;
}

static gboolean
fail (GError **error, QfuError code, const char *why)
{
  g_set_error_literal (error, QFU_ERROR, (int)code, why);
  return FALSE;
}

/* Whether @crt is the certificate that @signer names by issuer and serial number. */
static gboolean
certificate_is_named (gnutls_x509_crt_t crt, const Signer *signer)
{
  g_auto (Datum) issuer = {NULL, 0};
  guint8 serial[QFU_SIGNATURE_SERIAL_MAX];
  gsize size = sizeof serial;

  return gnutls_x509_crt_get_serial (crt, serial, &size) == 0 && size > 0 &&
         size == signer->signer_serial.size &&
         memcmp (serial, signer->signer_serial.data, size) == 0 &&
         gnutls_x509_crt_get_raw_issuer_dn (crt, &issuer) == 0 &&
         issuer.size == signer->issuer_dn.size &&
         memcmp (issuer.data, signer->issuer_dn.data, issuer.size) == 0;
}

/* Whether @crt was issued by @authority, is in force and may sign. */
static Verdict
judge_certificate (gnutls_x509_crt_t crt, gnutls_x509_crt_t authority)
{
  g_auto (gnutls_x509_trust_list_t) list = NULL;
  unsigned status = 0;
  unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;

  if (gnutls_x509_trust_list_init (&list, 0) != 0 ||
      gnutls_x509_trust_list_add_cas (list, &authority, 1, 0) != 1 ||
      gnutls_x509_trust_list_verify_crt2 (list, &crt, 1, NULL, 0, STRENGTH, &status, NULL) != 0)
    return VERDICT_WRONG_AUTHORITY;
  if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
                 GNUTLS_CERT_SIGNATURE_FAILURE)) != 0)
    return VERDICT_WRONG_AUTHORITY;
  if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0)
    return VERDICT_WEAK;
  if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
    return VERDICT_NOT_YET;
  if ((status & GNUTLS_CERT_EXPIRED) != 0)
    return VERDICT_EXPIRED;
  (void)gnutls_x509_crt_get_key_usage (crt, &usage, NULL); /* none: for everything */
  if (status != 0 || (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
    return VERDICT_WRONG_AUTHORITY;
  return VERDICT_GOOD;
}

static gboolean
emit_signature (gnutls_x509_crt_t crt,
                gnutls_x509_crt_t authority,
                gint64 time,
                const QfuParseSink *sink,
                GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIGNATURE);
  g_auto (Datum) issuer = {NULL, 0};
  g_auto (Datum) subject = {NULL, 0};
  guint8 serial[QFU_SIGNATURE_SERIAL_MAX];
  gsize size = sizeof serial;

  if (gnutls_x509_crt_get_dn2 (authority, &issuer) != 0 ||
      gnutls_x509_crt_get_dn2 (crt, &subject) != 0 ||
      gnutls_x509_crt_get_serial (crt, serial, &size) != 0)
    return fail (error, QFU_ERROR_FORMAT, "a certificate without names or serial number");
  qfu_message_add_number (message, QFU_FIELD_STATUS, 0);
  qfu_message_add_text (message, QFU_FIELD_AUTHORITY, (const char *)issuer.data);
  qfu_message_add_text (message, QFU_FIELD_SUBJECT, (const char *)subject.data);
  qfu_message_add_bytes (message, QFU_FIELD_SERIAL, serial, size);
  qfu_message_add_number (message, QFU_FIELD_TIME, (guint64)time);
  return qfu_parse_emit (sink, message, error);
}

/* Judges the @index-th certificate of the structure as the one that made @signer's signature. */
static Verdict
judge_candidate (const Check *check,
                 unsigned index,
                 const Signer *signer,
                 int signer_index,
                 gnutls_x509_crt_t crt,
                 gnutls_x509_crt_t *authority)
{
  g_auto (Datum) der = {NULL, 0};
  Verdict best = VERDICT_NO_CERTIFICATE;

  if (gnutls_pkcs7_get_crt_raw2 (check->pkcs7, (int)index, &der) != 0 ||
      gnutls_x509_crt_import (crt, &der, GNUTLS_X509_FMT_DER) != 0 ||
      !certificate_is_named (crt, signer))
    return VERDICT_NO_CERTIFICATE;
  for (unsigned i = 0; i < check->n_authorities && best != VERDICT_GOOD; i++) {
    Verdict verdict = judge_certificate (crt, check->authorities[i]);

    best = MAX (best, verdict);
    *authority = check->authorities[i];
  }
  if (best == VERDICT_GOOD && gnutls_pkcs7_verify_direct (check->pkcs7, crt, (unsigned)signer_index,
                                                          &check->data, STRENGTH) != 0)
    return VERDICT_BROKEN;
  return best;
}

/* Judges one signature; a good one is emitted. */
static Verdict
judge_signer (const Check *check, int index, const QfuParseSink *sink, GError **error)
{
  g_auto (Signer) signer = {0};
  int n_certificates = gnutls_pkcs7_get_crt_count (check->pkcs7);
  Verdict best = VERDICT_NO_CERTIFICATE;
  gint64 signing_time;

  if (gnutls_pkcs7_get_signature_info (check->pkcs7, (unsigned)index, &signer) != 0)
    return VERDICT_UNKNOWN_ALGORITHM;
  if (!gnutls_sign_is_secure2 (signer.algo, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS))
    return VERDICT_WEAK;
  signing_time = MAX ((gint64)signer.signing_time, 0);
  if (check->at_signing_time && signing_time == 0)
    return VERDICT_NO_TIME;
  judged_at = check->at_signing_time ? (time_t)signing_time : (time_t)check->now;
  for (int i = 0; i < MIN (n_certificates, QFU_SIGNATURE_CERTIFICATES_MAX); i++) {
    g_auto (gnutls_x509_crt_t) crt = NULL;
    gnutls_x509_crt_t authority = NULL;
    Verdict verdict;

    if (gnutls_x509_crt_init (&crt) != 0)
      continue;
    verdict = judge_candidate (check, (unsigned)i, &signer, index, crt, &authority);
    best = MAX (best, verdict);
    if (verdict == VERDICT_GOOD) {
      (void)emit_signature (crt, authority, signing_time, sink, error);
      break;
    }
  }
  return best;
}

static gboolean
load (Check *check, const QfuParseInput *inputs, GError **error)
{
  Datum pkcs7 = {(guint8 *)inputs[1].data, (unsigned)inputs[1].size};
  Datum pem = {(guint8 *)inputs[2].data, (unsigned)inputs[2].size};
  gboolean is_pem = inputs[1].size > 0 && inputs[1].data[0] == '-';

  if (inputs[0].size > QFU_SIGNATURE_DATA_MAX || inputs[1].size > QFU_SIGNATURE_PKCS7_MAX ||
      inputs[2].size > QFU_KEYS_SIZE_MAX)
    return fail (error, QFU_ERROR_LIMIT, "the data, the signature or the authorities are too long");
  check->data = (Datum){(guint8 *)inputs[0].data, (unsigned)inputs[0].size};
  if (inputs[0].size == 0 || inputs[1].size == 0)
    return fail (error, QFU_ERROR_SIGNATURE, "the data or the signature is empty");
  if (inputs[2].size == 0 ||
      gnutls_x509_crt_list_import2 (&check->authorities, &check->n_authorities, &pem,
                                    GNUTLS_X509_FMT_PEM, 0) < 0)
    return fail (error, QFU_ERROR_FORMAT, "the authorities are no list of PEM certificates");
  if (check->n_authorities > QFU_KEYS_COUNT_MAX)
    return fail (error, QFU_ERROR_LIMIT, "there are more than 64 authorities");
  if (gnutls_pkcs7_init (&check->pkcs7) != 0 ||
      gnutls_pkcs7_import (check->pkcs7, &pkcs7,
                           is_pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER) != 0)
    return fail (error, QFU_ERROR_SIGNATURE, "the signature is no PKCS#7 structure");
  return TRUE;
}

void
qfu_parse_signature_warm_up (void)
{
  if (gnutls_global_init () != GNUTLS_E_SUCCESS)
    g_error ("GnuTLS does not start");
}

gboolean
qfu_parse_signature (const QfuMessage *arguments,
                     const QfuParseInput *inputs,
                     gsize n_inputs,
                     const QfuParseSink *sink,
                     GError **error)
{
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0);
  Verdict best = VERDICT_NO_CERTIFICATE;
  g_auto (Check) check = {0};
  g_autoptr (GError) local = NULL;
  int n_signers;

  check.now =
      (gint64)qfu_message_number_or (arguments, QFU_FIELD_TIME, 0, QFU_SIGNATURE_TIME_MAX, 0);
  check.at_signing_time = (flags & QFU_SIGNATURE_AT_SIGNING_TIME) != 0;
  if (check.now == 0 && !check.at_signing_time)
    return fail (error, QFU_ERROR_FORMAT, "there is no time to judge by");
  if (!load (&check, inputs, error))
    return FALSE;
  n_signers = gnutls_pkcs7_get_signature_count (check.pkcs7);
  if (n_signers > QFU_SIGNATURE_SIGNERS_MAX)
    return fail (error, QFU_ERROR_LIMIT, "the signature has more than 8 signers");
  gnutls_global_set_time_function (judged_time);
  for (int i = 0; i < n_signers && best != VERDICT_GOOD; i++) {
    Verdict verdict = judge_signer (&check, i, sink, &local);

    best = MAX (best, verdict);
  }
  gnutls_global_set_time_function (time);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  return best == VERDICT_GOOD || fail (error, verdicts[best].code, verdicts[best].text);
}
