/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secret.h"

#include "qfu-error.h"
#include "qfu-pcr.h"
#include "qfu-worker.h"

#include <string.h>

#define ALL_PCRS ((1u << QFU_PCR_COUNT) - 1)
#define NOT_STATED 0

/* as Heads seals them */
#define HEADS_TOTP_PCRS 0x9fu /* 0, 1, 2, 3, 4, 7 */
#define HEADS_DISK_PCRS 0xffu /* 0 to 7 */

static const struct {
  QfuSecretKind kind;
  const char *name;
} kinds[] = {
    {QFU_SECRET_SYSTEMD, "systemd-tpm2"},  {QFU_SECRET_CLEVIS, "clevis-tpm2"},
    {QFU_SECRET_AEM, "anti-evil-maid"},    {QFU_SECRET_TOKEN, "tpm-token"},
    {QFU_SECRET_HEADS_TOTP, "heads-totp"}, {QFU_SECRET_HEADS_DISK, "heads-disk-key"},
    {QFU_SECRET_VOLUME, "luks2"},
};

const char *
qfu_secret_kind_name (QfuSecretKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (kinds[i].kind == kind)
      return kinds[i].name;
  }
  return "unknown";
}

static void
secret_free (gpointer data)
{
  QfuSecret *secret = data;

  g_free (secret->name);
  g_free (secret->unread);
  g_free (secret);
}

GPtrArray *
qfu_secrets_new (void)
{
  return g_ptr_array_new_with_free_func (secret_free);
}

static QfuSecret *
add (GPtrArray *secrets, QfuSecretKind kind, const char *name)
{
  QfuSecret *secret = g_new0 (QfuSecret, 1);

  secret->kind = kind;
  secret->name = g_strdup (name);
  secret->others = -1;
  g_ptr_array_add (secrets, secret);
  return secret;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "a worker for secrets sends %s", what);
  return FALSE;
}

/* The @nth number of a field that may occur several times; it is there. */
static gboolean
take_selection (const QfuMessage *message, QfuField field, guint nth, QfuSecretSelection *out)
{
  guint64 untrusted_number = 0;
  gsize size;
  const guint8 *bytes = qfu_message_bytes (message, field, nth, &size);
  guint untrusted_bank;

  if (bytes == NULL || size != sizeof untrusted_number)
    return FALSE;
  memcpy (&untrusted_number, bytes, size);
  untrusted_number = GUINT64_FROM_LE (untrusted_number);
  untrusted_bank = (guint)(untrusted_number >> 32);
  if ((untrusted_number & G_MAXUINT32) > ALL_PCRS || (untrusted_number & ALL_PCRS) == 0 ||
      (untrusted_bank != NOT_STATED && qfu_bank_index (untrusted_bank) < 0))
    return FALSE;
  out->bank = untrusted_bank;
  out->pcrs = (guint32)(untrusted_number & ALL_PCRS);
  return TRUE;
}

static gboolean
take_policy (QfuSecret *secret, const QfuMessage *message, GError **error)
{
  guint untrusted_count = qfu_message_count (message, QFU_FIELD_SELECTION);

  if (untrusted_count > QFU_SECRET_SELECTIONS_MAX)
    return fail (error, "too many selections of PCRs");
  for (guint i = 0; i < untrusted_count; i++) {
    if (!take_selection (message, QFU_FIELD_SELECTION, i, &secret->literal[i]))
      return fail (error, "what is no selection of PCRs");
  }
  secret->n_literal = untrusted_count;
  if (qfu_message_count (message, QFU_FIELD_SIGNED) > 0 &&
      !take_selection (message, QFU_FIELD_SIGNED, 0, &secret->by_key))
    return fail (error, "what is no selection of PCRs");
  return TRUE;
}

/* A volume has tokens, each with a number and a name; Anti Evil Maid has one secret. */
typedef struct {
  const char *name;
  gboolean volume;
  int others; /* -1 before LUKS */
  guint count;
  GPtrArray *secrets;
} Reading;

