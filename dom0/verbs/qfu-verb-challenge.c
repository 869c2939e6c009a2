/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --challenge, --accept: the verifier makes sure that an attestation key is in the TPM of an
 * endorsement key, and pins it. */

#include "qfu-enrolment.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-folder.h"
#include "qfu-limits.h"
#include "qfu-print.h"
#include "qfu-remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SECRET_ROOM 64 /* bytes; 32 */

/* (transfer full): where --challenge keeps what --accept needs: beside the folder that travels. */
static char *
kept_path (const char *folder)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);

  return g_strconcat (path, QFU_FOLDER_KEPT, NULL);
}

/* All files of --ek-ca as one; empty when there is none. */
static QfuUntrustedBlob *
load_authorities (const QfuOptions *options, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (QFU_KEYS_SIZE_MAX, error);

  if (builder == NULL)
    return NULL;
  for (gsize i = 0; options->ek_ca != NULL && options->ek_ca[i] != NULL; i++) {
    g_autoptr (QfuUntrustedBlob) file =
        qfu_untrusted_blob_load (options->ek_ca[i], QFU_KEYS_SIZE_MAX, FALSE, error);

    if (file == NULL ||
        !qfu_blob_builder_append_range (builder, file, 0, qfu_untrusted_blob_size (file), error) ||
        !qfu_blob_builder_append (builder, "\n", 1, error))
      return NULL;
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

/* The certificate, or nothing when the TPM has none. */
static QfuUntrustedBlob *
load_certificate (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, QFU_FILE_EK_CERT, NULL);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return qfu_untrusted_blob_new (nothing, 0, error);
  return qfu_remote_load (folder, QFU_FILE_EK_CERT, QFU_EK_CERTIFICATE_MAX, error);
}

static QfuEnrolment *
judge_keys (const QfuConfig *config,
            const QfuOptions *options,
            const QfuUntrustedBlob *ak,
            GError **error)
{
  g_autoptr (QfuUntrustedBlob) ek =
      qfu_remote_load (options->challenge, QFU_FILE_EK, QFU_TPM_PUBLIC_MAX, error);
  g_autoptr (QfuUntrustedBlob) certificate =
      ek == NULL ? NULL : load_certificate (options->challenge, error);
  g_autoptr (QfuUntrustedBlob) authorities =
      certificate == NULL ? NULL : load_authorities (options, error);
  const QfuEnrolmentFiles files = {ak, ek, certificate, authorities};
  g_autoptr (QfuEnrolment) enrolment = NULL;

  if (authorities == NULL)
    return NULL;
  enrolment = qfu_enrolment_read (config, &files, g_get_real_time () / G_USEC_PER_SEC, error);
  if (enrolment == NULL)
    return NULL;
  if (options->ek_ca == NULL || enrolment->verdict == QFU_ENROLMENT_GOOD)
    return g_steal_pointer (&enrolment);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                       "the endorsement key has no certificate that --ek-ca could vouch for");
  return NULL;
}

/* Asks this machine's TPM, whose secrets play no part, for a challenge. */
static QfuPieces *
make_challenge (const QfuConfig *config, const QfuEnrolment *enrolment, GError **error)
{
  g_autoptr (QfuUntrustedBlob) key =
      qfu_untrusted_blob_new (enrolment->key, QFU_TPM_PUBLIC_MAX, error);
  g_autoptr (QfuUntrustedBlob) name =
      key == NULL ? NULL : qfu_untrusted_blob_new (enrolment->key_name, QFU_TPM_PUBLIC_MAX, error);
  const QfuUntrustedBlob *inputs[] = {key, name};

  return name == NULL ? NULL
                      : qfu_remote_ask (config, "challenge", enrolment->kind, inputs,
                                        G_N_ELEMENTS (inputs), error);
}

/* The secret and the key that it is for stay here; the riddle goes. */
static gboolean
keep_challenge (const char *travelling,
                const QfuUntrustedBlob *ak,
                const QfuPieces *pieces,
                GError **error)
{
  static const char *const names[] = {QFU_FILE_SECRET, QFU_FILE_AK, NULL};
  g_autofree char *path = kept_path (travelling);
  GBytes *credential = qfu_pieces_get (pieces, QFU_PIECE_CREDENTIAL, error);
  GBytes *seed = credential == NULL ? NULL : qfu_pieces_get (pieces, QFU_PIECE_SEED, error);
  GBytes *secret = seed == NULL ? NULL : qfu_pieces_get (pieces, QFU_PIECE_SECRET, error);
  g_autoptr (QfuFolder) kept = secret == NULL ? NULL : qfu_folder_new (path, names, TRUE, error);

  return kept != NULL && qfu_folder_add (kept, QFU_FILE_SECRET, secret, error) &&
         qfu_folder_add_blob (kept, QFU_FILE_AK, ak, error) && qfu_folder_finish (kept, error) &&
         qfu_remote_write (travelling, QFU_FILE_SEED, seed, error) &&
         qfu_remote_write (travelling, QFU_FILE_CREDENTIAL, credential, error);
}

