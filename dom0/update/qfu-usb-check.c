/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-check.h"

#include "qfu-cab-check.h"
#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-keyboards.h"
#include "qfu-power.h"
#include "qfu-print.h"
#include "qfu-usbmarks.h"

/* Those of the machine, and what its qubes say that they have. */
static guint
keyboards (const QfuInventory *inventory)
{
  guint count = qfu_keyboards_count (inventory->config);

  for (guint i = 0; i < inventory->domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (inventory->domains, i);

    if (domain->qube != NULL)
      count += domain->qube->keyboards;
  }
  return count;
}

/* The device may take what the update needs with it. */
static gboolean
check_power (const QfuInventory *inventory,
             const QfuOptions *options,
             const QfuDevice *device,
             GError **error)
{
  g_autoptr (GError) local = NULL;

  if ((device->flags & QFU_DEVICE_REQUIRE_AC) == 0 || qfu_power_check (inventory->config, &local))
    return TRUE;
  if (options->force) {
    qfu_warn ("warning: %s; --force goes on", local->message);
    return TRUE;
  }
  g_propagate_prefixed_error (error, g_steal_pointer (&local),
                              "it is not written now (--force would): ");
  return FALSE;
}

gboolean
qfu_usb_check (const QfuInventory *inventory,
               const QfuOptions *options,
               const QfuDevice *device,
               const QfuComponent *component,
               const char *version,
               GError **error)
{
  const char *format = qfu_fit_version_format (component, device);
  gboolean bootloader = (device->flags & QFU_DEVICE_BOOTLOADER) != 0;

  if (device->flags & QFU_DEVICE_ELSEWHERE)
    return qfu_error_refuse (error,
                             "%s has attached it to another qube; `qvm-usb` says to which, and "
                             "`qvm-usb detach` gives it back",
                             device->domain);
  if (device->flags & QFU_DEVICE_KEYBOARD && keyboards (inventory) <= 1)
    return qfu_error_refuse (error,
                             "it is the only keyboard of this machine and its USB qubes, and an "
                             "update that fails would leave none; connect another one for as long "
                             "as it takes");
  return check_power (inventory, options, device, error) &&
         (options->allow_older ||
          qfu_usbmarks_check (inventory->config, device, bootloader ? version : device->version,
                              format, error));
}

gboolean
qfu_usb_check_cab (const QfuConfig *config, const QfuCargo *cargo, GError **error)
{
  g_autoptr (QfuCabReport) report = NULL;
  g_autofree char *reasons = NULL;
  gint64 now;

  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  report =
      qfu_cab_check (config, qfu_cargo_cab (cargo), qfu_cargo_firmware_keys (cargo), now, error);
  if (report == NULL || report->content != NULL)
    return report != NULL;
  reasons = g_strjoinv ("; ", report->reasons);
  g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
               "the metadata names the cab, but what is in it is not signed as it has to be: %s",
               reasons);
  return FALSE;
}
