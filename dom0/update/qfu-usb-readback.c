/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-readback.h"

#include "qfu-clock.h"
#include "qfu-device-show.h"
#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "qfu-usbmarks.h"
#include "qfu-usbqube.h"
#include "qfu-version.h"

#include <string.h>

/* The agent has waited for it already; a device that takes itself off the bus once more, or one
 * that somebody has to plug in, is waited for here. */
#define BACK_SECONDS 30
#define ASK_EVERY (2 * G_USEC_PER_SEC)

#define LOOK "; `qubes-fwupdmgr get-devices` says what it has"

static QfuUsbQube *
ask (const QfuConfig *config, const char *vm, GError **error)
{
  g_autoptr (QfuUsbListing) listing = qfu_usb_listing_start (config, vm, error);

  return listing == NULL ? NULL : qfu_usb_listing_finish (listing, error);
}

/* (nullable): the device, once it runs its firmware. */
static const QfuDevice *
find (const QfuUsbQube *qube, const char *id)
{
  for (guint i = 0; i < qube->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (qube->devices, i);

    if (strcmp (device->id, id) == 0 && (device->flags & QFU_DEVICE_BOOTLOADER) == 0)
      return device;
  }
  return NULL;
}

/* What the qube said last, with the device in it. */
static QfuUsbQube *
wait_for (const QfuConfig *config, const QfuDevice *device, const char *expected, GError **error)
{
  gint64 end = g_get_monotonic_time () + BACK_SECONDS * G_USEC_PER_SEC;

  for (;;) {
    g_autoptr (QfuUsbQube) qube = ask (config, device->domain, error);

    if (qube == NULL) {
      g_prefix_error (error, "%s reports that version %s was installed, but cannot be asked: ",
                      device->domain, expected);
      return NULL;
    }
    if (find (qube, device->id) != NULL)
      return g_steal_pointer (&qube);
    if (g_get_monotonic_time () > end)
      break;
    g_usleep (ASK_EVERY);
  }
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
      "%s reports that version %s was installed, but the device has not come back after %d "
      "seconds. Take it out and plug it in again" LOOK
      ", and where it is in its bootloader, `qubes-fwupdmgr update` tries again",
      device->domain, expected, BACK_SECONDS);
  return NULL;
}

/* By which of its GUIDs the metadata means it. */
static char *
guid_of (const QfuComponent *component, const QfuDevice *device)
{
  for (gsize i = 0; component->guids[i] != NULL; i++) {
    if (qfu_device_has_guid (device, component->guids[i]))
      return component->guids[i];
  }
  return NULL;
}

/* A mark that cannot be kept is no reason to call the update failed. */
static void
keep (const QfuConfig *config,
      const QfuDevice *device,
      const QfuComponent *component,
      const char *version)
{
  const char *format = qfu_fit_version_format (component, device);
  g_autoptr (GError) error = NULL;
  QfuUsbMark mark = {.domain = device->domain,
                     .device = device->id,
                     .guid = guid_of (component, device),
                     .version = (char *)version,
                     .format = (char *)(format == NULL ? "unknown" : format)};

  if (mark.guid == NULL)
    return;
  if (!qfu_clock_now (config, &mark.time, &error) || !qfu_usbmarks_keep (config, &mark, &error))
    qfu_warn ("warning: the version that was read back is not kept: %s", error->message);
}

gboolean
qfu_usb_readback (const QfuConfig *config,
                  const QfuOptions *options,
                  const QfuDevice *device,
                  const QfuCargo *cargo,
                  GError **error)
{
  const QfuComponent *component = qfu_cargo_component (cargo);
  const char *expected = qfu_cargo_version (cargo);
  g_autoptr (QfuUsbQube) qube = NULL;
  g_autoptr (QfuProgress) progress = NULL;
  const QfuDevice *now;

  if (qfu_device_takes_effect (device) != NULL)
    return TRUE;
  progress = qfu_progress_new (options, "reading the version back", QFU_PROGRESS_PERCENT);
  qube = wait_for (config, device, expected, error);
  g_clear_pointer (&progress, qfu_progress_free);
  if (qube == NULL)
    return FALSE;
  now = find (qube, device->id);
  if (now->version != NULL &&
      qfu_version_compare (now->version, expected, qfu_fit_version_format (component, now)) == 0) {
    keep (config, now, component, expected);
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "%s reports that version %s was installed, but the device reports %s. Some devices "
               "have to be unplugged first; one that stays so was not updated" LOOK,
               device->domain, expected, qfu_device_version (now));
  return FALSE;
}
