/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-index.h"

#include "qfu-cache.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-metastore.h"
#include "qfu-reader.h"
#include "qfu-worker.h"
#include "qfu-writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "QFUINDEX"
#define MAGIC_SIZE 8
#define VERSION 1
#define HEADER_SIZE (MAGIC_SIZE + 4 + 4 + QFU_SHA256_SIZE)
#define BATCH (64 * 1024)   /* bytes of frames that are written at once */
#define WINDOW (128 * 1024) /* bytes that are read at once; holds the longest frame */

struct _QfuIndex {
  QfuUntrustedBlob *blob;
};

/* Goes through the frames of an index. */
typedef struct {
  int fd;
  guint64 offset; /* behind what is in the window */
  gsize start;    /* of what was not yet taken */
  gsize end;
  guint8 window[WINDOW];
} Cursor;

void
qfu_index_free (QfuIndex *index)
{
  if (index == NULL)
    return;
  qfu_untrusted_blob_free (index->blob);
  g_free (index);
}

const QfuDigest *
qfu_index_sha256 (const QfuIndex *index)
{
  return qfu_untrusted_blob_sha256 (index->blob);
}

static GByteArray *
header_new (const QfuDigest *metadata)
{
  GByteArray *header = g_byte_array_new ();

  qfu_writer_bytes (header, MAGIC, MAGIC_SIZE);
  qfu_writer_u32 (header, VERSION);
  qfu_writer_u32 (header, QFU_WIRE_VERSION);
  qfu_writer_bytes (header, metadata->data, QFU_SHA256_SIZE);
  return header;
}

static gboolean
flush (GByteArray *batch, QfuBlobBuilder *builder, GError **error)
{
  gboolean ok = qfu_blob_builder_append (builder, batch->data, batch->len, error);

  g_byte_array_set_size (batch, 0);
  return ok;
}

/* Only what a catalogue consists of; whether it makes sense shows when it is read. */
static gboolean
check_type (const QfuMessage *message, GError **error)
{
  QfuFrameType type = qfu_message_type (message);

  if (type == QFU_FRAME_COMPONENT || type == QFU_FRAME_REQUIREMENT || type == QFU_FRAME_RELEASE)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for catalog sends %s",
               qfu_message_name (message));
  return FALSE;
}

static gboolean
record (QfuProcess *worker, GByteArray *batch, QfuBlobBuilder *builder, GError **error)
{
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;
    g_autoptr (GBytes) frame = NULL;

    if (!qfu_process_next (worker, &message, error))
      return FALSE;
    if (message == NULL)
      return flush (batch, builder, error);
    if (!check_type (message, error))
      return FALSE;
    frame = qfu_message_encode (message);
    qfu_writer_bytes (batch, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame));
    if (batch->len >= BATCH && !flush (batch, builder, error))
      return FALSE;
  }
}

QfuIndex *
qfu_index_new (const QfuConfig *config, const QfuSignedMetadata *metadata, GError **error)
{
  const QfuUntrustedBlob *input = qfu_signed_metadata_blob (metadata);
  g_autoptr (QfuIndex) index = g_new0 (QfuIndex, 1);
  g_autoptr (GByteArray) batch = header_new (qfu_untrusted_blob_sha256 (input));
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (QFU_INDEX_SIZE_MAX, error);
  g_autoptr (QfuProcess) worker = NULL;

  if (builder == NULL)
    return NULL;
  worker = qfu_worker_start (config, QFU_OP_CATALOG, NULL, &input, 1, error);
  if (worker == NULL)
    return NULL;
  qfu_wire_set_batching (qfu_process_wire (worker));
  if (!record (worker, batch, builder, error))
    return NULL;
  index->blob = qfu_blob_builder_finish (g_steal_pointer (&builder), error);
  return index->blob == NULL ? NULL : g_steal_pointer (&index);
}

gboolean
qfu_index_keep (const QfuIndex *index, const QfuConfig *config, const char *folder, GError **error)
{
  return qfu_cache_store (config, folder, QFU_METASTORE_INDEX, index->blob, error);
}

static void
cursor_init (Cursor *cursor, const QfuIndex *index)
{
  cursor->fd = qfu_untrusted_blob_fd (index->blob);
  cursor->offset = 0;
  cursor->start = 0;
  cursor->end = 0;
}

