/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-component.h"
#include "qfu-device.h"
#include "qfu-remote-rules.h"

/**
 * QfuPolicy:
 * @fwupd_version: (nullable): version of the fwupd that will install
 * @hardware: (array zero-terminated) (nullable): GUIDs that say what machine this is: its hardware
 * ids; %NULL when they are not known
 * @allow_older: whether a release below the present version counts
 * @allow_reinstall: whether a release equal to the present version counts
 * @remote: (nullable): id of the remote whose metadata offers the release; %NULL: none does
 * @rules: what that remote may offer; without @remote nothing of it counts
 *
 * What the machine is, the person wants and the configuration grants.
 */
typedef struct {
  const char *fwupd_version;
  const char *const *hardware;
  gboolean allow_older;
  gboolean allow_reinstall;
  const char *remote;
  QfuRemoteRules rules;
} QfuPolicy;

/**
 * qfu_requirement_holds:
 * @requirement: a condition
 * @device: the device to install on
 * @policy: what the machine is
 * @reason: (out) (transfer full): why it does not hold, for people
 *
 * A requirement that is not understood never holds. A hint for a phased roll-out is no condition:
 * it spreads load and is the client's to ignore.
 */
gboolean qfu_requirement_holds (const QfuRequirement *requirement,
                                const QfuDevice *device,
                                const QfuPolicy *policy,
                                char **reason) G_GNUC_WARN_UNUSED_RESULT;
