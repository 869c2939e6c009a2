/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-logcheck.h"

#define FIRST_RUNNING_PCR 10 /* IMA, and from 11 on what systemd measures */
#define LAST_RUNNING_PCR 16
#define APPLICATION_PCR 23

/* Of a dynamic launch: stand in the log to say something of it, and are not extended. */
static const guint marks[] = {0x401, 0x503, 0x504}; /* PCR mapping; Secure Launch starts, ends */

void
qfu_logcheck_free (QfuLogCheck *check)
{
  if (check == NULL)
    return;
  g_array_unref (check->differences);
  g_free (check);
}

static gboolean
is_mark (const QfuEvent *event)
{
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++) {
    if (event->type == marks[i])
      return TRUE;
  }
  return FALSE;
}

/* Whether the log gives the value when its marks are passed over. Whether they are is for the one
 * who wrote the log to say, and those who write them differ. */
static gboolean
agrees_without_marks (const QfuReplay *replay, gsize bank, guint pcr, const QfuDigest *actual)
{
  QfuDigest value;

  qfu_replay_start (replay, bank, pcr, &value);
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->pcr == pcr && event->digests[bank].size > 0 && !is_mark (event))
      qfu_pcr_extend (&value, &event->digests[bank]);
  }
  return qfu_digest_equal (&value, actual);
}

static gboolean
is_running (guint pcr)
{
  return (pcr >= FIRST_RUNNING_PCR && pcr <= LAST_RUNNING_PCR) || pcr == APPLICATION_PCR;
}

static void
compare (QfuLogCheck *check, const QfuReplay *replay, const QfuPcrSet *pcrs, gsize bank, guint pcr)
{
  const QfuDigest *actual = qfu_pcr_set_get (pcrs, qfu_bank_hash (bank), pcr);
  QfuLogDifference difference = {
      pcr, qfu_bank_hash (bank), replay->values.value[bank][pcr], {0}, is_running (pcr)};

  if (actual == NULL || check->silent[bank] ||
      (pcr >= QFU_PCR_FIRMWARE_COUNT && !qfu_replay_has (replay, bank, pcr)))
    return;
  check->compared++;
  if (qfu_digest_equal (actual, &difference.replayed) ||
      (qfu_pcr_is_drtm (pcr) && agrees_without_marks (replay, bank, pcr, actual)))
    return;
  difference.actual = *actual;
  g_array_append_val (check->differences, difference);
}

static gboolean
has_bank (const QfuPcrSet *pcrs, gsize bank)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (pcrs->known[bank][pcr])
      return TRUE;
  }
  return FALSE;
}

QfuLogCheck *
qfu_logcheck (const QfuReplay *replay, const QfuPcrSet *pcrs)
{
  QfuLogCheck *check = g_new0 (QfuLogCheck, 1);

  check->differences = g_array_new (FALSE, TRUE, sizeof (QfuLogDifference));
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
    check->silent[bank] = has_bank (pcrs, bank) && !qfu_replay_has (replay, bank, QFU_PCR_COUNT);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
      compare (check, replay, pcrs, bank, pcr);
  }
  for (guint i = check->differences->len; i > 0; i--) {
    const QfuLogDifference *one = &g_array_index (check->differences, QfuLogDifference, i - 1);

    if (!one->running)
      check->first = one;
  }
  return check;
}

gboolean
qfu_logcheck_replays (const QfuLogCheck *check)
{
  return check->compared > 0 && check->first == NULL;
}
