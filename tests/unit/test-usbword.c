/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-usbword.h"
#include "testconfig.h"

#include <string.h>

static GError *
word (guint64 code, guint64 status)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ERROR);
  GError *error = NULL;

  qfu_message_add_number (message, QFU_FIELD_CODE, code);
  if (status != 0)
    qfu_message_add_number (message, QFU_FIELD_STATUS, status);
  qfu_message_add_text (message, QFU_FIELD_DETAIL, "owned");
  qfu_usb_word_set (message, &error);
  g_assert_nonnull (error);
  g_assert_true (error->domain == QFU_ERROR);
  g_assert_null (strstr (error->message, "owned"));
  g_assert_cmpuint (strlen (error->message), >, 10);
  return error;
}

/* Each of fwupd's errors has words, and none tells us what to do next. */
static void
test_fwupd (void)
{
  static const struct {
    guint number;
    QfuError code;
    const char *text;
  } rows[] = {
      {0, QFU_ERROR_IO, "journal"},
      {2, QFU_ERROR_REFUSED, "this version"},
      {6, QFU_ERROR_IO, "write"},
      {8, QFU_ERROR_NOT_FOUND, "find the device"},
      {9, QFU_ERROR_REFUSED, "nothing"},
      {10, QFU_ERROR_UNSUPPORTED, "too old"},
      {11, QFU_ERROR_SIGNATURE, "authority"},
      {12, QFU_ERROR_REFUSED, "mains"},
      {15, QFU_ERROR_REFUSED, "battery"},
      {16, QFU_ERROR_REFUSED, "manual"},
      {20, QFU_ERROR_BUSY, "busy"},
      {21, QFU_ERROR_IO, "reach"},
  };

  for (guint number = 0; number <= 21; number++) {
    g_autoptr (GError) error = word (QFU_ERROR_INTERNAL, number + 1);

    g_assert_false (g_error_matches (error, QFU_ERROR, QFU_ERROR_NOTHING));
    g_assert_false (g_error_matches (error, QFU_ERROR, QFU_ERROR_UNREACHABLE));
    g_assert_false (g_error_matches (error, QFU_ERROR, QFU_ERROR_LIMIT));
    g_assert_false (g_error_matches (error, QFU_ERROR, QFU_ERROR_PROTOCOL));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = word (QFU_ERROR_INTERNAL, rows[i].number + 1);

    g_test_message ("%u: %s", rows[i].number, error->message);
    g_assert_error (error, QFU_ERROR, (int)rows[i].code);
    g_assert_nonnull (strstr (error->message, rows[i].text));
  }
}

/* Without a number of fwupd's that is known, the agent's own code counts. */
static void
test_agent (void)
{
  static const struct {
    guint64 code;
    guint64 status;
    QfuError ours;
    const char *text;
  } rows[] = {
      {QFU_ERROR_UNSUPPORTED, 0, QFU_ERROR_UNSUPPORTED, "not installed"},
      {QFU_ERROR_UNREACHABLE, 0, QFU_ERROR_UNREACHABLE, "does not answer"},
      {QFU_ERROR_NOT_FOUND, 0, QFU_ERROR_NOT_FOUND, "not in the VM"},
      {QFU_ERROR_NOTHING, 0, QFU_ERROR_REFUSED, "no newer"},
      {QFU_ERROR_BUSY, 0, QFU_ERROR_BUSY, "another update"},
      {QFU_ERROR_REFUSED, 0, QFU_ERROR_REFUSED, "locked"},
      {QFU_ERROR_SIGNATURE, 0, QFU_ERROR_SIGNATURE, "signature"},
      {QFU_ERROR_FORMAT, 0, QFU_ERROR_FORMAT, "cannot read"},
      {QFU_ERROR_MISMATCH, 0, QFU_ERROR_MISMATCH, "did not arrive"},
      {QFU_ERROR_LIMIT, 0, QFU_ERROR_LIMIT, "too long"},
      {QFU_ERROR_PROTOCOL, 0, QFU_ERROR_PROTOCOL, "too old"},
      {QFU_ERROR_USAGE, 0, QFU_ERROR_PROTOCOL, "too old"},
      {QFU_ERROR_IO, 0, QFU_ERROR_IO, "log"},
      {QFU_ERROR_INTERNAL, 0, QFU_ERROR_UNREACHABLE, "log"},
      {QFU_ERROR_REFUSED, 23, QFU_ERROR_REFUSED, "locked"},
      {QFU_ERROR_REFUSED, G_MAXUINT64, QFU_ERROR_REFUSED, "locked"},
      {QFU_ERROR_STALE, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {QFU_ERROR_METERED, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {QFU_ERROR_OFFLINE, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {QFU_ERROR_NOT_RUNNING, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {QFU_ERROR_LAST + 1, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {0, 0, QFU_ERROR_PROTOCOL, "unknown error"},
      {G_MAXUINT64, 0, QFU_ERROR_PROTOCOL, "unknown error"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = word (rows[i].code, rows[i].status);

    g_test_message ("%s", error->message);
    g_assert_error (error, QFU_ERROR, (int)rows[i].ours);
    g_assert_nonnull (strstr (error->message, rows[i].text));
  }
}

static void
test_doing (void)
{
  g_assert_null (qfu_usb_word_doing (0));
  g_assert_cmpstr (qfu_usb_word_doing (4), ==, "restarting the device");
  g_assert_cmpstr (qfu_usb_word_doing (5), ==, "writing");
  g_assert_cmpstr (qfu_usb_word_doing (6), ==, "verifying");
  g_assert_cmpstr (qfu_usb_word_doing (14), ==, "waiting for you");
  g_assert_null (qfu_usb_word_doing (15));
  g_assert_null (qfu_usb_word_doing (G_MAXUINT64));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/usbword/fwupd", test_fwupd);
  g_test_add_func ("/usbword/agent", test_agent);
  g_test_add_func ("/usbword/doing", test_doing);
  return g_test_run ();
}
