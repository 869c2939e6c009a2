/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-devices.h"

#include "qfu-device.h"
#include "qfu-error.h"
#include "qfu-name.h"
#include "qfu-usb-sysfs.h"

#include <string.h>

#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ANCESTORS 16 /* a device is a part of a part; fwupd has no more than three */

static const struct {
  FwupdDeviceFlags theirs;
  guint ours;
} device_flags[] = {
    {FWUPD_DEVICE_FLAG_UPDATABLE, QFU_DEVICE_UPDATABLE},
    {FWUPD_DEVICE_FLAG_NEEDS_REBOOT, QFU_DEVICE_NEEDS_REBOOT},
    {FWUPD_DEVICE_FLAG_REQUIRE_AC, QFU_DEVICE_REQUIRE_AC},
    {FWUPD_DEVICE_FLAG_SUPPORTED, QFU_DEVICE_SUPPORTED},
    {FWUPD_DEVICE_FLAG_LOCKED, QFU_DEVICE_LOCKED},
    {FWUPD_DEVICE_FLAG_NEEDS_SHUTDOWN, QFU_DEVICE_NEEDS_SHUTDOWN},
    {FWUPD_DEVICE_FLAG_UPDATABLE_HIDDEN, QFU_DEVICE_HIDDEN},
    {FWUPD_DEVICE_FLAG_INSTALL_ALL_RELEASES, QFU_DEVICE_ALL_RELEASES},
    {FWUPD_DEVICE_FLAG_VERSION_CHECK_REQUIRED, QFU_DEVICE_VERSION_CHECK},
    {FWUPD_DEVICE_FLAG_IS_BOOTLOADER, QFU_DEVICE_BOOTLOADER},
    {FWUPD_DEVICE_FLAG_EMULATED, QFU_DEVICE_EMULATED},
};

/* A version format that a later fwupd knows is none for dom0. */
static const FwupdVersionFormat formats[] = {
    FWUPD_VERSION_FORMAT_PLAIN,         FWUPD_VERSION_FORMAT_NUMBER,
    FWUPD_VERSION_FORMAT_PAIR,          FWUPD_VERSION_FORMAT_TRIPLET,
    FWUPD_VERSION_FORMAT_QUAD,          FWUPD_VERSION_FORMAT_BCD,
    FWUPD_VERSION_FORMAT_INTEL_ME,      FWUPD_VERSION_FORMAT_INTEL_ME2,
    FWUPD_VERSION_FORMAT_INTEL_CSME19,  FWUPD_VERSION_FORMAT_SURFACE_LEGACY,
    FWUPD_VERSION_FORMAT_SURFACE,       FWUPD_VERSION_FORMAT_DELL_BIOS,
    FWUPD_VERSION_FORMAT_DELL_BIOS_MSB, FWUPD_VERSION_FORMAT_HEX,
};

static gboolean
only (const char *text, const char *characters)
{
  return text[strspn (text, characters)] == '\0';
}

static gboolean
protocol_ok (const char *protocol)
{
  return *protocol != '\0' && only (protocol, WORD "._-");
}

static gboolean
not_empty (const char *text)
{
  return text != NULL && *text != '\0';
}

char *
qfu_usb_version (const char *version)
{
  gsize max = qfu_wire_field_spec (QFU_FIELD_VERSION)->max;

  if (version == NULL || *version == '\0' || strlen (version) > max ||
      !only (version, WORD "._+~-"))
    return NULL;
  return g_strdup (version);
}

FwupdDevice *
qfu_usb_devices_find (GPtrArray *devices, const char *id)
{
  for (guint i = 0; id != NULL && i < devices->len; i++) {
    FwupdDevice *device = g_ptr_array_index (devices, i);

    if (g_strcmp0 (fwupd_device_get_id (device), id) == 0)
      return device;
  }
  return NULL;
}

/* (transfer none) (nullable): the one that @device is a part of. */
static FwupdDevice *
parent_of (GPtrArray *devices, FwupdDevice *device)
{
  return qfu_usb_devices_find (devices, fwupd_device_get_parent_id (device));
}

/* Parts of a part of a machine belong to the machine. */
static gboolean
is_of_machine (GPtrArray *devices, FwupdDevice *device)
{
  for (guint i = 0; i < ANCESTORS && device != NULL; i++) {
    if (fwupd_device_has_flag (device, FWUPD_DEVICE_FLAG_INTERNAL))
      return TRUE;
    device = parent_of (devices, device);
  }
  return device != NULL; /* nothing is a part of so much, and of itself neither */
}

static guint
count_guids (FwupdDevice *device)
{
  GPtrArray *guids = fwupd_device_get_guids (device);
  guint count = 0;

  for (guint i = 0; i < guids->len; i++)
    count += qfu_guid_ok (g_ptr_array_index (guids, i)) ? 1 : 0;
  return count;
}

static gboolean
is_for_dom0 (GPtrArray *devices, FwupdDevice *device)
{
  const char *id = fwupd_device_get_id (device);

  return id != NULL && qfu_device_id_ok (id) && count_guids (device) > 0 &&
         !is_of_machine (devices, device);
}

