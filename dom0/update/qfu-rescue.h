/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-range.h"

/**
 * QfuRescue:
 * @device: the device, as fwupd names it
 * @version_from: (nullable): the firmware that the image holds
 * @version_to: what was to replace it
 * @time: when, for people
 * @image: name of the image's file
 * @layout: name of the file of qfu_rescue_layout(), which is needed when something is @unread
 * @sha256: of the image
 * @size: of the image in bytes
 * @model: of the chip as flashrom names it; empty: the one that answers
 * @unread: (element-type QfuRange): what is not in the image and must not be written
 *
 * What a person needs to know to bring a chip back whose machine does not start any more.
 */
typedef struct {
  const char *device;
  const char *version_from;
  const char *version_to;
  const char *time;
  const char *image;
  const char *layout;
  const QfuDigest *sha256;
  guint64 size;
  const char *model;
  const GArray *unread;
} QfuRescue;

/* (transfer full): flashrom's command that writes the image, with PROGRAMMER for what the person
 * has. */
char *qfu_rescue_command (const QfuRescue *rescue);

/* (transfer full): a layout file for flashrom of what the image holds: `part0`, `part1`, … */
char *qfu_rescue_layout (const QfuRescue *rescue);

/* (transfer full): RECOVERY.txt: step by step, on a machine that starts and on one that does not.
 */
char *qfu_rescue_text (const QfuRescue *rescue);
