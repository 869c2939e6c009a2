/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/* What the agent in a USB qube says in numbers, in words of ours: no text of a VM is printed. */

/**
 * qfu_usb_word_set:
 * @message: an ERROR of the agent
 * @error: (out): what it means; #QFU_ERROR_PROTOCOL when the agent may not say that
 *
 * Looks at CODE, and at STATUS, the number of fwupd's error plus one, when there is one; never at
 * DETAIL.
 */
void qfu_usb_word_set (const QfuMessage *message, GError **error);

/* (nullable): what fwupd is doing when its status has this number; %NULL when that says nothing. */
const char *qfu_usb_word_doing (guint64 status);
