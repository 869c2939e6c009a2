/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-heads-find.h"

#include <json-glib/json-glib.h>

/**
 * qfu_heads_run:
 * @inventory: with everything that metadata offers
 * @found: from qfu_heads_find()
 * @builder: inside an object, gets its members
 * @error: #QFU_ERROR_NOTHING when exactly this firmware lies ready; #QFU_ERROR_REFUSED when the
 * image is for another board, or the folder of its version holds something else
 *
 * Fetches and checks the firmware, says what it changes, and puts it into the boot folder, from
 * where Heads writes it. The chip is not written.
 */
gboolean qfu_heads_run (QfuInventory *inventory,
                        const QfuOptions *options,
                        const QfuHeadsFound *found,
                        JsonBuilder *builder,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
