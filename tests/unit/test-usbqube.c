/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-limits.h"
#include "usblist.h"

static void
test_complete (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  GByteArray *payload = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;
  const QfuDevice *device;

  put_qube (stream, "2.0.20", 2);
  usb_put_text (payload, QFU_FIELD_ID, A);
  usb_put_text (payload, QFU_FIELD_NAME, "  Integrated Webcam ");
  usb_put_text (payload, QFU_FIELD_VENDOR, "ACME Corp.");
  usb_put_text (payload, QFU_FIELD_VENDOR_ID, "USB:0x046D");
  usb_put_text (payload, QFU_FIELD_VENDOR_ID, "OUI:123456");
  usb_put_text (payload, QFU_FIELD_BRANCH, "default");
  usb_put_text (payload, QFU_FIELD_VERSION, "1.2.2~rc1+2_A-b");
  usb_put_text (payload, QFU_FIELD_VERSION_FORMAT, "triplet");
  usb_put_text (payload, QFU_FIELD_VERSION_LOWEST, "1.2.0");
  usb_put_text (payload, QFU_FIELD_GUID, GUID);
  usb_put_text (payload, QFU_FIELD_GUID, "00000000-0000-0000-0000-000000000000");
  usb_put_text (payload, QFU_FIELD_UPDATE_PROTOCOL, "com.acme.test");
  usb_put_number (payload, QFU_FIELD_FLAGS, QFU_DEVICE_FLAGS_ALL & ~QFU_DEVICE_INTERNAL);
  usb_put_frame (stream, QFU_FRAME_USB_DEVICE, payload);
  put_device (stream, B, A);
  qube = ask (home, GOOD, stream, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qube->name, ==, USB_VM);
  g_assert_cmpstr (qube->fwupd_version, ==, "2.0.20");
  g_assert_cmpuint (qube->keyboards, ==, 2);
  g_assert_cmpuint (qube->devices->len, ==, 2);
  device = g_ptr_array_index (qube->devices, 0);
  g_assert_cmpstr (device->domain, ==, USB_VM);
  g_assert_cmpstr (device->id, ==, A);
  g_assert_null (device->parent);
  g_assert_cmpstr (device->name, ==, "Integrated Webcam");
  g_assert_cmpstr (device->vendor, ==, "ACME Corp.");
  g_assert_cmpuint (g_strv_length (device->vendor_ids), ==, 2);
  g_assert_cmpstr (device->branch, ==, "default");
  g_assert_cmpstr (device->version, ==, "1.2.2~rc1+2_A-b");
  g_assert_cmpstr (device->version_format, ==, "triplet");
  g_assert_cmpstr (device->version_lowest, ==, "1.2.0");
  g_assert_cmpuint (g_strv_length (device->guids), ==, 2);
  g_assert_cmpstr (device->protocols[0], ==, "com.acme.test");
  g_assert_cmpuint (device->flags, ==, QFU_DEVICE_FLAGS_ALL & ~QFU_DEVICE_INTERNAL);
  g_assert_null (device->summary);
  g_assert_null (device->problem);
  usb_expect_no_children ();
}

static void
test_bare (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbQube) empty = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;
  const QfuDevice *child;

  put_qube (stream, "1", 0);
  empty = ask (home, GOOD, stream, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (empty->devices->len, ==, 0);
  put_device (stream, A, NULL);
  put_device (stream, B, A);
  qube = ask (home, GOOD, stream, &error);
  g_assert_no_error (error);
  child = g_ptr_array_index (qube->devices, 1);
  g_assert_cmpstr (child->parent, ==, A);
  g_assert_cmpstr (child->name, ==, B);
  g_assert_cmpstr (child->version_format, ==, "unknown");
  g_assert_null (child->vendor);
  g_assert_null (child->version);
  g_assert_cmpuint (g_strv_length (child->vendor_ids), ==, 0);
  g_assert_cmpuint (g_strv_length (child->protocols), ==, 0);
}

