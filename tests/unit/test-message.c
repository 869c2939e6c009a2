/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-message.h"

#include "qfu-error.h"
#include "qfu-hasher.h"
#include "qfu-writer.h"
#include "testconfig.h"

#include <string.h>

static QfuMessage *
decode (const GByteArray *payload, QfuFrameType type, GError **error)
{
  return qfu_message_decode (type, payload->data, payload->len, error);
}

static void
add_field (GByteArray *payload, guint16 field, const void *data, guint32 size)
{
  qfu_writer_u16 (payload, field);
  qfu_writer_u16 (payload, 0);
  qfu_writer_u32 (payload, size);
  qfu_writer_bytes (payload, data, size);
}

static void
expect_refused (const GByteArray *payload, QfuFrameType type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = decode (payload, type, &error);

  g_assert_null (message);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

/* Every frame of the table, with every field as often and as long as it may be (within a frame). */
static void
test_round_trip (void)
{
  for (guint type = 0; type < 128; type++) {
    const QfuFrameSpec *spec = qfu_wire_frame_spec (type);
    g_autoptr (GByteArray) payload = g_byte_array_new ();
    g_autoptr (QfuMessage) message = NULL;
    g_autoptr (GBytes) encoded = NULL;

    if (spec == NULL || type == QFU_FRAME_DATA)
      continue;
    for (gsize i = 0; spec->fields[i].field != 0; i++) {
      const QfuFieldSpec *field = qfu_wire_field_spec (spec->fields[i].field);
      g_autofree char *value = g_strnfill (field->max, 'x');

      for (guint n = 0; n < spec->fields[i].max && payload->len < 32 * 1024; n++)
        add_field (payload, (guint16)field->field, value, (guint32)field->max);
    }
    message = decode (payload, (QfuFrameType)type, NULL);
    g_assert_nonnull (message);
    encoded = qfu_message_encode (message);
    g_assert_cmpmem ((const guint8 *)g_bytes_get_data (encoded, NULL) + QFU_WIRE_HEADER_SIZE,
                     g_bytes_get_size (encoded) - QFU_WIRE_HEADER_SIZE, payload->data,
                     payload->len);
    g_assert_cmpstr (qfu_message_name (message), ==, spec->name);
  }
}

/* A frame that has what it must have, but its @index-th field @times times with @size bytes. */
static GByteArray *
frame_with (const QfuFrameSpec *spec, gsize index, guint times, gsize size)
{
  GByteArray *payload = g_byte_array_new ();

  for (gsize i = 0; i < QFU_FRAME_FIELDS_MAX && spec->fields[i].field != 0; i++) {
    const QfuFieldSpec *field = qfu_wire_field_spec (spec->fields[i].field);
    guint32 bytes = i == index ? (guint32)size : field->kind == QFU_KIND_NUMBER ? 8 : 1;
    g_autofree char *value = g_strnfill (bytes, 'x');

    for (guint n = 0; n < (i == index ? times : spec->fields[i].min); n++)
      add_field (payload, (guint16)field->field, value, bytes);
  }
  return payload;
}

static void
assert_frame (const QfuFrameSpec *spec, gsize index, guint times, gsize size, gboolean good)
{
  g_autoptr (GByteArray) payload = frame_with (spec, index, times, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = decode (payload, spec->type, &error);

  g_test_message ("%s, field %zu, %u times %zu bytes", spec->name, index, times, size);
  if (good)
    g_assert_no_error (error);
  else
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_true (good == (message != NULL));
}

/* Every field of every frame, at what the table says and one past it: bytes and occurrences. */
static void
test_limits (void)
{
  guint fields = 0;

  for (guint type = 0; type < 1024; type++) {
    const QfuFrameSpec *spec = qfu_wire_frame_spec (type);

    for (gsize i = 0; spec != NULL && spec->fields[i].field != 0; i++) {
      const QfuFieldSpec *field = qfu_wire_field_spec (spec->fields[i].field);
      const QfuFrameField *often = &spec->fields[i];
      gsize least = field->kind == QFU_KIND_NUMBER ? 8 : 1;

      assert_frame (spec, i, 1, field->max, TRUE);
      assert_frame (spec, i, 1, field->max + 1, FALSE);
      assert_frame (spec, i, often->max, least, TRUE);
      assert_frame (spec, i, often->max + 1, least, FALSE);
      if (often->min > 0)
        assert_frame (spec, i, often->min - 1, least, FALSE);
      fields++;
    }
  }
  g_assert_cmpuint (fields, >, 100);
}

static void
test_malformed (void)
{
  static const guint8 number[8] = {1};
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  expect_refused (payload, QFU_FRAME_HELLO); /* PROTOCOL is missing */
  add_field (payload, QFU_FIELD_PROTOCOL, number, 8);
  for (guint length = 1; length < payload->len; length++) {
    g_autoptr (GByteArray) cut = g_byte_array_new ();

    g_byte_array_append (cut, payload->data, length);
    expect_refused (cut, QFU_FRAME_HELLO);
  }
  g_byte_array_append (payload, number, 1); /* trailing byte */
  expect_refused (payload, QFU_FRAME_HELLO);
  g_byte_array_set_size (payload, 16);
  payload->data[2] = 1; /* reserved */
  expect_refused (payload, QFU_FRAME_HELLO);
  payload->data[2] = 0;
  payload->data[0] = QFU_FIELD_URL; /* not in HELLO */
  expect_refused (payload, QFU_FRAME_HELLO);
  payload->data[1] = 0xff; /* in no frame */
  expect_refused (payload, QFU_FRAME_HELLO);
  payload->data[0] = QFU_FIELD_PROTOCOL;
  payload->data[1] = 0;
  memset (payload->data + 4, 0xff, 4); /* a length far outside */
  expect_refused (payload, QFU_FRAME_HELLO);
  g_byte_array_set_size (payload, 0);
  add_field (payload, QFU_FIELD_PROTOCOL, number, 7);
  expect_refused (payload, QFU_FRAME_HELLO);
  g_byte_array_set_size (payload, 0);
  expect_refused (payload, QFU_FRAME_DATA); /* DATA without bytes */
}

static void
test_text (void)
{
  for (guint byte = 0; byte < 256; byte++) {
    g_autoptr (GByteArray) release = g_byte_array_new ();
    g_autoptr (GByteArray) prose = g_byte_array_new ();
    g_autoptr (QfuMessage) message = NULL;
    g_autoptr (QfuMessage) described = NULL;
    char text[3] = {'a', (char)byte, 'b'};
    gboolean printable = byte >= 0x20 && byte < 0x7f;

    add_field (release, QFU_FIELD_VERSION, text, sizeof text);
    message = decode (release, QFU_FRAME_RELEASE, NULL);
    g_assert_cmpint (message != NULL, ==, printable);
    add_field (prose, QFU_FIELD_VERSION, "1", 1);
    add_field (prose, QFU_FIELD_DESCRIPTION, text, sizeof text);
    described = decode (prose, QFU_FRAME_RELEASE, NULL);
    g_assert_cmpint (described != NULL, ==, printable || byte == '\n');
  }
}

static void
test_building (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_RELEASE);
  g_autofree char *longer = g_strnfill (100, 'v');

  qfu_message_add_text (message, QFU_FIELD_VERSION, longer);
  qfu_message_add_text (message, QFU_FIELD_URGENCY, NULL);
  qfu_message_add_text (message, QFU_FIELD_CVE, "a\x1b\nb\xff");
  qfu_message_add_text (message, QFU_FIELD_CVE, "second");
  qfu_message_add_text (message, QFU_FIELD_DESCRIPTION, "one\ntwo\r");
  g_assert_cmpuint (strlen (qfu_message_text (message, QFU_FIELD_VERSION, 0)), ==, 64);
  g_assert_null (qfu_message_text (message, QFU_FIELD_URGENCY, 0));
  g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_CVE, 0), ==, "a??b?");
  g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_CVE, 1), ==, "second");
  g_assert_null (qfu_message_text (message, QFU_FIELD_CVE, 2));
  g_assert_cmpuint (qfu_message_count (message, QFU_FIELD_CVE), ==, 2);
  g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_DESCRIPTION, 0), ==, "one\ntwo?");
}

