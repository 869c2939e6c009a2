/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bus of a test's own, made like the kernel's folder of it. */
#include "qfu-device-flags.h"
#include "qfu-error.h"
#include "qfu-usb-sysfs.h"
#include "testconfig.h"

#include <fwupd.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* As the kernel writes the keys of a keyboard, of a mouse with a few keys, and of a 32-bit kernel.
 */
#define TYPES "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n"
#define CLICKS "1f0000 0 0 1000000000\n"
#define TYPES_32 "402000000 3803078 f800d001 feffffdf ffefffff ffffffff fffffffe\n"

typedef struct {
  char *root;
  GPtrArray *nodes;
} Bus;

static void
set_up (Bus *bus, gconstpointer unused)
{
  bus->root = test_directory ();
}

/* test_directory_remove() knows no folders in folders. */
static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *below = g_build_filename (path, name, NULL);

    if (g_file_test (below, G_FILE_TEST_IS_SYMLINK) || !g_file_test (below, G_FILE_TEST_IS_DIR))
      g_assert_cmpint (g_unlink (below), ==, 0);
    else
      remove_all (below);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
tear_down (Bus *bus, gconstpointer unused)
{
  g_clear_pointer (&bus->nodes, g_ptr_array_unref);
  remove_all (bus->root);
  g_free (bus->root);
}

