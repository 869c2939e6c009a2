/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-usbcall.h"
#include "usbpeer.h"

#define MAXIMUM 1000 /* bytes */

static gint64
soon (guint seconds)
{
  return g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
}

static QfuUsbCall *
call (TestHome *home, const char *script)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_LIST);
  g_autoptr (GError) error = NULL;
  QfuUsbCall *opened;

  usb_configure (home->config, script);
  opened = qfu_usb_call_new (home->config, USB_VM, QFU_USB_SERVICE_DEVICES, MAXIMUM, &error);
  g_assert_no_error (error);
  qfu_message_add_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  g_assert_true (qfu_usb_call_open (opened, message, &error));
  g_assert_no_error (error);
  return opened;
}

static QfuMessage *
next (QfuUsbCall *of, GError **error)
{
  return qfu_usb_call_next (of, soon (USB_PATIENCE), "late", error);
}

static void
test_good (TestHome *home, gconstpointer user)
{
  g_autoptr (QfuUsbCall) good = call (home, "request noise hello percent:7,5 bare-end");
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (QfuMessage) end = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_usb_call_greet (good, soon (USB_PATIENCE), &error));
  message = next (good, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_DONE, 0, 100, 0), ==, 7);
  end = next (good, &error);
  g_assert_no_error (error);
  g_assert_true (qfu_usb_call_close (good, end, &error));
  g_assert_no_error (error);
  g_assert_false (qfu_usb_call_told (good));
  usb_expect_no_children ();
}

static void
test_greet (TestHome *home, gconstpointer user)
{
  static const struct {
    const char *script;
    guint seconds;
    QfuError code;
    const char *text;
  } rows[] = {
      {"request percent:1,5", USB_PATIENCE, QFU_ERROR_PROTOCOL, "begin with HELLO"},
      {"request hello:2", USB_PATIENCE, QFU_ERROR_PROTOCOL, "PROTOCOL"},
      {"request hang", 1, QFU_ERROR_LIMIT, "did not answer in time"},
      {"request error:12", USB_PATIENCE, QFU_ERROR_UNSUPPORTED, "not installed"},
      {"exit:127", USB_PATIENCE, QFU_ERROR_NOT_FOUND, "qubes-fwupd-vm"},
      {"request exit:126", USB_PATIENCE, QFU_ERROR_UNREACHABLE, "refused"},
      {"request close hang", USB_PATIENCE, QFU_ERROR_UNREACHABLE, "silent"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuUsbCall) bad = call (home, rows[i].script);
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_usb_call_greet (bad, soon (rows[i].seconds), &error));
    usb_assert_failed (rows[i].script, error, (int)rows[i].code, rows[i].text);
    g_assert_true (qfu_usb_call_told (bad) == (strstr (rows[i].script, "error") != NULL));
    g_clear_pointer (&bad, qfu_usb_call_free);
    usb_expect_no_children ();
  }
}

/* Frames of 56 bytes until there are too many. */
static void
test_maximum (TestHome *home, gconstpointer user)
{
  g_autoptr (QfuUsbCall) loud = call (home, "request endless:percent");
  g_autoptr (GError) error = NULL;
  guint count = 0;

  for (;; count++) {
    g_autoptr (QfuMessage) message = next (loud, &error);

    if (message == NULL)
      break;
  }
  g_assert_cmpuint (count, ==, MAXIMUM / 56);
  usb_assert_failed ("flood", error, QFU_ERROR_LIMIT, "more than the allowed 1000 bytes");
  g_clear_pointer (&loud, qfu_usb_call_free);
  usb_expect_no_children ();
}

static void
test_close (TestHome *home, gconstpointer user)
{
  static const struct {
    const char *script;
    QfuError code;
    const char *text;
  } rows[] = {
      {"request end:0", QFU_ERROR_PROTOCOL, "counts"},
      {"request bare-end raw:owned", QFU_ERROR_PROTOCOL, "after the end"},
      {"request bare-end exit:9", QFU_ERROR_PROTOCOL, "status 9"},
      {"request bare-end signal:11", QFU_ERROR_PROTOCOL, "status 139"},
      {"request bare-end child:1", QFU_ERROR_LIMIT, "does not end"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuUsbCall) bad = call (home, rows[i].script);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuMessage) end = next (bad, &error);

    g_assert_no_error (error);
    g_assert_false (qfu_usb_call_close (bad, end, &error));
    usb_assert_failed (rows[i].script, error, (int)rows[i].code, rows[i].text);
  }
}

static void
test_start (TestHome *home, gconstpointer user)
{
  g_autoptr (GError) error = NULL;

  usb_configure (home->config, "");
  g_free (home->config->usb_command);
  home->config->usb_command = g_strdup ("/nonexistent/program {domain} {service}");
  g_assert_null (qfu_usb_call_new (home->config, USB_VM, QFU_USB_SERVICE_DEVICES, MAXIMUM, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "Command="));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/usbcall/good", test_good);
  test_home_add ("/usbcall/greet", test_greet);
  test_home_add ("/usbcall/maximum", test_maximum);
  test_home_add ("/usbcall/close", test_close);
  test_home_add ("/usbcall/start", test_start);
  return g_test_run ();
}
