/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-message.h"

#include "qfu-error.h"
#include "qfu-reader.h"
#include "qfu-writer.h"

#define USUAL_VALUES 24 /* fields of a frame that its list need not grow for */
#define USUAL_BYTES 512 /* of their values */

typedef struct {
  guint16 field;
  guint size;
  guint offset; /* in @bytes of the message */
} QfuValue;

struct _QfuMessage {
  const QfuFrameSpec *spec;
  GArray *values;
  GByteArray *bytes; /* of all values, each followed by a NUL byte, so that text needs no copy */
  GByteArray *data;  /* DATA only */
};

QfuMessage *
qfu_message_new (QfuFrameType type)
{
  QfuMessage *message = g_new0 (QfuMessage, 1);

  message->spec = qfu_wire_frame_spec (type);
  g_assert (message->spec != NULL);
  message->values = g_array_sized_new (FALSE, FALSE, sizeof (QfuValue), USUAL_VALUES);
  message->bytes = g_byte_array_sized_new (USUAL_BYTES);
  return message;
}

QfuMessage *
qfu_message_new_data (guint8 *data, gsize size)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_DATA);

  message->data = g_byte_array_new_take (data, size);
  return message;
}

void
qfu_message_free (QfuMessage *message)
{
  if (message == NULL)
    return;
  g_array_unref (message->values);
  g_byte_array_unref (message->bytes);
  g_clear_pointer (&message->data, g_byte_array_unref);
  g_free (message);
}

QfuFrameType
qfu_message_type (const QfuMessage *message)
{
  return message->spec->type;
}

const char *
qfu_message_name (const QfuMessage *message)
{
  return message->spec->name;
}

/* (transfer none): where the value lies now; @size is bounded by the field's maximum. */
static guint8 *
message_append (QfuMessage *message, guint field, const void *data, gsize size)
{
  QfuValue value = {(guint16)field, (guint)size, message->bytes->len};
  guint8 *place;

  g_array_append_val (message->values, value);
  g_byte_array_set_size (message->bytes, value.offset + value.size + 1);
  place = message->bytes->data + value.offset;
  if (size > 0)
    memcpy (place, data, size);
  place[size] = '\0';
  return place;
}

static const guint8 *
value_data (const QfuMessage *message, const QfuValue *value)
{
  return message->bytes->data + value->offset;
}

static const QfuFieldSpec *
message_field (const QfuMessage *message, QfuField field)
{
  const QfuFieldSpec *spec = qfu_wire_field_spec (field);

  g_assert (spec != NULL && qfu_wire_frame_field (message->spec, field) != NULL);
  return spec;
}

void
qfu_message_add_number (QfuMessage *message, QfuField field, guint64 value)
{
  guint64 little = GUINT64_TO_LE (value);

  g_assert (message_field (message, field)->kind == QFU_KIND_NUMBER);
  (void)message_append (message, field, &little, sizeof little);
}

static gboolean
text_byte_ok (QfuFieldKind kind, guint8 byte)
{
  return ((guint8)(byte - 0x20) < 0x7f - 0x20) | ((kind == QFU_KIND_PROSE) & (byte == '\n'));
}

/* Without a way out in the middle, so that compilers look at many bytes at once. */
static gboolean
text_ok (QfuFieldKind kind, const guint8 *text, gsize size)
{
  gboolean bad = FALSE;

  for (gsize i = 0; i < size; i++)
    bad |= !text_byte_ok (kind, text[i]);
  return !bad;
}

void
qfu_message_add_text (QfuMessage *message, QfuField field, const char *text)
{
  const QfuFieldSpec *spec = message_field (message, field);

  g_assert (spec->kind == QFU_KIND_TEXT || spec->kind == QFU_KIND_PROSE);
  if (text == NULL)
    return;
  gsize size = strnlen (text, spec->max);
  guint8 *clean = message_append (message, field, text, size);
  QfuFieldKind kind = spec->kind; /* read once: @clean might lie anywhere */
  for (gsize i = 0; i < size; i++)
    clean[i] = text_byte_ok (kind, clean[i]) ? clean[i] : '?';
}

void
qfu_message_add_bytes (QfuMessage *message, QfuField field, const void *data, gsize size)
{
  const QfuFieldSpec *spec = message_field (message, field);

  g_assert (spec->kind == QFU_KIND_BYTES && size <= spec->max);
  (void)message_append (message, field, data, size);
}

