/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"

#include <string.h>

static void
le (GByteArray *out, guint64 value, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    guint8 byte = (guint8)(value >> (8 * i));

    g_byte_array_append (out, &byte, 1);
  }
}

static gsize
total (const CabFile *files, gsize n_files, gsize *names)
{
  gsize size = 0;

  *names = 0;
  for (gsize i = 0; i < n_files; i++) {
    size += files[i].size;
    *names += 16 + strlen (files[i].name) + 1;
  }
  return size;
}

GByteArray *
cab_build (const CabFile *files, gsize n_files, const CabClaims *claims)
{
  static const CabClaims ordinary = {0};
  GByteArray *cab = g_byte_array_new ();
  gsize names;
  gsize size = total (files, n_files, &names);
  gsize data_at = 36 + 8 + names;
  gsize offset = 0;

  if (claims == NULL)
    claims = &ordinary;
  g_byte_array_append (cab, (const guint8 *)"MSCF", 4);
  le (cab, 0, 4);
  le (cab, data_at + 8 + size, 4);
  le (cab, 0, 4);
  le (cab, 36 + 8, 4);
  le (cab, 0, 4);
  le (cab, 0x0103, 2);
  le (cab, 1, 2);
  le (cab, claims->n_files != 0 ? claims->n_files : n_files, 2);
  le (cab, claims->flags, 2);
  le (cab, 0, 4);
  le (cab, data_at, 4);
  le (cab, 1, 2);
  le (cab, claims->compression, 2);
  for (gsize i = 0; i < n_files; i++) {
    le (cab, files[i].claimed != 0 ? files[i].claimed : files[i].size, 4);
    le (cab, offset, 4);
    le (cab, 0, 2);
    le (cab, 0x5a21, 2); /* 2025-01-01 */
    le (cab, 0, 2);
    le (cab, 0x20, 2);
    g_byte_array_append (cab, (const guint8 *)files[i].name, (guint)strlen (files[i].name) + 1);
    offset += files[i].size;
  }
  le (cab, 0, 4); /* no checksum */
  le (cab, size, 2);
  le (cab, size, 2);
  for (gsize i = 0; i < n_files; i++)
    g_byte_array_append (cab, files[i].data, (guint)files[i].size);
  return cab;
}
