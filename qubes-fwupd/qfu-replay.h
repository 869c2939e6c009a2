/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"

/**
 * QfuReplay:
 * @events: (element-type QfuEvent): the events of one or two logs, in order; owned by the logs
 * @logs: (element-type QfuEventLog): those logs, in order; owned by the caller
 * @values: what they replay to, in every bank
 * @firmware: how many of them coreboot made
 * @bank: index of the bank that coreboot extends; -1 without such an event
 * @locality: at which the TPM was started
 * @launched: whether there was a dynamic launch, by the events or by the PCRs
 * @uefi: whether there are events of UEFI firmware
 * @overwritten: whether a payload's log stands where coreboot's was, and another log made up for it
 *
 * The events of the present boot. coreboot's may be in one log, a payload's in another.
 */
typedef struct {
  GPtrArray *events;
  GPtrArray *logs;
  QfuPcrSet values;
  guint firmware;
  int bank;
  guint locality;
  gboolean launched;
  gboolean uefi;
  gboolean overwritten;
} QfuReplay;

/**
 * qfu_replay_choose:
 * @logs: (array length=n_logs): logs of the present boot
 * @pcrs: present values
 *
 * Takes the log, or the log of coreboot followed by one of the payload, that gives most of the
 * PCRs 0-9; and behind it the logs of a dynamic launch, which extend other PCRs.
 *
 * Returns: (transfer full): the choice; %NULL only without a log
 */
QfuReplay *qfu_replay_choose (const QfuEventLog *const *logs, gsize n_logs, const QfuPcrSet *pcrs);
void qfu_replay_free (QfuReplay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuReplay, qfu_replay_free)

/* Whether coreboot made the event: it measured a range or file of the image, or one of vboot's
 * values. */
gboolean qfu_replay_is_firmware (const QfuEvent *event);
/* Whether coreboot made as many events as its log holds; what it measures then extends without one.
 */
gboolean qfu_replay_is_full (const QfuReplay *replay);
/* Whether the event extends a PCR at all. */
gboolean qfu_replay_extends (const QfuEvent *event);
/* Whether the replay gives the value in @pcrs; a value that is not known agrees with nothing. */
gboolean qfu_replay_agrees (const QfuReplay *replay, const QfuPcrSet *pcrs, gsize bank, guint pcr);
/* The same when @extends stand before what is logged for that PCR. */
gboolean qfu_replay_agrees_with (const QfuReplay *replay,
                                 const QfuPcrSet *pcrs,
                                 gsize bank,
                                 guint pcr,
                                 const QfuDigest *extends,
                                 gsize n_extends);
/* What the PCR held before the first event. */
void qfu_replay_start (const QfuReplay *replay, gsize bank, guint pcr, QfuDigest *value);
/* Whether an event extends the PCR in that bank; any PCR when @pcr is QFU_PCR_COUNT. */
gboolean qfu_replay_has (const QfuReplay *replay, gsize bank, guint pcr);
