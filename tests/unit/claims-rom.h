/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/* What a worker `rom` claims, as much as it is told: @n of a frame behind what has to come before.
 */
void claims_regions (GPtrArray *frames, guint64 n);
void claims_unused (GPtrArray *frames, guint64 n);
void claims_files (GPtrArray *frames, guint64 n);
void claims_volumes (GPtrArray *frames, guint64 n);
void claims_settings (GPtrArray *frames, guint64 n);

/* Writes the flash map that the frames claim, and empty files behind it, for the claims to be true.
 */
void claims_write_map (const GPtrArray *frames, guint8 *data);

/* Adds a frame with a name of that number, and a number to the last frame. */
void claims_named (GPtrArray *frames, QfuFrameType type, QfuField field, guint number);
void claims_add_number (GPtrArray *frames, QfuField field, guint64 value);
