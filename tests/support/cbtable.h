/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* coreboot's table record by record, for tests. */

/* Appends a record that forwards, one of an area of CBMEM, or any. */
void cbtable_forward (GByteArray *records, guint64 address);
void cbtable_area (GByteArray *records, guint32 id, guint64 address, guint32 size);
void cbtable_record (GByteArray *records, guint32 tag, guint32 size);
/* (transfer full): the table of @records, which are @count, with the right checksums. */
GByteArray *cbtable_new (const GByteArray *records, guint count);
/* (transfer full): as many records of areas as that, of 4096 bytes each. */
GByteArray *cbtable_areas (guint count);
