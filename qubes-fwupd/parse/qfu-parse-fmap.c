/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-fmap.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define SIGNATURE "__FMAP__"
#define HEADER_SIZE 56 /* signature, versions, base, size, name, number of areas */
#define AREA_SIZE 42

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "flash map: %s", what);
  return FALSE;
}

static gboolean
copy_name (const guint8 *raw, char name[QFU_FMAP_NAME_MAX])
{
  gsize length = strnlen ((const char *)raw, QFU_FMAP_NAME_MAX);

  if (length == 0 || length == QFU_FMAP_NAME_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (raw[i] <= ' ' || raw[i] > '~')
      return FALSE;
  }
  memcpy (name, raw, length);
  memset (name + length, 0, QFU_FMAP_NAME_MAX - length);
  return TRUE;
}

static gboolean
read_area (QfuReader *r, QfuFmapArea *area, gboolean *named)
{
  const guint8 *raw;

  area->offset = qfu_reader_u32 (r);
  area->size = qfu_reader_u32 (r);
  raw = qfu_reader_bytes (r, QFU_FMAP_NAME_MAX);
  area->flags = qfu_reader_u16 (r);
  *named = raw != NULL && copy_name (raw, area->name);
  return !r->failed;
}

/* Reads the table at @pos as it is; %NULL when it does not fit. */
static GArray *
read_table (const QfuParseInput *image, gsize pos, GError **error)
{
  g_autoptr (GArray) areas = g_array_new (FALSE, TRUE, sizeof (QfuFmapArea));
  QfuReader r = qfu_reader (image->data, image->size);
  guint count;

  qfu_reader_seek (&r, pos + HEADER_SIZE - 2);
  count = qfu_reader_u16 (&r);
  if (r.failed || count == 0 || count > QFU_ROM_REGIONS_MAX ||
      count > qfu_reader_left (&r) / AREA_SIZE) {
    refuse (error, "a table with an impossible number of areas");
    return NULL;
  }
  for (guint i = 0; i < count; i++) {
    QfuFmapArea area = {0};
    gboolean named;

    if (!read_area (&r, &area, &named) || !named) {
      refuse (error, "an area without a printable name");
      return NULL;
    }
    g_array_append_val (areas, area);
  }
  return g_steal_pointer (&areas);
}

static const QfuFmapArea *
find_area (const GArray *areas, const char *name)
{
  for (guint i = 0; i < areas->len; i++) {
    const QfuFmapArea *area = &g_array_index (areas, QfuFmapArea, i);

    if (strcmp (area->name, name) == 0)
      return area;
  }
  return NULL;
}

static gboolean
contains (const QfuFmapArea *a, const QfuFmapArea *b)
{
  return b->offset >= a->offset && b->offset - a->offset <= a->size &&
         b->size <= a->size - (b->offset - a->offset);
}

static gboolean
check_pair (QfuFmapArea *a, QfuFmapArea *b, GError **error)
{
  if (strcmp (a->name, b->name) == 0)
    return refuse (error, "two areas of one name");
  if (a->size == 0 || b->size == 0)
    return TRUE;
  if (contains (a, b)) {
    a->leaf = FALSE;
    b->leaf = b->leaf && !contains (b, a);
    return TRUE;
  }
  if (contains (b, a)) {
    b->leaf = FALSE;
    return TRUE;
  }
  if (a->offset < b->offset ? b->offset - a->offset >= a->size : a->offset - b->offset >= b->size)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "flash map: areas %s and %s overlap", a->name,
               b->name);
  return FALSE;
}

static gboolean
check_areas (GArray *areas, gsize size, GError **error)
{
  QfuFmapArea *all = (QfuFmapArea *)(void *)areas->data;

  for (guint i = 0; i < areas->len; i++) {
    if (all[i].offset > size || all[i].size > size - all[i].offset) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "flash map: area %s lies outside the image",
                   all[i].name);
      return FALSE;
    }
    all[i].leaf = TRUE;
  }
  for (guint i = 0; i < areas->len; i++) {
    for (guint j = i + 1; j < areas->len; j++) {
      if (!check_pair (&all[i], &all[j], error))
        return FALSE;
    }
  }
  return TRUE;
}

gboolean
qfu_fmap_here (const QfuParseInput *image)
{
  return image->size > 0 &&
         memmem (image->data, image->size, SIGNATURE, strlen (SIGNATURE)) != NULL;
}

GArray *
qfu_fmap_parse (const QfuParseInput *image, GError **error)
{
  g_autoptr (GArray) found = NULL;
  g_autoptr (GError) why = NULL;
  gsize pos = 0;

  for (guint tries = 0; pos < image->size; tries++) {
    g_autoptr (GArray) areas = NULL;
    const QfuFmapArea *self;
    const guint8 *hit =
        memmem (image->data + pos, image->size - pos, SIGNATURE, strlen (SIGNATURE));

    if (hit == NULL)
      break;
    if (tries == QFU_FMAP_CANDIDATES_MAX) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "flash map: too many signatures");
      return NULL;
    }
    pos = (gsize)(hit - image->data);
    areas = read_table (image, pos, why == NULL ? &why : NULL);
    self = areas != NULL ? find_area (areas, "FMAP") : NULL;
    if (self != NULL && self->offset == pos) {
      if (found != NULL) {
        refuse (error, "two tables that both lie in their own area FMAP");
        return NULL;
      }
      found = g_steal_pointer (&areas);
    }
    pos += strlen (SIGNATURE);
  }
  if (found == NULL) {
    refuse (error, why != NULL ? why->message + strlen ("flash map: ")
                               : "no table lies in its own area FMAP");
    return NULL;
  }
  return check_areas (found, image->size, error) ? g_steal_pointer (&found) : NULL;
}
