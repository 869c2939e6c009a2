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

/* Where the devices are that are looked through: in one domain, or in a USB qube. */
typedef struct {
  const char *domain; /* (nullable) */
  gboolean usb;       /* unless @domain: in any USB qube, and not in dom0 */
} Where;

static gboolean
is_there (const Where *where, const QfuDevice *device)
{
  if (where->domain != NULL)
    return strcmp (qfu_device_domain (device), where->domain) == 0;
  return where->usb == (device->domain != NULL);
}

static GPtrArray *
find (const GPtrArray *devices, const Where *where, MeansFunc means, const char *wanted)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < devices->len; i++) {
    QfuDevice *device = g_ptr_array_index (devices, i);

    if (is_there (where, device) && means (device, wanted))
      g_ptr_array_add (found, device);
  }
  return found;
}

static void
list_them (const GPtrArray *found, const char *wanted, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++) {
    const QfuDevice *device = g_ptr_array_index (found, i);
    g_autofree char *address = qfu_device_address (device);

    g_string_append_printf (list, "%s%s (%s)", i > 0 ? ", " : "", device->name, address);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "%s means %u devices: %s; give the id of the one that you mean, or its beginning",
               wanted, found->len, list->str);
}

static const MeansFunc ways[] = {by_id, by_guid, by_name, by_prefix, by_folded_name};

static gboolean
by_any (const QfuDevice *device, const char *wanted)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++) {
    if (ways[i](device, wanted))
      return TRUE;
  }
  return FALSE;
}

/* To the one that is @found: what other qubes have that could be meant. How a qube calls its device
 * is its choice, and must not decide between it and another's. */
static void
add_of_others (GPtrArray *found, const GPtrArray *devices, const char *wanted)
{
  const char *domain = qfu_device_domain (g_ptr_array_index (found, 0));

  for (guint i = 0; i < devices->len; i++) {
    QfuDevice *device = g_ptr_array_index (devices, i);

    if (device->domain != NULL && strcmp (device->domain, domain) != 0 && by_any (device, wanted))
      g_ptr_array_add (found, device);
  }
}

/* Whether the question is answered: by @device, or by @error when there are several. */
static gboolean
look (const GPtrArray *devices,
      const Where *where,
      const char *wanted,
      QfuDevice **device,
      GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (GPtrArray) found = find (devices, where, ways[i], wanted);

    if (found->len == 0)
      continue;
    if (found->len == 1 && where->usb && where->domain == NULL)
      add_of_others (found, devices, wanted);
    if (found->len == 1)
      *device = g_ptr_array_index (found, 0);
    else
      list_them (found, wanted, error);
    return TRUE;
  }
  return FALSE;
}

const char *
qfu_select_domain (const char *const *domains, const char *wanted)
{
  const char *colon = strchr (wanted, ':');
  g_autofree char *name = colon == NULL ? NULL : g_strndup (wanted, colon - wanted);

  if (name == NULL)
    return NULL;
  if (strcmp (name, QFU_DOM0) == 0)
    return QFU_DOM0;
  for (gsize i = 0; domains != NULL && domains[i] != NULL; i++) {
    if (strcmp (name, domains[i]) == 0)
      return domains[i];
  }
  return NULL;
}

QfuDevice *
qfu_select_device (const QfuChoice *choice, const char *wanted, GError **error)
{
  const char *domain = qfu_select_domain (choice->domains, wanted);
  const char *word = domain == NULL ? wanted : wanted + strlen (domain) + 1;
  const Where places[] = {{domain, FALSE}, {domain, TRUE}};
  QfuDevice *device = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    if (look (choice->devices, &places[i], word, &device, error))
      return device;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
               "there is no device %s; `qubes-fwupdmgr get-devices` lists what there is", wanted);
  return NULL;
}

GPtrArray *
qfu_select_devices (const QfuChoice *choice, const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) selected = g_ptr_array_new ();
  QfuDevice *device;

  for (guint i = 0; wanted == NULL && i < choice->devices->len; i++) {
    device = g_ptr_array_index (choice->devices, i);
    if (device->flags & (QFU_DEVICE_UPDATABLE | QFU_DEVICE_HIDDEN))
      g_ptr_array_add (selected, device);
  }
  if (wanted == NULL)
    return g_steal_pointer (&selected);
  device = qfu_select_device (choice, wanted, error);
  if (device == NULL)
    return NULL;
  g_ptr_array_add (selected, device);
  return g_steal_pointer (&selected);
}
