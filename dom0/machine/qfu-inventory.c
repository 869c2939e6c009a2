/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inventory.h"

#include "qfu-error.h"
#include "qfu-inventory-unled.h"
#include "qfu-fit.h"
#include "qfu-select.h"
#include "qfu-version.h"
#include "qfu-vms.h"

#include <string.h>

/* Every GUID once: those of @devices, and of @hardware (nullable). */
static char **
all_guids (const GPtrArray *devices, const GPtrArray *hardware)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *guids = g_ptr_array_new ();

  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);

    for (gsize j = 0; device->guids[j] != NULL; j++) {
      if (g_hash_table_add (seen, device->guids[j]))
        g_ptr_array_add (guids, g_strdup (device->guids[j]));
    }
  }
  for (guint i = 0; hardware != NULL && i < hardware->len; i++) {
    if (g_hash_table_add (seen, g_ptr_array_index (hardware, i)))
      g_ptr_array_add (guids, g_strdup (g_ptr_array_index (hardware, i)));
  }
  g_ptr_array_add (guids, NULL);
  return (char **)g_ptr_array_free (guids, FALSE);
}

/* What machine it is: as in fwupd, a device in it does not say. */
static char **
hardware_ids (const QfuMachine *machine)
{
  char **ids = g_new0 (char *, machine->hardware->len + 1);

  for (guint i = 0; i < machine->hardware->len; i++)
    ids[i] = g_strdup (g_ptr_array_index (machine->hardware, i));
  return ids;
}

static void
add_devices (QfuInventory *inventory, const GPtrArray *devices)
{
  for (guint i = 0; i < devices->len; i++)
    g_ptr_array_add (inventory->devices, g_ptr_array_index (devices, i));
}

QfuInventory *
qfu_inventory_machine (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuInventory) inventory = g_new0 (QfuInventory, 1);

  inventory->config = config;
  inventory->sources = g_ptr_array_new ();
  inventory->domains = g_ptr_array_new ();
  inventory->devices = g_ptr_array_new ();
  inventory->remotes = qfu_fwupd_remotes (config, error);
  if (inventory->remotes == NULL)
    return NULL;
  inventory->machine = qfu_fwupd_machine (config, error);
  if (inventory->machine == NULL)
    return NULL;
  inventory->hardware = hardware_ids (inventory->machine);
  inventory->identity = all_guids (inventory->machine->devices, inventory->machine->hardware);
  add_devices (inventory, inventory->machine->devices);
  return g_steal_pointer (&inventory);
}

/* @guids: (nullable): what the sources are read for; %NULL: everything. */
static gboolean
load_sources (QfuInventory *inventory, const char *const *guids, gint64 now, GError **error)
{
  const QfuWanted wanted = {.guids = guids, .now = now};

  g_ptr_array_unref (inventory->sources);
  inventory->sources = qfu_sources_load (inventory->config, inventory->remotes, &wanted, error);
  return inventory->sources != NULL;
}

/* What metadata has for the devices at hand. */
static gboolean
load_for_devices (QfuInventory *inventory, gint64 now, GError **error)
{
  g_auto (GStrv) guids = all_guids (inventory->devices, NULL);

  return load_sources (inventory, (const char *const *)guids, now, error);
}

QfuInventory *
qfu_inventory_load (const QfuConfig *config, gint64 now, GError **error)
{
  g_autoptr (QfuInventory) inventory = qfu_inventory_machine (config, error);

  if (inventory == NULL || !load_for_devices (inventory, now, error))
    return NULL;
  return g_steal_pointer (&inventory);
}

static void
add_domains (QfuInventory *inventory, GPtrArray *domains)
{
  qfu_domains_finish (domains, inventory->machine);
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    if (domain->qube != NULL)
      add_devices (inventory, domain->qube->devices);
  }
  g_ptr_array_unref (inventory->domains);
  inventory->domains = g_ptr_array_ref (domains);
}

/* The qubes answer while fwupd does. */
QfuInventory *
qfu_inventory_load_domains (const QfuConfig *config, const char *wanted, gint64 now, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (QfuInventory) inventory = NULL;

  if (wanted != NULL && qfu_select_domain (NULL, wanted) != NULL)
    return qfu_inventory_load (config, now, error);
  domains = qfu_domains_start (config, &problem);
  inventory = qfu_inventory_machine (config, error);
  if (inventory == NULL)
    return NULL;
  inventory->domains_problem = g_steal_pointer (&problem);
  add_domains (inventory, domains);
  if (!load_for_devices (inventory, now, error))
    return NULL;
  return g_steal_pointer (&inventory);
}

QfuInventory *
qfu_inventory_load_all (const QfuConfig *config, gint64 now, GError **error)
{
  g_autoptr (QfuInventory) inventory = qfu_inventory_machine (config, error);

  if (inventory == NULL || !load_sources (inventory, NULL, now, error))
    return NULL;
  return g_steal_pointer (&inventory);
}

void
qfu_inventory_free (QfuInventory *inventory)
{
  if (inventory == NULL)
    return;
  g_clear_pointer (&inventory->sources, g_ptr_array_unref);
  g_ptr_array_unref (inventory->devices);
  g_ptr_array_unref (inventory->domains);
  g_clear_error (&inventory->domains_problem);
  g_clear_pointer (&inventory->machine, qfu_machine_free);
  g_clear_pointer (&inventory->remotes, g_ptr_array_unref);
  g_strfreev (inventory->hardware);
  g_strfreev (inventory->identity);
  qfu_route_free (inventory->route);
  g_free (inventory);
}

