/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pci.h"

#include <stdlib.h>
#include <string.h>

#define USB_CONTROLLER "0x0c03" /* class and subclass; the interface (xHCI, EHCI…) follows */
#define ADDRESS_LENGTH 12       /* of 0000:00:14.0 */
#define PCIBACK "pciback"       /* holds a device for VMs */

typedef struct {
  guint segment;
  guint bus;
  guint device;
  guint function;
} Address;

static gboolean
read_hex (const char *text, gsize length, guint *value)
{
  g_autofree char *digits = g_strndup (text, length);
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (digits, 16, 0, 0xffff, &number, NULL))
    return FALSE;
  *value = (guint)number;
  return TRUE;
}

static gboolean
read_address (const char *name, Address *address)
{
  return strlen (name) == ADDRESS_LENGTH && name[4] == ':' && name[7] == ':' && name[10] == '.' &&
         read_hex (name, 4, &address->segment) && read_hex (name + 5, 2, &address->bus) &&
         read_hex (name + 8, 2, &address->device) && read_hex (name + 11, 1, &address->function);
}

/* A small file of sysfs without its line's end; %NULL when there is none. */
static char *
read_attribute (const char *folder, const char *name, const char *attribute)
{
  g_autofree char *path = g_build_filename (folder, name, attribute, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strdup (g_strstrip (text));
}

static gboolean
is_for_vms (const char *folder, const char *name)
{
  g_autofree char *class = read_attribute (folder, name, "class");
  g_autofree char *link = g_build_filename (folder, name, "driver", NULL);
  g_autofree char *driver = g_file_read_link (link, NULL);
  g_autofree char *base = driver == NULL ? NULL : g_path_get_basename (driver);

  return class != NULL && g_str_has_prefix (class, USB_CONTROLLER) &&
         (base == NULL || strcmp (base, PCIBACK) == 0);
}

/* The number of the bus behind a bridge; 0 when it is none. */
static guint
bus_behind (const char *folder, const char *name)
{
  g_autofree char *text = read_attribute (folder, name, "secondary_bus_number");
  guint64 number = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, 255, &number, NULL))
    return 0;
  return (guint)number;
}

static char *
segment_of (const Address *address)
{
  return address->segment == 0 ? g_strdup ("") : g_strdup_printf ("%04x_", address->segment);
}

static char *
port_by_bus (const Address *address)
{
  g_autofree char *segment = segment_of (address);

  return g_strdup_printf ("%s%02x_%02x.%x", segment, address->bus, address->device,
                          address->function);
}

/* From the root to the device: each with its bus counted from the bus behind the bridge before it,
 * because the buses' own numbers change when a card is put in. */
static char *
port_by_way (const char *folder, const char *name, const Address *address)
{
  g_autofree char *link = g_build_filename (folder, name, NULL);
  char *real = realpath (link, NULL); /* of malloc() */
  g_auto (GStrv) parts = g_strsplit (real != NULL ? real : name, "/", -1);
  g_autofree char *segment = segment_of (address);
  g_autoptr (GString) port = g_string_new (NULL);
  guint from = 0;

  free (real);
  for (gsize i = 0; parts[i] != NULL; i++) {
    Address step = {0, 0, 0, 0};

    if (!read_address (parts[i], &step) || step.bus < from)
      continue;
    g_string_append_printf (port, "%s%02x_%02x.%x", port->len > 0 ? "-" : "", step.bus - from,
                            step.device, step.function);
    from = bus_behind (folder, parts[i]);
  }
  g_string_prepend (port, segment);
  return g_string_free (g_steal_pointer (&port), FALSE);
}

char **
qfu_pci_usb_ports (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) ports = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    Address address = {0, 0, 0, 0};
    g_autofree char *way = NULL;

    if (!read_address (name, &address) || !is_for_vms (folder, name))
      continue;
    g_ptr_array_add (ports, port_by_bus (&address));
    way = port_by_way (folder, name, &address);
    if (strcmp (way, g_ptr_array_index (ports, ports->len - 1)) != 0)
      g_ptr_array_add (ports, g_steal_pointer (&way));
  }
  g_ptr_array_add (ports, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&ports), FALSE);
}
