/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-domains.h"

#include "qfu-error.h"
#include "qfu-usbroute.h"

#include <string.h>

static void
domain_free (gpointer data)
{
  QfuDomain *domain = data;

  qfu_usb_listing_free (domain->listing);
  qfu_usb_qube_free (domain->qube);
  g_clear_error (&domain->problem);
  g_free (domain->name);
  g_free (domain);
}

static void
set_problem (QfuDomain *domain, GError *problem)
{
  g_prefix_error (&problem, "%s: ", domain->name);
  domain->problem = problem;
}

static void
start (const QfuConfig *config, QfuDomain *domain)
{
  GError *problem = NULL;
  gboolean running = FALSE;

  if (!qfu_usb_running (config, domain->name, &running, &domain->problem))
    return;
  if (!running) {
    g_set_error (&domain->problem, QFU_ERROR, QFU_ERROR_NOT_RUNNING,
                 "%s: it does not run, and is not started for this; `qvm-start %s` starts it",
                 domain->name, domain->name);
    return;
  }
  domain->listing = qfu_usb_listing_start (config, domain->name, &problem);
  if (domain->listing == NULL)
    set_problem (domain, problem);
}

GPtrArray *
qfu_domains_start (const QfuConfig *config, GError **problem)
{
  g_auto (GStrv) names = qfu_usb_qubes (config, problem);
  GPtrArray *domains = g_ptr_array_new_with_free_func (domain_free);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    QfuDomain *domain = g_new0 (QfuDomain, 1);

    domain->name = g_strdup (names[i]);
    domain->named = qfu_usb_qubes_named (config);
    start (config, domain);
    g_ptr_array_add (domains, domain);
  }
  return domains;
}

/* (nullable): the part of the machine that has @guid. */
static const QfuDevice *
part_with (const QfuMachine *machine, const char *guid)
{
  for (guint i = 0; i < machine->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (machine->devices, i);

    if (device->flags & QFU_DEVICE_INTERNAL && qfu_device_has_guid (device, guid))
      return device;
  }
  return NULL;
}

/* (transfer full) (nullable): which GUID @device must not have. */
static char *
false_claim (const QfuMachine *machine, const QfuDevice *device)
{
  for (gsize i = 0; device->guids[i] != NULL; i++) {
    const char *guid = device->guids[i];
    const QfuDevice *part = part_with (machine, guid);

    if (part != NULL)
      return g_strdup_printf ("%s claims a GUID of %s, which is a part of this machine: %s",
                              device->domain, part->name, guid);
    if (g_ptr_array_find_with_equal_func (machine->hardware, guid, g_str_equal, NULL))
      return g_strdup_printf ("%s claims a GUID by which this machine is known: %s", device->domain,
                              guid);
  }
  return NULL;
}

/* A claim on what is the machine's own makes nothing of it the qube's. */
static void
check_claims (const QfuUsbQube *qube, const QfuMachine *machine)
{
  for (guint i = 0; i < qube->devices->len; i++) {
    QfuDevice *device = g_ptr_array_index (qube->devices, i);
    char *claim = false_claim (machine, device);

    if (claim == NULL)
      continue;
    g_free (device->problem);
    device->problem = claim;
    device->flags &= ~(guint)(QFU_DEVICE_UPDATABLE | QFU_DEVICE_HIDDEN);
  }
}

void
qfu_domains_finish (const GPtrArray *domains, const QfuMachine *machine)
{
  for (guint i = 0; i < domains->len; i++) {
    QfuDomain *domain = g_ptr_array_index (domains, i);
    GError *problem = NULL;

    if (domain->listing == NULL)
      continue;
    domain->qube = qfu_usb_listing_finish (domain->listing, &problem);
    g_clear_pointer (&domain->listing, qfu_usb_listing_free);
    if (domain->qube == NULL)
      set_problem (domain, problem);
    else
      check_claims (domain->qube, machine);
  }
}

const QfuDomain *
qfu_domains_find (const GPtrArray *domains, const char *name)
{
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    if (strcmp (domain->name, name) == 0)
      return domain;
  }
  return NULL;
}

QfuDomainState
qfu_domain_state (const QfuDomain *domain)
{
  if (domain->problem == NULL)
    return QFU_DOMAIN_OK;
  if (g_error_matches (domain->problem, QFU_ERROR, QFU_ERROR_NOT_RUNNING))
    return QFU_DOMAIN_NOT_RUNNING;
  if (g_error_matches (domain->problem, QFU_ERROR, QFU_ERROR_NOT_FOUND) ||
      g_error_matches (domain->problem, QFU_ERROR, QFU_ERROR_UNSUPPORTED))
    return QFU_DOMAIN_NO_AGENT;
  return QFU_DOMAIN_FAILED;
}

const char *
qfu_domain_state_name (const QfuDomain *domain)
{
  static const char *const names[] = {"ok", "not-running", "no-agent", "failed"};

  return names[qfu_domain_state (domain)];
}

gboolean
qfu_domain_fails (const QfuDomain *domain)
{
  QfuDomainState state = qfu_domain_state (domain);

  return state == QFU_DOMAIN_FAILED || (state == QFU_DOMAIN_NO_AGENT && domain->named);
}
