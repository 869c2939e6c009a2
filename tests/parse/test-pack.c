/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "qfu-error.h"

#include <string.h>
#include <time.h>

#define BIG 100000 /* bytes: more than one data block */

/* The cabinet that a parser sent. */
typedef struct {
  GByteArray *bytes;
  guint frames;
  guint64 announced;
} Sent;

static gboolean
take_frame (gpointer user, const QfuMessage *message, GError **error)
{
  Sent *sent = user;

  g_assert_cmpint (qfu_message_type (message), ==, QFU_FRAME_SIZE);
  g_assert_true (
      qfu_message_number (message, QFU_FIELD_SIZE, 0, G_MAXUINT32, &sent->announced, error));
  sent->frames++;
  return TRUE;
}

static gboolean
take_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  Sent *sent = user;

  g_byte_array_append (sent->bytes, data, (guint)size);
  return TRUE;
}

static GByteArray *
pack (const char *const *names, const QfuParseInput *inputs, gsize n_inputs, GError **error)
{
  Sent sent = {g_byte_array_new (), 0, 0};
  const QfuParseSink sink = {take_frame, take_data, &sent};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);

  for (gsize i = 0; names[i] != NULL; i++)
    qfu_message_add_text (arguments, QFU_FIELD_NAME, names[i]);
  if (!qfu_parse_pack (arguments, inputs, n_inputs, &sink, error)) {
    g_assert_cmpuint (sent.bytes->len + sent.frames, ==, 0);
    g_byte_array_unref (sent.bytes);
    return NULL;
  }
  g_assert_cmpuint (sent.frames, ==, 1);
  g_assert_cmpuint (sent.announced, ==, sent.bytes->len);
  return sent.bytes;
}

static void
test_members (void)
{
  static const char *const names[] = {"firmware.metainfo.xml", "empty", "firmware.bin", NULL};
  g_autofree guint8 *big = g_malloc0 (BIG);
  const QfuParseInput inputs[] = {{(const guint8 *)"hello", 5}, {NULL, 0}, {big, BIG}};
  g_autoptr (GError) error = NULL;
  g_autofree char *big_sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, big, BIG);
  g_autofree char *expected =
      g_strdup_printf ("MEMBER SIZE=5 NAME=\"firmware.metainfo.xml\"\n"
                       "DATA 5 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
                       "MEMBER SIZE=0 NAME=\"empty\"\n"
                       "MEMBER SIZE=%d NAME=\"firmware.bin\"\n"
                       "DATA %d %s\n",
                       BIG, BIG, big_sha256);
  g_autoptr (GByteArray) cab = pack (names, inputs, G_N_ELEMENTS (inputs), &error);
  g_autoptr (QfuCollected) collected = NULL;

  g_assert_no_error (error);
  collected = qfu_collect ("cab", NULL, cab->data, cab->len);
  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

/* Neither the time nor the time zone is in it. */
static void
test_same_again (void)
{
  static const char *const names[] = {"a", "b", "c", NULL};
  const QfuParseInput inputs[] = {
      {(const guint8 *)"A", 1}, {(const guint8 *)"BB", 2}, {(const guint8 *)"CCC", 3}};
  /* date and time of the first member, behind header and folder: 1980-01-01, midnight */
  static const guint8 date[] = {0x21, 0, 0, 0};
  g_autoptr (GByteArray) first = pack (names, inputs, 3, NULL);
  g_autoptr (GByteArray) second = NULL;

  g_setenv ("TZ", "Pacific/Kiritimati", TRUE);
  tzset ();
  second = pack (names, inputs, 3, NULL);
  g_assert_cmpmem (first->data, first->len, second->data, second->len);
  g_assert_cmpmem (first->data + 36 + 8 + 10, 4, date, sizeof date);
}

static void
assert_refused (const char *const *names,
                const QfuParseInput *inputs,
                gsize n_inputs,
                QfuError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pack (names, inputs, n_inputs, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
}

static void
test_names (void)
{
  static const char *const bad[] = {"", ".", "..", "a/b", "/a", "a\\b", "A"};
  const QfuParseInput inputs[] = {{(const guint8 *)"A", 1}, {(const guint8 *)"B", 1}};
  g_autofree char *longest = g_strnfill (255, 'x');
  g_autofree char *longer = g_strnfill (256, 'x');
  const char *const one[] = {"a", NULL};
  const char *const at_limit[] = {"a", longest, NULL};
  const char *const past[] = {"a", longer, NULL};
  const char *const three[] = {"a", "b", "c", NULL};
  g_autoptr (GByteArray) cab = pack (at_limit, inputs, 2, NULL);

  g_assert_nonnull (cab);
  assert_refused (past, inputs, 2, QFU_ERROR_FORMAT);
  assert_refused (one, inputs, 2, QFU_ERROR_FORMAT);
  assert_refused (three, inputs, 2, QFU_ERROR_FORMAT);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    const char *const names[] = {"a", bad[i], NULL};

    assert_refused (names, inputs, 2, QFU_ERROR_FORMAT);
  }
}

/* The check comes before a byte is read: there is none behind these sizes. */
static void
test_too_large (void)
{
  static const char *const names[] = {"a", "b", NULL};
  const QfuParseInput inputs[] = {{(const guint8 *)"A", 256 * 1024 * 1024},
                                  {(const guint8 *)"B", 1}};
  const QfuParseInput wrapping[] = {{(const guint8 *)"A", 1}, {(const guint8 *)"B", G_MAXSIZE}};

  assert_refused (names, inputs, 2, QFU_ERROR_LIMIT);
  assert_refused (names, wrapping, 2, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pack/members", test_members);
  g_test_add_func ("/pack/same-again", test_same_again);
  g_test_add_func ("/pack/names", test_names);
  g_test_add_func ("/pack/too-large", test_too_large);
  return g_test_run ();
}
