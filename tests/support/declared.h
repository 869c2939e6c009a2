/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-manifest.h"

/* Manifests as a vendor would make them. */

/* (transfer full): of version 1.2: area FMAP and file bootblock of COREBOOT, and a recipe that
 * measures both into PCR 2. */
QfuManifest *declared_small (void);
/* (transfer full): so many files in one area, and recipes of so many steps each. */
QfuManifest *declared_many (guint objects, guint recipes, guint steps);
/* (transfer full): a CoRIM of exactly @size bytes, a few hundred thousand. */
GBytes *declared_corim_of_size (gsize size);
