/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Names of the types of events: the TCG PC Client Platform Firmware Profile's, and those of a
 * dynamic launch, of Intel's TXT and of TrenchBoot's Secure Launch. */

/* (transfer none): such as "EV_SEPARATOR"; "unknown" for others. */
const char *qfu_event_type_name (guint type);
