/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-signature.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-postquantum.h"
#include "qfu-verdict.h"
#include "qfu-worker.h"

#include <string.h>

struct _QfuSignature {
  QfuVerdict *verdict;
  char *item_id;
  GBytes *pkcs7;
  QfuDigest sha256;
  guint unknown;
};

/* What was found out about the signatures of one item. */
typedef struct {
  QfuSignature *good; /* the one made last */
  QfuVerdict *bad;    /* the one that says most */
  GError *failure;    /* a blob that could not be judged at all */
  guint unknown;
  gboolean post_quantum; /* a good one of such an algorithm */
} Finding;

/* One question to qfu_signature_verify(), as it goes down to the worker. */
typedef struct {
  const QfuConfig *config;
  const QfuUntrustedBlob *data;
  const QfuSignaturePolicy *policy;
} Question;

void
qfu_signature_free (QfuSignature *signature)
{
  if (signature == NULL)
    return;
  qfu_verdict_free (signature->verdict);
  g_free (signature->item_id);
  g_clear_pointer (&signature->pkcs7, g_bytes_unref);
  g_free (signature);
}

const char *
qfu_signature_authority (const QfuSignature *signature)
{
  return signature->verdict->authority;
}

const char *
qfu_signature_subject (const QfuSignature *signature)
{
  return signature->verdict->subject;
}

const char *
qfu_signature_serial (const QfuSignature *signature)
{
  return signature->verdict->serial;
}

gboolean
qfu_signature_same_signer (const QfuSignature *a, const QfuSignature *b)
{
  return strcmp (qfu_signature_serial (a), qfu_signature_serial (b)) == 0 &&
         strcmp (qfu_signature_authority (a), qfu_signature_authority (b)) == 0;
}

gint64
qfu_signature_time (const QfuSignature *signature)
{
  return signature->verdict->time;
}

gint64
qfu_signature_not_after (const QfuSignature *signature)
{
  return signature->verdict->not_after;
}

const char *
qfu_signature_item_id (const QfuSignature *signature)
{
  return signature->item_id;
}

GBytes *
qfu_signature_pkcs7 (const QfuSignature *signature)
{
  return signature->pkcs7;
}

const QfuDigest *
qfu_signature_sha256 (const QfuSignature *signature)
{
  return &signature->sha256;
}

guint
qfu_signature_unknown (const QfuSignature *signature)
{
  return signature->unknown;
}

static void
finding_clear (Finding *finding)
{
  qfu_signature_free (finding->good);
  qfu_verdict_free (finding->bad);
  g_clear_error (&finding->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Finding, finding_clear)

/* The certificate's dates are a number each: compared once more where no library is at work. */
static gboolean
dates_agree (const Question *question, const QfuVerdict *verdict)
{
  gboolean then = question->policy->when == QFU_SIGNATURE_VALID_WHEN_SIGNED;
  gint64 judged = then ? verdict->time : question->policy->now;

  return verdict->status != QFU_VERDICT_GOOD ||
         (judged >= verdict->not_before && judged <= verdict->not_after);
}

static gboolean
add_verdict (const Question *question,
             GPtrArray *verdicts,
             const QfuMessage *message,
             GError **error)
{
  g_autoptr (QfuVerdict) verdict = NULL;

  if (qfu_message_type (message) != QFU_FRAME_SIGNATURE ||
      verdicts->len == QFU_SIGNATURE_SIGNERS_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for signature sent something else than up to 8 SIGNATURE");
    return FALSE;
  }
  verdict = qfu_verdict_new (question->config, message, error);
  if (verdict == NULL)
    return FALSE;
  if (!dates_agree (question, verdict)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for signature takes a certificate that is not in force");
    return FALSE;
  }
  g_ptr_array_add (verdicts, g_steal_pointer (&verdict));
  return TRUE;
}

/* Asks a worker of its own about one PKCS#7 blob. */
static GPtrArray *
ask_worker (const Question *question, GBytes *pkcs7, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_new (pkcs7, g_bytes_get_size (pkcs7), error);
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  const QfuUntrustedBlob *inputs[] = {question->data, blob, question->policy->keys};
  g_autoptr (GPtrArray) verdicts =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_verdict_free);
  g_autoptr (QfuProcess) worker = NULL;

  if (blob == NULL)
    return NULL;
  qfu_message_add_number (arguments, QFU_FIELD_TIME, (guint64)question->policy->now);
  if (question->policy->when == QFU_SIGNATURE_VALID_WHEN_SIGNED)
    qfu_message_add_number (arguments, QFU_FIELD_FLAGS, QFU_SIGNATURE_AT_SIGNING_TIME);
  worker = qfu_worker_start (question->config, QFU_OP_SIGNATURE, arguments, inputs,
                             G_N_ELEMENTS (inputs), error);
  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return NULL;
    if (message == NULL && verdicts->len > 0)
      return g_steal_pointer (&verdicts);
    if (message == NULL) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                           "the worker for signature said nothing");
      return NULL;
    }
    if (!add_verdict (question, verdicts, message, error))
      return NULL;
  }
  return NULL;
}

