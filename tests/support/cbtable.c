/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cbtable.h"

#include "image.h"

static void
add_u64 (GByteArray *bytes, guint64 value)
{
  image_u32 (bytes, (guint32)value);
  image_u32 (bytes, (guint32)(value >> 32));
}

static guint16
checksum (const GByteArray *bytes)
{
  guint64 sum = 0;

  for (guint i = 0; i < bytes->len; i += 2)
    sum += bytes->data[i] + 256u * (i + 1 < bytes->len ? bytes->data[i + 1] : 0);
  while (sum > 0xffff)
    sum = sum % 0x10000 + sum / 0x10000;
  return (guint16)(0xffff - sum);
}

void
cbtable_record (GByteArray *records, guint32 tag, guint32 size)
{
  image_u32 (records, tag);
  image_u32 (records, size);
}

void
cbtable_forward (GByteArray *records, guint64 address)
{
  cbtable_record (records, 0x11, 16);
  add_u64 (records, address);
}

void
cbtable_area (GByteArray *records, guint32 id, guint64 address, guint32 size)
{
  cbtable_record (records, 0x31, 24);
  add_u64 (records, address);
  image_u32 (records, size);
  image_u32 (records, id);
}

GByteArray *
cbtable_new (const GByteArray *records, guint count)
{
  GByteArray *table = g_byte_array_new ();
  guint16 sum;

  g_byte_array_append (table, (const guint8 *)"LBIO", 4);
  image_u32 (table, 24);
  image_u32 (table, 0);
  image_u32 (table, records->len);
  image_u32 (table, checksum (records));
  image_u32 (table, count);
  sum = checksum (table);
  table->data[8] = (guint8)sum;
  table->data[9] = (guint8)(sum >> 8);
  g_byte_array_append (table, records->data, records->len);
  return table;
}

GByteArray *
cbtable_areas (guint count)
{
  GByteArray *records = g_byte_array_new ();

  for (guint i = 0; i < count; i++)
    cbtable_area (records, i, 0x7f000000 + 4096 * (guint64)i, 4096);
  return records;
}
