/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * QfuPower:
 * @battery: whether the machine has a battery of its own
 * @mains: whether it is fed from outside; always when there is no battery
 * @percent: of the fullest battery; -1 when none says so
 *
 * What keeps the machine on.
 */
typedef struct {
  gboolean battery;
  gboolean mains;
  gint percent;
} QfuPower;

/**
 * qfu_power_read:
 * @config: where the kernel lists power supplies
 * @power: (out): what it says
 * @error: #QFU_ERROR_IO when the folder is there and cannot be read
 *
 * A machine of which the kernel knows no battery is fed from outside: it could not run otherwise.
 * Batteries of mice and headsets do not count.
 */
gboolean
qfu_power_read (const QfuConfig *config, QfuPower *power, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_power_check:
 * @config: the least charge of a battery, too
 * @error: #QFU_ERROR_REFUSED saying what is missing
 *
 * Whether the machine will stay on for the minutes that writing a chip takes: fed from outside, and
 * with a battery, if it has one, that would bridge a plug that is pulled.
 */
gboolean qfu_power_check (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
