/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-forecast.h"
#include "qfu-rom.h"

/**
 * QfuRecipeWork:
 * @replay: the present boot's events
 * @pcrs: present PCRs
 * @old_image: the chip's contents of the present boot
 * @old_rom: what worker `rom` says of them
 * @new_image: what the chip will hold
 * @new_rom: what worker `rom` says of it
 * @warnings: (element-type QfuWarning): added to
 * @objects: (element-type QfuMeasuredObject): added to
 * @out: what the forecast is made from; a recipe fills @next, @bank, @changed, @doubt, and in
 * @explained what it can prove beyond the logs
 *
 * What a recipe is given, and what it makes.
 */
typedef struct {
  const QfuReplay *replay;
  const QfuPcrSet *pcrs;
  const QfuUntrustedBlob *old_image;
  const QfuRom *old_rom;
  const QfuUntrustedBlob *new_image;
  const QfuRom *new_rom;
  GArray *warnings;
  GArray *objects;
  QfuForecastInput out;
} QfuRecipeWork;

/**
 * QfuRecipe:
 * @name: of the kind of firmware, for messages
 * @fits: whether image and log of the present boot are of this kind
 * @foresee: tells the next boot's extends; %FALSE with #QFU_ERROR_PREDICTION when it has to guess
 *
 * How firmware of one kind measures. To add a kind is a file with such a row, and its line in
 * qfu-recipe.c.
 *
 * Trust: a recipe runs in a privileged process. It reads no byte of an image, only hashes and
 * compares ranges; what ranges those are is a worker's claim.
 */
typedef struct {
  const char *name;
  gboolean (*fits) (const QfuRecipeWork *work);
  gboolean (*foresee) (QfuRecipeWork *work, GError **error);
} QfuRecipe;

/* The rows. */
extern const QfuRecipe qfu_recipe_coreboot;
extern const QfuRecipe qfu_recipe_uefi;

/* (transfer none): the recipe of the present boot; %NULL with #QFU_ERROR_PREDICTION without one. */
const QfuRecipe *qfu_recipe_for (const QfuRecipeWork *work, GError **error);

typedef struct {
  char *code; /* stable lower-case word with dashes */
  char *message;
} QfuWarning;

/* (transfer full) (element-type QfuWarning): an empty array that clears its elements. */
GArray *qfu_warnings_new (void);

/* Adds a warning, once a code and message. */
void qfu_recipe_warn (QfuRecipeWork *work, const char *code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Sets #QFU_ERROR_PREDICTION; @detail (nullable) names the object. Returns %FALSE. */
gboolean qfu_recipe_refuse (GError **error, const char *what, const char *detail);
/* Whether any byte of the image changes. */
gboolean qfu_recipe_image_changes (const QfuRecipeWork *work);
/* Appends the event to the next boot's extends as it stands in the log. */
void qfu_recipe_keep (QfuRecipeWork *work, const QfuEvent *event);