static void
test_numbers (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_SIZE);
  g_autoptr (GError) error = NULL;
  guint64 number = 0;

  qfu_message_add_number (message, QFU_FIELD_SIZE, 10);
  g_assert_true (qfu_message_number (message, QFU_FIELD_SIZE, 10, 10, &number, NULL));
  g_assert_cmpuint (number, ==, 10);
  g_assert_false (qfu_message_number (message, QFU_FIELD_SIZE, 0, 9, &number, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_false (qfu_message_number (message, QFU_FIELD_SIZE, 11, 20, &number, NULL));
  g_assert_false (qfu_message_number (message, QFU_FIELD_OFFSET, 0, 9, &number, NULL));
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_SIZE, 0, 9, 3), ==, 3);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_OFFSET, 0, 9, 4), ==, 4);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_SIZE, 0, 10, 3), ==, 10);
}

static void
test_digests (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PCR);
  g_autoptr (QfuMessage) odd = qfu_message_new (QFU_FRAME_PCR);
  QfuDigest in;
  QfuDigest out;

  qfu_digest_compute (QFU_HASH_SHA512, "a", 1, &in);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &in);
  g_assert_true (qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &out));
  g_assert_true (qfu_digest_equal (&in, &out));
  g_assert_false (qfu_message_digest (message, QFU_FIELD_DIGEST, 1, &out));
  qfu_message_add_bytes (odd, QFU_FIELD_DIGEST, "\x0b\0short", 7);
  g_assert_false (qfu_message_digest (odd, QFU_FIELD_DIGEST, 0, &out));
}

static void
test_header (void)
{
  guint8 header[QFU_WIRE_HEADER_SIZE] = {QFU_FRAME_DATA, 0, QFU_WIRE_VERSION, 0, 0, 0, 1, 0};
  g_autoptr (GError) error = NULL;
  QfuFrameType type;
  gsize length;

  g_assert_true (qfu_message_decode_header (header, &type, &length, NULL));
  g_assert_cmpuint (type, ==, QFU_FRAME_DATA);
  g_assert_cmpuint (length, ==, QFU_WIRE_PAYLOAD_MAX);
  header[4] = 1; /* one byte more */
  g_assert_false (qfu_message_decode_header (header, &type, &length, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  header[4] = 0;
  for (guint i = 0; i < 4; i++) { /* type and version */
    header[i] ^= 0x40;
    g_assert_false (qfu_message_decode_header (header, &type, &length, NULL));
    header[i] ^= 0x40;
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/message/round-trip", test_round_trip);
  g_test_add_func ("/message/limits", test_limits);
  g_test_add_func ("/message/malformed", test_malformed);
  g_test_add_func ("/message/text", test_text);
  g_test_add_func ("/message/building", test_building);
  g_test_add_func ("/message/numbers", test_numbers);
  g_test_add_func ("/message/digests", test_digests);
  g_test_add_func ("/message/header", test_header);
  return g_test_run ();
}
