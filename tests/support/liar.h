/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-message.h"

/* Puts worker programs into @directory that answer any request with @messages (an array of
 * QfuMessage, DATA among them) and, when @end, with END; and makes @config use them. What an owned
 * worker could do. */
void
liar_install (QfuConfig *config, const char *directory, const GPtrArray *messages, gboolean end);
