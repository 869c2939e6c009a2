/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys that a machine wants to be known by: may its attestation key sign nothing but what the
 * TPM says, is its endorsement key of a manufacturer's template, and who vouches for that one? That
 * both are in one TPM is not to be seen here: a challenge finds that out. */
#include "qfu-error.h"
#include "qfu-gnutls.h"
#include "qfu-parse.h"
#include "qfu-tpmkey.h"

#include <gnutls/x509.h>
#include <string.h>
#include <time.h>
#include <tss2/tss2_mu.h>

#define STRENGTH GNUTLS_PROFILE_TO_VFLAGS (GNUTLS_PROFILE_MEDIUM) /* 112 bits, no SHA-1 */

typedef struct {
  gnutls_x509_crt_t crt;
  gnutls_x509_trust_list_t list;
} Chain;

static void
chain_clear (Chain *chain)
{
  if (chain->crt != NULL)
    gnutls_x509_crt_deinit (chain->crt);
  if (chain->list != NULL)
    gnutls_x509_trust_list_deinit (chain->list, 1);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

static time_t judged_at; /* what GnuTLS takes for the present */

static time_t
judged_time (time_t *out)
{
  if (out != NULL)
    *out = judged_at;
  return judged_at;
}

static gboolean
read_key (const QfuParseInput *input, TPMT_PUBLIC *key, const char *why, GError **error)
{
  TPM2B_PUBLIC public = {0};
  gsize offset = 0;

  if (input->size > QFU_TPM_PUBLIC_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "a key is larger than 1024 bytes");
  if (input->size == 0 ||
      Tss2_MU_TPM2B_PUBLIC_Unmarshal (input->data, input->size, &offset, &public) !=
          TSS2_RC_SUCCESS ||
      offset != input->size)
    return qfu_error_set (error, QFU_ERROR_FORMAT, why);
  *key = public.publicArea;
  return TRUE;
}

/* Some manufacturers fill the room in the TPM behind the certificate: its own length counts. */
static gsize
der_size (const QfuParseInput *input)
{
  const guint8 *data = input->data;

  if (input->size < 4 || data[0] != 0x30 || data[1] != 0x82)
    return input->size;
  return MIN (input->size, 4 + ((gsize)data[2] << 8 | data[3]));
}

/* Whether the certificate is for this very key. */
static gboolean
same_key (gnutls_x509_crt_t crt, const TPMT_PUBLIC *ek)
{
  g_auto (gnutls_pubkey_t) certified = NULL;
  g_auto (gnutls_pubkey_t) key = qfu_tpmkey_new (ek, NULL);
  g_auto (QfuDatum) mine = {NULL, 0};
  g_auto (QfuDatum) theirs = {NULL, 0};

  return key != NULL && gnutls_pubkey_init (&certified) == 0 &&
         gnutls_pubkey_import_x509 (certified, crt, 0) == 0 &&
         gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &mine) == 0 &&
         gnutls_pubkey_export2 (certified, GNUTLS_X509_FMT_DER, &theirs) == 0 &&
         mine.size == theirs.size && memcmp (mine.data, theirs.data, mine.size) == 0;
}

static QfuEnrolmentVerdict
judge_chain (Chain *chain, const QfuParseInput *authorities)
{
  const QfuDatum pem = {(guint8 *)authorities->data, (unsigned)authorities->size};
  unsigned status = 0;

  if (authorities->size == 0)
    return QFU_ENROLMENT_UNCHECKED;
  if (gnutls_x509_trust_list_init (&chain->list, 0) != 0 ||
      gnutls_x509_trust_list_add_trust_mem (chain->list, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0) <=
          0 ||
      gnutls_x509_trust_list_verify_crt2 (chain->list, &chain->crt, 1, NULL, 0, STRENGTH, &status,
                                          NULL) != 0)
    return QFU_ENROLMENT_AUTHORITY;
  if ((status & ~(GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED | GNUTLS_CERT_INVALID)) != 0)
    return QFU_ENROLMENT_AUTHORITY;
  return status == 0 ? QFU_ENROLMENT_GOOD : QFU_ENROLMENT_EXPIRED;
}

