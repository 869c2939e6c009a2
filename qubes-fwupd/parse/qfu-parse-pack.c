/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-member.h"
#include "qfu-parse.h"

#include "qfu-error.h"

#include <libgcab.h>

#define BLOCK_SIZE (32 * 1024) /* bytes of a member in a data block */
#define BLOCK_HEADER 8         /* bytes */
#define MEMBER_ROOM (16 + QFU_CAB_NAME_MAX + 1)
#define CABINET_ROOM 1024 /* header and folder, generously */

static gboolean
bad (GError **error, QfuError code, const char *what)
{
  g_set_error (error, QFU_ERROR, (int)code, "packing: %s", what);
  return FALSE;
}

static gboolean
check (const QfuMessage *arguments, const QfuParseInput *inputs, gsize n_inputs, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 left = QFU_CAB_TOTAL_MAX;

  if (qfu_message_count (arguments, QFU_FIELD_NAME) != n_inputs)
    return bad (error, QFU_ERROR_FORMAT, "not as many names as members");
  for (guint i = 0; i < n_inputs; i++) {
    const char *name = qfu_message_text (arguments, QFU_FIELD_NAME, i);

    if (!qfu_member_name_ok (name))
      return bad (error, QFU_ERROR_FORMAT, "a member's name is not one plain component");
    if (!g_hash_table_add (names, g_ascii_strdown (name, -1)))
      return bad (error, QFU_ERROR_FORMAT, "two members of one name");
    if (inputs[i].size > left)
      return bad (error, QFU_ERROR_LIMIT, "the members are too large");
    left -= inputs[i].size;
  }
  return TRUE;
}

/* One date for all: the same members give the same cabinet, at any time. */
static gboolean
add_member (GCabFolder *folder, const char *name, const QfuParseInput *input, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (input->data, input->size);
  g_autoptr (GCabFile) file = gcab_file_new_with_bytes (name, bytes);
  g_autoptr (GDateTime) date = g_date_time_new_utc (1980, 1, 1, 0, 0, 0);

  gcab_file_set_date_time (file, date);
  gcab_file_set_attributes (file, GCAB_FILE_ATTRIBUTE_ARCH);
  return gcab_folder_add_file (folder, file, FALSE, NULL, NULL) ||
         bad (error, QFU_ERROR_FORMAT, "a member cannot be added");
}

/* What the cabinet can have at most; the stream that it is written to does not grow. */
static gsize
room_for (const QfuParseInput *inputs, gsize n_inputs)
{
  gsize size = 0;

  for (gsize i = 0; i < n_inputs; i++)
    size += inputs[i].size;
  return CABINET_ROOM + n_inputs * MEMBER_ROOM + size + (size / BLOCK_SIZE + 1) * BLOCK_HEADER;
}

static gboolean
emit_cabinet (GCabCabinet *cabinet, gsize room, const QfuParseSink *sink, GError **error)
{
  g_autofree guint8 *data = g_try_malloc (room);
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIZE);
  gsize size;

  if (data == NULL)
    return bad (error, QFU_ERROR_LIMIT, "there is not enough memory");
  stream = g_memory_output_stream_new (data, room, NULL, NULL);
  if (!gcab_cabinet_write_simple (cabinet, stream, NULL, NULL, NULL, NULL))
    return bad (error, QFU_ERROR_FORMAT, "the cabinet cannot be written");
  size = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream));
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  return qfu_parse_emit (sink, message, error) && qfu_parse_emit_data (sink, data, size, error);
}

gboolean
qfu_parse_pack (const QfuMessage *arguments,
                const QfuParseInput *inputs,
                gsize n_inputs,
                const QfuParseSink *sink,
                GError **error)
{
  g_autoptr (GCabCabinet) cabinet = gcab_cabinet_new ();
  /* stored: nothing has to be unpacked again where it is read as root */
  g_autoptr (GCabFolder) folder = gcab_folder_new (GCAB_COMPRESSION_NONE);

  if (!check (arguments, inputs, n_inputs, error))
    return FALSE;
  for (guint i = 0; i < n_inputs; i++) {
    if (!add_member (folder, qfu_message_text (arguments, QFU_FIELD_NAME, i), &inputs[i], error))
      return FALSE;
  }
  if (!gcab_cabinet_add_folder (cabinet, folder, NULL))
    return bad (error, QFU_ERROR_FORMAT, "the members cannot be joined");
  return emit_cabinet (cabinet, room_for (inputs, n_inputs), sink, error);
}