static gboolean
take_secret (Reading *reading, const QfuMessage *message, GError **error)
{
  const char *type = qfu_message_text (message, QFU_FIELD_NAME, 0);
  QfuSecretKind first = reading->volume ? QFU_SECRET_SYSTEMD : QFU_SECRET_AEM;
  QfuSecretKind last = reading->volume ? QFU_SECRET_SENT_LAST : QFU_SECRET_AEM;
  g_autofree char *name = NULL;
  QfuSecret *secret;
  guint64 untrusted_kind;
  guint64 untrusted_number = 0;

  if ((reading->others < 0) == reading->volume ||
      reading->count++ >= (reading->volume ? QFU_LUKS_NUMBERS_MAX : 1))
    return fail (error, "a secret too early or too much");
  if (!qfu_message_number (message, QFU_FIELD_KIND, first, last, &untrusted_kind, error) ||
      (reading->volume && !qfu_message_number (message, QFU_FIELD_INDEX, 0,
                                               QFU_LUKS_NUMBERS_MAX - 1, &untrusted_number, error)))
    return FALSE;
  name = !reading->volume
             ? g_strdup (reading->name)
             : g_strdup_printf ("%s token %u%s%s", reading->name, (guint)untrusted_number,
                                type != NULL ? " " : "", type != NULL ? type : "");
  secret = add (reading->secrets, (QfuSecretKind)untrusted_kind, name);
  secret->others = reading->others;
  if (qfu_message_count (message, QFU_FIELD_FLAGS) > 0)
    secret->flags = (guint)qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, QFU_SECRET_FLAG_ALL,
                                                  QFU_SECRET_FLAG_ODD);
  return take_policy (secret, message, error);
}

static gboolean
take_volume (Reading *reading, const QfuMessage *message, GError **error)
{
  guint64 untrusted_keyslots;
  guint64 untrusted_others;

  if (!reading->volume || reading->others >= 0)
    return fail (error, "a volume too much");
  if (!qfu_message_number (message, QFU_FIELD_KEYSLOTS, 0, QFU_LUKS_NUMBERS_MAX,
                           &untrusted_keyslots, error) ||
      !qfu_message_number (message, QFU_FIELD_OTHERS, 0, untrusted_keyslots, &untrusted_others,
                           error))
    return FALSE;
  reading->others = (int)untrusted_others;
  return TRUE;
}

static gboolean
take (Reading *reading, const QfuMessage *message, GError **error)
{
  if (qfu_message_type (message) == QFU_FRAME_LUKS)
    return take_volume (reading, message, error);
  if (qfu_message_type (message) == QFU_FRAME_SECRET)
    return take_secret (reading, message, error);
  return fail (error, qfu_message_name (message));
}

/* All of it or nothing. */
static gboolean
read_all (const QfuConfig *config,
          QfuWorkerOp op,
          const QfuUntrustedBlob *blob,
          Reading *reading,
          GError **error)
{
  g_autoptr (QfuProcess) process = qfu_worker_start (config, op, NULL, &blob, 1, error);
  guint before = reading->secrets->len;
  gboolean ok = process != NULL;

  for (gboolean more = ok; more;) {
    g_autoptr (QfuMessage) message = NULL;

    ok = qfu_process_next (process, &message, error) &&
         (message == NULL || take (reading, message, error));
    more = ok && message != NULL;
  }
  if (ok && (reading->volume ? reading->others < 0 : reading->count == 0))
    ok = fail (error, "nothing");
  if (!ok)
    g_ptr_array_set_size (reading->secrets, (int)before);
  return ok;
}

gboolean
qfu_secrets_read_luks (const QfuConfig *config,
                       const QfuUntrustedBlob *header,
                       const char *name,
                       GPtrArray *secrets,
                       GError **error)
{
  Reading reading = {.name = name, .volume = TRUE, .others = -1, .secrets = secrets};

  return read_all (config, QFU_OP_LUKS, header, &reading, error);
}

gboolean
qfu_secrets_read_aem (const QfuConfig *config,
                      const QfuUntrustedBlob *file,
                      const char *name,
                      GPtrArray *secrets,
                      GError **error)
{
  Reading reading = {.name = name, .others = -1, .secrets = secrets};

  return read_all (config, QFU_OP_AEM, file, &reading, error);
}

void
qfu_secrets_add_heads (GPtrArray *secrets, gboolean disk_key)
{
  QfuSecret *totp = add (secrets, QFU_SECRET_HEADS_TOTP, "Heads TOTP");

  totp->literal[totp->n_literal++].pcrs = HEADS_TOTP_PCRS;
  if (disk_key) {
    QfuSecret *disk = add (secrets, QFU_SECRET_HEADS_DISK, "Heads disk key");

    disk->literal[disk->n_literal++].pcrs = HEADS_DISK_PCRS;
  }
}

void
qfu_secrets_add_unread (GPtrArray *secrets, QfuSecretKind kind, const char *name, const char *why)
{
  add (secrets, kind, name)->unread = g_strdup (why);
}
