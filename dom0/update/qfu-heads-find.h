/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-heads.h"
#include "qfu-inventory.h"
#include "qfu-smbios.h"

/**
 * QfuHeadsFound:
 * @smbios: how the machine names itself
 * @running: (nullable): version of Heads that runs; %NULL: it names none
 * @component: the firmware for this board
 * @board: (nullable): what its AppStream id calls the board
 * @reason: why it is for this board
 * @offer: its newest release that can be installed
 *
 * The firmware with Heads for this machine.
 */
typedef struct {
  QfuSmbios smbios;
  char *running;
  const QfuComponent *component;
  char *board;
  QfuHeadsReason reason;
  QfuOffer offer;
} QfuHeadsFound;

/**
 * qfu_heads_check_runs:
 * @found: (out): gets @smbios and @running
 * @error: #QFU_ERROR_NOTHING when this machine does not boot through Heads
 *
 * SMBIOS says it, or [Secrets] Heads= of the configuration.
 */
gboolean qfu_heads_check_runs (const QfuConfig *config,
                               QfuHeadsFound *found,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_heads_check_absent:
 * @error: #QFU_ERROR_REFUSED when this machine boots through Heads
 *
 * Heads keeps its owner's keys in the chip, among the firmware's files: a write of new firmware by
 * anybody else takes them out.
 */
gboolean qfu_heads_check_absent (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_heads_find:
 * @inventory: with everything that metadata offers
 * @wanted: (nullable): what a person calls the board
 * @found: after qfu_heads_check_runs(); gets the rest. It must not outlive @inventory
 * @error: as from qfu_heads_choose(); #QFU_ERROR_NOTHING when there is nothing newer,
 * #QFU_ERROR_REFUSED when there is and it cannot be taken, with the reason
 */
gboolean qfu_heads_find (const QfuInventory *inventory,
                         const QfuOptions *options,
                         const char *wanted,
                         QfuHeadsFound *found,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): what to call the board. */
const char *qfu_heads_found_name (const QfuHeadsFound *found);
void qfu_heads_found_clear (QfuHeadsFound *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuHeadsFound, qfu_heads_found_clear)