static gboolean
checksum_matches (const Question *question, const QfuJcatBlob *blob, GError **error)
{
  QfuHash hash = blob->kind == QFU_JCAT_SHA256 ? QFU_HASH_SHA256 : QFU_HASH_SHA512;
  gsize size;
  const char *untrusted_hex = g_bytes_get_data (blob->data, &size);
  /* of no bytes there is no address */
  g_autofree char *hex = g_strndup (size == 0 ? "" : untrusted_hex, size);
  QfuDigest claimed, actual;

  if (!qfu_digest_from_hex (&claimed, hash, hex)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "its %s in the jcat file is no checksum",
                 qfu_hash_name (hash));
    return FALSE;
  }
  if (!qfu_untrusted_blob_hash_range (question->data, hash, 0,
                                      qfu_untrusted_blob_size (question->data), &actual, error))
    return FALSE;
  if (!qfu_digest_equal (&claimed, &actual)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "its %s is not the one in the jcat file",
                 qfu_hash_name (hash));
    return FALSE;
  }
  return TRUE;
}

/* At least one checksum that is strong enough, and none that is wrong. */
static gboolean
check_checksums (const Question *question, const QfuJcatItem *item, GError **error)
{
  guint good = 0;

  for (guint i = 0; i < item->blobs->len; i++) {
    const QfuJcatBlob *blob = &g_array_index (item->blobs, QfuJcatBlob, i);

    if (blob->kind != QFU_JCAT_SHA256 && blob->kind != QFU_JCAT_SHA512)
      continue;
    if (!checksum_matches (question, blob, error))
      return FALSE;
    good++;
  }
  if (good > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                       "the jcat file has no sha256 or sha512 for it");
  return FALSE;
}

/* PEM is text: bytes that a text does not have would be carried on to fwupd. DER starts otherwise.
 */
static gboolean
check_shape (const QfuJcatBlob *blob, GError **error)
{
  gsize size;
  const char *untrusted_data = g_bytes_get_data (blob->data, &size);

  for (gsize i = 0; i < size && untrusted_data[0] == '-'; i++) {
    if (!g_ascii_isprint (untrusted_data[i]) && !g_ascii_isspace (untrusted_data[i])) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "the signature is no PEM text");
      return FALSE;
    }
  }
  return TRUE;
}

static void
take_verdict (Finding *finding, QfuVerdict *verdict, GBytes *pkcs7)
{
  finding->unknown += verdict->status == QFU_VERDICT_UNKNOWN_ALGORITHM;
  if (!qfu_verdict_good (verdict)) {
    gboolean better = qfu_verdict_says_less (finding->bad, verdict);

    qfu_verdict_free (better ? finding->bad : verdict);
    finding->bad = better ? verdict : finding->bad;
    return;
  }
  finding->post_quantum |= qfu_postquantum_is (verdict->algorithm);
  if (finding->good != NULL && finding->good->verdict->time >= verdict->time) {
    qfu_verdict_free (verdict);
    return;
  }
  qfu_signature_free (finding->good);
  finding->good = g_new0 (QfuSignature, 1);
  finding->good->verdict = verdict;
  finding->good->pkcs7 = g_bytes_ref (pkcs7);
}

