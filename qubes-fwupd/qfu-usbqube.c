/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbqube.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-usbcall.h"

#include <string.h>

#define LIST_SECONDS 120 /* for a whole list, unless TotalSeconds= is less */
#define GRACE_SECONDS 2  /* for taking what arrived while other qubes were waited for */

struct _QfuUsbListing {
  const QfuConfig *config;
  char *vm;
  QfuUsbCall *call;
  gint64 start_us;
};

void
qfu_usb_qube_free (QfuUsbQube *qube)
{
  if (qube == NULL)
    return;
  g_free (qube->name);
  g_free (qube->fwupd_version);
  g_ptr_array_unref (qube->devices);
  g_free (qube);
}

void
qfu_usb_listing_free (QfuUsbListing *listing)
{
  if (listing == NULL)
    return;
  g_free (listing->vm);
  qfu_usb_call_free (listing->call);
  g_free (listing);
}

QfuUsbListing *
qfu_usb_listing_start (const QfuConfig *config, const char *vm, GError **error)
{
  g_autoptr (QfuUsbListing) listing = g_new0 (QfuUsbListing, 1);
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_LIST);

  listing->config = config;
  listing->vm = g_strdup (vm);
  listing->start_us = g_get_monotonic_time ();
  listing->call = qfu_usb_call_new (config, vm, QFU_USB_SERVICE_DEVICES, QFU_USB_LIST_MAX, error);
  qfu_message_add_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  if (listing->call == NULL || !qfu_usb_call_open (listing->call, message, error))
    return NULL;
  return g_steal_pointer (&listing);
}

/* One or more letters, digits and @marks. */
static gboolean
word_ok (const char *text, const char *marks)
{
  for (const char *p = text; *p != '\0'; p++) {
    if (!g_ascii_isalnum (*p) && strchr (marks, *p) == NULL)
      return FALSE;
  }
  return *text != '\0';
}

static gboolean
version_ok (const char *text)
{
  return word_ok (text, "._+~-");
}

static gboolean
protocol_ok (const char *text)
{
  return word_ok (text, "._-");
}

static gboolean
not_empty (const char *text)
{
  return *text != '\0';
}

/* fwupd's names of them. */
static gboolean
format_ok (const char *text)
{
  static const char *const known[] = {
      "unknown",   "plain",          "number",       "pair",
      "triplet",   "quad",           "bcd",          "intel-me",
      "intel-me2", "surface-legacy", "surface",      "dell-bios",
      "hex",       "dell-bios-msb",  "intel-csme19", NULL,
  };

  return g_strv_contains (known, text);
}

/* What the texts of a USB_DEVICE must be, beyond the wire's printable ASCII. */
static const struct {
  QfuField field;
  gboolean (*ok) (const char *text);
} device_checks[] = {
    {QFU_FIELD_ID, qfu_device_id_ok},         {QFU_FIELD_PARENT, qfu_device_id_ok},
    {QFU_FIELD_VENDOR_ID, not_empty},         {QFU_FIELD_BRANCH, not_empty},
    {QFU_FIELD_VERSION, version_ok},          {QFU_FIELD_VERSION_FORMAT, format_ok},
    {QFU_FIELD_VERSION_LOWEST, version_ok},   {QFU_FIELD_GUID, qfu_guid_ok},
    {QFU_FIELD_UPDATE_PROTOCOL, protocol_ok},
};

static gboolean
check_device (const QfuMessage *message, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (device_checks); i++) {
    QfuField field = device_checks[i].field;

    for (guint n = 0; n < qfu_message_count (message, field); n++) {
      if (device_checks[i].ok (qfu_message_text (message, field, n)))
        continue;
      g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                   "the agent lists a device with an unfit %s", qfu_wire_field_spec (field)->name);
      return FALSE;
    }
  }
  return TRUE;
}

/* (nullable): the text of @field without blanks around it; %NULL when nothing is left. */
static char *
title_or_null (const QfuMessage *message, QfuField field)
{
  g_autofree char *text = g_strdup (qfu_message_text (message, field, 0));

  return text == NULL || *g_strstrip (text) == '\0' ? NULL : g_steal_pointer (&text);
}

