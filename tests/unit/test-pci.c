/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pci.h"

#include <stdlib.h>
#include <string.h>

#include "pcifolder.h"
#include "testconfig.h"

static char *
ports_of (const char *folder)
{
  g_autofree char *bus = g_build_filename (folder, "bus", NULL);
  g_auto (GStrv) ports = qfu_pci_usb_ports (bus);

  qsort (ports, g_strv_length (ports), sizeof *ports, (int (*) (const void *, const void *))strcmp);
  return g_strjoinv (" ", ports);
}

/* What this kernel drives itself, and what is no USB controller, is for no VM. */
static void
test_for_vms (void)
{
  g_autofree char *folder = test_directory ();
  g_autofree char *ports = NULL;

  pci_device (folder, "pci0000:00/0000:00:14.0", "0x0c0330\n", "pciback");
  pci_device (folder, "pci0000:00/0000:00:1f.3", "0x0c0330\n", "xhci_hcd");
  pci_device (folder, "pci0000:00/0000:00:1f.4", "0x0c0500\n", "pciback");
  pci_device (folder, "pci0000:00/0000:00:02.0", "0x030000\n", NULL);
  ports = ports_of (folder);
  g_assert_cmpstr (ports, ==, "00_14.0");
  pci_remove (folder);
}

/* Behind bridges the way counts each bus from the one before; the segment is said when it is not
 * the first. */
static void
test_ways (void)
{
  g_autofree char *folder = test_directory ();
  g_auto (GStrv) ports = NULL;
  g_autofree char *bus = g_build_filename (folder, "bus", NULL);
  const char *const *all;

  pci_device (folder, "pci0000:c0/0000:c0:03.5", "0x060400\n", "pcieport");
  pci_put (folder, "pci0000:c0/0000:c0:03.5", "secondary_bus_number", "197\n");
  pci_device (folder, "pci0000:c0/0000:c0:03.5/0000:c5:01.0", "0x060400\n", "pcieport");
  pci_put (folder, "pci0000:c0/0000:c0:03.5/0000:c5:01.0", "secondary_bus_number", "198\n");
  pci_device (folder, "pci0000:c0/0000:c0:03.5/0000:c5:01.0/0000:c7:00.2", "0x0c0340\n", NULL);
  pci_device (folder, "pci0001:00/0001:00:0d.0", "0x0c0330", "pciback");
  ports = qfu_pci_usb_ports (bus);
  all = (const char *const *)ports;
  g_assert_cmpuint (g_strv_length (ports), ==, 3);
  g_assert_true (g_strv_contains (all, "c7_00.2"));
  g_assert_true (g_strv_contains (all, "c0_03.5-00_01.0-01_00.2"));
  g_assert_true (g_strv_contains (all, "0001_00_0d.0"));
  pci_remove (folder);
}

/* Names and files that are none. */
static void
test_strange (void)
{
  g_autofree char *folder = test_directory ();
  g_autofree char *ports = NULL;
  g_autofree char *none = NULL;

  pci_device (folder, "pci0000:00/0000:00:14.0x", "0x0c0330", "pciback");
  pci_device (folder, "pci0000:00/0000:0g:14.0", "0x0c0330", "pciback");
  pci_device (folder, "pci0000:00/0000-00-14.0", "0x0c0330", "pciback");
  pci_device (folder, "pci0000:00/0000:00:15.0", "", "pciback");
  ports = ports_of (folder);
  g_assert_cmpstr (ports, ==, "");
  pci_remove (folder);
  none = ports_of (folder);
  g_assert_cmpstr (none, ==, "");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/pci/for-vms", test_for_vms);
  g_test_add_func ("/pci/ways", test_ways);
  g_test_add_func ("/pci/strange", test_strange);
  return g_test_run ();
}
