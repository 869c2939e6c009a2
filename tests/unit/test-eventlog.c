/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-eventlog.h"
#include "testconfig.h"

typedef TestHome Fixture;

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GByteArray) image = image_usual ("", "romstage");
  g_autoptr (GByteArray) bytes = image_log (image, TRUE);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuEventLog) log = qfu_eventlog_read (f->config, blob, &error);
  QfuPcrSet values;
  QfuDigest expected;
  QfuDigest digest;

  g_assert_no_error (error);
  g_assert_cmpint (log->format, ==, QFU_LOG_TCG2);
  g_assert_cmpuint (log->events->len, ==, 14);
  g_assert_cmpstr (g_array_index (log->events, QfuEvent, 2).name, ==, "CBFS: fallback/romstage");
  qfu_eventlog_replay (log, &values);
  qfu_pcr_reset (&expected, QFU_HASH_SHA256, 7, 0);
  qfu_digest_compute (QFU_HASH_SHA256, "\xff\xff\xff\xff", 4, &digest);
  qfu_pcr_extend (&expected, &digest);
  g_assert_true (qfu_digest_equal (qfu_pcr_set_get (&values, QFU_HASH_SHA256, 7), &expected));
  g_assert_null (qfu_pcr_set_get (&values, QFU_HASH_SHA1, 7));
}

static QfuMessage *
log_message (void)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_LOG);

  qfu_message_add_number (message, QFU_FIELD_KIND, QFU_LOG_TCG2);
  return message;
}

static QfuMessage *
event_message (guint64 pcr)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_EVENT);
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &digest);
  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  qfu_message_add_number (message, QFU_FIELD_KIND, 5);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  return message;
}

static void
assert_lie_refused (Fixture *f, QfuMessage *first, QfuMessage *second)
{
  g_autoptr (GPtrArray) messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("log", 3);
  g_autoptr (GError) error = NULL;

  if (first != NULL)
    g_ptr_array_add (messages, first);
  if (second != NULL)
    g_ptr_array_add (messages, second);
  liar_install (f->config, f->directory, messages, TRUE);
  g_assert_null (qfu_eventlog_read (f->config, blob, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

/* What an owned worker could try. */
static void
test_lies (Fixture *f, gconstpointer user)
{
  assert_lie_refused (f, NULL, NULL);
  assert_lie_refused (f, event_message (2), NULL);
  assert_lie_refused (f, log_message (), log_message ());
  assert_lie_refused (f, log_message (), event_message (24));
  assert_lie_refused (f, log_message (), qfu_message_new (QFU_FRAME_DATA));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/eventlog/read", test_read);
  test_home_add ("/eventlog/lies", test_lies);
  return g_test_run ();
}