/* Scripts around a good list, which %s is. */
static const struct {
  const char *script;
  QfuError code;
  const char *text;
} scripts[] = {
    {"exit:127", QFU_ERROR_NOT_FOUND, "qubes-fwupd-vm"},
    {"request exit:126", QFU_ERROR_UNREACHABLE, "refused"},
    {"request hello file:%s exit:255", QFU_ERROR_UNREACHABLE, "broke"},
    {"request hello file:%s signal:9", QFU_ERROR_UNREACHABLE, "killed"},
    {"request hello file:%s exit:0", QFU_ERROR_UNREACHABLE, "status 0"},
    {"request hello file:%s header:122,100 raw:owned exit:0", QFU_ERROR_UNREACHABLE, "status 0"},
    {"request file:%s bare-end", QFU_ERROR_PROTOCOL, "begin with HELLO"},
    {"request hello:2 file:%s bare-end", QFU_ERROR_PROTOCOL, "PROTOCOL"},
    {"request hello hello file:%s bare-end", QFU_ERROR_PROTOCOL, "out of turn"},
    {"request hello file:%s hello bare-end", QFU_ERROR_PROTOCOL, "out of turn"},
    {"request hello file:%s percent:1,5 bare-end", QFU_ERROR_PROTOCOL, "out of turn"},
    {"request hello file:%s action:1 bare-end", QFU_ERROR_PROTOCOL, "out of turn"},
    {"request hello file:%s data:5 bare-end", QFU_ERROR_PROTOCOL, "out of turn"},
    {"request hello file:%s end:70", QFU_ERROR_PROTOCOL, "counts"},
    {"request hello file:%s bare-end bare-end", QFU_ERROR_PROTOCOL, "after the end"},
    {"request hello file:%s bare-end raw:owned", QFU_ERROR_PROTOCOL, "after the end"},
    {"request hello file:%s bare-end exit:3", QFU_ERROR_PROTOCOL, "status 3"},
    {"request hello header:65,0 bare-end", QFU_ERROR_PROTOCOL, "DEVICE"},
    {"request hello header:999,0", QFU_ERROR_PROTOCOL, "unknown type"},
    {"request hello header:122,65537", QFU_ERROR_PROTOCOL, "too long"},
    {"request raw:\"owned: login incorrect\"", QFU_ERROR_PROTOCOL, "unknown type"},
    {"request error:12", QFU_ERROR_UNSUPPORTED, "fwupd is not installed"},
    {"request hello file:%s error:4", QFU_ERROR_UNREACHABLE, "does not answer"},
    {"request hello error:11", QFU_ERROR_REFUSED, "fwupd"},
    {"request hello error:19", QFU_ERROR_PROTOCOL, "unknown error"},
};

static void
test_scripts (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  put_qube (stream, "2.0", 0);
  put_device (stream, A, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (ask (home, scripts[i].script, stream, &error));
    usb_assert_failed (scripts[i].script, error, (int)scripts[i].code, scripts[i].text);
    usb_expect_no_children ();
  }
}

