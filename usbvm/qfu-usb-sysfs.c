/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-sysfs.h"

#include "qfu-device-flags.h"
#include "qfu-error.h"

#include <fwupd.h>
#include <glob.h>
#include <string.h>

#define TEXT_BYTES 512 /* an attribute of sysfs that we read is a line */
#define PASSES_ON "usbip-host"
/* KEY_ESC to KEY_S, the first 31 keys after KEY_RESERVED. What has all of them is a keyboard: so
 * says udev, and a mouse with keys or a headset with a volume control has not. A security key that
 * types has them, too, and cannot be told from a keyboard. */
#define KEYS_OF_KEYBOARD G_GUINT64_CONSTANT (0xfffffffe)

static void
node_free (QfuUsbNode *node)
{
  g_free (node->name);
  g_free (node);
}

/* (transfer full) (nullable): the first line of an attribute. */
static char *
attribute (const char *root, const char *device, const char *name)
{
  g_autofree char *path = g_build_filename (root, device, name, NULL);
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, NULL) || size > TEXT_BYTES)
    return NULL;
  g_strchomp (text);
  return g_steal_pointer (&text);
}

/* %FALSE when it is not a number of 16 bits, as each of a descriptor is. */
static gboolean
number (const char *root, const char *device, const char *name, guint *out)
{
  g_autofree char *text = attribute (root, device, name);
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT16, &value, NULL))
    return FALSE;
  *out = (guint)value;
  return TRUE;
}

/* The bits of the lowest keys are in the last word, however long a word of the kernel is. */
static gboolean
has_all_keys (const char *path)
{
  g_autofree char *text = NULL;
  const char *last;
  guint64 keys;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  g_strchomp (text);
  last = strrchr (text, ' ');
  keys = g_ascii_strtoull (last == NULL ? text : last + 1, NULL, 16);
  return (keys & KEYS_OF_KEYBOARD) == KEYS_OF_KEYBOARD;
}

/* Whether one of the input devices that @pattern names below an interface is a keyboard. */
static gboolean
any_keyboard (const char *root, const char *device, const char *pattern)
{
  g_autofree char *paths = g_strdup_printf ("%s/%s:*/%s", root, device, pattern);
  gboolean found = FALSE;
  glob_t matches;

  if (glob (paths, GLOB_NOSORT, NULL, &matches) != 0)
    return FALSE;
  for (gsize i = 0; i < matches.gl_pathc && !found; i++)
    found = has_all_keys (matches.gl_pathv[i]);
  globfree (&matches);
  return found;
}

static gboolean
is_elsewhere (const char *root, const char *device)
{
  g_autofree char *path = g_build_filename (root, device, "driver", NULL);
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *driver = target == NULL ? NULL : g_path_get_basename (target);

  return g_strcmp0 (driver, PASSES_ON) == 0;
}

/* (nullable): %NULL for what is no device with a descriptor: an interface, or a controller. */
static QfuUsbNode *
node_new (const char *root, const char *name)
{
  guint vendor;
  guint product;
  guint revision;
  QfuUsbNode *node;

  if (strchr (name, ':') != NULL || g_str_has_prefix (name, "usb") ||
      !number (root, name, "idVendor", &vendor) || !number (root, name, "idProduct", &product) ||
      !number (root, name, "bcdDevice", &revision))
    return NULL;
  node = g_new0 (QfuUsbNode, 1);
  node->name = g_strdup (name);
  node->vendor = vendor;
  node->product = product;
  node->revision = revision;
  node->elsewhere = is_elsewhere (root, name);
  /* behind a HID device, or of a driver of its own */
  node->keyboard = any_keyboard (root, name, "*/input/input*/capabilities/key") ||
                   any_keyboard (root, name, "input/input*/capabilities/key");
  return node;
}

GPtrArray *
qfu_usb_sysfs_read (const char *root, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)node_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = g_dir_open (root, 0, &local);
  const char *name;

  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_steal_pointer (&nodes);
  if (folder == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, local->message);
    return NULL;
  }
  while ((name = g_dir_read_name (folder)) != NULL) {
    QfuUsbNode *node = node_new (root, name);

    if (node != NULL)
      g_ptr_array_add (nodes, node);
  }
  return g_steal_pointer (&nodes);
}

guint
qfu_usb_sysfs_keyboards (GPtrArray *nodes)
{
  guint count = 0;

  for (guint i = 0; i < nodes->len; i++)
    count += ((const QfuUsbNode *)g_ptr_array_index (nodes, i))->keyboard ? 1 : 0;
  return count;
}

static gboolean
has_digest (const char *const *guids, const char *id)
{
  g_autofree char *guid = fwupd_guid_hash_string (id);

  return g_strv_contains (guids, guid);
}

/* Whether one of @guids is the digest of these numbers, as fwupd writes them before it hashes. */
static gboolean
has_numbers (const QfuUsbNode *node, const char *const *guids)
{
  g_autofree char *usb = g_strdup_printf ("USB\\VID_%04X&PID_%04X", node->vendor, node->product);
  g_autofree char *revision = g_strdup_printf ("%s&REV_%04X", usb, node->revision);
  g_autofree char *hid = g_strdup_printf ("HIDRAW\\VEN_%04X&DEV_%04X", node->vendor, node->product);

  return has_digest (guids, usb) || has_digest (guids, revision) || has_digest (guids, hid);
}

static gboolean
has_vendor (const QfuUsbNode *node, const char *const *vendor_ids)
{
  g_autofree char *usb = g_strdup_printf ("USB:0x%04X", node->vendor);
  g_autofree char *hidraw = g_strdup_printf ("HIDRAW:0x%04X", node->vendor);

  return g_strv_contains (vendor_ids, usb) || g_strv_contains (vendor_ids, hidraw);
}

/* Whether @node is a keyboard or has one behind it, which an update of it would take away. */
static gboolean
leads_to_keyboard (GPtrArray *nodes, const QfuUsbNode *node)
{
  g_autofree char *behind = g_strconcat (node->name, ".", NULL);

  for (guint i = 0; i < nodes->len; i++) {
    const QfuUsbNode *other = g_ptr_array_index (nodes, i);

    if (other->keyboard && (other == node || g_str_has_prefix (other->name, behind)))
      return TRUE;
  }
  return FALSE;
}

static guint
flags_of (GPtrArray *nodes, const QfuUsbNode *node)
{
  return (leads_to_keyboard (nodes, node) ? QFU_DEVICE_KEYBOARD : 0) |
         (node->elsewhere ? QFU_DEVICE_ELSEWHERE : 0);
}

guint
qfu_usb_sysfs_flags (GPtrArray *nodes, const char *const *guids, const char *const *vendor_ids)
{
  guint flags = 0;
  guint flags_of_vendor = 0;
  gboolean found = FALSE;

  for (guint i = 0; i < nodes->len; i++) {
    const QfuUsbNode *node = g_ptr_array_index (nodes, i);

    if (has_numbers (node, guids)) {
      flags |= flags_of (nodes, node);
      found = TRUE;
    }
    if (has_vendor (node, vendor_ids))
      flags_of_vendor |= flags_of (nodes, node);
  }
  return found ? flags : flags_of_vendor;
}