static const char *
vouched (const QfuEnrolment *enrolment)
{
  switch (enrolment->verdict) {
  case QFU_ENROLMENT_GOOD:
    return "good";
  case QFU_ENROLMENT_UNCHECKED:
    return "unchecked";
  case QFU_ENROLMENT_NO_CERTIFICATE:
  case QFU_ENROLMENT_AK:
  case QFU_ENROLMENT_EK:
  case QFU_ENROLMENT_OTHER_KEY:
  case QFU_ENROLMENT_EXPIRED:
  case QFU_ENROLMENT_AUTHORITY:
  case QFU_ENROLMENT_UNREADABLE:
  default:
    return "none";
  }
}

gboolean
qfu_remote_challenge (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuUntrustedBlob) ak =
      qfu_remote_load (options->challenge, QFU_FILE_AK, QFU_TPM_PUBLIC_MAX, error);
  g_autoptr (QfuEnrolment) enrolment = ak == NULL ? NULL : judge_keys (config, options, ak, error);
  g_autoptr (QfuPieces) pieces =
      enrolment == NULL ? NULL : make_challenge (config, enrolment, error);
  g_autofree char *name = NULL;
  JsonBuilder *builder;

  if (pieces == NULL || !keep_challenge (options->challenge, ak, pieces, error))
    return FALSE;
  name = qfu_remote_hex (enrolment->key_name);
  if (enrolment->verdict == QFU_ENROLMENT_GOOD)
    qfu_say (options, "%s vouches for the endorsement key", enrolment->authority);
  else
    qfu_warn ("nobody vouches that the endorsement key is a TPM's%s: know by another way that %s "
              "comes from the machine",
              enrolment->verdict == QFU_ENROLMENT_UNCHECKED ? " (--ek-ca names who may)" : "",
              options->challenge);
  qfu_say (options, "challenged key %s; take %s to the machine (`attest --activate`)", name,
           options->challenge);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", "challenged");
  qfu_json_text (builder, "folder", options->challenge);
  qfu_json_text (builder, "akName", name);
  qfu_json_text (builder, "certificate", vouched (enrolment));
  qfu_json_text (builder, "authority", enrolment->authority);
  qfu_json_text (builder, "serial", enrolment->serial);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}

/* Writes the pinned key; one that is there already stays if it is another. */
static gboolean
pin (const char *path, const QfuUntrustedBlob *ak, GError **error)
{
  g_autofree char *beside = g_strconcat (path, ".XXXXXX", NULL);
  g_auto (QfuFd) fd = g_mkstemp_full (beside, O_RDWR | O_CLOEXEC, 0644);
  g_autoptr (QfuUntrustedBlob) present = NULL;
  gboolean done;

  if (fd < 0)
    return qfu_error_errno (error, errno, "no file can be made beside %s", path);
  done = qfu_untrusted_blob_write_to (ak, fd, error) &&
         (fsync (fd) == 0 || qfu_error_errno (error, errno, "%s cannot be written", beside));
  if (done && renameat2 (AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return TRUE;
  (void)unlink (beside);
  present = done ? qfu_untrusted_blob_load (path, QFU_TPM_PUBLIC_MAX, TRUE, NULL) : NULL;
  if (present != NULL && qfu_untrusted_blob_size (present) == qfu_untrusted_blob_size (ak) &&
      qfu_untrusted_blob_equal_range (present, 0, ak, 0, qfu_untrusted_blob_size (ak)))
    return TRUE;
  if (done)
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s is there and holds something else; remove it if that machine has a new key",
                 path);
  return FALSE;
}

static void
forget (const char *kept)
{
  static const char *const names[] = {QFU_FILE_SECRET, QFU_FILE_AK};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (kept, names[i], NULL);

    (void)unlink (path);
  }
  (void)rmdir (kept);
}

gboolean
qfu_remote_accept (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autofree char *kept = kept_path (options->accept);
  g_autoptr (QfuUntrustedBlob) secret = qfu_remote_load (kept, QFU_FILE_SECRET, SECRET_ROOM, error);
  g_autoptr (QfuUntrustedBlob) ak =
      secret == NULL ? NULL : qfu_remote_load (kept, QFU_FILE_AK, QFU_TPM_PUBLIC_MAX, error);
  g_autoptr (QfuUntrustedBlob) answer =
      ak == NULL ? NULL : qfu_remote_load (options->accept, QFU_FILE_ANSWER, SECRET_ROOM, error);
  JsonBuilder *builder;

  if (answer == NULL)
    return FALSE;
  if (qfu_untrusted_blob_size (secret) == 0 ||
      qfu_untrusted_blob_size (answer) != qfu_untrusted_blob_size (secret) ||
      !qfu_untrusted_blob_equal_range (answer, 0, secret, 0, qfu_untrusted_blob_size (secret))) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the answer is not what the challenge hid: the attestation key is not in "
                         "the TPM of the endorsement key");
    return FALSE;
  }
  if (!pin (options->ak, ak, error))
    return FALSE;
  forget (kept);
  qfu_say (options, "the attestation key is in the TPM of the endorsement key; pinned as %s",
           options->ak);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", "accepted");
  qfu_json_text (builder, "ak", options->ak);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
