/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-domains.h"
#include "qfu-offer.h"
#include "qfu-options.h"
#include "qfu-route.h"
#include "qfu-sources.h"

/**
 * QfuInventory:
 * @config: the configuration, not owned
 * @remotes: (element-type QfuRemote): fwupd's
 * @machine: fwupd's devices, and what machine this is
 * @domains: (element-type QfuDomain): the USB qubes that were asked; empty when none was
 * @domains_problem: (nullable): why it is not known which USB qubes there are
 * @devices: (element-type QfuDevice): those of @machine, then those of the qubes
 * @hardware: (array zero-terminated): the machine's hardware ids
 * @identity: (array zero-terminated): these and the GUIDs of its own devices: by what metadata may
 * name the machine
 * @sources: (element-type QfuSource): verified metadata of the remotes
 * @route: (nullable): the VMs that cabs come from, by qfu_inventory_route()
 *
 * What this machine has and what there is for it.
 */
typedef struct {
  const QfuConfig *config;
  GPtrArray *remotes;
  QfuMachine *machine;
  GPtrArray *domains;
  GError *domains_problem;
  GPtrArray *devices;
  char **hardware;
  char **identity;
  GPtrArray *sources;
  QfuRoute *route;
} QfuInventory;

/* Asks fwupd and verifies the cached metadata; @now: from qfu_clock_now(). Warns about stale
 * metadata. No USB qube is asked. */
QfuInventory *
qfu_inventory_load (const QfuConfig *config, gint64 now, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with the devices of the USB qubes, as qfu_domains_start(), qfu_domains_finish(). A qube
 * that does not answer is no error here. @wanted: (nullable): which device is meant; `dom0:DEVICE`
 * waits for no qube. */
QfuInventory *qfu_inventory_load_domains (const QfuConfig *config,
                                          const char *wanted,
                                          gint64 now,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with everything that metadata offers, for whatever device. */
QfuInventory *qfu_inventory_load_all (const QfuConfig *config,
                                      gint64 now,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same without a source: what can be known before any metadata was fetched. */
QfuInventory *qfu_inventory_machine (const QfuConfig *config,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_inventory_free (QfuInventory *inventory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuInventory, qfu_inventory_free)

/* Sets @route, once: whatever is fetched for one call of the program, a VM that does not answer is
 * waited for once. As qfu_vms_route(). */
gboolean qfu_inventory_route (QfuInventory *inventory,
                              const QfuOptions *options,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* #QFU_ERROR_STALE when metadata of one remote is stale and nobody is there: a mirror that holds
 * back newer firmware of one remote must not go unnoticed because another has some. */
gboolean qfu_inventory_check_fresh (const QfuInventory *inventory,
                                    const QfuOptions *options,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What counts for releases of @source (%NULL: for a cab that no metadata names) on @device (%NULL:
 * on one of this machine's own): whose fwupd installs it. */
QfuPolicy qfu_inventory_policy (const QfuInventory *inventory,
                                const QfuOptions *options,
                                const QfuDevice *device,
                                const QfuSource *source);

/**
 * qfu_inventory_offer:
 * @device: one of the inventory's
 * @offer: (out): the newest release of all sources that fits
 * @error: #QFU_ERROR_NOTHING when there is none; why a newer one does not fit is in the text;
 * #QFU_ERROR_REFUSED: which one follows is a USB qube's word, so a person has to name it
 */
gboolean qfu_inventory_offer (const QfuInventory *inventory,
                              const QfuOptions *options,
                              const QfuDevice *device,
                              QfuOffer *offer,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): the one device that @wanted means, as qfu_select_device(); an error says also
 * which USB qube has not been looked through, and why. */
QfuDevice *qfu_inventory_device (const QfuInventory *inventory,
                                 const char *wanted,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_inventory_select:
 * @wanted: (nullable): as for qfu_inventory_device(); %NULL: every updatable device
 * @error: as from qfu_inventory_device()
 *
 * Returns: (transfer container) (element-type QfuDevice)
 */
GPtrArray *qfu_inventory_select (const QfuInventory *inventory,
                                 const char *wanted,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
