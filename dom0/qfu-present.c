/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-present.h"

#include "qfu-limits.h"
#include "qfu-machine.h"
#include "qfu-measured.h"

void
qfu_present_free (QfuPresent *present)
{
  if (present == NULL)
    return;
  qfu_untrusted_blob_free (present->chip);
  qfu_rom_free (present->rom);
  g_clear_pointer (&present->logs, g_ptr_array_unref);
  g_clear_error (&present->no_log);
  g_clear_error (&present->no_pcrs);
  g_free (present);
}

QfuPresent *
qfu_present_read (const QfuConfig *config, const QfuOptions *options)
{
  QfuPresent *present = g_new0 (QfuPresent, 1);
  gboolean known = options->pcrs != NULL
                       ? qfu_measured_pcrs (options->pcrs, &present->pcrs, &present->no_pcrs)
                       : qfu_machine_pcrs (config, &present->pcrs, &present->no_pcrs);

  if (!known)
    qfu_pcr_set_clear (&present->pcrs);
  present->logs = qfu_measured_logs (config, options->event_logs, &present->no_log);
  if (present->logs == NULL)
    present->logs = g_ptr_array_new ();
  return present;
}

gboolean
qfu_present_read_chip (QfuPresent *present,
                       const QfuConfig *config,
                       const QfuOptions *options,
                       GError **error)
{
  const char *path = options->old_rom;

  present->chip = path != NULL ? qfu_untrusted_blob_load (path, QFU_ROM_SIZE_MAX, FALSE, error)
                               : qfu_machine_chip (config, error);
  present->rom = present->chip != NULL ? qfu_rom_read (config, present->chip, error) : NULL;
  if (present->rom == NULL && present->chip != NULL)
    g_prefix_error (error, "%s: ", path != NULL ? path : "what the chip holds");
  return present->rom != NULL;
}
