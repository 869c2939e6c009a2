/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-domains.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/* The line above what is in a domain; @domain: (nullable): a USB qube, by whose word it is there;
 * %NULL: dom0. Behind it, why nothing of the qube is known. */
void qfu_domain_say (const QfuOptions *options, const QfuDomain *domain);
/* For who does not ask for domains: the USB qubes of @domains that were left alone, and why. */
void qfu_domains_say_left (const QfuOptions *options, const GPtrArray *domains);
/* Member `domains`: dom0 and all of @domains, and what became of each. */
void qfu_domains_json (JsonBuilder *builder, const GPtrArray *domains);

/**
 * qfu_domains_fail:
 * @domains: (element-type QfuDomain): the USB qubes
 * @problem: (nullable): why it is not known which there are
 * @failure: (inout): what the verb fails with; left alone when there is something
 *
 * At the end of a verb: what keeps it from having done its work for all USB qubes. Of several the
 * first is what it fails with, the others are warned of.
 */
void qfu_domains_fail (const GPtrArray *domains, const GError *problem, GError **failure);
