/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-indexstore.h"

#include "qfu-error.h"
#include "qfu-keys.h"

#include <string.h>

static void
add_text (QfuHasher *hasher, const char *text)
{
  qfu_hasher_update (hasher, text, strlen (text) + 1); /* with its end, so that texts do not join */
}

/* Everything but the time that decides whether a signature is good. */
static gboolean
basis_of (const QfuConfig *config,
          const QfuMetadataWanted *wanted,
          QfuDigest *basis,
          GError **error)
{
  const QfuRemoteRules rules = qfu_config_remote (config, wanted->remote);
  g_autoptr (QfuUntrustedBlob) keys = qfu_keys_load (rules.metadata_keys, error);
  QfuHasher *hasher;

  if (keys == NULL)
    return FALSE;
  hasher = qfu_hasher_new (QFU_HASH_SHA256);
  qfu_hasher_update (hasher, qfu_untrusted_blob_sha256 (keys)->data, QFU_SHA256_SIZE);
  add_text (hasher, QFU_VERSION);
  add_text (hasher, wanted->file_name);
  add_text (hasher, config->require_post_quantum ? "post-quantum" : "any");
  for (gsize i = 0; config->denied_serials[i] != NULL; i++)
    add_text (hasher, config->denied_serials[i]);
  qfu_hasher_finish (hasher, basis);
  return TRUE;
}

static gboolean
make_anew (GError **error, const char *why)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "there is no usable index: %s", why);
  return FALSE;
}

/* Whether what the mark rested on is still so. */
static gboolean
check_basis (const QfuConfig *config,
             const QfuMetadataWanted *wanted,
             const QfuHighWater *mark,
             GError **error)
{
  QfuDigest basis;

  if (mark->index.size == 0 || mark->authorities.size == 0 || mark->not_after == 0)
    return make_anew (error, "none was made of the metadata");
  if (wanted->now > mark->not_after)
    return make_anew (error, "the certificate that signed the metadata has ended");
  if (!basis_of (config, wanted, &basis, error))
    return FALSE;
  return qfu_digest_equal (&basis, &mark->authorities) ||
         make_anew (error, "signatures are judged by other rules than when it was made");
}

QfuIndex *
qfu_indexstore_load (const QfuConfig *config,
                     const QfuMetadataWanted *wanted,
                     QfuHighWater *mark,
                     GError **error)
{
  g_autofree char *folder = qfu_metastore_folder (wanted->remote);
  g_autoptr (GError) local = NULL;
  QfuIndex *index;

  if (!qfu_highwater_load (config, wanted->remote, mark, error) ||
      !check_basis (config, wanted, mark, error))
    return NULL;
  index = qfu_index_load (config, folder, &mark->index, &mark->metadata, &local);
  if (index == NULL)
    (void)make_anew (error, local->message);
  return index;
}

gboolean
qfu_indexstore_keep (const QfuConfig *config,
                     const QfuMetadataWanted *wanted,
                     const QfuSignedMetadata *metadata,
                     const QfuIndex *index,
                     GError **error)
{
  const QfuSignature *signature = qfu_signed_metadata_signature (metadata);
  g_autofree char *folder = qfu_metastore_folder (wanted->remote);
  QfuHighWater mark;

  if (!qfu_highwater_load (config, wanted->remote, &mark, error))
    return FALSE;
  if (mark.time != qfu_signature_time (signature) ||
      !qfu_digest_equal (&mark.metadata, qfu_signature_sha256 (signature))) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH, "meanwhile other metadata counts");
    return FALSE;
  }
  mark.index = *qfu_index_sha256 (index);
  mark.not_after = qfu_signature_not_after (signature);
  g_strlcpy (mark.serial, qfu_signature_serial (signature), sizeof mark.serial);
  /* the file first: the mark's rename is the moment in which it begins to count */
  return basis_of (config, wanted, &mark.authorities, error) &&
         qfu_index_keep (index, config, folder, error) &&
         qfu_highwater_store (config, wanted->remote, &mark, error);
}
