/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-device-flags.h"
#include "qfu-error.h"
#include "qfu-usb-devices.h"
#include "qfu-usb-sysfs.h"
#include "testconfig.h"

#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

/* (transfer none): the text field of a message, which is there once. */
#define TEXT(message, field) qfu_message_text (message, QFU_FIELD_##field, 0)

/* A device whose id is one digit forty times, which @devices takes; part of that with @parent. */
static FwupdDevice *
add (GPtrArray *devices, char digit, char parent, FwupdDeviceFlags flags)
{
  FwupdDevice *device = fwupd_device_new ();
  g_autofree char *id = g_strnfill (40, digit);
  g_autofree char *parent_id = g_strnfill (40, parent);

  fwupd_device_set_id (device, id);
  if (parent != '\0')
    fwupd_device_set_parent_id (device, parent_id);
  fwupd_device_add_guid (device, GUID);
  fwupd_device_set_flags (device, flags);
  g_ptr_array_add (devices, device);
  return device;
}

/* The digits of the ids that dom0 is told, in that order. */
static char *
picked_ids (GPtrArray *devices)
{
  g_autoptr (GPtrArray) picked = qfu_usb_devices_pick (devices);
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < picked->len; i++)
    g_string_append_c (ids, fwupd_device_get_id (g_ptr_array_index (picked, i))[0]);
  return g_string_free (ids, FALSE);
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *ids = NULL;

  add (devices, '3', '2', 0);
  add (devices, '1', '\0', 0);
  add (devices, '2', '4', 0);
  add (devices, '4', '\0', 0);
  add (devices, '5', '9', 0);
  ids = picked_ids (devices);
  g_assert_cmpstr (ids, ==, "42315");
}

/* What is a part of a machine, and what is a part of that; a circle; a device without GUID, and one
 * without id. */
static void
test_left_out (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FwupdDevice) bare = fwupd_device_new ();
  g_autoptr (FwupdDevice) nameless = fwupd_device_new ();
  g_autofree char *id = g_strnfill (40, 'b');
  g_autofree char *ids = NULL;

  add (devices, '1', '\0', FWUPD_DEVICE_FLAG_INTERNAL);
  add (devices, '2', '1', 0);
  add (devices, '3', '2', 0);
  add (devices, '4', '\0', 0);
  add (devices, '5', '6', 0);
  add (devices, '6', '5', 0);
  add (devices, '7', '7', 0);
  fwupd_device_set_id (bare, id);
  g_ptr_array_add (devices, g_object_ref (bare));
  fwupd_device_add_guid (nameless, GUID);
  g_ptr_array_add (devices, g_object_ref (nameless));
  ids = picked_ids (devices);
  g_assert_cmpstr (ids, ==, "4");
}

static void
test_complete (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (QfuMessage) message = NULL;
  FwupdDevice *device = add (devices, '1', '\0', FWUPD_DEVICE_FLAG_UPDATABLE);

  fwupd_device_set_name (device, "Webcam\033[2J");
  fwupd_device_set_vendor (device, "ACME");
  fwupd_device_add_vendor_id (device, "USB:0x273F");
  fwupd_device_set_version (device, "1.2.2");
  fwupd_device_set_version_lowest (device, "1.2.0");
  fwupd_device_set_version_format (device, FWUPD_VERSION_FORMAT_TRIPLET);
  fwupd_device_set_branch (device, "stable");
  fwupd_device_add_protocol (device, "com.acme.test");
  fwupd_device_add_flag (device, FWUPD_DEVICE_FLAG_IS_BOOTLOADER);
  fwupd_device_add_flag (device, FWUPD_DEVICE_FLAG_EMULATED);
  message = qfu_usb_device_message (device, devices, nodes);
  g_assert_cmpstr (TEXT (message, ID), ==, "1111111111111111111111111111111111111111");
  g_assert_cmpstr (TEXT (message, PARENT), ==, NULL);
  g_assert_cmpstr (TEXT (message, NAME), ==, "Webcam?[2J");
  g_assert_cmpstr (TEXT (message, VENDOR), ==, "ACME");
  g_assert_cmpstr (TEXT (message, VENDOR_ID), ==, "USB:0x273F");
  g_assert_cmpstr (TEXT (message, VERSION), ==, "1.2.2");
  g_assert_cmpstr (TEXT (message, VERSION_LOWEST), ==, "1.2.0");
  g_assert_cmpstr (TEXT (message, VERSION_FORMAT), ==, "triplet");
  g_assert_cmpstr (TEXT (message, BRANCH), ==, "stable");
  g_assert_cmpstr (TEXT (message, UPDATE_PROTOCOL), ==, "com.acme.test");
  g_assert_cmpstr (TEXT (message, GUID), ==, GUID);
  g_assert_cmphex (qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, G_MAXUINT32, 0), ==,
                   QFU_DEVICE_UPDATABLE | QFU_DEVICE_BOOTLOADER | QFU_DEVICE_EMULATED);
}

