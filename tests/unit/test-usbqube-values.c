/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "usblist.h"

#define SPACES_32 "                                "
#define LETTERS_65 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A field of a device that is otherwise good: what it says, and what is said of it; %NULL when it
 * is good as well. */
static const struct {
  QfuField field;
  const char *value;
  const char *text;
} values[] = {
    {QFU_FIELD_ID, "", "an unfit ID"},
    {QFU_FIELD_ID, "0123456789abcdef0123456789abcdef0123456", "an unfit ID"},
    {QFU_FIELD_ID, A "0", "an unfit ID"},
    {QFU_FIELD_ID, "0123456789ABCDEF0123456789abcdef01234567", "an unfit ID"},
    {QFU_FIELD_ID, "../../../../../../etc/owned/etc/owned/aa", "an unfit ID"},
    {QFU_FIELD_ID, "*", "an unfit ID"},
    {QFU_FIELD_PARENT, "owned", "an unfit PARENT"},
    {QFU_FIELD_PARENT, B, "a part of none before it"},
    {QFU_FIELD_PARENT, A, "a part of none before it"},
    {QFU_FIELD_GUID, "B585990A-003E-5270-89D5-3705A17F9A43", "an unfit GUID"},
    {QFU_FIELD_GUID, "b585990a003e527089d53705a17f9a43", "an unfit GUID"},
    {QFU_FIELD_GUID, "", "an unfit GUID"},
    {QFU_FIELD_VERSION, "", "an unfit VERSION"},
    {QFU_FIELD_VERSION, "1.2 owned", "an unfit VERSION"},
    {QFU_FIELD_VERSION, "1.2;reboot", "an unfit VERSION"},
    {QFU_FIELD_VERSION, "$(owned)", "an unfit VERSION"},
    {QFU_FIELD_VERSION, LETTERS_65, "an unfit VERSION"},
    {QFU_FIELD_VERSION, "1\033[2Jowned", "an unfit VERSION"},
    {QFU_FIELD_VERSION_LOWEST, "1,2", "an unfit VERSION_LOWEST"},
    {QFU_FIELD_VERSION_FORMAT, "", "an unfit VERSION_FORMAT"},
    {QFU_FIELD_VERSION_FORMAT, "owned", "an unfit VERSION_FORMAT"},
    {QFU_FIELD_VERSION_FORMAT, "Triplet", "an unfit VERSION_FORMAT"},
    {QFU_FIELD_VERSION_FORMAT, "intel-csme19", NULL},
    {QFU_FIELD_UPDATE_PROTOCOL, "org.acme owned", "an unfit UPDATE_PROTOCOL"},
    {QFU_FIELD_UPDATE_PROTOCOL, "", "an unfit UPDATE_PROTOCOL"},
    {QFU_FIELD_VENDOR_ID, "", "an unfit VENDOR_ID"},
    {QFU_FIELD_BRANCH, "", "an unfit BRANCH"},
    {QFU_FIELD_NAME, "\033]0;owned\a", "an unfit NAME"},
    {QFU_FIELD_NAME, "\xe2\x80\xaeowned", "an unfit NAME"},
    {QFU_FIELD_NAME, "owned\nqubes-fwupdmgr: all is well", "an unfit NAME"},
    {QFU_FIELD_NAME,
     "\xc2\x9b"
     "2J",
     "an unfit NAME"},
    {QFU_FIELD_VENDOR, "owned\r", "an unfit VENDOR"},
    {QFU_FIELD_NAME, SPACES_32, NULL},
    {QFU_FIELD_DETAIL, "owned", "a broken or foreign field"},
    {QFU_FIELD_SUMMARY, "owned", "a broken or foreign field"},
    {QFU_FIELD_PLUGIN, "owned", "a broken or foreign field"},
    {QFU_FIELD_URL, "https://owned/", "a broken or foreign field"},
};