/* A blob that cannot be judged, be it that it kills its worker, is one that does not count. */
static void
judge_blob (const Question *question, const QfuJcatBlob *blob, Finding *finding)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) verdicts = NULL;

  if (check_shape (blob, &local))
    verdicts = ask_worker (question, blob->data, &local);
  while (verdicts != NULL && verdicts->len > 0)
    take_verdict (finding, g_ptr_array_steal_index (verdicts, 0), blob->data);
  if (local != NULL && finding->failure == NULL)
    finding->failure = g_steal_pointer (&local);
}

static void
explain (const Question *question, Finding *finding, GError **error)
{
  gboolean now = question->policy->when == QFU_SIGNATURE_VALID_NOW;

  if (finding->failure != NULL &&
      (finding->bad == NULL || finding->bad->status >= QFU_VERDICT_UNKNOWN_ALGORITHM))
    g_propagate_error (error, g_steal_pointer (&finding->failure));
  else if (finding->bad != NULL)
    qfu_verdict_error (finding->bad, now ? question->policy->now : 0, error);
  else
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                         "the jcat file has no PKCS#7 signature for it");
}

static QfuSignature *
find_signature (const Question *question, const QfuJcatItem *item, GError **error)
{
  g_auto (Finding) finding = {0};

  for (guint i = 0; i < item->blobs->len; i++) {
    const QfuJcatBlob *blob = &g_array_index (item->blobs, QfuJcatBlob, i);

    if (blob->kind == QFU_JCAT_PKCS7)
      judge_blob (question, blob, &finding);
  }
  if (finding.good == NULL) {
    explain (question, &finding, error);
    return NULL;
  }
  if (question->config->require_post_quantum && !finding.post_quantum) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                         "no good signature is of a post-quantum algorithm, and [Trust] "
                         "RequirePostQuantum=true demands one");
    return NULL;
  }
  finding.good->unknown = finding.unknown;
  return g_steal_pointer (&finding.good);
}

static QfuSignature *
verify_item (const Question *question, const QfuJcatItem *item, GError **error)
{
  g_autoptr (QfuSignature) signature = NULL;

  if (!check_checksums (question, item, error))
    return NULL;
  signature = find_signature (question, item, error);
  if (signature == NULL)
    return NULL;
  signature->item_id = g_strdup (item->id);
  signature->sha256 = *qfu_untrusted_blob_sha256 (question->data);
  return g_steal_pointer (&signature);
}

QfuSignature *
qfu_signature_verify (const QfuConfig *config,
                      const QfuJcat *jcat,
                      const char *name,
                      const QfuUntrustedBlob *data,
                      const QfuSignaturePolicy *policy,
                      GError **error)
{
  Question question = {config, data, policy};
  g_autoptr (GError) reason = NULL;

  if (config->require_post_quantum && !qfu_postquantum_known ()) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "%s: [Trust] RequirePostQuantum=true is set, but %s cannot check post-quantum "
                 "signatures: nothing is accepted until it is false, or the library is a later one",
                 name, qfu_postquantum_library ());
    return NULL;
  }
  for (guint i = 0; i < qfu_jcat_size (jcat); i++) {
    const QfuJcatItem *item = qfu_jcat_item (jcat, i);
    QfuSignature *signature;

    if (!qfu_jcat_item_is (item, name))
      continue;
    g_clear_error (&reason);
    signature = verify_item (&question, item, &reason);
    if (signature != NULL)
      return signature;
  }
  if (reason == NULL)
    g_set_error_literal (&reason, QFU_ERROR, QFU_ERROR_NOT_FOUND, "the jcat file does not list it");
  g_prefix_error (&reason, "%s: ", name);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}
