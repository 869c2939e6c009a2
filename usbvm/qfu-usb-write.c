/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-write.h"

#include "qfu-error.h"
#include "qfu-usb-devices.h"
#include "qfu-usb-kind.h"
#include "qfu-usb-sysfs.h"

#define ALIVE_SECONDS 5  /* between two signs of life */
#define BACK_SECONDS 60  /* that a device may take to come back */
#define LISTENER_MS 5000 /* that the caller may take to read a frame */

/* fwupd refuses what wants somebody to act unless the client can tell them, and we can. That the
 * person knows of a change of branch, dom0 sees to. */
#define FEATURES                                                                                   \
  (FWUPD_FEATURE_FLAG_REQUESTS | FWUPD_FEATURE_FLAG_REQUESTS_NON_GENERIC |                         \
   FWUPD_FEATURE_FLAG_UPDATE_ACTION | FWUPD_FEATURE_FLAG_DETACH_ACTION |                           \
   FWUPD_FEATURE_FLAG_SWITCH_BRANCH)

/* An installation under way. */
typedef struct {
  QfuWire *wire;
  gboolean deaf; /* the caller does not listen any more */
} Listener;

static void
tell (Listener *listener, const QfuMessage *message)
{
  /* fwupd goes on either way, and so do we: a caller that comes and goes must not be what a device
   * is left half written for */
  if (!listener->deaf && !qfu_wire_send (listener->wire, message, NULL))
    listener->deaf = TRUE;
}

static void
tell_progress (Listener *listener, FwupdClient *client)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PROGRESS);
  guint percent = fwupd_client_get_percentage (client);

  qfu_message_add_number (message, QFU_FIELD_DONE, MIN (percent, 100));
  qfu_message_add_number (message, QFU_FIELD_TOTAL, 100);
  qfu_message_add_number (message, QFU_FIELD_STATUS, fwupd_client_get_status (client));
  tell (listener, message);
}

static void
on_progress (FwupdClient *client, GParamSpec *spec, gpointer user_data)
{
  tell_progress (user_data, client);
}

guint
qfu_usb_write_action (const char *request_id)
{
  static const struct {
    const char *id;
    QfuUsbAction action;
  } actions[] = {
      {FWUPD_REQUEST_ID_REMOVE_REPLUG, QFU_USB_ACTION_REPLUG},
      {FWUPD_REQUEST_ID_REPLUG_INSTALL, QFU_USB_ACTION_REPLUG},
      {FWUPD_REQUEST_ID_PRESS_UNLOCK, QFU_USB_ACTION_UNLOCK},
      {FWUPD_REQUEST_ID_INSERT_USB_CABLE, QFU_USB_ACTION_CABLE_IN},
      {FWUPD_REQUEST_ID_REMOVE_USB_CABLE, QFU_USB_ACTION_CABLE_OUT},
      {FWUPD_REQUEST_ID_REPLUG_POWER, QFU_USB_ACTION_POWER_CYCLE},
      {FWUPD_REQUEST_ID_DO_NOT_POWER_OFF, QFU_USB_ACTION_KEEP_POWER},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++) {
    if (g_strcmp0 (request_id, actions[i].id) == 0)
      return actions[i].action;
  }
  return QFU_USB_ACTION_OTHER;
}

static void
on_request (FwupdClient *client, FwupdRequest *request, gpointer user_data)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ACTION);

  qfu_message_add_number (message, QFU_FIELD_KIND,
                          qfu_usb_write_action (fwupd_request_get_id (request)));
  tell (user_data, message);
}

gboolean
qfu_usb_write_check (QfuUsbTalk *talk,
                     FwupdClient *client,
                     const char *sysfs,
                     const QfuUsbOrder *order,
                     GError **error)
{
  g_autoptr (GPtrArray) nodes = qfu_usb_sysfs_read (sysfs, error);
  g_autoptr (GPtrArray) devices =
      nodes == NULL ? NULL : qfu_usb_fwupd_devices (talk, client, NULL, error);
  g_autoptr (GError) local = NULL;

  if (devices == NULL)
    return FALSE;
  if (qfu_usb_device_writable (devices, nodes, order->id, &local))
    return TRUE;
  /* as fwupd would say; without its number it would mean that there is no fwupd */
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_UNSUPPORTED))
    talk->fwupd_error = FWUPD_ERROR_NOT_SUPPORTED + 1;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static FwupdInstallFlags
