/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/**
 * QfuRegionRule:
 * @QFU_RULE_UPDATE: takes the new image's bytes
 * @QFU_RULE_PRESERVE: keeps the chip's bytes
 * @QFU_RULE_MUST_EQUAL: keeps the chip's bytes, which must be the new image's
 */
typedef enum { QFU_RULE_UPDATE = 1, QFU_RULE_PRESERVE = 2, QFU_RULE_MUST_EQUAL = 3 } QfuRegionRule;

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

/**
 * QfuComposed:
 * @image: what the chip will hold: new where updatable, old everywhere else
 * @updatable: (element-type QfuRange): the ranges that may differ from the old chip, ascending, not
 * touching each other
 * @changed: (element-type QfuRange): the erase-aligned parts of @updatable that do differ; empty
 * when there is nothing to write
 *
 * The composed image. Predictor and plugin call the same function, so that both speak of the same
 * bytes.
 */
typedef struct {
  QfuUntrustedBlob *image;
  GArray *updatable;
  GArray *changed;
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
