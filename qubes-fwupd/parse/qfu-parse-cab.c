/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-cabinet.h"
#include "qfu-parse-member.h"

#include "qfu-error.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static gboolean
bad (GError **error, QfuError code, const char *what)
{
  g_set_error (error, QFU_ERROR, (int)code, "cabinet: %s", what);
  return FALSE;
}

static gboolean
emit_member (const QfuParseSink *sink, const char *name, guint64 size, GError **error)
{
  g_autoptr (QfuMessage) member = qfu_message_new (QFU_FRAME_MEMBER);

  qfu_message_add_text (member, QFU_FIELD_NAME, name);
  qfu_message_add_number (member, QFU_FIELD_SIZE, size);
  return qfu_parse_emit (sink, member, error);
}

/* Sends exactly @size bytes, or fails: what the cabinet says of a member's size is a claim. */
static gboolean
emit_contents (struct archive *archive, guint64 size, const QfuParseSink *sink, GError **error)
{
  guint64 sent = 0;

  for (;;) {
    const void *block;
    size_t n;
    la_int64_t offset;
    int status = archive_read_data_block (archive, &block, &n, &offset);

    if (status == ARCHIVE_EOF)
      break;
    if (status != ARCHIVE_OK || offset < 0 || (guint64)offset != sent || n > size - sent)
      return bad (error, QFU_ERROR_FORMAT, "a member does not unpack to its stated size");
    if (n > 0 && !qfu_parse_emit_data (sink, block, n, error))
      return FALSE;
    sent += n;
  }
  return sent == size || bad (error, QFU_ERROR_FORMAT, "a member is shorter than stated");
}

static gboolean
emit_entry (struct archive *archive,
            struct archive_entry *entry,
            GHashTable *names,
            guint64 *total,
            const QfuParseSink *sink,
            GError **error)
{
  const char *name = archive_entry_pathname (entry);
  la_int64_t size = archive_entry_size (entry);

  if (!qfu_member_name_ok (name))
    return bad (error, QFU_ERROR_FORMAT, "a member's name is not one plain component");
  if (!g_hash_table_add (names, g_ascii_strdown (name, -1)))
    return bad (error, QFU_ERROR_FORMAT, "two members of one name");
  if (!archive_entry_size_is_set (entry) || size < 0 || (guint64)size > QFU_CAB_TOTAL_MAX - *total)
    return bad (error, QFU_ERROR_LIMIT, "its members are too large");
  *total += (guint64)size;
  return emit_member (sink, name, (guint64)size, error) &&
         emit_contents (archive, (guint64)size, sink, error);
}

static gboolean
emit_entries (struct archive *archive, guint n_files, const QfuParseSink *sink, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  struct archive_entry *entry;
  guint64 total = 0;
  guint seen = 0;
  int status;

  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK) {
    seen++;
    if (!emit_entry (archive, entry, names, &total, sink, error))
      return FALSE;
  }
  if (status != ARCHIVE_EOF || seen != n_files)
    return bad (error, QFU_ERROR_FORMAT, "the list of its members is broken");
  return TRUE;
}

gboolean
qfu_parse_cab (const QfuMessage *arguments,
               const QfuParseInput *inputs,
               gsize n_inputs,
               const QfuParseSink *sink,
               GError **error)
{
  struct archive *archive;
  guint64 flags = qfu_message_number_or (arguments, QFU_FIELD_FLAGS, 0, G_MAXUINT64, 0);
  gboolean ok;
  guint n_files;

  if (!qfu_cabinet_check (&inputs[0], (flags & QFU_CAB_EXACT) != 0, &n_files, error))
    return FALSE;
  archive = archive_read_new ();
  if (archive == NULL || archive_read_support_format_cab (archive) != ARCHIVE_OK ||
      archive_read_open_memory (archive, inputs[0].data, inputs[0].size) != ARCHIVE_OK)
    ok = bad (error, QFU_ERROR_FORMAT, "cannot be opened");
  else
    ok = emit_entries (archive, n_files, sink, error);
  archive_read_free (archive);
  return ok;
}