install_flags (guint flags)
{
  return ((flags & QFU_INSTALL_ALLOW_OLDER) != 0 ? FWUPD_INSTALL_FLAG_ALLOW_OLDER : 0) |
         ((flags & QFU_INSTALL_ALLOW_REINSTALL) != 0 ? FWUPD_INSTALL_FLAG_ALLOW_REINSTALL : 0);
}

/* Whether the device is there and does what it is for. */
static gboolean
is_back (FwupdClient *client, const char *id)
{
  g_autoptr (FwupdDevice) device = fwupd_client_get_device_by_id (client, id, NULL, NULL);

  return device != NULL && !fwupd_device_has_flag (device, FWUPD_DEVICE_FLAG_IS_BOOTLOADER);
}

/* A device restarts with its new firmware after fwupd has done its part, and one whose user has to
 * act may never be back: dom0 looks at it afterwards, and says so. */
static void
wait_for_device (FwupdClient *client, const char *id)
{
  gint64 end = g_get_monotonic_time () + BACK_SECONDS * G_USEC_PER_SEC;

  /* woken by fwupd's signals, and by our own sign of life */
  while (!is_back (client, id) && g_get_monotonic_time () < end)
    (void)g_main_context_iteration (NULL, TRUE);
}

static gboolean
will_disappear (FwupdClient *client, const char *id)
{
  g_autoptr (FwupdDevice) device = fwupd_client_get_device_by_id (client, id, NULL, NULL);

  return device != NULL && fwupd_device_has_flag (device, FWUPD_DEVICE_FLAG_WILL_DISAPPEAR);
}

typedef struct {
  Listener *listener;
  FwupdClient *client;
} Alive;

static gboolean
on_alive (gpointer user_data)
{
  const Alive *alive = user_data;

  tell_progress (alive->listener, alive->client);
  return G_SOURCE_CONTINUE;
}

/* Whether the keys of this VM's fwupd account for none of what the cabinet holds. */
static gboolean
is_untrusted (FwupdClient *client, const char *path)
{
  g_autoptr (GPtrArray) devices = fwupd_client_get_details (client, path, NULL, NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++) {
    FwupdRelease *release = fwupd_device_get_release_default (g_ptr_array_index (devices, i));

    if (release != NULL && fwupd_release_has_flag (release, FWUPD_RELEASE_FLAG_TRUSTED_PAYLOAD))
      return FALSE;
  }
  return devices != NULL;
}

static gboolean
install (QfuUsbTalk *talk, FwupdClient *client, const QfuUsbOrder *order, int cab, GError **error)
{
  /* opened anew by this name, so libfwupd needs no copy of it */
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", cab);
  g_autoptr (GError) local = NULL;

  if (fwupd_client_set_feature_flags (client, FEATURES, NULL, &local) &&
      fwupd_client_install (client, order->id, path, install_flags (order->flags), NULL, &local))
    return TRUE;
  (void)qfu_usb_fwupd_fail (talk, local, error);
  /* fwupd has one number for a cabinet that it cannot read and for one that it does not trust */
  if (g_error_matches (local, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE) &&
      is_untrusted (client, path)) {
    (*error)->code = QFU_ERROR_SIGNATURE;
    talk->fwupd_error = 0;
  }
  return FALSE;
}

gboolean
qfu_usb_write (
    QfuUsbTalk *talk, FwupdClient *client, const QfuUsbOrder *order, int cab, GError **error)
{
  Listener listener = {talk->wire, FALSE};
  Alive alive = {&listener, client};
  gboolean stays = !will_disappear (client, order->id);
  guint source;
  gboolean ok;

  qfu_wire_set_deadlines (talk->wire, LISTENER_MS, 0);
  g_signal_connect (client, "notify::percentage", G_CALLBACK (on_progress), &listener);
  g_signal_connect (client, "notify::status", G_CALLBACK (on_progress), &listener);
  g_signal_connect (client, "device-request", G_CALLBACK (on_request), &listener);
  source = g_timeout_add_seconds (ALIVE_SECONDS, on_alive, &alive);
  ok = install (talk, client, order, cab, error);
  if (ok && stays)
    wait_for_device (client, order->id);
  g_source_remove (source);
  g_signal_handlers_disconnect_by_data (client, &listener);
  return ok;
}
