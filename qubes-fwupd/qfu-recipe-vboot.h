/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-recipe.h"
#include "qfu-vboot.h"

/* vboot's part of coreboot's recipe: the slot, and the values that no file's digest gives. */

/**
 * QfuVbootProof:
 * @event: (nullable): the event that logs the value; %NULL: no log has it
 * @pcr: that it extends
 * @proven: banks in which the present value of @pcr proves it, a bit each
 *
 * One value of the present boot.
 */
typedef struct {
  const QfuEvent *event;
  guint pcr;
  guint proven;
} QfuVbootProof;

/**
 * QfuVbootBoot:
 * @slot: index of the region FW_MAIN_A or FW_MAIN_B that was booted; -1: none, or no vboot
 * @block: (nullable): its keyblock
 * @mode: the present mode; -1: not known
 * @values: by #QfuVbootValue
 *
 * What vboot did at the present boot.
 */
typedef struct {
  int slot;
  const QfuRomVblock *block;
  int mode;
  QfuVbootProof values[QFU_VBOOT_N_VALUES];
} QfuVbootBoot;

/**
 * qfu_recipe_vboot_present:
 * @objects: (element-type QfuObject): what was measured, as one answer of qfu_locate()
 * @boot: (out): what vboot did if that is so
 *
 * Finds the values in the log, or by trying which of the possible ones give the present PCRs.
 *
 * Returns: how many values are proven
 */
guint
qfu_recipe_vboot_present (const QfuRecipeWork *work, const GArray *objects, QfuVbootBoot *boot);

/* Notes as explained what the values of @boot explain beyond the logs, and why a PCR is not. */
void qfu_recipe_vboot_explain (QfuRecipeWork *work, const QfuVbootBoot *boot);

/**
 * qfu_recipe_vboot_next:
 * @hash: that the new image extends with
 * @value: which value
 * @next: (out): the extend of the next boot; only its PCR is set when no value can be told
 *
 * The same value at the next boot. It is taken from the place of the new image where the present
 * boot proves that it stands, or stays.
 */
void qfu_recipe_vboot_next (QfuRecipeWork *work,
                            const QfuVbootBoot *boot,
                            QfuHash hash,
                            QfuVbootValue value,
                            QfuNextEvent *next);

/* Refuses when the slot cannot be booted any more; warns when the next boot may take the other. */
gboolean qfu_recipe_vboot_slot (QfuRecipeWork *work,
                                const QfuVbootBoot *boot,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether what vboot reads is another in the new image. */
gboolean qfu_recipe_vboot_differs (const QfuRecipeWork *work);