static void
test_time (TestHome *home, gconstpointer user)
{
  static const struct {
    const char *script;
    guint connect, idle, total; /* seconds */
    const char *text;
  } rows[] = {
      {"hang", 1, USB_PATIENCE, USB_PATIENCE, "did not answer"},
      {"request header:2,16 raw:owned hang", 1, USB_PATIENCE, USB_PATIENCE, "did not answer"},
      {"request hello hang", USB_PATIENCE, 1, USB_PATIENCE, "did not go on"},
      {"request hello header:122,99 raw:owned hang", USB_PATIENCE, 1, USB_PATIENCE,
       "did not go on"},
      {"request hello hang", USB_PATIENCE, USB_PATIENCE, 1, "did not go on"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    gint64 begin = g_get_monotonic_time ();
    g_autoptr (QfuUsbListing) listing = NULL;
    g_autoptr (GError) error = NULL;

    usb_configure (home->config, rows[i].script);
    home->config->connect_seconds = rows[i].connect;
    home->config->idle_seconds = rows[i].idle;
    home->config->total_seconds = rows[i].total;
    listing = qfu_usb_listing_start (home->config, USB_VM, &error);
    g_assert_no_error (error);
    g_assert_null (qfu_usb_listing_finish (listing, &error));
    usb_assert_failed (rows[i].script, error, QFU_ERROR_LIMIT, rows[i].text);
    g_assert_cmpint (g_get_monotonic_time () - begin, <, USB_PATIENCE * G_USEC_PER_SEC);
    g_clear_pointer (&listing, qfu_usb_listing_free);
    usb_expect_no_children ();
  }
}

/* One that does not answer costs the others nothing, even when their time is over, too. */
static void
test_several (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autofree char *path = path_of (home);
  g_autofree char *script = g_strdup_printf ("request hello file:%s bare-end", path);
  g_autoptr (QfuUsbListing) dead = NULL;
  g_autoptr (QfuUsbListing) good = NULL;
  g_autoptr (QfuUsbListing) dropped = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;
  g_autoptr (GError) error = NULL;

  put_qube (stream, "2.0", 0);
  put_device (stream, A, NULL);
  g_assert_true (g_file_set_contents (path, (const char *)stream->data, (gssize)stream->len, NULL));
  usb_configure (home->config, "hang");
  dead = qfu_usb_listing_start (home->config, USB_VM, &error);
  g_assert_no_error (error);
  dropped = qfu_usb_listing_start (home->config, USB_VM, &error);
  g_assert_no_error (error);
  usb_configure (home->config, script);
  good = qfu_usb_listing_start (home->config, "sys-usb2", &error);
  g_assert_no_error (error);
  home->config->connect_seconds = home->config->total_seconds = 1;
  g_assert_null (qfu_usb_listing_finish (dead, &error));
  usb_assert_failed ("hang", error, QFU_ERROR_LIMIT, "did not answer");
  g_clear_error (&error);
  qube = qfu_usb_listing_finish (good, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qube->name, ==, "sys-usb2");
  g_assert_cmpuint (qube->devices->len, ==, 1);
  g_clear_pointer (&dead, qfu_usb_listing_free);
  g_clear_pointer (&good, qfu_usb_listing_free);
  g_clear_pointer (&dropped, qfu_usb_listing_free);
  usb_expect_no_children ();
}

/* @user: how many devices */
static void
test_devices (TestHome *home, gconstpointer user)
{
  guint count = GPOINTER_TO_UINT (user);
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;

  put_qube (stream, "2.0", 0);
  for (guint i = 0; i < count; i++) {
    g_autofree char *id = g_strdup_printf ("%040x", i);

    put_device (stream, id, NULL);
  }
  qube = ask (home, GOOD, stream, &error);
  if (count > QFU_USB_DEVICES_MAX)
    usb_assert_failed ("devices", error, QFU_ERROR_LIMIT, "more than 64 devices");
  else
    g_assert_cmpuint (qube->devices->len, ==, count);
}

#define GUIDS 32

/* A device of exactly @size bytes; NAME, VENDOR and vendor ids are as long as it takes. */
static void
put_large (GByteArray *stream, guint number, gsize size)
{
  static const QfuField pads[] = {QFU_FIELD_NAME,      QFU_FIELD_VENDOR,    QFU_FIELD_VENDOR_ID,
                                  QFU_FIELD_VENDOR_ID, QFU_FIELD_VENDOR_ID, QFU_FIELD_VENDOR_ID,
                                  QFU_FIELD_VENDOR_ID, QFU_FIELD_VENDOR_ID, QFU_FIELD_VENDOR_ID,
                                  QFU_FIELD_VENDOR_ID};
  g_autofree char *id = g_strdup_printf ("%040x", number);
  g_autofree char *filler = g_strnfill (256, 'x');
  GByteArray *payload = g_byte_array_new ();
  gsize left;

  usb_put_text (payload, QFU_FIELD_ID, id);
  for (guint i = 0; i < GUIDS; i++)
    usb_put_text (payload, QFU_FIELD_GUID, GUID);
  usb_put_number (payload, QFU_FIELD_FLAGS, 0);
  left = size - QFU_WIRE_HEADER_SIZE - payload->len;
  for (gsize i = 0; left > 0; i++) {
    gsize room = left - QFU_WIRE_FIELD_HEADER_SIZE;
    /* never so much that less than a field is left */
    gsize part = room <= 256 ? room : MIN (256, room - QFU_WIRE_FIELD_HEADER_SIZE - 1);

    g_assert_cmpuint (i, <, G_N_ELEMENTS (pads));
    usb_put (payload, pads[i], filler, part);
    left -= part + QFU_WIRE_FIELD_HEADER_SIZE;
  }
  usb_put_frame (stream, QFU_FRAME_USB_DEVICE, payload);
}

/* @user: bytes of all frames */
static void
test_size (TestHome *home, gconstpointer user)
{
  gsize wanted = GPOINTER_TO_SIZE (user);
  gsize around = 2 * QFU_WIRE_HEADER_SIZE + 2 * sizeof (guint64); /* HELLO and END */
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;

  put_qube (stream, "2.0", 0);
  for (guint i = 0; i < QFU_USB_DEVICES_MAX; i++) {
    gsize left = wanted - around - stream->len;

    put_large (stream, i, left / (QFU_USB_DEVICES_MAX - i));
  }
  g_assert_cmpuint (stream->len + around, ==, wanted);
  qube = ask (home, GOOD, stream, &error);
  if (wanted > QFU_USB_LIST_MAX)
    usb_assert_failed ("size", error, QFU_ERROR_LIMIT, "more than the allowed 262144 bytes");
  else
    g_assert_no_error (error);
  g_assert_true ((qube != NULL) == (wanted <= QFU_USB_LIST_MAX));
}

/* @user: how many keyboards */
static void
test_keyboards (TestHome *home, gconstpointer user)
{
  guint count = GPOINTER_TO_UINT (user);
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbQube) qube = NULL;

  put_qube (stream, "2.0", count);
  qube = ask (home, GOOD, stream, &error);
  if (count > QFU_USB_KEYBOARDS_MAX)
    usb_assert_failed ("keyboards", error, QFU_ERROR_PROTOCOL, "KEYBOARDS");
  else
    g_assert_cmpuint (qube->keyboards, ==, count);
}