/* Says whose certificate it is; of one that is not accepted that is anybody's word. */
static void
describe (QfuMessage *message, gnutls_x509_crt_t crt)
{
  g_auto (QfuDatum) issuer = {NULL, 0};
  guint8 serial[QFU_SIGNATURE_SERIAL_MAX];
  gsize size = sizeof serial;

  if (gnutls_x509_crt_get_issuer_dn2 (crt, &issuer) == 0)
    qfu_message_add_text (message, QFU_FIELD_AUTHORITY, (const char *)issuer.data);
  if (gnutls_x509_crt_get_serial (crt, serial, &size) == 0)
    qfu_message_add_bytes (message, QFU_FIELD_SERIAL, serial, size);
}

static QfuEnrolmentVerdict
judge_certificate (const QfuParseInput *input,
                   const QfuParseInput *authorities,
                   const TPMT_PUBLIC *ek,
                   QfuMessage *message)
{
  const QfuDatum der = {(guint8 *)input->data, (unsigned)der_size (input)};
  g_auto (Chain) chain = {NULL, NULL};
  QfuEnrolmentVerdict verdict;

  if (input->size == 0)
    return QFU_ENROLMENT_NO_CERTIFICATE;
  if (gnutls_x509_crt_init (&chain.crt) != 0 ||
      gnutls_x509_crt_import (chain.crt, &der, GNUTLS_X509_FMT_DER) != 0)
    return QFU_ENROLMENT_UNREADABLE;
  if (!same_key (chain.crt, ek))
    return QFU_ENROLMENT_OTHER_KEY;
  verdict = judge_chain (&chain, authorities);
  describe (message, chain.crt);
  return verdict;
}

static QfuEnrolmentVerdict
judge (const TPMT_PUBLIC *ak,
       const TPMT_PUBLIC *ek,
       const QfuParseInput *inputs,
       QfuMessage *message)
{
  guint8 name[QFU_KEY_NAME_MAX];
  guint8 bytes[QFU_TPM_PUBLIC_MAX];
  gsize name_size = qfu_tpmkey_name (ak, name);
  guint kind = qfu_tpmkey_ek_kind (ek);
  gsize size;

  if (name_size == 0 || !qfu_tpmkey_attests (ak))
    return QFU_ENROLMENT_AK;
  qfu_message_add_bytes (message, QFU_FIELD_KEY_NAME, name, name_size);
  if (kind == 0 || !qfu_tpmkey_ek_bytes (ek, bytes, sizeof bytes, &size))
    return QFU_ENROLMENT_EK;
  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  qfu_message_add_bytes (message, QFU_FIELD_KEY, bytes, size);
  return judge_certificate (&inputs[2], &inputs[3], ek, message);
}

/* Inputs: attestation key, endorsement key, its certificate or nothing, authorities or nothing. */
gboolean
qfu_parse_enrolment (const QfuMessage *arguments,
                     const QfuParseInput *inputs,
                     gsize n_inputs,
                     const QfuParseSink *sink,
                     GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ENROLMENT);
  QfuEnrolmentVerdict verdict;
  TPMT_PUBLIC ak;
  TPMT_PUBLIC ek;

  if (inputs[2].size > QFU_EK_CERTIFICATE_MAX || inputs[3].size > QFU_KEYS_SIZE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT,
                          "the certificate or the authorities are too long");
  if (!read_key (&inputs[0], &ak, "the attestation key is no TPM2B_PUBLIC", error) ||
      !read_key (&inputs[1], &ek, "the endorsement key is no TPM2B_PUBLIC", error))
    return FALSE;
  judged_at =
      (time_t)qfu_message_number_or (arguments, QFU_FIELD_TIME, 0, QFU_SIGNATURE_TIME_MAX, 0);
  gnutls_global_set_time_function (judged_time);
  verdict = judge (&ak, &ek, inputs, message);
  gnutls_global_set_time_function (time);
  qfu_message_add_number (message, QFU_FIELD_STATUS, verdict);
  return qfu_parse_emit (sink, message, error);
}
