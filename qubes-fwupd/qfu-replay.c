/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-replay.h"

#include <string.h>

#define ACTION 5u
#define EFI_FIRST 0x80000000u
#define LAUNCH_PCR 17  /* the first that a dynamic launch extends */
#define LOG_ENTRIES 50 /* that coreboot keeps */
#define BOOT_PCRS 10   /* 0-9: later ones are the running system's */

static const char *const firmware_prefixes[] = {"CBFS: ", "FMAP: ", "VBOOT: "};

gboolean
qfu_replay_is_firmware (const QfuEvent *event)
{
  for (gsize i = 0; i < G_N_ELEMENTS (firmware_prefixes); i++) {
    if (event->type == ACTION && g_str_has_prefix (event->name, firmware_prefixes[i]))
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_replay_is_full (const QfuReplay *replay)
{
  return replay->firmware >= LOG_ENTRIES;
}

gboolean
qfu_replay_extends (const QfuEvent *event)
{
  return qfu_eventlog_extends (event);
}

void
qfu_replay_free (QfuReplay *replay)
{
  if (replay == NULL)
    return;
  g_ptr_array_unref (replay->events);
  g_ptr_array_unref (replay->logs);
  g_free (replay);
}

static void
add_event (QfuReplay *replay, QfuEvent *event)
{
  g_ptr_array_add (replay->events, event);
  replay->uefi = replay->uefi || event->type >= EFI_FIRST;
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (event->digests[bank].size == 0)
      continue;
    qfu_pcr_extend (&replay->values.value[bank][event->pcr], &event->digests[bank]);
    if (replay->bank < 0 && qfu_replay_is_firmware (event))
      replay->bank = (int)bank;
  }
  if (qfu_replay_is_firmware (event))
    replay->firmware++;
}

static void
add_log (QfuReplay *replay, const QfuEventLog *log)
{
  g_ptr_array_add (replay->logs, (gpointer)log);
  for (guint i = 0; i < log->events->len; i++) {
    QfuEvent *event = &g_array_index (log->events, QfuEvent, i);

    if (qfu_replay_extends (event))
      add_event (replay, event);
  }
}

/* Nothing but a dynamic launch takes PCR 17 from all ones. */
static gboolean
pcrs_launched (const QfuPcrSet *pcrs)
{
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    QfuDigest reset;

    qfu_pcr_reset (&reset, qfu_bank_hash (bank), LAUNCH_PCR, 0);
    if (pcrs->known[bank][LAUNCH_PCR] && !qfu_digest_equal (&pcrs->value[bank][LAUNCH_PCR], &reset))
      return TRUE;
  }
  return FALSE;
}

/* What all candidates have in common. */
typedef struct {
  const QfuEventLog *const *logs;
  gsize n_logs;
  gboolean launched;
} Choice;

static gboolean
is_launch_log (const QfuEventLog *log)
{
  gboolean only;

  return qfu_eventlog_launched (log, &only) && only;
}

static QfuReplay *
replay_new (const Choice *choice, const QfuEventLog *first, const QfuEventLog *second)
{
  QfuReplay *replay = g_new0 (QfuReplay, 1);

  replay->locality = second != NULL ? MAX (first->locality, second->locality) : first->locality;
  replay->launched = choice->launched;
  replay->events = g_ptr_array_new ();
  replay->logs = g_ptr_array_new ();
  replay->bank = -1;
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      qfu_replay_start (replay, bank, pcr, &replay->values.value[bank][pcr]);
      replay->values.known[bank][pcr] = TRUE;
    }
  }
  add_log (replay, first);
  if (second != NULL)
    add_log (replay, second);
  for (gsize i = 0; i < choice->n_logs; i++) {
    if (choice->logs[i] != first && is_launch_log (choice->logs[i]))
      add_log (replay, choice->logs[i]);
  }
  return replay;
}

void
qfu_replay_start (const QfuReplay *replay, gsize bank, guint pcr, QfuDigest *value)
{
  qfu_pcr_start (value, qfu_bank_hash (bank), pcr, replay->locality, replay->launched);
}

gboolean
qfu_replay_has (const QfuReplay *replay, gsize bank, guint pcr)
{
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->digests[bank].size > 0 && (pcr == QFU_PCR_COUNT || event->pcr == pcr))
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_replay_agrees (const QfuReplay *replay, const QfuPcrSet *pcrs, gsize bank, guint pcr)
{
  return pcrs->known[bank][pcr] &&
         qfu_digest_equal (&pcrs->value[bank][pcr], &replay->values.value[bank][pcr]);
}

gboolean
qfu_replay_agrees_with (const QfuReplay *replay,
                        const QfuPcrSet *pcrs,
                        gsize bank,
                        guint pcr,
                        const QfuDigest *extends,
                        gsize n_extends)
{
  QfuDigest value;

  if (!pcrs->known[bank][pcr])
    return FALSE;
  qfu_replay_start (replay, bank, pcr, &value);
  for (gsize i = 0; i < n_extends; i++)
    qfu_pcr_extend (&value, &extends[i]);
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->pcr == pcr && event->digests[bank].size > 0)
      qfu_pcr_extend (&value, &event->digests[bank]);
  }
  return qfu_digest_equal (&pcrs->value[bank][pcr], &value);
}

/* How much of the present state the events explain. */
static guint
score (const QfuReplay *replay, const QfuPcrSet *pcrs)
{
  guint points = 0;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < BOOT_PCRS; pcr++)
      points += 2 * (guint)qfu_replay_agrees (replay, pcrs, bank, pcr);
  }
  return points + (guint)(replay->firmware > 0);
}

static gboolean
has_firmware (const QfuEventLog *log)
{
  for (guint i = 0; i < log->events->len; i++) {
    if (qfu_replay_is_firmware (&g_array_index (log->events, QfuEvent, i)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
has_payload (const QfuReplay *replay)
{
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (!qfu_replay_is_firmware (event) && !qfu_pcr_is_drtm (event->pcr))
      return TRUE;
  }
  return FALSE;
}

static void
consider (QfuReplay **best, guint *best_score, QfuReplay *candidate, const QfuPcrSet *pcrs)
{
  guint points = score (candidate, pcrs);

  if (*best != NULL && points <= *best_score) {
    qfu_replay_free (candidate);
    return;
  }
  qfu_replay_free (*best);
  *best = candidate;
  *best_score = points;
}

QfuReplay *
qfu_replay_choose (const QfuEventLog *const *logs, gsize n_logs, const QfuPcrSet *pcrs)
{
  Choice choice = {logs, n_logs, pcrs_launched (pcrs)};
  QfuReplay *best = NULL;
  guint best_score = 0;
  gboolean binary = FALSE; /* a binary log has coreboot's events */

  for (gsize i = 0; i < n_logs; i++)
    choice.launched = choice.launched || qfu_eventlog_launched (logs[i], NULL);
  for (gsize i = 0; i < n_logs; i++) {
    binary = binary || (logs[i]->format != QFU_LOG_CONSOLE && has_firmware (logs[i]));
    consider (&best, &best_score, replay_new (&choice, logs[i], NULL), pcrs);
  }
  for (gsize i = 0; i < n_logs; i++) {
    for (gsize j = 0; has_firmware (logs[i]) && j < n_logs; j++) {
      if (j != i && !has_firmware (logs[j]) && !is_launch_log (logs[j]))
        consider (&best, &best_score, replay_new (&choice, logs[i], logs[j]), pcrs);
    }
  }
  if (best != NULL)
    best->overwritten = !binary && best->firmware > 0 && has_payload (best);
  return best;
}
