/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is this a good signature over these bytes by one of these authorities? Whoever breaks this file
 * breaks every signature check; so it does nothing else, and names GnuTLS only.
 *
 * The certificate that signed must have been issued by an authority directly; what is reported is
 * read from exactly the certificate that verified. */
#include "qfu-error.h"
#include "qfu-gnutls.h"
#include "qfu-parse.h"

#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <time.h>

#define STRENGTH GNUTLS_PROFILE_TO_VFLAGS (GNUTLS_PROFILE_MEDIUM) /* 112 bits, no SHA-1 */
/* time is judged with the certificate, so that a signature out of its time is told from a broken
 * one */
#define WITHOUT_TIME                                                                               \
  (STRENGTH | GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS)

typedef gnutls_pkcs7_signature_info_st Signer;
/* A verdict and the SIGNATURE that tells it; %NULL: there is nothing to it but the number. */
typedef struct {
  QfuSignatureVerdict verdict;
  QfuMessage *message;
} Finding;

typedef struct {
  gnutls_pkcs7_t pkcs7;
  gnutls_x509_crt_t *authorities;
  unsigned n_authorities;
  QfuDatum data;
  gint64 now;
  gboolean at_signing_time;
} Check;

static void
trust_list_free (gnutls_x509_trust_list_t list)
{
  gnutls_x509_trust_list_deinit (list, 0); /* the certificate belongs to Check */
}

static void
finding_clear (Finding *finding)
{
  qfu_message_free (finding->message);
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
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Finding, finding_clear)

static time_t judged_at; /* what GnuTLS takes for the present */

static time_t
judged_time (time_t *out)
{
  if (out != NULL)
    *out = judged_at;
  return judged_at;
}

/* Whether @crt is the certificate that @signer names by issuer and serial number. */
static gboolean
certificate_is_named (gnutls_x509_crt_t crt, const Signer *signer)
{
  g_auto (QfuDatum) issuer = {NULL, 0};
  guint8 serial[QFU_SIGNATURE_SERIAL_MAX];
  gsize size = sizeof serial;

  return gnutls_x509_crt_get_serial (crt, serial, &size) == 0 && size > 0 &&
         size == signer->signer_serial.size &&
         memcmp (serial, signer->signer_serial.data, size) == 0 &&
         gnutls_x509_crt_get_raw_issuer_dn (crt, &issuer) == 0 &&
         issuer.size == signer->issuer_dn.size &&
         memcmp (issuer.data, signer->issuer_dn.data, issuer.size) == 0;
}

/* Whether @crt was issued by @authority, may sign, and is in force. */
static QfuSignatureVerdict
judge_certificate (gnutls_x509_crt_t crt, gnutls_x509_crt_t authority)
{
  g_auto (gnutls_x509_trust_list_t) list = NULL;
  unsigned status = 0;
  unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;

  if (gnutls_x509_trust_list_init (&list, 0) != 0 ||
      gnutls_x509_trust_list_add_cas (list, &authority, 1, 0) != 1 ||
      gnutls_x509_trust_list_verify_crt2 (list, &crt, 1, NULL, 0, STRENGTH, &status, NULL) != 0)
    return QFU_VERDICT_WRONG_AUTHORITY;
  (void)gnutls_x509_crt_get_key_usage (crt, &usage, NULL); /* none: for everything */
  if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
                 GNUTLS_CERT_SIGNATURE_FAILURE)) != 0 ||
      (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
    return QFU_VERDICT_WRONG_AUTHORITY;
  if ((status & GNUTLS_CERT_INSECURE_ALGORITHM) != 0)
    return QFU_VERDICT_WEAK;
  if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
    return QFU_VERDICT_NOT_YET;
  if ((status & GNUTLS_CERT_EXPIRED) != 0)
    return QFU_VERDICT_EXPIRED;
  return status == 0 ? QFU_VERDICT_GOOD : QFU_VERDICT_WRONG_AUTHORITY;
}

