/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* install --local: a cab that only its signatures vouch for. */

#include "qfu-install-local.h"

#include "qfu-cab-check.h"
#include "qfu-directory-offers.h"
#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-print.h"
#include "qfu-update.h"

/* (transfer full): what belongs together in @cab; what else there is to say is said. */
static QfuCabContent *
check (QfuInventory *inventory,
       const QfuOptions *options,
       const char *firmware_keys,
       const QfuLocalCab *cab,
       GError **error)
{
  const QfuConfig *config = inventory->config;
  g_autoptr (QfuCabReport) report =
      qfu_cab_check (config, cab->blob, firmware_keys, cab->now, error);
  g_autofree char *reasons = NULL;

  if (report == NULL)
    return NULL;
  if (report->content == NULL) {
    reasons = g_strjoinv ("; ", report->reasons);
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s is rejected: %s", cab->file, reasons);
    return NULL;
  }
  for (gsize i = 0; report->reasons[i] != NULL; i++)
    qfu_say (options, "left behind: %s", report->reasons[i]);
  return g_steal_pointer (&report->content);
}

const QfuDevice *
qfu_install_local_device (const GPtrArray *devices, const QfuComponent *component, GError **error)
{
  const QfuDevice *found = NULL;
  const QfuDevice *lent = NULL; /* a USB qube's, which takes nothing from dom0's */

  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);

    if (!qfu_fit_guids (component, (const char *const *)device->guids))
      continue;
    if (device->domain != NULL) {
      lent = device;
      continue;
    }
    if (found != NULL) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                   "%s is for %s and for %s; --device says which is meant", component->id,
                   found->name, device->name);
      return NULL;
    }
    found = device;
  }
  if (found == NULL && lent != NULL)
    qfu_error_refuse (error,
                      "%s is for %s, which %s has: what goes to a USB qube has to be named by "
                      "verified metadata",
                      component->id, lent->name, lent->domain);
  else if (found == NULL)
    qfu_error_refuse (error, "%s is for no device of this machine%s", component->id,
                      devices->len == 0 ? ", none of which can be updated now" : "");
  return found;
}

gboolean
qfu_install_local (QfuInventory *inventory,
                   const QfuOptions *options,
                   const GPtrArray *devices,
                   const QfuLocalCab *cab,
                   JsonBuilder *builder,
                   GError **error)
{
  const QfuConfig *config = inventory->config;
  const QfuRemote *remote = qfu_directory_remote (inventory->remotes, cab->file);
  const QfuPolicy policy = qfu_directory_offers_policy (inventory, options, remote);
  g_autoptr (QfuCabContent) content = NULL;
  g_autofree char *reason = NULL;
  const QfuDevice *device;
  QfuRebuiltCab *rebuilt;

  if (!qfu_need_person (options, "install --local", error))
    return FALSE;
  content = check (inventory, options,
                   remote == NULL ? config->firmware_keys : policy.rules.firmware_keys, cab, error);
  device = content == NULL
               ? NULL
               : qfu_install_local_device (devices, qfu_cab_content_component (content), error);
  if (device == NULL)
    return FALSE;
  reason = qfu_fit_objection (qfu_cab_content_component (content),
                              qfu_cab_content_release (content), device, &policy);
  if (reason != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s", device->name, reason);
    return FALSE;
  }
  rebuilt = qfu_rebuild_cab (config, content, error);
  if (rebuilt == NULL)
    return FALSE;
  (void)g_steal_pointer (&content);
  return qfu_update_local (inventory, options, device, rebuilt, builder, error);
}