static void
write_file (Bus *bus, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (bus->root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
add_attribute (Bus *bus, const char *device, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (device, name, NULL);

  write_file (bus, path, text);
}

/* A device and its driver. */
static void
add_device (Bus *bus, const char *name, const char *vendor, const char *product, const char *driver)
{
  g_autofree char *link = g_build_filename (bus->root, name, "driver", NULL);
  g_autofree char *target = g_strconcat ("../../../../bus/usb/drivers/", driver, NULL);

  add_attribute (bus, name, "idVendor", vendor);
  add_attribute (bus, name, "idProduct", product);
  add_attribute (bus, name, "bcdDevice", "0110\n");
  g_assert_cmpint (symlink (target, link), ==, 0);
}

static void
read_bus (Bus *bus)
{
  g_autoptr (GError) error = NULL;

  bus->nodes = qfu_usb_sysfs_read (bus->root, &error);
  g_assert_no_error (error);
}

/* Flags of a device of fwupd with this one instance id, and this vendor id. */
static guint
flags (Bus *bus, const char *instance_id, const char *vendor_id)
{
  g_autofree char *guid = fwupd_guid_hash_string (instance_id);
  const char *guids[] = {guid, NULL};
  const char *vendor_ids[] = {vendor_id, NULL};

  return qfu_usb_sysfs_flags (bus->nodes, guids, vendor_ids);
}

static void
test_none (Bus *bus, gconstpointer unused)
{
  g_autofree char *root = g_build_filename (bus->root, "absent", NULL);
  g_autoptr (GError) error = NULL;

  bus->nodes = qfu_usb_sysfs_read (root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bus->nodes->len, ==, 0);
  g_assert_cmpuint (qfu_usb_sysfs_keyboards (bus->nodes), ==, 0);
  g_assert_cmpuint (flags (bus, "USB\\VID_046D&PID_C31C", "USB:0x046D"), ==, 0);
}

static void
test_no_folder (Bus *bus, gconstpointer unused)
{
  g_autofree char *root = g_build_filename (bus->root, "file", NULL);
  g_autoptr (GError) error = NULL;

  write_file (bus, "file", "");
  g_assert_null (qfu_usb_sysfs_read (root, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

/* Controllers, interfaces and what has no descriptor are no devices. */
static void
test_devices (Bus *bus, gconstpointer unused)
{
  const QfuUsbNode *node;

  add_device (bus, "usb1", "1d6b\n", "0002\n", "usb");
  add_device (bus, "1-1", "046d\n", "C31c\n", "usb");
  add_device (bus, "1-2", "046d\n", "10000\n", "usb");
  add_device (bus, "1-3", "046d\n", "\n", "usb");
  add_attribute (bus, "1-1:1.0", "bInterfaceClass", "03\n");
  read_bus (bus);
  g_assert_cmpuint (bus->nodes->len, ==, 1);
  node = g_ptr_array_index (bus->nodes, 0);
  g_assert_cmpstr (node->name, ==, "1-1");
  g_assert_cmphex (node->vendor, ==, 0x046d);
  g_assert_cmphex (node->product, ==, 0xc31c);
  g_assert_cmphex (node->revision, ==, 0x0110);
  g_assert_false (node->elsewhere);
  g_assert_false (node->keyboard);
}

static void
test_keyboards (Bus *bus, gconstpointer unused)
{
  add_device (bus, "1-1", "046d\n", "c31c\n", "usb");
  write_file (bus, "1-1:1.0/0003:046D:C31C.0001/input/input5/capabilities/key", TYPES);
  add_device (bus, "1-2", "046d\n", "c077\n", "usb");
  write_file (bus, "1-2:1.0/0003:046D:C077.0002/input/input6/capabilities/key", CLICKS);
  add_device (bus, "2-1.4", "1532\n", "0001\n", "usb");
  write_file (bus, "2-1.4:1.1/input/input7/capabilities/key", TYPES_32);
  read_bus (bus);
  g_assert_cmpuint (bus->nodes->len, ==, 3);
  g_assert_cmpuint (qfu_usb_sysfs_keyboards (bus->nodes), ==, 2);
  g_assert_cmphex (flags (bus, "USB\\VID_046D&PID_C31C", NULL), ==, QFU_DEVICE_KEYBOARD);
  g_assert_cmphex (flags (bus, "USB\\VID_046D&PID_C31C&REV_0110", NULL), ==, QFU_DEVICE_KEYBOARD);
  g_assert_cmphex (flags (bus, "HIDRAW\\VEN_1532&DEV_0001", NULL), ==, QFU_DEVICE_KEYBOARD);
  g_assert_cmphex (flags (bus, "USB\\VID_046D&PID_C077", NULL), ==, 0);
  g_assert_cmphex (flags (bus, "USB\\VID_046D&PID_C31C&REV_0111", NULL), ==, 0);
}

/* A hub takes the keyboard behind it away; one at another port does not. */
static void
test_hub (Bus *bus, gconstpointer unused)
{
  add_device (bus, "1-1", "17ef\n", "0001\n", "usb");
  add_device (bus, "1-1.2", "046d\n", "c31c\n", "usb");
  write_file (bus, "1-1.2:1.0/0003:046D:C31C.0001/input/input5/capabilities/key", TYPES);
  add_device (bus, "1-12", "17ef\n", "0002\n", "usb");
  read_bus (bus);
  g_assert_cmpuint (qfu_usb_sysfs_keyboards (bus->nodes), ==, 1);
  g_assert_cmphex (flags (bus, "USB\\VID_17EF&PID_0001", NULL), ==, QFU_DEVICE_KEYBOARD);
  g_assert_cmphex (flags (bus, "USB\\VID_17EF&PID_0002", NULL), ==, 0);
}

static void
test_elsewhere (Bus *bus, gconstpointer unused)
{
  add_device (bus, "1-1", "273f\n", "1001\n", "usbip-host");
  add_device (bus, "1-2", "273f\n", "1002\n", "usb");
  add_device (bus, "1-3", "273f\n", "1003\n", "not-usbip-host");
  read_bus (bus);
  g_assert_cmphex (flags (bus, "USB\\VID_273F&PID_1001", NULL), ==, QFU_DEVICE_ELSEWHERE);
  g_assert_cmphex (flags (bus, "USB\\VID_273F&PID_1002", "USB:0x273F"), ==, 0);
  g_assert_cmphex (flags (bus, "USB\\VID_273F&PID_1003", NULL), ==, 0);
}

/* Of two that cannot be told apart what counts for one counts for both. */
static void
test_twins (Bus *bus, gconstpointer unused)
{
  add_device (bus, "1-1", "273f\n", "1001\n", "usbip-host");
  add_device (bus, "1-2", "273f\n", "1001\n", "usb");
  read_bus (bus);
  g_assert_cmphex (flags (bus, "USB\\VID_273F&PID_1001", NULL), ==, QFU_DEVICE_ELSEWHERE);
}

/* What tells no GUID of its numbers is taken for any of its vendor. */
static void
test_vendor (Bus *bus, gconstpointer unused)
{
  add_device (bus, "1-1", "273f\n", "1001\n", "usbip-host");
  add_device (bus, "1-2", "046d\n", "c31c\n", "usb");
  read_bus (bus);
  g_assert_cmphex (flags (bus, "OTHER\\ID_1", "USB:0x273F"), ==, QFU_DEVICE_ELSEWHERE);
  g_assert_cmphex (flags (bus, "OTHER\\ID_1", "HIDRAW:0x273F"), ==, QFU_DEVICE_ELSEWHERE);
  g_assert_cmphex (flags (bus, "OTHER\\ID_1", "USB:0x046D"), ==, 0);
  g_assert_cmphex (flags (bus, "OTHER\\ID_1", "PCI:0x273F"), ==, 0);
  g_assert_cmphex (flags (bus, "OTHER\\ID_1", NULL), ==, 0);
}

#define ADD(name, test) g_test_add ("/usb-sysfs/" name, Bus, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("none", test_none);
  ADD ("no-folder", test_no_folder);
  ADD ("devices", test_devices);
  ADD ("keyboards", test_keyboards);
  ADD ("hub", test_hub);
  ADD ("elsewhere", test_elsewhere);
  ADD ("twins", test_twins);
  ADD ("vendor", test_vendor);
  return g_test_run ();
}