/* What dom0 would end the call for is left out. */
static void
test_unfit_texts (void)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (QfuMessage) message = NULL;
  FwupdDevice *device = add (devices, '1', '8', 0);

  fwupd_device_set_version (device, "1.2 beta");
  fwupd_device_set_version_lowest (device, "1/2");
  fwupd_device_set_version_format (device, FWUPD_VERSION_FORMAT_LAST);
  fwupd_device_set_branch (device, "");
  fwupd_device_add_vendor_id (device, "");
  fwupd_device_add_protocol (device, "com acme");
  fwupd_device_add_protocol (device, "com.acme");
  message = qfu_usb_device_message (device, devices, nodes);
  g_assert_cmpstr (TEXT (message, PARENT), ==, NULL);
  g_assert_cmpstr (TEXT (message, VERSION), ==, NULL);
  g_assert_cmpstr (TEXT (message, VERSION_LOWEST), ==, NULL);
  g_assert_cmpstr (TEXT (message, VERSION_FORMAT), ==, NULL);
  g_assert_cmpstr (TEXT (message, BRANCH), ==, NULL);
  g_assert_cmpuint (qfu_message_count (message, QFU_FIELD_VENDOR_ID), ==, 0);
  g_assert_cmpuint (qfu_message_count (message, QFU_FIELD_UPDATE_PROTOCOL), ==, 1);
  g_assert_cmpstr (TEXT (message, UPDATE_PROTOCOL), ==, "com.acme");
}

static void
test_versions (void)
{
  g_autofree char *longest = g_strnfill (64, '1');
  g_autofree char *longer = g_strnfill (65, '1');
  const char *fit[] = {"1.2.2", "0x0001", "RQR12.08_B0030", "1.0+git~rc-2", longest};
  const char *unfit[] = {"", "1 2", "1;2", "1\n", "\303\251", longer};

  for (gsize i = 0; i < G_N_ELEMENTS (fit); i++) {
    g_autofree char *version = qfu_usb_version (fit[i]);

    g_assert_cmpstr (version, ==, fit[i]);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (unfit); i++)
    g_assert_null (qfu_usb_version (unfit[i]));
  g_assert_null (qfu_usb_version (NULL));
}

/* What a device is, its parts are: an update of either takes both away. */
static void
test_flags_of_parts (void)
{
  QfuUsbNode node = {(char *)"1-1", 0x046d, 0xc52b, 0x1201, TRUE, TRUE};
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  FwupdDevice *receiver = add (devices, '1', '\0', 0);
  FwupdDevice *part = add (devices, '2', '1', FWUPD_DEVICE_FLAG_LOCKED);
  FwupdDevice *other = add (devices, '3', '\0', 0);
  g_autofree char *guid = fwupd_guid_hash_string ("HIDRAW\\VEN_046D&DEV_C52B");

  g_ptr_array_add (nodes, &node);
  fwupd_device_add_guid (receiver, guid);
  g_assert_cmphex (qfu_usb_device_flags (receiver, devices, nodes), ==,
                   QFU_DEVICE_KEYBOARD | QFU_DEVICE_ELSEWHERE);
  g_assert_cmphex (qfu_usb_device_flags (part, devices, nodes), ==,
                   QFU_DEVICE_LOCKED | QFU_DEVICE_KEYBOARD | QFU_DEVICE_ELSEWHERE);
  g_assert_cmphex (qfu_usb_device_flags (other, devices, nodes), ==, 0);
}

static void
test_writable (void)
{
  static const struct {
    guint64 flags;
    gboolean elsewhere;
    int code;
  } rows[] = {
      {FWUPD_DEVICE_FLAG_UPDATABLE, FALSE, 0},
      {FWUPD_DEVICE_FLAG_UPDATABLE, TRUE, QFU_ERROR_REFUSED},
      {FWUPD_DEVICE_FLAG_UPDATABLE | FWUPD_DEVICE_FLAG_LOCKED, FALSE, QFU_ERROR_REFUSED},
      {FWUPD_DEVICE_FLAG_UPDATABLE | FWUPD_DEVICE_FLAG_INTERNAL, FALSE, QFU_ERROR_REFUSED},
      {FWUPD_DEVICE_FLAG_UPDATABLE | FWUPD_DEVICE_FLAG_IS_BOOTLOADER, FALSE, 0},
      {FWUPD_DEVICE_FLAG_UPDATABLE_HIDDEN, FALSE, QFU_ERROR_REFUSED},
      {0, FALSE, QFU_ERROR_UNSUPPORTED},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuUsbNode node = {(char *)"1-1", 0x046d, 0xc52b, 0x1201, FALSE, rows[i].elsewhere};
    g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
    g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
    FwupdDevice *device = add (devices, '1', '\0', rows[i].flags);
    g_autoptr (GError) error = NULL;

    fwupd_device_add_vendor_id (device, "USB:0x046D");
    g_ptr_array_add (nodes, &node);
    g_assert_cmpint (qfu_usb_device_writable (devices, nodes, fwupd_device_get_id (device), &error),
                     ==, rows[i].code == 0);
    g_assert_cmpint (error == NULL ? 0 : error->code, ==, rows[i].code);
    g_clear_error (&error);
    g_assert_false (qfu_usb_device_writable (devices, nodes,
                                             "2222222222222222222222222222222222222222", &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/usb-devices/order", test_order);
  g_test_add_func ("/usb-devices/left-out", test_left_out);
  g_test_add_func ("/usb-devices/complete", test_complete);
  g_test_add_func ("/usb-devices/unfit-texts", test_unfit_texts);
  g_test_add_func ("/usb-devices/versions", test_versions);
  g_test_add_func ("/usb-devices/flags-of-parts", test_flags_of_parts);
  g_test_add_func ("/usb-devices/writable", test_writable);
  return g_test_run ();
}
