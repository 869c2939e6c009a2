/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-recipe.h"

/* What a replay of coreboot's present boot cannot be sure of. */

/* Warns of what no PCR shows, and of files that another boot path could load; @objects are what the
 * present boot measured. */
void qfu_recipe_doubt_path (QfuRecipeWork *work, const GArray *objects);
/* Takes what the payload extended for the next boot only where that is valid; @payload_changed:
 * whether the payload's bytes change. */
void qfu_recipe_doubt_tail (QfuRecipeWork *work, gboolean payload_changed);
