/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"
#include "qfu-present.h"

#include <json-glib/json-glib.h>

/**
 * QfuPlan:
 * @image: what the chip will hold at the next boot
 * @reader: (nullable): a worker that is still looking at it
 * @rom: what worker `rom` says of it
 * @vendor_image: (nullable): the firmware image when the chip keeps parts of its own; %NULL: @image
 * @vendor_rom: (nullable): what worker `rom` says of that
 * @updatable: (nullable) (element-type QfuRange): what may be written; %NULL: everything
 * @changed: (nullable) (element-type QfuRange): what differs from the chip
 * @steps: (nullable) (element-type QfuStep): the same, in the order in which it is written
 * @unread: (nullable) (element-type QfuRange): what is neither read nor written
 * @layout: (nullable): name of the layout that it is composed by
 * @kept: (nullable) (element-type utf8): regions that keep their contents
 * @moved: (nullable) (element-type QfuMove): regions that keep theirs at another place
 *
 * What an image comes to on the chip, before the first erase.
 */
typedef struct {
  QfuUntrustedBlob *image;
  QfuRomReader *reader;
  QfuRom *rom;
  QfuUntrustedBlob *vendor_image;
  QfuRom *vendor_rom;
  GArray *updatable;
  GArray *changed;
  GPtrArray *steps;
  GArray *unread;
  char *layout;
  GPtrArray *kept;
  GArray *moved;
} QfuPlan;

/**
 * qfu_plan_new:
 * @image: the firmware image
 * @what: what to call it in messages
 * @error: #QFU_ERROR_FORMAT when it is no image of a chip
 *
 * Returns: (transfer full): the plan to write it as a whole
 */
QfuPlan *qfu_plan_new (const QfuConfig *config,
                       const QfuUntrustedBlob *image,
                       const char *what,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same in two steps: between them other workers can be at work. */
QfuPlan *qfu_plan_start (const QfuConfig *config,
                         const QfuUntrustedBlob *image,
                         const char *what,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
qfu_plan_finish (QfuPlan *plan, const char *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_plan_compose:
 * @layout: name of a layout
 * @present: with its chip
 * @error: #QFU_ERROR_REFUSED when the image does not fit the chip
 *
 * Makes it the plan to write what the layout lets an update write.
 */
gboolean qfu_plan_compose (QfuPlan *plan,
                           const QfuConfig *config,
                           const char *layout,
                           const QfuPresent *present,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_plan_free (QfuPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuPlan, qfu_plan_free)

/* Of a plan that was composed. Says how much of the chip is written, and in which steps. */
void qfu_plan_say (const QfuOptions *options, const QfuPlan *plan);
/* (transfer full) (nullable): what a power cut in the middle of it can do to the machine; %NULL:
 * that machine starts all the same. */
char *qfu_plan_risk (const QfuPlan *plan);
/* Adds the members `bytesToWrite` and `steps`. */
void qfu_plan_json (const QfuPlan *plan, JsonBuilder *builder);