/* Adds @device to @picked behind all that it is a part of, unless it is there. */
static void
pick (GPtrArray *picked, GPtrArray *devices, FwupdDevice *device)
{
  FwupdDevice *parent = parent_of (devices, device);

  if (!is_for_dom0 (devices, device) ||
      qfu_usb_devices_find (picked, fwupd_device_get_id (device)) != NULL)
    return;
  if (parent != NULL)
    pick (picked, devices, parent);
  g_ptr_array_add (picked, g_object_ref (device));
}

GPtrArray *
qfu_usb_devices_pick (GPtrArray *devices)
{
  GPtrArray *picked = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < devices->len; i++)
    pick (picked, devices, g_ptr_array_index (devices, i));
  return picked;
}

/* (transfer container): the texts of an array, for those who want a terminated one. */
static const char **
terminated (GPtrArray *texts)
{
  const char **array = g_new0 (const char *, texts->len + 1);

  for (guint i = 0; i < texts->len; i++)
    array[i] = g_ptr_array_index (texts, i);
  return array;
}

guint
qfu_usb_device_flags (FwupdDevice *device, GPtrArray *picked, GPtrArray *nodes)
{
  guint flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (device_flags); i++) {
    if (fwupd_device_has_flag (device, device_flags[i].theirs))
      flags |= device_flags[i].ours;
  }
  for (; device != NULL; device = parent_of (picked, device)) {
    g_autofree const char **guids = terminated (fwupd_device_get_guids (device));
    g_autofree const char **vendor_ids = terminated (fwupd_device_get_vendor_ids (device));

    flags |= qfu_usb_sysfs_flags (nodes, guids, vendor_ids);
  }
  return flags;
}

static void
add_texts (QfuMessage *message, QfuField field, GPtrArray *texts, gboolean (*fit) (const char *))
{
  guint max = qfu_wire_frame_field (qfu_wire_frame_spec (qfu_message_type (message)), field)->max;

  for (guint i = 0; i < texts->len && qfu_message_count (message, field) < max; i++) {
    if (fit (g_ptr_array_index (texts, i)))
      qfu_message_add_text (message, field, g_ptr_array_index (texts, i));
  }
}

static void
add_versions (QfuMessage *message, FwupdDevice *device)
{
  g_autofree char *version = qfu_usb_version (fwupd_device_get_version (device));
  g_autofree char *lowest = qfu_usb_version (fwupd_device_get_version_lowest (device));
  FwupdVersionFormat format = fwupd_device_get_version_format (device);

  qfu_message_add_text (message, QFU_FIELD_VERSION, version);
  qfu_message_add_text (message, QFU_FIELD_VERSION_LOWEST, lowest);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (format == formats[i])
      qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT,
                            fwupd_version_format_to_string (format));
  }
}

QfuMessage *
qfu_usb_device_message (FwupdDevice *device, GPtrArray *picked, GPtrArray *nodes)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_USB_DEVICE);
  FwupdDevice *parent = parent_of (picked, device);

  qfu_message_add_text (message, QFU_FIELD_ID, fwupd_device_get_id (device));
  if (parent != NULL)
    qfu_message_add_text (message, QFU_FIELD_PARENT, fwupd_device_get_id (parent));
  qfu_message_add_name (message, QFU_FIELD_NAME, fwupd_device_get_name (device));
  qfu_message_add_name (message, QFU_FIELD_VENDOR, fwupd_device_get_vendor (device));
  add_texts (message, QFU_FIELD_VENDOR_ID, fwupd_device_get_vendor_ids (device), not_empty);
  if (not_empty (fwupd_device_get_branch (device)))
    qfu_message_add_text (message, QFU_FIELD_BRANCH, fwupd_device_get_branch (device));
  add_versions (message, device);
  add_texts (message, QFU_FIELD_GUID, fwupd_device_get_guids (device), qfu_guid_ok);
  add_texts (message, QFU_FIELD_UPDATE_PROTOCOL, fwupd_device_get_protocols (device), protocol_ok);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, qfu_usb_device_flags (device, picked, nodes));
  return message;
}

gboolean
qfu_usb_device_writable (GPtrArray *devices, GPtrArray *nodes, const char *id, GError **error)
{
  g_autoptr (GPtrArray) picked = qfu_usb_devices_pick (devices);
  FwupdDevice *device = qfu_usb_devices_find (picked, id);
  guint flags;

  if (qfu_usb_devices_find (devices, id) == NULL)
    return qfu_error_set (error, QFU_ERROR_NOT_FOUND, "no such device");
  if (device == NULL)
    return qfu_error_set (error, QFU_ERROR_REFUSED, "it is a part of a machine");
  flags = qfu_usb_device_flags (device, picked, nodes);
  if ((flags & QFU_DEVICE_ELSEWHERE) != 0)
    return qfu_error_set (error, QFU_ERROR_REFUSED, "it is attached to another qube");
  if ((flags & QFU_DEVICE_LOCKED) != 0)
    return qfu_error_set (error, QFU_ERROR_REFUSED, "it is locked");
  if ((flags & QFU_DEVICE_UPDATABLE) != 0)
    return TRUE;
  if ((flags & QFU_DEVICE_HIDDEN) != 0)
    return qfu_error_set (error, QFU_ERROR_REFUSED, "it has a problem");
  return qfu_error_set (error, QFU_ERROR_UNSUPPORTED, "it is not updatable");
}
