/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "qfu-build.h"

#define QFU_AGENT_CONFIG QFU_SYSCONFDIR "/qubes-fwupd/agent.conf"

/**
 * QfuAgentConfig:
 * @ca_file: PEM certificates that may vouch for the mirror; empty: those of the system
 * @proxy: URL of a proxy; empty: none; "environment": what https_proxy says
 * @metered: "yes" or "no": whether the connection is metered; "auto": what NetworkManager says
 * @connect_seconds: until TCP and TLS stand
 * @idle_seconds: without a byte
 * @total_seconds: for the whole call
 *
 * The agent's settings, from group [Agent] of agent.conf and of its drop-ins,
 * agent.conf.d/NAME.conf. data/agent.conf documents the keys.
 */
typedef struct {
  char *ca_file;
  char *proxy;
  char *metered;
  guint connect_seconds;
  guint idle_seconds;
  guint total_seconds;
} QfuAgentConfig;

/**
 * qfu_agent_config_load:
 * @path: (nullable): the file; %NULL reads QFU_AGENT_CONFIG, whose absence gives the defaults
 * @error: #QFU_ERROR_USAGE naming file, line, key, value and what is allowed
 */
QfuAgentConfig *qfu_agent_config_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_agent_config_free (QfuAgentConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuAgentConfig, qfu_agent_config_free)
