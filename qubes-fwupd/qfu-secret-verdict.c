/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secret-verdict.h"

const char *
qfu_secret_verdict_name (QfuSecretVerdict verdict)
{
  static const char *const names[] = {[QFU_SECRET_STAYS] = "stays",
                                      [QFU_SECRET_WILL_NOT_UNSEAL] = "will-not-unseal",
                                      [QFU_SECRET_UNKNOWN] = "unknown"};

  return names[verdict];
}

static const QfuForecast *
forecast_of (const GArray *forecasts, guint bank, guint pcr)
{
  for (guint i = 0; forecasts != NULL && i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->bank == bank && forecast->pcr == pcr)
      return forecast;
  }
  return NULL;
}

static gboolean
has_bank (const GArray *forecasts, guint bank)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (forecast_of (forecasts, bank, pcr) != NULL)
      return TRUE;
  }
  return FALSE;
}

guint
qfu_secret_bank (const QfuSecretSelection *selection, const GArray *forecasts)
{
  static const QfuHash by_preference[] = {QFU_HASH_SHA256, QFU_HASH_SHA1};

  if (selection->bank != 0)
    return selection->bank;
  for (gsize i = 0; i < G_N_ELEMENTS (by_preference); i++) {
    if (has_bank (forecasts, by_preference[i]))
      return by_preference[i];
  }
  return 0;
}

/* The first PCR of @selection whose forecast is @status; QFU_PCR_COUNT when there is none. */
static guint
first_pcr (const QfuSecretSelection *selection, const GArray *forecasts, QfuPcrStatus status)
{
  guint bank = qfu_secret_bank (selection, forecasts);

  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    const QfuForecast *forecast = forecast_of (forecasts, bank, pcr);
    QfuPcrStatus found = forecast == NULL ? QFU_PCR_NOT_PREDICTABLE : forecast->status;

    if ((selection->pcrs & 1u << pcr) != 0 && found == status)
      return pcr;
  }
  return QFU_PCR_COUNT;
}

/* (transfer full) (nullable): which PCR of @selection is not known, and why. */
static char *
why_unknown (const QfuSecretSelection *selection, const GArray *forecasts)
{
  guint pcr = first_pcr (selection, forecasts, QFU_PCR_NOT_PREDICTABLE);
  guint bank = qfu_secret_bank (selection, forecasts);
  const QfuForecast *forecast = forecast_of (forecasts, bank, pcr);
  const char *name = qfu_hash_name (bank);

  if (pcr == QFU_PCR_COUNT)
    return NULL;
  if (forecast == NULL)
    return g_strdup_printf ("there is no forecast of PCR %u%s%s", pcr,
                            name != NULL ? " of bank " : "", name != NULL ? name : "");
  return g_strdup_printf ("PCR %u is not predictable: %s", pcr,
                          forecast->reason != NULL ? forecast->reason : "no reason is known");
}

/* (transfer full) (nullable): why it is bound to more than PCRs, or to something else. */
static char *
why_beyond (const QfuSecret *secret, const GArray *forecasts)
{
  guint pcr;

  if (secret->flags & QFU_SECRET_FLAG_PCRLOCK)
    return g_strdup ("its policy is kept in the TPM by systemd-pcrlock");
  if (secret->by_key.pcrs == 0)
    return NULL;
  pcr = first_pcr (&secret->by_key, forecasts, QFU_PCR_PREDICTED);
  if (pcr < QFU_PCR_COUNT)
    return g_strdup_printf (
        "PCR %u changes: it opens with a signature of its key over the next value, not without",
        pcr);
  return why_unknown (&secret->by_key, forecasts);
}

static QfuSecretVerdict
answer (QfuSecretVerdict verdict, char *words, char **reason)
{
  *reason = words;
  return verdict;
}

QfuSecretVerdict
qfu_secret_judge (const QfuSecret *secret, const GArray *forecasts, char **reason)
{
  char *why = NULL;

  if (secret->unread != NULL)
    return answer (QFU_SECRET_UNKNOWN, g_strdup (secret->unread), reason);
  if (secret->flags & QFU_SECRET_FLAG_ODD)
    return answer (QFU_SECRET_UNKNOWN, g_strdup ("its policy is not understood"), reason);
  for (guint i = 0; i < secret->n_literal; i++) {
    guint pcr = first_pcr (&secret->literal[i], forecasts, QFU_PCR_PREDICTED);

    if (pcr < QFU_PCR_COUNT)
      return answer (QFU_SECRET_WILL_NOT_UNSEAL, g_strdup_printf ("PCR %u changes", pcr), reason);
  }
  for (guint i = 0; why == NULL && i < secret->n_literal; i++)
    why = why_unknown (&secret->literal[i], forecasts);
  if (why == NULL)
    why = why_beyond (secret, forecasts);
  if (why != NULL)
    return answer (QFU_SECRET_UNKNOWN, why, reason);
  return answer (QFU_SECRET_STAYS,
                 g_strdup (secret->n_literal == 0 && secret->by_key.pcrs == 0
                               ? "it is bound to no PCR"
                               : "none of its PCRs changes"),
                 reason);
}
