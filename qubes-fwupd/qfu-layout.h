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
 * A file of data/layouts: which rule every region follows, and in which order they are written. The
 * format is in schemas/layout.md.
 */
typedef struct _QfuLayout QfuLayout;

#define QFU_LAYOUT_AUTO "auto"

/**
 * qfu_layout_load:
 * @name: without folder and suffix, or #QFU_LAYOUT_AUTO: the files of the folder that say which
 * regions they need, of which qfu_layout_pick() takes one
 * @error: #QFU_ERROR_USAGE naming file, key and what is allowed
 */
QfuLayout *qfu_layout_load (const QfuConfig *config,
                            const char *name,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_layout_free (QfuLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuLayout, qfu_layout_free)

/**
 * qfu_layout_pick:
 * @rom: the chip
 * @error: #QFU_ERROR_REFUSED when the chip lacks a region that the layout needs, or when none of
 * those to choose from fits, or several do
 *
 * Returns: (transfer none): @layout itself, or the one of #QFU_LAYOUT_AUTO that needs most of what
 * the chip has
 */
const QfuLayout *qfu_layout_pick (const QfuLayout *layout,
                                  const QfuRom *rom,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The file's name without folder and suffix. */
const char *qfu_layout_name (const QfuLayout *layout);
/* The rule of the region called @region, listed or by default; of #QFU_LAYOUT_AUTO the strictest of
 * those to choose from. */
QfuRegionRule qfu_layout_rule (const QfuLayout *layout, const char *region);
/* Whether the layout lists the region by name. */
gboolean qfu_layout_lists (const QfuLayout *layout, const char *region);
/* The rule of bytes that no region with a rule covers. */
QfuRegionRule qfu_layout_outside (const QfuLayout *layout);
/* The step that names the region, from 1; 0: none does. */
guint qfu_layout_step (const QfuLayout *layout, const char *region);
/* Whether nothing boots without the region. @region: (nullable): %NULL: bytes outside of all. */
gboolean qfu_layout_window (const QfuLayout *layout, const char *region);
/* Whether the region, or CBFS file, of that name is written after all others of its window. */
gboolean qfu_layout_last (const QfuLayout *layout, const char *name);

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

/* A region of the chip that the new flash map has elsewhere: its contents follow it. */
typedef struct {
  char *name;
  guint64 from;
  guint64 to;
  guint64 size;
} QfuMove;

/**
 * QfuComposed:
 * @image: what the chip will hold: new where updatable, old everywhere else; 0xff where @unread
 * @layout: name of the layout that it is composed by
 * @updatable: (element-type QfuRange): the ranges that may differ from the old chip, ascending, not
 * touching each other
 * @preserved: (element-type QfuRange): the ranges of the rules preserve and never that are read,
 * ascending: whoever they belong to may change them at any time
 * @changed: (element-type QfuRange): the erase blocks in which @image differs from the chip,
 * ascending, not touching each other; empty when there is nothing to write
 * @steps: (element-type QfuStep): the same blocks, each in one step, in the order of writing
 * @unread: (element-type QfuRange): what is neither read nor written, ascending
 * @kept: (element-type utf8): the regions that keep their contents at their place
 * @moved: (element-type QfuMove): the regions that keep their contents at another place
 *
 * The composed image. Predictor and plugin call the same function, so that both speak of the same
 * bytes.
 */
typedef struct {
  QfuUntrustedBlob *image;
  char *layout;
  GArray *updatable;
  GArray *preserved;
  GArray *changed;
  GPtrArray *steps;
  GArray *unread;
  GPtrArray *kept;
  GArray *moved;
} QfuComposed;

#define QFU_ERASE_BLOCK 4096 /* bytes; the finest erase granularity of SPI NOR flash */

/**
 * qfu_layout_compose:
 * @layout: the rules
 * @old_chip: the chip's present contents
 * @old_rom: what worker `rom` says of them
 * @new_image: the image to install
 * @new_rom: what worker `rom` says of it
 * @error: #QFU_ERROR_REFUSED when sizes, boards or flash maps do not fit, a must-equal region
 * differs, or something would be written that has to stay; the text names the region
 *
 * Lays the new image over the chip by the new flash map. Contents of a region that the layout keeps
 * follow the region to its place; every byte that is kept is compared at the end.
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
