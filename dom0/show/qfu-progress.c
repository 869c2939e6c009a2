/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-progress.h"

#include "qfu-print.h"
#include "qfu-terminal.h"
#include "qfu-text.h"
#include "qfu-wrap.h"

#include <string.h>
#include <unistd.h>

#define SECOND G_USEC_PER_SEC
#define READ_EVERY (SECOND / 4)   /* a shorter time tells no speed */
#define SETTLES_IN 3.0            /* seconds until a change of speed counts for most of it */
#define KNOWN_AFTER (2 * SECOND)  /* before, the speed says little of what is left */
#define DRAW_EVERY (SECOND / 10)  /* a slow terminal must not slow down a transfer */
#define LINE_EVERY (10 * SECOND)  /* where nothing can be drawn */
#define LINE_PERCENT 10           /* as well, when the end is known */
#define BAR_LONGEST 30            /* columns */
#define BAR_SHORTEST 8            /* a shorter one shows nothing */
#define WIDTH_USUAL 80            /* of a terminal that does not say */
#define WHAT_MIN 16               /* columns that are left to say what goes on */
#define LEFT_LONGEST (99 * 3600u) /* seconds; what takes longer is not foreseen */

struct _QfuProgress {
  const QfuOptions *options;
  QfuProgressUnit unit;
  char *what;
  QfuMeter meter;
  gint64 drawn;       /* when, in microseconds; 0: it is not there */
  gint64 told;        /* when it began, or when a line of its own was printed */
  guint told_percent; /* and what that said */
};

void
qfu_meter_read (QfuMeter *meter, guint64 done, gint64 now)
{
  double seconds = (double)(now - meter->then) / SECOND;
  double speed;
  double weight;

  if (meter->start == 0 || done < meter->done)
    *meter = (QfuMeter){.start = now, .then = now, .mark = done};
  meter->done = done;
  meter->now = now;
  if (now - meter->then < READ_EVERY)
    return;
  speed = (double)(done - meter->mark) / seconds;
  weight = meter->rate > 0 ? seconds / (SETTLES_IN + seconds) : 1;
  meter->rate += (speed - meter->rate) * weight;
  meter->then = now;
  meter->mark = done;
}

guint64
qfu_meter_left (const QfuMeter *meter, guint64 total)
{
  double seconds;

  if (meter->rate <= 0 || total < meter->done || meter->now - meter->start < KNOWN_AFTER)
    return G_MAXUINT64;
  seconds = (double)(total - meter->done) / meter->rate;
  return seconds > LEFT_LONGEST ? G_MAXUINT64 : (guint64)(seconds + 0.5);
}

static guint
percent_of (const QfuMeter *meter, guint64 total)
{
  return meter->done >= total ? 100 : (guint)((double)meter->done / (double)total * 100);
}

/* (transfer full): GLib puts a no-break space into it. */
static char *
size_text (guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

  return qfu_text_clean (size);
}

/* Parts of a line are of the same width all the time, so that the bar does not jump. */
static char *
speed_text (QfuProgressUnit unit, const QfuMeter *meter)
{
  g_autofree char *size = size_text ((guint64)meter->rate);

  if (unit != QFU_PROGRESS_BYTES)
    return g_strdup ("");
  return meter->rate > 0 ? g_strdup_printf ("  %8s/s", size) : g_strdup_printf ("%12s", "");
}

static char *
left_text (const QfuMeter *meter, guint64 total)
{
  guint64 seconds = total == 0 ? G_MAXUINT64 : qfu_meter_left (meter, total);
  g_autofree char *text = seconds == G_MAXUINT64 ? NULL : qfu_duration_text (seconds);

  return text == NULL ? g_strdup_printf ("%13s", "") : g_strdup_printf ("  %6s left", text);
}

/* (transfer full): how much of it there is. */
static char *
share_text (QfuProgressUnit unit, const QfuMeter *meter, guint64 total)
{
  g_autofree char *size = size_text (meter->done);

  if (total > 0)
    return g_strdup_printf (" %3u%%", percent_of (meter, total));
  return unit == QFU_PROGRESS_BYTES ? g_strdup_printf (" %8s", size) : g_strdup ("");
}

/* What stands behind the bar, in the order in which it is left out when there is no room. */
typedef struct {
  char *share;
  char *speed;
  char *left;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->share);
  g_free (parts->speed);
  g_free (parts->left);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static void