void
qfu_message_add_digest (QfuMessage *message, QfuField field, const QfuDigest *digest)
{
  guint8 buffer[2 + QFU_DIGEST_MAX] = {(guint8)digest->hash, (guint8)(digest->hash >> 8)};

  memcpy (buffer + 2, digest->data, digest->size);
  qfu_message_add_bytes (message, field, buffer, 2 + digest->size);
}

void
qfu_message_set_data (QfuMessage *message, const void *data, gsize size)
{
  g_assert (message->spec->type == QFU_FRAME_DATA && size <= QFU_WIRE_DATA_MAX);
  g_clear_pointer (&message->data, g_byte_array_unref);
  message->data = g_byte_array_new_take (g_memdup2 (data, size), size);
}

static const QfuValue *
message_value (const QfuMessage *message, QfuField field, guint nth)
{
  for (guint i = 0; i < message->values->len; i++) {
    const QfuValue *value = &g_array_index (message->values, QfuValue, i);

    if (value->field == field && nth-- == 0)
      return value;
  }
  return NULL;
}

guint
qfu_message_count (const QfuMessage *message, QfuField field)
{
  guint count = 0;

  for (guint i = 0; i < message->values->len; i++)
    count += g_array_index (message->values, QfuValue, i).field == field;
  return count;
}

const char *
qfu_message_text (const QfuMessage *message, QfuField field, guint nth)
{
  const QfuValue *value = message_value (message, field, nth);

  return value == NULL ? NULL : (const char *)value_data (message, value);
}

gboolean
qfu_message_number (const QfuMessage *message,
                    QfuField field,
                    guint64 min,
                    guint64 max,
                    guint64 *out,
                    GError **error)
{
  const QfuValue *value = message_value (message, field, 0);
  const QfuFieldSpec *spec = qfu_wire_field_spec (field);
  guint64 untrusted_number;

  if (value == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s without %s", message->spec->name,
                 spec->name);
    return FALSE;
  }
  memcpy (&untrusted_number, value_data (message, value), sizeof untrusted_number);
  untrusted_number = GUINT64_FROM_LE (untrusted_number);
  if (untrusted_number < min || untrusted_number > max) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                 "%s with %s %" G_GUINT64_FORMAT ", allowed are %" G_GUINT64_FORMAT
                 " to %" G_GUINT64_FORMAT,
                 message->spec->name, spec->name, untrusted_number, min, max);
    return FALSE;
  }
  *out = untrusted_number;
  return TRUE;
}

guint64
qfu_message_number_or (
    const QfuMessage *message, QfuField field, guint64 min, guint64 max, guint64 fallback)
{
  guint64 number;

  return qfu_message_number (message, field, min, max, &number, NULL) ? number : fallback;
}

const guint8 *
qfu_message_bytes (const QfuMessage *message, QfuField field, guint nth, gsize *size)
{
  const QfuValue *value = message_value (message, field, nth);

  *size = value == NULL ? 0 : value->size;
  return value == NULL ? NULL : value_data (message, value);
}

gboolean
qfu_message_digest (const QfuMessage *message, QfuField field, guint nth, QfuDigest *out)
{
  gsize size;
  const guint8 *data = qfu_message_bytes (message, field, nth, &size);

  if (data == NULL || size < 2)
    return FALSE;
  return qfu_digest_set (out, (guint)(data[0] | data[1] << 8), data + 2, size - 2);
}

const guint8 *
qfu_message_data (const QfuMessage *message, gsize *size)
{
  *size = message->data == NULL ? 0 : message->data->len;
  return message->data == NULL ? NULL : message->data->data;
}

void
qfu_message_encode_header (guint8 *header, QfuFrameType type, gsize length)
{
  const guint16 words[] = {GUINT16_TO_LE (type), GUINT16_TO_LE (QFU_WIRE_VERSION)};
  guint32 size = GUINT32_TO_LE ((guint32)length);

  memcpy (header, words, sizeof words);
  memcpy (header + sizeof words, &size, sizeof size);
}

