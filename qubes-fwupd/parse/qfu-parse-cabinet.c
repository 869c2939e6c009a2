/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-cabinet.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-reader.h"

#include <string.h>

#define FLAG_PREVIOUS 0x1
#define FLAG_NEXT 0x2
#define FLAG_RESERVE 0x4
#define COMPRESSION_NONE 0
#define COMPRESSION_MSZIP 1
#define ATTRIBUTES                                                                                 \
  0xa1 /* read-only, archive, name in UTF-8; the others ask a reader to do things */
#define BLOCK_SIZE 32768 /* bytes that a data block unpacks to */

typedef struct {
  guint32 data_at; /* offset of its first data block */
  guint blocks;
  guint64 size; /* of its members together, unpacked */
} Folder;

typedef struct {
  QfuReader r;
  gboolean exact;
  guint32 files_at; /* offset of the table of members */
  guint n_folders;
  guint n_files;
  guint folder_reserve; /* bytes of reserve behind each folder's record */
  guint attributes;     /* of the first member */
  gboolean dated;       /* whether the first member has a date */
  Folder folders[QFU_CAB_FOLDERS_MAX];
} Cabinet;

static gboolean
bad (GError **error, QfuError code, const char *what)
{
  g_set_error (error, QFU_ERROR, (int)code, "cabinet: %s", what);
  return FALSE;
}

static gboolean
check_flags (Cabinet *cabinet, guint flags, guint32 set, GError **error)
{
  QfuReader *r = &cabinet->r;

  if ((flags & ~(guint)(FLAG_PREVIOUS | FLAG_NEXT | FLAG_RESERVE)) != 0)
    return bad (error, QFU_ERROR_FORMAT, "a reserved field is in use");
  if ((flags & (FLAG_PREVIOUS | FLAG_NEXT)) != 0)
    return bad (error, QFU_ERROR_UNSUPPORTED, "part of a set of several");
  if (cabinet->exact && set != 0)
    return bad (error, QFU_ERROR_UNSUPPORTED, "it has the number of a set that it is no part of");
  if (cabinet->exact && (flags & FLAG_RESERVE) != 0)
    return bad (error, QFU_ERROR_UNSUPPORTED, "it reserves room that nothing says the use of");
  if (flags & FLAG_RESERVE) {
    guint reserve = qfu_reader_u16 (r);

    cabinet->folder_reserve = qfu_reader_u8 (r);
    qfu_reader_skip (r, 1 + (gsize)reserve);
  }
  return TRUE;
}

static gboolean
read_header (Cabinet *cabinet, GError **error)
{
  QfuReader *r = &cabinet->r;
  const guint8 *magic = qfu_reader_bytes (r, 4);
  guint32 reserved = qfu_reader_u32 (r);
  guint32 size = qfu_reader_u32 (r);
  guint version;
  guint flags;
  guint32 set;

  reserved |= qfu_reader_u32 (r);
  cabinet->files_at = qfu_reader_u32 (r);
  reserved |= qfu_reader_u32 (r);
  version = qfu_reader_u16 (r);
  cabinet->n_folders = qfu_reader_u16 (r);
  cabinet->n_files = qfu_reader_u16 (r);
  flags = qfu_reader_u16 (r);
  set = qfu_reader_u32 (r); /* its id and the cabinet's index in it */
  if (r->failed || memcmp (magic, "MSCF", 4) != 0 || version != 0x0103)
    return bad (error, QFU_ERROR_FORMAT, "not one, or of an unknown version");
  if (size != r->size)
    return bad (error, QFU_ERROR_FORMAT, "its stated size is not its size");
  if (reserved != 0)
    return bad (error, QFU_ERROR_FORMAT, "a reserved field is in use");
  if (!check_flags (cabinet, flags, set, error))
    return FALSE;
  if (cabinet->n_files == 0 || cabinet->n_folders == 0)
    return bad (error, QFU_ERROR_FORMAT, "without members");
  if (cabinet->n_files > QFU_CAB_MEMBERS_MAX || cabinet->n_folders > QFU_CAB_FOLDERS_MAX)
    return bad (error, QFU_ERROR_LIMIT, "too many members or folders");
  return TRUE;
}

/* libarchive would also unpack LZX, which fwupd does not: the two have to see the same cabinet. */
static gboolean
read_folders (Cabinet *cabinet, GError **error)
{
  QfuReader *r = &cabinet->r;
  guint blocks = 0;

  for (guint i = 0; i < cabinet->n_folders; i++) {
    guint compression;

    cabinet->folders[i].data_at = qfu_reader_u32 (r);
    cabinet->folders[i].blocks = qfu_reader_u16 (r);
    blocks += cabinet->folders[i].blocks;
    compression = qfu_reader_u16 (r); /* neither of the two has a level or window in it */
    qfu_reader_skip (r, cabinet->folder_reserve);
    if (!r->failed && compression != COMPRESSION_NONE && compression != COMPRESSION_MSZIP)
      return bad (error, QFU_ERROR_UNSUPPORTED, "compressed by other means than MSZIP");
  }
  /* to reach a member, all blocks before it are unpacked; folders may share them */
  if (blocks > QFU_CAB_BLOCKS_MAX)
    return bad (error, QFU_ERROR_LIMIT, "too many data blocks");
  return !r->failed || bad (error, QFU_ERROR_FORMAT, "cut short");
}

