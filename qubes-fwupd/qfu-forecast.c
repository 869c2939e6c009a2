/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-forecast.h"

#define DEBUG_PCR 16
#define LAST_FIRMWARE_PCR 7
#define IMA_PCR 10

void
qfu_forecast_doubt (QfuForecastInput *input, int bank, guint pcr, const char *reason)
{
  for (int i = 0; i < QFU_BANK_COUNT; i++) {
    if ((bank < 0 || bank == i) && input->doubt[i][pcr] == NULL)
      input->doubt[i][pcr] = reason;
  }
}

/* Whether the PCR holds what it began with. */
static gboolean
is_untouched (const QfuForecastInput *in, gsize bank, guint pcr)
{
  QfuDigest reset;

  qfu_replay_start (in->replay, bank, pcr, &reset);
  return qfu_digest_equal (&reset, &in->pcrs->value[bank][pcr]);
}

/* Why the present value is not what the logs give. */
static const char *
why_no_replay (guint pcr)
{
  if (qfu_pcr_is_drtm (pcr))
    return "a dynamic launch measured what it started, and no log here gives its value";
  if (pcr == IMA_PCR)
    return "the running system extends it, first of all with the other PCRs";
  if (pcr > LAST_FIRMWARE_PCR)
    return "what the started system extended it with is in no log";
  return "the logs do not give its present value";
}

static const char *
why_not (const QfuForecastInput *in, gsize bank, guint pcr)
{
  if (!in->pcrs->known[bank][pcr])
    return "its present value is not known";
  if (in->doubt[bank][pcr] != NULL)
    return in->doubt[bank][pcr];
  if (!qfu_digest_equal (&in->pcrs->value[bank][pcr], &in->explained.value[bank][pcr]))
    return why_no_replay (pcr);
  /* a launch measures tables and microcode modules that firmware hands over */
  if (qfu_pcr_is_drtm (pcr) && in->changed && !is_untouched (in, bank, pcr))
    return "a dynamic launch measured it, and may measure what another firmware hands over";
  return NULL;
}

static void
next_value (const QfuForecastInput *in, gsize bank, guint pcr, QfuDigest *value)
{
  qfu_replay_start (in->replay, bank, pcr, value);
  for (guint i = 0; i < in->next->len; i++) {
    const QfuNextEvent *event = &g_array_index (in->next, QfuNextEvent, i);

    if (event->pcr == pcr && event->digests[bank].size > 0)
      qfu_pcr_extend (value, &event->digests[bank]);
  }
}

/* Whether something else than coreboot extends it before the system runs. */
static gboolean
has_tail (const QfuForecastInput *in, gsize bank, guint pcr)
{
  for (guint i = 0; i < in->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (in->replay->events, i);

    if (event->pcr == pcr && event->digests[bank].size > 0 && !qfu_replay_is_firmware (event))
      return TRUE;
  }
  return FALSE;
}

static const char *
why_unchanged (const QfuForecastInput *in, gsize bank, guint pcr)
{
  if (qfu_pcr_is_drtm (pcr) && !in->replay->launched)
    return "unaffected: no dynamic launch took place, and firmware does not extend it";
  if (qfu_pcr_is_drtm (pcr))
    return is_untouched (in, bank, pcr)
               ? "unaffected: the dynamic launch left it alone, and firmware does not extend it"
               : "unaffected: nothing changes that a dynamic launch could measure";
  if (pcr > LAST_FIRMWARE_PCR)
    return pcr == DEBUG_PCR ? "unaffected: it is for debugging"
                            : "unaffected: the firmware does not extend it";
  if (is_untouched (in, bank, pcr))
    return "nothing extends it";
  if (has_tail (in, bank, pcr))
    return "nothing of the image shows in it; stays while devices and what is started stay";
  return "nothing that is measured into it changes";
}

static void
add_row (GArray *rows, const QfuForecastInput *in, gsize bank, guint pcr)
{
  const char *reason = why_not (in, bank, pcr);
  QfuHash hash = qfu_bank_hash (bank);
  gboolean same;
  QfuDigest value;

  if (reason != NULL) {
    qfu_forecasts_add (rows, pcr, hash, QFU_PCR_NOT_PREDICTABLE, NULL, reason);
    return;
  }
  next_value (in, bank, pcr, &value);
  same = qfu_digest_equal (&value, &in->pcrs->value[bank][pcr]);
  qfu_forecasts_add (rows, pcr, hash, same ? QFU_PCR_UNCHANGED : QFU_PCR_PREDICTED, &value,
                     same ? why_unchanged (in, bank, pcr)
                          : "computed from what the new image holds");
}

static gboolean
is_used (const QfuForecastInput *in, gsize bank)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (in->pcrs->known[bank][pcr])
      return TRUE;
  }
  return (int)bank == in->bank;
}

GArray *
qfu_forecast (const QfuForecastInput *in)
{
  GArray *rows = qfu_forecasts_new ();

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; is_used (in, bank) && pcr < QFU_PCR_COUNT; pcr++)
      add_row (rows, in, bank, pcr);
  }
  return rows;
}
