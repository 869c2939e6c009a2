/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbowner.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include "admin.h"
#include "pcifolder.h"
#include "testconfig.h"

static char *folder;
static char *bus;
static char *path;

static char *
find (const AdminRow *rows, char **calls, GError **error)
{
  Admin admin = {.path = path, .rows = rows};
  g_auto (GStrv) found = NULL;

  admin_start (&admin);
  found = qfu_usbowner_find (path, bus, 10, error);
  g_ptr_array_add (admin.calls, NULL);
  if (calls != NULL)
    *calls = g_strjoinv (";", (char **)admin.calls->pdata);
  admin_stop (&admin);
  return found == NULL ? NULL : g_strjoinv (" ", found);
}

/* R4.2: one list for what is attached and what is assigned; ports by their bus. */
static void
test_old (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.List+ dom0", "debian-12 class=TemplateVM state=Halted\n"
                              "dom0 class=AdminVM state=Running\n"
                              "sys-net class=AppVM state=Running\n"
                              "sys-usb class=DispVM state=Running\n"
                              "usb-2 class=StandaloneVM state=Halted\n"
                              "work class=AppVM state=Halted\n"},
      {"admin.vm.device.pci.List+ sys-net", "dom0+00_1f.6 persistent=yes\n"},
      {"admin.vm.device.pci.List+ sys-usb",
       "dom0+00_14.0 no-strict-reset=True persistent=yes\ndom0+00_14.3 persistent=yes\n"},
      {"admin.vm.device.pci.List+ usb-2", "dom0+02_00.0 persistent=yes\n"},
      {"admin.vm.device.pci.List+ work", "sys-usb+00_14.0 persistent=no\n\n"},
      {NULL, NULL},
  };
  g_autofree char *calls = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = find (rows, &calls, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "sys-usb usb-2");
  g_assert_cmpstr (calls, ==,
                   "admin.vm.List+ dom0;admin.vm.device.pci.Attached+ sys-net;"
                   "admin.vm.device.pci.List+ sys-net;admin.vm.device.pci.List+ sys-usb;"
                   "admin.vm.device.pci.List+ usb-2;admin.vm.device.pci.List+ work");
}

/* R4.3: what a VM has while it runs, and what it will have; ports by their way, and identities. */
static void
test_new (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.List+ dom0", "disp1 class=DispVM state=Running uuid=1-2\n"
                              "far class=RemoteVM state=NA uuid=3-4\n"
                              "off class=AppVM state=Halted uuid=5-6\n"
                              "sys-net class=AppVM state=Running uuid=7-8\n"
                              "wild class=AppVM state=Halted uuid=9-0\n"},
      {"admin.vm.device.pci.Attached+ disp1",
       "dom0+00_14.0:0x8086:0xa36d::p0c0330 device_id='0x8086:0xa36d::p0c0330' mode='required'\n"},
      {"admin.vm.device.pci.Assigned+ off", "dom0+00_1c.0-00_00.0:* device_id='*'\n"},
      {"admin.vm.device.pci.Attached+ sys-net", "dom0+00_1f.6:0x8086:0x15bb::p020000 mode='x'\n"},
      {"admin.vm.device.pci.Assigned+ wild", "dom0+*:0x8086:0x1234:s1:p0c0330 port_id='*'\n"},
      {NULL, NULL},
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *found = find (rows, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "disp1 off wild");
}

/* One answer that is missing is no list without that VM. */
static void
test_refused (void)
{
  static const AdminRow one[] = {{"admin.vm.List+ dom0", "sys-usb class=AppVM state=Running\n"},
                                 {NULL, NULL}};
  static const AdminRow none[] = {{"admin.vm.List+ dom0", ""}, {NULL, NULL}};
  g_autoptr (GError) error = NULL;

  g_assert_null (find (one, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_true (g_str_has_prefix (error->message, "VM sys-usb: "));
  g_clear_error (&error);
  g_assert_null (find (none, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

/* A disposable that has gone since it was listed takes nobody else's devices with it. */
static void
test_gone (void)
{
  static const AdminRow rows[] = {
      {"admin.vm.List+ dom0", "disp7 class=DispVM state=Running\n"
                              "sys-usb class=AppVM state=Running\n"},
      {"admin.vm.List+ dom0", "sys-usb class=AppVM state=Running\n"},
      {"admin.vm.device.pci.Attached+ sys-usb", "dom0+00_14.0:0x8086:0xa36d::p0c0330 mode='x'\n"},
      {NULL, NULL},
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *found = find (rows, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "sys-usb");
}

static void
test_most (void)
{
  for (guint more = 0; more < 2; more++) {
    guint n = QFU_CONFIG_VMS_MAX + more;
    g_autofree AdminRow *rows = g_new0 (AdminRow, n + 2);
    g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GString) list = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    g_autofree char *found = NULL;

    for (guint i = 0; i < n; i++) {
      g_string_append_printf (list, "u%u class=AppVM state=Halted\n", i);
      g_ptr_array_add (texts, g_strdup_printf ("admin.vm.device.pci.Assigned+ u%u", i));
      rows[i] = (AdminRow){g_ptr_array_index (texts, i), "dom0+00_14.0:* x\n"};
    }
    rows[n] = (AdminRow){"admin.vm.List+ dom0", list->str};
    found = find (rows, NULL, &error);
    g_assert_true ((found == NULL) == (more == 1));
    if (more == 1)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  }
}

/* Where all controllers are this kernel's own, or there is no Qubes, nobody is asked. */
static void
test_nobody (void)
{
  g_autofree char *nothing = g_build_filename (folder, "nothing", NULL);
  g_auto (GStrv) without = qfu_usbowner_find (path, bus, 10, NULL);
  g_auto (GStrv) own = qfu_usbowner_find (bus, nothing, 10, NULL);

  g_assert_cmpuint (g_strv_length (without), ==, 0);
  g_assert_cmpuint (g_strv_length (own), ==, 0);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  folder = test_directory ();
  bus = g_build_filename (folder, "bus", NULL);
  path = g_build_filename (folder, "qubesd", NULL);
  pci_device (folder, "pci0000:00/0000:00:14.0", "0x0c0330", "pciback");
  pci_device (folder, "pci0000:00/0000:00:1c.0", "0x060400", "pcieport");
  pci_put (folder, "pci0000:00/0000:00:1c.0", "secondary_bus_number", "2");
  pci_device (folder, "pci0000:00/0000:00:1c.0/0000:02:00.0", "0x0c0320", NULL);
  g_test_add_func ("/usbowner/old", test_old);
  g_test_add_func ("/usbowner/new", test_new);
  g_test_add_func ("/usbowner/refused", test_refused);
  g_test_add_func ("/usbowner/gone", test_gone);
  g_test_add_func ("/usbowner/most", test_most);
  g_test_add_func ("/usbowner/nobody", test_nobody);
  result = g_test_run ();
  pci_remove (folder);
  g_free (folder);
  g_free (bus);
  g_free (path);
  return result;
}