add_bar (GString *line, guint size, const QfuMeter *meter, guint64 total)
{
  guint filled = size * percent_of (meter, total) / 100;

  g_string_append (line, " [");
  for (guint i = 0; i < size; i++)
    g_string_append_c (line, i < filled ? '#' : '.');
  g_string_append_c (line, ']');
}

static Parts
parts_of (QfuProgressUnit unit, const QfuMeter *meter, guint64 total)
{
  return (Parts){share_text (unit, meter, total), speed_text (unit, meter),
                 left_text (meter, total)};
}

/* Leaves @text away unless it fits beside what is there. */
static void
leave_out (char *text, gsize *needed, gsize width)
{
  if (*needed + strlen (text) <= width)
    *needed += strlen (text);
  else
    *text = '\0';
}

char *
qfu_progress_line (
    const char *what, QfuProgressUnit unit, const QfuMeter *meter, guint64 total, guint width)
{
  g_auto (Parts) parts = parts_of (unit, meter, total);
  GString *line = g_string_new (what);
  gsize share = MIN (strlen (parts.share), width);
  gsize what_min = MIN (MIN (line->len, WHAT_MIN), width - share);
  gsize needed = what_min + share;
  gsize room;

  leave_out (parts.left, &needed, width);
  leave_out (parts.speed, &needed, width);
  room = width > needed ? width - needed : 0;
  g_string_truncate (line, what_min + room);
  room -= line->len - what_min;
  if (total > 0 && room >= BAR_SHORTEST + strlen (" []"))
    add_bar (line, (guint)MIN (room - strlen (" []"), BAR_LONGEST), meter, total);
  g_string_append_printf (line, "%s%s%s", parts.share, parts.speed, parts.left);
  g_string_truncate (line, width);
  return g_strchomp (g_string_free (line, FALSE));
}

QfuProgress *
qfu_progress_new (const QfuOptions *options, const char *what, QfuProgressUnit unit)
{
  QfuProgress *progress = g_new0 (QfuProgress, 1);

  progress->options = options;
  progress->unit = unit;
  qfu_progress_turn_to (progress, what);
  return progress;
}

void
qfu_progress_turn_to (QfuProgress *progress, const char *what)
{
  g_autofree char *begun = g_strconcat (what, " ...", NULL);

  if (g_strcmp0 (progress->what, what) == 0)
    return;
  g_free (progress->what);
  progress->what = qfu_text_clean (what);
  progress->meter = (QfuMeter){0};
  progress->drawn = 0;
  progress->told = g_get_monotonic_time ();
  progress->told_percent = 0;
  if (!progress->options->json)
    qfu_draw (begun);
}

/* One column stays free: some terminals go on in the next row once the last is written. */
static void
draw (QfuProgress *progress, guint64 total, gint64 now)
{
  guint width = qfu_terminal_width (STDOUT_FILENO);
  g_autofree char *line = NULL;

  if (progress->drawn != 0 && now - progress->drawn < DRAW_EVERY)
    return;
  line = qfu_progress_line (progress->what, progress->unit, &progress->meter, total,
                            (width == 0 ? WIDTH_USUAL : width) - 1);
  qfu_draw (line);
  progress->drawn = now;
}

static void
tell_line (QfuProgress *progress, guint64 total, gint64 now)
{
  guint percent = total == 0 ? 0 : percent_of (&progress->meter, total);
  g_auto (Parts) parts = parts_of (progress->unit, &progress->meter, total);
  g_autofree char *line = NULL;

  if (now - progress->told < LINE_EVERY ||
      (total > 0 && percent < progress->told_percent + LINE_PERCENT))
    return;
  line = g_strconcat (parts.share, parts.speed, parts.left, NULL);
  qfu_say (progress->options, "  %s:%s", progress->what, g_strchomp (line));
  progress->told = now;
  progress->told_percent = percent;
}

void
qfu_progress_tell (QfuProgress *progress, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();

  if (progress->options->json)
    return;
  qfu_meter_read (&progress->meter, done, now);
  if (qfu_terminal_draws (STDOUT_FILENO))
    draw (progress, total, now);
  else
    tell_line (progress, total, now);
}

void
qfu_progress_on_bytes (guint64 done, guint64 total, gpointer progress)
{
  qfu_progress_tell (progress, done, total);
}

void
qfu_progress_on_percent (guint percent, gpointer progress)
{
  qfu_progress_tell (progress, percent, 100);
}

void
qfu_progress_free (QfuProgress *progress)
{
  if (progress == NULL)
    return;
  qfu_draw (NULL);
  g_free (progress->what);
  g_free (progress);
}