/* A USB_DEVICE whose texts were checked. */
static QfuDevice *
make_device (const char *vm, const QfuMessage *message, guint flags)
{
  QfuDevice *device = g_new0 (QfuDevice, 1);

  device->domain = g_strdup (vm);
  device->id = g_strdup (qfu_message_text (message, QFU_FIELD_ID, 0));
  device->parent = g_strdup (qfu_message_text (message, QFU_FIELD_PARENT, 0));
  device->name = title_or_null (message, QFU_FIELD_NAME);
  if (device->name == NULL)
    device->name = g_strdup (device->id);
  device->vendor = title_or_null (message, QFU_FIELD_VENDOR);
  device->vendor_ids = qfu_message_text_array (message, QFU_FIELD_VENDOR_ID);
  device->branch = g_strdup (qfu_message_text (message, QFU_FIELD_BRANCH, 0));
  device->version = g_strdup (qfu_message_text (message, QFU_FIELD_VERSION, 0));
  device->version_format = g_strdup (qfu_message_text (message, QFU_FIELD_VERSION_FORMAT, 0));
  if (device->version_format == NULL)
    device->version_format = g_strdup ("unknown");
  device->version_lowest = g_strdup (qfu_message_text (message, QFU_FIELD_VERSION_LOWEST, 0));
  device->protocols = qfu_message_text_array (message, QFU_FIELD_UPDATE_PROTOCOL);
  device->guids = qfu_message_text_array (message, QFU_FIELD_GUID);
  device->flags = flags;
  return device;
}

/* (nullable): the device of @qube with this @id. */
static const QfuDevice *
find_device (const QfuUsbQube *qube, const char *id)
{
  for (guint i = 0; i < qube->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (qube->devices, i);

    if (strcmp (device->id, id) == 0)
      return device;
  }
  return NULL;
}

static gboolean
take_device (QfuUsbQube *qube, const QfuMessage *message, GError **error)
{
  const char *untrusted_parent = qfu_message_text (message, QFU_FIELD_PARENT, 0);
  guint64 flags;

  if (qube->fwupd_version == NULL)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent lists a device before QUBE");
  if (qube->devices->len == QFU_USB_DEVICES_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "the agent lists more than %d devices",
                 QFU_USB_DEVICES_MAX);
    return FALSE;
  }
  if (!check_device (message, error) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, QFU_DEVICE_FLAGS_ALL, &flags, error))
    return FALSE;
  if ((flags & QFU_DEVICE_INTERNAL) != 0)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent lists a device that is a part of the VM itself");
  if (find_device (qube, qfu_message_text (message, QFU_FIELD_ID, 0)) != NULL)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent lists a device twice");
  /* behind its parent, so that none is above itself: what draws a tree relies on it */
  if (untrusted_parent != NULL && find_device (qube, untrusted_parent) == NULL)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent lists a device as a part of none before it");
  g_ptr_array_add (qube->devices, make_device (qube->name, message, (guint)flags));
  return TRUE;
}

static gboolean
take_qube (QfuUsbQube *qube, const QfuMessage *message, GError **error)
{
  const char *untrusted_version = qfu_message_text (message, QFU_FIELD_VERSION, 0);
  guint64 keyboards;

  if (qube->fwupd_version != NULL)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends QUBE twice");
  if (!version_ok (untrusted_version))
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends QUBE with an unfit VERSION");
  if (!qfu_message_number (message, QFU_FIELD_KEYBOARDS, 0, QFU_USB_KEYBOARDS_MAX, &keyboards,
                           error))
    return FALSE;
  qube->fwupd_version = g_strdup (untrusted_version);
  qube->keyboards = (guint)keyboards;
  return TRUE;
}

/* Everything behind HELLO. */
static gboolean
receive_list (QfuUsbListing *listing, gint64 end_us, QfuUsbQube *qube, GError **error)
{
  for (;;) {
    gint64 idle_us = (gint64)listing->config->idle_seconds * G_USEC_PER_SEC;
    g_autoptr (QfuMessage) message =
        qfu_usb_call_next (listing->call, MIN (g_get_monotonic_time () + idle_us, end_us),
                           "the list of devices did not go on in time", error);

    if (message == NULL)
      return FALSE;
    switch ((guint)qfu_message_type (message)) {
    case QFU_FRAME_QUBE:
      if (!take_qube (qube, message, error))
        return FALSE;
      break;
    case QFU_FRAME_USB_DEVICE:
      if (!take_device (qube, message, error))
        return FALSE;
      break;
    case QFU_FRAME_END:
      if (qube->fwupd_version == NULL)
        return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends no QUBE");
      return qfu_usb_call_close (listing->call, message, error);
    default:
      return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends a frame out of turn");
    }
  }
}

QfuUsbQube *
qfu_usb_listing_finish (QfuUsbListing *listing, GError **error)
{
  gint64 grace = g_get_monotonic_time () + GRACE_SECONDS * G_USEC_PER_SEC;
  gint64 hello = listing->start_us + (gint64)listing->config->connect_seconds * G_USEC_PER_SEC;
  gint64 end = listing->start_us +
               MIN (listing->config->total_seconds, LIST_SECONDS) * (gint64)G_USEC_PER_SEC;
  g_autoptr (QfuUsbQube) qube = g_new0 (QfuUsbQube, 1);

  qube->name = g_strdup (listing->vm);
  qube->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  if (!qfu_usb_call_greet (listing->call, MAX (hello, grace), error) ||
      !receive_list (listing, MAX (end, grace), qube, error))
    return NULL;
  return g_steal_pointer (&qube);
}
