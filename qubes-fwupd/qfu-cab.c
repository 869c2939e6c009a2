/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab.h"

#include "qfu-cab-agree.h"
#include "qfu-cab-members.h"
#include "qfu-error.h"
#include "qfu-manifest.h"

#include <string.h>

struct _QfuVerifiedCab {
  QfuUntrustedBlob *blob;
};

struct _QfuVerifiedRom {
  char *name;
  QfuUntrustedBlob *blob;
  GPtrArray *papers; /* QfuCabMember */
};

QfuVerifiedCab *
qfu_cab_verify (QfuUntrustedBlob *blob, const QfuRelease *release, GError **error)
{
  const QfuComponentRelease *data = qfu_release_data (release);
  const QfuDigest *sha256 = qfu_untrusted_blob_sha256 (blob);
  QfuVerifiedCab *cab;

  if (!data->has_sha256 || data->size == 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s: the metadata does not give size and SHA-256 of the cab", data->version);
    return NULL;
  }
  if (qfu_untrusted_blob_size (blob) != data->size) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the cab of %s has %" G_GUINT64_FORMAT
                 " bytes, the metadata says %" G_GUINT64_FORMAT,
                 data->version, qfu_untrusted_blob_size (blob), data->size);
    return NULL;
  }
  if (!qfu_digest_equal (sha256, &data->sha256)) {
    g_autofree char *got = qfu_digest_to_hex (sha256);
    g_autofree char *expected = qfu_digest_to_hex (&data->sha256);

    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the cab of %s has the SHA-256 %s, the metadata says %s", data->version, got,
                 expected);
    return NULL;
  }
  cab = g_new0 (QfuVerifiedCab, 1);
  cab->blob = blob;
  return cab;
}

void
qfu_verified_cab_free (QfuVerifiedCab *cab)
{
  if (cab == NULL)
    return;
  qfu_untrusted_blob_free (cab->blob);
  g_free (cab);
}

const QfuUntrustedBlob *
qfu_verified_cab_blob (const QfuVerifiedCab *cab)
{
  return cab->blob;
}

/* Takes what speaks of the image out of @members. */
static GPtrArray *
take_papers (GPtrArray *members)
{
  GPtrArray *papers = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_cab_member_free);

  for (guint i = members->len; i > 0; i--) {
    const QfuCabMember *member = g_ptr_array_index (members, i - 1);

    if (member->blob != NULL && (g_str_has_suffix (member->name, QFU_CAB_JCAT_SUFFIX) ||
                                 strcmp (member->name, QFU_MANIFEST_JSON) == 0 ||
                                 strcmp (member->name, QFU_MANIFEST_CORIM) == 0))
      g_ptr_array_add (papers, g_ptr_array_steal_index (members, i - 1));
  }
  return papers;
}

QfuVerifiedRom *
qfu_cab_extract_rom (const QfuConfig *config,
                     const QfuVerifiedCab *cab,
                     const QfuRelease *release,
                     GError **error)
{
  const QfuComponentRelease *data = qfu_release_data (release);
  g_autoptr (GPtrArray) members = NULL;
  g_autofree char *expected = NULL;

  if (!data->has_content) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s: the metadata does not give the SHA-256 of the content", data->version);
    return NULL;
  }
  members = qfu_cab_members (config, cab->blob, error);
  if (members == NULL)
    return NULL;
  for (guint i = 0; i < members->len; i++) {
    QfuCabMember *member = g_ptr_array_index (members, i);
    QfuVerifiedRom *rom;

    if (!qfu_digest_equal (qfu_untrusted_blob_sha256 (member->blob), &data->content))
      continue;
    if (!qfu_cab_agree (config, members, release, error))
      return NULL;
    rom = g_new0 (QfuVerifiedRom, 1);
    rom->name = g_strdup (member->name);
    rom->blob = g_steal_pointer (&member->blob);
    rom->papers = take_papers (members);
    return rom;
  }
  expected = qfu_digest_to_hex (&data->content);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "no file in the cab of %s is the signed content %s with the SHA-256 %s",
               data->version, data->content_name != NULL ? data->content_name : "(no name)",
               expected);
  return NULL;
}

void
qfu_verified_rom_free (QfuVerifiedRom *rom)
{
  if (rom == NULL)
    return;
  g_free (rom->name);
  qfu_untrusted_blob_free (rom->blob);
  g_ptr_array_unref (rom->papers);
  g_free (rom);
}

const char *
qfu_verified_rom_name (const QfuVerifiedRom *rom)
{
  return rom->name;
}

GPtrArray *
qfu_verified_rom_papers (const QfuVerifiedRom *rom)
{
  return rom->papers;
}

const QfuUntrustedBlob *
qfu_verified_rom_blob (const QfuVerifiedRom *rom)
{
  return rom->blob;
}