/* Says whose signature it is. Only of one that holds: all else would be anybody's word. */
static gboolean
describe (QfuMessage *message,
          gnutls_x509_crt_t crt,
          gnutls_x509_crt_t authority,
          const Signer *signer)
{
  g_auto (QfuDatum) issuer = {NULL, 0};
  g_auto (QfuDatum) subject = {NULL, 0};
  const char *algorithm = gnutls_sign_get_name (signer->algo);
  gint64 from = MAX (gnutls_x509_crt_get_activation_time (crt),
                     gnutls_x509_crt_get_activation_time (authority));
  gint64 to = MIN (gnutls_x509_crt_get_expiration_time (crt),
                   gnutls_x509_crt_get_expiration_time (authority));

  if (gnutls_x509_crt_get_dn2 (authority, &issuer) != 0 ||
      gnutls_x509_crt_get_dn2 (crt, &subject) != 0 || algorithm == NULL)
    return FALSE;
  qfu_message_add_text (message, QFU_FIELD_AUTHORITY, (const char *)issuer.data);
  qfu_message_add_text (message, QFU_FIELD_SUBJECT, (const char *)subject.data);
  qfu_message_add_bytes (message, QFU_FIELD_SERIAL, signer->signer_serial.data,
                         signer->signer_serial.size);
  qfu_message_add_text (message, QFU_FIELD_ALGORITHM, algorithm);
  qfu_message_add_number (message, QFU_FIELD_TIME, (guint64)MAX ((gint64)signer->signing_time, 0));
  qfu_message_add_number (message, QFU_FIELD_NOT_BEFORE, (guint64)MAX (from, 0));
  qfu_message_add_number (message, QFU_FIELD_NOT_AFTER, (guint64)MAX (to, 0));
  return TRUE;
}

static QfuMessage *
message_of (QfuSignatureVerdict verdict)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SIGNATURE);

  qfu_message_add_number (message, QFU_FIELD_STATUS, verdict);
  return message;
}

/* Judges the @nth certificate of the structure as the one that made @signer's signature. @best: the
 * most that could be said up to now. */
static void
judge_candidate (const Check *check, int nth, const Signer *signer, unsigned index, Finding *best)
{
  g_auto (QfuDatum) der = {NULL, 0};
  g_auto (gnutls_x509_crt_t) crt = NULL;

  if (gnutls_x509_crt_init (&crt) != 0 ||
      gnutls_pkcs7_get_crt_raw2 (check->pkcs7, nth, &der) != 0 ||
      gnutls_x509_crt_import (crt, &der, GNUTLS_X509_FMT_DER) != 0 ||
      !certificate_is_named (crt, signer))
    return;
  for (unsigned i = 0; i < check->n_authorities && best->verdict != QFU_VERDICT_GOOD; i++) {
    QfuSignatureVerdict verdict = judge_certificate (crt, check->authorities[i]);
    g_autoptr (QfuMessage) message = NULL;

    if (verdict <= QFU_VERDICT_NOT_YET &&
        gnutls_pkcs7_verify_direct (check->pkcs7, crt, index, &check->data, WITHOUT_TIME) != 0)
      verdict = QFU_VERDICT_BROKEN;
    message = message_of (verdict);
    if (verdict >= best->verdict ||
        (verdict <= QFU_VERDICT_NOT_YET && !describe (message, crt, check->authorities[i], signer)))
      continue;
    qfu_message_free (best->message);
    *best = (Finding){verdict, g_steal_pointer (&message)};
  }
}

/* A library can know an algorithm by its name and not have it: GnuTLS 3.8 without a library for
 * ML-DSA, which then calls it insecure. */
static gboolean
is_available (gnutls_sign_algorithm_t algorithm)
{
  const gnutls_sign_algorithm_t *known = gnutls_sign_list ();

  while (*known != GNUTLS_SIGN_UNKNOWN && *known != algorithm)
    known++;
  return *known != GNUTLS_SIGN_UNKNOWN;
}

/* Judges one signature. */
static void
judge_signer (const Check *check, unsigned index, Finding *best)
{
  g_auto (Signer) signer = {0};
  int n_certificates = gnutls_pkcs7_get_crt_count (check->pkcs7);
  int rc = gnutls_pkcs7_get_signature_info (check->pkcs7, index, &signer);
  gint64 signing_time = MAX ((gint64)signer.signing_time, 0);
  gboolean known =
      rc == 0 ? is_available (signer.algo)
              : rc != GNUTLS_E_UNKNOWN_ALGORITHM && rc != GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;

  if (!known)
    best->verdict = QFU_VERDICT_UNKNOWN_ALGORITHM;
  else if (rc != 0)
    best->verdict = QFU_VERDICT_BROKEN;
  else if (!gnutls_sign_is_secure2 (signer.algo, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS))
    best->verdict = QFU_VERDICT_WEAK;
  else if (check->at_signing_time && signing_time == 0)
    best->verdict = QFU_VERDICT_NO_TIME;
  if (best->verdict != QFU_VERDICT_NO_CERTIFICATE)
    return;
  judged_at = (time_t)(check->at_signing_time ? signing_time : check->now);
  for (int i = 0; i < n_certificates; i++)
    judge_candidate (check, i, &signer, index, best);
}

