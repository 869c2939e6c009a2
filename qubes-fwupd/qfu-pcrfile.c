/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pcrfile.h"

#include "qfu-error.h"
#include "qfu-worker.h"
#include "qfu-writer.h"

guint
qfu_selection_of (const QfuPcrSet *values, QfuSelection *out)
{
  guint n = 0;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    guint32 pcrs = 0;

    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
      pcrs |= values->known[bank][pcr] ? 1u << pcr : 0;
    if (pcrs != 0)
      out[n++] = (QfuSelection){qfu_bank_hash (bank), pcrs};
  }
  return n;
}

gboolean
qfu_selection_digest (
    const QfuSelection *selection, guint n, const QfuPcrSet *values, QfuHash hash, QfuDigest *out)
{
  g_autoptr (QfuHasher) hasher = qfu_hasher_new (hash);

  for (guint i = 0; i < n; i++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      const QfuDigest *value = qfu_pcr_set_get (values, selection[i].hash, pcr);

      if ((selection[i].pcrs & 1u << pcr) == 0)
        continue;
      if (value == NULL)
        return FALSE;
      qfu_hasher_update (hasher, value->data, value->size);
    }
  }
  qfu_hasher_finish (g_steal_pointer (&hasher), out);
  return TRUE;
}

gboolean
qfu_pcr_set_take (QfuPcrSet *values, const QfuMessage *message)
{
  QfuDigest digest;
  guint64 pcr;

  return qfu_message_type (message) == QFU_FRAME_PCR &&
         qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &digest) &&
         qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &pcr, NULL) &&
         qfu_pcr_set_put (values, (guint)pcr, &digest);
}

static void
add_selections (QfuWriter *out, const QfuSelection *selection, guint n)
{
  qfu_writer_u32 (out, n);
  for (guint i = 0; i < QFU_PCRFILE_SELECTIONS; i++) {
    qfu_writer_u16 (out, i < n ? (guint16)selection[i].hash : 0);
    qfu_writer_le (out, i < n ? QFU_PCR_COUNT / 8 : 0, 1);
    qfu_writer_u32 (out, i < n ? selection[i].pcrs : 0);
    qfu_writer_le (out, 0, 1);
  }
}

static void
add_digest (QfuWriter *out, const QfuDigest *digest)
{
  static const guint8 zeros[QFU_DIGEST_MAX];

  qfu_writer_u16 (out, digest == NULL ? 0 : (guint16)digest->size);
  qfu_writer_bytes (out, digest == NULL ? zeros : digest->data, QFU_DIGEST_MAX);
}

GBytes *
qfu_pcrfile_make (const QfuPcrSet *values)
{
  const QfuDigest *known[QFU_BANK_COUNT * QFU_PCR_COUNT];
  QfuSelection selection[QFU_BANK_COUNT];
  guint n = qfu_selection_of (values, selection);
  guint count = 0;
  QfuWriter *out = g_byte_array_new ();

  for (guint i = 0; i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    if (values->known[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT])
      known[count++] = &values->value[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT];
  }
  add_selections (out, selection, n);
  qfu_writer_u32 (out, (count + QFU_PCRFILE_DIGESTS - 1) / QFU_PCRFILE_DIGESTS);
  for (guint first = 0; first < count; first += QFU_PCRFILE_DIGESTS) {
    qfu_writer_u32 (out, MIN (count - first, QFU_PCRFILE_DIGESTS));
    for (guint i = first; i < first + QFU_PCRFILE_DIGESTS; i++)
      add_digest (out, i < count ? known[i] : NULL);
  }
  return g_byte_array_free_to_bytes (out);
}

gboolean
qfu_pcrfile_read (const QfuConfig *config,
                  const QfuUntrustedBlob *file,
                  QfuPcrSet *values,
                  GError **error)
{
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, QFU_OP_PCRFILE, NULL, &file, 1, error);

  qfu_pcr_set_clear (values);
  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
    if (!qfu_pcr_set_take (values, message)) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                           "the worker for pcrfile sent something else than PCRs");
      return FALSE;
    }
  }
  return FALSE;
}
