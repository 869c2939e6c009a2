/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* recover: a write of the chip that was cut off, by a power cut or by whatever ended fwupd. */

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-flashing.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-signal.h"
#include "qfu-verbs.h"

static void
print (const QfuOptions *options, const QfuFlashEntry *entry, const QfuRecovery *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_recovery_json (options, entry, result, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
}

static gboolean
recover (const QfuConfig *config, const QfuOptions *options, QfuRecovery *result, GError **error)
{
  if (options->dry_run)
    return qfu_recovery_run (config, options, FALSE, result, error);
  qfu_flashing_warn_of_power (config);
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();
  g_auto (QfuFd) awake G_GNUC_UNUSED = qfu_flashing_stay_awake ("recovering firmware");
  return qfu_recovery_run (config, options, FALSE, result, error);
}

gboolean
qfu_verb_recover (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuFlashEntry) entry = NULL;
  QfuRecovery result;
  gboolean done;

  if (!qfu_lock_take (config, options, &lock, error) ||
      !qfu_flashjournal_unfinished (config, &entry, error))
    return FALSE;
  if (entry == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING, "no write of the chip was cut off");
    return FALSE;
  }
  done = recover (config, options, &result, error);
  print (options, entry, &result);
  if (done)
    qfu_recovery_say (options, entry, &result);
  return done;
}
