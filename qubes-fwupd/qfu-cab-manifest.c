/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-manifest.h"

#include "qfu-error.h"
#include "qfu-keys.h"

struct _QfuVendorManifest {
  QfuManifest *content;
  QfuDigest sha256;
};

void
qfu_vendor_manifest_free (QfuVendorManifest *manifest)
{
  if (manifest == NULL)
    return;
  qfu_manifest_free (manifest->content);
  g_free (manifest);
}

const QfuManifest *
qfu_vendor_manifest_content (const QfuVendorManifest *manifest)
{
  return manifest->content;
}

const QfuDigest *
qfu_vendor_manifest_sha256 (const QfuVendorManifest *manifest)
{
  return &manifest->sha256;
}

/* A manifest is believed as far as the payload is, so the same certificate has to vouch for both.
 */
static gboolean
check_signer (const QfuCabItem *manifest, const QfuCabItem *payload, GError **error)
{
  if (manifest->signature == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "%s has no good signature of its own",
                 manifest->name);
    return FALSE;
  }
  if (qfu_signature_same_signer (manifest->signature, payload->signature))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "%s and %s are signed by different certificates", manifest->name, payload->name);
  return FALSE;
}

gboolean
qfu_cab_manifest_find (const GPtrArray *items,
                       const QfuCabItem *payload,
                       const QfuCabItem **manifests,
                       GError **error)
{
  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    QfuCabItem *item = qfu_cab_items_find (items, qfu_manifest_file_name ((QfuManifestForm)form));

    manifests[form] = NULL;
    if (item == NULL || item->role != QFU_CAB_ROLE_EXTRA)
      continue;
    item->role = QFU_CAB_ROLE_MANIFEST;
    if (!check_signer (item, payload, error))
      return FALSE;
    manifests[form] = item;
  }
  return TRUE;
}

/* Reads all forms that there are. */
static gboolean
read_forms (const QfuConfig *config,
            const QfuCabItem *const *manifests,
            QfuVendorManifest **manifest,
            GError **error)
{
  g_autoptr (QfuVendorManifest) result = NULL;

  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    g_autoptr (QfuManifest) content = NULL;

    if (manifests[form] == NULL)
      continue;
    content = qfu_manifest_read (config, manifests[form]->blob, (QfuManifestForm)form, error);
    if (content == NULL) {
      g_prefix_error (error, "%s: ", manifests[form]->name);
      return FALSE;
    }
    if (result != NULL && !qfu_manifest_same (result->content, content, error))
      return FALSE;
    if (result != NULL)
      continue;
    result = g_new0 (QfuVendorManifest, 1);
    result->content = g_steal_pointer (&content);
    result->sha256 = *qfu_untrusted_blob_sha256 (manifests[form]->blob);
  }
  *manifest = g_steal_pointer (&result);
  return TRUE;
}

gboolean
qfu_cab_manifest (const QfuConfig *config,
                  const QfuCabContent *content,
                  QfuVendorManifest **manifest,
                  GError **error)
{
  const QfuCabItem *manifests[QFU_MANIFEST_FORMS];

  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++)
    manifests[form] = qfu_cab_content_manifest (content, (QfuManifestForm)form);
  return read_forms (config, manifests, manifest, error);
}

/* (transfer full): the payload and what speaks of it, to be checked. */
static GPtrArray *
items_of (const QfuVerifiedRom *rom)
{
  const GPtrArray *papers = qfu_verified_rom_papers (rom);
  g_autoptr (GPtrArray) members =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_cab_member_free);

  for (guint i = 0; i <= papers->len; i++) {
    const QfuCabMember *paper = i == 0 ? NULL : g_ptr_array_index (papers, i - 1);
    QfuCabMember *member = g_new0 (QfuCabMember, 1);

    member->name = g_strdup (i == 0 ? qfu_verified_rom_name (rom) : paper->name);
    member->blob = qfu_untrusted_blob_ref (i == 0 ? qfu_verified_rom_blob (rom) : paper->blob);
    g_ptr_array_add (members, member);
  }
  return qfu_cab_items_new (members);
}

static gboolean
verify_items (
    const QfuConfig *config, const char *keys_dir, GPtrArray *items, gint64 now, GError **error)
{
  guint count;
  const QfuCabItem *file = qfu_cab_items_find_one (items, QFU_CAB_JCAT_SUFFIX, &count);
  g_autoptr (QfuUntrustedBlob) keys = NULL;
  g_autoptr (QfuJcat) jcat = NULL;

  if (file == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                 "the cab declares measurements, but has %u files *%s", count, QFU_CAB_JCAT_SUFFIX);
    return FALSE;
  }
  keys = qfu_keys_load (keys_dir, error);
  jcat = keys == NULL ? NULL : qfu_jcat_read (config, file->blob, error);
  for (guint i = 0; jcat != NULL && i < items->len; i++) {
    const QfuSignaturePolicy policy = {keys, QFU_SIGNATURE_VALID_WHEN_SIGNED, now};
    QfuCabItem *item = g_ptr_array_index (items, i);

    if (item == file)
      continue;
    item->signature = qfu_signature_verify (config, jcat, item->name, item->blob, &policy, error);
    if (item->signature == NULL)
      return FALSE;
  }
  return jcat != NULL;
}

static gboolean
has_manifest (const GPtrArray *items)
{
  return qfu_cab_items_find (items, QFU_MANIFEST_JSON) != NULL ||
         qfu_cab_items_find (items, QFU_MANIFEST_CORIM) != NULL;
}

gboolean
qfu_cab_manifest_of_rom (const QfuConfig *config,
                         const char *keys_dir,
                         const QfuVerifiedRom *rom,
                         gint64 now,
                         QfuVendorManifest **manifest,
                         GError **error)
{
  g_autoptr (GPtrArray) items = items_of (rom);
  const QfuCabItem *manifests[QFU_MANIFEST_FORMS];
  QfuCabItem *payload = g_ptr_array_index (items, 0);

  *manifest = NULL;
  if (!has_manifest (items))
    return TRUE;
  payload->role = QFU_CAB_ROLE_PAYLOAD;
  return verify_items (config, keys_dir, items, now, error) &&
         qfu_cab_manifest_find (items, payload, manifests, error) &&
         read_forms (config, manifests, manifest, error);
}