/* Brings more bytes into the window, as many as there are. */
static gboolean
cursor_fill (Cursor *cursor, GError **error)
{
  cursor->end -= cursor->start;
  memmove (cursor->window, cursor->window + cursor->start, cursor->end);
  cursor->start = 0;
  while (cursor->end < WINDOW) {
    gssize n = pread (cursor->fd, cursor->window + cursor->end, WINDOW - cursor->end,
                      (off_t)cursor->offset);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return qfu_error_errno (error, errno, "reading the index");
    if (n == 0)
      return TRUE;
    cursor->offset += (guint64)n;
    cursor->end += (gsize)n;
  }
  return TRUE;
}

/* (transfer none): the next @size bytes, valid until the next call; at the end of the index @data
 * is %NULL and @error is not set. */
static gboolean
cursor_take (Cursor *cursor, gsize size, const guint8 **data, GError **error)
{
  *data = NULL;
  if (cursor->end - cursor->start < size && !cursor_fill (cursor, error))
    return FALSE;
  if (cursor->end - cursor->start < size)
    return TRUE;
  *data = cursor->window + cursor->start;
  cursor->start += size;
  return TRUE;
}

static gboolean
check_header (const QfuIndex *index, const QfuDigest *metadata, GError **error)
{
  g_autoptr (GByteArray) expected = header_new (metadata);
  g_autofree Cursor *cursor = g_new (Cursor, 1);
  const guint8 *header;

  cursor_init (cursor, index);
  if (!cursor_take (cursor, HEADER_SIZE, &header, error))
    return FALSE;
  if (header != NULL && memcmp (header, expected->data, HEADER_SIZE) == 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                       "the index is of other metadata, or another version wrote it");
  return FALSE;
}

QfuIndex *
qfu_index_load (const QfuConfig *config,
                const char *folder,
                const QfuDigest *sha256,
                const QfuDigest *metadata,
                GError **error)
{
  g_autoptr (QfuIndex) index = g_new0 (QfuIndex, 1);

  index->blob = qfu_cache_load (config, folder, QFU_METASTORE_INDEX, QFU_INDEX_SIZE_MAX, error);
  if (index->blob == NULL)
    return NULL;
  if (!qfu_digest_equal (qfu_untrusted_blob_sha256 (index->blob), sha256)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the index is not the one that was made of the metadata");
    return NULL;
  }
  return check_header (index, metadata, error) ? g_steal_pointer (&index) : NULL;
}

static gboolean
cut_short (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the index is cut short");
  return FALSE;
}

/* The next frame, undecoded; at the end @payload is %NULL and @error is not set. */
static gboolean
next_frame (
    Cursor *cursor, QfuFrameType *type, const guint8 **payload, gsize *length, GError **error)
{
  const guint8 *header;

  *payload = NULL;
  if (!cursor_take (cursor, QFU_WIRE_HEADER_SIZE, &header, error))
    return FALSE;
  if (header == NULL)
    return cursor->start == cursor->end || cut_short (error);
  if (!qfu_message_decode_header (header, type, length, error) ||
      !cursor_take (cursor, *length, payload, error))
    return FALSE;
  return *payload != NULL || cut_short (error);
}

static gboolean
is_for (const QfuMessage *component, const char *const *guids)
{
  guint count = qfu_message_count (component, QFU_FIELD_GUID);

  for (guint i = 0; guids != NULL && i < count; i++) {
    if (g_strv_contains (guids, qfu_message_text (component, QFU_FIELD_GUID, i)))
      return TRUE;
  }
  return guids == NULL;
}

static gboolean
read_components (Cursor *cursor, const char *const *guids, GPtrArray *components, GError **error)
{
  gboolean wanted = FALSE; /* the component that the next frames belong to */

  for (;;) {
    g_autoptr (QfuMessage) message = NULL;
    const guint8 *payload;
    QfuFrameType type;
    gsize length;

    if (!next_frame (cursor, &type, &payload, &length, error))
      return FALSE;
    if (payload == NULL)
      return TRUE;
    if (type != QFU_FRAME_COMPONENT && !wanted)
      continue;
    message = qfu_message_decode (type, payload, length, error);
    if (message == NULL)
      return FALSE;
    if (type == QFU_FRAME_COMPONENT)
      wanted = is_for (message, guids);
    if (wanted && !qfu_component_add_frame (components, message, error))
      return FALSE;
  }
}

GPtrArray *
qfu_index_components (const QfuIndex *index, const char *const *guids, GError **error)
{
  g_autoptr (GPtrArray) components =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_component_free);
  g_autofree Cursor *cursor = g_new (Cursor, 1);
  const guint8 *header;

  cursor_init (cursor, index);
  if (!cursor_take (cursor, HEADER_SIZE, &header, error) ||
      !read_components (cursor, guids, components, error))
    return NULL;
  return g_steal_pointer (&components);
}