static gboolean
load (Check *check, const QfuParseInput *inputs, GError **error)
{
  QfuDatum pem = {(guint8 *)inputs[2].data, (unsigned)inputs[2].size};

  if (inputs[0].size > QFU_SIGNATURE_DATA_MAX || inputs[1].size > QFU_SIGNATURE_PKCS7_MAX ||
      inputs[2].size > QFU_KEYS_SIZE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT,
                          "the data, the signature or the authorities are too long");
  check->data = (QfuDatum){(guint8 *)inputs[0].data, (unsigned)inputs[0].size};
  if (inputs[2].size == 0 ||
      gnutls_x509_crt_list_import2 (&check->authorities, &check->n_authorities, &pem,
                                    GNUTLS_X509_FMT_PEM, 0) < 0)
    return qfu_error_set (error, QFU_ERROR_FORMAT,
                          "the authorities are no list of PEM certificates");
  if (check->n_authorities > QFU_KEYS_COUNT_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "there are more than 64 authorities");
  return TRUE;
}

/* How many signers there are; 0 when there is nothing to judge. */
static int
read_pkcs7 (Check *check, const QfuParseInput *input)
{
  QfuDatum pkcs7 = {(guint8 *)input->data, (unsigned)input->size};
  gboolean is_pem = input->size > 0 && input->data[0] == '-';

  /* GnuTLS takes empty data for that which the structure carries itself */
  if (check->data.size == 0 || pkcs7.size == 0 || gnutls_pkcs7_init (&check->pkcs7) != 0 ||
      gnutls_pkcs7_import (check->pkcs7, &pkcs7,
                           is_pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER) != 0)
    return 0;
  return gnutls_pkcs7_get_signature_count (check->pkcs7);
}

void
qfu_parse_signature_warm_up (void)
{
  if (gnutls_global_init () != GNUTLS_E_SUCCESS)
    g_error ("GnuTLS does not start");
}

/* One SIGNATURE for each signer; one for the whole when there is none. */
gboolean
qfu_parse_signature (const QfuMessage *arguments,
                     const QfuParseInput *inputs,
                     gsize n_inputs,
                     const QfuParseSink *sink,
                     GError **error)
{
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0);
  g_auto (Check) check = {0};
  gboolean ok = TRUE;
  int n_signers;

  check.now =
      (gint64)qfu_message_number_or (arguments, QFU_FIELD_TIME, 0, QFU_SIGNATURE_TIME_MAX, 0);
  check.at_signing_time = (flags & QFU_SIGNATURE_AT_SIGNING_TIME) != 0;
  if (check.now == 0 && !check.at_signing_time)
    return qfu_error_set (error, QFU_ERROR_FORMAT, "there is no time to judge by");
  if (!load (&check, inputs, error))
    return FALSE;
  n_signers = read_pkcs7 (&check, &inputs[1]);
  if (n_signers > QFU_SIGNATURE_SIGNERS_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the signature has more than 8 signers");
  if (n_signers > 0 && gnutls_pkcs7_get_crt_count (check.pkcs7) > QFU_SIGNATURE_CERTIFICATES_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT,
                          "the signature comes with more than 16 certificates");
  gnutls_global_set_time_function (judged_time);
  for (int i = 0; i < MAX (n_signers, 1) && ok; i++) {
    g_auto (Finding)
        best = {n_signers <= 0 ? QFU_VERDICT_BROKEN : QFU_VERDICT_NO_CERTIFICATE, NULL};

    if (n_signers > 0)
      judge_signer (&check, (unsigned)i, &best);
    if (best.message == NULL)
      best.message = message_of (best.verdict);
    ok = qfu_parse_emit (sink, best.message, error);
  }
  gnutls_global_set_time_function (time);
  return ok;
}
