/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/**
 * QfuRegionRule:
 * @QFU_RULE_UPDATE: takes the new image's bytes
 * @QFU_RULE_PRESERVE: keeps the chip's bytes
 * @QFU_RULE_MUST_EQUAL: keeps the chip's bytes, which must be the new image's
 * @QFU_RULE_NEVER: no byte of it is written, and no erase block that it shares. What an Intel
 * descriptor names is not even read, and counts as 0xff everywhere
 *
 * What an update does to a region; each rule is stricter than the one before it.
 */
typedef enum {
  QFU_RULE_UPDATE = 1,
  QFU_RULE_PRESERVE = 2,
  QFU_RULE_MUST_EQUAL = 3,
  QFU_RULE_NEVER = 4,
} QfuRegionRule;

/**
 * QfuLayout:
 *
 * A file of data/layouts: which rule every region follows. The format is in schemas/layout.md.
 */
typedef struct _QfuLayout QfuLayout;

/* @name: without folder and suffix; @error: #QFU_ERROR_USAGE naming file, key and the allowed
 * rules. */
QfuLayout *qfu_layout_load (const QfuConfig *config,
                            const char *name,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_layout_free (QfuLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuLayout, qfu_layout_free)

/* The rule of the region called @region, listed or by default. */
QfuRegionRule qfu_layout_rule (const QfuLayout *layout, const char *region);

/**
 * QfuStep:
 * @name: for people: the regions that it writes
 * @ranges: (element-type QfuRange): whole erase blocks, ascending, not touching each other
 * @window: whether a cut in the middle of it can leave a machine that does not boot without an
 * external programmer
 *
 * What is written together. A step is read back and compared before the next one begins.
 */
typedef struct {
  char *name;
  GArray *ranges;
  gboolean window;
} QfuStep;

/* @name: (transfer full); @ranges: (transfer full) */
QfuStep *qfu_step_new (char *name, GArray *ranges, gboolean window);
void qfu_step_free (QfuStep *step);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuStep, qfu_step_free)

/**
 * QfuComposed:
 * @image: what the chip will hold: new where updatable, old everywhere else; 0xff where @unread
 * @updatable: (element-type QfuRange): the ranges that may differ from the old chip, ascending, not
 * touching each other
 * @preserved: (element-type QfuRange): the ranges of rule preserve, ascending: running firmware may
 * change them at any time
 * @changed: (element-type QfuRange): the erase blocks in which @image differs from the chip,
 * ascending, not touching each other; empty when there is nothing to write
 * @steps: (element-type QfuStep): the same blocks, each in one step, in the order of writing
 * @unread: (element-type QfuRange): what is neither read nor written, ascending
 *
 * The composed image. Predictor and plugin call the same function, so that both speak of the same
 * bytes.
 */
typedef struct {
  QfuUntrustedBlob *image;
  GArray *updatable;
  GArray *preserved;
  GArray *changed;
  GPtrArray *steps;
  GArray *unread;
} QfuComposed;

#define QFU_ERASE_BLOCK 4096 /* bytes; the finest erase granularity of SPI NOR flash */

/**
 * qfu_layout_compose:
 * @layout: the rules
 * @old_chip: the chip's present contents
 * @old_rom: what worker `rom` says of them
 * @new_image: the image to install
 * @new_rom: what worker `rom` says of it
 * @error: #QFU_ERROR_REFUSED when sizes, boards or flash maps do not fit, or a must-equal region
 * differs; the text names the region
 *
 * Trust: both images are untrusted; the maps only choose ranges, each of which lies inside both
 * images.
 */
QfuComposed *qfu_layout_compose (const QfuLayout *layout,
                                 const QfuUntrustedBlob *old_chip,
                                 const QfuRom *old_rom,
                                 const QfuUntrustedBlob *new_image,
                                 const QfuRom *new_rom,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_composed_free (QfuComposed *composed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuComposed, qfu_composed_free)
