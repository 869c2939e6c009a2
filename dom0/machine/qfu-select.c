/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-select.h"

#include "qfu-error.h"

#include <string.h>

#define ID_PREFIX_MIN 4

typedef gboolean (*MeansFunc) (const QfuDevice *device, const char *wanted);

static gboolean
by_id (const QfuDevice *device, const char *wanted)
{
  return g_ascii_strcasecmp (device->id, wanted) == 0;
}

static gboolean
by_guid (const QfuDevice *device, const char *wanted)
{
  g_autofree char *lower = g_ascii_strdown (wanted, -1);

  return qfu_device_has_guid (device, lower);
}

static gboolean
by_name (const QfuDevice *device, const char *wanted)
{
  return strcmp (device->name, wanted) == 0;
}

static gboolean
by_prefix (const QfuDevice *device, const char *wanted)
{
  return strlen (wanted) >= ID_PREFIX_MIN &&
         g_ascii_strncasecmp (device->id, wanted, strlen (wanted)) == 0;
}

static gboolean
by_folded_name (const QfuDevice *device, const char *wanted)
{
  return g_ascii_strcasecmp (device->name, wanted) == 0;
}

static GPtrArray *
find (const GPtrArray *devices, MeansFunc means, const char *wanted)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < devices->len; i++) {
    if (means (g_ptr_array_index (devices, i), wanted))
      g_ptr_array_add (found, g_ptr_array_index (devices, i));
  }
  return found;
}

static void
list_them (const GPtrArray *found, const char *wanted, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++) {
    const QfuDevice *device = g_ptr_array_index (found, i);

    g_string_append_printf (list, "%s%s (%s)", i > 0 ? ", " : "", device->name, device->id);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s means %u devices: %s; give the id of the one that you mean, or its beginning",
               wanted, found->len, list->str);
}

QfuDevice *
qfu_select_device (const GPtrArray *devices, const char *wanted, GError **error)
{
  static const MeansFunc ways[] = {by_id, by_guid, by_name, by_prefix, by_folded_name};

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (GPtrArray) found = find (devices, ways[i], wanted);

    if (found->len == 1)
      return g_ptr_array_index (found, 0);
    if (found->len == 0)
      continue;
    list_them (found, wanted, error);
    return NULL;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
               "there is no device %s; `qubes-fwupdmgr get-devices` lists what there is", wanted);
  return NULL;
}

GPtrArray *
qfu_select_devices (const GPtrArray *devices, const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) selected = g_ptr_array_new ();
  QfuDevice *device;

  for (guint i = 0; wanted == NULL && i < devices->len; i++) {
    device = g_ptr_array_index (devices, i);
    if (device->flags & (QFU_DEVICE_UPDATABLE | QFU_DEVICE_HIDDEN))
      g_ptr_array_add (selected, device);
  }
  if (wanted == NULL)
    return g_steal_pointer (&selected);
  device = qfu_select_device (devices, wanted, error);
  if (device == NULL)
    return NULL;
  g_ptr_array_add (selected, device);
  return g_steal_pointer (&selected);
}
