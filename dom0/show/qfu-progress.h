/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

/**
 * QfuProgress:
 *
 * Something that takes a while, and how far it is. On a terminal it is one line that is drawn again
 * and again, with a bar, the speed and the time that is left, or what goes on alone as long as
 * nothing more is known; elsewhere it is a line now and then, and none for what is over soon. With
 * --json it says nothing.
 */
typedef struct _QfuProgress QfuProgress;

typedef enum {
  QFU_PROGRESS_BYTES,
  QFU_PROGRESS_PERCENT,
} QfuProgressUnit;

/* (transfer full): @what: what goes on. */
QfuProgress *qfu_progress_new (const QfuOptions *options, const char *what, QfuProgressUnit unit);
/* Something else goes on, at a speed of its own. */
void qfu_progress_turn_to (QfuProgress *progress, const char *what);

/**
 * qfu_progress_tell:
 * @done: so far, what was there before included
 * @total: all; 0 when that is unknown
 */
void qfu_progress_tell (QfuProgress *progress, guint64 done, guint64 total);
/* The same for functions that report how far they are; @progress: a #QfuProgress. */
void qfu_progress_on_bytes (guint64 done, guint64 total, gpointer progress);
void qfu_progress_on_percent (guint percent, gpointer progress);

/* Takes the line away. */
void qfu_progress_free (QfuProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuProgress, qfu_progress_free)

/**
 * QfuMeter:
 * @start: when it was first read, in microseconds
 * @now: when it was last read
 * @done: how far it was then
 * @then: when the speed was last looked at
 * @mark: how far it was then
 * @rate: units a second of late, 0 as long as that cannot be said
 *
 * Tells the speed of something from how far it is. One of zeros has not been read.
 */
typedef struct {
  gint64 start;
  gint64 now;
  guint64 done;
  gint64 then;
  guint64 mark;
  double rate;
} QfuMeter;

/* @now: microseconds of a clock that does not go back. */
void qfu_meter_read (QfuMeter *meter, guint64 done, gint64 now);
/* Seconds until @total; %G_MAXUINT64 when that cannot be said. */
guint64 qfu_meter_left (const QfuMeter *meter, guint64 total);

/**
 * qfu_progress_line:
 * @what: what goes on
 * @unit: what @meter counts
 * @meter: which has been read
 * @total: all; 0 when that is unknown
 * @width: columns that there are
 *
 * Returns: (transfer full): the line, of at most @width characters: what does not fit is left out,
 * the bar first, then speed and time, and in the end @what is cut
 */
char *qfu_progress_line (
    const char *what, QfuProgressUnit unit, const QfuMeter *meter, guint64 total, guint width);
