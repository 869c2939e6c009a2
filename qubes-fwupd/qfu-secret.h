/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"

/**
 * QfuSecretSelection:
 * @bank: TPM_ALG_ID of the bank; 0: not stated, which means SHA-256 where the TPM has it, else
 * SHA-1
 * @pcrs: a bit for each PCR
 *
 * PCRs that a secret depends on.
 */
typedef struct {
  guint bank;
  guint32 pcrs;
} QfuSecretSelection;

/**
 * QfuSecret:
 * @kind: of what it is
 * @name: what a person calls it: a label, or a device and the number of its token
 * @flags: QFU_SECRET_FLAG_…
 * @n_literal: how many of @literal count; none: it is bound to no PCR
 * @literal: PCRs that must hold what they held
 * @by_key: PCRs that must hold what its key has signed; none: it has no such policy
 * @others: keys that open the same volume without a TPM; -1: it is no volume
 * @unread: (nullable): why nothing is known of its policy
 *
 * Something that a TPM gives out while its PCRs are right.
 *
 * Trust: what a header or file says of itself: it decides what a person is told, nothing else.
 */
typedef struct {
  QfuSecretKind kind;
  char *name;
  guint flags;
  guint n_literal;
  QfuSecretSelection literal[QFU_SECRET_SELECTIONS_MAX];
  QfuSecretSelection by_key;
  int others;
  char *unread;
} QfuSecret;

/* "systemd-tpm2", "clevis-tpm2", "anti-evil-maid", "tpm-token", "heads-totp", "heads-disk-key",
 * "luks2" */
const char *qfu_secret_kind_name (QfuSecretKind kind);

/* (transfer full) (element-type QfuSecret): an empty list that frees its elements. */
GPtrArray *qfu_secrets_new (void);

/**
 * qfu_secrets_read_luks:
 * @header: what `cryptsetup luksDump --dump-json-metadata` printed
 * @name: what to call the volume
 * @secrets: (element-type QfuSecret): gets one for each token that a TPM has a part in
 * @error: #QFU_ERROR_FORMAT, #QFU_ERROR_LIMIT, or whatever stops the worker
 */
gboolean qfu_secrets_read_luks (const QfuConfig *config,
                                const QfuUntrustedBlob *header,
                                const char *name,
                                GPtrArray *secrets,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a file key.pcrs of Anti Evil Maid, which is one secret. */
gboolean qfu_secrets_read_aem (const QfuConfig *config,
                               const QfuUntrustedBlob *file,
                               const char *name,
                               GPtrArray *secrets,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The secrets of a machine with Heads: the one that shows that it booted what it should, and, with
 * @disk_key, the key of its disk. */
void qfu_secrets_add_heads (GPtrArray *secrets, gboolean disk_key);

/* A secret of which nothing is known but that it is there, because of @why. */
void
qfu_secrets_add_unread (GPtrArray *secrets, QfuSecretKind kind, const char *name, const char *why);
