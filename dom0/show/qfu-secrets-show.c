/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secrets-show.h"

#include "qfu-print.h"
#include "qfu-secret-verdict.h"

/* All PCRs that it depends on, as bits. */
static guint32
pcrs_of (const QfuSecret *secret)
{
  guint32 pcrs = secret->by_key.pcrs;

  for (guint i = 0; i < secret->n_literal; i++)
    pcrs |= secret->literal[i].pcrs;
  return pcrs;
}

/* (nullable): the name of the one bank; %NULL when there are several or none. */
static const char *
bank_of (const QfuSecret *secret, const GArray *forecasts)
{
  guint bank = secret->by_key.pcrs != 0 ? qfu_secret_bank (&secret->by_key, forecasts) : 0;

  for (guint i = 0; i < secret->n_literal; i++) {
    guint other = qfu_secret_bank (&secret->literal[i], forecasts);

    if (bank != 0 && bank != other)
      return NULL;
    bank = other;
  }
  return qfu_hash_name (bank);
}

/* (transfer full): such as ` (systemd-tpm2, sha256:0,2,7)` */
static char *
policy_text (const QfuSecret *secret, const GArray *forecasts)
{
  GString *text = g_string_new (qfu_secret_kind_name (secret->kind));
  const char *bank = bank_of (secret, forecasts);
  const char *before = ":";

  if (pcrs_of (secret) != 0)
    g_string_append_printf (text, ", %s", bank != NULL ? bank : "PCR");
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if ((pcrs_of (secret) & 1u << pcr) == 0)
      continue;
    g_string_append_printf (text, "%s%u", before, pcr);
    before = ",";
  }
  return g_string_free (text, FALSE);
}

/* What to do about a volume's key that may fail. */
static const char *
advice_volume (const QfuSecret *secret)
{
  if (secret->others == 0)
    return "no other key opens this volume: add a passphrase before the update (cryptsetup "
           "luksAddKey)";
  if (secret->others < 0)
    return "have a passphrase or recovery key of it at hand";
  if (secret->kind == QFU_SECRET_SYSTEMD)
    return "its passphrase or recovery key opens it; enrol the TPM again afterwards "
           "(systemd-cryptenroll --wipe-slot=tpm2 --tpm2-device=auto)";
  if (secret->kind == QFU_SECRET_CLEVIS)
    return "its passphrase opens it; bind it again afterwards (clevis luks regen)";
  return "its passphrase opens it; bind it to the TPM again afterwards";
}

/* (nullable): what to do; nothing about what stays. */
static const char *
advice_of (const QfuSecret *secret, QfuSecretVerdict verdict)
{
  if (verdict == QFU_SECRET_STAYS)
    return NULL;
  switch (secret->kind) {
  case QFU_SECRET_AEM:
    return "the next boot cannot show its secret: boot once without it, and seal again "
           "(anti-evil-maid-seal)";
  case QFU_SECRET_HEADS_TOTP:
    return "Heads will not show the right code; make a new TOTP/HOTP secret in its menu";
  case QFU_SECRET_HEADS_DISK:
    return "Heads will ask for the disk's recovery passphrase: have it at hand, and seal the key "
           "again in its menu";
  case QFU_SECRET_SYSTEMD:
  case QFU_SECRET_CLEVIS:
  case QFU_SECRET_TOKEN:
  case QFU_SECRET_VOLUME:
  default:
    return advice_volume (secret);
  }
}

static void
say_one (const QfuOptions *options, const QfuSecret *secret, const GArray *forecasts)
{
  static const char *const words[] = {[QFU_SECRET_STAYS] = "stays",
                                      [QFU_SECRET_WILL_NOT_UNSEAL] = "will not unseal",
                                      [QFU_SECRET_UNKNOWN] = "unknown"};
  g_autofree char *policy = policy_text (secret, forecasts);
  g_autofree char *reason = NULL;
  QfuSecretVerdict verdict = qfu_secret_judge (secret, forecasts, &reason);
  const char *advice = advice_of (secret, verdict);
  const char *before = verdict == QFU_SECRET_UNKNOWN ? "should it not open: " : "";

  qfu_say (options, "  secret %s (%s): %s: %s", secret->name, policy, words[verdict], reason);
  if (advice != NULL)
    qfu_say (options, "    %s%s", before, advice);
}

void
qfu_secrets_say (const QfuOptions *options, const GPtrArray *secrets, const GArray *forecasts)
{
  if (secrets != NULL && secrets->len == 0)
    qfu_say (options, "  no secret that is sealed to the TPM was found");
  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    say_one (options, g_ptr_array_index (secrets, i), forecasts);
}

static void
add_one (JsonBuilder *builder, const QfuSecret *secret, const GArray *forecasts)
{
  g_autofree char *reason = NULL;
  QfuSecretVerdict verdict = qfu_secret_judge (secret, forecasts, &reason);

  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", secret->name);
  qfu_json_text (builder, "kind", qfu_secret_kind_name (secret->kind));
  qfu_json_text (builder, "bank", bank_of (secret, forecasts));
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (pcrs_of (secret) & 1u << pcr)
      json_builder_add_int_value (builder, pcr);
  }
  json_builder_end_array (builder);
  qfu_json_text (builder, "verdict", qfu_secret_verdict_name (verdict));
  qfu_json_text (builder, "reason", reason);
  qfu_json_text (builder, "advice", advice_of (secret, verdict));
  json_builder_end_object (builder);
}

void
qfu_secrets_json (JsonBuilder *builder, const GPtrArray *secrets, const GArray *forecasts)
{
  json_builder_set_member_name (builder, "secrets");
  json_builder_begin_array (builder);
  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    add_one (builder, g_ptr_array_index (secrets, i), forecasts);
  json_builder_end_array (builder);
}
