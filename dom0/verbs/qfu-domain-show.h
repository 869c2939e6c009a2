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

/* For a verb that is about one device, before a person chooses it: which qubes could not be asked.
 * @problem: (nullable): why it is not known which there are. */
void qfu_domains_warn (const QfuOptions *options, const GPtrArray *domains, const GError *problem);

/**
 * qfu_domains_end:
 * @domains: (element-type QfuDomain) (nullable): the USB qubes; %NULL when only one device was
 * meant
 * @problem: (nullable): why it is not known which there are
 * @failure: (transfer full) (nullable): what the verb fails with already
 * @error: @failure, or the first of what keeps the verb from having done its work for all USB
 * qubes; the others are warned of
 *
 * The end of a verb.
 */
gboolean qfu_domains_end (const GPtrArray *domains,
                          const GError *problem,
                          GError *failure,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
