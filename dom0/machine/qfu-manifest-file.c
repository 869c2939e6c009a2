/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-manifest-file.h"

QfuManifest *
qfu_manifest_file_read (const QfuConfig *config,
                        const char *path,
                        QfuDigest *sha256,
                        GError **error)
{
  QfuManifestForm form = g_str_has_suffix (path, ".corim") || g_str_has_suffix (path, ".cbor")
                             ? QFU_MANIFEST_IS_CORIM
                             : QFU_MANIFEST_IS_JSON;
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_load (path, QFU_MANIFEST_SIZE_MAX, FALSE, error);
  QfuManifest *manifest = blob == NULL ? NULL : qfu_manifest_read (config, blob, form, error);

  if (blob != NULL && manifest == NULL)
    g_prefix_error (error, "%s: ", path);
  if (manifest != NULL && sha256 != NULL)
    *sha256 = *qfu_untrusted_blob_sha256 (blob);
  return manifest;
}
