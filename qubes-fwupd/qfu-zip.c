/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-zip.h"

#include "qfu-error.h"
#include "qfu-writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* APPNOTE.TXT of PKWARE, 4.3 */
#define LOCAL_MAGIC 0x04034b50
#define CENTRAL_MAGIC 0x02014b50
#define END_MAGIC 0x06054b50
#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define VERSION 20     /* 2.0: files in folders, of the plain kind */
#define MADE_BY 0x031e /* Unix, 3.0: its modes are in the attributes */
#define FIRST_DAY 0x21 /* 1980-01-01, before which the format has no dates */
#define REGULAR_FILE (0100644u << 16)
#define PIECE (256 * 1024)

typedef struct {
  guint32 crc;
  guint32 size;
  guint32 offset;
} Entry;

/* CRC-32 as ISO 3309 has it, four bits at a time. */
static guint32
crc_update (guint32 crc, const guint8 *data, gsize size)
{
  static const guint32 table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

  for (gsize i = 0; i < size; i++) {
    crc = table[(crc ^ data[i]) & 0xf] ^ (crc >> 4);
    crc = table[(crc ^ (data[i] >> 4)) & 0xf] ^ (crc >> 4);
  }
  return crc;
}

static gboolean
blob_crc (const QfuUntrustedBlob *blob, guint32 *out, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint64 size = qfu_untrusted_blob_size (blob);
  guint32 crc = 0xffffffff;

  for (guint64 at = 0; at < size;) {
    gssize n = pread (qfu_untrusted_blob_fd (blob), piece, PIECE, (off_t)at);

    if (n <= 0)
      return qfu_error_errno (error, n < 0 ? errno : EIO, "reading memory");
    crc = crc_update (crc, piece, (gsize)n);
    at += (guint64)n;
  }
  *out = crc ^ 0xffffffff;
  return TRUE;
}

/* What a member's header and its row in the directory have in common. */
static void
put_common (QfuWriter *w, const QfuZipMember *member, const Entry *entry)
{
  qfu_writer_u16 (w, VERSION);
  qfu_writer_u16 (w, 0); /* flags */
  qfu_writer_u16 (w, 0); /* stored */
  qfu_writer_u16 (w, 0); /* midnight */
  qfu_writer_u16 (w, FIRST_DAY);
  qfu_writer_u32 (w, entry->crc);
  qfu_writer_u32 (w, entry->size);
  qfu_writer_u32 (w, entry->size);
  qfu_writer_u16 (w, (guint16)strlen (member->name));
  qfu_writer_u16 (w, 0); /* no extra field */
}

static void
put_row (QfuWriter *w, const QfuZipMember *member, const Entry *entry)
{
  qfu_writer_u32 (w, CENTRAL_MAGIC);
  qfu_writer_u16 (w, MADE_BY);
  put_common (w, member, entry);
  qfu_writer_u16 (w, 0); /* no comment */
  qfu_writer_u16 (w, 0); /* disk */
  qfu_writer_u16 (w, 0); /* no text */
  qfu_writer_u32 (w, REGULAR_FILE);
  qfu_writer_u32 (w, entry->offset);
  qfu_writer_bytes (w, member->name, strlen (member->name));
}

static gboolean
flush (QfuWriter *w, int fd, GError **error)
{
  for (guint done = 0; done < w->len;) {
    gssize n = write (fd, w->data + done, w->len - done);

    if (n < 0 && errno != EINTR)
      return qfu_error_errno (error, errno, "writing an archive");
    done += n < 0 ? 0 : (guint)n;
  }
  g_byte_array_set_size (w, 0);
  return TRUE;
}

static gboolean
put_member (QfuWriter *w, int fd, const QfuZipMember *member, Entry *entry, GError **error)
{
  entry->size = (guint32)qfu_untrusted_blob_size (member->bytes);
  if (!blob_crc (member->bytes, &entry->crc, error))
    return FALSE;
  qfu_writer_u32 (w, LOCAL_MAGIC);
  put_common (w, member, entry);
  qfu_writer_bytes (w, member->name, strlen (member->name));
  return flush (w, fd, error) && qfu_untrusted_blob_write_to (member->bytes, fd, error);
}

guint64
qfu_zip_size (const QfuZipMember *members, gsize n)
{
  guint64 size = END_SIZE;

  for (gsize i = 0; i < n; i++)
    size += LOCAL_SIZE + CENTRAL_SIZE + 2 * strlen (members[i].name) +
            qfu_untrusted_blob_size (members[i].bytes);
  return size;
}

gboolean
qfu_zip_write (int fd, const QfuZipMember *members, gsize n, GError **error)
{
  g_autoptr (GByteArray) w = g_byte_array_new ();
  Entry entries[QFU_ZIP_MEMBERS] = {0};
  guint32 offset = 0;
  guint32 directory = 0;

  if (n > QFU_ZIP_MEMBERS || qfu_zip_size (members, n) >= G_MAXUINT32)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "too much for an archive");
  for (gsize i = 0; i < n; i++) {
    entries[i].offset = offset;
    if (!put_member (w, fd, &members[i], &entries[i], error))
      return FALSE;
    offset += LOCAL_SIZE + (guint32)strlen (members[i].name) + entries[i].size;
  }
  for (gsize i = 0; i < n; i++)
    put_row (w, &members[i], &entries[i]);
  directory = w->len;
  qfu_writer_u32 (w, END_MAGIC);
  qfu_writer_u32 (w, 0); /* disks */
  qfu_writer_u16 (w, (guint16)n);
  qfu_writer_u16 (w, (guint16)n);
  qfu_writer_u32 (w, directory);
  qfu_writer_u32 (w, offset);
  qfu_writer_u16 (w, 0); /* no comment */
  return flush (w, fd, error);
}
