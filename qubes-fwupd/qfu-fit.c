/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fit.h"

#include "qfu-version.h"

#include <string.h>

gboolean
qfu_fit_guids (const QfuComponent *component, const char *const *guids)
{
  for (gsize i = 0; component->guids[i] != NULL; i++) {
    if (g_strv_contains (guids, component->guids[i]))
      return TRUE;
  }
  return FALSE;
}

const char *
qfu_fit_version_format (const QfuComponent *component, const QfuDevice *device)
{
  if (device->domain == NULL && strcmp (device->version_format, "unknown") != 0)
    return device->version_format;
  return component->version_format;
}

int
qfu_fit_order (const QfuComponent *component,
               const QfuComponentRelease *release,
               const QfuDevice *device)
{
  if (device->version == NULL)
    return 0;
  return qfu_version_compare (release->version, device->version,
                              qfu_fit_version_format (component, device));
}

char *
qfu_fit_version_objection (int order, const QfuDevice *device, const QfuPolicy *policy)
{
  if (device->version == NULL)
    return g_strdup ("the present version of the device is not known");
  if (order < 0 && !policy->allow_older)
    return g_strdup ("it is older than the present version");
  if (order == 0 && !policy->allow_reinstall)
    return g_strdup ("it is the present version");
  return NULL;
}

/* A remote speaks for certain devices when the configuration names some, by one of the GUIDs or
 * vendor ids that fwupd reports here: what the metadata says of itself does not count. */
static gboolean
remote_has_device (const QfuRemoteRules *rules, const QfuDevice *device)
{
  if (rules->devices[0] == NULL)
    return TRUE;
  for (gsize i = 0; rules->devices[i] != NULL; i++) {
    if (qfu_device_has_guid (device, rules->devices[i]) ||
        g_strv_contains ((const char *const *)device->vendor_ids, rules->devices[i]))
      return TRUE;
  }
  return FALSE;
}

/* What the remote that offers it is not allowed; %NULL when nothing. */
static char *
remote_objection (const QfuDevice *device, const QfuPolicy *policy)
{
  if (policy->remote == NULL)
    return NULL;
  if ((device->flags & QFU_DEVICE_INTERNAL) != 0 && !policy->rules.system_firmware)
    return g_strdup_printf ("the remote %s may not offer firmware of the machine itself; "
                            "SystemFirmware=true in the group [Remote %s] of the configuration "
                            "allows it",
                            policy->remote, policy->remote);
  if (!remote_has_device (&policy->rules, device))
    return g_strdup_printf ("the remote %s may not offer firmware for this device: Devices= in the "
                            "group [Remote %s] of the configuration does not name it",
                            policy->remote, policy->remote);
  return NULL;
}

/* Whether it has a condition for the present version. */
static gboolean
says_version (const QfuComponent *component)
{
  for (guint i = 0; i < component->requirements->len; i++) {
    const QfuRequirement *requirement = g_ptr_array_index (component->requirements, i);

    if (requirement->kind == QFU_REQUIREMENT_FIRMWARE)
      return TRUE;
  }
  return FALSE;
}

/* Who chooses how versions count chooses which of two is newer. */
static char *
format_objection (const QfuComponent *component, const QfuDevice *device)
{
  if (device->domain == NULL || component->version_format == NULL ||
      strcmp (device->version_format, "unknown") == 0 ||
      strcmp (device->version_format, component->version_format) == 0)
    return NULL;
  return g_strdup_printf (
      "the metadata says that its versions are of the format %s, and %s says %s",
      component->version_format, device->domain, device->version_format);
}

/* What the device itself stands in the way of; %NULL when nothing. */
static char *
device_objection (const QfuComponent *component,
                  const QfuComponentRelease *release,
                  const QfuDevice *device)
{
  if (device->domain != NULL && device->problem != NULL)
    return g_strdup (device->problem); /* ours: no text of a qube gets there */
  if (device->flags & QFU_DEVICE_HIDDEN && device->problem != NULL)
    return g_strdup_printf ("fwupd does not update the device now: %s", device->problem);
  if (!(device->flags & QFU_DEVICE_UPDATABLE))
    return g_strdup ("the device cannot be updated");
  if (device->flags & QFU_DEVICE_LOCKED)
    return g_strdup ("the device is locked");
  if (g_strcmp0 (component->branch, device->branch) != 0)
    return g_strdup_printf ("it is of the branch %s, the device is on %s",
                            component->branch != NULL ? component->branch : "(default)",
                            device->branch != NULL ? device->branch : "(default)");
  if (component->protocol != NULL &&
      !g_strv_contains ((const char *const *)device->protocols, component->protocol))
    return g_strdup_printf ("the device does not speak %s", component->protocol);
  if (device->flags & QFU_DEVICE_VERSION_CHECK && !says_version (component))
    return g_strdup ("it does not say from which versions it may come, and the device wants that");
  if (device->version_lowest != NULL &&
      qfu_version_compare (release->version, device->version_lowest,
                           qfu_fit_version_format (component, device)) < 0)
    return g_strdup_printf ("the device accepts nothing older than %s", device->version_lowest);
  return NULL;
}

char *
qfu_fit_objection (const QfuComponent *component,
                   const QfuComponentRelease *release,
                   const QfuDevice *device,
                   const QfuPolicy *policy)
{
  char *reason = format_objection (component, device);

  if (reason == NULL)
    reason = qfu_fit_version_objection (qfu_fit_order (component, release, device), device, policy);
  if (reason == NULL)
    reason = remote_objection (device, policy);
  if (reason == NULL)
    reason = device_objection (component, release, device);
  for (guint i = 0; reason == NULL && i < component->requirements->len; i++) {
    if (qfu_requirement_holds (g_ptr_array_index (component->requirements, i), device, policy,
                               &reason))
      g_assert (reason == NULL);
  }
  return reason;
}
