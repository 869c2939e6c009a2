/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Loads the system-call filter of workers; %FALSE with errno when it cannot. There is no way to
 * take it off again. */
gboolean qfu_sandbox_calls_lock (void) G_GNUC_WARN_UNUSED_RESULT;
