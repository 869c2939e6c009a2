/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "forged.h"
#include "qfu-recipe.h"

/* What a recipe is given, made of forged maps and logs. */
typedef struct {
  QfuUntrustedBlob *old_image;
  QfuUntrustedBlob *new_image;
  QfuRom *old_rom;
  QfuRom *new_rom;
  QfuEventLog *log;
  QfuReplay *replay;
  QfuPcrSet pcrs;
  QfuRecipeWork work;
} RecipeFixture;

/* Images of these bytes, with empty maps, and an empty log. */
void recipe_set_up (RecipeFixture *f, const char *old_bytes, const char *new_bytes);
void recipe_tear_down (RecipeFixture *f);
/* Makes the PCRs what the log gives when @n extends of PCR @pcr, SHA-256, came before it, and the
 * work complete. */
void recipe_boot (RecipeFixture *f, guint pcr, const QfuDigest *extends, gsize n);
/* Whether there is a warning of that code. */
gboolean recipe_warned (const RecipeFixture *f, const char *code);
/* (transfer none) (nullable): why the PCR, SHA-256, is not forecast. */
const char *recipe_doubt (const RecipeFixture *f, guint pcr);
/* vboot's structures: a GBB, or a keyblock in the last region. */
void recipe_hwid (QfuRom *rom, guint8 fill);
void recipe_vblock (QfuRom *rom, guint flags, guint key_version, guint firmware_version);
