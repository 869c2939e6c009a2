/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coreboot's table: a header of 24 bytes on a boundary of 16, then records of {u32 tag, u32 size,
 * …}. The one in low memory says where the whole one is; that one lists the areas of CBMEM. */
#include "qfu-error.h"
#include "qfu-parse.h"
#include "qfu-reader.h"

#include <string.h>

#define SIGNATURE "LBIO"
#define ALIGNMENT 16
#define HEADER_SIZE 24
#define RECORD_SIZE 8
#define TAG_FORWARD 0x11
#define TAG_CBMEM_ENTRY 0x31
#define WIDE_ENTRY_SIZE 24 /* of a record of CBMEM: address, size, id */
#define FORWARD_SIZE 16

/* A table whose checksums are right. */
typedef struct {
  const guint8 *records;
  guint32 size;
  guint32 count;
} Table;

typedef struct {
  const QfuParseSink *sink;
  guint areas;
} Walk;

/* The checksum of IP, of 16-bit words as they lie in memory: 0 over what includes its own. */
static guint16
checksum (const guint8 *data, gsize size)
{
  guint32 sum = 0;

  for (gsize i = 0; i < size; i++) {
    sum += (guint32)data[i] << (i % 2 == 0 ? 0 : 8);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (guint16)~sum;
}

static gboolean
read_table (const QfuParseInput *input, gsize at, Table *table)
{
  QfuReader r = qfu_reader (input->data + at, input->size - at);
  const guint8 *start = input->data + at;
  const guint8 *signature = qfu_reader_bytes (&r, 4);
  guint32 header = qfu_reader_u32 (&r);
  guint32 sum;

  if (signature == NULL || memcmp (signature, SIGNATURE, 4) != 0)
    return FALSE;
  (void)qfu_reader_u32 (&r); /* the header's checksum, which is summed with it */
  table->size = qfu_reader_u32 (&r);
  sum = qfu_reader_u32 (&r);
  table->count = qfu_reader_u32 (&r);
  if (r.failed || header < HEADER_SIZE || !qfu_reader_seek (&r, header) ||
      checksum (start, header) != 0)
    return FALSE;
  table->records = qfu_reader_bytes (&r, table->size);
  return table->records != NULL && checksum (table->records, table->size) == sum;
}

static gboolean
send_forward (Walk *walk, QfuReader *record, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_FORWARD);

  qfu_message_add_number (message, QFU_FIELD_ADDRESS, qfu_reader_u64 (record));
  return qfu_parse_emit (walk->sink, message, error);
}

static gboolean
send_area (Walk *walk, QfuReader *record, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_CBMEM);
  guint64 address = qfu_reader_u64 (record);
  guint32 size = qfu_reader_u32 (record);

  if (walk->areas++ >= QFU_CBTABLE_AREAS_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT,
                         "coreboot's table lists too many areas");
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_KIND, qfu_reader_u32 (record));
  qfu_message_add_number (message, QFU_FIELD_ADDRESS, address);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return qfu_parse_emit (walk->sink, message, error);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "coreboot's table: %s", what);
  return FALSE;
}

/* Sends what the records say; a table that forwards counts for that alone. */
static gboolean
walk_records (const Table *table, Walk *walk, GError **error)
{
  QfuReader r = qfu_reader (table->records, table->size);

  for (guint32 i = 0; i < table->count; i++) {
    QfuReader record = qfu_reader (r.data + r.pos, qfu_reader_left (&r));
    guint32 tag = qfu_reader_u32 (&record);
    guint32 size = qfu_reader_u32 (&record);

    if (record.failed || size < RECORD_SIZE || !qfu_reader_skip (&r, size))
      return refuse (error, "a record leaves it");
    if (tag == TAG_FORWARD && size >= FORWARD_SIZE)
      return send_forward (walk, &record, error);
    if (tag == TAG_CBMEM_ENTRY && size >= WIDE_ENTRY_SIZE && !send_area (walk, &record, error))
      return FALSE;
  }
  return TRUE;
}

/* Looks for a table on each boundary of @input, or at its start alone. */
static gboolean
find_table (const QfuParseInput *input, gboolean at_start, Table *table)
{
  for (gsize at = 0; input->size >= HEADER_SIZE && at <= input->size - HEADER_SIZE;
       at += ALIGNMENT) {
    if (read_table (input, at, table))
      return TRUE;
    if (at_start)
      return FALSE;
  }
  return FALSE;
}

gboolean
qfu_parse_cbtable (const QfuMessage *arguments,
                   const QfuParseInput *inputs,
                   gsize n_inputs,
                   const QfuParseSink *sink,
                   GError **error)
{
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0);
  gboolean at_start = (flags & QFU_CBTABLE_AT_START) != 0;
  Walk walk = {.sink = sink};

  for (gsize i = 0; i < n_inputs; i++) {
    if (inputs[i].size > QFU_CBTABLE_SIZE_MAX) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT,
                           "more memory than coreboot's table is looked for in");
      return FALSE;
    }
  }
  for (gsize i = 0; i < (at_start ? 1 : n_inputs); i++) {
    Table table;

    if (find_table (&inputs[i], at_start, &table))
      return walk_records (&table, &walk, error);
  }
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "there is no table of coreboot");
  return FALSE;
}
