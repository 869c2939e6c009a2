/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-cbfs.h"

#include "qfu-error.h"
#include "qfu-reader.h"

#include <string.h>

#define MAGIC "LARCHIVE"
#define MAGIC_SIZE 8
#define HEADER_SIZE 24 /* magic, length, type, attributes' offset, data's offset */
#define ALIGNMENT 64
#define TYPE_DELETED 0
#define TYPE_EMPTY 0xffffffffu
#define ATTRIBUTE_COMPRESSION 0x42435a4cu
#define ATTRIBUTE_STAGE 0x53746748u
#define ATTRIBUTE_HEADER_SIZE 8

typedef struct {
  guint32 length;
  guint32 type;
  guint32 attributes;
  guint32 data;
} Header;

static gboolean
refuse (GError **error, gsize pos, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "CBFS file at 0x%zx: %s", pos, what);
  return FALSE;
}

gboolean
qfu_cbfs_here (const QfuParseInput *image, gsize offset, gsize size)
{
  return size >= HEADER_SIZE && offset <= image->size && size <= image->size - offset &&
         memcmp (image->data + offset, MAGIC, MAGIC_SIZE) == 0;
}

/* The name fills what lies between header and attributes, or data. */
static gboolean
read_name (const QfuParseInput *image, gsize pos, const Header *h, QfuCbfsFile *file)
{
  gsize end = h->attributes >= HEADER_SIZE && h->attributes < h->data ? h->attributes : h->data;
  gsize room = MIN (end - HEADER_SIZE, QFU_CBFS_NAME_MAX);
  const guint8 *raw = image->data + pos + HEADER_SIZE;
  gsize length = strnlen ((const char *)raw, room);

  if (length == room)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (raw[i] < ' ' || raw[i] > '~')
      return FALSE;
  }
  memcpy (file->name, raw, length);
  return TRUE;
}

static void
read_attribute (QfuReader *r, guint32 tag, QfuCbfsFile *file)
{
  if (tag == ATTRIBUTE_COMPRESSION) {
    file->compression = (guint32)qfu_reader_be (r, 4);
    file->plain_size = (guint32)qfu_reader_be (r, 4);
  } else if (tag == ATTRIBUTE_STAGE) {
    file->load_address = qfu_reader_be (r, 8);
    file->has_load_address = !r->failed;
  }
}

/* Attributes are not measured: a broken list is cut short, not refused. */
static void
read_attributes (const QfuParseInput *image, gsize pos, const Header *h, QfuCbfsFile *file)
{
  QfuReader list;

  if (h->attributes < HEADER_SIZE || h->attributes >= h->data)
    return;
  list = qfu_reader (image->data + pos + h->attributes, h->data - h->attributes);
  while (qfu_reader_left (&list) >= ATTRIBUTE_HEADER_SIZE) {
    guint32 tag = (guint32)qfu_reader_be (&list, 4);
    guint32 length = (guint32)qfu_reader_be (&list, 4);
    const guint8 *body;
    QfuReader r;

    if (length < ATTRIBUTE_HEADER_SIZE)
      return;
    body = qfu_reader_bytes (&list, length - ATTRIBUTE_HEADER_SIZE);
    if (body == NULL)
      return;
    r = qfu_reader (body, length - ATTRIBUTE_HEADER_SIZE);
    read_attribute (&r, tag, file);
  }
}

static gboolean
read_header (
    const QfuParseInput *image, gsize pos, gsize end, Header *h, QfuCbfsFile *file, GError **error)
{
  QfuReader r = qfu_reader (image->data + pos, HEADER_SIZE);

  qfu_reader_skip (&r, MAGIC_SIZE);
  h->length = (guint32)qfu_reader_be (&r, 4);
  h->type = (guint32)qfu_reader_be (&r, 4);
  h->attributes = (guint32)qfu_reader_be (&r, 4);
  h->data = (guint32)qfu_reader_be (&r, 4);
  if (h->data <= HEADER_SIZE)
    return refuse (error, pos, "its data lies in its header");
  if (h->data > end - pos || h->length > end - pos - h->data)
    return refuse (error, pos, "it leaves its region");
  if (!read_name (image, pos, h, file))
    return refuse (error, pos, "its name has no end or is not printable");
  file->type = h->type;
  file->offset = pos + h->data;
  file->size = h->length;
  file->header = h->data;
  file->unused = h->type == TYPE_EMPTY && h->attributes == 0;
  read_attributes (image, pos, h, file);
  return TRUE;
}

static gboolean
is_in_use (const QfuCbfsFile *file)
{
  return file->type != TYPE_DELETED && file->type != TYPE_EMPTY && file->name[0] != '\0';
}

gboolean
qfu_cbfs_walk (const QfuParseInput *image,
               gsize offset,
               gsize size,
               QfuCbfsFunc func,
               gpointer user,
               GError **error)
{
  gsize pos = 0;

  while (size - pos >= HEADER_SIZE) {
    QfuCbfsFile file = {0};
    Header h;
    gsize used = 0;

    if (qfu_cbfs_here (image, offset + pos, size - pos)) {
      if (!read_header (image, offset + pos, offset + size, &h, &file, error))
        return FALSE;
      if ((file.unused || is_in_use (&file)) && !func (user, &file, error))
        return FALSE;
      used = h.data + h.length;
    }
    /* a file of zero bytes still has a header, so this always moves on */
    used = MAX (used, 1);
    if (size - pos < used + (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT)
      break;
    pos += used + (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT;
  }
  return TRUE;
}
