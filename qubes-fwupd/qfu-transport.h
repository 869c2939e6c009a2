/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"
#include "qfu-route.h"
#include "qfu-wire-table.h"

/**
 * QfuFetch:
 * @kind: what the file is
 * @url: where it is; qfu_url_check() must accept it
 * @maximum: the largest size in bytes that is wanted, 1 to QFU_TRANSPORT_MAX
 * @sha256: (nullable): the digest of the whole file, when it is known
 * @partial: (nullable): cabs: what an earlier call left in @remains, to go on from there
 * @remains: (out) (nullable): cabs: where to put what had arrived when a call was cut; set to %NULL
 * when nothing usable had
 * @flags: #QfuRequestFlags; with any, an agent of an older version says that it does not understand
 * @route: (nullable): the VMs to ask; %NULL: those of the configuration without Tor
 *
 * One file that is wanted from the UpdateVM.
 */
typedef struct {
  QfuFetchKind kind;
  const char *url;
  guint64 maximum;
  const QfuDigest *sha256;
  const QfuUntrustedBlob *partial;
  QfuUntrustedBlob **remains;
  guint flags;
  QfuRoute *route;
} QfuFetch;

/* @done bytes of @total (0: unknown) are here. */
typedef void (*QfuProgressFunc) (guint64 done, guint64 total, gpointer user);

/**
 * qfu_transport_fetch:
 * @config: which transport, and its deadlines
 * @fetch: what is wanted
 * @progress: (nullable): called after every frame with bytes of the file
 * @user: for @progress
 * @error: #QFU_ERROR_UNREACHABLE (VM, agent or mirror), #QFU_ERROR_NOT_FOUND (the mirror has no
 * such file), #QFU_ERROR_LIMIT (too large or too slow), #QFU_ERROR_PROTOCOL, #QFU_ERROR_MISMATCH
 * (not the SHA-256 that was asked for), #QFU_ERROR_USAGE (the address or the configuration),
 * #QFU_ERROR_METERED and #QFU_ERROR_OFFLINE (only when the flags ask for them)
 *
 * Calls the agent in the UpdateVM for one file. The next VM of the route is asked when one cannot
 * be reached, has no agent, or does not answer; once an agent has answered, what it says counts.
 * Whatever a VM does, its call ends within the deadlines, the client and what it started are gone,
 * at most @maximum bytes were kept, and no text of the VM is in @error.
 *
 * Trust: the bytes are the VM's.
 *
 * Returns: (transfer full): the whole file, or %NULL
 */
QfuUntrustedBlob *qfu_transport_fetch (const QfuConfig *config,
                                       const QfuFetch *fetch,
                                       QfuProgressFunc progress,
                                       gpointer user,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
