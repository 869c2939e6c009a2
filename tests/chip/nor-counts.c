/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-counts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* of constant length, so that the file has its size from the beginning */
#define FORM                                                                                       \
  "{\"operations\": %12" G_GUINT64_FORMAT ", \"erases\": %12" G_GUINT64_FORMAT                     \
  ", \"erased\": %12" G_GUINT64_FORMAT ", \"programs\": %12" G_GUINT64_FORMAT                      \
  ", \"programmed\": %12" G_GUINT64_FORMAT ", \"refused\": %12" G_GUINT64_FORMAT                   \
  ", \"read\": %12" G_GUINT64_FORMAT ", \"cut\": %" G_GUINT64_FORMAT "}\n"
#define LENGTH_MAX 512

static gsize
put (const NorCounts *counts, char *text)
{
  return (gsize)g_snprintf (text, LENGTH_MAX, FORM, counts->operations, counts->erases,
                            counts->erased, counts->programs, counts->programmed, counts->refused,
                            counts->read, counts->cut);
}

gboolean
nor_counts_open (NorCounts *counts, const char *path)
{
  char text[LENGTH_MAX];
  gsize length = put (counts, text);
  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  void *map = MAP_FAILED;

  if (fd >= 0 && ftruncate (fd, (off_t)length) == 0)
    map = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0)
    (void)close (fd);
  if (map == MAP_FAILED)
    return FALSE;
  counts->shown = map;
  nor_counts_show (counts);
  return TRUE;
}

void
nor_counts_show (const NorCounts *counts)
{
  char text[LENGTH_MAX];
  gsize length = put (counts, text);

  if (counts->shown != NULL)
    memcpy (counts->shown, text, length);
}
