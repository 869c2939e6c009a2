/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The PCR values beside a quote, as tpm2_quote writes them: structures of tpm2-tss in little-endian
 * order, all rooms of their arrays included. A digest over the values decides whether they count;
 * dom0 computes that itself. */
#include "qfu-error.h"
#include "qfu-parse.h"
#include "qfu-pcr.h"
#include "qfu-reader.h"

#include <string.h>

#define SIZE_OF_SELECT 3 /* bytes of bits for 24 PCRs */

typedef struct {
  guint hash;
  guint32 pcrs;
} Bank;

typedef struct {
  Bank banks[QFU_PCRFILE_SELECTIONS];
  guint n_banks;
  guint bank; /* where the next value belongs */
  guint pcr;
} Cursor;

static gboolean
fail (GError **error, const char *why)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, why);
  return FALSE;
}

static gboolean
read_banks (QfuReader *r, Cursor *cursor, GError **error)
{
  guint32 count = qfu_reader_u32 (r);

  if (r->failed || count == 0 || count > QFU_QUOTE_SELECTIONS_MAX)
    return fail (error, "the file of PCRs has no banks, or more than 8");
  for (guint i = 0; i < QFU_PCRFILE_SELECTIONS; i++) {
    Bank bank = {qfu_reader_u16 (r), 0};
    guint8 size = qfu_reader_u8 (r);

    bank.pcrs = qfu_reader_u32 (r);
    (void)qfu_reader_skip (r, 1);
    if (i >= count)
      continue;
    if (r->failed || size != SIZE_OF_SELECT || bank.pcrs >> QFU_PCR_COUNT != 0)
      return fail (error, "the file of PCRs selects what is no PCR");
    if (qfu_hash_size (bank.hash) == 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                   "the file of PCRs has a bank of algorithm 0x%04x, which is not known here",
                   bank.hash);
      return FALSE;
    }
    cursor->banks[cursor->n_banks++] = bank;
  }
  return TRUE;
}

/* The next PCR that is selected; %FALSE at the end. */
static gboolean
advance (Cursor *cursor)
{
  while (cursor->bank < cursor->n_banks) {
    if (cursor->pcr == QFU_PCR_COUNT) {
      cursor->pcr = 0;
      cursor->bank++;
    } else if ((cursor->banks[cursor->bank].pcrs & 1u << cursor->pcr) != 0) {
      return TRUE;
    } else {
      cursor->pcr++;
    }
  }
  return FALSE;
}

static gboolean
emit_value (
    Cursor *cursor, const guint8 *data, gsize size, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PCR);
  QfuDigest digest;

  if (!advance (cursor) || data == NULL ||
      !qfu_digest_set (&digest, cursor->banks[cursor->bank].hash, data, size))
    return fail (error, "the file of PCRs has a value that is not selected, or of another length");
  qfu_message_add_number (message, QFU_FIELD_PCR, cursor->pcr++);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  return qfu_parse_emit (sink, message, error);
}

/* One TPML_DIGEST. */
static gboolean
read_list (QfuReader *r, Cursor *cursor, const QfuParseSink *sink, GError **error)
{
  guint32 count = qfu_reader_u32 (r);

  if (count > QFU_PCRFILE_DIGESTS)
    return fail (error, "the file of PCRs has more values in a list than fit");
  for (guint i = 0; i < QFU_PCRFILE_DIGESTS; i++) {
    guint16 size = qfu_reader_u16 (r);
    const guint8 *data = qfu_reader_bytes (r, QFU_DIGEST_MAX);

    if (r->failed)
      return fail (error, "the file of PCRs ends too early");
    if (i < count && !emit_value (cursor, data, MIN (size, QFU_DIGEST_MAX), sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_parse_pcrfile (const QfuMessage *arguments,
                   const QfuParseInput *inputs,
                   gsize n_inputs,
                   const QfuParseSink *sink,
                   GError **error)
{
  QfuReader r = qfu_reader (inputs[0].data, inputs[0].size);
  Cursor cursor = {.n_banks = 0};
  guint32 lists;

  if (inputs[0].size > QFU_PCRFILE_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT,
                         "the file of PCRs is larger than 64 KiB");
    return FALSE;
  }
  if (!read_banks (&r, &cursor, error))
    return FALSE;
  lists = qfu_reader_u32 (&r);
  for (guint32 i = 0; i < lists && !r.failed; i++) {
    if (!read_list (&r, &cursor, sink, error))
      return FALSE;
  }
  if (r.failed || qfu_reader_left (&r) != 0 || advance (&cursor))
    return fail (error, "the file of PCRs lacks values, or has bytes left over");
  return TRUE;
}
