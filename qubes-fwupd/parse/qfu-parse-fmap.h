/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/* An area of the flash map; its range lies inside the image. */
typedef struct {
  char name[QFU_FMAP_NAME_MAX];
  guint32 offset;
  guint32 size;
  guint16 flags;
  gboolean leaf; /* no other area lies inside it */
} QfuFmapArea;

/* Whether the image has the signature of a flash map anywhere. */
gboolean qfu_fmap_here (const QfuParseInput *image);

/**
 * qfu_fmap_parse:
 * @image: the image
 * @error: #QFU_ERROR_FORMAT when there is no flash map, more than one, or one that contradicts
 * itself
 *
 * The flash map that lies in its own area `FMAP`: copies elsewhere in an image are data. Areas may
 * hold one another, but not overlap in part.
 *
 * Returns: (transfer full) (element-type QfuFmapArea): the areas, or %NULL
 */
GArray *qfu_fmap_parse (const QfuParseInput *image, GError **error);