/* No date at all is what several writers give. */
static gboolean
date_ok (guint date, guint time)
{
  guint month = date >> 5 & 0xf;
  guint day = date & 0x1f;

  if (date == 0)
    return time == 0;
  return month >= 1 && month <= 12 && day >= 1 && time >> 11 <= 23 && (time >> 5 & 0x3f) <= 59 &&
         (time & 0x1f) <= 29;
}

/* One program writes a cabinet, and treats its members alike. */
static gboolean
check_marks (Cabinet *cabinet, gboolean first, guint date, guint attributes, GError **error)
{
  if (first) {
    cabinet->dated = date != 0;
    cabinet->attributes = attributes;
  }
  if ((date != 0) != cabinet->dated)
    return bad (error, QFU_ERROR_FORMAT, "some members have a date and some have none");
  if ((attributes & ~(guint)ATTRIBUTES) != 0 || attributes != cabinet->attributes)
    return bad (error, QFU_ERROR_FORMAT, "a member's attributes are not like the others'");
  return TRUE;
}

/* A member's record; @folder is that of the member before. */
static gboolean
check_file (Cabinet *cabinet, gboolean first, guint *folder, GError **error)
{
  QfuReader *r = &cabinet->r;
  guint32 size = qfu_reader_u32 (r);
  guint32 offset = qfu_reader_u32 (r);
  guint in = qfu_reader_u16 (r);
  guint date = qfu_reader_u16 (r);
  guint time = qfu_reader_u16 (r);
  guint attributes = qfu_reader_u16 (r);

  while (!r->failed && qfu_reader_u8 (r) != 0)
    ; /* the name */
  if (r->failed)
    return bad (error, QFU_ERROR_FORMAT, "cut short");
  if (in != *folder && in != *folder + 1)
    return bad (error, QFU_ERROR_FORMAT, "its members are out of order");
  if (in >= cabinet->n_folders || offset != cabinet->folders[in].size)
    return bad (error, QFU_ERROR_FORMAT, "there is a gap between its members");
  cabinet->folders[in].size += size;
  *folder = in;
  if (!date_ok (date, time))
    return bad (error, QFU_ERROR_FORMAT, "a member's date is none");
  return check_marks (cabinet, first, date, attributes, error);
}

static gboolean
check_files (Cabinet *cabinet, GError **error)
{
  guint folder = 0;

  if (cabinet->r.pos != cabinet->files_at)
    return bad (error, QFU_ERROR_FORMAT, "there is a gap before its table of members");
  for (guint i = 0; i < cabinet->n_files; i++) {
    if (!check_file (cabinet, i == 0, &folder, error))
      return FALSE;
  }
  return folder == cabinet->n_folders - 1 || bad (error, QFU_ERROR_FORMAT, "a folder is empty");
}

static gboolean
check_blocks (Cabinet *cabinet, const Folder *folder, GError **error)
{
  QfuReader *r = &cabinet->r;
  guint64 size = 0;

  if (r->pos != folder->data_at)
    return bad (error, QFU_ERROR_FORMAT, "there is a gap before its data");
  for (guint i = 0; i < folder->blocks; i++) {
    guint packed;
    guint unpacked;

    qfu_reader_skip (r, 4); /* the checksum, which the library looks at */
    packed = qfu_reader_u16 (r);
    unpacked = qfu_reader_u16 (r);
    qfu_reader_skip (r, packed);
    if (r->failed || packed == 0 || unpacked == 0 || unpacked > BLOCK_SIZE)
      return bad (error, QFU_ERROR_FORMAT, "a data block is cut short or has no room");
    size += unpacked;
  }
  return size == folder->size ||
         bad (error, QFU_ERROR_FORMAT, "its data is more or less than its members");
}

gboolean
qfu_cabinet_check (const QfuParseInput *input, gboolean exact, guint *n_files, GError **error)
{
  Cabinet cabinet = {.r = qfu_reader (input->data, input->size), .exact = exact};

  if (input->size > QFU_CAB_SIZE_MAX)
    return bad (error, QFU_ERROR_LIMIT, "too large");
  if (!read_header (&cabinet, error) || !read_folders (&cabinet, error))
    return FALSE;
  *n_files = cabinet.n_files;
  if (!exact)
    return TRUE;
  if (!check_files (&cabinet, error))
    return FALSE;
  for (guint i = 0; i < cabinet.n_folders; i++) {
    if (!check_blocks (&cabinet, &cabinet.folders[i], error))
      return FALSE;
  }
  return qfu_reader_left (&cabinet.r) == 0 ||
         bad (error, QFU_ERROR_FORMAT, "there are bytes behind its data");
}