GBytes *
qfu_message_encode (const QfuMessage *message)
{
  gsize data_size;
  const guint8 *data = qfu_message_data (message, &data_size);
  gsize length = data_size + message->values->len * QFU_WIRE_FIELD_HEADER_SIZE +
                 message->bytes->len - message->values->len; /* less a NUL each */
  g_autoptr (GByteArray) frame = g_byte_array_sized_new ((guint)(QFU_WIRE_HEADER_SIZE + length));

  g_byte_array_set_size (frame, QFU_WIRE_HEADER_SIZE);
  qfu_message_encode_header (frame->data, message->spec->type, length);
  if (data != NULL)
    qfu_writer_bytes (frame, data, data_size);
  for (guint i = 0; i < message->values->len; i++) {
    const QfuValue *value = &g_array_index (message->values, QfuValue, i);

    qfu_writer_u16 (frame, value->field);
    qfu_writer_u16 (frame, 0);
    qfu_writer_u32 (frame, value->size);
    qfu_writer_bytes (frame, value_data (message, value), value->size);
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&frame));
}

/* A peer that has nothing to say must not keep us busy. */
static gboolean
fail_empty (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "DATA without bytes");
  return FALSE;
}

gboolean
qfu_message_decode_header (const guint8 *header, QfuFrameType *type, gsize *length, GError **error)
{
  QfuReader reader = qfu_reader (header, QFU_WIRE_HEADER_SIZE);
  guint untrusted_type = qfu_reader_u16 (&reader);
  guint untrusted_version = qfu_reader_u16 (&reader);
  guint32 untrusted_length = qfu_reader_u32 (&reader);

  if (qfu_wire_frame_spec (untrusted_type) == NULL || untrusted_version != QFU_WIRE_VERSION) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "frame of unknown type %u, version %u",
                 untrusted_type, untrusted_version);
    return FALSE;
  }
  if (untrusted_length > QFU_WIRE_PAYLOAD_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "frame of %u bytes is too long",
                 untrusted_length);
    return FALSE;
  }
  if (untrusted_type == QFU_FRAME_DATA && untrusted_length == 0)
    return fail_empty (error);
  *type = (QfuFrameType)untrusted_type;
  *length = untrusted_length;
  return TRUE;
}

static gboolean
field_value_ok (const QfuFieldSpec *spec, const guint8 *data, gsize size)
{
  if (size > spec->max || (spec->kind == QFU_KIND_NUMBER && size != sizeof (guint64)))
    return FALSE;
  return (spec->kind != QFU_KIND_TEXT && spec->kind != QFU_KIND_PROSE) ||
         text_ok (spec->kind, data, size);
}

static gboolean
decode_field (QfuMessage *message, QfuReader *reader, GError **error)
{
  guint untrusted_field = qfu_reader_u16 (reader);
  guint untrusted_reserved = qfu_reader_u16 (reader);
  guint32 untrusted_size = qfu_reader_u32 (reader);
  const guint8 *data = qfu_reader_bytes (reader, untrusted_size);
  const QfuFieldSpec *spec = qfu_wire_field_spec (untrusted_field);

  if (data == NULL || untrusted_reserved != 0 || spec == NULL ||
      qfu_wire_frame_field (message->spec, untrusted_field) == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s with a broken or foreign field",
                 message->spec->name);
    return FALSE;
  }
  if (!field_value_ok (spec, data, untrusted_size)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s with an unfit %s", message->spec->name,
                 spec->name);
    return FALSE;
  }
  (void)message_append (message, untrusted_field, data, untrusted_size);
  return TRUE;
}

static gboolean
check_counts (const QfuMessage *message, GError **error)
{
  const QfuFrameSpec *spec = message->spec;

  for (gsize i = 0; i < QFU_FRAME_FIELDS_MAX && spec->fields[i].field != 0; i++) {
    guint count = qfu_message_count (message, spec->fields[i].field);

    if (count < spec->fields[i].min || count > spec->fields[i].max) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s with %u times %s", spec->name, count,
                   qfu_wire_field_spec (spec->fields[i].field)->name);
      return FALSE;
    }
  }
  return TRUE;
}

QfuMessage *
qfu_message_decode (QfuFrameType type, const guint8 *payload, gsize length, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (type);
  QfuReader reader = qfu_reader (payload, length);

  if (type == QFU_FRAME_DATA) {
    if (length == 0 && !fail_empty (error))
      return NULL;
    qfu_message_set_data (message, payload, length);
    return g_steal_pointer (&message);
  }
  while (qfu_reader_left (&reader) > 0) {
    if (!decode_field (message, &reader, error))
      return NULL;
  }
  if (!check_counts (message, error))
    return NULL;
  return g_steal_pointer (&message);
}