gboolean
qfu_inventory_route (QfuInventory *inventory, const QfuOptions *options, GError **error)
{
  return inventory->route != NULL ||
         qfu_vms_route (inventory->config, options, &inventory->route, error);
}

gboolean
qfu_inventory_check_fresh (const QfuInventory *inventory, const QfuOptions *options, GError **error)
{
  for (guint i = 0; i < inventory->sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i);

    if (!qfu_freshness_check (inventory->config, options, &source->freshness, error))
      return FALSE;
  }
  return TRUE;
}

/* Keeps the first refusal, or the first "nothing newer" when nobody refused. */
static void
keep_reason (GError **why, GError *reason)
{
  if (*why == NULL || (g_error_matches (*why, QFU_ERROR, QFU_ERROR_NOTHING) &&
                       g_error_matches (reason, QFU_ERROR, QFU_ERROR_REFUSED))) {
    g_clear_error (why);
    *why = reason;
  } else {
    g_error_free (reason);
  }
}

/* (nullable): of the fwupd that would install on @device (nullable). */
static const char *
fwupd_version (const QfuInventory *inventory, const QfuDevice *device)
{
  const QfuDomain *domain;

  if (device == NULL || device->domain == NULL)
    return inventory->machine->fwupd_version;
  domain = qfu_domains_find (inventory->domains, device->domain);
  return domain == NULL || domain->qube == NULL ? NULL : domain->qube->fwupd_version;
}

QfuPolicy
qfu_inventory_policy (const QfuInventory *inventory,
                      const QfuOptions *options,
                      const QfuDevice *device,
                      const QfuSource *source)
{
  QfuPolicy policy = {.allow_older = options->allow_older,
                      .allow_reinstall = options->allow_reinstall,
                      .fwupd_version = fwupd_version (inventory, device),
                      .hardware = (const char *const *)inventory->hardware};

  if (source != NULL) {
    policy.remote = source->remote;
    policy.rules = qfu_config_remote (inventory->config, source->remote);
  }
  return policy;
}

/* Of two remotes: the newer one counts, the older one where no release may be left out; then the
 * one of the remote with the higher priority, as fwupd does. Two of the same priority stay in
 * fwupd's order, which is that of the remotes. */
static gboolean
comes_before (const QfuSource *source,
              const QfuRelease *release,
              const QfuOffer *other,
              const QfuDevice *device)
{
  int order =
      qfu_version_compare (qfu_release_version (release), qfu_release_version (other->release),
                           qfu_fit_version_format (qfu_release_component (release), device));

  if (order == 0)
    return source->priority > other->source->priority;
  return device->flags & QFU_DEVICE_ALL_RELEASES ? order < 0 : order > 0;
}

gboolean
qfu_inventory_offer (const QfuInventory *inventory,
                     const QfuOptions *options,
                     const QfuDevice *device,
                     QfuOffer *offer,
                     GError **error)
{
  g_autoptr (GError) why = NULL;

  *offer = (QfuOffer){.source = NULL};
  for (guint i = 0; i < inventory->sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i);
    const QfuPolicy policy = qfu_inventory_policy (inventory, options, device, source);
    GError *local = NULL;
    const QfuRelease *release = qfu_catalog_pick (source->catalog, device, &policy, &local);

    if (release == NULL)
      keep_reason (&why, local);
    else if (offer->release == NULL || comes_before (source, release, offer, device))
      *offer = (QfuOffer){.source = source, .release = release};
  }
  if (offer->release != NULL)
    return device->domain == NULL || qfu_inventory_unled (inventory, options, device, offer, error);
  if (why != NULL && g_error_matches (why, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    why->code = QFU_ERROR_NOTHING;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* (transfer full) (array zero-terminated) */
static char **
domain_names (const QfuInventory *inventory)
{
  char **names = g_new0 (char *, inventory->domains->len + 1);

  for (guint i = 0; i < inventory->domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (inventory->domains, i);

    names[i] = g_strdup (domain->name);
  }
  return names;
}

/* A device that is not found may be where nobody could look. */
static void
explain (const QfuInventory *inventory, const char *const *names, const char *wanted, GError *error)
{
  const char *meant = qfu_select_domain (names, wanted);

  if (!g_error_matches (error, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return;
  for (guint i = 0; i < inventory->domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (inventory->domains, i);
    char *text = error->message;

    if (domain->problem == NULL || (meant != NULL && strcmp (meant, domain->name) != 0))
      continue;
    error->message = g_strdup_printf ("%s. %s", text, domain->problem->message);
    g_free (text);
  }
}

GPtrArray *
qfu_inventory_select (const QfuInventory *inventory, const char *wanted, GError **error)
{
  g_auto (GStrv) names = domain_names (inventory);
  const QfuChoice choice = {inventory->devices, (const char *const *)names};
  g_autoptr (GError) local = NULL;
  GPtrArray *selected = qfu_select_devices (&choice, wanted, &local);

  if (selected != NULL)
    return selected;
  explain (inventory, choice.domains, wanted, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

QfuDevice *
qfu_inventory_device (const QfuInventory *inventory, const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) selected = qfu_inventory_select (inventory, wanted, error);

  return selected == NULL ? NULL : g_ptr_array_index (selected, 0);
}
