/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-fwupd-calls.h"
#include "qfu-usbqube.h"

/**
 * QfuDomain:
 * @name: the USB qube's name, never %QFU_DOM0
 * @named: whether a person named it in the configuration, so that it has to have an agent
 * @listing: (nullable): its answer is under way, until qfu_domains_finish()
 * @qube: (nullable): what it has answered
 * @problem: (nullable): why it has not, naming it; set when there is no @qube
 *
 * A USB qube. The devices of its @qube have its name for their domain.
 */
typedef struct {
  char *name;
  gboolean named;
  QfuUsbListing *listing;
  QfuUsbQube *qube;
  GError *problem;
} QfuDomain;

/**
 * QfuDomainState:
 * @QFU_DOMAIN_OK: it has answered
 * @QFU_DOMAIN_NOT_RUNNING: it does not run, and was left alone
 * @QFU_DOMAIN_NO_AGENT: it has no agent of ours, or no fwupd
 * @QFU_DOMAIN_FAILED: something else is wrong
 */
typedef enum {
  QFU_DOMAIN_OK,
  QFU_DOMAIN_NOT_RUNNING,
  QFU_DOMAIN_NO_AGENT,
  QFU_DOMAIN_FAILED,
} QfuDomainState;

/**
 * qfu_domains_start:
 * @config: which USB qubes there are; must outlive the domains
 * @problem: (out): why it is not known which ones there are
 *
 * Asks every USB qube that runs for its devices, all at once. None is started.
 *
 * Returns: (transfer full) (element-type QfuDomain): in the order of the configuration; empty on a
 * machine without USB qubes, and with a @problem
 */
GPtrArray *qfu_domains_start (const QfuConfig *config, GError **problem) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_domains_finish:
 * @domains: from qfu_domains_start()
 * @machine: this machine
 *
 * Waits for the answers. Then each domain has a @qube or a @problem. A device that claims a GUID of
 * a part of @machine, or one by which @machine is known, keeps that as its problem and is not
 * updatable.
 *
 * Trust: what the devices are is the qubes' word; every value is within its range.
 */
void qfu_domains_finish (const GPtrArray *domains, const QfuMachine *machine);

/* (transfer none) (nullable): the one of that name. */
const QfuDomain *qfu_domains_find (const GPtrArray *domains, const char *name);

/* What became of the question. */
QfuDomainState qfu_domain_state (const QfuDomain *domain);
/* (transfer none): "ok", "not-running", "no-agent" or "failed", as --json says it. */
const char *qfu_domain_state_name (const QfuDomain *domain);
/* Whether its problem makes a verb fail, once everything else is done: not that of a qube that does
 * not run, nor that of one without agent which nobody has named. */
gboolean qfu_domain_fails (const QfuDomain *domain);
