/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/**
 * qfu_message_add_name:
 * @field: a text
 * @name: (nullable): what people call something, in UTF-8; %NULL adds nothing
 *
 * Adds a name that is only read: a frame has ASCII alone, and a trade mark is better read as (TM)
 * than as question marks. Not for what is compared, which two names might become the same by.
 */
void qfu_message_add_name (QfuMessage *message, QfuField field, const char *name);
