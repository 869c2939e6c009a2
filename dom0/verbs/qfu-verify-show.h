/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"
#include "qfu-vouch.h"

#include <json-glib/json-glib.h>

/* What `verify` says, each on standard output or as a member of the object that @builder is in. */

/* Member `items`: every file of the cab. */
void
qfu_verify_show_items (const QfuOptions *options, JsonBuilder *builder, const GPtrArray *items);

/* Member `component`: what the signed metainfo says; null when there is none. */
void qfu_verify_show_component (const QfuOptions *options,
                                JsonBuilder *builder,
                                const QfuCabReport *report);

/* Members `container` and `metadata`: whether anybody vouches for the cabinet itself. @voucher:
 * (nullable): none was asked. */
void qfu_verify_show_voucher (const QfuOptions *options,
                              JsonBuilder *builder,
                              const QfuVoucher *voucher);

/* Member `devices`: those of this machine that it is for; null when that cannot be said, which is
 * no fault of the cab. */
void qfu_verify_show_devices (const QfuConfig *config,
                              const QfuOptions *options,
                              JsonBuilder *builder,
                              const QfuCabReport *report);
