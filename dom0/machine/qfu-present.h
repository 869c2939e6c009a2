/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"
#include "qfu-options.h"
#include "qfu-rom.h"

/**
 * QfuPresent:
 * @chip: (nullable): what the flash chip holds
 * @reader: (nullable): a worker that is still looking at it
 * @rom: (nullable): what worker `rom` says of it
 * @logs: (element-type QfuEventLog): event logs of this boot; empty: none, for the reason @no_log
 * @no_log: (nullable): why there is no log
 * @pcrs: what the TPM holds; nothing is known when @no_pcrs is set
 * @no_pcrs: (nullable): why there are no PCRs
 *
 * The boot that runs at present: each part from the file that an option names, else from this
 * machine. A machine without TPM or measured boot has a present, too.
 *
 * Trust: the chip's contents and the logs are untrusted; a log counts as far as it replays to the
 * PCRs.
 */
typedef struct {
  QfuUntrustedBlob *chip;
  QfuRomReader *reader;
  QfuRom *rom;
  GPtrArray *logs;
  GError *no_log;
  QfuPcrSet pcrs;
  GError *no_pcrs;
} QfuPresent;

/* (transfer full): a present of which nothing is known. */
QfuPresent *qfu_present_new (void);
/* Reads logs and PCRs, as qfu_present_read(). */
void
qfu_present_read_logs (QfuPresent *present, const QfuConfig *config, const QfuOptions *options);

/**
 * qfu_present_read:
 * @options: --eventlog and --pcrs, where the verb takes them
 *
 * Reads logs and PCRs. What cannot be read is noted in the answer.
 *
 * Returns: (transfer full): the present boot, without its chip
 */
QfuPresent *qfu_present_read (const QfuConfig *config, const QfuOptions *options);

/* Reads the chip, and starts the worker that looks at it; qfu_present_finish_chip() takes what it
 * says. Between the two other workers can be at work. */
gboolean qfu_present_start_chip (QfuPresent *present,
                                 const QfuConfig *config,
                                 const QfuOptions *options,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_present_finish_chip (QfuPresent *present,
                                  const QfuOptions *options,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads the chip, too: --old-rom, else by qfu-chip, which takes root. */
gboolean qfu_present_read_chip (QfuPresent *present,
                                const QfuConfig *config,
                                const QfuOptions *options,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_present_free (QfuPresent *present);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuPresent, qfu_present_free)
