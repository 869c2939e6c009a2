/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-metadata.h"

#include "qfu-error.h"
#include "qfu-keys.h"
#include "qfu-limits.h"

#include <string.h>

struct _QfuSignedMetadata {
  char *file_name;
  QfuUntrustedBlob *blob;
  QfuSignature *signature;
};

void
qfu_signed_metadata_free (QfuSignedMetadata *metadata)
{
  if (metadata == NULL)
    return;
  g_free (metadata->file_name);
  qfu_untrusted_blob_free (metadata->blob);
  qfu_signature_free (metadata->signature);
  g_free (metadata);
}

const QfuUntrustedBlob *
qfu_signed_metadata_blob (const QfuSignedMetadata *metadata)
{
  return metadata->blob;
}

const QfuSignature *
qfu_signed_metadata_signature (const QfuSignedMetadata *metadata)
{
  return metadata->signature;
}

GBytes *
qfu_signed_metadata_jcat (const QfuSignedMetadata *metadata)
{
  const QfuSignature *signature = metadata->signature;
  /* of the item's aliases, only the one that was asked for */
  const char *const aliases[] = {metadata->file_name, NULL};

  return qfu_jcat_rebuild (qfu_signature_item_id (signature), aliases,
                           qfu_signature_sha256 (signature), qfu_signature_pkcs7 (signature));
}

/* One path component that is safe in a URL and in a directory. */
static gboolean
file_name_ok (const char *untrusted_name)
{
  gsize length = strlen (untrusted_name);

  return length >= 1 && length <= QFU_CACHE_NAME_MAX && strcmp (untrusted_name, ".") != 0 &&
         strcmp (untrusted_name, "..") != 0 &&
         strspn (untrusted_name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-") == length;
}

char *
qfu_metadata_list_item (const QfuConfig *config,
                        const QfuUntrustedBlob *jcat,
                        const char *file_name,
                        GError **error)
{
  g_autoptr (QfuJcat) list = qfu_jcat_read (config, jcat, error);

  if (list == NULL)
    return NULL;
  for (guint i = 0; i < qfu_jcat_size (list); i++) {
    const QfuJcatItem *item = qfu_jcat_item (list, i);

    if (qfu_jcat_item_is (item, file_name) && file_name_ok (item->id))
      return g_strdup (item->id);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
               "%s: the jcat file does not list it under a name that can be asked for", file_name);
  return NULL;
}

QfuSignedMetadata *
qfu_metadata_verify (const QfuConfig *config,
                     const QfuMetadataWanted *wanted,
                     const QfuUntrustedBlob *jcat,
                     const QfuUntrustedBlob *metadata,
                     GError **error)
{
  g_autoptr (QfuSignedMetadata) verified = g_new0 (QfuSignedMetadata, 1);
  g_autoptr (QfuUntrustedBlob) keys =
      qfu_keys_load (qfu_config_remote (config, wanted->remote).metadata_keys, error);
  g_autoptr (QfuJcat) list = keys == NULL ? NULL : qfu_jcat_read (config, jcat, error);

  const QfuSignaturePolicy policy = {keys, QFU_SIGNATURE_VALID_NOW, wanted->now};

  if (list == NULL)
    return NULL;
  verified->signature =
      qfu_signature_verify (config, list, wanted->file_name, metadata, &policy, error);
  if (verified->signature == NULL)
    return NULL;
  if (qfu_signature_time (verified->signature) == 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "%s: the signature does not say when it was made", wanted->file_name);
    return NULL;
  }
  if (!file_name_ok (qfu_signature_item_id (verified->signature))) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "%s: the jcat file calls it by no file name", wanted->file_name);
    return NULL;
  }
  verified->file_name = g_strdup (wanted->file_name);
  verified->blob = qfu_untrusted_blob_ref (metadata);
  return g_steal_pointer (&verified);
}
