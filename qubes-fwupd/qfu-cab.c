/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab.h"

#include "qfu-cab-agree.h"
#include "qfu-cab-members.h"
#include "qfu-error.h"

struct _QfuVerifiedCab {
  QfuUntrustedBlob *blob;
};

struct _QfuVerifiedRom {
  QfuUntrustedBlob *blob;
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
    rom->blob = g_steal_pointer (&member->blob);
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
  qfu_untrusted_blob_free (rom->blob);
  g_free (rom);
}

const QfuUntrustedBlob *
qfu_verified_rom_blob (const QfuVerifiedRom *rom)
{
  return rom->blob;
}
