/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-vouch.h"

#include "qfu-error.h"
#include "qfu-freshness.h"
#include "qfu-index.h"
#include "qfu-limits.h"

#include <string.h>

void
qfu_voucher_free (QfuVoucher *voucher)
{
  if (voucher == NULL)
    return;
  g_ptr_array_unref (voucher->reasons);
  g_free (voucher->authority);
  g_free (voucher->subject);
  g_free (voucher->version);
  g_free (voucher);
}

static void object (QfuVoucher *voucher, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
object (QfuVoucher *voucher, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (voucher->reasons, g_strdup_vprintf (format, args));
  va_end (args);
}

/* Makes @problem an objection when the metadata is to blame for it. */
static gboolean
blame (QfuVoucher *voucher, GError *problem, GError **error)
{
  g_autoptr (GError) owned = problem;

  if (!qfu_cab_blames (problem)) {
    g_propagate_error (error, g_steal_pointer (&owned));
    return FALSE;
  }
  object (voucher, "the metadata: %s", problem->message);
  return TRUE;
}

static QfuSignedMetadata *
verify (const QfuConfig *config, const QfuVouchQuestion *question, GError **error)
{
  /* those authorities and no remote's: where the file came from is not known */
  QfuConfig with = *config;
  g_autofree char *keys = g_strdup (question->keys);
  g_autofree char *name = g_path_get_basename (question->metadata);
  const QfuMetadataWanted wanted = {"", name, question->now};
  g_autoptr (QfuUntrustedBlob) metadata =
      qfu_untrusted_blob_load (question->metadata, QFU_METADATA_SIZE_MAX, FALSE, error);
  g_autoptr (QfuUntrustedBlob) jcat =
      metadata == NULL
          ? NULL
          : qfu_untrusted_blob_load (question->signature, QFU_JCAT_SIZE_MAX, FALSE, error);

  with.metadata_keys = keys;
  return jcat == NULL ? NULL : qfu_metadata_verify (&with, &wanted, jcat, metadata, error);
}

/* The release of the cab, and its component. */
static const QfuComponentRelease *
find (const GPtrArray *components, const QfuDigest *cab, const QfuComponent **component)
{
  for (guint i = 0; i < components->len; i++) {
    *component = g_ptr_array_index (components, i);
    for (guint j = 0; j < (*component)->releases->len; j++) {
      const QfuComponentRelease *release = g_ptr_array_index ((*component)->releases, j);

      if (release->has_sha256 && qfu_digest_equal (&release->sha256, cab))
        return release;
    }
  }
  return NULL;
}

/* What the metadata and the metainfo say of one firmware has to be the same. */
static void
compare (QfuVoucher *voucher,
         const QfuComponent *component,
         const QfuComponentRelease *release,
         const QfuCabReport *report)
{
  if (report->component == NULL || report->release == NULL) {
    object (voucher, "what the metadata says cannot be compared with the metainfo");
    return;
  }
  if (strcmp (component->id, report->component->id) != 0)
    object (voucher, "the metadata calls the firmware %s, the metainfo %s", component->id,
            report->component->id);
  if (strcmp (release->version, report->release->version) != 0)
    object (voucher, "the metadata says version %s, the metainfo %s", release->version,
            report->release->version);
  for (gsize i = 0; report->component->guids[i] != NULL; i++) {
    const char *guid = report->component->guids[i];

    if (!g_strv_contains ((const char *const *)component->guids, guid))
      object (voucher, "the metadata does not say that it is for %s", guid);
  }
  if (!release->has_content)
    object (voucher, "the metadata does not state the SHA-256 of the payload");
  else if (!report->release->has_content ||
           !qfu_digest_equal (&release->content, &report->release->content))
    object (voucher, "the metadata states another SHA-256 of the payload than the metainfo");
}

static gboolean
look_up (QfuVoucher *voucher,
         const QfuConfig *config,
         const QfuVouchQuestion *question,
         const QfuSignedMetadata *metadata,
         GError **error)
{
  GError *problem = NULL;
  g_autoptr (QfuIndex) index = qfu_index_new (config, metadata, &problem);
  g_autoptr (GPtrArray) components =
      index == NULL ? NULL : qfu_index_components (index, NULL, &problem);
  const QfuComponent *component;
  const QfuComponentRelease *release;

  if (components == NULL)
    return blame (voucher, problem, error);
  release = find (components, question->cab, &component);
  if (release == NULL) {
    object (voucher, "the metadata does not name the SHA-256 of this file");
    return TRUE;
  }
  voucher->version = g_strdup (release->version);
  compare (voucher, component, release, question->report);
  return TRUE;
}

QfuVoucher *
qfu_vouch (const QfuConfig *config, const QfuVouchQuestion *question, GError **error)
{
  GError *problem = NULL;
  g_autoptr (QfuVoucher) voucher = g_new0 (QfuVoucher, 1);
  g_autoptr (QfuSignedMetadata) metadata = NULL;
  const QfuSignature *signature;

  voucher->reasons = g_ptr_array_new_with_free_func (g_free);
  metadata = verify (config, question, &problem);
  if (metadata == NULL)
    return blame (voucher, problem, error) ? g_steal_pointer (&voucher) : NULL;
  signature = qfu_signed_metadata_signature (metadata);
  voucher->authority = g_strdup (qfu_signature_authority (signature));
  voucher->subject = g_strdup (qfu_signature_subject (signature));
  voucher->time = qfu_signature_time (signature);
  voucher->stale = qfu_freshness_stale (config, &(QfuFreshness){"", voucher->time, question->now});
  return look_up (voucher, config, question, metadata, error) ? g_steal_pointer (&voucher) : NULL;
}
