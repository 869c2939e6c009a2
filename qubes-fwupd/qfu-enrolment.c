/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-enrolment.h"

#include "qfu-error.h"
#include "qfu-worker.h"

void
qfu_enrolment_free (QfuEnrolment *enrolment)
{
  if (enrolment == NULL)
    return;
  g_clear_pointer (&enrolment->key_name, g_bytes_unref);
  g_clear_pointer (&enrolment->key, g_bytes_unref);
  g_free (enrolment->authority);
  g_free (enrolment->serial);
  g_free (enrolment);
}

static gboolean
protocol (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "the worker for enrolment sent something else than one ENROLMENT");
  return FALSE;
}

static gboolean
explain (guint64 verdict, GError **error)
{
  static const char *const words[] = {
      [QFU_ENROLMENT_AK] = "the attestation key is not restricted to what the TPM itself says, or "
                           "can leave the TPM",
      [QFU_ENROLMENT_EK] = "the endorsement key is of none of the TCG's templates L-1 (RSA 2048) "
                           "and L-2 (P-256)",
      [QFU_ENROLMENT_OTHER_KEY] = "the certificate is for another endorsement key",
      [QFU_ENROLMENT_EXPIRED] = "the endorsement key's certificate is not in force",
      [QFU_ENROLMENT_AUTHORITY] = "none of the authorities of --ek-ca has issued the endorsement "
                                  "key's certificate",
      [QFU_ENROLMENT_UNREADABLE] = "the endorsement key's certificate cannot be read",
  };

  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, words[verdict]);
  return FALSE;
}

/* (transfer full) (nullable): a field. */
static GBytes *
bytes_of (const QfuMessage *message, QfuField field)
{
  gsize size;
  const guint8 *bytes = qfu_message_bytes (message, field, 0, &size);

  return bytes == NULL ? NULL : g_bytes_new (bytes, size);
}

static char *
serial_of (const QfuMessage *message)
{
  gsize size;
  const guint8 *bytes = qfu_message_bytes (message, QFU_FIELD_SERIAL, 0, &size);
  GString *hex = bytes == NULL ? NULL : g_string_new (NULL);

  for (gsize i = 0; hex != NULL && i < size; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return hex == NULL ? NULL : g_string_free (hex, FALSE);
}

static QfuEnrolment *
take (const QfuMessage *message, GError **error)
{
  g_autoptr (QfuEnrolment) out = g_new0 (QfuEnrolment, 1);
  guint64 verdict;
  guint64 kind;

  if (qfu_message_type (message) != QFU_FRAME_ENROLMENT) {
    protocol (error);
    return NULL;
  }
  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, QFU_ENROLMENT_LAST, &verdict, error))
    return NULL;
  if (verdict > QFU_ENROLMENT_NO_CERTIFICATE) {
    explain (verdict, error);
    return NULL;
  }
  if (!qfu_message_number (message, QFU_FIELD_KIND, 1, QFU_EK_LAST, &kind, error))
    return NULL;
  out->verdict = (QfuEnrolmentVerdict)verdict;
  out->kind = (QfuEkTemplate)kind;
  out->key_name = bytes_of (message, QFU_FIELD_KEY_NAME);
  out->key = bytes_of (message, QFU_FIELD_KEY);
  out->authority = g_strdup (qfu_message_text (message, QFU_FIELD_AUTHORITY, 0));
  out->serial = serial_of (message);
  if (out->key_name == NULL || out->key == NULL) {
    protocol (error);
    return NULL;
  }
  return g_steal_pointer (&out);
}

QfuEnrolment *
qfu_enrolment_read (const QfuConfig *config,
                    const QfuEnrolmentFiles *files,
                    gint64 now,
                    GError **error)
{
  const QfuUntrustedBlob *inputs[] = {files->attestation_key, files->endorsement_key,
                                      files->certificate, files->authorities};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuProcess) worker = NULL;
  g_autoptr (QfuMessage) frame = NULL;
  g_autoptr (QfuMessage) end = NULL;
  g_autoptr (QfuEnrolment) out = NULL;

  qfu_message_add_number (arguments, QFU_FIELD_TIME, (guint64)MAX (now, 0));
  worker =
      qfu_worker_start (config, QFU_OP_ENROLMENT, arguments, inputs, G_N_ELEMENTS (inputs), error);
  if (worker == NULL || !qfu_process_next (worker, &frame, error))
    return NULL;
  if (frame == NULL) {
    protocol (error);
    return NULL;
  }
  out = take (frame, error);
  if (out == NULL || !qfu_process_next (worker, &end, error))
    return NULL;
  if (end != NULL) {
    protocol (error);
    return NULL;
  }
  return g_steal_pointer (&out);
}
