/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flashing.h"

#include "qfu-inhibit.h"
#include "qfu-machine.h"
#include "qfu-power.h"
#include "qfu-print.h"

gboolean
qfu_flashing_check_power (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (qfu_power_check (config, &local))
    return TRUE;
  if (options->force) {
    qfu_warn ("warning: %s; --force goes on", local->message);
    return TRUE;
  }
  g_propagate_prefixed_error (error, g_steal_pointer (&local),
                              "the chip is not written now (--force would): ");
  return FALSE;
}

QfuFd
qfu_flashing_stay_awake (const char *why)
{
  g_autoptr (GError) error = NULL;
  int lock = -1;

  if (!qfu_inhibit_sleep (why, &lock, &error))
    qfu_warn ("warning: %s; do not let it sleep, and leave the lid open", error->message);
  return lock;
}

void
qfu_flashing_warn_of_power (const QfuConfig *config)
{
  g_autoptr (GError) error = NULL;

  if (!qfu_power_check (config, &error))
    qfu_warn ("warning: %s", error->message);
}

QfuBackup *
qfu_flashing_secure (const QfuBackupQuestion *question,
                     const QfuUntrustedBlob *image,
                     GError **error)
{
  return qfu_machine_check_writable (question->config, question->chip, image, error)
             ? qfu_backup_make (question, error)
             : NULL;
}