/* What never ends is ended. */
static void
test_flood (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (ask (home, "request hello endless:percent", stream, &error));
  usb_assert_failed ("flood", error, QFU_ERROR_PROTOCOL, "out of turn");
  usb_expect_no_children ();
}

#define ADD(path, user, test)                                                                      \
  g_test_add (path, TestHome, user, test_home_set_up, test, test_home_tear_down)

#define LIMIT(path, maximum, test)                                                                 \
  ADD (path "/at", GSIZE_TO_POINTER (maximum), test);                                              \
  ADD (path "/past", GSIZE_TO_POINTER ((maximum) + 1), test)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("/usbqube/complete", NULL, test_complete);
  ADD ("/usbqube/bare", NULL, test_bare);
  ADD ("/usbqube/scripts", NULL, test_scripts);
  ADD ("/usbqube/time", NULL, test_time);
  ADD ("/usbqube/several", NULL, test_several);
  ADD ("/usbqube/flood", NULL, test_flood);
  LIMIT ("/usbqube/limit/devices", QFU_USB_DEVICES_MAX, test_devices);
  LIMIT ("/usbqube/limit/size", QFU_USB_LIST_MAX, test_size);
  LIMIT ("/usbqube/limit/keyboards", QFU_USB_KEYBOARDS_MAX, test_keyboards);
  return g_test_run ();
}