static void
test_values (TestHome *home, gconstpointer user)
{
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (GByteArray) stream = g_byte_array_new ();
    GByteArray *payload = g_byte_array_new ();
    QfuField field = values[i].field;
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuUsbQube) qube = NULL;

    put_qube (stream, "2.0", 0);
    usb_put_text (payload, QFU_FIELD_ID, field == QFU_FIELD_ID ? values[i].value : A);
    usb_put_text (payload, QFU_FIELD_GUID, GUID);
    usb_put_number (payload, QFU_FIELD_FLAGS, 0);
    if (field != QFU_FIELD_ID)
      usb_put_text (payload, field, values[i].value);
    usb_put_frame (stream, QFU_FRAME_USB_DEVICE, payload);
    qube = ask (home, GOOD, stream, &error);
    if (values[i].text == NULL)
      g_assert_no_error (error);
    else
      usb_assert_failed (values[i].text, error, QFU_ERROR_PROTOCOL, values[i].text);
    g_assert_true ((qube == NULL) == (values[i].text != NULL));
  }
}

static void
test_flags (TestHome *home, gconstpointer user)
{
  static const struct {
    guint64 flags;
    const char *text;
  } rows[] = {
      {QFU_DEVICE_INTERNAL, "a part of the VM itself"},
      {QFU_DEVICE_INTERNAL | QFU_DEVICE_UPDATABLE, "a part of the VM itself"},
      {QFU_DEVICE_FLAGS_ALL + 1, "FLAGS"},
      {G_MAXUINT64, "FLAGS"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) stream = g_byte_array_new ();
    GByteArray *payload = g_byte_array_new ();
    g_autoptr (GError) error = NULL;

    put_qube (stream, "2.0", 0);
    usb_put_text (payload, QFU_FIELD_ID, A);
    usb_put_text (payload, QFU_FIELD_GUID, GUID);
    usb_put_number (payload, QFU_FIELD_FLAGS, rows[i].flags);
    usb_put_frame (stream, QFU_FRAME_USB_DEVICE, payload);
    g_assert_null (ask (home, GOOD, stream, &error));
    usb_assert_failed ("flags", error, QFU_ERROR_PROTOCOL, rows[i].text);
  }
}

/* The qube's own frame, and what surrounds the devices. */
static void
test_qube (TestHome *home, gconstpointer user)
{
  static const struct {
    const char *versions[2]; /* of QUBE frames */
    gboolean device_first;
    const char *text;
  } rows[] = {
      {{NULL, NULL}, FALSE, "sends no QUBE"},  {{"2.0", NULL}, TRUE, "a device before QUBE"},
      {{"2.0", "2.0"}, FALSE, "QUBE twice"},   {{"2.0 owned", NULL}, FALSE, "an unfit VERSION"},
      {{"", NULL}, FALSE, "an unfit VERSION"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) stream = g_byte_array_new ();
    g_autoptr (GError) error = NULL;

    if (rows[i].device_first)
      put_device (stream, A, NULL);
    for (gsize n = 0; n < G_N_ELEMENTS (rows[i].versions) && rows[i].versions[n] != NULL; n++)
      put_qube (stream, rows[i].versions[n], 0);
    g_assert_null (ask (home, GOOD, stream, &error));
    usb_assert_failed ("qube", error, QFU_ERROR_PROTOCOL, rows[i].text);
  }
}

static void
test_twice (TestHome *home, gconstpointer user)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  put_qube (stream, "2.0", 0);
  put_device (stream, A, NULL);
  put_device (stream, B, NULL);
  put_device (stream, A, NULL);
  g_assert_null (ask (home, GOOD, stream, &error));
  usb_assert_failed ("twice", error, QFU_ERROR_PROTOCOL, "a device twice");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/usbqube/values", test_values);
  test_home_add ("/usbqube/flags", test_flags);
  test_home_add ("/usbqube/qube", test_qube);
  test_home_add ("/usbqube/twice", test_twice);
  return g_test_run ();
}
