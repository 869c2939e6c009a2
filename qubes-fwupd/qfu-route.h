/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-process.h"

#define QFU_ROUTE_SERVICE "qubes.FwupdFetch" /* the agent's name */

/**
 * QfuRoute:
 *
 * The VMs that files can come from, in the order in which they are tried, and which of them it is
 * at present. A verb makes one and gives it to each of its fetches, so that a VM that does not
 * answer is waited for once.
 */
typedef struct _QfuRoute QfuRoute;

/* @text: a VM that is passed over, why, and which one is next; for people. */
typedef void (*QfuRouteFunc) (const char *text, gpointer user);

/**
 * qfu_route_new:
 * @config: which transport, and its VMs; must outlive the route
 * @tor: whether the VMs (the command) for Tor are meant, and no others
 * @notice: (nullable): is told of a VM that is passed over
 * @user: for @notice
 * @error: #QFU_ERROR_USAGE: there are none for Tor; or as from qfu_qubesd_update_vm()
 *
 * Returns: (transfer full): the route, or %NULL
 */
QfuRoute *qfu_route_new (const QfuConfig *config,
                         gboolean tor,
                         QfuRouteFunc notice,
                         gpointer user,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_route_free (QfuRoute *route);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRoute, qfu_route_free)

/* (transfer none) (array zero-terminated): the names of the VMs that are left, the present one
 * first; none when the transport has no names. */
const char *const *qfu_route_vms (const QfuRoute *route);
/* (transfer none): what to call the present one in messages. */
const char *qfu_route_peer (const QfuRoute *route);
/* (transfer full): the command line that reaches the agent in the present one. */
char **qfu_route_argv (const QfuRoute *route, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the client that reaches it, started; the VM, too, when it does not run, but for
 * one that qfu_route_keep_running() has let be. */
QfuProcess *qfu_route_start (QfuRoute *route, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sets #QFU_ERROR_UNREACHABLE: what it means that the client ended before the agent was done;
 * returns %FALSE. */
gboolean qfu_route_explain_exit (const QfuRoute *route, int status, GError **error);

/**
 * qfu_route_next:
 * @why: what is wrong with the present one
 *
 * Gives the present one up for as long as there is this route.
 *
 * Returns: %FALSE: it was the last one, and stays the present one
 */
gboolean qfu_route_next (QfuRoute *route, const char *why) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_route_keep_running:
 * @may_start: whether the first of the VMs may be started when none of them runs
 * @error: #QFU_ERROR_NOT_RUNNING: none runs; or as from qfu_qubesd_running(), qfu_qubesd_start()
 *
 * For a run that nobody waits for: gives up the VMs that do not run, silently, so that none is
 * called, and started by that. A transport whose VMs have no names is left as it is.
 */
gboolean qfu_route_keep_running (QfuRoute *route,
                                 gboolean may_start,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The transports. What one is made of: @peers returns (transfer full) the names of the VMs, or what
 * to call the one that has none; @argv (transfer full) the command line that reaches the agent
 * there. A transport is two such functions in a file of its own, and one row in qfu-route.c.
 */
char **qfu_transport_qrexec_peers (const QfuConfig *config,
                                   gboolean tor,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **qfu_transport_qrexec_argv (const QfuConfig *config,
                                  gboolean tor,
                                  const char *vm,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **qfu_transport_exec_peers (const QfuConfig *config,
                                 gboolean tor,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
char **qfu_transport_exec_argv (const QfuConfig *config,
                                gboolean tor,
                                const char *peer,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
