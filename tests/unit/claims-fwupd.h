/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-flags.h"
#include "qfu-message.h"

/* What qfu-fwupd claims of fwupd: @n is how many, or the value, that a limit is about. */
void claims_setting (GPtrArray *frames, const char *name, const char *value);
void claims_history (GPtrArray *frames, guint64 n);
void claims_reports (GPtrArray *frames, guint64 n);
void claims_update_state (GPtrArray *frames, guint64 n);
void claims_attributes (GPtrArray *frames, guint64 n);
void claims_attribute_level (GPtrArray *frames, guint64 n);
void claims_attribute_flags (GPtrArray *frames, guint64 n);
