/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file of a cabinet. */
typedef struct {
  const char *name;
  const void *data;
  gsize size;
  guint32 claimed; /* stated size; 0: @size */
} CabFile;

/* What a cabinet claims beyond its files; zero is an ordinary stored one. */
typedef struct {
  guint16 flags;
  guint16 compression;
  guint16 n_files; /* stated number; 0: the true one */
} CabClaims;

/* (transfer full): a cabinet of one folder; together the files have at most 32 kB. */
GByteArray *cab_build (const CabFile *files, gsize n_files, const CabClaims *claims);
