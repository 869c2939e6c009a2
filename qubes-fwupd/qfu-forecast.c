/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-forecast.h"

#include "qfu-locate.h"
#include "qfu-rules.h"

#define SEPARATOR 4u
#define ACTION 5u
#define PLATFORM_PCR 1 /* SMBIOS tables and settings */
#define LAST_FIRMWARE_PCR 7
#define LAST_BOOT_PCR 9
#define IMA_PCR 10
#define DRTM_FIRST 17
#define DRTM_LAST 22

static gboolean
is_drtm (guint pcr)
{
  return pcr >= DRTM_FIRST && pcr <= DRTM_LAST;
}

/* Events of the payload or of UEFI firmware: all but what coreboot measured in the image. */
static gboolean
is_tail (const QfuForecastInput *o, const QfuEvent *event, gsize bank, guint pcr)
{
  return event->pcr == pcr && event->digests[bank].size > 0 && !qfu_replay_is_firmware (event);
}

/* UEFI firmware's own code, variables and tables are in these. */
static gboolean
is_uefi_pcr (guint pcr)
{
  return pcr == 0 || pcr == 1 || pcr == 5 || pcr == 7;
}

static const char *
why_not_event (const QfuForecastInput *o, const QfuEvent *event)
{
  if (event->flags & QFU_EVENT_FLAG_FIRMWARE)
    return "it measures code of the firmware that this program cannot locate";
  if (o->replay->uefi && is_uefi_pcr (event->pcr))
    return "UEFI firmware measures itself, its variables or its tables here";
  if (event->pcr == PLATFORM_PCR && event->type != SEPARATOR && event->type != ACTION)
    return "the payload measures tables here that tell the firmware's version";
  return NULL;
}

/* Why the events that follow coreboot's cannot be taken over; %NULL when they can. */
static const char *
why_not_tail (const QfuForecastInput *o, gsize bank, guint pcr)
{
  const char *reason = NULL;

  if (pcr <= LAST_BOOT_PCR && !o->same_payload)
    return "the payload is of another kind and may measure other things";
  for (guint i = 0; o->changed && reason == NULL && i < o->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (o->replay->events, i);

    if (is_tail (o, event, bank, pcr))
      reason = why_not_event (o, event);
  }
  return reason;
}

static gboolean
has_vboot_event (const QfuForecastInput *o, guint pcr)
{
  for (guint i = 0; i < o->replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (o->replay->events, i);

    if (event->pcr == pcr && qfu_replay_is_firmware (event) && qfu_locate_is_vboot (event))
      return TRUE;
  }
  return FALSE;
}

/* Why the present value is not what the logs give. */
static const char *
why_no_replay (const QfuForecastInput *o, gsize bank, guint pcr)
{
  if (!o->pcrs->known[bank][pcr])
    return "its present value is not known";
  if (is_drtm (pcr))
    return "a dynamic launch measured what it started; firmware does not extend it";
  if ((int)bank == o->replay->bank && qfu_rules_is_vboot_pcr (o->old_rom, pcr))
    return "vboot extended it without a log entry";
  if (pcr == IMA_PCR)
    return "the running system extends it";
  if (pcr > LAST_BOOT_PCR)
    return "what extended it is in no log";
  return "the logs do not give its present value";
}

static const char *
why_not (const QfuForecastInput *o, gsize bank, guint pcr)
{
  if (!qfu_replay_agrees (o->replay, o->pcrs, bank, pcr))
    return why_no_replay (o, bank, pcr);
  if (o->lost & 1u << pcr)
    return "an event of coreboot in it is of nothing in the present image";
  if (o->changed && has_vboot_event (o, pcr))
    return "vboot's mode, HWID and version may change with the image";
  return why_not_tail (o, bank, pcr);
}

static void
next_value (const QfuForecastInput *o, gsize bank, guint pcr, QfuDigest *value)
{
  qfu_pcr_reset (value, qfu_bank_hash (bank), pcr, o->replay->locality);
  for (guint i = 0; i < o->next->len; i++) {
    const QfuNextEvent *event = &g_array_index (o->next, QfuNextEvent, i);

    if (event->pcr == pcr && event->digests[bank].size > 0)
      qfu_pcr_extend (value, &event->digests[bank]);
  }
}

static const char *
why_unchanged (guint pcr)
{
  if (is_drtm (pcr))
    return "no dynamic launch took place; firmware does not extend it";
  return pcr > LAST_FIRMWARE_PCR ? "firmware does not extend it" : NULL;
}

static void
add_row (GArray *rows, const QfuForecastInput *o, gsize bank, guint pcr)
{
  const char *reason = why_not (o, bank, pcr);
  QfuHash hash = qfu_bank_hash (bank);
  gboolean same;
  QfuDigest value;

  if (reason != NULL) {
    qfu_forecasts_add (rows, pcr, hash, QFU_PCR_NOT_PREDICTABLE, NULL, reason);
    return;
  }
  next_value (o, bank, pcr, &value);
  same = qfu_digest_equal (&value, &o->replay->values.value[bank][pcr]);
  qfu_forecasts_add (rows, pcr, hash, same ? QFU_PCR_UNCHANGED : QFU_PCR_PREDICTED, &value,
                     same ? why_unchanged (pcr) : NULL);
}

static gboolean
is_used (const QfuForecastInput *o, gsize bank)
{
  for (guint pcr = 0; o->pcrs != NULL && pcr < QFU_PCR_COUNT; pcr++) {
    if (o->pcrs->known[bank][pcr])
      return TRUE;
  }
  for (guint i = 0; o->pcrs == NULL && i < o->replay->events->len; i++) {
    if (((const QfuEvent *)g_ptr_array_index (o->replay->events, i))->digests[bank].size > 0)
      return TRUE;
  }
  return (int)bank == o->bank;
}

GArray *
qfu_forecast (const QfuForecastInput *o)
{
  GArray *rows = qfu_forecasts_new ();

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; is_used (o, bank) && pcr < QFU_PCR_COUNT; pcr++)
      add_row (rows, o, bank, pcr);
  }
  return rows;
}
