/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-verdict.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-postquantum.h"

#include <string.h>

void
qfu_verdict_free (QfuVerdict *verdict)
{
  if (verdict == NULL)
    return;
  g_free (verdict->authority);
  g_free (verdict->subject);
  g_free (verdict->serial);
  g_free (verdict->algorithm);
  g_free (verdict);
}

static char *
hex_of (const guint8 *data, gsize size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}

static gboolean
is_denied (const QfuConfig *config, const char *serial)
{
  return g_strv_contains ((const char *const *)config->denied_serials,
                          serial + strspn (serial, "0"));
}

static gboolean
read_signer (QfuVerdict *verdict, const QfuMessage *message, GError **error)
{
  gsize size;
  const guint8 *serial = qfu_message_bytes (message, QFU_FIELD_SERIAL, 0, &size);
  guint64 time;
  guint64 from;
  guint64 to;

  if (!qfu_message_number (message, QFU_FIELD_TIME, 0, QFU_SIGNATURE_TIME_MAX, &time, error) ||
      !qfu_message_number (message, QFU_FIELD_NOT_BEFORE, 0, QFU_SIGNATURE_TIME_MAX, &from,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_NOT_AFTER, 0, QFU_SIGNATURE_TIME_MAX, &to, error))
    return FALSE;
  verdict->authority = g_strdup (qfu_message_text (message, QFU_FIELD_AUTHORITY, 0));
  verdict->subject = g_strdup (qfu_message_text (message, QFU_FIELD_SUBJECT, 0));
  verdict->algorithm = g_strdup (qfu_message_text (message, QFU_FIELD_ALGORITHM, 0));
  if (verdict->authority == NULL || verdict->subject == NULL || verdict->algorithm == NULL ||
      serial == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "SIGNATURE without AUTHORITY, SUBJECT, SERIAL or ALGORITHM");
    return FALSE;
  }
  verdict->serial = hex_of (serial, size);
  verdict->time = (gint64)time;
  verdict->not_before = (gint64)from;
  verdict->not_after = (gint64)to;
  return TRUE;
}

QfuVerdict *
qfu_verdict_new (const QfuConfig *config, const QfuMessage *message, GError **error)
{
  g_autoptr (QfuVerdict) verdict = g_new0 (QfuVerdict, 1);
  guint64 status;

  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, QFU_VERDICT_LAST, &status, error))
    return NULL;
  verdict->status = (QfuSignatureVerdict)status;
  if (verdict->status > QFU_VERDICT_NOT_YET)
    return g_steal_pointer (&verdict);
  if (!read_signer (verdict, message, error))
    return NULL;
  verdict->denied = is_denied (config, verdict->serial);
  return g_steal_pointer (&verdict);
}

gboolean
qfu_verdict_good (const QfuVerdict *verdict)
{
  return verdict->status == QFU_VERDICT_GOOD && !verdict->denied;
}

gboolean
qfu_verdict_says_less (const QfuVerdict *verdict, const QfuVerdict *other)
{
  return verdict == NULL || other->status < verdict->status ||
         (other->status == verdict->status && other->denied && !verdict->denied);
}

char *
qfu_verdict_unknown_text (guint count)
{
  if (count == 0)
    return NULL;
  return g_strdup_printf ("%u more of an algorithm that %s does not know; not counted", count,
                          qfu_postquantum_library ());
}

/* Out of its certificate's time, by the clock or by what the signature itself says. */
static void
error_of_time (const QfuVerdict *verdict, gint64 now, GError **error)
{
  gboolean early = verdict->status == QFU_VERDICT_NOT_YET;
  g_autofree char *edge = qfu_clock_text (early ? verdict->not_before : verdict->not_after);
  g_autofree char *judged = qfu_clock_text (now != 0 ? now : verdict->time);

  if (now == 0)
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "it was signed at %s with a certificate that %s %s", judged,
                 early ? "was not valid before" : "had expired at", edge);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "the certificate that signed it %s %s, and the clock says %s; if that is wrong: "
                 "%s",
                 early ? "is not valid before" : "has expired at", edge, judged, QFU_CLOCK_ADVICE);
}

static const char *const sentences[] = {
    [QFU_VERDICT_BROKEN] = "the signature does not match: the data or the signature was changed",
    [QFU_VERDICT_WEAK] = "the signature is of an algorithm that is too weak",
    [QFU_VERDICT_NO_TIME] = "the signature does not say when it was made",
    [QFU_VERDICT_WRONG_AUTHORITY] = "the signature is by an authority that is not accepted here",
    [QFU_VERDICT_NO_CERTIFICATE] = "the signature comes without the certificate that made it",
};

void
qfu_verdict_error (const QfuVerdict *verdict, gint64 now, GError **error)
{
  if (verdict->denied)
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "the certificate that signed it, serial number %s, is denied by [Trust] "
                 "DeniedSerials=",
                 verdict->serial);
  else if (verdict->status == QFU_VERDICT_UNKNOWN_ALGORITHM)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "the signature is of an algorithm that %s does not know",
                 qfu_postquantum_library ());
  else if (verdict->status == QFU_VERDICT_EXPIRED || verdict->status == QFU_VERDICT_NOT_YET)
    error_of_time (verdict, now, error);
  else
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, sentences[verdict->status]);
}
