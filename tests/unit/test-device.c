/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-device.h"
#include "qfu-error.h"
#include "testconfig.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define PARENT "ffffffffffffffffffff01234567890123456789"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

static QfuMessage *
frame (const char *id, const char *guid, guint64 flags)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_DEVICE);

  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_text (message, QFU_FIELD_GUID, guid);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  return message;
}

static void
test_complete (void)
{
  g_autoptr (QfuMessage) message = frame (ID, GUID, QFU_DEVICE_UPDATABLE | QFU_DEVICE_INTERNAL);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuDevice) device = NULL;

  qfu_message_add_text (message, QFU_FIELD_PARENT, PARENT);
  qfu_message_add_text (message, QFU_FIELD_NAME, "Webcam");
  qfu_message_add_text (message, QFU_FIELD_VENDOR, "ACME");
  qfu_message_add_text (message, QFU_FIELD_VENDOR_ID, "USB:0x273F");
  qfu_message_add_text (message, QFU_FIELD_VENDOR_ID, "DMI:ACME");
  qfu_message_add_text (message, QFU_FIELD_PLUGIN, "test");
  qfu_message_add_text (message, QFU_FIELD_VERSION, "1.2.2");
  qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT, "triplet");
  qfu_message_add_text (message, QFU_FIELD_VERSION_LOWEST, "1.2.0");
  qfu_message_add_text (message, QFU_FIELD_UPDATE_PROTOCOL, "com.acme.test");
  qfu_message_add_text (message, QFU_FIELD_DETAIL, "battery low");
  device = qfu_device_new (message, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (device->id, ==, ID);
  g_assert_cmpstr (device->parent, ==, PARENT);
  g_assert_cmpstr (device->name, ==, "Webcam");
  g_assert_cmpstr (device->vendor, ==, "ACME");
  g_assert_cmpuint (g_strv_length (device->vendor_ids), ==, 2);
  g_assert_cmpstr (device->vendor_ids[1], ==, "DMI:ACME");
  g_assert_cmpstr (device->plugin, ==, "test");
  g_assert_cmpstr (device->version, ==, "1.2.2");
  g_assert_cmpstr (device->version_format, ==, "triplet");
  g_assert_cmpstr (device->version_lowest, ==, "1.2.0");
  g_assert_cmpstr (device->protocols[0], ==, "com.acme.test");
  g_assert_cmpstr (device->problem, ==, "battery low");
  g_assert_null (device->domain);
  g_assert_cmpuint (device->flags, ==, QFU_DEVICE_UPDATABLE | QFU_DEVICE_INTERNAL);
  g_assert_true (qfu_device_has_guid (device, GUID));
  g_assert_false (qfu_device_has_guid (device, ID));
}

static void
test_bare (void)
{
  g_autoptr (QfuMessage) message = frame (ID, NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuDevice) device = qfu_device_new (message, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (device->name, ==, ID);
  g_assert_cmpstr (device->version_format, ==, "unknown");
  g_assert_null (device->version);
  g_assert_null (device->parent);
  g_assert_cmpuint (g_strv_length (device->guids), ==, 0);
  g_assert_cmpuint (g_strv_length (device->protocols), ==, 0);
}

static void
test_out_of_range (void)
{
  static const struct {
    const char *id;
    const char *guid;
    guint64 flags;
  } rows[] = {
      {"", GUID, 0},
      {"0123456789abcdef", GUID, 0},
      {"0123456789ABCDEF0123456789abcdef01234567", GUID, 0},
      {"../3456789abcdef0123456789abcdef01234567", GUID, 0},
      {ID, "", 0},
      {ID, "B585990A-003E-5270-89D5-3705A17F9A43", 0},
      {ID, "b585990a-003e-5270-89d5-3705a17f9a4", 0},
      {ID, "b585990a0003e-5270-89d5-3705a17f9a43", 0},
      {ID, "b585990a-003e-5270-89d5-3705a17f9a4g", 0},
      {ID, GUID, QFU_DEVICE_FLAGS_ALL + 1},
      {ID, GUID, G_MAXUINT64},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuMessage) message = frame (rows[i].id, rows[i].guid, rows[i].flags);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuDevice) device = qfu_device_new (message, &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
    g_assert_null (device);
  }
}

static void
test_ids (void)
{
  g_assert_true (qfu_device_id_ok (ID));
  g_assert_false (qfu_device_id_ok (""));
  g_assert_false (qfu_device_id_ok (ID "0"));
  g_assert_false (qfu_device_id_ok ("0123456789ABCDEF0123456789abcdef01234567"));
  g_assert_false (qfu_device_id_ok ("0123456789abcdef0123456789abcdef0123456"));
}

static void
test_unfit_parent (void)
{
  g_autoptr (QfuMessage) message = frame (ID, GUID, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuDevice) device = NULL;

  qfu_message_add_text (message, QFU_FIELD_PARENT, "");
  device = qfu_device_new (message, &error);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_null (device);
}

static void
test_other_frame (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_HELLO);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuDevice) device = qfu_device_new (message, &error);

  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_null (device);
}

static void
test_address (void)
{
  g_autoptr (QfuMessage) message = frame (ID, GUID, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuDevice) device = qfu_device_new (message, &error);
  g_autofree char *own = NULL;
  g_autofree char *usb = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (qfu_device_domain (device), ==, QFU_DOM0);
  own = qfu_device_address (device);
  g_assert_cmpstr (own, ==, ID);
  device->domain = g_strdup ("sys-usb");
  g_assert_cmpstr (qfu_device_domain (device), ==, "sys-usb");
  usb = qfu_device_address (device);
  g_assert_cmpstr (usb, ==, "sys-usb:" ID);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/device/complete", test_complete);
  g_test_add_func ("/device/bare", test_bare);
  g_test_add_func ("/device/out-of-range", test_out_of_range);
  g_test_add_func ("/device/ids", test_ids);
  g_test_add_func ("/device/unfit-parent", test_unfit_parent);
  g_test_add_func ("/device/other-frame", test_other_frame);
  g_test_add_func ("/device/address", test_address);
  return g_test_run ();
}
