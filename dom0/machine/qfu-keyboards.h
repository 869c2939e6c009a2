/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * qfu_keyboards_count:
 * @config: where the kernel lists them
 *
 * Returns: how many keyboards are connected to this machine itself. One that a program makes, as
 * the input proxy does for those of a USB qube, is none; nor are buttons and remote controls. What
 * cannot be read counts for none.
 */
guint qfu_keyboards_count (const QfuConfig *config);
